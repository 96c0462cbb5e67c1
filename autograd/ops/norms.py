"""Lengths of vectors and sizes of matrices."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import label, moveaxis, operand, resolve_axes
from autograd.ops.decomposition import svdvals
from autograd.ops.shape import expand_dims
from autograd.ops.systems import inv
from autograd.primitive import composed, primitive

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])


def _with_axes(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Put the summed axes back with length 1."""
    if keepdims:
        return y
    return np.expand_dims(y, tuple(range(x.ndim)) if axis is None else axis)


def _norm_rule(g: Any, out: Any, x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    g, length = (_with_axes(y, x, axis, keepdims) for y in (g, out))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = x / length
        power = ratio if ord == 2 else np.sign(x) * np.abs(ratio) ** (ord - 1)
        slope = g * power
        # At the zero vector, and for ord < 1 at a zero element, the subgradient of
        # least norm is 0.  The second derivative does not exist there; it becomes NaN
        # in the branch that is not taken.
        flat = (length == 0) | ((x == 0) & (ord < 1))
        return np.where(flat, 0.0, slope) if np.any(flat) else slope


@primitive(
    symbol="norm",
    latex=r"\lVert {0} \rVert",
    vjps=(_norm_rule,),
    formulas=("G * np.sign({0}) * np.abs({0} / {out}) ** ({ord} - 1)",),
    numpy=(),
    method=False,
    samples=[
        (_A, 2, None, False),
        (_A, 2, -1, True),
        (_A, 2, (0, 1), False),
        (_A, 3, 0, False),
        (_A, 1.5, 1, True),
    ],
)
def _norm(x: Any, ord: float, axis: Any, keepdims: bool) -> Any:
    """Return (Σ |x|^ord)^(1/ord), scaled where a power over- or underflows."""
    with np.errstate(over="ignore", under="ignore"):
        length = np.linalg.norm(x, None if ord == 2 else ord, axis, keepdims)
    tiny = np.sqrt(np.finfo(x.dtype).tiny)
    if x.size and not np.all((length > tiny) & np.isfinite(length)):
        largest = np.max(np.abs(x), axis=axis, keepdims=True)
        scale = np.where((largest > 0) & np.isfinite(largest), largest, 1)
        scaled = np.linalg.norm(x / scale, None if ord == 2 else ord, axis, True)
        length = np.reshape(scaled * scale, np.shape(length))
    return length


@composed(numpy=(np.linalg.norm,))
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the norm of a vector or of a matrix.

    Parameters
    ----------
    x : Tensor
        Any shape; with ``ord`` and without ``axis`` a vector or a matrix.
    ord : {None, 'fro', 'nuc', inf, -inf} or float, optional
        For vectors the exponent p of (Σ |x|^p)^(1/p); inf and -inf are the largest and
        the smallest absolute value, 0 counts the elements that are not zero.  For
        matrices 1 and inf are the largest sums of a column and of a row, 2 is the
        largest singular value, 'nuc' the sum of the singular values, 'fro' the root of
        the sum of squares; -1, -inf and -2 are the smallest.  None is 2 for a vector,
        'fro' for a matrix, and the root of the sum of squares for any shape.
    axis : int or pair of int, optional
        One axis holds vectors, two hold matrices.
    keepdims : bool, default False
        Whether these axes stay, with length 1.

    Raises
    ------
    ShapeError
        If there are neither vectors nor matrices to take this norm of.

    Notes
    -----
    Formula: d‖x‖ = Σ (x / ‖x‖) dx for p = 2, and Σ sign(x) (|x| / ‖x‖)^(p-1) dx for
    any p.  At x = 0 the gradient is 0, the subgradient of least norm, and the second
    derivative NaN.  Elements that tie for inf or -inf share the gradient evenly.
    Squares that overflow are avoided: ``norm([1e200, 1e200])`` is 1.4e200, where NumPy
    has inf.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([3.0, 4.0])
    >>> np.linalg.norm(x).backward()
    >>> x.grad
    array([0.6, 0.8])
    """
    x = operand(x)
    if axis is None:
        if ord is None or (ord == 2 and x.ndim == 1) or (ord == "fro" and x.ndim == 2):
            return _norm(x, 2, None, keepdims)
        axes = tuple(range(x.ndim))
    else:
        axes = resolve_axes(axis, x, "norm")
    if len(axes) == 1:
        return _vectors_norm(x, 2 if ord is None else ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrices_norm(x, "fro" if ord is None else ord, axes, keepdims)
    raise ShapeError(
        f"norm: ord={ord!r} is for vectors and matrices, got {label(x)} with "
        f"axis={axis}. Name one axis or two."
    )


def _vectors_norm(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:
    if isinstance(ord, str):
        raise ShapeError(
            f"norm: ord={ord!r} is for matrices, got vectors along axis {axis} of "
            f"{label(x)}."
        )
    if ord == 0:
        return np.sum(x != 0, axis=axis, keepdims=keepdims).astype(x.dtype)
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if abs(ord) == np.inf:
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    return _norm(x, ord, axis, keepdims)


def _matrices_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if ord == "fro":
        return _norm(x, 2, axes, keepdims)
    matrices = moveaxis(x, axes, (-2, -1))
    if ord in ("nuc", 2, -2):
        values = svdvals(matrices)
        size = (np.sum if ord == "nuc" else np.max if ord == 2 else np.min)(
            values, axis=-1
        )
    elif ord in (1, -1, np.inf, -np.inf):
        summed, compared = (-2, -1) if abs(ord) == 1 else (-1, -1)
        sums = np.sum(np.abs(matrices), axis=summed)
        size = (np.max if ord > 0 else np.min)(sums, axis=compared)
    else:
        raise ShapeError(
            f"norm: ord={ord!r} is no norm of matrices. Choose 'fro', 'nuc', 1, -1, 2, "
            f"-2, inf or -inf."
        )
    return expand_dims(size, axes) if keepdims else size


@composed(numpy=(np.linalg.vector_norm,), method=False)
def vector_norm(
    x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2
) -> Any:
    """Return the norm of vectors: `norm` of all elements, or along some axes.

    Parameters
    ----------
    x : Tensor
        Any shape.
    axis : int or tuple of int, optional
        The axes that together hold a vector; by default all.
    keepdims : bool, default False
        Whether they stay, with length 1.
    ord : float, default 2
        As for vectors in `norm`.

    Examples
    --------
    >>> from autograd import Tensor, linalg
    >>> linalg.vector_norm(Tensor([[3.0, 0.0], [0.0, 4.0]]))
    Tensor(5., op=norm)
    """
    x = operand(x)
    axes = (
        tuple(range(x.ndim)) if axis is None else resolve_axes(axis, x, "vector_norm")
    )
    if len(axes) == 1:
        return _vectors_norm(x, ord, axes[0], keepdims)
    first = tuple(range(len(axes)))
    rest = tuple(n for k, n in enumerate(x.shape) if k not in axes)
    folded = np.reshape(moveaxis(x, axes, first), (-1, *rest))
    size = _vectors_norm(folded, ord, 0, False)
    return expand_dims(size, axes) if keepdims else size


@composed(numpy=(np.linalg.matrix_norm,), method=False)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Return the norm of each matrix of a batch: `norm` over the last two axes.

    Examples
    --------
    >>> from autograd import Tensor, linalg
    >>> linalg.matrix_norm(Tensor([[1.0, -2.0], [3.0, 4.0]]), ord=1)
    Tensor(6., op=max)
    """
    return norm(x, ord, (-2, -1), keepdims)


@composed(numpy=(np.linalg.cond,), method=False)
def cond(x: Any, p: Any = None) -> Any:
    """Return the condition number: how much a matrix can magnify relative errors.

    Parameters
    ----------
    x : Tensor, shape (..., n, n)
        With ``p`` None, 2 or -2 the matrices need not be square.
    p : {None, 'fro', 'nuc', inf, -inf, 1, -1, 2, -2}, optional
        The norm; None is 2, the ratio of the largest to the smallest singular value.

    Examples
    --------
    >>> from autograd import Tensor, linalg
    >>> linalg.cond(Tensor([[4.0, 0.0], [0.0, 0.5]])).data.round(6)
    np.float64(8.0)
    """
    x = operand(x)
    if p in (None, 2, -2):
        values = svdvals(x)
        ratio = values[..., 0] / values[..., -1]
        return 1 / ratio if p == -2 else ratio
    return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))
