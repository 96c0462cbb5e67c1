"""`save` and `load` for whole models, `save_weights` and `load_weights` for weights."""

from typing import Any

import numpy as np

from autograd import CheckpointError
from nn.module import Module
from nn.saving.architecture import describe, rebuild, weights_in
from nn.saving.encoding import decode
from nn.saving.state import Arrays, Path, arrays_in, read_checked, state_in, write_state
from nn.state import LoadReport

__all__ = ["load", "load_weights", "read_weights", "save", "save_weights"]

_MODEL = "architecture"  # the key of a state that `save` wrote


def save(model: Module, path: Path) -> None:
    """Save a model made of built-in modules, so that `load` can build it again.

    Parameters
    ----------
    model : Module
        Layers of `nn`, nested in any way in `Sequential`, `ModuleList` and the like.
    path : str or path
        The file; ``.safetensors`` is the usual ending.  A file that is replaced is kept
        as ``NAME.previous``.

    Raises
    ------
    DTypeError
        If the model has a module of a class of your own, a forward hook, or a function
        of your own as a setting: code is not saved.  Use `save_weights`.
    CheckpointError
        If the file cannot be written.  The file that was there before is untouched.

    Notes
    -----
    Saved are all settings of all modules, parameters with name and ``requires_grad``,
    buffers, ties between weights, train or eval mode, and the state of the generators
    that `Dropout` and others draw from: a loaded model computes the same bits.  Not
    saved are gradients and hooks of single tensors.

    Examples
    --------
    >>> import nn, numpy as np, tempfile
    >>> rng = np.random.default_rng(0)
    >>> model = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.save(model, folder + "/model.safetensors")
    ...     nn.load(folder + "/model.safetensors")
    Sequential(
      (0): Linear(2, 3)
      (1): Tanh()
    )
    """
    _require_module("save", model)
    write_state(path, {_MODEL: describe(model)})


def load(path: Path) -> Module:
    """Build the model that `save` saved.

    Only classes of `nn` are made, and no code of the file is run, because there is
    none.

    Returns
    -------
    Module
        A model that computes what the saved one did.

    Raises
    ------
    CheckpointError
        If the file cannot be read, is damaged anywhere, or holds no model.  The message
        says whether the previous one is intact.
    """
    return read_checked(path, _model_in)


def save_weights(model: Module, path: Path) -> None:
    """Save parameters and buffers of any module, its ``state_dict``.

    PyTorch reads the file: ``model.load_state_dict(safetensors.torch.load_file(path))``
    for a model of the same architecture.

    Parameters
    ----------
    model : Module
        Of any class.
    path : str or path
        The file; ``.safetensors`` is the usual ending.  A file that is replaced is kept
        as ``NAME.previous``.

    Raises
    ------
    CheckpointError
        If the file cannot be written.  The file that was there before is untouched.

    Examples
    --------
    >>> import nn, numpy as np, tempfile
    >>> layer, other = (nn.Linear(2, 1, rng=np.random.default_rng(k)) for k in range(2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.save_weights(layer, folder + "/layer.safetensors")
    ...     report = nn.load_weights(other, folder + "/layer.safetensors")
    >>> np.array_equal(layer.weight.data, other.weight.data)
    True
    """
    _require_module("save_weights", model)
    write_state(path, model.state_dict())


def load_weights(
    model: Module, path: Path, strict: bool = True, *, cast: bool = False
) -> LoadReport:
    """Set parameters and buffers from a file, all of them or none.

    Parameters
    ----------
    model : Module
        Of the architecture that the weights are from.
    path : str or path
        A file from `save_weights`, `save`, or ``safetensors.torch.save_file``.
    strict : bool, default True
        Whether missing and unexpected paths are errors.
    cast : bool, default False
        Whether values of another dtype are converted.

    Returns
    -------
    LoadReport
        ``missing_keys`` and ``unexpected_keys``, both empty if ``strict``.

    Raises
    ------
    CheckpointError
        If the file cannot be read or is damaged, or does not fit the model.
    DTypeError
        If only dtypes differ.
    """
    _require_module("load_weights", model)
    return model.load_state_dict(read_weights(path), strict, cast=cast)


def read_weights(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Return the weights in a file as arrays by path, as ``state_dict`` does.

    Parameters
    ----------
    path : str or path
        A file from `save_weights`, `save`, or ``safetensors.torch.save_file``.

    Raises
    ------
    CheckpointError
        If the file cannot be read, is damaged, or holds something else.
    """
    return read_checked(path, _weights_in)


def _model_in(name: str) -> Module:
    state = state_in(name)
    if not isinstance(state, dict) or _MODEL not in state:
        raise CheckpointError(
            "it holds no architecture; if it holds weights, build the model and write "
            "nn.load_weights(model, path)"
        )
    return rebuild(state[_MODEL])


def _weights_in(name: str) -> Arrays:
    arrays, record = arrays_in(name)
    if record is None:
        return arrays
    state = decode(record["state"], arrays)
    if isinstance(state, dict) and _MODEL in state:
        return weights_in(state[_MODEL])
    if not isinstance(state, dict) or not all(
        isinstance(value, np.ndarray) for value in state.values()
    ):
        raise CheckpointError(
            "it holds more than weights; nn.saving.read_state reads all of it"
        )
    return state


def _require_module(function: str, model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(
            f"nn.{function}: the model must be a Module, got {type(model).__name__}. "
            f"The model comes first, the path second."
        )
