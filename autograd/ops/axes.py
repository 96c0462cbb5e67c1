"""Axes: moving them, adding them, and matching the axes of several arrays.

Everything here is made of `transpose`, `reshape`, `swapaxes` and `broadcast_to`, so it
needs no derivative rule of its own.
"""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.errors import AxisError, ShapeError
from autograd.ops.shape import broadcast_to, reshape, swapaxes, transpose
from autograd.primitive import composed
from autograd.tensor import Tensor, describe

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "matrix_transpose",
    "meshgrid",
    "moveaxis",
    "rollaxis",
]


def operand(x: Any) -> Any:
    """Return a tensor as it is, and anything else as an array."""
    return x if isinstance(x, Tensor) else np.asarray(x)


def label(x: Any) -> str:
    """Describe a tensor or an array for a message."""
    return describe(x) if isinstance(x, Tensor) else f"array {x.shape} {x.dtype}"


def resolve_axis(axis: Any, x: Any, name: str) -> int:
    """Return an axis counted from the front, or say that it does not exist."""
    try:
        return normalize_axis_index(axis, x.ndim)
    except np.exceptions.AxisError as error:
        raise AxisError(
            f"{name}: axis {axis} does not exist: {label(x)} has {x.ndim} axes."
        ) from error


def resolve_axes(axes: Any, x: Any, name: str) -> tuple[int, ...]:
    """Return one axis or several as a tuple, counted from the front."""
    several = axes if np.ndim(axes) else (axes,)
    resolved = tuple(resolve_axis(axis, x, name) for axis in several)
    if len(set(resolved)) != len(resolved):
        raise AxisError(f"{name}: an axis is named twice in {axes} for {label(x)}.")
    return resolved


@composed(numpy=(np.moveaxis,))
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Move axes to other places; the others keep their order.

    Parameters
    ----------
    x : Tensor
        Any shape.
    source, destination : int or sequence of int
        The axes to move, and where each of them goes.

    Raises
    ------
    AxisError
        If an axis does not exist or is named twice, or if the two differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.moveaxis(Tensor(np.zeros((2, 3, 4))), 0, -1).shape
    (3, 4, 2)
    """
    x = operand(x)
    sources = resolve_axes(source, x, "moveaxis")
    destinations = resolve_axes(destination, x, "moveaxis")
    if len(sources) != len(destinations):
        raise AxisError(
            f"moveaxis: {len(sources)} source axes and {len(destinations)} "
            f"destinations; name one destination for each axis."
        )
    order = [axis for axis in range(x.ndim) if axis not in sources]
    for place, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(place, axis)
    return x if order == list(range(x.ndim)) else transpose(x, order)


@composed(numpy=(np.rollaxis,), method=False)
def rollaxis(x: Any, axis: int, start: int = 0) -> Any:
    """Move one axis until it lies before ``start``; `moveaxis` is easier to read.

    Raises
    ------
    AxisError
        If the axis, or the place, does not exist.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.rollaxis(Tensor(np.zeros((2, 3, 4))), 2).shape
    (4, 2, 3)
    """
    x = operand(x)
    axis = resolve_axis(axis, x, "rollaxis")
    place = start + x.ndim if start < 0 else start
    if not 0 <= place <= x.ndim:
        raise AxisError(
            f"rollaxis: start={start} is no place among the {x.ndim} axes of "
            f"{label(x)}."
        )
    return moveaxis(x, axis, place - 1 if axis < place else place)


@composed(numpy=(np.matrix_transpose, np.linalg.matrix_transpose))
def matrix_transpose(x: Any) -> Any:
    """Transpose each matrix of a batch: exchange the last two axes.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> Tensor(np.zeros((5, 2, 3))).mT.shape
    (5, 3, 2)
    """
    x = operand(x)
    if x.ndim < 2:
        raise ShapeError(f"matrix_transpose: {label(x)} has fewer than two axes.")
    return swapaxes(x, -1, -2)


Tensor.mT = property(matrix_transpose)  # type: ignore[attr-defined]


def _one_or_all(results: tuple[Any, ...]) -> Any:
    return results[0] if len(results) == 1 else results


@composed(numpy=(np.atleast_1d,), method=False)
def atleast_1d(*arrays: Any) -> Any:
    """Give 0-d values an axis; several arguments give a tuple.

    Examples
    --------
    >>> from autograd import Tensor, atleast_1d
    >>> atleast_1d(Tensor(2.0))
    Tensor([2.], op=reshape)
    """
    return _one_or_all(
        tuple(x if x.ndim else reshape(x, (1,)) for x in map(operand, arrays))
    )


@composed(numpy=(np.atleast_2d,), method=False)
def atleast_2d(*arrays: Any) -> Any:
    """Put axes of length 1 in front until there are two.

    Examples
    --------
    >>> from autograd import Tensor, atleast_2d
    >>> atleast_2d(Tensor([1.0, 2.0])).shape
    (1, 2)
    """
    return _one_or_all(
        tuple(x if x.ndim > 1 else reshape(x, (1, -1)) for x in map(operand, arrays))
    )


def _three_axes(x: Any) -> Any:
    if x.ndim > 2:
        return x
    return reshape(x, (*x.shape, 1) if x.ndim == 2 else (1, -1, 1))


@composed(numpy=(np.atleast_3d,), method=False)
def atleast_3d(*arrays: Any) -> Any:
    """Add axes until there are three: (n,) gives (1, n, 1), (m, n) gives (m, n, 1).

    Examples
    --------
    >>> from autograd import Tensor, atleast_3d
    >>> atleast_3d(Tensor([1.0, 2.0])).shape
    (1, 2, 1)
    """
    return _one_or_all(tuple(_three_axes(operand(x)) for x in arrays))


@composed(numpy=(np.broadcast_arrays,), method=False)
def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    """Repeat several arrays to their common shape.

    Raises
    ------
    ShapeError
        If they have none.

    Examples
    --------
    >>> from autograd import Tensor, broadcast_arrays
    >>> a, b = broadcast_arrays(Tensor([1.0, 2.0]), 3.0)
    >>> b
    array([3., 3.])
    """
    operands = [operand(x) for x in arrays]
    try:
        shape = np.broadcast_shapes(*(x.shape for x in operands))
    except ValueError as error:
        raise ShapeError(
            f"broadcast_arrays: no common shape for {', '.join(map(label, operands))}."
        ) from error
    return tuple(x if x.shape == shape else broadcast_to(x, shape) for x in operands)


@composed(numpy=(np.meshgrid,), method=False)
def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Any, ...]:
    """Return the coordinates of all points of a grid, one array for each direction.

    Parameters
    ----------
    *xi : Tensor, shape (n_k,) or ()
        The coordinates along each direction.
    copy : bool, default True
        Has no effect: results never share memory that could be written.
    sparse : bool, default False
        Leave every array at length 1 along the directions it does not vary in.
    indexing : {"xy", "ij"}, default "xy"
        With "xy" the first two axes of the results are exchanged, as in a plot.

    Examples
    --------
    >>> from autograd import Tensor, meshgrid
    >>> X, Y = meshgrid(Tensor([1.0, 2.0, 3.0]), Tensor([0.0, 5.0]))
    >>> X.shape, Y[1, 0]
    ((2, 3), Tensor(5., op=getitem))
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f'meshgrid: indexing must be "xy" or "ij", got {indexing!r}.')
    places = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        places[:2] = [1, 0]
    grids = []
    for place, x in zip(places, map(operand, xi), strict=True):
        shape = [1] * len(xi)
        shape[place] = -1
        grids.append(reshape(x, shape))
    return tuple(grids) if sparse else broadcast_arrays(*grids)
