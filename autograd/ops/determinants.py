"""Determinants, which have derivatives at singular matrices too."""

from typing import Any, NamedTuple

import numpy as np

from autograd.ops.axes import operand
from autograd.primitive import composed, primitive

__all__ = ["SlogdetResult", "det", "slogdet"]

_S = np.array([[2.0, -0.5, 0.3], [0.7, 1.0, 0.4], [-0.3, 0.9, 1.5]])
_SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.5, -1.0, 2.0]])
_BATCH = np.stack([_S, _S.T + 0.3 * np.eye(3)])


class SlogdetResult(NamedTuple):
    """What `slogdet` returns."""

    sign: Any
    logabsdet: Any


def _t(x: Any) -> Any:
    """Transpose each matrix."""
    return np.swapaxes(x, -1, -2)


def _as_matrix(y: Any) -> Any:
    """Give a number for each matrix the axes of a matrix."""
    return np.expand_dims(y, (-2, -1))


def _products_of_others(s: Any) -> Any:
    """Return, for each element along the last axis, the product of all the others."""
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], axis=-1), axis=-1)
    backwards = np.concatenate([ones, np.flip(s, -1)[..., :-1]], axis=-1)
    return before * np.flip(np.cumprod(backwards, axis=-1), -1)


def _svd_with_sign(x: Any) -> tuple[Any, Any, Any, Any]:
    """Return U, s, Vh and the sign by which det x differs from the product of s."""
    U, s, Vh = np.linalg.svd(x)
    return U, s, Vh, np.sign(np.linalg.det(U) * np.linalg.det(Vh))


def _cofactor_rule(g: Any, out: Any, x: Any) -> Any:
    """Differentiate the cofactors at the diagonal matrix of singular values.

    There ∂²det / ∂A_ii ∂A_kk is the product P_ik of the other values, and
    ∂²det / ∂A_ik ∂A_ki is -P_ik; all other second derivatives vanish.
    """
    U, s, Vh, sign = _svd_with_sign(x)
    diagonal = np.eye(x.shape[-1], dtype=bool)
    P = _products_of_others(np.where(diagonal, 1.0, np.expand_dims(s, -2)))
    P = np.where(diagonal, 0.0, P)
    E = _t(U) @ g @ _t(Vh)
    on_diagonal = P @ np.expand_dims(np.diagonal(E, axis1=-2, axis2=-1), -1)
    inner = np.where(diagonal, on_diagonal, -P * _t(E))
    return _as_matrix(sign) * (U @ inner @ Vh)


@primitive(
    symbol="cof",
    latex=r"\operatorname{{cof}}({0})",
    vjps=(_cofactor_rule,),
    numpy=(),
    method=False,
    samples=[(_S,), (_SINGULAR,), (_BATCH,)],
)
def _cofactor(x: Any) -> Any:
    """Return the cofactors: det(x) x⁻ᵀ, but they exist for a singular x too."""
    U, s, Vh, sign = _svd_with_sign(x)
    others = _products_of_others(s)
    return _as_matrix(sign) * ((U * others[..., None, :]) @ Vh)


@primitive(
    latex=r"\det {0}",
    vjps=(lambda g, out, a: _as_matrix(g) * _cofactor(a),),
    formulas=(
        "np.expand_dims(G * {out}, (-2, -1)) * np.swapaxes(np.linalg.inv({0}), -1, -2)",
    ),
    numpy=(np.linalg.det,),
    samples=[(_S,), (_BATCH,), (np.array([[-1.7]]),)],
)
def det(a: Any) -> Any:
    """Return the determinant.

    Parameters
    ----------
    a : Tensor, shape (..., n, n)
        One matrix or a batch.

    Returns
    -------
    Tensor, shape (...)

    Notes
    -----
    Formula: d det(A) = Σ C_ij dA_ij with the cofactors C, which are det(A) A⁻ᵀ where A
    has an inverse.  They are computed from the singular values, and so are right for
    singular matrices as well, to the second order too.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> A = Tensor([[1.0, 2.0], [2.0, 4.0]])
    >>> np.linalg.det(A).backward()
    >>> A.grad.round(12)
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return np.linalg.det(a)


@primitive(
    symbol="slogdet",
    latex=r"\log \lvert \det {0} \rvert",
    vjps=(lambda g, out, x: _as_matrix(g[..., 1]) * _t(np.linalg.inv(x)),),
    numpy=(),
    method=False,
    samples=[(_S,), (-_BATCH,)],
)
def _slogdet(x: Any) -> Any:
    return np.stack(np.linalg.slogdet(x), axis=-1)


@composed(numpy=(np.linalg.slogdet,), method=False)
def slogdet(a: Any) -> SlogdetResult:
    """Return the sign and the logarithm of the absolute value of the determinant.

    Parameters
    ----------
    a : Tensor, shape (..., n, n)
        One matrix or a batch.

    Returns
    -------
    sign : Tensor, shape (...)
        -1, 0 or 1; its derivative is 0.
    logabsdet : Tensor, shape (...)
        It does not overflow where the determinant would.

    Raises
    ------
    LinAlgError
        In the backward pass, if a is singular: the logarithm of 0 has no derivative.

    Notes
    -----
    Formula: d log |det A| = Σ (A⁻ᵀ)_ij dA_ij.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> sign, logabsdet = np.linalg.slogdet(Tensor([[0.0, 1.0], [1.0, 0.0]]))
    >>> sign, logabsdet
    (Tensor(-1., op=getitem), Tensor(0., op=getitem))
    """
    packed = _slogdet(operand(a))
    return SlogdetResult(packed[..., 0], packed[..., 1])
