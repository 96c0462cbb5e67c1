"""Pooling: the maximum or the mean of windows that slide over the last axes.

Each operation is written with strided slices, one for each position inside the window,
and for any number of axes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.ops.indexing import scatter_add, value_of
from autograd.ops.windows import Padding, Sizes, Windows
from autograd.primitive import Fused, primitive

__all__ = ["avg_pool", "avg_unpool", "max_pool"]

_X = np.sin(np.arange(60.0) * 1.7).reshape(2, 2, 3, 5)
_LINE = np.cos(np.arange(14.0) * 1.3).reshape(1, 2, 7)
_PLAIN = {
    "kernel": (2, 2),
    "stride": (2, 2),
    "padding": ((0, 0), (0, 1)),
    "dilation": (1, 1),
}
_OVERLAP = {
    "kernel": (3, 2),
    "stride": (1, 2),
    "padding": ((1, 1), (1, 0)),
    "dilation": (1, 1),
}
_DILATED = {"kernel": (3,), "stride": (2,), "padding": ((1, 1),), "dilation": (2,)}


def _lowest(x: Any) -> Any:
    """Return what no element is less than: the padding of a maximum."""
    return -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min


def _first_maxima(
    x: Any, out: Any, windows: Windows
) -> Iterator[tuple[Sizes, Any, Any]]:
    """Yield position, slices, and which windows have their first maximum there."""
    padded = windows.pad(x, _lowest(x))
    # A window of -inf only has the value of its padding, which must not be chosen.
    inside = windows.pad(np.ones((1, 1, *x.shape[2:]), bool), False)
    has_nan = bool(np.isnan(np.min(out, initial=0)))
    open_windows = np.ones_like(out, dtype=bool)
    for position, part in windows.positions(out.shape[2:]):
        values = padded[(..., *part)]
        here = values == out
        if has_nan:
            here |= values != values
        here &= open_windows
        if inside.shape[2:] != x.shape[2:]:
            here &= inside[(..., *part)]
        open_windows ^= here
        yield position, part, here


def _first_maximum_index(x: Any, out: Any, windows: Windows) -> tuple[Any, ...]:
    """Return the index arrays of the first maximum of every window."""
    count = out.shape[2:]
    places = [np.zeros(out.shape, int) for _ in count]
    for position, _, here in _first_maxima(x, out, windows):
        for axis, place in enumerate(places):
            place[here] = position[axis] * windows.dilation[axis]
    grids = np.ogrid[tuple(slice(n) for n in out.shape)]
    for axis, place in enumerate(places):
        place += grids[2 + axis] * windows.stride[axis] - windows.padding[axis][0]
    return (grids[0], grids[1], *places)


def _max_pool_rule(g: Any, out: Any, x: Any, **settings: Any) -> Any:
    index = _first_maximum_index(value_of(x), value_of(out), Windows(**settings))
    return scatter_add(g, index, x.shape)


def _fused_forward(x: Any, **settings: Any) -> tuple[Any, Any]:
    return _largest(x, Windows(**settings)), ()


def _fused_backward(
    g: Any, out: Any, saved: Any, needs: Sequence[bool], x: Any, **settings: Any
) -> tuple[Any]:
    windows = Windows(**settings)
    shape = (*x.shape[:2], *windows.padded_size(x.shape[2:]))
    total = np.zeros_like(x, shape=shape)
    disjoint = windows.is_disjoint()
    for _, part, here in _first_maxima(x, out, windows):
        if disjoint:
            np.multiply(g, here, out=total[(..., *part)])
        else:
            total[(..., *part)] += g * here
    return (total[windows.inside(x.shape[2:])],)


def _largest(x: Any, windows: Windows) -> Any:
    padded = windows.pad(x, _lowest(x))
    parts = windows.positions(windows.counts(x.shape[2:]))
    out = padded[(..., *next(parts)[1])].copy("K")
    for _, part in parts:
        np.maximum(out, padded[(..., *part)], out=out)
    return out


@primitive(
    symbol="max pool",
    latex=r"\operatorname{{maxpool}}({0})",
    vjps=(_max_pool_rule,),
    formulas=(
        "PRIMITIVES['max_pool'].vjps[0](G, {out}, {0}, kernel={kernel}, "
        "stride={stride}, padding={padding}, dilation={dilation})",
    ),
    fused=Fused(_fused_forward, _fused_backward),
    method=False,
    samples=[(_X, _PLAIN), (_X, _OVERLAP), (_LINE, _DILATED)],
)
def max_pool(
    input: Any, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> Any:
    """Return the largest element of each window: the core of `max_pool2d`.

    Formula: the largest element of a window receives the cotangent; of several equally
    large the first one does.

    Parameters
    ----------
    input : Tensor, shape (N, C, *space)
        A batch of images.
    kernel, stride, dilation : tuple of int
        One for each axis of space.
    padding : tuple of pairs of int
        How much to put before and after each axis; it is never the largest.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import max_pool
    >>> x = np.array([[[1.0, 5.0, 2.0, 3.0]]])
    >>> max_pool(x, kernel=(2,), stride=(2,), padding=((0, 0),), dilation=(1,))
    array([[[5., 3.]]])
    """
    return _largest(input, Windows(kernel, stride, padding, dilation))


# ---- means ---------------------------------------------------------------------------


def _ones(kernel: Sizes) -> Sizes:
    return (1,) * len(kernel)


@primitive(
    symbol="avg pool",
    latex=r"\operatorname{{avgpool}}({0})",
    vjps=(lambda g, out, x, **settings: avg_unpool(g, size=x.shape[2:], **settings),),
    formulas=(
        "avg_unpool(G, kernel={kernel}, stride={stride}, padding={padding}, "
        "divisor={divisor}, size={0}.shape[2:])",
    ),
    method=False,
    samples=[
        (
            _X,
            {
                "kernel": (2, 2),
                "stride": (2, 2),
                "padding": ((0, 0), (0, 1)),
                "divisor": 4,
            },
        ),
        (
            _X,
            {
                "kernel": (3, 2),
                "stride": (1, 2),
                "padding": ((1, 1), (1, 0)),
                "divisor": np.arange(1.0, 10.0).reshape(3, 3),
            },
        ),
        (_LINE, {"kernel": (3,), "stride": (2,), "padding": ((0, 0),), "divisor": 3}),
    ],
)
def avg_pool(
    input: Any, kernel: Sizes, stride: Sizes, padding: Padding, divisor: Any
) -> Any:
    """Return the sum of each window over a divisor: the core of `avg_pool2d`.

    Formula: `avg_unpool`, every element receives its share from each of its windows.

    Parameters
    ----------
    input : Tensor, shape (N, C, *space)
        A batch of images.
    kernel, stride : tuple of int
        One for each axis of space.
    padding : tuple of pairs of int
        How many zeros to put before and after each axis.
    divisor : int or array, shape (*windows)
        What to divide the sums by: usually the number of elements of a window.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import avg_pool
    >>> x = np.array([[[1.0, 5.0, 2.0, 3.0]]])
    >>> avg_pool(x, kernel=(2,), stride=(2,), padding=((0, 0),), divisor=2)
    array([[[3. , 2.5]]])
    """
    windows = Windows(kernel, stride, padding, _ones(kernel))
    padded = windows.pad(input if input.dtype.kind == "f" else input.astype(float))
    parts = windows.positions(windows.counts(input.shape[2:]))
    out = padded[(..., *next(parts)[1])].copy("K")
    for _, part in parts:
        out += padded[(..., *part)]
    out /= divisor
    return out


@primitive(
    symbol="avg poolᵀ",
    latex=r"\operatorname{{avgpool}}^T({0})",
    vjps=(lambda g, out, y, size, **settings: avg_pool(g, **settings),),
    formulas=(
        "avg_pool(G, kernel={kernel}, stride={stride}, padding={padding}, "
        "divisor={divisor})",
    ),
    method=False,
    samples=[
        (
            _X[..., :2],
            {
                "kernel": (2, 2),
                "stride": (2, 2),
                "padding": ((0, 0), (0, 1)),
                "divisor": 4,
                "size": (6, 4),
            },
        ),
        (
            _LINE[..., :3],
            {
                "kernel": (3,),
                "stride": (2,),
                "padding": ((1, 0),),
                "divisor": np.array([2.0, 3.0, 3.0]),
                "size": (6,),
            },
        ),
    ],
)
def avg_unpool(
    input: Any,
    kernel: Sizes,
    stride: Sizes,
    padding: Padding,
    divisor: Any,
    size: Sizes,
) -> Any:
    """Share out each element over its window: the transpose of `avg_pool`.

    Formula: `avg_pool`, with the same settings.

    Parameters
    ----------
    input : Tensor, shape (N, C, *windows)
        One number for each window.
    kernel, stride, padding, divisor
        As in `avg_pool`.
    size : tuple of int
        The space of the result, (N, C, *size).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import avg_unpool
    >>> y = np.array([[[2.0, 6.0]]])
    >>> avg_unpool(y, (2,), stride=(2,), padding=((0, 0),), divisor=2, size=(4,))
    array([[[1., 1., 3., 3.]]])
    """
    windows = Windows(kernel, stride, padding, _ones(kernel))
    share = (input / divisor).astype(input.dtype, copy=False)
    shape = (*input.shape[:2], *windows.padded_size(size))
    total = np.zeros_like(share, shape=shape)
    for _, part in windows.positions(input.shape[2:]):
        total[(..., *part)] += share
    return total[windows.inside(size)]
