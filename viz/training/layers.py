"""What a model consists of, seen from outside: its layers, and their activations.

A model is anything that can be called and has ``named_parameters()``.  Where it has
``named_modules()`` as well, layers get the names of their classes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, no_grad
from autograd.graph_order import inputs_first

__all__ = [
    "Activation",
    "Layer",
    "activations_behind",
    "evaluating",
    "layers_of",
    "outputs_of",
    "values_of",
]


@dataclass(frozen=True)
class Layer:
    """Parameters that belong together.

    Attributes
    ----------
    name : str
        How it is called in pictures.
    path : str
        The attribute names that lead there.
    parameters : tuple of Tensor
        Its own, not those of layers inside.
    """

    name: str
    path: str
    parameters: tuple[Any, ...]

    @property
    def weight(self) -> Any:
        """The parameter with the most elements."""
        return max(self.parameters, key=lambda p: p.size)


def layers_of(model: Any) -> list[Layer]:
    """Return the layers of a model that have parameters, in its order.

    Parameters that the outermost module itself holds are a layer each, unless they are
    a weight and a bias.

    Raises
    ------
    TypeError
        If the model has no ``named_parameters()``.
    """
    if not hasattr(model, "named_parameters"):
        raise TypeError(
            f"a model must have named_parameters(), got {type(model).__name__}. For "
            f"plain arrays use viz.weights(array)."
        )
    groups: dict[str, list[tuple[str, Any]]] = {}
    for name, parameter in model.named_parameters():
        path, _, local = name.rpartition(".")
        groups.setdefault(path, []).append((local, parameter))
    own = groups.get("", [])
    if len(own) > 2:
        single = {local: [(local, parameter)] for local, parameter in own}
        del groups[""]
        groups = single | groups
    names = layer_names(model)
    return [
        Layer(names.get(path, path), path, tuple(p for _, p in group))
        for path, group in groups.items()
    ]


def layer_names(model: Any) -> dict[str, str]:
    """Return path -> name: a path that ends in a number says nothing by itself."""
    if not hasattr(model, "named_modules"):
        return {}
    return {
        path: f"{type(module).__name__} {path}".rstrip()
        if path == "" or path.rpartition(".")[2].isdigit()
        else path
        for path, module in model.named_modules()
    }


# ---- activations --------------------------------------------------------------------


@dataclass(frozen=True)
class Activation:
    """What an activation function gave in one forward pass.

    Attributes
    ----------
    name : str
        Layer and function.
    function : str
        The name of the operation.
    values : ndarray
        Its results.
    """

    name: str
    function: str
    values: npt.NDArray[Any]


# Operations that are activation functions, whether called as modules or by hand.
_FUNCTIONS = {
    "sigmoid", "tanh", "relu", "leaky_relu", "relu6", "elu", "celu", "selu", "gelu",
    "gelu_tanh", "silu", "mish", "softplus", "softsign", "hardtanh", "hardsigmoid",
    "hardswish", "tanhshrink", "log_sigmoid",
}  # fmt: skip


def activations_behind(root: Any, names: Mapping[str, str]) -> list[Activation]:
    """Return the activations in the recorded graph of an output, first to last.

    Parameters
    ----------
    root : Tensor
        What the model returned.  If nothing was recorded there are none.
    names : mapping
        Path -> name, from `layer_names`.

    Notes
    -----
    Where one function comes several times after the same parameter, as in a recurrent
    net, the last use counts.
    """
    if not isinstance(root, Tensor):
        return []
    found: dict[tuple[int, str], Activation] = {}
    for tensor in inputs_first(root):
        function = _function(tensor)
        if function:
            parameter, layer = _layer_before(tensor, names)
            name = f"{layer} {function}".strip()
            key = id(parameter), function
            found[key] = Activation(name, function, np.asarray(tensor.data))
    return list(found.values())


def _function(tensor: Tensor) -> str:
    """Return which activation function made a tensor, or nothing."""
    if tensor.op is None:
        return ""
    if tensor.op.name == "maximum" and any(
        x.op is None and not x.requires_grad and x.size == 1 and not np.any(x.data)
        for x in tensor.inputs
    ):
        return "relu"  # np.maximum(0, x)
    return tensor.op.name if tensor.op.name in _FUNCTIONS else ""


def _layer_before(tensor: Tensor, names: Mapping[str, str]) -> tuple[Any, str]:
    """Return the nearest parameter that an activation depends on, and its layer."""
    node = tensor
    while node.op is not None:
        own = [x for x in node.inputs if x.op is None and x.requires_grad]
        if own:
            scope = node.scope[-1] if node.scope else own[0].name or ""
            return own[0], names.get(scope, scope)
        node = max(node.inputs, key=lambda x: (x.op is not None, x.size))
    return None, ""


# ---- calling ------------------------------------------------------------------------


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Put a model into evaluation mode, record nothing, and put it back after."""
    modules = list(model.modules()) if hasattr(model, "modules") else []
    flags = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        with no_grad():
            yield
    finally:
        for module, flag in zip(modules, flags, strict=True):
            module.training = flag


def outputs_of(model: Any, X: Any) -> npt.NDArray[Any]:
    """Return what a model gives, as an array, in evaluation mode."""
    with evaluating(model):
        return values_of(model(X))


def values_of(x: Any) -> npt.NDArray[Any]:
    """Return a tensor or array_like as an array of numbers."""
    return np.asarray(x.data if isinstance(x, Tensor) else x)
