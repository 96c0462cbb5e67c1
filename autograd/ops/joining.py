"""Joining arrays and splitting them again."""

from itertools import pairwise
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.numpy_protocol import numpy_functions
from autograd.ops.axes import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    label,
    operand,
    resolve_axis,
)
from autograd.ops.shape import concatenate, ravel, reshape
from autograd.primitive import composed

__all__ = [
    "append",
    "array_split",
    "block",
    "column_stack",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "split",
    "unstack",
    "vsplit",
    "vstack",
]


@composed(numpy=(np.vstack,), method=False)
def vstack(tup: Any) -> Any:
    """Put arrays below each other: along axis 0, a vector being one row.

    Examples
    --------
    >>> from autograd import Tensor, vstack
    >>> vstack([Tensor([1.0, 2.0]), [3.0, 4.0]])
    Tensor([[1., 2.],
            [3., 4.]], op=concatenate)
    """
    return concatenate([atleast_2d(x) for x in tup], 0)


@composed(numpy=(np.hstack,), method=False)
def hstack(tup: Any) -> Any:
    """Put arrays side by side: along axis 1, and vectors along axis 0.

    Examples
    --------
    >>> from autograd import Tensor, hstack
    >>> hstack([Tensor([1.0, 2.0]), 3.0])
    Tensor([1., 2., 3.], op=concatenate)
    """
    arrays = [atleast_1d(x) for x in tup]
    return concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1)


@composed(numpy=(np.dstack,), method=False)
def dstack(tup: Any) -> Any:
    """Put arrays behind each other: along axis 2.

    Examples
    --------
    >>> from autograd import Tensor, dstack
    >>> dstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).shape
    (1, 2, 2)
    """
    return concatenate([atleast_3d(x) for x in tup], 2)


def _as_column(x: Any) -> Any:
    return x if x.ndim > 1 else reshape(x, (-1, 1))


@composed(numpy=(np.column_stack,), method=False)
def column_stack(tup: Any) -> Any:
    """Put arrays side by side, a vector being one column.

    Examples
    --------
    >>> from autograd import Tensor, column_stack
    >>> column_stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    Tensor([[1., 3.],
            [2., 4.]], op=concatenate)
    """
    return concatenate([_as_column(operand(x)) for x in tup], 1)


@composed(numpy=(np.append,), method=False)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Return ``arr`` with ``values`` at its end; without an axis both are raveled.

    Examples
    --------
    >>> from autograd import Tensor, append
    >>> append(Tensor([1.0, 2.0]), 3.0)
    Tensor([1., 2., 3.], op=concatenate)
    """
    arr, values = operand(arr), operand(values)
    if axis is None:
        return concatenate([ravel(arr), ravel(values)], 0)
    return concatenate([arr, values], axis)


@composed(numpy=(np.block,), method=False)
def block(arrays: Any) -> Any:
    """Assemble an array from nested lists of blocks, as a block matrix is written.

    The innermost lists are joined along the last axis, the lists around them along the
    one before, and so on.

    Raises
    ------
    ShapeError
        If the blocks do not fit, or if the lists are not equally deep.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.block([[Tensor([[1.0]]), np.zeros((1, 2))], [np.ones((1, 3))]])
    Tensor([[1., 0., 0.],
            [1., 1., 1.]], op=concatenate)
    """
    depth = _depth(arrays)
    ndim = max(depth, *_axis_counts(arrays), 0)
    return _assembled(arrays, depth, ndim)


def _depth(blocks: Any) -> int:
    """Return how deep the lists are nested."""
    if not isinstance(blocks, list):
        return 0
    if not blocks:
        raise ShapeError("block: a list of blocks is empty.")
    depths = [_depth(part) for part in blocks]
    if len(set(depths)) > 1:
        raise ShapeError(
            f"block: the parts of a list are nested {depths} lists deep; all blocks "
            f"must be equally deep."
        )
    return 1 + depths[0]


def _axis_counts(blocks: Any) -> list[int]:
    if isinstance(blocks, list):
        return [count for part in blocks for count in _axis_counts(part)]
    return [operand(blocks).ndim]


def _assembled(blocks: Any, depth: int, ndim: int) -> Any:
    if isinstance(blocks, list):
        parts = [_assembled(part, depth - 1, ndim) for part in blocks]
        return concatenate(parts, -depth)
    x = operand(blocks)
    return reshape(x, (1,) * (ndim - x.ndim) + x.shape)


@composed(numpy=(np.array_split,), method=False)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut an array into parts along an axis; the parts may differ in length by 1.

    Parameters
    ----------
    ary : Tensor
        At least one axis.
    indices_or_sections : int or sequence of int
        The number of parts, or the positions of the cuts.
    axis : int, default 0
        The axis to cut.

    Examples
    --------
    >>> from autograd import Tensor, array_split
    >>> [part.shape for part in array_split(Tensor([1.0, 2.0, 3.0]), 2)]
    [(2,), (1,)]
    """
    x = operand(ary)
    axis = resolve_axis(axis, x, "split")
    n = x.shape[axis]
    cuts: list[Any]
    if np.ndim(indices_or_sections):
        cuts = [0, *(int(k) for k in indices_or_sections), n]
    else:
        count = int(indices_or_sections)
        if count <= 0:
            raise ShapeError(
                f"split: the number of parts must be positive, got {count}."
            )
        size, longer = divmod(n, count)
        cuts = [k * size + min(k, longer) for k in range(count + 1)]
    before = (slice(None),) * axis
    return [x[(*before, slice(start, end))] for start, end in pairwise(cuts)]


