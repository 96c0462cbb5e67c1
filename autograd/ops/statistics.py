"""Variance, standard deviation and weighted average.

The keywords are those of `autograd.ops.reduction`.
"""

import warnings
from typing import Any

import numpy as np

from autograd.errors import NotDifferentiableError, ShapeError
from autograd.ops.powers import sqrt
from autograd.ops.reducing import (
    AXES,
    converted,
    count,
    divided,
    kept,
    masked,
    refuse_out,
    remaining,
)
from autograd.ops.reduction import mean, sum
from autograd.primitive import composed, primitive

__all__ = ["average", "std", "var"]

_SAMPLES: list[Any] = [*AXES, (AXES[0][0], {"axis": 1, "ddof": 1})]


def _centred(x: Any, axis: Any) -> Any:
    if 0 in x.shape:  # the mean of nothing would warn a second time
        return x
    return x - np.mean(x, axis=axis, keepdims=True)


def _freedom(x: Any, axis: Any, ddof: float) -> float:
    """Return the divisor n - ddof; NaN where it is not positive."""
    freedom = count(x, axis) - ddof
    return freedom if freedom > 0 else float("nan")


def _var_rule(g: Any, out: Any, x: Any, axis: Any, ddof: float, keepdims: bool) -> Any:
    factor = 2 / _freedom(x, axis, ddof)
    return kept(g, x, axis, keepdims) * factor * _centred(x, axis)


