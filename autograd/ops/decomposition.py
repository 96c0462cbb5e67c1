"""Decompositions by eigenvalues and by singular values.

A decomposition has several results, and an operation has one.  So each is one *packed*
operation whose rows belong together: row k of the packed eigendecomposition is the k-th
eigenvalue followed by its eigenvector.  The public function takes it apart by indexing,
which puts the gradients of the parts together again.

Vectors are differentiable only as far as they are determined.  Their signs are not,
which no derivative notices.  Those of a repeated value are not either: where they are
used, the gradient is NaN and a warning says so.  The values alone are fine.

References
----------
M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation", 2008; J. Townsend, "Differentiating the singular value decomposition",
2016.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import NotDifferentiableError, ShapeError
from autograd.ops.axes import label, operand
from autograd.ops.factorization import onto_triangle
from autograd.ops.shape import swapaxes
from autograd.primitive import composed, primitive

__all__ = ["EighResult", "SVDResult", "eigh", "eigvalsh", "svd", "svdvals"]

_S = np.array([[2.0, -0.5, 0.3], [-0.5, 1.0, 0.4], [0.3, 0.4, 3.5]])
_TALL = np.array([[1.1, -0.6], [0.8, 2.2], [1.3, -1.9]])
_BATCH = np.stack([_S, np.array([[1.5, 0.2, -0.7], [0.2, 3.0, 0.1], [-0.7, 0.1, 2.2]])])


class EighResult(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Any
    eigenvectors: Any


class SVDResult(NamedTuple):
    """What `svd` returns."""

    U: Any
    S: Any
    Vh: Any


def _t(x: Any) -> Any:
    """Transpose each matrix."""
    return np.swapaxes(x, -1, -2)


def _quotients(numerators: Any, gaps: Any, used: Any, name: str) -> Any:
    """Divide by the gaps; NaN where a gap is 0 and the vectors beside it are used."""
    repeated = gaps == 0
    quotients = np.where(repeated, 0.0, numerators / np.where(repeated, 1.0, gaps))
    off_diagonal = ~np.eye(gaps.shape[-1], dtype=bool)
    undefined = repeated & off_diagonal & (used[..., :, None] | used[..., None, :])
    if np.any(undefined):
        warnings.warn(
            f"{name}: a value is repeated, so its vectors are not determined and have "
            f"no derivative; the gradient is NaN. Use the values alone, or a matrix "
            f"without repeated values.",
            RuntimeWarning,
            stacklevel=2,
        )
        quotients = np.where(undefined, np.nan, quotients)
    return quotients


def _eigh_rule(g: Any, out: Any, x: Any, lower: bool) -> Any:
    values, V = out[..., 0], _t(out[..., 1:])
    g_values, g_V = g[..., 0], _t(g[..., 1:])
    used = np.any(g_V != 0, axis=-2)
    gaps = values[..., None, :] - values[..., :, None]
    inner = _quotients(_t(V) @ g_V, gaps, used, "eigh")
    inner = inner + np.expand_dims(g_values, -1) * np.eye(x.shape[-1], dtype=x.dtype)
    return onto_triangle(V @ inner @ _t(V), lower)


@primitive(
    symbol="eigh",
    latex=r"\operatorname{{eigh}}({0})",
    vjps=(_eigh_rule,),
    numpy=(),
    method=False,
    samples=[(_S, True), (_BATCH, False)],
)
def _eigh(x: Any, lower: bool) -> Any:
    values, vectors = np.linalg.eigh(x, "L" if lower else "U")
    return np.concatenate([values[..., None], _t(vectors)], axis=-1)


@composed(numpy=(np.linalg.eigh,), method=False)
def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Return the eigenvalues and eigenvectors of a symmetric matrix.

    Parameters
    ----------
    a : Tensor, shape (..., n, n)
        Symmetric; only one triangle is read.
    UPLO : {"L", "U"}, default "L"
        Which triangle.

    Returns
    -------
    eigenvalues : Tensor, shape (..., n)
        In ascending order.
    eigenvectors : Tensor, shape (..., n, n)
        Column k belongs to eigenvalue k.

    Warns
    -----
    RuntimeWarning
        In the backward pass, if eigenvectors of a repeated eigenvalue were used: they
        are not determined, and the gradient is NaN.

    Notes
    -----
    Formula: with a = V diag(w) Vᵀ, the gradient is V (diag(dL/dw) + F ∘ (Vᵀ dL/dV)) Vᵀ
    where F_ij = 1 / (w_j - w_i) off the diagonal and 0 on it.  As only one triangle is
    read, an element off the diagonal receives the sum of both places there.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> S = Tensor([[2.0, 0.0], [0.0, 5.0]])
    >>> np.linalg.eigh(S).eigenvalues[1].backward()
    >>> S.grad
    array([[0., 0.],
           [0., 1.]])
    """
    if UPLO.upper() not in ("L", "U"):
        raise ValueError(f'eigh: UPLO must be "L" or "U", got {UPLO!r}.')
    packed = _eigh(operand(a), UPLO.upper() == "L")
    return EighResult(packed[..., 0], swapaxes(packed[..., 1:], -1, -2))


