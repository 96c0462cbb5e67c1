"""Axes of the charts of the live page: where a number stands, and which are written.

A diverging run has losses of 1e308 and gradients of 1e-310: sums and differences of
such numbers overflow or vanish, so positions are computed from quotients, and the
numbers on an axis in decimal arithmetic.
"""

import math
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from viz.numbers import number, power_of_ten

__all__ = ["LinearAxis", "LogAxis", "Tick"]

_LARGEST = sys.float_info.max
_DECADES = 12  # of a logarithmic axis
_MOST_DECIMALS = 5  # of a number on an axis


class Tick(NamedTuple):
    """A number on an axis: where it stands, from 0 to 1, and how it is written."""

    share: float
    text: str


class LinearAxis(NamedTuple):
    """An axis from one number to a larger one, both finite."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "LinearAxis":
        """Return the axis on which all finite numbers have room.

        It begins at zero if that is near, and can be read: see `is_readable`.

        Examples
        --------
        >>> LinearAxis.of([1.0, 10.0]), LinearAxis.of([7.0, 10.0])
        (LinearAxis(low=0.0, high=10.0), LinearAxis(low=7.0, high=10.0))
        >>> LinearAxis.of([3.0]), LinearAxis.of([math.nan])
        (LinearAxis(low=0.0, high=6.0), LinearAxis(low=0.0, high=1.0))
        """
        finite = [float(y) for y in values if math.isfinite(y)] or [0.0]
        low, high = min(finite), max(finite)
        if low == high:
            other = max(min(2 * low, _LARGEST), -_LARGEST) or 1.0
            return cls(min(0.0, other), max(0.0, other))
        if 0 <= low < 0.5 * high:
            low = 0.0
        axis = cls(low, high)
        while not axis.is_readable():
            axis = axis.widened()
        return axis

    def shows(self, value: float) -> bool:
        """Return whether a number has a place on the axis."""
        return math.isfinite(value)

    def share(self, value: float) -> float:
        """Return where a number stands: 0 at the lower end, 1 at the upper."""
        unit = max(abs(self.low), abs(self.high))
        low = self.low / unit
        return min(max((value / unit - low) / (self.high / unit - low), 0.0), 1.0)

    def ticks(self) -> list[Tick]:
        """Return round numbers on the axis, mostly three to six of them."""
        low, high = Decimal(self.low), Decimal(self.high)
        rough = (high - low) / 4
        power = Decimal(10) ** rough.adjusted()
        step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough)
        first, last = math.ceil(low / step), math.floor(high / step)
        values = [float(k * step) for k in range(first, last + 1)]
        texts = [number(value) for value in values]
        decimals = -step.adjusted()
        if len(set(texts)) < len(texts) and 0 < decimals <= _MOST_DECIMALS:
            texts = [f"{value:.{decimals}f}".replace("-", "−") for value in values]
        pairs = zip(values, texts, strict=True)
        return [Tick(self.share(value), text) for value, text in pairs]

    def is_readable(self) -> bool:
        """Return whether at least two numbers are on the axis, and no two are alike."""
        texts = [tick.text for tick in self.ticks()]
        return len(texts) > 1 and len(set(texts)) == len(texts)

    def widened(self) -> "LinearAxis":
        """Return an axis that is twice as long."""
        step = math.ulp(max(abs(self.low), abs(self.high)))
        margin = max(self.high / 2 - self.low / 2, step)
        low, high = self.low - margin, self.high + margin
        return LinearAxis(max(low, -_LARGEST), min(high, _LARGEST))


class LogAxis(NamedTuple):
    """A logarithmic axis from one power of ten to a larger one."""

    first: int
    last: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "LogAxis":
        """Return the axis on which all positive finite numbers have room.

        It holds twelve powers of ten at most: smaller numbers stand at its lower end.

        Examples
        --------
        >>> LogAxis.of([0.02, 3.0]), LogAxis.of([5e-324]), LogAxis.of([0.0, math.inf])
        (LogAxis(first=-2, last=1), LogAxis(first=-324, last=-323), \
LogAxis(first=-1, last=0))
        """
        powers = [math.log10(y) for y in values if math.isfinite(y) and y > 0]
        last = math.ceil(max(powers, default=0))
        first = max(math.floor(min(powers, default=-1)), last - _DECADES)
        return cls(first, max(last, first + 1))

    def shows(self, value: float) -> bool:
        """Return whether a number has a place on the axis."""
        return math.isfinite(value) and value > 0

    def share(self, value: float) -> float:
        """Return where a number stands: 0 at the lower end, 1 at the upper."""
        return self._share_of_power(math.log10(value))

    def ticks(self) -> list[Tick]:
        """Return powers of ten, seven of them at most."""
        every = -(-(self.last - self.first) // 6)
        powers = range(self.first, self.last + 1, every)
        return [Tick(self._share_of_power(k), power_of_ten(k)) for k in powers]

    def _share_of_power(self, power: float) -> float:
        share = (power - self.first) / (self.last - self.first)
        return min(max(share, 0.0), 1.0)
