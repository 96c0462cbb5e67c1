"""The error function, the normal distribution, x log y, and sinc.

NumPy has no error function.  Here it is made of two series: its Taylor series near 0,
and further out one Chebyshev series for the whole half-line, of a scaled complement.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.blocks import blockwise
from autograd.primitive import primitive

__all__ = ["erf", "ndtr", "sinc", "xlogy"]

_ANY = np.array([-2.5, -0.7, 0.0, 0.4, 1.3])
_POSITIVE = np.array([0.2, 0.8, 1.0, 3.0, 20.0])

# (1 + 2x) e^(x²) erfc(x) for x >= 0, as a Chebyshev series in (x - 3.75) / (x + 3.75).
# The form of the series is that of Shepherd and Laframboise (1981); a test computes the
# coefficients anew.
_SERIES = (
    1.1775789345674017541, -0.0045900545806464773309, -0.084249133366517915584,
    0.059209939998191890498, -0.026658668435305752277, 0.0090749976707052650939,
    -0.0024131635404176081909, 0.00049077583652580863229, -0.000069169733025012063671,
    4.1390279860730101675e-6, 7.7403830661984906686e-7, -2.1886401049234395661e-7,
    1.0764999465670910377e-8, 4.5219598112182868979e-9, -7.7544002088313511065e-10,
    -6.3180883408866844944e-11, 2.8687950109306698981e-11, 1.945586854577734723e-13,
    -9.6546967484334389059e-13, 3.2525481481487398415e-14, 3.3478119482868053878e-14,
    -1.8645628804193131015e-15, -1.2507950530688647085e-15, 7.418235256624043463e-17,
    5.0681489047961113168e-17,
)  # fmt: skip


def _powers(series: Sequence[float]) -> list[float]:
    """Turn a Chebyshev series into the coefficients of 1, t, t² ..."""
    total = [0.0] * len(series)
    this, following = [1.0], [0.0, 1.0]  # the polynomials T_k and T_(k+1)
    for weight in series:
        for k, coefficient in enumerate(this):
            total[k] += weight * coefficient
        after = [0.0, *(2 * coefficient for coefficient in following)]
        for k, coefficient in enumerate(this):
            after[k] -= coefficient
        this, following = following, after
    return total


_DOUBLE, _SINGLE = _powers(_SERIES), _powers(_SERIES[:12])
# erf(x) / x in powers of x²; twelve terms are exact to the last place below 0.5.
_TAYLOR = [
    2 / math.sqrt(math.pi) * (-1) ** n / (math.factorial(n) * (2 * n + 1))
    for n in range(12)
]


def _polynomial(coefficients: Sequence[float], t: Any) -> Any:
    """Evaluate a polynomial by Horner's rule; the lowest coefficient comes first."""
    total = t * coefficients[-1]
    for coefficient in coefficients[-2:0:-1]:
        total += coefficient
        total *= t
    total += coefficients[0]
    return total


def _scaled_complement(x: Any) -> Any:
    """Return e^(x²) erfc(x) for x >= 0."""
    coefficients = _SINGLE if x.dtype.itemsize <= 4 else _DOUBLE
    return _polynomial(coefficients, (x - 3.75) / (x + 3.75)) / (1 + 2 * x)


@blockwise
def _erf(x: Any) -> Any:
    distance = np.minimum(np.absolute(x), 6.0)  # beyond it erf is 1
    near = np.minimum(distance, 0.5)
    series = near * _polynomial(_TAYLOR, near * near)
    tail = np.exp(-distance * distance) * _scaled_complement(distance)
    return np.copysign(np.where(distance < 0.5, series, 1 - tail), x)


@primitive(
    symbol="erf",
    latex=r"\operatorname{{erf}}\left({0}\right)",
    vjps=(lambda g, out, x: g * (2 / math.sqrt(math.pi)) * np.exp(-x * x),),
    formulas=("G * 2 / np.sqrt(np.pi) * np.exp(-{0}**2)",),
    elementwise=True,
    samples=[(_ANY,)],
)
def erf(x: Any) -> Any:
    """Return the error function, 2/√π ∫ e^(-t²) dt from 0 to x.

    Formula: d erf(x) = 2/√π e^(-x²) dx.

    Notes
    -----
    The relative error is at most 4 units in the last place, in single and in double
    precision.

    References
    ----------
    Shepherd and Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in
    0 ≤ x < ∞", Mathematics of Computation 36, 1981.

    Examples
    --------
    >>> from autograd import Tensor, erf
    >>> erf(Tensor([0.0, 1.0]))
    Tensor([0.        , 0.84270079], op=erf)
    """
    if x.__class__ is np.float64:  # one number: the C library has it
        return np.float64(math.erf(x))
    return _erf(x)


