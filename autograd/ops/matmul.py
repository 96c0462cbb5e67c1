"""Matrix products."""

import operator
from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = ["dot", "matmul"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.array([[1.1, -0.6], [0.8, 2.2], [1.3, -1.9]])
_V = np.array([0.5, -1.5, 2.0])
_BATCH = np.arange(12.0).reshape(2, 2, 3) % 5 - 1.7


def _matmul_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return np.expand_dims(g, -1) * b
    if a.ndim == 1:
        return np.reshape(b @ np.expand_dims(g, -1), b.shape[:-1])
    if b.ndim == 2:
        return g @ b.T
    return g @ np.swapaxes(b, -1, -2)


def _matmul_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1:
        return np.expand_dims(a, -1) * np.expand_dims(g, -2) if b.ndim > 1 else g * a
    if b.ndim == 1:
        rows = np.reshape(a, (-1, a.shape[-1]))
        return rows.T @ np.reshape(g, (-1,))
    if b.ndim == 2 and a.ndim > 2:  # fold the batch into the rows: one product
        return np.reshape(a, (-1, a.shape[-1])).T @ np.reshape(g, (-1, g.shape[-1]))
    if a.ndim == 2:
        return a.T @ g
    return np.swapaxes(a, -1, -2) @ g


@primitive(
    operator="matmul",
    symbol="@",
    latex="{0} {1}",
    vjps=(_matmul_left, _matmul_right),
    broadcasts=True,
    samples=[
        (_A, _B),
        (_A, _V),
        (_V, _B),
        (_V, _V + 1),
        (_BATCH, _B),
        (_BATCH, _V),
        (_A, np.swapaxes(_BATCH, 1, 2)),
        (_V, np.swapaxes(_BATCH, 1, 2)),
        (_BATCH[:1], np.swapaxes(_BATCH, 1, 2) + 0.5),
        (_BATCH, np.expand_dims(_B, 0)),
    ],
)
def matmul(a: Any, b: Any) -> Any:
    """Multiply matrices: ``a @ b``.

    Parameters
    ----------
    a : Tensor, shape (..., n, k) or (k,)
        The left factor; leading axes are a batch and broadcast.
    b : Tensor, shape (..., k, m) or (k,)
        The right factor.

    Returns
    -------
    Tensor, shape (..., n, m)
        A vector factor gives a result without its axis.

    Raises
    ------
    ShapeError
        If the inner sizes differ, or an operand is 0-d.

    Notes
    -----
    Formula: with C = A B, dL/dA = (dL/dC) Bᵀ and dL/dB = Aᵀ (dL/dC).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> W = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> (W @ np.array([1.0, 10.0])).sum().backward()
    >>> W.grad
    array([[ 1., 10.],
           [ 1., 10.]])
    """
    return operator.matmul(a, b)


def _rows(x: Any) -> Any:
    """Fold every axis but the last into rows."""
    return np.reshape(x, (-1, x.shape[-1]))


def _columns(b: Any) -> Any:
    """Fold every axis but the second last into columns."""
    if b.ndim == 1:
        return np.reshape(b, (-1, 1))
    order = (b.ndim - 2, *range(b.ndim - 2), b.ndim - 1)
    return np.reshape(np.transpose(b, order), (b.shape[-2], -1))


def _dot_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return np.sum(g * b) if a.ndim == 0 else g * b
    if a.ndim == b.ndim == 2:
        return g @ b.T
    columns = _columns(b)
    return np.reshape(np.reshape(g, (-1, columns.shape[1])) @ columns.T, a.shape)


def _dot_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return np.sum(g * a) if b.ndim == 0 else g * a
    if a.ndim == b.ndim == 2:
        return a.T @ g
    rows = _rows(a)
    folded = rows.T @ np.reshape(g, (rows.shape[0], -1))
    if b.ndim == 1:
        return np.reshape(folded, b.shape)
    unfolded = np.reshape(folded, (b.shape[-2], *b.shape[:-2], b.shape[-1]))
    return np.transpose(unfolded, (*range(1, b.ndim - 1), 0, b.ndim - 1))


@primitive(
    symbol="@",
    latex="{0} {1}",
    vjps=(_dot_left, _dot_right),
    samples=[
        (_A, _B),
        (_A, _V),
        (_V, _B),
        (_V, _V + 1),
        (_A, 2.5),
        (1.5, _B),
        (_BATCH, _B),
        (_BATCH, np.swapaxes(_BATCH, 1, 2)),
    ],
)
def dot(a: Any, b: Any) -> Any:
    """Return NumPy's dot product.

    Parameters
    ----------
    a : Tensor, shape (..., k) or ()
        The left factor.
    b : Tensor, shape (..., k, m), (k,) or ()
        The right factor.

    Returns
    -------
    Tensor
        For two matrices their product, for two vectors their inner product, with a 0-d
        factor the elementwise product; for more axes the sum over the last axis of
        ``a`` and the second last of ``b``, without broadcasting.

    Raises
    ------
    ShapeError
        If the summed sizes differ.

    Notes
    -----
    Formula: with C = A B, dL/dA = (dL/dC) Bᵀ and dL/dB = Aᵀ (dL/dC).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.dot(Tensor([1.0, 2.0]), np.array([3.0, 4.0]))
    Tensor(11., op=dot)
    """
    return np.dot(a, b)