@composed(numpy=(np.linalg.eigvalsh,), method=False)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Return the eigenvalues of a symmetric matrix, in ascending order.

    Parameters are those of `eigh`.  Repeated eigenvalues are fine here.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.eigvalsh(Tensor([[2.0, 0.0], [0.0, 5.0]]))
    Tensor([2., 5.], op=getitem)
    """
    return eigh(a, UPLO).eigenvalues


def _svd_rule(g: Any, out: Any, x: Any) -> Any:
    m, n = x.shape[-2:]
    Ut, s, Vt = out[..., :m], out[..., m], out[..., m + 1 :]
    g_Ut, g_s, g_Vt = g[..., :m], g[..., m], g[..., m + 1 :]
    U = _t(Ut)
    used = np.any(g_Ut != 0, axis=-1) | np.any(g_Vt != 0, axis=-1)
    rows, columns = np.expand_dims(s, -1), np.expand_dims(s, -2)
    gaps = (columns - rows) * (columns + rows)
    turned_U, turned_V = Ut @ _t(g_Ut), Vt @ _t(g_Vt)
    left = _quotients(turned_U - _t(turned_U), gaps, used, "svd")
    right = _quotients(turned_V - _t(turned_V), gaps, used, "svd")
    inner = left * columns + rows * right
    inner = inner + np.expand_dims(g_s, -1) * np.eye(min(m, n), dtype=x.dtype)
    total = U @ inner @ Vt
    if m > n and np.any(g_Ut != 0):  # what leaves the space that the columns span
        total = total + (_t(g_Ut) - U @ turned_U) / columns @ Vt
    if n > m and np.any(g_Vt != 0):
        total = total + U @ ((g_Vt - _t(turned_V) @ Vt) / rows)
    return total


@primitive(
    symbol="svd",
    latex=r"\operatorname{{svd}}({0})",
    vjps=(_svd_rule,),
    numpy=(),
    method=False,
    samples=[(_TALL,), (_TALL.T,), (_S + np.tri(3),), (_BATCH[:, :2],)],
)
def _svd(x: Any) -> Any:
    U, s, Vt = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([_t(U), s[..., None], Vt], axis=-1)


@composed(numpy=(np.linalg.svd,), method=False)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """Return the singular value decomposition: a = U diag(S) Vh.

    Parameters
    ----------
    a : Tensor, shape (..., m, n)
        Any matrix; k is the smaller of m and n.
    full_matrices : bool, default True
        Must be False unless m equals n: the additional vectors are not determined by
        ``a`` and have no derivative.
    compute_uv : bool, default True
        If False, return S alone.
    hermitian : bool, default False
        Must be False; for a symmetric matrix use `eigh`.

    Returns
    -------
    U : Tensor, shape (..., m, k)
        Its columns are the left singular vectors.
    S : Tensor, shape (..., k)
        The singular values, in descending order.
    Vh : Tensor, shape (..., k, n)
        Its rows are the right singular vectors.

    Raises
    ------
    NotDifferentiableError
        For ``full_matrices=True`` if a is not square, and for ``hermitian=True``.

    Warns
    -----
    RuntimeWarning
        In the backward pass, if vectors of a repeated singular value were used: they
        are not determined, and the gradient is NaN.

    Notes
    -----
    Formula: the gradient of S alone is U diag(dL/dS) Vh; Townsend (2016) derives the
    terms of U and V.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> A = Tensor([[0.0, 2.0], [3.0, 0.0]])
    >>> np.linalg.svd(A).S
    Tensor([3., 2.], op=getitem)
    """
    a = operand(a)
    if a.ndim < 2:
        raise ShapeError(f"svd: {label(a)} needs at least two axes.")
    if hermitian:
        raise NotDifferentiableError("svd: hermitian=True is not supported. Use eigh.")
    if compute_uv and full_matrices and a.shape[-1:] != a.shape[-2:-1]:
        raise NotDifferentiableError(
            f"svd: full_matrices=True has no derivative for {label(a)}, which is not "
            f"square: the additional vectors are not determined. "
            f"Write full_matrices=False."
        )
    packed, m = _svd(a), a.shape[-2]
    if not compute_uv:
        return packed[..., m]
    U, S, Vh = packed[..., :m], packed[..., m], packed[..., m + 1 :]
    return SVDResult(swapaxes(U, -1, -2), S, Vh)


@composed(numpy=(np.linalg.svdvals,), method=False)
def svdvals(x: Any, /) -> Any:
    """Return the singular values, in descending order; repeated ones are fine here.

    Examples
    --------
    >>> from autograd import Tensor, linalg
    >>> linalg.svdvals(Tensor([[0.0, 2.0], [3.0, 0.0]]))
    Tensor([3., 2.], op=getitem)
    """
    return svd(x, compute_uv=False)