def normal(x: Any) -> tuple[Any, Any]:
    """Return the standard normal distribution function and its density."""
    distance = np.clip(np.absolute(x), 0, 40.0)  # beyond it both are 0
    bell = np.exp(-0.5 * distance * distance)
    tail = 0.5 * bell * _scaled_complement(distance * math.sqrt(0.5))
    # 1 - tail above 0, tail below: np.where takes three times as long.
    return np.absolute((x >= 0) - tail), bell / math.sqrt(2 * math.pi)


def bell_curve(x: Any) -> Any:
    """Return the standard normal density, of arrays and of tensors."""
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


@blockwise
def _ndtr(x: Any) -> Any:
    return normal(x)[0]


@primitive(
    symbol="Φ",
    latex=r"\Phi\left({0}\right)",
    vjps=(lambda g, out, x: g * bell_curve(x),),
    formulas=("G * np.exp(-{0}**2 / 2) / np.sqrt(2 * np.pi)",),
    elementwise=True,
    samples=[(_ANY,)],
)
def ndtr(x: Any) -> Any:
    """Return the standard normal distribution function: the area below x.

    Formula: dΦ(x) = e^(-x²/2) / √(2π) dx.

    Notes
    -----
    Computed like `erf`.  Far below 0 the relative error grows with the rounding of x²,
    to x²/2 units in the last place.

    Examples
    --------
    >>> from autograd import Tensor, ndtr
    >>> ndtr(Tensor([0.0, 1.96]))
    Tensor([0.5      , 0.9750021], op=ndtr)
    """
    if x.__class__ is np.float64:
        return np.float64(0.5 * math.erfc(-x * math.sqrt(0.5)))
    return _ndtr(x)


def _xlogy_first(g: Any, out: Any, x: Any, y: Any) -> Any:
    none = (x == 0) & (y == 0)
    return g * np.where(none, 0.0, np.log(np.where(none, 1.0, y)))


def _xlogy_second(g: Any, out: Any, x: Any, y: Any) -> Any:
    none = (x == 0) & (y == 0)
    return g * (x / np.where(none, 1.0, y))


@primitive(
    symbol="x log y",
    latex=r"{0} \log {1}",
    vjps=(_xlogy_first, _xlogy_second),
    formulas=("G * np.log({1})", "G * {0} / {1}"),
    elementwise=True,
    samples=[(np.array([-2.5, -0.7, 0.0, 0.4, 1.3]), _POSITIVE)],
)
def xlogy(x: Any, y: Any) -> Any:
    """Return x log(y), and 0 where x = 0 whatever y is, except NaN.

    Formula: d(x log y) = log(y) dx + x/y dy.  At x = y = 0 both derivatives are 0: the
    limit of x/y along x = 0; PyTorch gives NaN for the second.

    Examples
    --------
    >>> from autograd import Tensor, xlogy
    >>> xlogy(Tensor([0.0, 2.0]), Tensor([0.0, 1.0]))
    Tensor([0., 0.], op=xlogy)
    """
    none = np.equal(x, 0) & np.equal(y, y)
    return np.where(none, 0.0, x * np.log(np.where(none, 1.0, y)))[()]


def _sinc_slope(x: Any) -> Any:
    """Return the derivative of sinc, near 0, where the quotient cancels, by a series.

    With u = πx, sin(u)/u = Σ (-1)^k u^2k / (2k + 1)!, differentiated term by term.
    """
    near = np.absolute(x) < 0.3
    u = np.where(near, x, 0.0) * np.pi
    terms = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 10)]
    series: Any = terms[-1]
    for term in terms[-2::-1]:
        series = series * u * u + term
    away = np.where(near, 1.0, x)
    quotient = (np.cos(np.pi * away) - np.sinc(away)) / away
    return np.where(near, np.pi * u * series, quotient)


@primitive(
    symbol="sinc",
    latex=r"\operatorname{{sinc}} {0}",
    vjps=(lambda g, out, x: g * _sinc_slope(x),),
    formulas=("G * (np.cos(np.pi * {0}) - {out}) / {0}",),
    elementwise=True,
    samples=[(np.array([-2.5, -0.7, -0.1, 0.2, 0.4, 1.3]),)],
)
def sinc(x: Any) -> Any:
    """Return sin(πx) / (πx), which is 1 at 0.

    Formula: d sinc(x) = (cos(πx) - sinc(x)) / x dx, which is 0 at 0.

    Examples
    --------
    >>> from autograd import Tensor, sinc
    >>> sinc(Tensor([0.0, 0.5]))
    Tensor([1.        , 0.63661977], op=sinc)
    """
    return np.sinc(x)
