"""`summary`: a model as a table of layers, shapes, parameters and memory."""

import operator
import reprlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import Tensor, no_grad
from nn.module import Module

__all__ = ["LayerSummary", "Summary", "summary"]


class LayerSummary(NamedTuple):
    """One call of one layer.

    Attributes
    ----------
    path : str
        The layer's path; empty for the model itself.
    kind : str
        The layer's class.
    output_shape : tuple
        The shape of its result, or a tuple of shapes.
    parameters : int
        How many numbers it owns itself; 0 at a second call, and for shared tensors that
        were counted before.
    output_bytes : int
        The memory of its result.
    """

    path: str
    kind: str
    output_shape: tuple[Any, ...]
    parameters: int
    output_bytes: int


class Summary:
    """What `summary` returns; printing it prints the table.

    Attributes
    ----------
    layers : list of LayerSummary
        In the order in which the layers finish.
    parameters, trainable : int
        How many numbers all parameters hold, and how many of them are trained.
    parameter_bytes, output_bytes : int
        The memory of the parameters, and of the results of all layers without children.
    """

    def __init__(
        self, model: Module, layers: list[LayerSummary], leaves: set[str]
    ) -> None:
        self.layers = layers
        parameters = list(model.parameters())
        self.parameters = sum(p.size for p in parameters)
        self.trainable = sum(p.size for p in parameters if p.requires_grad)
        self.parameter_bytes = sum(p.data.nbytes for p in parameters)
        self.output_bytes = sum(x.output_bytes for x in layers if x.path in leaves)

    def __repr__(self) -> str:
        rows = [("layer", "output shape", "parameters", "memory")]
        for x in self.layers:
            name = f"{x.path}: {x.kind}" if x.path else x.kind
            size = _bytes(x.output_bytes)
            rows.append((name, _shown(x.output_shape), f"{x.parameters:,}", size))
        widths = [max(len(row[k]) for row in rows) for k in range(4)]
        lines = [_line(row, widths) for row in rows]
        lines.insert(1, "  ".join("─" * width for width in widths))
        total = _bytes(self.parameter_bytes + self.output_bytes)
        lines += [
            lines[1],
            f"{self.parameters:,} parameters, {self.trainable:,} of them trained",
            f"memory: parameters {_bytes(self.parameter_bytes)} + outputs "
            f"{_bytes(self.output_bytes)} = {total}",
        ]
        return "\n".join(lines)


def summary(
    model: Module,
    input_shape: Sequence[int] | npt.NDArray[Any] | Tensor,
    *,
    dtype: npt.DTypeLike | None = None,
) -> Summary:
    """Run a model once, and return a table of its layers.

    Nothing is recorded or changed: the model runs as after ``eval()``, so that no
    running average moves and no random number is drawn.

    Parameters
    ----------
    model : Module
        The model.
    input_shape : sequence of int, ndarray or Tensor
        The shape of an input, the batch included, such as ``(1, 3, 32, 32)``: the model
        is run on zeros.  Or an input itself, such as a batch of the data.
    dtype : dtype, optional
        The dtype of the zeros; by default that of the parameters.  A model that starts
        with `Embedding` needs ``dtype=int``.

    Returns
    -------
    Summary
        Prints as a table; memory is that of each layer's result.

    Raises
    ------
    TypeError
        If ``input_shape`` is neither whole numbers nor an array, or ``dtype`` comes
        with an array.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> net = nn.Sequential(
    ...     nn.Linear(4, 8, rng=rng), nn.ReLU(), nn.Linear(8, 2, rng=rng)
    ... )
    >>> nn.summary(net, (32, 4))
    layer       output shape  parameters   memory
    ──────────  ────────────  ──────────  ───────
    0: Linear   (32, 8)               40  1.0 KiB
    1: ReLU     (32, 8)                0  1.0 KiB
    2: Linear   (32, 2)               18    256 B
    Sequential  (32, 2)                0    256 B
    ──────────  ────────────  ──────────  ───────
    58 parameters, 58 of them trained
    memory: parameters 232 B + outputs 2.2 KiB = 2.5 KiB
    """
    example = _example(model, input_shape, dtype)
    paths = {module: path for path, module in model.named_modules()}
    leaves = {
        path for path, module in model.named_modules() if not any(module.children())
    }
    layers: list[LayerSummary] = []
    counted: set[Tensor] = set()

    def hook(module: Module, args: tuple[Any, ...], out: Any) -> None:
        layers.append(_layer(paths[module], module, out, counted))

    modes = {module: module.training for module in paths}
    handles = [module.register_forward_hook(hook) for module in paths]
    try:
        with no_grad():
            model.eval()(example)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes.items():
            module.training = training
    return Summary(model, layers, leaves)


def _example(model: Module, given: Any, dtype: npt.DTypeLike | None) -> Any:
    """Return what a model is run on: zeros of a shape, or the array that was given."""
    if isinstance(given, np.ndarray | Tensor) and given.ndim:
        if dtype is not None:
            raise TypeError(
                f"summary: got an array of dtype {given.dtype} and dtype={dtype!r}. "
                f"Leave dtype out, or pass the shape {given.shape}."
            )
        return given
    try:
        shape = tuple([operator.index(length) for length in given])
    except TypeError:
        raise TypeError(
            f"summary: the second argument must be the shape of an input, batch "
            f"included, such as (1, 3, 32, 32), or an array, got {reprlib.repr(given)}."
        ) from None
    if dtype is None:
        first = next(model.parameters(), None)
        dtype = np.float32 if first is None else first.dtype
    return np.zeros(shape, dtype)


def _layer(path: str, module: Module, out: Any, counted: set[Tensor]) -> LayerSummary:
    own = {p for _, p in module.own_parameters()} - counted
    counted |= own
    size = sum(p.size for p in own)
    return LayerSummary(path, type(module).__name__, _shape(out), size, _nbytes(out))


def _shape(out: Any) -> tuple[Any, ...]:
    if isinstance(out, tuple | list):
        return tuple(_shape(x) for x in out if x is not None)
    return np.shape(out)


def _nbytes(out: Any) -> int:
    if isinstance(out, tuple | list):
        return sum(_nbytes(x) for x in out)
    data = out.data if isinstance(out, Tensor) else out
    return 0 if data is None else int(np.asarray(data).nbytes)


def _shown(shape: tuple[Any, ...]) -> str:
    if shape and isinstance(shape[0], tuple):
        return ", ".join(map(str, shape))
    return str(shape)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
    right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
    return "  ".join(left + right)


def _bytes(count: float) -> str:
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024 or unit == "GiB":
            break
    return f"{count:.1f} {unit}"
