"""Products of vectors, matrices and larger arrays, made of `matmul`, `dot` and sums."""

import math
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.numpy_protocol import numpy_functions
from autograd.ops.axes import label, moveaxis, operand, resolve_axes
from autograd.ops.matmul import dot, matmul
from autograd.ops.shape import expand_dims, ravel, reshape, squeeze, transpose
from autograd.primitive import composed, primitive

__all__ = [
    "cross",
    "inner",
    "kron",
    "matvec",
    "outer",
    "tensordot",
    "vdot",
    "vecdot",
    "vecmat",
]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_V = np.array([0.5, -1.5, 2.0])


@composed(numpy=(np.vdot,), method=False)
def vdot(a: Any, b: Any) -> Any:
    """Return the inner product of two arrays, raveled: the sum of all products.

    Raises
    ------
    ShapeError
        If the numbers of elements differ.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.vdot(Tensor([[1.0, 2.0], [3.0, 4.0]]), np.ones((2, 2)))
    Tensor(10., op=dot)
    """
    return dot(ravel(operand(a)), ravel(operand(b)))


@composed(numpy=(np.inner,), method=False)
def inner(a: Any, b: Any) -> Any:
    """Sum the products over the last axes of both: rows of a with rows of b.

    Parameters
    ----------
    a, b : Tensor, shapes (..., k) and (..., k)
        A 0-d operand multiplies the other.

    Returns
    -------
    Tensor
        Of the axes of ``a`` but the last, followed by those of ``b`` but the last.

    Raises
    ------
    ShapeError
        If the last axes differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.inner(Tensor([1.0, 2.0]), np.array([3.0, 4.0]))
    Tensor(11., op=dot)
    """
    a, b = operand(a), operand(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return dot(a, b) if b.ndim == 1 else tensordot(a, b, (-1, -1))


@composed(numpy=(np.outer, np.linalg.outer), method=False)
def outer(a: Any, b: Any) -> Any:
    """Return the products of every element of a with every element of b.

    Parameters
    ----------
    a, b : Tensor, shapes (n,) and (m,)
        Other shapes are raveled.

    Returns
    -------
    Tensor, shape (n, m)

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.outer(Tensor([1.0, 2.0]), np.array([1.0, 10.0]))
    Tensor([[ 1., 10.],
            [ 2., 20.]], op=multiply)
    """
    return reshape(operand(a), (-1, 1)) * reshape(operand(b), (1, -1))


@composed(numpy=(np.tensordot, np.linalg.tensordot), method=False)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum the products of two arrays over pairs of axes.

    Parameters
    ----------
    a, b : Tensor
        Any shapes.
    axes : int or (axes of a, axes of b), default 2
        Which axes are summed, in pairs of equal length.  A number n pairs the last n
        axes of ``a`` with the first n of ``b``.

    Returns
    -------
    Tensor
        Of the axes of ``a`` that were not summed, followed by those of ``b``.

    Raises
    ------
    ShapeError
        If paired axes differ in length or in number.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.tensordot(Tensor([[1.0, 2.0]]), np.array([[3.0], [4.0]]), axes=1)
    Tensor([[11.]], op=reshape)
    """
    a, b = operand(a), operand(b)
    if np.ndim(axes) == 0 and not isinstance(axes, tuple | list):
        axes = range(a.ndim - axes, a.ndim), range(axes)
    left, right = (
        resolve_axes(tuple(np.atleast_1d(k).astype(int)), x, "tensordot")
        for k, x in zip(axes, (a, b), strict=True)
    )
    summed = [a.shape[k] for k in left]
    if summed != [b.shape[k] for k in right]:
        raise ShapeError(
            f"tensordot: axes {left} of {label(a)} and axes {right} of {label(b)} must "
            f"agree in length."
        )
    kept_a = [k for k in range(a.ndim) if k not in left]
    kept_b = [k for k in range(b.ndim) if k not in right]
    n = math.prod(summed)
    shape_a, shape_b = [a.shape[k] for k in kept_a], [b.shape[k] for k in kept_b]
    rows = reshape(transpose(a, [*kept_a, *left]), (math.prod(shape_a), n))
    columns = reshape(transpose(b, [*right, *kept_b]), (n, math.prod(shape_b)))
    return reshape(matmul(rows, columns), [*shape_a, *shape_b])


@composed(numpy=(np.kron,), method=False)
def kron(a: Any, b: Any) -> Any:
    """Return the Kronecker product: b, once for every element of a and times it.

    Parameters
    ----------
    a, b : Tensor, shapes (n, m) and (p, q)
        Any number of axes; the smaller number is filled up with 1 from the left.

    Returns
    -------
    Tensor, shape (n p, m q)

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.kron(Tensor([1.0, 10.0]), np.array([1.0, 2.0]))
    Tensor([ 1.,  2., 10., 20.], op=reshape)
    """
    a, b = operand(a), operand(b)
    ndim = max(a.ndim, b.ndim)
    left = (1,) * (ndim - a.ndim) + a.shape
    right = (1,) * (ndim - b.ndim) + b.shape
    spread_left = [n for length in left for n in (length, 1)]
    spread_right = [n for length in right for n in (1, length)]
    products = reshape(a, spread_left) * reshape(b, spread_right)
    return reshape(products, [n * m for n, m in zip(left, right, strict=True)])


@primitive(
    symbol="×",
    latex=r"{0} \times {1}",
    vjps=(
        lambda g, out, a, b: np.cross(b, g),
        lambda g, out, a, b: np.cross(g, a),
    ),
    broadcasts=True,
    numpy=(),
    method=False,
    samples=[(_V, _A[0]), (_A, _V), (_A, _A[::-1] + 0.5)],
)
def _cross(a: Any, b: Any) -> Any:
    return np.cross(a, b)


@composed(numpy=(np.cross, np.linalg.cross), method=False)
def cross(
    a: Any,
    b: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Any:
    """Return the cross product of vectors in space.

    Parameters
    ----------
    a, b : Tensor, shape (..., 3)
        The other axes broadcast.
    axisa, axisb, axisc : int, default -1
        The axes that hold the vectors of ``a``, of ``b`` and of the result.
    axis : int, optional
        One axis in place of the three.

    Raises
    ------
    ShapeError
        If a vector does not have three elements.

    Notes
    -----
    Formula: with c = a × b, dL/da = b × dL/dc and dL/db = dL/dc × a.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.cross(Tensor([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    Tensor([0., 0., 1.], op=cross)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = (_vectors_last(operand(x), k) for x, k in ((a, axisa), (b, axisb)))
    products = _cross(a, b)
    return products if axisc == -1 else moveaxis(products, -1, axisc)


def _vectors_last(x: Any, axis: int) -> Any:
    x = x if axis == -1 else moveaxis(x, axis, -1)
    if x.shape[-1:] != (3,):
        raise ShapeError(
            f"cross: vectors must have 3 elements, got {label(x)}. For vectors of the "
            f"plane write a[0] * b[1] - a[1] * b[0]."
        )
    return x


@composed(numpy=(np.vecdot, np.linalg.vecdot), method=False)
def vecdot(a: Any, b: Any, *, axis: int = -1) -> Any:
    """Return the inner products of vectors along an axis; the other axes broadcast.

    Examples
    --------
    >>> from autograd import Tensor, vecdot
    >>> vecdot(Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
    Tensor([21., 43.], op=sum)
    """
    a, b = operand(a), operand(b)
    if axis != -1:
        a, b = moveaxis(a, axis, -1), moveaxis(b, axis, -1)
    if a.shape[-1:] != b.shape[-1:] or not a.ndim:
        raise ShapeError(f"vecdot: {label(a)} and {label(b)} differ in axis {axis}.")
    return np.sum(a * b, axis=-1)


@composed(numpy=numpy_functions("matvec"), method=False)
def matvec(a: Any, b: Any) -> Any:
    """Multiply matrices and vectors: shapes (..., n, m) and (..., m) give (..., n).

    Examples
    --------
    >>> from autograd import Tensor, matvec
    >>> matvec(Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
    Tensor([21., 43.], op=squeeze)
    """
    return squeeze(matmul(operand(a), expand_dims(operand(b), -1)), -1)


@composed(numpy=numpy_functions("vecmat"), method=False)
def vecmat(a: Any, b: Any) -> Any:
    """Multiply vectors and matrices: shapes (..., n) and (..., n, m) give (..., m).

    Examples
    --------
    >>> from autograd import Tensor, vecmat
    >>> vecmat([1.0, 10.0], Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([31., 42.], op=squeeze)
    """
    return squeeze(matmul(expand_dims(operand(a), -2), operand(b)), -2)
