"""Medians, quartiles, ratios of neighbours, and exponents of growth."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """The middle of some numbers, and the bounds of their middle half."""

    lower: float
    median: float
    upper: float

    def __str__(self) -> str:
        lower, median, upper = map(rounded, self)
        return f"{median} ({lower} to {upper})"


def rounded(value: float) -> str:
    """Return a number with two or three digits, as the tables have it.

    Examples
    --------
    >>> [rounded(x) for x in (0.00123, 0.0123, 0.456, 1.5, 23.45, 1284.2)]
    ['0.0012', '0.012', '0.46', '1.50', '23.4', '1284']
    """
    if value < 0.1:
        return f"{value:.2g}"
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{digits}f}"


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles, interpolated between neighbours.

    Examples
    --------
    >>> print(spread([1.0, 2.0, 3.0, 4.0, 10.0]))
    3.00 (2.00 to 4.00)
    """
    return Spread(*(float(q) for q in np.quantile(values, (0.25, 0.5, 0.75))))


def ratios(
    times: Sequence[float | None], others: Sequence[float | None]
) -> list[float]:
    """Return the ratio of each round in which both took part.

    Examples
    --------
    >>> ratios([2.0, None, 6.0], [1.0, 1.0, 2.0])
    [2.0, 3.0]
    """
    pairs = zip(times, others, strict=True)
    return [a / b for a, b in pairs if a is not None and b is not None]


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return p of the power law time = c · sizeᵖ that fits best.

    Least squares of the logarithms.

    Examples
    --------
    >>> round(exponent([1, 2, 4, 8], [3, 12, 48, 192]), 9)
    2.0
    """
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
