"""Checks that layers make on their settings and inputs, before anything is computed."""

import operator
from typing import Any

import numpy as np

from autograd import DTypeError, ShapeError, Tensor

__all__ = [
    "as_input",
    "per_axis",
    "require_axes",
    "require_channels",
    "require_size",
    "shape_of",
]


def require_size(layer: str, role: str, value: Any, least: int = 1) -> int:
    """Return a number of features or the like after checking that it is a number."""
    try:
        size = operator.index(value)
    except TypeError:
        raise TypeError(f"{layer}: {role} must be an integer, got {value!r}.") from None
    if size < least:
        raise ValueError(f"{layer}: {role} must be at least {least}, got {size}.")
    return size


def per_axis(layer: str, role: str, value: Any, n: int, least: int) -> tuple[int, ...]:
    """Return one integer for each of n axes, from an integer or a sequence of them."""
    values = tuple(value) if isinstance(value, tuple | list) else (value,) * n
    if len(values) != n:
        raise ValueError(f"{layer}: {role} must be an integer or {n}, got {value!r}.")
    return tuple(require_size(layer, role, item, least) for item in values)


def as_input(x: Any, dtype: np.dtype[Any]) -> Any:
    """Return a layer's input as a tensor, or as an array of the layer's dtype."""
    if not isinstance(x, Tensor):
        return np.asarray(x, dtype)
    if x.dtype.kind == "f":
        return x
    if x.requires_grad or x.dtype.kind not in "iub":
        raise DTypeError(f"the input must hold numbers, got dtype {x.dtype}.")
    return x.data.astype(dtype)


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of a tensor, an array or a list."""
    # `np.shape` of a tensor passes through NumPy's dispatch: ten times as slow.
    return x.shape if isinstance(x, Tensor | np.ndarray) else np.shape(x)


def require_axes(x: Any, *numbers: int, what: str) -> None:
    """Raise unless an input has one of the numbers of axes."""
    if len(shape_of(x)) not in numbers:
        axes = " or ".join(map(str, numbers))
        raise ShapeError(f"the input must have {axes} axes, {what}; {got(x)}.")


def require_channels(x: Any, axis: int, channels: int) -> None:
    """Raise unless an input has that many channels."""
    if shape_of(x)[axis] != channels:
        raise ShapeError(f"axis {axis} must hold {channels} channels; {got(x)}.")


def got(x: Any) -> str:
    """Return ``got input (3, 5) float64 (train.py:20)`` for a message."""
    origin = f" ({x.created_at})" if isinstance(x, Tensor) and x.created_at else ""
    return f"got input {shape_of(x)} {np.asarray(getattr(x, 'data', x)).dtype}{origin}"
