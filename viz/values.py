"""What is kept of an array for drawing: a copy of its numbers, or a summary."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["COLUMNS", "ROWS", "Value"]

ROWS, COLUMNS = 4, 5  # the largest grid that is drawn
_KEPT = 1000  # elements up to which an array is copied whole


@dataclass(frozen=True)
class Value:
    """The numbers of one array at the time of drawing.

    Attributes
    ----------
    shape : tuple of int
        The shape of the array.
    cells : ndarray, shape (rows, columns)
        Its first rows and columns; of an array with more axes, of the first matrix.
    whole : ndarray or None
        A copy, of an array with up to 1,000 elements.
    mean, std, low, high : float
        Over the finite elements; NaN if there are none.
    unusual : int
        How many elements are NaN or infinite.
    """

    shape: tuple[int, ...]
    cells: npt.NDArray[Any]
    whole: npt.NDArray[Any] | None
    mean: float
    std: float
    low: float
    high: float
    unusual: int

    @classmethod
    def of(cls, data: Any) -> "Value":
        """Copy what is needed of an array."""
        array = np.asarray(data)
        numbers = array.astype(np.float64, copy=False)
        regular = np.isfinite(numbers)
        finite = numbers if regular.all() else numbers[regular]
        matrix = numbers
        while matrix.ndim > 2:
            matrix = matrix[0] if len(matrix) else np.zeros((0, 0))
        with np.errstate(over="ignore", invalid="ignore"):
            return cls(
                shape=array.shape,
                cells=np.array(np.atleast_2d(matrix)[:ROWS, :COLUMNS]),
                whole=array.copy() if array.size <= _KEPT else None,
                mean=float(finite.mean()) if finite.size else math.nan,
                std=float(finite.std()) if finite.size else math.nan,
                low=float(finite.min()) if finite.size else math.nan,
                high=float(finite.max()) if finite.size else math.nan,
                unusual=array.size - finite.size,
            )

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def text(self) -> str:
        """Return all numbers; of a large array the summary."""
        if self.whole is not None:
            return np.array2string(self.whole, separator=", ", precision=6)
        return (
            f"mean {self.mean:.6g}, std {self.std:.6g}, "
            f"range [{self.low:.6g}, {self.high:.6g}]"
            + (f", {self.unusual} not finite" if self.unusual else "")
        )
