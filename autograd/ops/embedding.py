"""Rows of a table, chosen by their numbers, and the sum of rows of equal number."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import index_array, require_in_range, shown
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
        lambda g, out, weight, index, padding_idx: segment_sum(
            g, index, weight.shape[0], padding_idx
        ),
        None,
    ),
    formulas=("segment_sum(G, {1}, {0}.shape[0], {padding_idx})",),
    method=False,
    samples=[(_TABLE, _INDEX), (_TABLE, _INDEX[0], {"padding_idx": 2})],
)
def _embedding(weight: Any, index: Any, padding_idx: int | None = None) -> Any:
    return np.take(weight, index, axis=0)


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
    if np.ndim(weight) != 2:
        raise ShapeError(
            f"embedding: the table must have shape (rows, features): "
            f"{shown('weight', weight)}."
        )
    rows = np.shape(weight)[0]
    require_in_range("embedding", "input", index, rows, shown("weight", weight))
    if padding_idx is not None:
        padding = np.asarray(padding_idx)
        if -rows <= padding < 0:
            padding = padding + rows
        require_in_range("embedding", "padding_idx", padding, rows, shown("weight", weight))
        padding_idx = int(padding)
    return _embedding(weight, index, padding_idx)


def _summed_by_product(rows: Any, index: Any, count: int) -> Any:
    """Multiply by one-hot vectors: the fastest way for few segments."""
    chosen = np.zeros((count, index.size), rows.dtype)
    chosen[index, np.arange(index.size)] = 1
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
    latex=r"\sum {0}[{1}]",
    vjps=(
        lambda g, out, rows, index, count, padding_idx: np.reshape(
            _without(embedding(index, g), index, padding_idx), rows.shape
        ),
        None,
    ),
    formulas=(
        "G[{1}] * np.reshape({1} != {padding_idx}, (*{1}.shape, 1))",
    ),
    method=False,
    samples=[
        (np.sin(np.arange(12.0)).reshape(2, 3, 2), _INDEX, 4),
        (np.sin(np.arange(6.0)).reshape(3, 2), _INDEX[0], 600, 2),
    ],
)
def segment_sum(
    rows: Any, index: Any, count: int, padding_idx: int | None = None
) -> Any:
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
    padding_idx : int, optional
        The sum of this number is 0, whatever its rows are.

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
    total = None
    if count <= _FEW_SEGMENTS:
        total = _summed_by_product(folded, flat, count)
        if not np.all(np.isfinite(total)):  # 0 times infinity would spoil other sums
            total = None
    if total is None:
        total = _summed_by_sorting(folded, flat, count)
    if padding_idx is not None:
        total[padding_idx] = 0
    return total


def _without(rows: Any, index: Any, padding_idx: int | None) -> Any:
    """Set the rows of one number to 0."""
    if padding_idx is None:
        return rows
    return np.where(np.expand_dims(index != padding_idx, -1), rows, 0.0)
