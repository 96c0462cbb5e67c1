"""Reductions that leave NaN out.

They are made of `where` and the plain reductions: a NaN receives the gradient 0.  The
keywords are those of `autograd.ops.reduction`, without ``initial=``.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.ops.extremes import max, min
from autograd.ops.reducing import remaining
from autograd.ops.reduction import mean, prod, sum
from autograd.ops.statistics import std, var
from autograd.primitive import composed

__all__ = ["nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def _present(a: Any, where: Any = True) -> Any:
    return ~np.isnan(a) & where


@composed(numpy=(np.nansum,), method=False)
def nansum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Add up the elements that are not NaN.

    Formula: that of `sum`; a NaN receives 0.

    Examples
    --------
    >>> from autograd import Tensor, nansum
    >>> nansum(Tensor([1.0, float("nan"), 2.0]))
    Tensor(3., op=sum)
    """
    return sum(a, axis, dtype, out, keepdims, initial, _present(a, where))


@composed(numpy=(np.nanprod,), method=False)
def nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Multiply the elements that are not NaN.

    Formula: that of `prod`; a NaN receives 0.

    Examples
    --------
    >>> from autograd import Tensor, nanprod
    >>> nanprod(Tensor([2.0, float("nan"), 3.0]))
    Tensor(6., op=prod)
    """
    return prod(a, axis, dtype, out, keepdims, initial, _present(a, where))


@composed(numpy=(np.nanmean,), method=False)
def nanmean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Any:
    """Return the mean of the elements that are not NaN; NaN if there is none.

    Formula: that of `mean`; a NaN receives 0.

    Examples
    --------
    >>> from autograd import Tensor, nanmean
    >>> nanmean(Tensor([1.0, float("nan"), 2.0]))
    Tensor(1.5, op=divide)
    """
    return mean(a, axis, dtype, out, keepdims, where=_present(a, where))


@composed(numpy=(np.nanvar,), method=False)
def nanvar(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: None = None,
    correction: float | None = None,
) -> Any:
    """Return the variance of the elements that are not NaN.

    Formula: that of `var`; a NaN receives 0.

    Examples
    --------
    >>> from autograd import Tensor, nanvar
    >>> nanvar(Tensor([1.0, float("nan"), 3.0]))
    Tensor(1., op=divide)
    """
    keywords = {"where": _present(a, where), "mean": mean, "correction": correction}
    return var(a, axis, dtype, out, ddof, keepdims, **keywords)


@composed(numpy=(np.nanstd,), method=False)
def nanstd(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: None = None,
    correction: float | None = None,
) -> Any:
    """Return the standard deviation of the elements that are not NaN.

    Formula: that of `std`; a NaN receives 0.

    Examples
    --------
    >>> from autograd import Tensor, nanstd
    >>> nanstd(Tensor([1.0, float("nan"), 3.0])).item()
    1.0
    """
    keywords = {"where": _present(a, where), "mean": mean, "correction": correction}
    return std(a, axis, dtype, out, ddof, keepdims, **keywords)


@composed(numpy=(np.nanmax,), method=False)
def nanmax(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Return the largest element that is not NaN; NaN, with a warning, if all are.

    Formula: that of `max`; a NaN receives 0.

    Examples
    --------
    >>> from autograd import Tensor, nanmax
    >>> nanmax(Tensor([1.0, float("nan"), 2.0]))
    Tensor(2., op=max)
    """
    return _extreme(max, -np.inf, a, axis, out, keepdims, initial, where)


@composed(numpy=(np.nanmin,), method=False)
def nanmin(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Return the smallest element that is not NaN; NaN, with a warning, if all are.

    Formula: that of `min`; a NaN receives 0.

    Examples
    --------
    >>> from autograd import Tensor, nanmin
    >>> nanmin(Tensor([1.0, float("nan"), 2.0]))
    Tensor(1., op=min)
    """
    return _extreme(min, np.inf, a, axis, out, keepdims, initial, where)


def _extreme(
    reduce: Callable[..., Any],
    worst: float,
    a: Any,
    axis: Any,
    out: None,
    keepdims: bool,
    initial: Any,
    where: Any,
) -> Any:
    """Take an extreme with every NaN replaced by the value that loses to all others."""
    filled = np.where(np.isnan(a), worst, a)
    value = reduce(filled, axis, out, keepdims, initial, where)
    missing = remaining(a, _present(a), axis, keepdims) == 0
    if initial is not None or not np.any(missing):
        return value
    warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=3)
    return np.where(missing, np.nan, value)
