"""Rearranging elements: the values stay, the shape changes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.primitive import composed, primitive
from autograd.tensor import Tensor

__all__ = [
    "astype",
    "broadcast_to",
    "concatenate",
    "copy",
    "expand_dims",
    "flatten",
    "ravel",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
    "transpose",
]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.arange(24.0).reshape(2, 3, 4) / 7 - 1.3


def _spread_arguments(arguments: tuple[Any, ...]) -> Any:
    """Let methods take ``(2, 3)`` as well as ``2, 3``, as those of ndarray do."""
    if len(arguments) == 1 and (
        arguments[0] is None or isinstance(arguments[0], Sequence)
    ):
        return arguments[0]
    return arguments or None


@primitive(
    latex=r"\operatorname{{reshape}}({0})",
    vjps=(lambda g, out, x, shape, order: np.reshape(g, x.shape, order=order),),
    method=lambda x, *shape, order="C": reshape(x, _spread_arguments(shape), order),
    samples=[
        (_A, (3, 2)),
        (_A, {"shape": (-1,)}),
        (_A, {"shape": (3, 2), "order": "F"}),
    ],
)
def reshape(x: Any, shape: Any, order: Any = "C") -> Any:
    """Give the elements another shape; one length may be -1 and is worked out.

    Formula: the gradient is reshaped back.

    Raises
    ------
    ShapeError
        If the number of elements differs.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0, 4.0]).reshape(2, -1)
    Tensor([[1., 2.],
            [3., 4.]], op=reshape)
    """
    return np.reshape(x, shape, order=order)


@primitive(
    symbol="T",
    latex="{0}^T",
    vjps=(
        lambda g, out, x, axes: np.transpose(
            g, None if axes is None else np.argsort(np.asarray(axes) % x.ndim)
        ),
    ),
    method=lambda x, *axes: transpose(x, _spread_arguments(axes)),
    samples=[(_A,), (_B, (2, 0, 1)), (_B, {"axes": (-1, 0, -2)})],
)
def transpose(x: Any, axes: Any = None) -> Any:
    """Permute the axes; by default reverse them.

    Formula: the gradient's axes are permuted back.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([[1.0, 2.0]]).T
    Tensor([[1.],
            [2.]], op=transpose)
    """
    return np.transpose(x, axes)


Tensor.T = property(lambda x: transpose(x))  # type: ignore[assignment]


@primitive(
    symbol="swap",
    latex=r"\operatorname{{swap}}({0})",
    vjps=(lambda g, out, x, axis1, axis2: np.swapaxes(g, axis1, axis2),),
    samples=[(_B, 0, -1), (_A, 1, 0)],
)
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Exchange two axes.

    Formula: the gradient's axes are exchanged back.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([[1.0, 2.0]]).swapaxes(0, 1).shape
    (2, 1)
    """
    return np.swapaxes(x, axis1, axis2)


@primitive(
    latex=r"\operatorname{{squeeze}}({0})",
    vjps=(lambda g, out, x, axis: np.reshape(g, x.shape),),
    samples=[(_A[:1],), (_A[:, :1], 1), (np.array([[2.0]]),)],
)
def squeeze(x: Any, axis: Any = None) -> Any:
    """Drop axes of length 1; by default all of them.

    Formula: the gradient gets the axes back.

    Raises
    ------
    ShapeError
        If a named axis has another length.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([[5.0]]).squeeze()
    Tensor(5., op=squeeze)
    """
    return np.squeeze(x, axis)


@primitive(
    latex=r"\operatorname{{expand}}({0})",
    vjps=(lambda g, out, x, axis: np.reshape(g, x.shape),),
    samples=[(_A, 0), (_A, -1), (_A, (0, 2))],
)
def expand_dims(x: Any, axis: Any) -> Any:
    """Insert axes of length 1.

    Formula: the gradient loses the axes again.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0]).expand_dims(0).shape
    (1, 2)
    """
    return np.expand_dims(x, axis)


@primitive(
    latex=r"\operatorname{{ravel}}({0})",
    vjps=(lambda g, out, x, order: np.reshape(g, x.shape, order=order),),
    samples=[(_A,), (_A, "F")],
)
def ravel(x: Any, order: Any = "C") -> Any:
    """Lay all elements out along one axis.

    Formula: the gradient is reshaped back.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).ravel()
    Tensor([1., 2., 3., 4.], op=ravel)
    """
    return np.ravel(x, order=order)


