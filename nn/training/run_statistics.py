"""Histograms of the weights of a model, and of what its layers give."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn.activation import ReLU, ReLU6, Sigmoid, Tanh
from nn.module import Module
from nn.training.evaluation import evaluation_mode, split_batch
from nn.training.kept_generators import kept_generators

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["activation_histograms", "histogram", "weight_histograms"]

Array = npt.NDArray[Any]
Histogram = dict[str, Any]

_BINS = 30
_SAMPLES = 256  # for activations: of fewer, many units would look dead
_FLAT = 0.05  # a slope below this share of the steepest counts as saturated

# The slope of an activation function from its result, divided by the steepest.
_SLOPES: dict[type[Module], Callable[[Array], Array]] = {
    Sigmoid: lambda a: 4 * a * (1 - a),
    Tanh: lambda a: 1 - a * a,
}
_RECTIFIERS = (ReLU, ReLU6)
_HOME = "nn.activation"


def histogram(name: str, values: Array) -> Histogram:
    """Return how values are spread; those that are not finite are only counted.

    Examples
    --------
    >>> found = histogram("w", np.array([0.0, 1.0, 1.0, np.nan]))
    >>> found["low"], found["high"], found["counts"][0], found["counts"][-1]
    (0.0, 1.0, 1, 2)
    >>> found["size"], found["not_finite"]
    (4, 1)
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    found = {
        "name": name,
        "size": int(values.size),
        "not_finite": int(values.size - finite.size),
        "mean": None,
        "std": None,
        "low": None,
        "high": None,
        "counts": [],
    }
    if not finite.size:
        return found
    with np.errstate(over="ignore", invalid="ignore"):
        found |= {"mean": _number(finite.mean()), "std": _number(finite.std())}
        try:
            counts, edges = np.histogram(finite, _BINS)
        except ValueError:  # NumPy: the range is too wide or too narrow for bins
            return found
    low, high = float(edges[0]), float(edges[-1])
    return found | {"low": low, "high": high, "counts": counts.tolist()}


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def weight_histograms(model: Module) -> list[Histogram]:
    """Return the histogram of every parameter, by path."""
    return [
        histogram(path, np.asarray(parameter.data))
        for path, parameter in model.named_parameters()
    ]


def activation_histograms(trainer: "Trainer") -> list[Histogram]:
    """Return histograms of what layers give for the first samples of validation data.

    Layers are activation functions, and modules with parameters and without children.
    """
    loader = trainer.position.validation
    if loader is None:
        return []
    found: dict[str, Histogram] = {}
    handles = []
    try:
        for path, module in trainer.model.named_modules():
            if not any(module.children()) and _is_shown(module):
                handles.append(module.register_forward_hook(_hook(path, found)))
        with kept_generators(trainer), evaluation_mode(trainer.model):
            trainer.model(*_first_samples(loader))
    finally:
        for handle in handles:
            handle.remove()
    return list(found.values())


def _first_samples(loader: Any) -> list[Array]:
    """Return the inputs of the first batches that go together, enough of them."""
    batches: list[list[Array]] = []
    for batch in loader:
        inputs = [np.asarray(x) for x in split_batch(batch)[0]]
        if batches and _row_shapes(inputs) != _row_shapes(batches[0]):
            break  # sequences of another length
        batches.append(inputs)
        if sum(len(first) for first, *_ in batches) >= _SAMPLES:
            break
    return [np.concatenate(parts) for parts in zip(*batches, strict=True)]


def _row_shapes(arrays: list[Array]) -> list[tuple[int, ...]]:
    return [x.shape[1:] for x in arrays]


def _is_shown(module: Module) -> bool:
    homes = [cls.__module__ for cls in type(module).__mro__]
    return _HOME in homes or any(True for _ in module.own_parameters())


def _hook(path: str, found: dict[str, Histogram]) -> Callable[..., None]:
    def keep(module: Module, args: Any, out: Any) -> None:
        if isinstance(out, Tensor) and out.dtype.kind == "f" and out.size:
            kind = type(module).__name__
            name = f"{path}: {kind}" if path else kind
            values = np.asarray(out.data)
            found[name] = histogram(name, values) | _health(module, values)

    return keep


def _health(module: Module, values: Array) -> Histogram:
    """Return what can be said about an activation function of this kind."""
    if _HOME not in [cls.__module__ for cls in type(module).__mro__]:
        return {}
    found: Histogram = {"function": type(module).__name__}
    slope = next((f for cls, f in _SLOPES.items() if isinstance(module, cls)), None)
    if slope is not None:
        found["saturated"] = float(np.mean(slope(values) < _FLAT))
    if isinstance(module, _RECTIFIERS) and values.ndim > 1:
        # A unit is a column of (N, d), a channel of (N, C, H, W), else the last axis.
        unit = 1 if values.ndim in (2, 4) else values.ndim - 1
        others = tuple(k for k in range(values.ndim) if k != unit)
        found["dead"] = float(np.mean(~np.any(values, axis=others)))
    return found
