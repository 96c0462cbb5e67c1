"""Exponentials and logarithms."""

import math
from typing import Any

import numpy as np

from autograd.ops.logistic import sigmoid
from autograd.primitive import primitive

__all__ = [
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
]

_ANY = np.array([-3.0, -0.7, 0.0, 0.4, 2.5])
_OTHER = np.array([1.0, -0.2, 0.6, -4.0, 2.0])
_POSITIVE = np.array([0.2, 0.8, 1.0, 3.0, 20.0])
_LOG_2 = math.log(2)
_LOG_10 = math.log(10)


@primitive(
    symbol="exp",
    latex="e^{{{0}}}",
    vjps=(lambda g, out, x: g * out,),
    elementwise=True,
    samples=[(_ANY,)],
)
def exp(x: Any) -> Any:
    """Return e to the power x.

    Formula: d(e^x) = e^x dx.

    Examples
    --------
    >>> from autograd import Tensor, exp
    >>> exp(Tensor(0.0))
    Tensor(1., op=exp)
    """
    return np.exp(x)


@primitive(
    symbol="expm1",
    latex="e^{{{0}}} - 1",
    vjps=(lambda g, out, x: g * (out + 1),),
    elementwise=True,
    samples=[(_ANY,)],
)
def expm1(x: Any) -> Any:
    """Return e^x - 1, accurate for small x.

    Formula: d(e^x - 1) = e^x dx.

    Examples
    --------
    >>> from autograd import Tensor, expm1
    >>> expm1(Tensor(1e-20)).item()
    1e-20
    """
    return np.expm1(x)


@primitive(
    symbol="log",
    latex=r"\log {0}",
    vjps=(lambda g, out, x: g / x,),
    elementwise=True,
    samples=[(_POSITIVE,)],
)
def log(x: Any) -> Any:
    """Return the natural logarithm.

    Formula: d(log x) = dx / x.

    Examples
    --------
    >>> from autograd import Tensor, log
    >>> log(Tensor(1.0))
    Tensor(0., op=log)
    """
    return np.log(x)


@primitive(
    symbol="log1p",
    latex=r"\log(1 + {0})",
    vjps=(lambda g, out, x: g / (1 + x),),
    elementwise=True,
    samples=[(_POSITIVE,)],
)
def log1p(x: Any) -> Any:
    """Return log(1 + x), accurate for small x.

    Formula: d(log(1 + x)) = dx / (1 + x).

    Examples
    --------
    >>> from autograd import Tensor, log1p
    >>> log1p(Tensor(1e-20)).item()
    1e-20
    """
    return np.log1p(x)


@primitive(
    symbol="2ˣ",
    latex="2^{{{0}}}",
    vjps=(lambda g, out, x: g * out * _LOG_2,),
    elementwise=True,
    samples=[(_ANY,)],
)
def exp2(x: Any) -> Any:
    """Return 2 to the power x.

    Formula: d(2^x) = 2^x log(2) dx.

    Examples
    --------
    >>> from autograd import Tensor, exp2
    >>> exp2(Tensor([-1.0, 3.0]))
    Tensor([0.5, 8. ], op=exp2)
    """
    return np.exp2(x)


@primitive(
    symbol="log₂",
    latex=r"\log_2 {0}",
    vjps=(lambda g, out, x: g / (x * _LOG_2),),
    elementwise=True,
    samples=[(_POSITIVE,)],
)
def log2(x: Any) -> Any:
    """Return the logarithm to the base 2.

    Formula: d(log₂ x) = dx / (x log 2).

    Examples
    --------
    >>> from autograd import Tensor, log2
    >>> log2(Tensor([0.5, 8.0]))
    Tensor([-1.,  3.], op=log2)
    """
    return np.log2(x)


@primitive(
    symbol="log₁₀",
    latex=r"\log_{{10}} {0}",
    vjps=(lambda g, out, x: g / (x * _LOG_10),),
    elementwise=True,
    samples=[(_POSITIVE,)],
)
def log10(x: Any) -> Any:
    """Return the logarithm to the base 10.

    Formula: d(log₁₀ x) = dx / (x log 10).

    Examples
    --------
    >>> from autograd import Tensor, log10
    >>> log10(Tensor([0.1, 100.0]))
    Tensor([-1.,  2.], op=log10)
    """
    return np.log10(x)


@primitive(
    symbol="logaddexp",
    latex=r"\log\left(e^{{{0}}} + e^{{{1}}}\right)",
    vjps=(
        lambda g, out, a, b: g * sigmoid(a - b),
        lambda g, out, a, b: g * sigmoid(b - a),
    ),
    formulas=("G * sigmoid({0} - {1})", "G * sigmoid({1} - {0})"),
    elementwise=True,
    samples=[(_ANY, _OTHER)],
)
def logaddexp(a: Any, b: Any) -> Any:
    """Return log(e^a + e^b), without overflow.

    Formula: d logaddexp(a, b) = σ(a - b) da + σ(b - a) db.  If both are infinite and
    equal, the gradient is NaN.

    Examples
    --------
    >>> from autograd import Tensor, logaddexp
    >>> logaddexp(Tensor(1000.0), 0.0)
    Tensor(1000., op=logaddexp)
    """
    return np.logaddexp(a, b)


@primitive(
    symbol="logaddexp2",
    latex=r"\log_2\left(2^{{{0}}} + 2^{{{1}}}\right)",
    vjps=(
        lambda g, out, a, b: g * sigmoid((a - b) * _LOG_2),
        lambda g, out, a, b: g * sigmoid((b - a) * _LOG_2),
    ),
    formulas=(
        "G * sigmoid(({0} - {1}) * np.log(2))",
        "G * sigmoid(({1} - {0}) * np.log(2))",
    ),
    elementwise=True,
    samples=[(_ANY, _OTHER)],
)
def logaddexp2(a: Any, b: Any) -> Any:
    """Return log₂(2^a + 2^b), without overflow.

    Formula: that of `logaddexp` with 2 in place of e: the shares of the gradient are
    2^a and 2^b, divided by their sum.

    Examples
    --------
    >>> from autograd import Tensor, logaddexp2
    >>> logaddexp2(Tensor(3.0), 3.0)
    Tensor(4., op=logaddexp2)
    """
    return np.logaddexp2(a, b)
