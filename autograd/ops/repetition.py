"""Repeating elements: copies, tiles, borders and windows.

Each result reads the array at places that are worked out first, so the derivative rules
are those of `getitem`, `scatter_add` and `broadcast_to`.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as _numpy_windows

from autograd.errors import NotDifferentiableError, ShapeError
from autograd.ops.axes import label, moveaxis, operand, resolve_axes, resolve_axis
from autograd.ops.choosing import take
from autograd.ops.indexing import scatter_add, value_of
from autograd.ops.shape import broadcast_to, expand_dims, ravel, reshape
from autograd.primitive import composed
from autograd.tensor import Tensor

__all__ = ["full_like", "pad", "repeat", "resize", "sliding_window_view", "tile"]


def _counted(count: int, name: str) -> int:
    if count < 0:
        raise ShapeError(
            f"{name}: a number of copies must not be negative, got {count}."
        )
    return count


@composed(numpy=(np.repeat,))
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Repeat each element, next to itself.

    Parameters
    ----------
    a : Tensor
        Any shape.
    repeats : int or sequence of int
        How often, one number for all or one for each element along the axis.
    axis : int, optional
        By default the raveled array is repeated.

    Raises
    ------
    ShapeError
        If there is neither one number nor one for each element.

    Examples
    --------
    >>> from autograd import Tensor, repeat
    >>> x = Tensor([1.0, 2.0])
    >>> repeat(x, [3, 0]).sum().backward()
    >>> x.grad
    array([3., 0.])
    """
    a = operand(a)
    if axis is None:
        a, axis = ravel(a), 0
    axis = resolve_axis(axis, a, "repeat")
    n = a.shape[axis]
    if np.size(repeats) == 1:  # equal counts: a new axis, spread and folded in again
        count = _counted(int(np.reshape(repeats, ())), "repeat")
        spread = (*a.shape[: axis + 1], count, *a.shape[axis + 1 :])
        folded = (*a.shape[:axis], n * count, *a.shape[axis + 1 :])
        return reshape(broadcast_to(expand_dims(a, axis + 1), spread), folded)
    if np.shape(repeats) != (n,):
        raise ShapeError(
            f"repeat: axis {axis} of {label(a)} has {n} elements, but repeats has "
            f"shape {np.shape(repeats)}. Give one number, or {n} of them."
        )
    return take(a, np.repeat(np.arange(n), repeats), axis)


@composed(numpy=(np.tile,), method=False)
def tile(A: Any, reps: Any) -> Any:
    """Repeat a whole array, like tiles on a floor.

    Parameters
    ----------
    A : Tensor
        Any shape.
    reps : int or sequence of int
        How often along each axis; the shorter of ``A.shape`` and ``reps`` is filled
        with 1 from the left.

    Examples
    --------
    >>> from autograd import Tensor, tile
    >>> tile(Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2., 1., 2.],
            [1., 2., 1., 2.]], op=reshape)
    """
    A = operand(A)
    counts = tuple(_counted(int(k), "tile") for k in np.atleast_1d(reps))
    ndim = max(A.ndim, len(counts))
    shape = (1,) * (ndim - A.ndim) + A.shape
    counts = (1,) * (ndim - len(counts)) + counts
    single = [n for length in shape for n in (1, length)]
    spread = [n for pair in zip(counts, shape, strict=True) for n in pair]
    folded = [count * n for count, n in zip(counts, shape, strict=True)]
    return reshape(broadcast_to(reshape(A, single), spread), folded)


def _widths(pad_width: Any, x: Any) -> list[tuple[int, int]]:
    """Return how many elements to add before and after each axis."""
    if isinstance(pad_width, dict):
        by_axis = {resolve_axis(k, x, "pad"): width for k, width in pad_width.items()}
        pad_width = [np.broadcast_to(by_axis.get(k, 0), (2,)) for k in range(x.ndim)]
    try:
        widths = [(int(n), int(m)) for n, m in np.broadcast_to(pad_width, (x.ndim, 2))]
    except ValueError as error:
        raise ShapeError(
            f"pad: pad_width of shape {np.shape(pad_width)} does not give two numbers "
            f"for each of the {x.ndim} axes of {label(x)}."
        ) from error
    if any(n < 0 for width in widths for n in width):
        raise ShapeError(f"pad: pad_width must not be negative, got {pad_width}.")
    return widths


_BY_INDEX = ("edge", "reflect", "symmetric", "wrap")


