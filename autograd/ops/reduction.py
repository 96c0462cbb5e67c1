"""Sums, means and products along axes.

``axis`` is None (all axes), an integer, or a tuple of integers; negative axes count
from the end.  With ``keepdims=True`` a reduced axis stays, with length 1.  ``dtype=``,
``where=`` and ``initial=`` mean what they mean in NumPy; ``out=`` is refused.
"""

import builtins
from typing import Any

import numpy as np

from autograd.ops.reducing import (
    AXES,
    converted,
    count,
    divided,
    kept,
    masked,
    refuse_out,
    remaining,
    spread,
)
from autograd.primitive import composed, primitive

__all__ = ["mean", "prod", "sum", "trace"]


@primitive(
    symbol="Σ",
    latex=r"\sum {0}",
    vjps=(lambda g, out, x, axis, keepdims: spread(g, x, axis, keepdims),),
    numpy=(),
    method=False,
    samples=AXES,
)
def _sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.sum(x, axis=axis, keepdims=keepdims)


@composed(numpy=(np.sum,))
def sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Add up the elements.

    Parameters
    ----------
    a : Tensor
        Any shape.
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    dtype : dtype, optional
        Convert to this dtype first.
    out : None
        Not supported on tensors.
    keepdims : bool, default False
        Whether the reduced axes stay, with length 1.
    initial : float or Tensor, optional
        The value to start from.
    where : array of bool, optional
        The elements to include; it broadcasts against ``a``.

    Notes
    -----
    Formula: every element receives the gradient of the sum it went into.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x.sum(axis=1)
    Tensor([3., 7.], op=sum)
    """
    refuse_out("sum", out)
    total = _sum(masked(converted(a, dtype), where, 0), axis, keepdims)
    return total if initial is None else total + initial


@primitive(
    symbol="mean",
    latex=r"\operatorname{{mean}} {0}",
    vjps=(
        lambda g, out, x, axis, keepdims: spread(
            g / builtins.max(count(x, axis), 1), x, axis, keepdims
        ),
    ),
    numpy=(),
    method=False,
    samples=AXES,
)
def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.mean(x, axis=axis, keepdims=keepdims)


@composed(numpy=(np.mean,))
def mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Any:
    """Return the arithmetic mean.

    Parameters are those of `sum`.

    Notes
    -----
    Formula: each of n elements receives 1/n of the gradient of its mean.  The mean of
    no elements is NaN, with NumPy's RuntimeWarning.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0, 6.0])
    >>> m = x.mean()
    >>> m.backward()
    >>> m, x.grad.round(4)
    (Tensor(3., op=mean), array([0.3333, 0.3333, 0.3333]))
    """
    refuse_out("mean", out)
    a = converted(a, dtype)
    if where is True:
        return _mean(a, axis, keepdims)
    total = _sum(masked(a, where, 0), axis, keepdims)
    return divided(total, remaining(a, where, axis, keepdims))


def _prod_rule(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    g = kept(g, x, axis, keepdims)
    if np.all(x != 0):
        return g * kept(out, x, axis, keepdims) / x
    # Division fails at a zero: multiply all the others, for each element in turn.
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % x.ndim
    reduced = sorted(int(k) for k in axes)
    front = [k for k in range(x.ndim) if k not in reduced]
    order = (*front, *reduced)
    moved = np.transpose(x, order)
    n = count(x, tuple(reduced))
    rows = np.reshape(moved, (*(x.shape[k] for k in front), 1, n))
    others = np.prod(np.where(np.eye(n, dtype=bool), 1.0, rows), axis=-1)
    back = np.transpose(np.reshape(others, moved.shape), np.argsort(order))
    return g * back


@primitive(
    symbol="Π",
    latex=r"\prod {0}",
    vjps=(_prod_rule,),
    formulas=("G * {out} / {0}",),
    numpy=(),
    method=False,
    samples=[
        *AXES,
        (np.array([2.0, 0.0, 3.0]),),
        (np.array([[0.0, 2.0], [0.0, 5.0]]), {"axis": 0}),
    ],
)
def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.prod(x, axis=axis, keepdims=keepdims)


@composed(numpy=(np.prod,))
def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Multiply the elements.

    Parameters are those of `sum`.

    Notes
    -----
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
    refuse_out("prod", out)
    product = _prod(masked(converted(a, dtype), where, 1), axis, keepdims)
    return product if initial is None else product * initial


def _trace_rule(g: Any, out: Any, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    rows, columns = axis1 % x.ndim, axis2 % x.ndim
    ones = np.eye(x.shape[rows], x.shape[columns], offset, dtype=x.dtype)
    if rows > columns:
        ones = ones.T
    shape = [n if k in (rows, columns) else 1 for k, n in enumerate(x.shape)]
    return np.expand_dims(g, (rows, columns)) * np.reshape(ones, shape)


@primitive(
    symbol="tr",
    latex=r"\operatorname{{tr}} {0}",
    vjps=(_trace_rule,),
    numpy=(),
    method=False,
    samples=[
        (AXES[0][0],),
        (AXES[0][0], {"offset": -1}),
        (AXES[3][0], {"axis1": -1, "axis2": 0, "offset": 1}),
    ],
)
def _trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.trace(x, offset, axis1, axis2)


@composed(numpy=(np.trace,))
def trace(
    a: Any,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,
    out: None = None,
) -> Any:
    """Add up the elements of a diagonal.

    Parameters
    ----------
    a : Tensor, shape (n, m), or more axes
        The matrices.
    offset : int, default 0
        Which diagonal; positive ones lie above the main diagonal.
    axis1, axis2 : int
        The axes of rows and of columns; they are missing from the result.
    dtype : dtype, optional
        Convert to this dtype first.
    out : None
        Not supported on tensors.

    Notes
    -----
    Formula: d tr(A) = tr(dA): the elements of the diagonal receive the gradient.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).trace()
    Tensor(5., op=trace)
    """
    refuse_out("trace", out)
    return _trace(converted(a, dtype), offset, axis1, axis2)
