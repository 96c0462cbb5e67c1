"""Running sums and products."""

from typing import Any

import numpy as np

from autograd.ops.reducing import converted, refuse_out
from autograd.primitive import composed, primitive

__all__ = ["cumprod", "cumsum"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = (np.arange(24.0) * 7 % 24).reshape(2, 3, 4) / 5 - 2.3
_ZERO = np.array([[2.0, 0.0, -0.7, 1.5], [0.8, 1.1, 0.0, -2.0]])
_SAMPLES: list[Any] = [
    *[(_A,), (_A, {"axis": 0}), (_B, {"axis": -2})],
    *[(_ZERO, {"axis": 1}), (np.stack([_A, _A - 0.3]), {"axis": 1})],
]


def _reversed(x: Any, axis: int) -> Any:
    index = [slice(None)] * x.ndim
    index[axis] = slice(None, None, -1)
    return x[tuple(index)]


def _sum_of_later(x: Any, axis: int) -> Any:
    """Return at each place the sum of what stands there and behind it."""
    return _reversed(np.cumsum(_reversed(x, axis), axis=axis), axis)


def _cumsum_rule(g: Any, out: Any, x: Any, axis: int | None) -> Any:
    if axis is None or not x.ndim:  # NumPy makes one axis of none
        return np.reshape(_sum_of_later(g, 0), x.shape)
    return _sum_of_later(g, axis)


@primitive(
    symbol="cumsum",
    latex=r"\operatorname{{cumsum}} {0}",
    vjps=(_cumsum_rule,),
    numpy=(),
    method=False,
    samples=_SAMPLES,
)
def _cumsum(x: Any, axis: int | None = None) -> Any:
    return np.cumsum(x, axis=axis)


@composed(numpy=(np.cumsum,))
def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
    """Return the running sums along an axis.

    Parameters
    ----------
    a : Tensor
        Any shape.
    axis : int, optional
        By default the array is flattened first.
    dtype : dtype, optional
        Convert to this dtype first.
    out : None
        Not supported on tensors.

    Notes
    -----
    Formula: an element went into every sum from its place on, so it receives the sum of
    their gradients.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).cumsum()
    Tensor([1., 3., 6.], op=cumsum)
    """
    refuse_out("cumsum", out)
    return _cumsum(converted(a, dtype), axis)


def _cumprod_rule(g: Any, out: Any, x: Any, axis: int | None) -> Any:
    if axis is None or not x.ndim:
        flat = np.reshape(x, (-1,))
        return np.reshape(_cumprod_rule(g, out, flat, 0), x.shape)
    if np.all(x != 0):
        return _sum_of_later(g * out, axis) / x
    # Division fails at a zero: leave each element in turn out of all the products.
    n = x.shape[axis]
    moved = np.swapaxes(x, axis, -1)
    rows = np.reshape(moved, (*moved.shape[:-1], 1, n))
    without = np.cumprod(np.where(np.eye(n, dtype=bool), 1.0, rows), axis=-1)
    later = np.triu(np.ones((n, n), dtype=bool))  # product j holds elements 0 ... j
    g = np.swapaxes(g, axis, -1)
    g = np.reshape(g, (*g.shape[:-1], 1, n))
    return np.swapaxes(np.sum(np.where(later, g * without, 0.0), axis=-1), axis, -1)


@primitive(
    symbol="cumprod",
    latex=r"\operatorname{{cumprod}} {0}",
    vjps=(_cumprod_rule,),
    numpy=(),
    method=False,
    formulas=(
        "np.reshape(np.flip(np.cumsum(np.flip(G * {out}, {axis}), {axis}), {axis}),"
        " {0}.shape) / {0}",
    ),
    samples=_SAMPLES,
)
def _cumprod(x: Any, axis: int | None = None) -> Any:
    return np.cumprod(x, axis=axis)


@composed(numpy=(np.cumprod,))
def cumprod(
    a: Any, axis: int | None = None, dtype: Any = None, out: None = None
) -> Any:
    """Return the running products along an axis.

    Parameters are those of `cumsum`.

    Notes
    -----
    Formula: an element x receives Σ g · y / x over the products y from its place on,
    where y / x is the product without it, which is right at zeros as well.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([2.0, 0.0, 3.0, 4.0])
    >>> x.cumprod().sum().backward()
    >>> x.grad
    array([ 1., 32.,  0.,  0.])
    """
    refuse_out("cumprod", out)
    return _cumprod(converted(a, dtype), axis)
