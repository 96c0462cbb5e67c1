"""Diagonals and triangles of matrices."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import label, moveaxis, operand, resolve_axes
from autograd.ops.indexing import scatter_add
from autograd.ops.shape import ravel
from autograd.primitive import composed

__all__ = ["diag", "diagflat", "diagonal", "tril", "triu"]


def _triangle(m: Any, k: int, name: str) -> Any:
    """Return True on and below the k-th diagonal; a vector stands for a square."""
    if not m.ndim:
        raise ShapeError(f"{name}: {label(m)} is a number; it has no axes.")
    rows, columns = (m.shape * 2)[-2:]
    return np.tri(rows, columns, k, dtype=bool)


@composed(numpy=(np.tril,))
def tril(m: Any, k: int = 0) -> Any:
    """Return the lower triangle of each matrix, with zeros above its k-th diagonal.

    Parameters
    ----------
    m : Tensor, shape (..., n, m)
        A matrix or a batch; a vector is repeated as the rows of a square one.
    k : int, default 0
        0 is the main diagonal, positive numbers are above it.

    Examples
    --------
    >>> from autograd import Tensor, tril
    >>> tril(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 0.],
            [3., 4.]], op=where)
    """
    m = operand(m)
    return np.where(_triangle(m, k, "tril"), m, 0.0)


@composed(numpy=(np.triu,))
def triu(m: Any, k: int = 0) -> Any:
    """Return the upper triangle of each matrix, with zeros below its k-th diagonal.

    Parameters are those of `tril`.

    Examples
    --------
    >>> from autograd import Tensor, triu
    >>> triu(Tensor([[1.0, 2.0], [3.0, 4.0]]), 1)
    Tensor([[0., 2.],
            [0., 0.]], op=where)
    """
    m = operand(m)
    return np.where(_triangle(m, k - 1, "triu"), 0.0, m)


def _places(rows: int, columns: int, offset: int) -> tuple[Any, Any]:
    """Return the row and column numbers of a diagonal."""
    first_row, first_column = max(-offset, 0), max(offset, 0)
    length = max(min(rows - first_row, columns - first_column), 0)
    return first_row + np.arange(length), first_column + np.arange(length)


@composed(numpy=(np.diagonal,))
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the diagonals of the matrices that two axes form, as the last axis.

    Parameters
    ----------
    a : Tensor
        At least two axes.
    offset : int, default 0
        Positive numbers are above the main diagonal.
    axis1, axis2 : int, default 0 and 1
        The axes of rows and of columns.

    Raises
    ------
    AxisError
        If an axis does not exist, or both are the same.

    Examples
    --------
    >>> from autograd import Tensor, diagonal
    >>> diagonal(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 4.], op=getitem)
    """
    a = operand(a)
    rows, columns = resolve_axes((axis1, axis2), a, "diagonal")
    moved = (
        a
        if (rows, columns) == (a.ndim - 2, a.ndim - 1)
        else moveaxis(a, (rows, columns), (-2, -1))
    )
    return moved[(..., *_places(moved.shape[-2], moved.shape[-1], offset))]


@composed(numpy=(np.diag,), method=False)
def diag(v: Any, k: int = 0) -> Any:
    """Return the k-th diagonal of a matrix, or the matrix that has a vector there.

    Raises
    ------
    ShapeError
        If there are neither one nor two axes.

    Examples
    --------
    >>> from autograd import Tensor, diag
    >>> diag(Tensor([1.0, 2.0]))
    Tensor([[1., 0.],
            [0., 2.]], op=scatter_add)
    """
    v = operand(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(f"diag: {label(v)} is neither a vector nor a matrix.")
    n = len(v) + abs(k)
    return scatter_add(v, _places(n, n, k), (n, n))


@composed(numpy=(np.diagflat,), method=False)
def diagflat(v: Any, k: int = 0) -> Any:
    """Return the matrix with the raveled array as its k-th diagonal.

    Examples
    --------
    >>> from autograd import Tensor, diagflat
    >>> diagflat(Tensor([[1.0], [2.0]])).shape
    (2, 2)
    """
    return diag(ravel(operand(v)), k)