@primitive(
    symbol="broadcast",
    latex=r"\operatorname{{broadcast}}({0})",
    vjps=(lambda g, out, x, shape: g,),
    broadcasts=True,
    samples=[(_A, (4, 2, 3)), (_A[:, :1], (2, 5)), (np.float64(1.5), (2,))],
)
def broadcast_to(x: Any, shape: Any) -> Any:
    """Repeat an array to a larger shape, by NumPy's broadcasting rules.

    Formula: the gradients of all copies of an element add up.

    Raises
    ------
    ShapeError
        If the array does not broadcast to that shape.

    Examples
    --------
    >>> from autograd import Tensor, broadcast_to
    >>> broadcast_to(Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2.],
            [1., 2.]], op=broadcast_to)
    """
    return np.broadcast_to(x, shape)


@primitive(
    latex="{0}",
    vjps=(lambda g, out, x, dtype: g,),
    numpy=(),
    method=False,
    samples=[(_A, np.float64)],
)
def _astype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


@composed(numpy=(np.astype,))
def astype(x: Any, dtype: Any) -> Any:
    """Convert to another dtype.

    To a floating-point dtype the conversion is recorded, and the gradient is converted
    back.  To an integer or boolean dtype the result is a constant, which cannot be
    differentiated.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> Tensor([1.5]).astype(np.float32)
    Tensor([1.5], dtype=float32, op=astype)
    """
    target = np.dtype(dtype)
    if target.kind != "f":
        if not isinstance(x, Tensor):
            return x.astype(target)
        return x._cut(x.data.astype(target), f"astype({target})")
    return _astype(x, target)


def _concatenate_rule(i: int, g: Any, out: Any, *arrays: Any, axis: Any) -> Any:
    if axis is None:
        start = int(np.sum([a.size for a in arrays[:i]], dtype=int))
        part = np.ravel(g)[start : start + arrays[i].size]
        return np.reshape(part, arrays[i].shape)
    start = int(np.sum([a.shape[axis] for a in arrays[:i]], dtype=int))
    index = [slice(None)] * g.ndim
    index[axis] = slice(start, start + arrays[i].shape[axis])
    return g[tuple(index)]


@primitive(
    symbol="concat",
    latex=r"\operatorname{{concat}}({inputs})",
    vjps=(_concatenate_rule,),
    sequence=True,
    method=False,
    samples=[([_A, _A[:1]],), ([_A, _A + 1], -1), ([_A, _B], None)],
)
def concatenate(arrays: Any, axis: Any = 0) -> Any:
    """Join arrays along an existing axis.

    Formula: each array receives its part of the gradient.

    Raises
    ------
    ShapeError
        If the arrays differ in another axis.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.concatenate([Tensor([1.0]), np.array([2.0, 3.0])])
    Tensor([1., 2., 3.], op=concatenate)
    """
    return np.concatenate(arrays, axis=axis)


def _stack_rule(i: int, g: Any, out: Any, *arrays: Any, axis: int) -> Any:
    index: list[Any] = [slice(None)] * g.ndim
    index[axis] = i
    return g[tuple(index)]


@primitive(
    symbol="stack",
    latex=r"\operatorname{{stack}}({inputs})",
    vjps=(_stack_rule,),
    sequence=True,
    method=False,
    samples=[
        ([_A, _A + 1],),
        ([_A, _A * 2, _A], -1),
        ([np.float64(1.0), np.float64(2.0)],),
    ],
)
def stack(arrays: Any, axis: int = 0) -> Any:
    """Join arrays of equal shape along a new axis.

    Formula: each array receives its slice of the gradient.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> from autograd import Tensor, stack
    >>> stack([Tensor(1.0), Tensor(2.0)])
    Tensor([1., 2.], op=stack)
    """
    return np.stack(arrays, axis=axis)


@composed(numpy=(np.copy,))
def copy(a: Any) -> Any:
    """Return the same values in a new array; the gradient passes through.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0]).copy()
    Tensor([1.], op=positive)
    """
    return +a if isinstance(a, Tensor) else np.array(a)


@composed()
def flatten(x: Any, order: Any = "C") -> Any:
    """Lay all elements out along one axis: `ravel` under the name of ndarray's method.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([[1.0], [2.0]]).flatten()
    Tensor([1., 2.], op=ravel)
    """
    return ravel(x, order)
