"""Convolutions with PyTorch's signatures, made of the operations of `convolution`."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import per_axis, require_choice, require_shape, shape_of, shown
from autograd.ops.convolution import convolution, transposed_convolution
from autograd.ops.windows import Padding, Sizes, Windows, symmetric

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"]


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide weights along the last axis and sum products.

    As `conv2d` with one axis of space: input (N, C, L) or (C, L), weight
    (K, C / groups, k), result (N, K, L').

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, conv1d
    >>> x = np.array([[[1.0, 2.0, 4.0, 8.0]]])
    >>> conv1d(x, Tensor([[[-1.0, 1.0]]]))
    Tensor([[[1., 2., 4.]]], op=convolution)
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide weights over images and sum products.

    Parameters
    ----------
    input : Tensor, shape (N, C, H, W) or (C, H, W)
        A batch of N images with C channels, or one image.
    weight : Tensor, shape (K, C / groups, h, w)
        One set of weights for each of the K channels of the result.
    bias : Tensor, shape (K,), optional
        Added to every element of a channel.
    stride : int or pair of int, default 1
        The distance between neighbouring windows.
    padding : int, pair of int, "valid" or "same", default 0
        How many zeros to put on both sides of each axis; "same" keeps H and W and needs
        stride 1 (where the number is odd, the extra zero comes after).
    dilation : int or pair of int, default 1
        The distance between neighbouring positions inside a window.
    groups : int, default 1
        The channels are cut into so many groups, each with its own weights.

    Returns
    -------
    Tensor, shape (N, K, H', W') or (K, H', W')
        H' = (H + 2 padding - dilation (h - 1) - 1) // stride + 1, and W' alike.

    Raises
    ------
    ShapeError
        If shapes or numbers of channels do not fit together, or the kernel is larger
        than the padded input.

    Notes
    -----
    Formula: y[n, k, i, j] = bias[k] + Σ weight[k, c, p, q] x[n, c, i + p, j + q], the
    sum over c, p and q (stride and dilation 1).  As in all of deep learning the weights
    are not flipped: mathematics calls this a cross-correlation.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning",
    arXiv:1603.07285.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, conv2d
    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> edges = Tensor([[[[-1.0, 1.0]]]])
    >>> conv2d(image, edges).shape
    (1, 1, 3, 2)
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Spread elements along the last axis: the transpose of `conv1d`.

    As `conv_transpose2d` with one axis of space: input (N, K, L) or (K, L), weight
    (K, C / groups, k), result (N, C, L').

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, conv_transpose1d
    >>> x = np.array([[[1.0, 2.0]]])
    >>> conv_transpose1d(x, Tensor([[[1.0, 10.0]]]), stride=2)
    Tensor([[[ 1., 10.,  2., 20.]]], op=transposed_convolution)
    """
    return _conv_transpose(
        "conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding,
        groups, dilation,
    )  # fmt: skip


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Spread every element over a window of weights: the transpose of `conv2d`.

    Parameters
    ----------
    input : Tensor, shape (N, K, H, W) or (K, H, W)
        A batch of N images with K channels, or one image.
    weight : Tensor, shape (K, C / groups, h, w)
        The weights of the convolution that this is the transpose of.
    bias : Tensor, shape (C,), optional
        Added to every element of a channel.
    stride : int or pair of int, default 1
        The distance between the windows of neighbouring elements.
    padding : int or pair of int, default 0
        How much is cut off on both sides of each axis of the result.
    output_padding : int or pair of int, default 0
        How much longer each axis becomes at its end; less than stride or dilation.
        With a stride, inputs of several sizes give one size in `conv2d`: this chooses.
    groups : int, default 1
        As in `conv2d`.
    dilation : int or pair of int, default 1
        As in `conv2d`.

    Returns
    -------
    Tensor, shape (N, C, H', W') or (C, H', W')
        H' = (H - 1) stride - 2 padding + dilation (h - 1) + output_padding + 1.

    Raises
    ------
    ShapeError
        If shapes or numbers of channels do not fit together, or nothing would be left.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, conv_transpose2d
    >>> x, w = np.ones((1, 1, 2, 2)), Tensor(np.ones((1, 1, 2, 2)))
    >>> conv_transpose2d(x, w).data[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return _conv_transpose(
        "conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding,
        groups, dilation,
    )  # fmt: skip


def _conv(
    function: str,
    n: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Any:
    shape, weights = _require_space(function, n, input, weight)
    _require_groups(function, groups, weights[0], shape[-n - 1])
    if shape[-n - 1] != weights[1] * groups:
        raise ShapeError(
            f"{function}: input has {shape[-n - 1]} channels, the weights need "
            f"{weights[1]} x {groups} groups: {_shown(input, weight)}."
        )
    require_shape(function, "bias", bias, weights[:1])
    stride = per_axis(function, "stride", stride, n, 1)
    dilation = per_axis(function, "dilation", dilation, n, 1)
    pairs = _padding(function, padding, weights[2:], stride, dilation)
    windows = Windows(weights[2:], stride, pairs, dilation)
    windows.require_fit(function, shape[-n:])
    batch = input if len(shape) == n + 2 else np.expand_dims(input, 0)
    out = convolution(batch, weight, bias, stride, pairs, dilation, groups)
    return out if batch is input else np.squeeze(out, 0)


def _conv_transpose(
    function: str,
    n: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Any:
    shape, weights = _require_space(function, n, input, weight)
    _require_groups(function, groups, weights[0], shape[-n - 1])
    if shape[-n - 1] != weights[0]:
        raise ShapeError(
            f"{function}: input has {shape[-n - 1]} channels, the weights need "
            f"{weights[0]}, their first axis: {_shown(input, weight)}."
        )
    require_shape(function, "bias", bias, (weights[1] * groups,))
    stride = per_axis(function, "stride", stride, n, 1)
    dilation = per_axis(function, "dilation", dilation, n, 1)
    padding = per_axis(function, "padding", padding, n, 0)
    extra = per_axis(function, "output_padding", output_padding, n, 0)
    size = tuple(
        (length - 1) * step - 2 * cut + gap * (k - 1) + more + 1
        for length, step, cut, gap, k, more in zip(
            shape[-n:], stride, padding, dilation, weights[2:], extra, strict=True
        )
    )
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ShapeError(
            f"{function}: output_padding {extra} must be less than stride {stride} or "
            f"dilation {dilation}."
        )
    if min(size) < 1:
        raise ShapeError(
            f"{function}: padding {padding} would cut everything away, the result "
            f"would be {size}: {_shown(input, weight)}."
        )
    batch = input if len(shape) == n + 2 else np.expand_dims(input, 0)
    out = transposed_convolution(
        batch, weight, bias, size, stride, symmetric(padding), dilation, groups
    )
    return out if batch is input else np.squeeze(out, 0)


def _padding(
    function: str, padding: Any, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> Padding:
    """Return the padding of a convolution as a pair for each axis."""
    n = len(kernel)
    if not isinstance(padding, str):
        return symmetric(per_axis(function, "padding", padding, n, 0))
    require_choice(function, "padding", padding, ("valid", "same"))
    if padding == "valid":
        return symmetric((0,) * n)
    if max(stride) > 1:
        raise ShapeError(f'{function}: padding="same" needs stride 1, got {stride}.')
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _require_space(
    function: str, n: int, input: Any, weight: Any
) -> tuple[Sizes, Sizes]:
    """Raise unless input and weights have n axes of space; return their shapes."""
    shape, weights = shape_of(input), shape_of(weight)
    if len(shape) not in (n + 1, n + 2) or len(weights) != n + 2:
        raise ShapeError(
            f"{function}: input must have {n + 2} axes (batch, channels, then {n} of "
            f"space) or {n + 1} without the batch, and the weights {n + 2}: "
            f"{_shown(input, weight)}."
        )
    return shape, weights


def _require_groups(function: str, groups: int, out: int, channels: int) -> None:
    if groups < 1 or out % groups or channels % groups:
        raise ShapeError(
            f"{function}: groups={groups} must divide the {channels} channels of the "
            f"input and the first axis of the weights, {out}."
        )


def _shown(input: Any, weight: Any) -> str:
    return f"{shown('input', input)}, {shown('weight', weight)}"
