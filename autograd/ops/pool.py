"""Pooling with PyTorch's signatures, made of the operations of `pooling`."""

from functools import reduce
from typing import Any

import numpy as np

from autograd.errors import NotDifferentiableError, ShapeError
from autograd.ops.checks import per_axis, shape_of
from autograd.ops.pooling import avg_pool, max_pool
from autograd.ops.space import batched, require_space
from autograd.ops.windows import Padding, Sizes, Windows, symmetric

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "max_pool1d",
    "max_pool2d",
]


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of each window along the last axis.

    As `max_pool2d` with one axis of space: (N, C, L) or (C, L).

    Examples
    --------
    >>> from autograd import Tensor, max_pool1d
    >>> max_pool1d(Tensor([[[1.0, 5.0, 2.0, 3.0]]]), 2)
    Tensor([[[5., 3.]]], op=max_pool)
    """
    return _max_pool(
        "max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices,
    )  # fmt: skip


def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of each window of images.

    Parameters
    ----------
    input : Tensor, shape (N, C, H, W) or (C, H, W)
        A batch of images, or one.
    kernel_size : int or pair of int
        The lengths of a window.
    stride : int or pair of int, optional
        The distance between neighbouring windows; by default ``kernel_size``.
    padding : int or pair of int, default 0
        How much to put on both sides; it is never the largest.  At most half a window.
    dilation : int or pair of int, default 1
        The distance between neighbouring positions inside a window.
    ceil_mode : bool, default False
        Whether a last window may reach beyond the end.
    return_indices : bool, default False
        Not offered: indices have no derivative.

    Returns
    -------
    Tensor, shape (N, C, H', W') or (C, H', W')
        H' = (H + 2 padding - dilation (k - 1) - 1) // stride + 1, and W' alike.

    Raises
    ------
    ShapeError
        If the kernel is larger than the padded input, or the padding more than half of
        it.

    Notes
    -----
    Formula: the largest element of a window receives the gradient; of several equally
    large the first one does, as in PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, max_pool2d
    >>> x = Tensor(np.array([[[[1.0, 4.0], [4.0, 2.0]]]]))
    >>> max_pool2d(x, 2).backward()
    >>> x.grad[0, 0]
    array([[0., 1.],
           [0., 0.]])
    """
    return _max_pool(
        "max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode,
        return_indices,
    )  # fmt: skip


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """Return the mean of each window along the last axis.

    As `avg_pool2d` with one axis of space: (N, C, L) or (C, L).

    Examples
    --------
    >>> from autograd import Tensor, avg_pool1d
    >>> avg_pool1d(Tensor([[[1.0, 5.0, 2.0, 3.0]]]), 2)
    Tensor([[[3. , 2.5]]], op=avg_pool)
    """
    return _avg_pool(
        "avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode,
        count_include_pad, None,
    )  # fmt: skip


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Return the mean of each window of images.

    Parameters
    ----------
    input : Tensor, shape (N, C, H, W) or (C, H, W)
        A batch of images, or one.
    kernel_size, stride, padding, ceil_mode
        As in `max_pool2d`; the padding is 0.
    count_include_pad : bool, default True
        Whether the zeros of the padding count as elements of a window.
    divisor_override : int, optional
        Divide by this number in place of the number of elements.

    Returns
    -------
    Tensor, shape (N, C, H', W') or (C, H', W')
        As in `max_pool2d`.

    Raises
    ------
    ShapeError
        As in `max_pool2d`.

    Notes
    -----
    Formula: each of the n elements of a window receives 1/n of its gradient.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, avg_pool2d
    >>> avg_pool2d(Tensor(np.arange(16.0).reshape(1, 1, 4, 4)), 2).data[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode,
        count_include_pad, divisor_override,
    )  # fmt: skip


def _max_pool(
    function: str,
    n: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    if return_indices:
        raise NotDifferentiableError(
            f"{function}: return_indices=True is not offered; indices have no "
            f"derivative."
        )
    require_space(function, n, input)
    dilation = per_axis(function, "dilation", dilation, n, 1)
    windows = _windows(function, n, input, kernel_size, stride, padding, dilation)
    if ceil_mode:
        windows = windows._replace(padding=_ceil_padding(windows, shape_of(input)[-n:]))
    return batched(n, input, lambda x: max_pool(x, *windows))


def _avg_pool(
    function: str,
    n: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Any:
    require_space(function, n, input)
    space = shape_of(input)[-n:]
    windows = _windows(function, n, input, kernel_size, stride, padding, (1,) * n)
    pairs = windows.padding
    if ceil_mode:
        windows = windows._replace(padding=_ceil_padding(windows, space))
    divisor: Any = divisor_override
    if divisor is None:
        divisor = _divisor(windows, space, pairs, count_include_pad)
    kernel, strides, padding, _ = windows
    return batched(n, input, lambda x: avg_pool(x, kernel, strides, padding, divisor))


def _divisor(windows: Windows, space: Sizes, pairs: Padding, with_padding: bool) -> Any:
    """Return how many elements each window has: one number if all have as many.

    What ceil_mode adds beyond ``pairs`` never counts.
    """
    counts = []
    for axis, number in enumerate(windows.counts(space)):
        before, after = pairs[axis]
        start = np.arange(number) * windows.stride[axis] - before
        end = start + windows.kernel[axis]
        low, high = (-before, space[axis] + after) if with_padding else (0, space[axis])
        counts.append(np.minimum(end, high) - np.maximum(start, low))
    divisor = reduce(np.multiply.outer, counts)
    return int(divisor.flat[0]) if np.all(divisor == divisor.flat[0]) else divisor


def _windows(
    function: str,
    n: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Sizes,
) -> Windows:
    kernel = per_axis(function, "kernel_size", kernel_size, n, 1)
    steps = kernel if stride is None else per_axis(function, "stride", stride, n, 1)
    around = per_axis(function, "padding", padding, n, 0)
    windows = Windows(kernel, steps, symmetric(around), dilation)
    if any(2 * p > reach for p, reach in zip(around, windows.reach(), strict=True)):
        raise ShapeError(
            f"{function}: padding {around} is more than half of the window, which "
            f"covers {windows.reach()}; windows of nothing but padding would appear."
        )
    windows.require_fit(function, shape_of(input)[-n:])
    return windows


def _ceil_padding(windows: Windows, space: Sizes) -> Padding:
    """Return a padding with room for a last window that reaches beyond the end.

    As in PyTorch, that window must start inside the input or the padding before it.
    """
    pairs = []
    for axis, reach in enumerate(windows.reach()):
        before, after = windows.padding[axis]
        step, length = windows.stride[axis], space[axis]
        number = -(-(length + before + after - reach) // step) + 1
        if (number - 1) * step >= length + before:
            number -= 1
        needed = (number - 1) * step + reach - length - before
        pairs.append((before, max(after, needed)))
    return tuple(pairs)
