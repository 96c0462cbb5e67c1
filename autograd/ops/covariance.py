"""Covariance and correlation of variables."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import label, matrix_transpose, operand
from autograd.ops.diagonals import diagonal
from autograd.ops.joining import vstack
from autograd.ops.shape import squeeze
from autograd.primitive import composed

__all__ = ["corrcoef", "cov"]


@composed(numpy=(np.cov,), method=False)
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None
) -> Any:
    """Return the covariances of variables.

    Parameters
    ----------
    m : Tensor, shape (k, n) or (n,)
        n observations of k variables, one variable a row.
    y : Tensor, optional
        More variables, in the same form.
    rowvar : bool, default True
        If False, one variable is a column.
    bias : bool, default False
        Divide by n in place of n - 1.
    ddof : int, optional
        Divide by ``n - ddof``, whatever ``bias`` says.

    Returns
    -------
    Tensor, shape (k, k) or ()

    Raises
    ------
    ShapeError
        If there are more than two axes, or not enough observations.

    Examples
    --------
    >>> from autograd import Tensor, cov
    >>> cov(Tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]))
    Tensor([[1., 2.],
            [2., 4.]], op=divide)
    """
    x = _variables(operand(m), rowvar)
    if y is not None:
        x = vstack([x, _variables(operand(y), rowvar)])
    divisor = x.shape[1] - ((0 if bias else 1) if ddof is None else ddof)
    if divisor <= 0:
        raise ShapeError(
            f"cov: {x.shape[1]} observations leave {divisor} degrees of freedom; give "
            f"more of them, or bias=True."
        )
    centred = x - np.mean(x, axis=1, keepdims=True)
    products = centred @ matrix_transpose(centred) / float(divisor)
    return squeeze(products) if products.size == 1 else products


def _variables(x: Any, rowvar: bool) -> Any:
    """Return the variables as rows of a matrix."""
    if x.ndim > 2:
        raise ShapeError(f"cov: {label(x)} has more than two axes.")
    if x.ndim < 2:
        return np.reshape(x, (1, -1))
    return x if rowvar else matrix_transpose(x)


@composed(numpy=(np.corrcoef,), method=False)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """Return the correlation coefficients of variables.

    Parameters are those of `cov`.

    Examples
    --------
    >>> from autograd import Tensor, corrcoef
    >>> corrcoef(Tensor([1.0, 2.0, 3.0]), [1.0, 2.0, 6.0])[0, 1].data.round(6)
    np.float64(0.944911)
    """
    covariances = cov(x, y, rowvar)
    if not covariances.ndim:
        return covariances / covariances
    deviations = np.sqrt(diagonal(covariances))
    return covariances / deviations[:, None] / deviations[None, :]
