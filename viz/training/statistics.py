"""Numbers about activations and weights: how they are spread, and what is wrong."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viz.training.layers import Activation

__all__ = ["ActivationStatistics", "WeightHistory", "describe", "thinned"]

BINS = 30
_SAMPLE = 4096  # elements of an array that are enough for a histogram

# Saturated: the slope is below 5 % of the steepest.  For the sigmoid,
# a (1 - a) < 0.0125; for tanh, 1 - a² < 0.05.
SATURATION = 0.05
_SIGMOID = 0.012661  # the smaller solution of a (1 - a) = 0.0125
_TANH = 0.974679  # √0.95

_BOUNDS = {
    "sigmoid": (_SIGMOID, 1 - _SIGMOID),
    "tanh": (-_TANH, _TANH),
    "softsign": (-0.776393, 0.776393),  # (1 - |a|)² = 0.05
    "hardtanh": (-1.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
}
_RANGES = {
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "hardtanh": (-1.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
}
_RECTIFIERS = ("relu", "relu6")  # where a unit that is 0 for all samples is dead


@dataclass(frozen=True)
class ActivationStatistics:
    """How the results of an activation function are spread over one batch.

    Attributes
    ----------
    name, function : str
        Layer and function.
    low, high : float
        The ends of the histogram: the range of the function where that is bounded.
    counts : tuple of int
        The histogram.
    mean, std : float
        Of the finite values.
    saturated : float or None
        The share of values where the slope is below 5 % of the steepest; None for
        functions that do not saturate on both sides.
    dead : float or None
        The share of units that are 0 for every sample; None if not a rectifier.
    """

    name: str
    function: str
    low: float
    high: float
    counts: tuple[int, ...]
    mean: float
    std: float
    saturated: float | None = None
    dead: float | None = None

    @property
    def notes(self) -> str:
        """Return what is to be said about health: ``saturated 7%``, or nothing."""
        if self.saturated is not None:
            return f"saturated {100 * self.saturated:.0f}%"
        if self.dead is not None:
            return f"dead units {100 * self.dead:.0f}%"
        return ""


def describe(activation: Activation) -> ActivationStatistics:
    """Return the statistics of an activation.

    Large arrays are represented by 4,096 evenly spaced elements; whether a unit is
    dead is decided by all.

    Examples
    --------
    >>> values = np.array([[0.0, 2.0], [0.0, 0.0]])
    >>> found = describe(Activation("fc1 relu", "relu", values))
    >>> found.mean, found.notes
    (0.5, 'dead units 50%')
    """
    values = _finite(activation.values)
    low, high = _RANGES.get(activation.function) or _range(values)
    saturated = dead = None
    if activation.function in _BOUNDS:
        below, above = _BOUNDS[activation.function]
        outside = (values <= below) | (values >= above)
        saturated = _share(outside)
    if activation.function in _RECTIFIERS:
        dead = _share(_is_zero_for_all(activation.values))
    return ActivationStatistics(
        activation.name,
        activation.function,
        low,
        high,
        histogram(values, low, high, BINS),
        float(values.mean()) if values.size else float("nan"),
        float(values.std()) if values.size else float("nan"),
        saturated,
        dead,
    )


def thinned(array: Any, most: int = _SAMPLE) -> npt.NDArray[Any]:
    """Return evenly spaced elements of an array, at most so many, in one row."""
    flat = np.ravel(array)
    return flat[:: -(-flat.size // most) or 1]


def _finite(array: Any) -> npt.NDArray[np.float64]:
    """Return the finite numbers among evenly spaced elements."""
    values = thinned(array).astype(np.float64)
    keep = np.isfinite(values)
    return values if keep.all() else values[keep]


def histogram(
    values: npt.NDArray[Any], low: float, high: float, bins: int
) -> tuple[int, ...]:
    """Count values in equal bins; what is outside counts in the first or the last.

    ``np.histogram`` does the same, several times slower for few values.
    """
    if not values.size:
        return (0,) * bins
    places = np.minimum(np.maximum((values - low) * (bins / (high - low)), 0), bins - 1)
    counts = np.bincount(places.astype(np.intp), minlength=bins)
    return tuple(counts.tolist())


def _range(values: npt.NDArray[Any]) -> tuple[float, float]:
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _is_zero_for_all(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return for each unit whether it is 0 for every sample.

    A unit is a column of (N, d), a channel of (N, C, ...), the last axis of other
    shapes.
    """
    if values.ndim < 2:
        return np.asarray(values == 0)
    channel = 1 if values.ndim in (2, 4) else values.ndim - 1
    axes = tuple(k for k in range(values.ndim) if k != channel)
    return np.asarray(~np.any(values, axis=axes))


def _share(mask: npt.NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(mask) / mask.size) if mask.size else 0.0


# ---- weights over time --------------------------------------------------------------


@dataclass
class WeightHistory:
    """Histograms of the weights of one layer, one for each time they were looked at.

    The bins are symmetric around 0.  When weights outgrow them the range doubles: two
    neighbouring bins become one, in all histograms so far.

    Attributes
    ----------
    limit : float
        The histograms reach from ``-limit`` to ``limit``.
    epochs : list of float
        When.
    counts : list of list of int
        The histograms.
    """

    limit: float = 0.0
    epochs: list[float] = field(default_factory=list)
    counts: list[list[int]] = field(default_factory=list)

    bins = 64  # a multiple of 4: halves of the range are merged in pairs

    def add(self, epoch: float, weights: Any) -> None:
        """Add the histogram of weights; those that are not finite are left out."""
        values = _finite(weights)
        largest = float(np.max(np.abs(values), initial=0.0))
        if not self.epochs:
            self.limit = 1.5 * largest or 1.0
        while largest > self.limit:
            self._double()
        self.epochs.append(epoch)
        self.counts.append(list(histogram(values, -self.limit, self.limit, self.bins)))

    def _double(self) -> None:
        quarter = [0] * (self.bins // 4)
        self.limit *= 2
        self.counts = [
            quarter
            + [a + b for a, b in zip(row[::2], row[1::2], strict=True)]
            + quarter
            for row in self.counts
        ]
