"""Sampled functions: differences, slopes, integrals, interpolation."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import (
    label,
    operand,
    resolve_axes,
    resolve_axis,
)
from autograd.ops.indexing import value_of
from autograd.ops.joining import append
from autograd.ops.shape import broadcast_to, concatenate, ravel, reshape
from autograd.primitive import composed

__all__ = ["diff", "ediff1d", "gradient", "interp", "trapezoid"]


def _cut(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """Return the part of an array between two places along an axis."""
    return x[(*(slice(None),) * axis, slice(start, stop))]


@composed(numpy=(np.diff,))
def diff(
    a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None
) -> Any:
    """Return the differences of neighbours along an axis, n times over.

    Parameters
    ----------
    a : Tensor
        At least one axis.
    n : int, default 1
        How often differences are taken; each time the axis gets shorter by one.
    axis : int, default -1
        The axis.
    prepend, append : Tensor or number, optional
        Values to put before and after ``a`` first.

    Examples
    --------
    >>> from autograd import Tensor, diff
    >>> diff(Tensor([1.0, 4.0, 9.0]))
    Tensor([3., 5.], op=subtract)
    """
    a = operand(a)
    axis = resolve_axis(axis, a, "diff")
    if n < 0:
        raise ValueError(f"diff: n must not be negative, got {n}.")
    one = (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    parts = [
        broadcast_to(x, one) if not x.ndim else x
        for x in (operand(x) for x in (prepend, a, append) if x is not None)
    ]
    a = concatenate(parts, axis) if len(parts) > 1 else a
    for _ in range(n):
        a = _cut(a, axis, 1, None) - _cut(a, axis, None, -1)
    return a


@composed(numpy=(np.ediff1d,), method=False)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Return the differences of neighbours in the raveled array.

    Parameters
    ----------
    ary : Tensor
        Any shape.
    to_end, to_begin : Tensor or number, optional
        What to put behind and before the differences.

    Examples
    --------
    >>> from autograd import Tensor, ediff1d
    >>> ediff1d(Tensor([1.0, 4.0, 9.0]), to_end=0.0)
    Tensor([3., 5., 0.], op=concatenate)
    """
    steps = diff(ravel(operand(ary)))
    if to_begin is not None:
        steps = append(operand(to_begin).astype(steps.dtype), steps)
    if to_end is not None:
        steps = append(steps, operand(to_end).astype(steps.dtype))
    return steps


@composed(numpy=(np.trapezoid,), method=False)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integrate samples by the trapezoidal rule.

    Parameters
    ----------
    y : Tensor
        The samples.
    x : Tensor, optional
        Where they were taken: of one axis, or of the shape of ``y``.
    dx : Tensor or float, default 1.0
        The distance of neighbours if ``x`` is not given.
    axis : int, default -1
        The axis to integrate along.

    Examples
    --------
    >>> from autograd import Tensor, trapezoid
    >>> trapezoid(Tensor([1.0, 2.0, 3.0]), dx=2.0)
    Tensor(8., op=sum)
    """
    y = operand(y)
    axis = resolve_axis(axis, y, "trapezoid")
    if x is not None:
        x = operand(x)
        dx = diff(x) if x.ndim == 1 else diff(x, axis=axis)
        if x.ndim == 1:
            dx = reshape(dx, (-1, *(1,) * (y.ndim - axis - 1)))
    heights = (_cut(y, axis, 1, None) + _cut(y, axis, None, -1)) / 2.0
    return np.sum(dx * heights, axis=axis)


@composed(numpy=(np.interp,), method=False)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Interpolate linearly between samples.

    Parameters
    ----------
    x : Tensor
        Where to interpolate.
    xp : Tensor, shape (n,)
        Where the samples are, in ascending order.
    fp : Tensor, shape (n,)
        The samples.
    left, right : Tensor or float, optional
        The result before the first and behind the last sample; by default that sample.

    Notes
    -----
    Formula: between two samples d interp = slope dx.  At a sample the slope is that of
    the piece to its right, at the last one to its left; outside of all samples it is 0.

    Examples
    --------
    >>> from autograd import Tensor, interp
    >>> x = Tensor(1.5)
    >>> interp(x, [0.0, 1.0, 2.0], [0.0, 10.0, 40.0]).backward()
    >>> x.grad
    np.float64(30.0)
    """
    x, xp, fp = operand(x), operand(xp), operand(fp)
    if xp.shape != fp.shape or xp.ndim != 1 or not len(xp):
        raise ShapeError(
            f"interp: samples {label(fp)} at {label(xp)} must be vectors of one length."
        )
    at, places = value_of(x), value_of(xp)
    pieces = max(len(places) - 1, 1)
    k = np.clip(np.searchsorted(places, at, side="right") - 1, 0, pieces - 1)
    after = np.minimum(k + 1, len(places) - 1)
    if len(places) > 1:
        share = (x - xp[k]) / (xp[after] - xp[k])
        inside = fp[k] + (fp[after] - fp[k]) * share
    else:
        inside = fp[k] + x * 0
    inside = np.where(at < places[0], fp[0] if left is None else left, inside)
    return np.where(at > places[-1], fp[-1] if right is None else right, inside)


