"""Trigonometric and hyperbolic functions."""

from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = ["arctan", "cos", "cosh", "sin", "sinh", "tan", "tanh"]

_ANY = np.array([-2.0, -0.6, 0.0, 0.3, 1.2])


@primitive(
    symbol="sin",
    latex=r"\sin {0}",
    vjps=(lambda g, out, x: g * np.cos(x),),
    elementwise=True,
    samples=[(_ANY,)],
)
def sin(x: Any) -> Any:
    """Return the sine of an angle in radians.

    Formula: d(sin x) = cos(x) dx.

    Examples
    --------
    >>> from autograd import Tensor, sin
    >>> sin(Tensor(0.0))
    Tensor(0., op=sin)
    """
    return np.sin(x)


@primitive(
    symbol="cos",
    latex=r"\cos {0}",
    vjps=(lambda g, out, x: -g * np.sin(x),),
    elementwise=True,
    samples=[(_ANY,)],
)
def cos(x: Any) -> Any:
    """Return the cosine of an angle in radians.

    Formula: d(cos x) = -sin(x) dx.

    Examples
    --------
    >>> from autograd import Tensor, cos
    >>> cos(Tensor(0.0))
    Tensor(1., op=cos)
    """
    return np.cos(x)


@primitive(
    symbol="tan",
    latex=r"\tan {0}",
    vjps=(lambda g, out, x: g * (1 + out * out),),
    elementwise=True,
    samples=[(np.array([-1.1, -0.6, 0.0, 0.3, 1.2]),)],
)
def tan(x: Any) -> Any:
    """Return the tangent of an angle in radians.

    Formula: d(tan x) = (1 + tan² x) dx.

    Examples
    --------
    >>> from autograd import Tensor, tan
    >>> tan(Tensor(0.0))
    Tensor(0., op=tan)
    """
    return np.tan(x)


@primitive(
    symbol="arctan",
    latex=r"\arctan {0}",
    vjps=(lambda g, out, x: g / (1 + x * x),),
    elementwise=True,
    samples=[(_ANY,)],
)
def arctan(x: Any) -> Any:
    """Return the angle, in radians, whose tangent is x.

    Formula: d(arctan x) = dx / (1 + x²).

    Examples
    --------
    >>> from autograd import Tensor, arctan
    >>> arctan(Tensor(0.0))
    Tensor(0., op=arctan)
    """
    return np.arctan(x)


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
