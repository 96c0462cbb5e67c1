"""The largest and the smallest element along axes, and their distance.

The keywords are those of `autograd.ops.reduction`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.elementwise import maximum, minimum
from autograd.ops.reducing import AXES, count, kept, masked, refuse_out
from autograd.ops.reduction import sum
from autograd.primitive import composed, primitive

__all__ = ["max", "min", "ptp"]


def _extreme_rule(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Share the gradient evenly among the elements that attain the extreme."""
    extreme = kept(out, x, axis, keepdims)
    chosen = (x == extreme) | ((x != x) & (extreme != extreme))  # a NaN is chosen too
    sharers = np.sum(chosen, axis=axis, keepdims=True)
    if axis is None:
        sharers = np.reshape(sharers, ())
    share = (chosen / np.maximum(sharers, 1)).astype(x.dtype)
    return kept(g, x, axis, keepdims) * share


@primitive(
    symbol="max",
    latex=r"\max {0}",
    vjps=(_extreme_rule,),
    formulas=("G * ({0} == {out}) / np.sum({0} == {out}, axis={axis}, keepdims=True)",),
    numpy=(),
    method=False,
    samples=AXES,
)
def _max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.max(x, axis=axis, keepdims=keepdims)


def _extreme(
    reduce: Callable[..., Any],
    combine: Callable[..., Any],
    a: Any,
    axis: Any,
    keepdims: bool,
    initial: Any,
    where: Any,
) -> Any:
    """Take the largest or smallest element, with NumPy's keywords."""
    name = reduce.__name__.lstrip("_")
    empty = count(a, axis, name) == 0
    if initial is None and empty:
        raise ShapeError(
            f"{name} of an array of shape {np.shape(a)} along axis {axis} has no "
            f"identity: there is no element. Pass initial=, the result for none."
        )
    if initial is None and where is not True:
        raise ValueError(
            f"{name}: where= needs initial=, the result where no element is left."
        )
    if initial is None:
        return reduce(a, axis, keepdims)
    if empty:
        return sum(a, axis, keepdims=keepdims) + initial
    return combine(reduce(masked(a, where, initial), axis, keepdims), initial)


@composed(numpy=(np.max, np.amax))
def max(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Return the largest element.

    Parameters are those of `sum`; with ``where=`` the ``initial`` value is needed.

    Raises
    ------
    ShapeError
        If an axis along which the maximum is taken has length 0, and there is no
        ``initial``.

    Notes
    -----
    Formula: the largest element receives the gradient; where several are equally large
    they share it evenly.  If a NaN is among the elements the result is NaN, and the
    gradient goes to the NaN.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 3.0, 3.0])
    >>> x.max().backward()
    >>> x.grad
    array([0. , 0.5, 0.5])
    """
    refuse_out("max", out)
    return _extreme(_max, maximum, a, axis, keepdims, initial, where)


@primitive(
    symbol="min",
    latex=r"\min {0}",
    vjps=(_extreme_rule,),
    formulas=("G * ({0} == {out}) / np.sum({0} == {out}, axis={axis}, keepdims=True)",),
    numpy=(),
    method=False,
    samples=AXES,
)
def _min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.min(x, axis=axis, keepdims=keepdims)


@composed(numpy=(np.min, np.amin))
def min(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Return the smallest element.

    Parameters are those of `sum`; with ``where=`` the ``initial`` value is needed.

    Raises
    ------
    ShapeError
        If an axis along which the minimum is taken has length 0, and there is no
        ``initial``.

    Notes
    -----
    Formula: the smallest element receives the gradient; ties share it evenly.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([4.0, 3.0]).min()
    Tensor(3., op=min)
    """
    refuse_out("min", out)
    return _extreme(_min, minimum, a, axis, keepdims, initial, where)


@composed(numpy=(np.ptp,))
def ptp(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Any:
    """Return the range, the largest element less the smallest ("peak to peak").

    Parameters are those of `sum`.

    Notes
    -----
    Formula: the largest element receives the gradient and the smallest its negative;
    ties share, so that a constant array gets zeros.

    Examples
    --------
    >>> from autograd import Tensor, ptp
    >>> x = Tensor([1.0, 5.0, 2.0])
    >>> ptp(x).backward()
    >>> x.grad
    array([-1.,  1.,  0.])
    """
    refuse_out("ptp", out)
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)
