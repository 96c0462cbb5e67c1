"""Reading parts of an array, and its reverse: adding into them.

The two operations are each other's derivative.
"""

from typing import Any

import numpy as np

from autograd.primitive import primitive
from autograd.tensor import Tensor

__all__ = ["getitem", "scatter_add"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.arange(24.0).reshape(2, 3, 4) / 7 - 1.3


def _plain_index(index: Any) -> Any:
    """Replace tensors in an index by their values."""
    if isinstance(index, tuple):
        return tuple(_plain_index(part) for part in index)
    if isinstance(index, Tensor):
        return index.data
    return np.asarray(index) if isinstance(index, list) else index


def value_of(x: Any) -> Any:
    """Return what an argument holds, without its graph: indices and conditions."""
    return x.data if isinstance(x, Tensor) else np.asarray(x)


def _is_basic(index: Any) -> bool:
    """Return whether it holds only integers, slices, None and ``...``: no repeats."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is Ellipsis or isinstance(part, slice | int | np.integer)
        for part in parts
    )


def _is_mask(index: Any) -> bool:
    return isinstance(index, np.ndarray | np.generic) and index.dtype.kind == "b"


def _add_part(buffer: Any, g: Any, index: Any) -> None:
    """Add ``g`` to ``buffer[index]``, as often as an element was chosen."""
    if _is_basic(index) or _is_mask(index):
        buffer[index] += g  # no element can be chosen twice
    else:
        np.add.at(buffer, index, g)


@primitive(
    symbol="[ ]",
    latex="{0}[{index}]",
    vjps=(lambda g, out, x, index: scatter_add(g, index, x.shape),),
    formulas=("scatter_add(G, np.s_[{index}], {0}.shape)",),
    add_into=_add_part,  # a loop over x[t] would make an array of zeros a step
    numpy=(),
    method=False,
    samples=[
        (_A, 1),
        (_A, (slice(None, None, -1), 2)),
        (_B, (Ellipsis, None, slice(1, 3))),
        (_A, _A > 0),
        (_A, np.array([0, 0, 1])),
        (_B, (np.array([0, 1]), slice(None), np.array([2, 2]))),
        (_A, np.zeros(0, dtype=int)),
    ],
)
def getitem(x: Any, index: Any) -> Any:
    """Return a part of an array: ``x[index]``, for every index that NumPy takes.

    Formula: each chosen element receives its gradient; an element that was chosen k
    times receives the sum of k gradients, one that was not chosen receives 0.

    Raises
    ------
    OutOfRangeError
        If an index is out of range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([10.0, 20.0, 30.0])
    >>> x[[0, 0, 1]].sum().backward()
    >>> x.grad
    array([2., 1., 0.])
    """
    return np.asarray(x)[index]


def _getitem_operator(x: Tensor, index: Any) -> Tensor:
    return getitem(x, _plain_index(index))  # type: ignore[no-any-return]


Tensor.__getitem__ = _getitem_operator  # type: ignore[method-assign]


@primitive(
    symbol="scatter",
    latex=r"\operatorname{{scatter}}({0})",
    vjps=(lambda g, out, x, index, shape: g[index],),
    formulas=("G[{index}]",),
    method=False,
    samples=[(_A[0], np.array([0, 0, 2]), (4,)), (_A, slice(1, 3), (4, 3))],
)
def scatter_add(x: Any, index: Any, shape: Any) -> Any:
    """Add ``x`` into the part ``[index]`` of zeros; repeated indices add up.

    Formula: each element of ``x`` receives the gradient of the place it was added to.

    Parameters
    ----------
    x : Tensor
        Of the shape of ``zeros[index]``.
    index : index
        Any index that NumPy takes.
    shape : tuple of int
        The shape of the result.

    Examples
    --------
    >>> from autograd import Tensor, scatter_add
    >>> scatter_add(Tensor([1.0, 2.0]), [0, 0], (3,))
    Tensor([3., 0., 0.], op=scatter_add)
    """
    total = np.zeros(shape, dtype=x.dtype)
    _add_part(total, x, index)
    return total
