"""Linear systems: inverses and solutions."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import label, operand
from autograd.ops.shape import reshape, transpose
from autograd.primitive import composed, primitive

__all__ = ["inv", "pinv", "solve", "tensorinv", "tensorsolve"]

_S = np.array([[2.0, -0.5, 0.3], [0.7, 1.0, 0.4], [-0.3, 0.9, 1.5]])
_B = np.array([[1.1, -0.6], [0.8, 2.2], [1.3, -1.9]])
_BATCH = np.stack([_S, _S.T + 0.3 * np.eye(3)])


def _t(x: Any) -> Any:
    """Transpose each matrix."""
    return np.swapaxes(x, -1, -2)


def _which_is_singular(a: Any, error: Exception) -> str:
    """Say which matrix of a batch has no inverse; NumPy's words if that is not why."""
    if str(error) != "Singular matrix":
        return str(error)
    for index in np.ndindex(a.shape[:-2]):
        try:
            np.linalg.inv(a[index])
        except np.linalg.LinAlgError:
            return (
                f"matrix {index} of the batch is singular"
                if index
                else "the matrix is singular"
            )
    return str(error)


@primitive(
    symbol="⁻¹",
    latex="{0}^{{-1}}",
    vjps=(lambda g, out, a: -_t(out) @ g @ _t(out),),
    numpy=(np.linalg.inv,),
    samples=[(_S,), (_BATCH,)],
)
def inv(a: Any) -> Any:
    """Invert a square matrix.

    Parameters
    ----------
    a : Tensor, shape (..., n, n)
        One matrix or a batch.

    Raises
    ------
    LinAlgError
        If a matrix is singular; the message says which of the batch.

    Notes
    -----
    Formula: with B = A⁻¹, dL/dA = -Bᵀ (dL/dB) Bᵀ.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.inv(Tensor([[2.0, 0.0], [0.0, 4.0]]))
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]], op=inv)
    """
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError as error:
        raise np.linalg.LinAlgError(_which_is_singular(a, error)) from error


def _solve_matrix(g: Any, out: Any, a: Any, b: Any) -> Any:
    g_b = _solve_right(g, out, a, b)
    if b.ndim == 1:
        return -np.expand_dims(g_b, -1) * np.expand_dims(out, -2)
    return -g_b @ _t(out)


def _solve_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return np.squeeze(np.linalg.solve(_t(a), np.expand_dims(g, -1)), -1)
    return np.linalg.solve(_t(a), g)


@primitive(
    latex=r"{0}^{{-1}} {1}",
    vjps=(_solve_matrix, _solve_right),
    broadcasts=True,
    numpy=(np.linalg.solve,),
    samples=[(_S, _B), (_S, _B[:, 0]), (_BATCH, _B), (_S, _BATCH), (_BATCH, _B[:, 0])],
)
def solve(a: Any, b: Any) -> Any:
    """Solve the linear system a x = b.

    Parameters
    ----------
    a : Tensor, shape (..., n, n)
        The matrix.
    b : Tensor, shape (n,) or (..., n, k)
        The right-hand side: one vector, or k of them as columns.

    Returns
    -------
    Tensor, shape (..., n) or (..., n, k)

    Raises
    ------
    LinAlgError
        If a matrix is singular; the message says which of the batch.

    Notes
    -----
    Formula: dL/db = a⁻ᵀ dL/dx and dL/da = -(dL/db) xᵀ.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.solve(Tensor([[2.0, 0.0], [0.0, 4.0]]), np.array([1.0, 1.0]))
    Tensor([0.5 , 0.25], op=solve)
    """
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError as error:
        raise np.linalg.LinAlgError(_which_is_singular(a, error)) from error


def _pinv_rule(g: Any, P: Any, a: Any, rcond: Any) -> Any:
    rows = np.eye(a.shape[-2], dtype=a.dtype) - a @ P
    columns = np.eye(a.shape[-1], dtype=a.dtype) - P @ a
    Pt, gt = _t(P), _t(g)
    return -Pt @ g @ Pt + rows @ gt @ P @ Pt + Pt @ P @ gt @ columns


@primitive(
    symbol="⁺",
    latex="{0}^+",
    vjps=(_pinv_rule,),
    numpy=(),
    method=False,
    samples=[(_B, None), (_B.T, None), (_S, None)],
)
def _pinv(a: Any, rcond: Any) -> Any:
    return np.linalg.pinv(a, rcond)


@composed(numpy=(np.linalg.pinv,), method=False)
def pinv(a: Any, rcond: Any = None) -> Any:
    """Return the pseudo-inverse: ``pinv(a) @ b`` solves a x = b by least squares.

    It is the one of Moore and Penrose.

    Parameters
    ----------
    a : Tensor, shape (..., m, n)
        Its rank must not change nearby, or there is no derivative: a matrix of full
        rank is safe.
    rcond : float, optional
        Singular values smaller than this times the largest count as 0.

    Returns
    -------
    Tensor, shape (..., n, m)

    Notes
    -----
    Formula: dP = -P da P + P Pᵀ daᵀ (1 - a P) + (1 - P a) daᵀ Pᵀ P.

    References
    ----------
    G. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least
    squares problems whose variables separate", SIAM J. Numer. Anal. 10, 1973.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.pinv(Tensor([[2.0], [0.0]])).data.round(6)
    array([[0.5, 0. ]])
    """
    return _pinv(operand(a), rcond)


@composed(numpy=(np.linalg.tensorsolve,), method=False)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Solve a x = b where the product sums over all axes of x.

    Parameters
    ----------
    a : Tensor, shape (*b.shape, *x.shape)
        With as many elements in the two parts.
    b : Tensor
        The right-hand side.
    axes : tuple of int, optional
        Axes of ``a`` to move to the end first.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> a = np.reshape(Tensor(2 * np.eye(4)), (4, 2, 2))
    >>> np.linalg.tensorsolve(a, np.ones(4)).shape
    (2, 2)
    """
    a, b = operand(a), operand(b)
    if axes is not None:
        moved = [k % a.ndim for k in axes]
        a = transpose(a, [k for k in range(a.ndim) if k not in moved] + moved)
    shape = a.shape[b.ndim :]
    n = int(np.prod(shape))
    if a.size != n * n or b.size != n:
        raise ShapeError(f"tensorsolve: {label(a)} is not square against {label(b)}.")
    return reshape(solve(reshape(a, (n, n)), reshape(b, (n,))), shape)


@composed(numpy=(np.linalg.tensorinv,), method=False)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """Return the inverse of `tensordot`: ``tensordot(tensorinv(a), a)`` is an identity.

    Parameters
    ----------
    a : Tensor
        Its first ``ind`` axes have as many elements as the others.
    ind : int, default 2
        How many axes belong to the first part.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.tensorinv(np.reshape(Tensor(np.eye(4)), (2, 2, 4))).shape
    (4, 2, 2)
    """
    a = operand(a)
    n = int(np.prod(a.shape[:ind]))
    if ind <= 0 or a.size != n * n:
        raise ShapeError(f"tensorinv: {label(a)} is not square at ind={ind}.")
    return reshape(inv(reshape(a, (n, n))), a.shape[ind:] + a.shape[:ind])
