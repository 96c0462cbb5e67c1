"""Rearranging elements along axes, leaving some out and putting others in.

Each result is made of slices and joins, so the derivative rules are those of `getitem`
and `concatenate`.
"""

from typing import Any

import numpy as np

from autograd.errors import OutOfRangeError, ShapeError
from autograd.ops.axes import label, operand, resolve_axes, resolve_axis
from autograd.ops.choosing import take
from autograd.ops.joining import append
from autograd.ops.shape import broadcast_to, concatenate, ravel, reshape, swapaxes
from autograd.primitive import composed

__all__ = ["delete", "flip", "fliplr", "flipud", "insert", "roll", "rot90"]


@composed(numpy=(np.flip,))
def flip(m: Any, axis: Any = None) -> Any:
    """Reverse the order along axes; by default along all of them.

    Examples
    --------
    >>> from autograd import Tensor, flip
    >>> flip(Tensor([1.0, 2.0, 3.0]))
    Tensor([3., 2., 1.], op=getitem)
    """
    m = operand(m)
    axes = range(m.ndim) if axis is None else resolve_axes(axis, m, "flip")
    backwards = slice(None, None, -1)
    return m[tuple(backwards if k in axes else slice(None) for k in range(m.ndim))]


@composed(numpy=(np.fliplr,), method=False)
def fliplr(m: Any) -> Any:
    """Reverse the columns: axis 1.

    Examples
    --------
    >>> from autograd import Tensor, fliplr
    >>> fliplr(Tensor([[1.0, 2.0]]))
    Tensor([[2., 1.]], op=getitem)
    """
    return flip(m, 1)


@composed(numpy=(np.flipud,), method=False)
def flipud(m: Any) -> Any:
    """Reverse the rows: axis 0.

    Examples
    --------
    >>> from autograd import Tensor, flipud
    >>> flipud(Tensor([1.0, 2.0]))
    Tensor([2., 1.], op=getitem)
    """
    return flip(m, 0)


@composed(numpy=(np.rot90,), method=False)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Turn by ``k`` right angles, from the first of two axes towards the second.

    Examples
    --------
    >>> from autograd import Tensor, rot90
    >>> rot90(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 4.],
            [1., 3.]], op=getitem)
    """
    m = operand(m)
    plane = resolve_axes(axes, m, "rot90")
    if len(plane) != 2:
        raise ShapeError(f"rot90: axes must name two axes, got {axes}.")
    first, second = plane
    if k % 4 == 0:
        return m[...]
    if k % 4 == 2:
        return flip(m, plane)
    turned = swapaxes(m, first, second)
    return flip(turned, first if k % 4 == 1 else second)


@composed(numpy=(np.roll,))
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Move elements along axes; what leaves at one end comes in at the other.

    Parameters
    ----------
    a : Tensor
        Any shape.
    shift : int or tuple of int
        By how many places; negative is towards the front.
    axis : int or tuple of int, optional
        By default the raveled array is rolled, and gets its shape back.

    Examples
    --------
    >>> from autograd import Tensor, roll
    >>> roll(Tensor([1.0, 2.0, 3.0]), 1)
    Tensor([3., 1., 2.], op=reshape)
    """
    a = operand(a)
    if axis is None:
        return reshape(roll(ravel(a), int(np.sum(shift)), 0), a.shape)
    for places, k in zip(*map(np.ravel, np.broadcast_arrays(shift, axis)), strict=True):
        k = resolve_axis(int(k), a, "roll")
        n = a.shape[k]
        cut = n - int(places) % n if n else 0
        before = (slice(None),) * k
        parts = [a[(*before, slice(cut, None))], a[(*before, slice(None, cut))]]
        a = concatenate(parts, k)
    return a


def _edited(edit: Any, x: Any, axis: int, obj: Any, *values: Any) -> Any:
    """Return the numbers of the places along an axis, after NumPy's edit of them."""
    try:
        return edit(np.arange(x.shape[axis]), obj, *values)
    except IndexError as error:
        raise OutOfRangeError(
            f"{edit.__name__}: {error} with size {x.shape[axis]} of {label(x)}."
        ) from error


@composed(numpy=(np.delete,), method=False)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Leave out the elements at some positions; without an axis of the raveled array.

    Examples
    --------
    >>> from autograd import Tensor, delete
    >>> delete(Tensor([1.0, 2.0, 3.0]), 1)
    Tensor([1., 3.], op=getitem)
    """
    arr = operand(arr)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = resolve_axis(axis, arr, "delete")
    return take(arr, _edited(np.delete, arr, axis, obj), axis)


@composed(numpy=(np.insert,), method=False)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Put values before some positions; without an axis of the raveled array.

    Parameters
    ----------
    arr : Tensor
        Any shape.
    obj : int or sequence of int
        The positions, counted before anything is inserted.
    values : Tensor or number
        What to insert; broadcast to the shape of ``arr`` with as many elements along
        the axis as there are positions.
    axis : int, optional
        The axis to insert along.

    Examples
    --------
    >>> from autograd import Tensor, insert
    >>> insert(Tensor([1.0, 3.0]), 1, Tensor(2.0))
    Tensor([1., 2., 3.], op=getitem)
    """
    arr, values = operand(arr), operand(values)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = resolve_axis(axis, arr, "insert")
    n = arr.shape[axis]
    count = max(int(np.size(obj)), 1)
    if values.ndim and not np.ndim(obj) and arr.ndim == 1:
        count = values.size  # several values at one position
    shape = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    places = _edited(np.insert, arr, axis, obj, np.arange(n, n + count))
    return take(append(arr, broadcast_to(values, shape), axis), places, axis)
