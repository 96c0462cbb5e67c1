"""What the reductions share: their axes, and NumPy's keywords that need no rule.

``dtype=``, ``where=`` and ``initial=`` are carried out with other operations, before or
after the reduction itself; ``out=`` is refused.
"""

import math
from typing import Any

import numpy as np

from autograd.errors import AxisError, NotDifferentiableError
from autograd.ops.shape import astype
from autograd.tensor import Tensor

__all__: list[str] = []  # for the files beside this one only

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = (np.arange(24.0) * 7 % 24).reshape(2, 3, 4) / 5 - 2.3  # no two are equal

# Samples of every way to name axes.
AXES: list[Any] = [
    (_A,),
    (_A, {"axis": 0}),
    (_A, {"axis": -1, "keepdims": True}),
    (_B, {"axis": (0, 2)}),
    (_B, {"axis": (-1, 1), "keepdims": True}),
]


def kept(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Put the reduced axes of ``y`` back with length 1, so that ``y`` meets ``x``."""
    if not x.ndim:
        return y  # NumPy lets a number be reduced along axis 0
    if axis is None or keepdims:
        return y if axis is not None or not keepdims else np.reshape(y, (1,) * x.ndim)
    return np.expand_dims(y, axis)


def spread(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Repeat ``y`` along the reduced axes, to the shape of ``x``."""
    return np.broadcast_to(kept(y, x, axis, keepdims), x.shape)


def count(x: Any, axis: Any, name: str = "reduction") -> int:
    """Return how many values each result is made of."""
    shape = x.shape if hasattr(x, "shape") else np.shape(x)
    if axis is None:
        return math.prod(shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    for k in axes:
        if not -len(shape) <= k < len(shape):
            raise AxisError(
                f"{name}: axis {k} does not exist in an array of shape {shape}, "
                f"which has {len(shape)} axes."
            )
    return math.prod([shape[k] for k in axes])


def refuse_out(name: str, out: Any) -> None:
    """Raise if a result was to be written into an existing array."""
    if out is not None:
        raise NotDifferentiableError(
            f"{name}: out= is not supported, because a recorded result cannot be "
            f"written into an existing array. Use what {name} returns."
        )


def converted(a: Any, dtype: Any) -> Any:
    """Return ``a`` in the dtype asked for; None leaves it as it is."""
    if dtype is None:
        return a
    return astype(a if hasattr(a, "astype") else np.asarray(a), dtype)


def masked(a: Any, where: Any, filling: Any) -> Any:
    """Return ``a`` where the mask holds, and the filling elsewhere."""
    return a if where is True else np.where(_mask(where), a, filling)


def remaining(a: Any, where: Any, axis: Any, keepdims: bool) -> Any:
    """Return how many values the mask leaves for each result, as plain numbers."""
    if where is True:
        return count(a, axis)
    mask = np.broadcast_to(_mask(where), np.shape(a))
    return np.sum(mask, axis=axis, keepdims=keepdims)


def divided(total: Any, n: Any) -> Any:
    """Divide by a count without leaving the dtype of ``total``."""
    return total / (n if n.__class__ is int else np.asarray(n).astype(total.dtype))


def _mask(where: Any) -> Any:
    return np.asarray(where.data if isinstance(where, Tensor) else where, dtype=bool)