@composed(numpy=(np.split,))
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut an array into equal parts along an axis, or at given positions.

    Parameters are those of `array_split`.

    Raises
    ------
    ShapeError
        If the axis cannot be cut into that many equal parts.

    Examples
    --------
    >>> from autograd import Tensor, split
    >>> a, b = split(Tensor([1.0, 2.0, 3.0, 4.0]), 2)
    >>> b
    Tensor([3., 4.], op=getitem)
    """
    x = operand(ary)
    n = x.shape[resolve_axis(axis, x, "split")]
    if not np.ndim(indices_or_sections) and n % int(indices_or_sections or 1):
        raise ShapeError(
            f"split: axis {axis} of {label(x)} has length {n}, which does not divide "
            f"into {indices_or_sections} equal parts. Use array_split for unequal ones."
        )
    return array_split(x, indices_or_sections, axis)  # type: ignore[no-any-return]


def _split_along(name: str, x: Any, least: int, sections: Any, axis: int) -> list[Any]:
    if x.ndim < least:
        raise ShapeError(f"{name}: {label(x)} needs at least {least} axes.")
    return split(x, sections, axis)  # type: ignore[no-any-return]


@composed(numpy=(np.hsplit,), method=False)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut columns apart: `split` along axis 1, and along axis 0 for a vector.

    Examples
    --------
    >>> from autograd import Tensor, hsplit
    >>> left, right = hsplit(Tensor([[1.0, 2.0]]), 2)
    >>> right
    Tensor([[2.]], op=getitem)
    """
    x = operand(ary)
    return _split_along("hsplit", x, 1, indices_or_sections, 1 if x.ndim > 1 else 0)


@composed(numpy=(np.vsplit,), method=False)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut rows apart: `split` along axis 0 of a matrix.

    Examples
    --------
    >>> from autograd import Tensor, vsplit
    >>> [part.shape for part in vsplit(Tensor([[1.0], [2.0]]), 2)]
    [(1, 1), (1, 1)]
    """
    return _split_along("vsplit", operand(ary), 2, indices_or_sections, 0)


@composed(numpy=(np.dsplit,), method=False)
def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut along axis 2.

    Examples
    --------
    >>> from autograd import Tensor, dsplit
    >>> [part.shape for part in dsplit(Tensor([[[1.0, 2.0]]]), 2)]
    [(1, 1, 1), (1, 1, 1)]
    """
    return _split_along("dsplit", operand(ary), 3, indices_or_sections, 2)


@composed(numpy=numpy_functions("unstack"), method=False)
def unstack(x: Any, *, axis: int = 0) -> tuple[Any, ...]:
    """Take an array apart along an axis, which disappears: the reverse of `stack`.

    Examples
    --------
    >>> from autograd import Tensor, unstack
    >>> unstack(Tensor([1.0, 2.0]))
    (Tensor(1., op=getitem), Tensor(2., op=getitem))
    """
    x = operand(x)
    axis = resolve_axis(axis, x, "unstack")
    before = (slice(None),) * axis
    return tuple(x[(*before, k)] for k in range(x.shape[axis]))
