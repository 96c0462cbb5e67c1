"""How often values occur, in twenty bins: the small columns in cards and boxes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BINS", "Histogram"]

BINS = 20


@dataclass(frozen=True)
class Histogram:
    """The distribution of the finite numbers of one or several arrays.

    Attributes
    ----------
    counts : tuple of int
        How many numbers lie in each bin; as from ``np.histogram``.
    low, high : float
        The ends of the axis; NaN if no number is finite.
    least, most : float
        The range of the numbers, which need not fill the axis.
    unusual : int
        How many numbers are NaN or infinite.
    """

    counts: tuple[int, ...]
    low: float
    high: float
    least: float
    most: float
    unusual: int

    @classmethod
    def of(
        cls, arrays: Sequence[Any], axis: tuple[float, float] | None = None
    ) -> "Histogram":
        """Count.

        Parameters
        ----------
        arrays : sequence of array_like
            The numbers.
        axis : (float, float), optional
            The range of a function, for example (0, 1) for the sigmoid; by default the
            axis goes from the least number to the greatest.

        Examples
        --------
        >>> Histogram.of([[0.0, 0.0, 1.0]]).counts[::19]
        (2, 1)
        """
        flat = [np.asarray(x, dtype=np.float64).ravel() for x in arrays]
        numbers = np.concatenate(flat) if flat else np.zeros(0)
        finite = numbers[np.isfinite(numbers)]
        unusual = numbers.size - finite.size
        if not finite.size:
            return cls((0,) * BINS, math.nan, math.nan, math.nan, math.nan, unusual)
        least, most = float(finite.min()), float(finite.max())
        low, high = axis if axis is not None else (least, most)
        counts = _counts(finite, min(low, least), max(high, most))
        return cls(counts, min(low, least), max(high, most), least, most, unusual)


def _counts(finite: npt.NDArray[Any], low: float, high: float) -> tuple[int, ...]:
    if not math.isfinite(high - low):  # the same bins, without overflow
        finite, low, high = finite / 4, low / 4, high / 4
    narrow = (high - low) / BINS
    if low + narrow == low or high - narrow == high:
        # All the same number, apart from rounding: one column in the middle.
        return tuple(finite.size if k == BINS // 2 else 0 for k in range(BINS))
    counts, _ = np.histogram(finite, BINS, (low, high))
    return tuple(int(n) for n in counts)
