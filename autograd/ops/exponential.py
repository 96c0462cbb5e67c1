"""Exponentials, logarithms, and the activations made of them."""

from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = ["exp", "expm1", "log", "log1p", "sigmoid", "softplus"]

_ANY = np.array([-3.0, -0.7, 0.0, 0.4, 2.5])
_POSITIVE = np.array([0.2, 0.8, 1.0, 3.0, 20.0])


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
    symbol="σ",
    latex=r"\sigma\left({0}\right)",
    vjps=(lambda g, out, x: g * out * (1 - out),),
    elementwise=True,
    samples=[(_ANY,)],
)
def sigmoid(x: Any) -> Any:
    """Return the logistic function 1 / (1 + e^-x), without overflow.

    Formula: dσ(x) = σ(x) (1 - σ(x)) dx.

    Notes
    -----
    Computed as e^min(x, 0) / (1 + e^-|x|), whose exponents are never positive.

    Examples
    --------
    >>> from autograd import Tensor, sigmoid
    >>> sigmoid(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ], op=sigmoid)
    """
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.absolute(x)))


@primitive(
    symbol="softplus",
    latex=r"\log\left(1 + e^{{{0}}}\right)",
    vjps=(lambda g, out, x: g * sigmoid(x),),
    formulas=("G * sigmoid({0})",),
    elementwise=True,
    samples=[(_ANY,)],
)
def softplus(x: Any) -> Any:
    """Return log(1 + e^x), a smooth form of relu, without overflow.

    Formula: d softplus(x) = σ(x) dx.

    References
    ----------
    Dugas et al., "Incorporating second-order functional knowledge for better option
    pricing", NIPS 2000.

    Examples
    --------
    >>> from autograd import Tensor, softplus
    >>> softplus(Tensor([-1000.0, 1000.0]))
    Tensor([   0., 1000.], op=softplus)
    """
    return np.logaddexp(x, x.dtype.type(0) if hasattr(x, "dtype") else 0.0)
