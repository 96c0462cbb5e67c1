"""Layers that only change the shape."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import AxisError, ShapeError
from nn.checks import got, shape_of
from nn.module import Module

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """Fold several axes into one, by default all but the batch.

    Parameters
    ----------
    start_dim, end_dim : int, default 1 and -1
        The first and the last of the axes that become one.

    Notes
    -----
    Shapes: input (N, d1, ..., dk); result (N, d1 · ... · dk).

    Formula: a reshape in row-major order, with the gradient reshaped back.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Flatten()(np.zeros((2, 3, 4, 5))).shape
    (2, 60)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Any) -> Any:
        """Return the input with the axes folded into one."""
        shape = shape_of(x)
        first, last = (_axis(x, axis) for axis in (self.start_dim, self.end_dim))
        if first > last:
            raise ShapeError(f"start_dim must not come after end_dim; {got(x)}.")
        one = math.prod(shape[first : last + 1])
        return np.reshape(x, (*shape[:first], one, *shape[last + 1 :]))

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        usual = (self.start_dim, self.end_dim) == (1, -1)
        return "" if usual else f"{self.start_dim}, {self.end_dim}"


class Unflatten(Module):
    """Unfold one axis into several.

    Parameters
    ----------
    dim : int
        The axis.
    unflattened_size : sequence of int
        The lengths it becomes; one of them may be -1.

    Notes
    -----
    Shapes: input (..., d, ...); result (..., d1, ..., dk, ...) with d1 · ... · dk = d.

    Formula: a reshape in row-major order, with the gradient reshaped back.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Unflatten(1, (3, 4))(np.zeros((2, 12))).shape
    (2, 3, 4)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim = dim
        self.unflattened_size = tuple(unflattened_size)

    def forward(self, x: Any) -> Any:
        """Return the input with the axis unfolded."""
        shape = shape_of(x)
        axis = _axis(x, self.dim)
        sizes, length = self.unflattened_size, shape[axis]
        known = math.prod(n for n in sizes if n != -1)
        fits = length == known if -1 not in sizes else known and not length % known
        if not fits or sizes.count(-1) > 1:
            raise ShapeError(
                f"axis {axis} of {length} cannot become {sizes}; {got(x)}."
            )
        return np.reshape(x, (*shape[:axis], *sizes, *shape[axis + 1 :]))

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.dim}, {self.unflattened_size}"


def _axis(x: Any, axis: int) -> int:
    n = len(shape_of(x))
    if not -n <= axis < n:
        raise AxisError(f"there is no axis {axis}; {got(x)}.")
    return axis % n
