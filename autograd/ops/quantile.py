"""Medians and quantiles: values by rank.

A quantile is a weighted mean of two neighbours in sorted order.  Its gradient goes to
these two; where several elements are equal, they share it evenly.
"""

from typing import Any

import numpy as np

from autograd.errors import NotDifferentiableError
from autograd.ops.reducing import AXES, kept, refuse_out
from autograd.ops.shape import stack
from autograd.primitive import composed, primitive
from autograd.tensor import Tensor

__all__ = ["median", "percentile", "quantile", "rank_weights"]


def _rows(x: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """Return the values with the reduced axes merged into a last one, and the order."""
    values = x.data if isinstance(x, Tensor) else np.asarray(x)
    axes = range(values.ndim) if axis is None else np.atleast_1d(axis) % values.ndim
    reduced = [int(k) for k in axes]
    front = [k for k in range(values.ndim) if k not in reduced]
    moved = np.transpose(values, (*front, *reduced))
    return moved.reshape(*moved.shape[: len(front)], -1), (*front, *reduced)


def _holders(rows: Any, ordered: Any, rank: int) -> Any:
    """Share 1 among the elements of each row that equal the one of a rank."""
    chosen = ordered[..., rank, None]
    missing = np.isnan(ordered[..., -1:])  # sorted last: with a NaN the result is NaN
    holds = np.where(missing, np.isnan(rows), rows == chosen)
    return holds / np.sum(holds, axis=-1, keepdims=True)


def rank_weights(x: Any, q: float, axis: Any = None) -> Any:
    """Return the derivative of a quantile with respect to every element.

    Parameters
    ----------
    x : Tensor
        Any shape.
    q : float
        Between 0 and 1.
    axis : int or tuple of int, optional
        The axes that the quantile reduces; by default all.

    Returns
    -------
    ndarray, shape of x
        Along the axes the weights add up to 1.  They are constant between ties, hence
        a plain array.

    Notes
    -----
    Formula: with n elements and the place p = q (n - 1) in sorted order, the neighbours
    have the weights 1 - (p - ⌊p⌋) and p - ⌊p⌋; equal elements share evenly.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import rank_weights
    >>> rank_weights(np.array([4.0, 1.0, 3.0, 2.0]), 0.5)
    array([0. , 0. , 0.5, 0.5])
    """
    rows, order = _rows(x, axis)
    n = rows.shape[-1]
    if not n:
        return np.zeros(x.shape, x.dtype)
    ordered = np.sort(rows, axis=-1)
    place = q * (n - 1)
    low = int(np.floor(place))
    high = min(low + 1, n - 1)
    weights = _holders(rows, ordered, low) * (1 - (place - low))
    weights = weights + _holders(rows, ordered, high) * (place - low)
    shape = [x.shape[k] for k in order]
    return np.transpose(weights.reshape(shape), np.argsort(order)).astype(x.dtype)


@primitive(
    symbol="quantile",
    latex=r"\operatorname{{quantile}}_{{{q}}} {0}",
    vjps=(
        lambda g, out, x, q, axis, keepdims: (
            kept(g, x, axis, keepdims) * rank_weights(x, q, axis)
        ),
    ),
    formulas=("G * rank_weights({0}, {q}, {axis})",),
    numpy=(),
    method=False,
    samples=[
        (AXES[0][0], 0.3),
        (AXES[0][0], {"q": 1.0, "axis": 1}),
        (AXES[3][0], {"q": 0.25, "axis": (0, -1), "keepdims": True}),
    ],
)
def _quantile(x: Any, q: float, axis: Any = None, keepdims: bool = False) -> Any:
    return np.quantile(x, q, axis=axis, keepdims=keepdims)


@composed(numpy=(np.quantile,))
def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """Return the value below which a fraction q of the elements lies.

    Parameters
    ----------
    a : Tensor
        Any shape.
    q : float or array of float
        Between 0 and 1; several give their results along new leading axes.  It is not
        differentiated.
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    out : None
        Not supported on tensors.
    overwrite_input : bool, default False
        NumPy's parameter; a tensor is never overwritten.
    method : "linear"
        Interpolation between the two neighbours, NumPy's default.
    keepdims : bool, default False
        Whether the reduced axes stay, with length 1.

    Raises
    ------
    NotDifferentiableError
        If ``q`` is a tensor that requires a gradient, or for another method.

    Notes
    -----
    Formula: with n elements and the place p = q (n - 1) in sorted order, the two
    neighbours receive 1 - (p - ⌊p⌋) and p - ⌊p⌋ of the gradient; equal elements share.

    Examples
    --------
    >>> from autograd import Tensor, quantile
    >>> x = Tensor([4.0, 1.0, 3.0, 2.0])
    >>> quantile(x, 0.5).backward()
    >>> x.grad
    array([0. , 0. , 0.5, 0.5])
    """
    refuse_out("quantile", out)
    if method != "linear":
        raise NotDifferentiableError(
            f"quantile: method={method!r} has no derivative rule. Use the default, "
            f'method="linear".'
        )
    q = _fractions("quantile", q)
    if not np.ndim(q):
        return _quantile(a, float(q), axis, keepdims)
    each = [_quantile(a, float(fraction), axis, keepdims) for fraction in np.ravel(q)]
    stacked = stack(each)
    return np.reshape(stacked, (*np.shape(q), *stacked.shape[1:]))


def _fractions(name: str, q: Any) -> Any:
    if isinstance(q, Tensor):
        if q.requires_grad:
            raise NotDifferentiableError(
                f"{name}: q is not differentiated. Write q.detach()."
            )
        q = q.data
    return q if isinstance(q, float | int) else np.asarray(q)


@composed(numpy=(np.percentile,))
def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """Return the value below which q percent of the elements lie.

    Parameters are those of `quantile`, with ``q`` between 0 and 100.

    Notes
    -----
    Formula: that of `quantile`.

    Examples
    --------
    >>> from autograd import Tensor, percentile
    >>> percentile(Tensor([4.0, 1.0, 3.0, 2.0]), 50).item()
    2.5
    """
    q = _fractions("percentile", q) / 100
    return quantile(a, q, axis, out, overwrite_input, method, keepdims)


@primitive(
    symbol="median",
    latex=r"\operatorname{{median}} {0}",
    vjps=(
        lambda g, out, x, axis, keepdims: (
            kept(g, x, axis, keepdims) * rank_weights(x, 0.5, axis)
        ),
    ),
    formulas=("G * rank_weights({0}, 0.5, {axis})",),
    numpy=(),
    method=False,
    samples=AXES,
)
def _median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.median(x, axis=axis, keepdims=keepdims)


@composed(numpy=(np.median,))
def median(
    a: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Any:
    """Return the middle value; the mean of the middle two for an even number.

    Parameters are those of `quantile`.

    Notes
    -----
    Formula: the middle element receives the gradient, the middle two receive half each;
    equal elements share.  PyTorch's median takes the lower of the middle two instead.

    Examples
    --------
    >>> from autograd import Tensor, median
    >>> x = Tensor([1.0, 2.0, 2.0, 3.0])
    >>> median(x).backward()
    >>> x.grad
    array([0. , 0.5, 0.5, 0. ])
    """
    refuse_out("median", out)
    return _median(a, axis, keepdims)
