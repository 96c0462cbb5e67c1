"""Means of so many windows that the result has a given size."""

import operator
from typing import Any

import numpy as np

from autograd.ops.checks import per_axis, shape_of
from autograd.ops.matmul import matmul
from autograd.ops.pooling import avg_pool
from autograd.ops.space import batched, require_space
from autograd.ops.windows import symmetric

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d"]


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """Return the means of ``output_size`` windows that cover the last axis.

    As `adaptive_avg_pool2d` with one axis of space: (N, C, L) or (C, L).

    Examples
    --------
    >>> from autograd import Tensor, adaptive_avg_pool1d
    >>> adaptive_avg_pool1d(Tensor([[[0.0, 1.0, 5.0]]]), 2).data
    array([[[0.5, 3. ]]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """Return the means of windows that cover images of any size.

    Parameters
    ----------
    input : Tensor, shape (N, C, H, W) or (C, H, W)
        A batch of images, or one.
    output_size : int or pair of int or None
        The lengths H' and W' of the result; None keeps an axis as it is.

    Returns
    -------
    Tensor, shape (N, C, H', W') or (C, H', W')
        Window i of an axis of length H goes from ⌊i H / H'⌋ to ⌈(i + 1) H / H'⌉.

    Raises
    ------
    ShapeError
        If the input has another number of axes, or a length is less than 1.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, adaptive_avg_pool2d
    >>> adaptive_avg_pool2d(Tensor(np.arange(9.0).reshape(1, 1, 3, 3)), 1).data
    array([[[[4.]]]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def _adaptive_avg_pool(function: str, n: int, input: Any, output_size: Any) -> Any:
    require_space(function, n, input)
    space = shape_of(input)[-n:]
    given = output_size if isinstance(output_size, tuple | list) else (output_size,) * n
    filled = [
        length if k is None else k
        for k, length in zip(given, space[: len(given)], strict=True)
    ]
    size = per_axis(function, "output_size", filled, n, 1)
    if all(length % k == 0 for length, k in zip(space, size, strict=True)):
        kernel = tuple(map(operator.floordiv, space, size))
        padding, divisor = symmetric((0,) * n), int(np.prod(kernel))
        return batched(
            n, input, lambda x: avg_pool(x, kernel, kernel, padding, divisor)
        )
    out = input
    dtype = input.dtype if input.dtype.kind == "f" else None
    for axis in range(-n, 0):  # a linear map of each axis in turn
        means = _means(space[axis], size[axis]).astype(dtype or np.float64)
        out = matmul(out, means.T) if axis == -1 else matmul(means, out)
    return out


def _means(length: int, number: int) -> Any:
    """Return the matrix (number, length) that takes the means of windows of an axis."""
    i = np.arange(number)[:, None]
    k = np.arange(length)
    inside = (k >= i * length // number) & (k < -(-(i + 1) * length // number))
    return inside / np.sum(inside, axis=1, keepdims=True)
