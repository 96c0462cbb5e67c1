"""Sums, means and extremes along axes.

``axis`` is None (all axes), an integer, or a tuple of integers; negative axes count from
the end.  With ``keepdims=True`` a reduced axis stays, with length 1.
"""

import builtins
from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = ["max", "mean", "min", "prod", "std", "sum", "var"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.arange(24.0).reshape(2, 3, 4) % 7 - 2.6
_AXES = [
    (_A,),
    (_A, {"axis": 0}),
    (_A, {"axis": -1, "keepdims": True}),
    (_B, {"axis": (0, 2)}),
    (_B, {"axis": (-1, 1), "keepdims": True}),
]


def _keep(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Put the reduced axes of ``y`` back with length 1, so that it meets ``x`` again."""
    if axis is None or keepdims:
        return y if axis is not None or not keepdims else np.reshape(y, (1,) * x.ndim)
    return np.expand_dims(y, axis)


def _spread(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Repeat ``y`` along the reduced axes, to the shape of ``x``."""
    return np.broadcast_to(_keep(y, x, axis, keepdims), x.shape)


def _count(x: Any, axis: Any) -> int:
    """Return how many values each result was made of."""
    if axis is None:
        return int(x.size)
    axes = (axis,) if isinstance(axis, int | np.integer) else axis
    return int(np.prod([x.shape[k] for k in axes], dtype=int))


@primitive(
    symbol="Σ",
    latex=r"\sum {0}",
    vjps=(lambda g, out, x, axis, keepdims: _spread(g, x, axis, keepdims),),
    samples=_AXES,
)
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Add up the elements.

    Formula: every element receives the gradient of the sum it went into.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x.sum(axis=1)
    Tensor([3., 7.], op=sum)
    """
    return np.sum(x, axis=axis, keepdims=keepdims)


@primitive(
    symbol="mean",
    latex=r"\operatorname{{mean}} {0}",
    vjps=(
        lambda g, out, x, axis, keepdims: _spread(
            g / builtins.max(_count(x, axis), 1), x, axis, keepdims
        ),
    ),
    samples=_AXES,
)
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the arithmetic mean.

    Formula: each of n elements receives 1/n of the gradient of its mean.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0, 6.0])
    >>> m = x.mean()
    >>> m.backward()
    >>> m.data, x.grad.round(4)
    (np.float64(3.0), array([0.3333, 0.3333, 0.3333]))
    """
    return np.mean(x, axis=axis, keepdims=keepdims)


def _extreme(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Share the gradient evenly among the elements that attain the extreme."""
    extreme = _keep(out, x, axis, keepdims)
    chosen = (x == extreme) | ((x != x) & (extreme != extreme))  # a NaN is chosen too
    count = np.sum(chosen, axis=axis, keepdims=True)
    if axis is None:
        count = np.reshape(count, ())
    return _keep(g, x, axis, keepdims) * (chosen / np.maximum(count, 1)).astype(x.dtype)


@primitive(
    symbol="max",
    latex=r"\max {0}",
    vjps=(_extreme,),
    formulas=("G * ({0} == {out}) / count",),
    numpy=(np.max, np.amax),
    samples=_AXES,
)
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest element.

    Formula: the largest element receives the gradient; where several are equally large
    they share it evenly.  If a NaN is among the elements the result is NaN, and the
    gradient goes to the NaN.

    Raises
    ------
    ShapeError
        If an axis along which the maximum is taken has length 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 3.0, 3.0])
    >>> x.max().backward()
    >>> x.grad
    array([0. , 0.5, 0.5])
    """
    return np.max(x, axis=axis, keepdims=keepdims)


@primitive(
    symbol="min",
    latex=r"\min {0}",
    vjps=(_extreme,),
    formulas=("G * ({0} == {out}) / count",),
    numpy=(np.min, np.amin),
    samples=_AXES,
)
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the smallest element.

    Formula: the smallest element receives the gradient; ties share it evenly.

    Raises
    ------
    ShapeError
        If an axis along which the minimum is taken has length 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([4.0, 3.0]).min()
    Tensor(3., op=min)
    """
    return np.min(x, axis=axis, keepdims=keepdims)


def _prod_rule(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    g = _keep(g, x, axis, keepdims)
    if np.all(x != 0):
        return g * _keep(out, x, axis, keepdims) / x
    # Division fails at a zero: multiply all the others, for each element in turn.
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % x.ndim
    reduced = sorted(int(k) for k in axes)
    front = [k for k in range(x.ndim) if k not in reduced]
    order = (*front, *reduced)
    moved = np.transpose(x, order)
    n = _count(x, tuple(reduced))
    rows = np.reshape(moved, (*(x.shape[k] for k in front), 1, n))
    others = np.prod(np.where(np.eye(n, dtype=bool), 1.0, rows), axis=-1)
    back = np.transpose(np.reshape(others, moved.shape), np.argsort(order))
    return g * back


@primitive(
    symbol="Π",
    latex=r"\prod {0}",
    vjps=(_prod_rule,),
    formulas=("G * {out} / {0}",),
    samples=[*_AXES, (np.array([2.0, 0.0, 3.0]),), (np.array([[0.0, 2.0], [0.0, 5.0]]), {"axis": 0})],
)
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Multiply the elements.

    Formula: each element receives the gradient times the product of all the others,
    which is right at zeros as well.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([2.0, 0.0, 3.0, 4.0])
    >>> x.prod().backward()
    >>> x.grad
    array([ 0., 24.,  0.,  0.])
    """
    return np.prod(x, axis=axis, keepdims=keepdims)


def _centred(x: Any, axis: Any) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


@primitive(
    symbol="var",
    latex=r"\operatorname{{var}} {0}",
    vjps=(
        lambda g, out, x, axis, ddof, keepdims: _keep(g, x, axis, keepdims)
        * (2 / np.float64(_count(x, axis) - ddof)).astype(x.dtype)
        * _centred(x, axis),
    ),
    formulas=("G * 2 / (n - ddof) * ({0} - mean({0}))",),
    samples=[*_AXES, (_A, {"axis": 1, "ddof": 1})],
)
def var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """Return the variance, the mean squared distance from the mean.

    Parameters
    ----------
    x : Tensor
        Any shape.
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    ddof : int, default 0
        The sum of squares is divided by ``n - ddof``; 1 gives the unbiased estimate.
    keepdims : bool, default False
        Whether the reduced axes stay, with length 1.

    Notes
    -----
    Formula: d var(x) = 2 / (n - ddof) Σ (x - mean) dx.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).var(ddof=1)
    Tensor(1., op=var)
    """
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _std_rule(g: Any, out: Any, x: Any, axis: Any, ddof: int, keepdims: bool) -> Any:
    spread = _keep(out, x, axis, keepdims)
    flat = spread == 0  # all values equal: the subgradient of least norm is 0
    safe = np.where(flat, 1.0, spread) if np.any(flat) else spread
    n = np.float64(_count(x, axis) - ddof).astype(x.dtype)
    slope = _centred(x, axis) / (n * safe)
    return _keep(g, x, axis, keepdims) * slope


@primitive(
    symbol="std",
    latex=r"\operatorname{{std}} {0}",
    vjps=(_std_rule,),
    formulas=("G * ({0} - mean({0})) / ((n - ddof) * {out})",),
    samples=[*_AXES, (_A, {"axis": 1, "ddof": 1})],
)
def std(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """Return the standard deviation, the root of the variance.

    Parameters are those of `var`.

    Notes
    -----
    Formula: d std(x) = Σ (x - mean) dx / ((n - ddof) std), and 0 where all values are
    equal.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).std(ddof=1)
    Tensor(1., op=std)
    """
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)
