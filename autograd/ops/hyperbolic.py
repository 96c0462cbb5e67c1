"""Hyperbolic functions and their inverses."""

from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = ["arccosh", "arcsinh", "arctanh", "cosh", "sinh", "tanh"]

_ANY = np.array([-2.0, -0.6, 0.0, 0.3, 1.2])
_ABOVE_ONE = np.array([1.1, 1.5, 2.0, 7.0])
_WITHIN = np.array([-0.9, -0.4, 0.0, 0.3, 0.8])  # between -1 and 1


@primitive(
    symbol="sinh",
    latex=r"\sinh {0}",
    vjps=(lambda g, out, x: g * np.cosh(x),),
    elementwise=True,
    samples=[(_ANY,)],
)
def sinh(x: Any) -> Any:
    """Return the hyperbolic sine.

    Formula: d(sinh x) = cosh(x) dx.

    Examples
    --------
    >>> from autograd import Tensor, sinh
    >>> sinh(Tensor(0.0))
    Tensor(0., op=sinh)
    """
    return np.sinh(x)


@primitive(
    symbol="cosh",
    latex=r"\cosh {0}",
    vjps=(lambda g, out, x: g * np.sinh(x),),
    elementwise=True,
    samples=[(_ANY,)],
)
def cosh(x: Any) -> Any:
    """Return the hyperbolic cosine.

    Formula: d(cosh x) = sinh(x) dx.

    Examples
    --------
    >>> from autograd import Tensor, cosh
    >>> cosh(Tensor(0.0))
    Tensor(1., op=cosh)
    """
    return np.cosh(x)


@primitive(
    symbol="tanh",
    latex=r"\tanh {0}",
    vjps=(lambda g, out, x: g * (1 - out * out),),
    elementwise=True,
    samples=[(_ANY,)],
)
def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent.

    Formula: d(tanh x) = (1 - tanh² x) dx.

    Examples
    --------
    >>> from autograd import Tensor, tanh
    >>> tanh(Tensor(0.0))
    Tensor(0., op=tanh)
    """
    return np.tanh(x)


@primitive(
    symbol="arsinh",
    latex=r"\operatorname{{arsinh}} {0}",
    vjps=(lambda g, out, x: g / np.hypot(x, 1.0),),
    elementwise=True,
    samples=[(_ANY,)],
)
def arcsinh(x: Any) -> Any:
    """Return the number whose hyperbolic sine is x.

    Formula: d(arsinh x) = dx / √(x² + 1).

    Examples
    --------
    >>> from autograd import Tensor, arcsinh
    >>> arcsinh(Tensor(0.0))
    Tensor(0., op=arcsinh)
    """
    return np.arcsinh(x)


@primitive(
    symbol="arcosh",
    latex=r"\operatorname{{arcosh}} {0}",
    vjps=(lambda g, out, x: g / np.sqrt((x - 1) * (x + 1)),),
    elementwise=True,
    samples=[(_ABOVE_ONE,)],
)
def arccosh(x: Any) -> Any:
    """Return the number, not negative, whose hyperbolic cosine is x.

    Formula: d(arcosh x) = dx / √(x² - 1), which is infinite at x = 1.

    Examples
    --------
    >>> from autograd import Tensor, arccosh
    >>> arccosh(Tensor(1.0))
    Tensor(0., op=arccosh)
    """
    return np.arccosh(x)


@primitive(
    symbol="artanh",
    latex=r"\operatorname{{artanh}} {0}",
    vjps=(lambda g, out, x: g / ((1 - x) * (1 + x)),),
    elementwise=True,
    samples=[(_WITHIN,)],
)
def arctanh(x: Any) -> Any:
    """Return the number whose hyperbolic tangent is x.

    Formula: d(artanh x) = dx / (1 - x²), which is infinite at x = ±1.

    Examples
    --------
    >>> from autograd import Tensor, arctanh
    >>> arctanh(Tensor(0.0))
    Tensor(0., op=arctanh)
    """
    return np.arctanh(x)
