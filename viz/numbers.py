"""Numbers as people read them: one format for a whole grid, and single numbers."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["NumberFormat", "magnitude", "number", "power_of_ten", "shape_text"]

_MINUS = "−"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class NumberFormat:
    """How all numbers of one grid are written.

    Attributes
    ----------
    exponent : int
        The numbers are shown divided by ten to this power, which the header names.
    decimals : int
        Digits after the point.
    """

    exponent: int
    decimals: int

    @classmethod
    def of(cls, values: npt.NDArray[Any]) -> "NumberFormat":
        """Choose the format that shows the largest finite magnitude with three digits.

        Examples
        --------
        >>> NumberFormat.of(np.array([0.25, -1.5]))
        NumberFormat(exponent=0, decimals=2)
        >>> NumberFormat.of(np.array([2.5e-5, 1e-7]))
        NumberFormat(exponent=-5, decimals=2)
        """
        numbers = np.asarray(values, dtype=np.float64)
        finite = numbers[np.isfinite(numbers)]
        largest = float(np.max(np.abs(finite), initial=0.0))
        if largest < 10_000 and np.all(finite == np.round(finite)):
            return cls(0, 0)
        order = math.floor(math.log10(largest))
        if -2 <= order <= 3:
            return cls(0, {-2: 3, 2: 1, 3: 0}.get(order, 2))
        return cls(max(order, -323), 2)  # 10.0**-324 is 0

    @property
    def factor(self) -> str:
        """The power of ten for the header, as ``×10⁻⁵``; empty if it is 1."""
        return f"×{power_of_ten(self.exponent)}" if self.exponent else ""

    def text(self, value: float) -> str:
        """Return one number in this format.

        A number that is not zero but rounds to it is ``~0``; NaN and infinities are
        spelled out; the minus sign is always printed.

        Examples
        --------
        >>> form = NumberFormat(exponent=0, decimals=2)
        >>> [form.text(x) for x in (1.0, -0.5, 0.001, 0.0, float("nan"))]
        ['1.00', '−0.50', '~0', '0', 'NaN']
        """
        special = _special(value)
        if special:
            return special
        digits = f"{abs(value) / 10.0**self.exponent:.{self.decimals}f}"
        if value and not float(digits):
            return "~0"
        return ("" if value > 0 else _MINUS) + digits


def number(value: float) -> str:
    """Return a single number in few digits.

    Examples
    --------
    >>> [number(x) for x in (2.0, -0.8456, 0.02, 0.00012, 12345.6)]
    ['2', '−0.846', '0.02', '1.2×10⁻⁴', '12346']
    """
    special = _special(value)
    if special:
        return special
    sign, size = ("" if value > 0 else _MINUS), abs(value)
    if 0.001 <= size < 1e6:
        digits = f"{size:.{3 if size < 1000 else 0}f}"
        return sign + (digits.rstrip("0").rstrip(".") if "." in digits else digits)
    mantissa, _, exponent = f"{size:.2e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{sign}{mantissa}×{power_of_ten(int(exponent))}"


def magnitude(value: float) -> str:
    """Return a size of which the power of ten matters, in two or three digits.

    Examples
    --------
    >>> [magnitude(x) for x in (7.31e-6, 0.0018, 0.163, 2.0, 41.26, 9.96e-4, 12345.6)]
    ['7.3×10⁻⁶', '1.8×10⁻³', '0.163', '2', '41.3', '1.0×10⁻³', '1.2×10⁴']
    """
    special = _special(value)
    if special:
        return special
    if 0.1 <= value < 999.5:
        return f"{value:.3g}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}×{power_of_ten(int(exponent))}"


def power_of_ten(exponent: int) -> str:
    """Return ten to a power, with the exponent raised.

    Examples
    --------
    >>> power_of_ten(-12)
    '10⁻¹²'
    """
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as it is read aloud.

    Examples
    --------
    >>> shape_text((3, 2)), shape_text((4,)), shape_text(())
    ('3×2', '4', 'scalar')
    """
    return "×".join(map(str, shape)) if shape else "scalar"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else f"{_MINUS}inf"
    return "" if value else "0"
