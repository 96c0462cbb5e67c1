"""Convolutions over any number of axes, and their transposes.

A convolution is a sum of products of an input x, weights w and, seen from the loss, a
cotangent g of its result.  All derivatives of any order come from one trilinear form

    <g, convolution(x, w)> = <transposed_convolution(g, w), x>
                           = <convolution_weights(g, x), w>

so that the three operations are each other's rules, and nothing else is needed.

Each is one matrix product: ``columns`` holds, for every position inside the window and
every channel, a row with that element of every window of every image.  The batch is
folded into the columns: shape (channels * kernel, batch * windows).

Reference: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep
learning", arXiv:1603.07285.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.ops.windows import Padding, Sizes, Windows
from autograd.primitive import Fused, primitive

__all__ = ["convolution", "convolution_weights", "transposed_convolution"]

# Columns up to this size are kept for the gradient of the weights, which would lay them
# out again: they are as many times the size of the input as the kernel has elements.
_KEPT = 64 << 20  # bytes

_X = np.sin(np.arange(60.0) * 1.7).reshape(2, 2, 5, 3)
_W = np.cos(np.arange(36.0) * 2.3).reshape(3, 2, 3, 2)
_B = np.array([0.3, -0.8, 0.5])
_LINE = np.sin(np.arange(32.0) * 0.9).reshape(2, 4, 4)
_GROUPED = np.cos(np.arange(24.0) * 1.1).reshape(4, 2, 3)
_STEPS = {"stride": (2, 1), "padding": ((1, 2), (1, 0)), "dilation": (1, 2)}


def _columns(x: Any, windows: Windows, count: Sizes) -> Any:
    """Lay out the windows of (N, C, *space) as columns: (C * kernel, N * windows)."""
    channels_first = np.swapaxes(windows.pad(x), 0, 1)
    if prod(windows.kernel) == 1 and channels_first.shape[2:] == count:
        return np.reshape(channels_first, (x.shape[1], -1))
    columns = np.empty((x.shape[1], *windows.kernel, x.shape[0], *count), x.dtype)
    for position, part in windows.positions(count):
        columns[(slice(None), *position)] = channels_first[(..., *part)]
    return columns.reshape(x.shape[1] * prod(windows.kernel), -1)


def _add_columns(columns: Any, windows: Windows, count: Sizes, shape: Sizes) -> Any:
    """Add the columns into zeros of (N, C, *space), where `_columns` took them."""
    batch, channels, *space = shape
    parts = columns.reshape(channels, *windows.kernel, batch, *count)
    padded = windows.padded_size(tuple(space))
    total = np.zeros((channels, batch, *padded), columns.dtype)
    for position, part in windows.positions(count):
        total[(..., *part)] += parts[(slice(None), *position)]
    return np.swapaxes(total[windows.inside(tuple(space))], 0, 1)


def _by_group(matrix: Any, groups: int) -> Any:
    """Split the rows into groups: (groups, rows / groups, columns)."""
    return matrix.reshape(groups, matrix.shape[0] // groups, -1)


def _channel_rows(g: Any) -> Any:
    """Fold (N, C, *space) into one row a channel: (C, N * space)."""
    return np.reshape(np.swapaxes(g, 0, 1), (g.shape[1], -1))


def _result(rows: Any, batch: int, count: Sizes, bias: Any) -> Any:
    """Add the bias to one row a channel and unfold: (N, C, *space)."""
    if bias is not None:
        rows = rows + bias[:, None] if rows.dtype != bias.dtype else _add(rows, bias)
    return np.swapaxes(rows.reshape(-1, batch, *count), 0, 1)


def _add(rows: Any, bias: Any) -> Any:
    rows += bias[:, None]  # in place: the product is ours
    return rows


def _input_matrix(g: Any, weight: Any, groups: int) -> Any:
    """Return the columns that receive g: (C * kernel, N * windows)."""
    matrix = np.swapaxes(_by_group(weight, groups), 1, 2) @ _by_group(
        _channel_rows(g), groups
    )
    return matrix.reshape(-1, matrix.shape[-1])


def _weight_matrix(g: Any, columns: Any, shape: Sizes, groups: int) -> Any:
    rows = _by_group(_channel_rows(g), groups)
    return (rows @ np.swapaxes(_by_group(columns, groups), 1, 2)).reshape(shape)


def _bias_rule(g: Any, out: Any, *inputs: Any, **settings: Any) -> Any:
    rows = _channel_rows(g)
    return rows @ np.ones(rows.shape[1], g.dtype)  # faster than np.sum


def _cropped(y: Any, like: Any) -> Any:
    """Drop windows at the end that only exist because the output was padded."""
    if y.shape == like.shape:
        return y
    return y[(..., *(slice(n) for n in like.shape[2:]))]


def _fused_forward(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
    groups: int,
) -> tuple[Any, Any]:
    """Return the convolution, and its columns unless they are too large to keep."""
    windows = Windows(weight.shape[2:], stride, padding, dilation)
    counts = windows.counts(x.shape[2:])
    columns = _columns(x, windows, counts)
    rows = _by_group(weight, groups) @ _by_group(columns, groups)
    out = _result(rows.reshape(weight.shape[0], -1), x.shape[0], counts, bias)
    return out, (columns if columns.nbytes <= _KEPT else None,)


def _fused_backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    x: Any,
    weight: Any,
    *bias: Any,
    groups: int,
    **settings: Any,
) -> tuple[Any, ...]:
    (columns,) = saved
    settings["groups"] = groups
    of_input = of_weight = None
    if needs[0]:
        of_input = transposed_convolution(g, weight, size=x.shape[2:], **settings)
    if needs[1] and columns is not None:
        of_weight = _weight_matrix(g, columns, weight.shape, groups)
    elif needs[1]:
        of_weight = convolution_weights(g, x, kernel=weight.shape[2:], **settings)
    return of_input, of_weight, *(_bias_rule(g, out) for _ in bias)


# ---- the convolution -----------------------------------------------------------------


@primitive(
    symbol="∗",
    latex=r"\operatorname{{conv}}({inputs})",
    vjps=(
        lambda g, out, x, weight, *bias, **settings: transposed_convolution(
            g, weight, size=x.shape[2:], **settings
        ),
        lambda g, out, x, weight, *bias, **settings: convolution_weights(
            g, x, kernel=weight.shape[2:], **settings
        ),
        _bias_rule,
    ),
    formulas=(
        "transposed_convolution(G, {1}, size={0}.shape[2:], stride={stride}, "
        "padding={padding}, dilation={dilation}, groups={groups})",
        "convolution_weights(G, {0}, kernel={1}.shape[2:], stride={stride}, "
        "padding={padding}, dilation={dilation}, groups={groups})",
        "np.sum(G, axis=(0, *range(2, G.ndim)))",
    ),
    fused=Fused(_fused_forward, _fused_backward),
    method=False,
    samples=[
        (
            _X,
            _W,
            _B,
            {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)},
        ),
        (_X, _W, _STEPS),
        (
            _LINE,
            _GROUPED,
            {"stride": (1,), "padding": ((1, 1),), "dilation": (1,), "groups": 2},
        ),
        (
            _X[:, :, :1, :1],
            _W[:, :, :1, :1],
            {"stride": (1, 1), "padding": ((0, 0),) * 2, "dilation": (1, 1)},
        ),
    ],
)
def convolution(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = (1,),
    padding: Padding = ((0, 0),),
    dilation: Sizes = (1,),
    groups: int = 1,
) -> Any:
    """Slide weights over the last axes and sum products: the core of `conv2d`.

    Formula: the cotangent of the input is a `transposed_convolution`, that of the
    weights are `convolution_weights`.

    Parameters
    ----------
    input : Tensor, shape (N, C, *space)
        A batch of N images with C channels.
    weight : Tensor, shape (K, C / groups, *kernel)
        One set of weights for each of the K channels of the result.
    bias : Tensor, shape (K,), optional
        Added to every element of a channel.
    stride, dilation : tuple of int
        One for each axis of space.
    padding : tuple of pairs of int
        How many zeros to put before and after each axis of space.
    groups : int, default 1
        The channels are cut into so many groups, each with its own weights.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import convolution
    >>> convolution(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]]))
    array([[[1., 2.]]])
    """
    return _fused_forward(
        input,
        weight,
        bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )[0]


# ---- its two derivatives -------------------------------------------------------------


@primitive(
    symbol="∗ᵀ",
    latex=r"\operatorname{{conv}}^T({inputs})",
    vjps=(
        lambda g, out, y, weight, *bias, size, **settings: _cropped(
            convolution(g, weight, **settings), y
        ),
        lambda g, out, y, weight, *bias, size, **settings: convolution_weights(
            y, g, kernel=weight.shape[2:], **settings
        ),
        _bias_rule,
    ),
    formulas=(
        "convolution(G, {1}, stride={stride}, padding={padding}, "
        "dilation={dilation}, groups={groups})[..., *map(slice, {0}.shape[2:])]",
        "convolution_weights({0}, G, kernel={1}.shape[2:], stride={stride}, "
        "padding={padding}, dilation={dilation}, groups={groups})",
        "np.sum(G, axis=(0, *range(2, G.ndim)))",
    ),
    method=False,
    samples=[
        (
            np.sin(np.arange(18.0)).reshape(1, 3, 3, 2),
            _W,
            np.array([0.4, -0.6]),
            {
                "size": (5, 3),
                "stride": (1, 1),
                "padding": ((0, 0),) * 2,
                "dilation": (1, 1),
            },
        ),
        (np.sin(np.arange(18.0)).reshape(1, 3, 3, 2), _W, {"size": (5, 3), **_STEPS}),
        (
            _LINE,
            _GROUPED,
            {
                "size": (4,),
                "stride": (1,),
                "padding": ((1, 1),),
                "dilation": (1,),
                "groups": 2,
            },
        ),
        (
            _LINE,
            _GROUPED,
            {
                "size": (15,),
                "stride": (2,),
                "padding": ((0, 0),),
                "dilation": (3,),
                "groups": 2,
            },
        ),
    ],
)
def transposed_convolution(
    input: Any,
    weight: Any,
    bias: Any = None,
    size: Sizes = (),
    stride: Sizes = (1,),
    padding: Padding = ((0, 0),),
    dilation: Sizes = (1,),
    groups: int = 1,
) -> Any:
    """Spread each element over a window: the transpose of `convolution`.

    Formula: the cotangent of the input is a `convolution`, that of the weights are
    `convolution_weights`.

    Parameters
    ----------
    input : Tensor, shape (N, K, *windows)
        What `convolution` would return for a result of this function.
    weight : Tensor, shape (K, C / groups, *kernel)
        The weights of that convolution.
    bias : Tensor, shape (C,), optional
        Added to every element of a channel of the result.
    size : tuple of int
        The space of the result, (N, C, *size).
    stride, padding, dilation, groups
        As in `convolution`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import transposed_convolution
    >>> y, w = np.array([[[1.0, 2.0]]]), np.array([[[-1.0, 1.0]]])
    >>> transposed_convolution(y, w, size=(3,))
    array([[[-1., -1.,  2.]]])
    """
    windows = Windows(weight.shape[2:], stride, padding, dilation)
    shape = (input.shape[0], weight.shape[1] * groups, *size)
    matrix = _input_matrix(input, weight, groups)
    out = _add_columns(matrix, windows, input.shape[2:], shape)
    return out if bias is None else out + bias.reshape(-1, *[1] * len(size))


@primitive(
    symbol="∗w",
    latex=r"\operatorname{{conv}}_w({inputs})",
    vjps=(
        lambda g, out, y, x, kernel, **settings: _cropped(
            convolution(x, g, **settings), y
        ),
        lambda g, out, y, x, kernel, **settings: transposed_convolution(
            y, g, size=x.shape[2:], **settings
        ),
    ),
    formulas=(
        "convolution({1}, G, stride={stride}, padding={padding}, "
        "dilation={dilation}, groups={groups})[..., *map(slice, {0}.shape[2:])]",
        "transposed_convolution({0}, G, size={1}.shape[2:], stride={stride}, "
        "padding={padding}, dilation={dilation}, groups={groups})",
    ),
    method=False,
    samples=[
        (
            np.sin(np.arange(36.0)).reshape(2, 3, 3, 2),
            _X,
            {
                "kernel": (3, 2),
                "stride": (1, 1),
                "padding": ((0, 0),) * 2,
                "dilation": (1, 1),
            },
        ),
        (
            _LINE,
            _LINE + 0.3,
            {
                "kernel": (3,),
                "stride": (1,),
                "padding": ((1, 1),),
                "dilation": (1,),
                "groups": 2,
            },
        ),
        (
            _LINE[..., :2],
            np.sin(np.arange(104.0)).reshape(2, 4, 13),
            {
                "kernel": (3,),
                "stride": (2,),
                "padding": ((0, 0),),
                "dilation": (3,),
                "groups": 2,
            },
        ),
    ],
)
def convolution_weights(
    output: Any,
    input: Any,
    kernel: Sizes,
    stride: Sizes = (1,),
    padding: Padding = ((0, 0),),
    dilation: Sizes = (1,),
    groups: int = 1,
) -> Any:
    """Correlate inputs with outputs: the gradient of the weights of a `convolution`.

    Formula: the cotangent of the outputs is a `convolution`, that of the inputs a
    `transposed_convolution`.

    Parameters
    ----------
    output : Tensor, shape (N, K, *windows)
        Such as a cotangent of what `convolution` returned.
    input : Tensor, shape (N, C, *space)
        The input of that convolution.
    kernel : tuple of int
        The lengths of a window; the result has shape (K, C / groups, *kernel).
    stride, padding, dilation, groups
        As in `convolution`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import convolution_weights
    >>> y, x = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 4.0]]])
    >>> convolution_weights(y, x, kernel=(2,))
    array([[[21., 42.]]])
    """
    windows = Windows(kernel, stride, padding, dilation)
    columns = _columns(input, windows, output.shape[2:])
    shape = (output.shape[1], input.shape[1] // groups, *kernel)
    return _weight_matrix(output, columns, shape, groups)
