"""Trigonometric functions, their inverses, and the units of angles."""

from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = [
    "arccos",
    "arcsin",
    "arctan",
    "arctan2",
    "cos",
    "deg2rad",
    "degrees",
    "rad2deg",
    "radians",
    "sin",
    "tan",
]

_ANY = np.array([-2.0, -0.6, 0.0, 0.3, 1.2])
_Y = np.array([-2.0, -0.6, 0.9, 0.3, 1.2])
_X = np.array([0.5, -1.5, 2.0, -0.1, 0.7])
_WITHIN = np.array([-0.9, -0.4, 0.0, 0.3, 0.8])  # between -1 and 1


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
    symbol="arcsin",
    latex=r"\arcsin {0}",
    vjps=(lambda g, out, x: g / np.sqrt((1 - x) * (1 + x)),),
    elementwise=True,
    samples=[(_WITHIN,)],
)
def arcsin(x: Any) -> Any:
    """Return the angle, in radians, whose sine is x.

    Formula: d(arcsin x) = dx / √(1 - x²), which is infinite at x = ±1.  It is computed
    as √((1 - x) (1 + x)), which does not cancel near 1.

    Examples
    --------
    >>> from autograd import Tensor, arcsin
    >>> arcsin(Tensor(0.0))
    Tensor(0., op=arcsin)
    """
    return np.arcsin(x)


@primitive(
    symbol="arccos",
    latex=r"\arccos {0}",
    vjps=(lambda g, out, x: -g / np.sqrt((1 - x) * (1 + x)),),
    elementwise=True,
    samples=[(_WITHIN,)],
)
def arccos(x: Any) -> Any:
    """Return the angle, in radians, whose cosine is x.

    Formula: d(arccos x) = -dx / √(1 - x²), which is infinite at x = ±1.

    Examples
    --------
    >>> from autograd import Tensor, arccos
    >>> arccos(Tensor(1.0))
    Tensor(0., op=arccos)
    """
    return np.arccos(x)


def _turn(leg: Any, y: Any, x: Any) -> Any:
    """Return leg / (x² + y²) without overflow, and 0 at the origin."""
    radius = np.hypot(y, x)
    if not np.any(radius == 0):
        return leg / radius / radius
    with np.errstate(invalid="ignore"):
        return np.where(radius == 0, 0.0, leg / radius / radius)


@primitive(
    symbol="arctan2",
    latex=r"\operatorname{{arctan2}}({0}, {1})",
    vjps=(
        lambda g, out, y, x: g * _turn(x, y, x),
        lambda g, out, y, x: -g * _turn(y, y, x),
    ),
    formulas=("G * {1} / ({0}**2 + {1}**2)", "-G * {0} / ({0}**2 + {1}**2)"),
    elementwise=True,
    samples=[(_Y, _X)],
)
def arctan2(y: Any, x: Any) -> Any:
    """Return the angle, in radians, of the point (x, y), in all four quadrants.

    Formula: d arctan2(y, x) = (x dy - y dx) / (x² + y²), and 0 at the origin, where the
    angle is not defined.

    Examples
    --------
    >>> from autograd import Tensor, arctan2
    >>> arctan2(Tensor(0.0), 1.0)
    Tensor(0., op=arctan2)
    """
    return np.arctan2(y, x)


@primitive(
    symbol="°",
    latex=r"\frac{{180}}{{\pi}} {0}",
    vjps=(lambda g, out, x: np.degrees(g),),
    elementwise=True,
    numpy=(np.degrees, np.rad2deg),
    samples=[(_ANY,)],
)
def degrees(x: Any) -> Any:
    """Convert radians to degrees.

    Formula: d degrees(x) = 180/π dx.

    Examples
    --------
    >>> from autograd import Tensor, degrees
    >>> degrees(Tensor(0.0))
    Tensor(0., op=degrees)
    """
    return np.degrees(x)


rad2deg = degrees


@primitive(
    symbol="rad",
    latex=r"\frac{{\pi}}{{180}} {0}",
    vjps=(lambda g, out, x: np.radians(g),),
    elementwise=True,
    numpy=(np.radians, np.deg2rad),
    samples=[(_ANY,)],
)
def radians(x: Any) -> Any:
    """Convert degrees to radians.

    Formula: d radians(x) = π/180 dx.

    Examples
    --------
    >>> from autograd import Tensor, radians
    >>> radians(Tensor([0.0, 180.0]))
    Tensor([0.        , 3.14159265], op=radians)
    """
    return np.radians(x)


deg2rad = radians
