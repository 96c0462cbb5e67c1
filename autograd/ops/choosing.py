"""Choosing elements by their positions, or by conditions.

Each function works out an index and reads there, so the rule is that of `getitem`.
"""

from typing import Any

import numpy as np

from autograd.errors import OutOfRangeError, ShapeError
from autograd.ops.axes import broadcast_arrays, label, operand, resolve_axis
from autograd.ops.indexing import scatter_add, value_of
from autograd.ops.shape import ravel, stack
from autograd.primitive import composed

__all__ = [
    "bincount",
    "choose",
    "compress",
    "extract",
    "select",
    "take",
    "take_along_axis",
]


def _within(indices: Any, n: int, mode: str) -> Any:
    """Bring indices into range, as ``mode`` asks for."""
    if mode == "wrap":
        return indices % max(n, 1)
    if mode == "clip":
        return np.clip(indices, 0, max(n - 1, 0))
    if mode != "raise":
        raise ValueError(f'mode must be "raise", "wrap" or "clip", got {mode!r}.')
    return indices


@composed(numpy=(np.take,))
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Choose elements along an axis by their positions.

    Parameters
    ----------
    a : Tensor
        Any shape.
    indices : int or array of int
        The positions; a position that is named twice is chosen twice.
    axis : int, optional
        By default positions count through the raveled array.
    mode : {"raise", "wrap", "clip"}, default "raise"
        What to do with a position outside the axis.

    Raises
    ------
    OutOfRangeError
        If a position does not exist, with ``mode="raise"``.

    Examples
    --------
    >>> from autograd import Tensor, take
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> take(x, [2, 0, 2]).sum().backward()
    >>> x.grad
    array([1., 0., 2.])
    """
    a = operand(a)
    if axis is None:
        a, axis = ravel(a), 0
    axis = resolve_axis(axis, a, "take")
    places = _within(value_of(indices), a.shape[axis], mode)
    if places.size == 0:
        places = places.astype(np.intp)
    return a[(*(slice(None),) * axis, places)]


@composed(numpy=(np.take_along_axis,))
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Choose elements along an axis, with other positions in each row.

    Parameters
    ----------
    arr : Tensor
        Any shape.
    indices : array of int
        As many axes as ``arr``, and of its shape apart from ``axis``, up to
        broadcasting; such as `argsort` returns.
    axis : int or None, default -1
        The axis; None stands for the raveled array.

    Raises
    ------
    ShapeError
        If the numbers of axes differ.

    Examples
    --------
    >>> from autograd import Tensor, take_along_axis
    >>> x = Tensor([[1.0, 5.0], [4.0, 2.0]])
    >>> take_along_axis(x, x.argmax(axis=1, keepdims=True), axis=1)
    Tensor([[5.],
            [4.]], op=getitem)
    """
    arr, places = operand(arr), value_of(indices)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = resolve_axis(axis, arr, "take_along_axis")
    if places.ndim != arr.ndim:
        raise ShapeError(
            f"take_along_axis: indices of shape {places.shape} need as many axes as "
            f"{label(arr)}."
        )
    index: list[Any] = list(np.ogrid[tuple(slice(n) for n in arr.shape)])
    index[axis] = places
    return arr[tuple(index)]


@composed(
    numpy=(np.compress,),
    method=lambda a, condition, axis=None: compress(condition, a, axis),
)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """Choose the elements along an axis at which a condition holds.

    Parameters
    ----------
    condition : sequence of bool
        One for each element; where it is shorter the rest is left out.
    a : Tensor
        Any shape.
    axis : int, optional
        By default the condition counts through the raveled array.

    Examples
    --------
    >>> from autograd import Tensor, compress
    >>> compress([True, False, True], Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3.], op=getitem)
    """
    chosen = value_of(condition)
    if chosen.ndim != 1:
        raise ShapeError(
            f"compress: the condition must have one axis, got {chosen.shape}."
        )
    return take(a, np.flatnonzero(chosen), axis)


@composed(numpy=(np.extract,), method=False)
def extract(condition: Any, arr: Any) -> Any:
    """Return the elements where a condition of the same shape holds, in one row.

    Examples
    --------
    >>> from autograd import Tensor, extract
    >>> x = Tensor([1.0, -2.0, 3.0])
    >>> extract(x > 0, x)
    Tensor([1., 3.], op=getitem)
    """
    return take(arr, np.flatnonzero(value_of(condition)))


@composed(numpy=(np.choose,), method=False)
def choose(a: Any, choices: Any, mode: str = "raise") -> Any:
    """Build an array by choosing, for each element, among several arrays.

    Parameters
    ----------
    a : array of int
        Which array each element comes from.
    choices : sequence of Tensor
        The arrays; all broadcast with ``a``.
    mode : {"raise", "wrap", "clip"}, default "raise"
        What to do with a number that names no array.

    Raises
    ------
    OutOfRangeError
        If a number names no array, with ``mode="raise"``.

    Examples
    --------
    >>> from autograd import Tensor, choose
    >>> choose([0, 1, 0], [Tensor([1.0, 2.0, 3.0]), Tensor(9.0)])
    Tensor([1., 9., 3.], op=getitem)
    """
    places, *sources = broadcast_arrays(value_of(a), *choices)
    places = _within(places, len(sources), mode)
    if np.any((places < 0) | (places >= len(sources))):
        raise OutOfRangeError(
            f"choose: {len(sources)} choices are numbered 0 to {len(sources) - 1}, but "
            f"the numbers go from {places.min()} to {places.max()}."
        )
    rest = np.ogrid[tuple(slice(n) for n in places.shape)]
    return stack(sources)[(places, *rest)]


@composed(numpy=(np.select,), method=False)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Choose each element from the first array whose condition holds there.

    Parameters
    ----------
    condlist : sequence of array of bool
        The conditions, in the order in which they are asked.
    choicelist : sequence of Tensor
        One array for each condition.
    default : Tensor or number, default 0
        Where no condition holds.

    Raises
    ------
    ShapeError
        If there are not as many conditions as arrays.

    Examples
    --------
    >>> from autograd import Tensor, select
    >>> x = Tensor([-2.0, 0.5, 3.0])
    >>> select([x < 0, x > 1], [-x, x * x], default=x)
    Tensor([2. , 0.5, 9. ], op=where)
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ShapeError(
            f"select: {len(condlist)} conditions for {len(choicelist)} choices; give "
            f"one array for each condition."
        )
    result = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = np.where(value_of(condition), choice, result)
    return result


@composed(numpy=(np.bincount,), method=False)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """Count how often each whole number occurs, or add up weights for each number.

    Parameters
    ----------
    x : array of int, shape (n,)
        Numbers from 0 on.
    weights : Tensor, shape (n,), optional
        What to add for each number, in place of 1.
    minlength : int, default 0
        The least number of results.

    Returns
    -------
    ndarray or Tensor
        Counts are plain; sums of weights have a gradient.

    Examples
    --------
    >>> from autograd import Tensor, bincount
    >>> bincount([0, 2, 2], weights=Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 0., 5.], op=scatter_add)
    """
    numbers = value_of(x)
    counts = np.bincount(numbers, minlength=minlength)
    if weights is None:
        return counts
    weights = operand(weights)
    if weights.shape != numbers.shape:
        raise ShapeError(
            f"bincount: {label(weights)} must hold one weight for each of the "
            f"{len(numbers)} numbers."
        )
    return scatter_add(weights, numbers, counts.shape)