def _slopes(f: Any, h: Any, axis: int, edge_order: int) -> Any:
    """Return derivatives by central differences; ``h`` holds the distances."""
    before, after = _cut(h, axis, None, -1), _cut(h, axis, 1, None)
    rise = (_cut(f, axis, 1, None) - _cut(f, axis, None, -1)) / h
    rise_before, rise_after = _cut(rise, axis, None, -1), _cut(rise, axis, 1, None)
    central = (before * rise_after + after * rise_before) / (before + after)
    first, last = _cut(rise, axis, None, 1), _cut(rise, axis, -1, None)
    if edge_order == 2:
        bend = (rise_after - rise_before) / (before + after)
        first = first - _cut(h, axis, None, 1) * _cut(bend, axis, None, 1)
        last = last + _cut(h, axis, -1, None) * _cut(bend, axis, -1, None)
    return concatenate([first, central, last], axis)


@composed(numpy=(np.gradient,), method=False)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Return the slope of samples: central differences, and one-sided at the ends.

    Parameters
    ----------
    f : Tensor
        The samples.
    *varargs : float or Tensor, shape (n,)
        The distance of neighbours or the coordinates: none, one for all axes, or one
        for each.
    axis : int or tuple of int, optional
        Along which axes; by default all.
    edge_order : {1, 2}, default 1
        The order of the one-sided differences.

    Returns
    -------
    Tensor or tuple of Tensor
        One for each axis.

    Raises
    ------
    ShapeError
        If an axis has fewer than ``edge_order + 1`` samples, or the coordinates do not
        match.

    Examples
    --------
    >>> from autograd import Tensor, gradient
    >>> gradient(Tensor([1.0, 4.0, 9.0]))
    Tensor([3., 4., 5.], op=concatenate)
    """
    f = operand(f)
    axes = tuple(range(f.ndim)) if axis is None else resolve_axes(axis, f, "gradient")
    spacings = varargs or (1.0,)
    if len(spacings) == 1:
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise ShapeError(
            f"gradient: {len(varargs)} spacings for {len(axes)} axes of {label(f)}; "
            f"give one for each axis."
        )
    slopes = []
    for k, spacing in zip(axes, map(operand, spacings), strict=True):
        n = f.shape[k]
        if n <= edge_order or (spacing.ndim and spacing.shape != (n,)):
            raise ShapeError(
                f"gradient: axis {k} of {label(f)} with edge_order={edge_order} needs "
                f"at least {edge_order + 1} samples and as many coordinates."
            )
        spacing = spacing.astype(f.dtype)
        h = diff(spacing) if spacing.ndim else broadcast_to(spacing, (n - 1,))
        h = reshape(h, (-1, *(1,) * (f.ndim - k - 1)))
        h = broadcast_to(h, (*f.shape[:k], n - 1, *f.shape[k + 1 :]))
        slopes.append(_slopes(f, h, k, edge_order))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)
