"""Derivatives by differences, as accurate as float64 allows.

A central difference has an error series in even powers of the step h:

    D(h) = (f(h) - f(-h)) / 2h = f'(0) + c2 h² + c4 h⁴ + ...

Halving h and combining two differences removes the first term, combining the results
removes the next (Richardson's extrapolation).  Large steps suffer from the terms that
are left, small ones from rounding; of all combinations the one with the smallest
estimated error is kept, element by element.

References
----------
C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in
Engineering Software 4 (1982).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Slope", "measure_slope"]

Array = npt.NDArray[np.float64]

STEP = 1e-3
LEVELS = 4  # steps h, h/2, h/4, h/8: the error of the last combination is O(h⁸)


@dataclass(frozen=True)
class Slope:
    """The derivative of a vector-valued function of one number, measured at 0.

    Attributes
    ----------
    value : ndarray, shape (m,)
        The derivative.
    error : ndarray, shape (m,)
        An estimate of the error of each element.
    kink : ndarray of bool, shape (m,)
        Where the slopes on the two sides of 0 differ, or change abruptly nearby, so
        that there is no derivative to measure.
    """

    value: Array
    error: Array
    kink: npt.NDArray[np.bool_]


def measure_slope(function: Callable[[float], Array], step: float = STEP) -> Slope:
    """Measure the derivative at 0 of a function of one number.

    Parameters
    ----------
    function : callable
        Takes a number and returns an array of shape (m,).
    step : float, default 1e-3
        The largest step; it is halved three times.

    Examples
    --------
    >>> import numpy as np
    >>> slope = measure_slope(lambda t: np.array([np.sin(0.5 + t), abs(t)]))
    >>> bool(abs(slope.value[0] - np.cos(0.5)) < 1e-11)
    True
    >>> slope.kink
    array([False,  True])
    """
    steps = [step / 2**level for level in range(LEVELS)]
    with np.errstate(all="ignore"):  # what is not finite is reported by the caller
        centre = function(0.0)
        above = [function(h) for h in steps]
        below = [function(-h) for h in steps]
        central = [
            (right - left) / (2 * h)
            for right, left, h in zip(above, below, steps, strict=True)
        ]
        sizes = np.max(np.abs([*above, *below]), axis=0)
        rounding = np.finfo(np.float64).eps * sizes
        value, error = _extrapolate(central, [rounding / h for h in steps])
        gaps = [
            np.abs(right - 2 * centre + left) / h
            for right, left, h in zip(above, below, steps, strict=True)
        ]
        noise = 10 * np.max(rounding, initial=0.0) / steps[-1]
        jump = _is_jump(central, np.maximum(1e6 * rounding / steps[-1], noise))
        kink = _is_kink(gaps, central, noise) | jump
    return Slope(value, error, kink)


def _extrapolate(
    central: Sequence[Array], rounding: Sequence[Array]
) -> tuple[Array, Array]:
    """Combine differences whose steps halve; return the best value and its error.

    The error of a combination is what it differs by from those it was made of, and the
    rounding of the finest difference in it.
    """
    best = central[-1]
    error = np.abs(central[-1] - central[-2]) + rounding[-1]
    previous = [central[0]]
    for difference, noise in zip(central[1:], rounding[1:], strict=True):
        row = [difference]
        for order, coarse in enumerate(previous, start=1):
            finer = row[-1]
            combined = finer + (finer - coarse) / (4**order - 1)
            gap = np.maximum(np.abs(combined - finer), np.abs(combined - coarse))
            better = gap + noise < error
            best = np.where(better, combined, best)
            error = np.where(better, gap + noise, error)
            row.append(combined)
        previous = row
    return best, error


def _is_kink(
    gaps: Sequence[Array], central: Sequence[Array], noise: float
) -> npt.NDArray[np.bool_]:
    """Return where the two one-sided slopes do not approach each other as h shrinks.

    For a smooth function their gap is h f'' and halves with h.  At a kink it stays; at
    a kink beside the point it vanishes at once.  Rounding alone gives gaps, too.
    """
    first, last = gaps[0], gaps[-1] * 2 ** (LEVELS - 1)
    larger = np.maximum(first, gaps[-1])
    noticeable = larger > 1e-5 * (np.abs(central[0]) + larger) + noise
    return np.asarray(noticeable & ~(np.abs(last - first) <= 0.1 * first))


def _is_jump(central: Sequence[Array], noise: Array) -> npt.NDArray[np.bool_]:
    """Return where the difference quotient grows like 1/h: the function jumps."""
    first, last = np.abs(central[0]), np.abs(central[-1])
    return np.asarray((last > 2 * first) & (last > noise))
