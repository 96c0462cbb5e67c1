"""Rows of a table, chosen by their numbers, and the sum of rows of equal number."""

from typing import Any

import numpy as np

from autograd.errors import OutOfRangeError, ShapeError
from autograd.ops.checks import index_array, shape_of, shown
from autograd.ops.elementwise import where
from autograd.ops.indexing import value_of
from autograd.primitive import primitive

__all__ = ["embedding", "segment_sum"]

_TABLE = np.array([[-2.0, 0.3], [0.9, -0.4], [1.7, 2.5], [0.6, -1.1]])
_INDEX = np.array([[2, 0, 2], [3, 2, 0]])

# Up to so many rows of the table a product with one-hot vectors is fastest.
_FEW_SEGMENTS = 512


@primitive(
    symbol="rows",
    latex=r"{0}[{1}]",
    vjps=(
        lambda g, out, weight, index: segment_sum(g, index, weight.shape[0]),
        None,
    ),
    formulas=("segment_sum(G, {1}, {0}.shape[0])",),
    method=False,
    samples=[(_TABLE, _INDEX), (_TABLE, _INDEX[0])],
)
def _embedding(weight: Any, index: Any) -> Any:
    return weight.take(index, axis=0)


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """Return the rows of a table that have the given numbers.

    Parameters
    ----------
    input : array of int
        Numbers of rows, from 0 to rows - 1; any shape.
    weight : Tensor, shape (rows, features)
        The table.
    padding_idx : int, optional
        A row that gets no gradient, because it only fills up short sequences.

    Returns
    -------
    Tensor, shape (*input.shape, features)
        One row for each number.

    Raises
    ------
    OutOfRangeError
        If there is no row of that number; negative numbers do not count from the end.
    DTypeError
        If the numbers are not integers.

    Notes
    -----
    Formula: a row receives the sum of the gradients of all places that it was put, see
    `segment_sum`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, embedding
    >>> table = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> embedding(np.array([1, 1]), table).sum().backward()
    >>> table.grad
    array([[0., 0.],
           [2., 2.]])
    """
    index = index_array("embedding", "input", input)
    if len(shape_of(weight)) != 2:
        raise ShapeError(
            f"embedding: the table must have shape (rows, features): "
            f"{shown('weight', weight)}."
        )
    rows = shape_of(weight)[0]
    _require_rows(index, rows, weight)
    out = _embedding(weight, index)
    if padding_idx is None:
        return out
    if not -rows <= padding_idx < rows:
        raise OutOfRangeError(
            f"embedding: padding_idx={padding_idx} is not a row of "
            f"{shown('weight', weight)}."
        )
    kept = np.expand_dims(index != padding_idx % rows, -1)
    return where(kept, out, value_of(out))


def _require_rows(index: Any, rows: int, weight: Any) -> None:
    """Raise unless every number is that of a row."""
    wrong = (index < 0) | (index >= rows)
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        where = f"input[{', '.join(map(str, place))}]" if place else "input"
        raise OutOfRangeError(
            f"embedding: {where} = {index[place]} is outside 0 ... {rows - 1}, the "
            f"rows of {shown('weight', weight)}."
        )


def _summed_by_product(rows: Any, index: Any, count: int) -> Any:
    """Multiply by one-hot vectors: the fastest way for few segments."""
    chosen = np.zeros((count, index.size), rows.dtype)
    chosen[index, np.arange(index.size)] = 1
    with np.errstate(invalid="ignore"):  # infinity times 0, which the caller finds
        return chosen @ rows


def _summed_by_sorting(rows: Any, index: Any, count: int) -> Any:
    """Sort the rows by their number, and add up each run of equal numbers."""
    total = np.zeros((count, rows.shape[1]), rows.dtype)
    if index.size:
        order = np.argsort(index, kind="stable")
        ordered = index[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
        total[ordered[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return total


@primitive(
    symbol="Σ rows",
    latex=r"\operatorname{{scatter}}_{{{1}}}({0})",
    vjps=(
        lambda g, out, rows, index, count: embedding(index, g),
        None,
    ),
    formulas=("embedding({1}, G)",),
    method=False,
    samples=[
        (np.sin(np.arange(12.0)).reshape(2, 3, 2), _INDEX, 4),
        (np.sin(np.arange(6.0)).reshape(3, 2), _INDEX[0], 600),
    ],
)
def segment_sum(rows: Any, index: Any, count: int) -> Any:
    """Add up the rows of equal number: the reverse of `embedding`.

    Formula: each row receives the cotangent of the sum that it went into.

    Parameters
    ----------
    rows : Tensor, shape (*index.shape, features)
        What to add up.
    index : array of int
        The number of each row, from 0 to ``count - 1``.
    count : int
        How many sums there are.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import segment_sum
    >>> segment_sum(np.array([[1.0], [2.0], [4.0]]), np.array([0, 2, 0]), 3)
    array([[5.],
           [0.],
           [2.]])
    """
    flat = np.ravel(index)
    folded = np.reshape(rows, (flat.size, rows.shape[-1]))
    if count <= _FEW_SEGMENTS:
        total = _summed_by_product(folded, flat, count)
        if np.isfinite(total.sum()):  # 0 times infinity spoils other sums
            return total
    return _summed_by_sorting(folded, flat, count)
