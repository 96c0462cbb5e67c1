"""Factorizations into triangular matrices: Cholesky and QR.

References
----------
I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527; H.-J. Liao
and others, "Differentiable programming tensor networks", Phys. Rev. X 9, 2019 (for QR).
"""

from typing import Any, NamedTuple

import numpy as np

from autograd.errors import NotDifferentiableError, ShapeError
from autograd.ops.axes import label, operand
from autograd.ops.shape import swapaxes
from autograd.primitive import composed, primitive

__all__ = ["QRResult", "cholesky", "qr"]

_S = np.array([[2.0, -0.5, 0.3], [-0.5, 1.0, 0.4], [0.3, 0.4, 3.5]])
_TALL = np.array([[1.1, -0.6], [0.8, 2.2], [1.3, -1.9]])
_BATCH = np.stack([_S, np.array([[1.5, 0.2, -0.7], [0.2, 3.0, 0.1], [-0.7, 0.1, 2.2]])])


class QRResult(NamedTuple):
    """What `qr` returns."""

    Q: Any
    R: Any


def _t(x: Any) -> Any:
    """Transpose each matrix."""
    return np.swapaxes(x, -1, -2)


def onto_triangle(S: Any, lower: bool) -> Any:
    """Collect the gradient of a symmetric matrix on the triangle that is read.

    NumPy reads one triangle of a symmetric matrix, so an element off the diagonal
    stands for two places and receives the sum of both gradients; the other triangle
    receives 0.
    """
    triangle = np.tril if lower else np.triu
    return triangle(S) + triangle(_t(S), -1 if lower else 1)


def _cholesky_rule(g: Any, L: Any, x: Any) -> Any:
    P = np.tril(_t(L) @ g)
    P = P - 0.5 * P * np.eye(x.shape[-1], dtype=x.dtype)  # the diagonal is counted half
    S = np.linalg.solve(_t(L), _t(np.linalg.solve(_t(L), _t(P))))
    return onto_triangle(S, lower=True)


@primitive(
    symbol="chol",
    latex=r"\operatorname{{chol}}({0})",
    vjps=(_cholesky_rule,),
    numpy=(),
    method=False,
    samples=[(_S,), (_BATCH,)],
)
def _cholesky(x: Any) -> Any:
    try:
        return np.linalg.cholesky(x)
    except np.linalg.LinAlgError as error:
        raise np.linalg.LinAlgError(_not_positive_definite(x) or str(error)) from error


def _not_positive_definite(x: Any) -> str:
    """Name the first matrix, and its first leading minor, that is not positive."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        return ""
    for index in np.ndindex(x.shape[:-2]):
        matrix = np.tril(x[index]) + np.tril(x[index], -1).T
        for order in range(1, len(matrix) + 1):
            if not np.all(np.linalg.eigvalsh(matrix[:order, :order]) > 0):
                which = f"matrix {index} of the batch" if index else "the matrix"
                return (
                    f"{which} is not positive definite: its leading minor of order "
                    f"{order} is not positive"
                )
    return ""


@composed(numpy=(np.linalg.cholesky,), method=False)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """Factor a positive definite matrix: a = L Lᵀ with L lower triangular.

    Parameters
    ----------
    a : Tensor, shape (..., n, n)
        Symmetric and positive definite; only its lower triangle is read.
    upper : bool, default False
        Return U = Lᵀ of a = Uᵀ U, reading only the upper triangle.

    Raises
    ------
    LinAlgError
        If a matrix is not positive definite; the message names the leading minor.

    Notes
    -----
    Formula: S = L⁻ᵀ Φ(Lᵀ dL/dL) L⁻¹, where Φ takes the lower triangle and half of the
    diagonal; the lower triangle of S + Sᵀ is the gradient, with the diagonal of S.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.cholesky(Tensor([[4.0, 2.0], [2.0, 2.0]]))
    Tensor([[2., 0.],
            [1., 1.]], op=cholesky)
    """
    a = operand(a)
    return swapaxes(_cholesky(swapaxes(a, -1, -2)), -1, -2) if upper else _cholesky(a)


def _qr_rule(g: Any, out: Any, x: Any) -> Any:
    m, n = x.shape[-2:]
    k = min(m, n)
    Q, R = _t(out[..., :m]), out[..., m : m + k]
    g_Q, g_R = _t(g[..., :m]), g[..., m:]
    if n > m:  # the columns beyond the square block are Q times theirs of R
        g_Q = g_Q + x[..., k:] @ _t(g_R[..., k:])
    M = R @ _t(g_R[..., :k]) - _t(g_Q) @ Q
    symmetric = np.tril(M) + _t(np.tril(M, -1))
    square = _t(np.linalg.solve(R, _t(g_Q + Q @ symmetric)))
    if n <= m:
        return square
    return np.concatenate([square, Q @ g_R[..., k:]], axis=-1)


@primitive(
    symbol="qr",
    latex=r"\operatorname{{qr}}({0})",
    vjps=(_qr_rule,),
    numpy=(),
    method=False,
    samples=[(_TALL,), (_TALL.T,), (_S,), (_BATCH,)],
)
def _qr(x: Any) -> Any:
    Q, R = np.linalg.qr(x)
    return np.concatenate([_t(Q), R], axis=-1)


@composed(numpy=(np.linalg.qr,), method=False)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Factor a matrix: a = Q R, with orthonormal columns in Q and R upper triangular.

    Parameters
    ----------
    a : Tensor, shape (..., m, n)
        Its first k columns must be independent, where k is the smaller of m and n.
    mode : {"reduced", "r", "complete"}, default "reduced"
        "r" returns R alone.  "complete" needs m <= n, where it is "reduced".

    Returns
    -------
    Q : Tensor, shape (..., m, k)
    R : Tensor, shape (..., k, n)

    Raises
    ------
    NotDifferentiableError
        For other modes, and for "complete" with m > n, whose additional columns are not
        determined.
    LinAlgError
        In the backward pass, if the first k columns are dependent.

    Notes
    -----
    Formula: with M = R (dL/dR)ᵀ - (dL/dQ)ᵀ Q, the gradient is (dL/dQ + Q sym(M)) R⁻ᵀ,
    where sym mirrors the lower triangle to the upper one.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> Q, R = np.linalg.qr(Tensor([[3.0, 1.0], [4.0, 2.0]]))
    >>> R.data.round(4)
    array([[-5. , -2.2],
           [ 0. ,  0.4]])
    """
    a = operand(a)
    if a.ndim < 2:
        raise ShapeError(f"qr: {label(a)} needs at least two axes.")
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise NotDifferentiableError(
            f"qr: mode={mode!r} has no derivative for {label(a)}. Use mode='reduced'."
        )
    packed = _qr(a)
    if mode == "r":
        return packed[..., m:]
    return QRResult(swapaxes(packed[..., :m], -1, -2), packed[..., m:])