@composed(numpy=(np.pad,), method=False)
def pad(
    array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0
) -> Any:
    """Add elements around an array.

    Parameters
    ----------
    array : Tensor
        Any shape.
    pad_width : int, pair, sequence of pairs, or dict of axis to pair
        How many elements to add before and after each axis.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}, default "constant"
        Where the new elements come from: they are a number, the outermost element, the
        elements mirrored at it without or with repeating it, or the opposite end.
    constant_values : number or array, default 0
        The new elements of mode "constant"; not differentiated.

    Raises
    ------
    NotDifferentiableError
        For NumPy's other modes.
    ShapeError
        If a width is negative or the widths do not match the axes.

    Examples
    --------
    >>> from autograd import Tensor, pad
    >>> pad(Tensor([1.0, 2.0, 3.0]), (1, 2), mode="reflect")
    Tensor([2., 1., 2., 3., 2., 1.], op=getitem)
    """
    x = operand(array)
    widths = _widths(pad_width, x)
    if mode == "constant":
        shape = tuple(n + sum(width) for n, width in zip(x.shape, widths, strict=True))
        inside = tuple(
            slice(before, before + n)
            for n, (before, _) in zip(x.shape, widths, strict=True)
        )
        padded = scatter_add(x, inside, shape)
        if not np.any(constant_values):
            return padded
        frame = np.zeros(x.shape, x.dtype)
        return padded + np.pad(frame, widths, constant_values=constant_values)
    if mode not in _BY_INDEX:
        raise NotDifferentiableError(
            f"pad: mode={mode!r} is not supported on tensors. The modes are "
            f"{', '.join(map(repr, ('constant', *_BY_INDEX)))}."
        )
    for axis, width in enumerate(widths):
        if any(width):
            numbers = np.arange(x.shape[axis])
            x = take(x, np.pad(numbers, width, mode=mode), axis)  # type: ignore[call-overload]
    return x


@composed(numpy=(np.resize,), method=False)
def resize(a: Any, new_shape: Any) -> Any:
    """Fill another shape with the elements, in order and over again as needed.

    Examples
    --------
    >>> from autograd import Tensor, resize
    >>> resize(Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2.],
            [1., 2.]], op=getitem)
    """
    a = ravel(operand(a))
    shape = (new_shape,) if isinstance(new_shape, int) else tuple(new_shape)
    shape = tuple(_counted(n, "resize") for n in shape)
    places = np.arange(int(np.prod(shape))) % max(a.size, 1)
    return a[np.reshape(places, shape)] if a.size else np.zeros(shape, a.dtype)


@composed(numpy=(_numpy_windows,), method=False)
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Any:
    """Return all windows of a size, as a copy with new axes at the end.

    Parameters
    ----------
    x : Tensor
        Any shape.
    window_shape : int or tuple of int
        The size of the window along each axis.
    axis : int or tuple of int, optional
        The axes along which it slides; by default all.

    Raises
    ------
    ShapeError
        If a window is longer than its axis.

    Examples
    --------
    >>> from autograd import Tensor, sliding_window_view
    >>> sliding_window_view(Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([[1., 2.],
            [2., 3.]], op=getitem)
    """
    x = operand(x)
    sizes = (window_shape,) if isinstance(window_shape, int) else tuple(window_shape)
    axes = (
        range(x.ndim) if axis is None else resolve_axes(axis, x, "sliding_window_view")
    )
    if len(axes) != len(sizes):
        raise ShapeError(
            f"sliding_window_view: {len(sizes)} window sizes for {len(axes)} axes of "
            f"{label(x)}; give one size for each axis."
        )
    for k, size in zip(axes, sizes, strict=True):
        if not 0 <= size <= x.shape[k]:
            raise ShapeError(
                f"sliding_window_view: a window of {size} does not fit into axis {k} "
                f"of {label(x)}."
            )
        starts = np.arange(x.shape[k] - size + 1)
        windows = x[(*(slice(None),) * k, starts[:, None] + np.arange(size))]
        x = moveaxis(windows, k + 1, -1)
    return x


@composed(numpy=(np.full_like,), method=False)
def full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    """Return an array of the shape and dtype of another one, filled with a value.

    Parameters
    ----------
    a : Tensor
        Gives the shape and the dtype; not differentiated.
    fill_value : Tensor or number
        The value, which broadcasts; a tensor receives the gradient of all copies.
    dtype, shape : optional
        In place of those of ``a``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.full_like(Tensor([0.0, 0.0]), Tensor(3.0))
    Tensor([3., 3.], op=broadcast_to)
    """
    values = value_of(a)
    if not isinstance(fill_value, Tensor):
        return np.full_like(values, fill_value, dtype=dtype, shape=shape)
    filled = fill_value.astype(values.dtype if dtype is None else dtype)
    return broadcast_to(filled, values.shape if shape is None else shape)