@primitive(
    symbol="var",
    latex=r"\operatorname{{var}} {0}",
    vjps=(_var_rule,),
    numpy=(),
    method=False,
    samples=_SAMPLES,
)
def _var(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    if count(x, axis, "var") > ddof:
        return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    return _undetermined(x, axis, keepdims)


def _undetermined(x: Any, axis: Any, keepdims: bool) -> Any:
    """Return NumPy's variance with 0 degrees of freedom: a sum of squares over 0."""
    with np.errstate(all="ignore"):
        if not count(x, axis):
            return np.sum(x, axis=axis, keepdims=keepdims) / 0.0
        return np.var(x, axis=axis, keepdims=keepdims) / 0.0


@composed(numpy=(np.var,))
def var(
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
    """Return the variance, the mean squared distance from the mean.

    Parameters
    ----------
    a : Tensor
        Any shape.
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    dtype : dtype, optional
        Convert to this dtype first.
    out, mean : None
        Not supported on tensors.
    ddof : float, default 0
        The sum of squares is divided by ``n - ddof``; 1 gives the unbiased estimate.
    keepdims : bool, default False
        Whether the reduced axes stay, with length 1.
    where : array of bool, optional
        The elements to include; it broadcasts against ``a``.
    correction : float, optional
        Another name of ``ddof``.

    Notes
    -----
    Formula: d var(x) = 2 / (n - ddof) Σ (x - mean) dx.  The value is computed in two
    passes, mean first, so that it does not cancel.  Without degrees of freedom the
    gradient is NaN, and there is a RuntimeWarning.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).var(ddof=1)
    Tensor(1., op=var)
    """
    ddof = _resolved("var", a, axis, out, ddof, where, mean, correction)
    a = converted(a, dtype)
    if where is True:
        return _var(a, axis, ddof, keepdims)
    return _masked_var(a, axis, ddof, keepdims, where)


def _std_rule(g: Any, out: Any, x: Any, axis: Any, ddof: float, keepdims: bool) -> Any:
    spread = kept(out, x, axis, keepdims)
    freedom = _freedom(x, axis, ddof)
    if not np.any(spread == 0):
        return kept(g, x, axis, keepdims) * (_centred(x, axis) / (freedom * spread))
    # All values equal: the subgradient of least norm is 0.
    with np.errstate(invalid="ignore"):
        slope = _centred(x, axis) / (freedom * spread)
    return kept(g, x, axis, keepdims) * np.where(spread == 0, 0.0, slope)


@primitive(
    symbol="std",
    latex=r"\operatorname{{std}} {0}",
    vjps=(_std_rule,),
    formulas=(
        "G * ({0} - np.mean({0}, axis={axis}, keepdims=True))"
        " / (({n} - {ddof}) * {out})",
    ),
    numpy=(),
    method=False,
    samples=_SAMPLES,
)
def _std(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    if count(x, axis, "std") > ddof:
        return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)
    return np.sqrt(_undetermined(x, axis, keepdims))


@composed(numpy=(np.std,))
def std(
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
    """Return the standard deviation, the root of the variance.

    Parameters are those of `var`.

    Notes
    -----
    Formula: d std(x) = Σ (x - mean) dx / ((n - ddof) std), and 0 where all values are
    equal (the subgradient of least norm); the second derivative is NaN there.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).std(ddof=1)
    Tensor(1., op=std)
    """
    ddof = _resolved("std", a, axis, out, ddof, where, mean, correction)
    a = converted(a, dtype)
    if where is True:
        return _std(a, axis, ddof, keepdims)
    return root(_masked_var(a, axis, ddof, keepdims, where))


def root(variance: Any) -> Any:
    """Return the square root, with derivative 0 where the variance is 0."""
    flat = variance == 0
    return np.where(flat, 0.0, sqrt(np.where(flat, 1.0, variance)))


def _masked_var(a: Any, axis: Any, ddof: float, keepdims: bool, where: Any) -> Any:
    n = remaining(a, where, axis, True)
    centre = divided(sum(masked(a, where, 0), axis, keepdims=True), n)
    distance = masked(a - centre, where, 0)
    total = sum(distance * distance, axis, keepdims=keepdims)
    return divided(total, remaining(a, where, axis, keepdims) - ddof)


def _resolved(
    name: str,
    a: Any,
    axis: Any,
    out: Any,
    ddof: float,
    where: Any,
    mean: Any,
    correction: float | None,
) -> float:
    """Check the keywords, warn if there are no degrees of freedom, and return ddof."""
    refuse_out(name, out)
    if mean is not None:
        raise NotDifferentiableError(
            f"{name}: mean= is not supported on tensors. Leave it out: it is computed."
        )
    if correction is not None:
        if ddof != 0:
            raise ValueError(f"{name}: give ddof= or correction=, not both.")
        ddof = correction
    n = count(a, axis, name)
    if where is True and n <= ddof:
        warnings.warn(
            f"{name}: {n} {'value' if n == 1 else 'values'} with ddof={ddof} "
            f"leaves 0 degrees of freedom",
            RuntimeWarning,
            stacklevel=3,
        )
    return ddof


@composed(numpy=(np.average,))
def average(
    a: Any,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """Return the weighted mean.

    Parameters
    ----------
    a : Tensor
        Any shape.
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    weights : Tensor, optional
        Of the shape of ``a``, or 1-D of the length of ``axis``; by default all equal.
    returned : bool, default False
        Whether to return the sum of the weights as well.
    keepdims : bool, default False
        Whether the reduced axes stay, with length 1.

    Raises
    ------
    ShapeError
        If the weights have neither shape.

    Notes
    -----
    Formula: Σ w x / Σ w; its derivatives are w / Σ w for x and (x - average) / Σ w for
    the weights.

    Examples
    --------
    >>> from autograd import Tensor, average
    >>> average(Tensor([1.0, 4.0]), weights=[2.0, 1.0])
    Tensor(2., op=divide)
    """
    if weights is None:
        value = mean(a, axis, keepdims=keepdims)
        n = count(a, axis, "average")
        return (value, np.full(np.shape(value), float(n))[()]) if returned else value
    weights = _weights_like(a, weights, axis)
    total = sum(weights, axis, keepdims=keepdims)
    value = sum(a * weights, axis, keepdims=keepdims) / total
    return (value, total) if returned else value


def _weights_like(a: Any, weights: Any, axis: Any) -> Any:
    """Give weights along one axis the shape of ``a``."""
    weights = weights if hasattr(weights, "shape") else np.asarray(weights)
    shape = np.shape(a)
    if weights.shape == shape:
        return weights
    if not isinstance(axis, int | np.integer) or weights.shape != (shape[axis],):
        raise ShapeError(
            f"average: weights of shape {weights.shape} fit neither an array of shape "
            f"{shape} nor its axis {axis}. Give one weight per element, or one "
            f"per position along an integer axis."
        )
    along = [1] * len(shape)
    along[axis] = -1
    return np.broadcast_to(np.reshape(weights, along), shape)
