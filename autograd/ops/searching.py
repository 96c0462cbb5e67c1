"""Sorting, and the positions of elements.

A position is a whole number, which has no derivative: `argmax` and its like give plain
arrays.  `sort` reads the elements at the positions that `argsort` finds.
"""

from typing import Any

import numpy as np

from autograd.ops.axes import operand, resolve_axis
from autograd.ops.choosing import take_along_axis
from autograd.ops.indexing import value_of
from autograd.ops.shape import ravel
from autograd.primitive import composed

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "nonzero",
    "searchsorted",
    "sort",
]


@composed()
def argmax(x: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Return the position of the first largest element, a plain number or array.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([[1.0, 7.0], [5.0, 2.0]]).argmax(axis=1)
    array([1, 0])
    """
    return np.argmax(value_of(x), axis=axis, keepdims=keepdims)


@composed()
def argmin(x: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Return the position of the first smallest element, a plain number or array.

    Examples
    --------
    >>> from autograd import Tensor
    >>> int(Tensor([4.0, 1.0, 1.0]).argmin())
    1
    """
    return np.argmin(value_of(x), axis=axis, keepdims=keepdims)


@composed()
def argsort(x: Any, axis: int | None = -1) -> Any:
    """Return the positions in ascending order; equal elements keep their order.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([2.0, 1.0, 2.0]).argsort()
    array([1, 0, 2])
    """
    return np.argsort(value_of(x), axis=axis, kind="stable")


@composed()
def nonzero(x: Any) -> tuple[Any, ...]:
    """Return the positions of the elements that are not zero, one array for each axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([0.0, 3.0]).nonzero()
    (array([1]),)
    """
    return np.nonzero(value_of(x))


@composed()
def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Return where values would be put into a sorted vector to keep it sorted.

    Parameters
    ----------
    a : Tensor, shape (n,)
        In ascending order.
    v : Tensor or number
        The values.
    side : {"left", "right"}, default "left"
        Whether equal elements come after or before the place.
    sorter : array of int, shape (n,), optional
        The order in which ``a`` is ascending.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0]).searchsorted([1.5, 3.5])
    array([1, 3])
    """
    return np.searchsorted(value_of(a), value_of(v), side=side, sorter=sorter)


@composed(numpy=(np.sort,))
def sort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Any:
    """Return the elements in ascending order.

    Parameters
    ----------
    a : Tensor
        Any shape.
    axis : int or None, default -1
        The axis along which to sort; None stands for the raveled array.
    kind, stable
        NumPy's; the order is always the stable one.

    Returns
    -------
    Tensor
        A new tensor: unlike the method of ndarray, ``x.sort()`` does not change x.

    Notes
    -----
    Formula: each element receives the gradient of the place it went to.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, sort
    >>> x = Tensor([2.0, 1.0, 2.0])
    >>> (sort(x) * np.array([1.0, 10.0, 100.0])).sum().backward()
    >>> x.grad
    array([ 10.,   1., 100.])
    """
    a = operand(a)
    if axis is None:
        a, axis = ravel(a), 0
    axis = resolve_axis(axis, a, "sort")
    return take_along_axis(a, argsort(a, axis), axis)


@composed()
def any(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return whether some element is not zero, as a plain boolean or array of them.

    Examples
    --------
    >>> from autograd import Tensor
    >>> bool(Tensor([0.0, 2.0]).any())
    True
    """
    return np.any(value_of(x), axis=axis, keepdims=keepdims)


@composed()
def all(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return whether no element is zero, as a plain boolean or array of them.

    Examples
    --------
    >>> from autograd import Tensor
    >>> bool(Tensor([0.0, 2.0]).all())
    False
    """
    return np.all(value_of(x), axis=axis, keepdims=keepdims)
