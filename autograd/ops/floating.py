"""The parts of floating-point numbers: sign, mantissa and exponent, whole and fraction.

`numpy.nextafter` and `numpy.spacing` stay without a rule: they step between neighbours
among the floating-point numbers, which is no function of real numbers.
"""

from typing import Any

import numpy as np

from autograd.errors import DTypeError
from autograd.ops.cotangents import stopped
from autograd.ops.elementwise import where
from autograd.ops.remainder import fmod
from autograd.ops.rounding import trunc
from autograd.primitive import composed, primitive
from autograd.tensor import Tensor

__all__ = ["copysign", "frexp", "ldexp", "modf", "nan_to_num"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 7.5]])
_B = np.array([[1.1, -0.7, 0.8], [2.2, 1.3, -1.9]])


@primitive(
    symbol="copysign",
    latex=r"\left| {0} \right| \operatorname{{sign}} {1}",
    vjps=(
        lambda g, out, a, b: g * np.sign(a) * np.sign(out),
        lambda g, out, a, b: stopped(g),
    ),
    formulas=("G * np.sign({0}) * np.sign({out})", "G * 0"),
    elementwise=True,
    samples=[(_A, _B)],
)
def copysign(a: Any, b: Any) -> Any:
    """Return the absolute value of a with the sign of b.

    Formula: d copysign(a, b) = ± da, with + where a and b have the same sign, and 0
    where a = 0; the derivative with respect to b is 0.

    Examples
    --------
    >>> from autograd import Tensor, copysign
    >>> copysign(Tensor([1.0, -2.0]), -1.0)
    Tensor([-1., -2.], op=copysign)
    """
    return np.copysign(a, b)


@primitive(
    symbol="ldexp",
    latex=r"{0} \cdot 2^{{{exponent}}}",
    vjps=(lambda g, out, x, exponent: np.ldexp(g, exponent),),
    elementwise=True,
    numpy=(),
    method=False,
    samples=[(_A, 2), (_A, np.array([1, -2, 0]))],
)
def _ldexp(x: Any, exponent: Any) -> Any:
    return np.ldexp(x, exponent)


@composed(numpy=(np.ldexp,))
def ldexp(x: Any, exponent: Any) -> Any:
    """Return x · 2^exponent.

    Parameters
    ----------
    x : Tensor
        Any shape.
    exponent : int or array of int
        Broadcasts against ``x``; not differentiated.

    Raises
    ------
    DTypeError
        If the exponent is not an integer; ``x * 2**exponent`` takes any.

    Notes
    -----
    Formula: d(x · 2^n) = 2^n dx.

    Examples
    --------
    >>> from autograd import Tensor, ldexp
    >>> ldexp(Tensor([1.0, -3.0]), 2)
    Tensor([  4., -12.], op=ldexp)
    """
    if not isinstance(exponent, int):
        exponent = exponent.data if isinstance(exponent, Tensor) else exponent
        exponent = np.asarray(exponent)
        if exponent.dtype.kind not in "iu":
            raise DTypeError(
                f"ldexp: the exponent must be an integer, got dtype {exponent.dtype}. "
                f"Write x * 2.0**exponent."
            )
    return _ldexp(x, exponent)


@composed(numpy=(np.frexp,), method=False)
def frexp(x: Any) -> tuple[Any, Any]:
    """Split x into a mantissa in [0.5, 1) and a power of 2: x = mantissa · 2^exponent.

    Parameters
    ----------
    x : Tensor
        Any shape.

    Returns
    -------
    mantissa : Tensor, shape of x
        Differentiable.
    exponent : array of int, shape of x
        Constant between the powers of 2, hence a plain array.

    Notes
    -----
    Formula: d mantissa = dx · 2^-exponent.

    Examples
    --------
    >>> from autograd import Tensor, frexp
    >>> mantissa, exponent = frexp(Tensor([3.0, 0.25]))
    >>> mantissa, exponent
    (Tensor([0.75, 0.5 ], op=ldexp), array([ 2, -1], dtype=int32))
    """
    exponent = np.frexp(x.data if isinstance(x, Tensor) else x)[1]
    return ldexp(x, -exponent), exponent


@composed(numpy=(np.modf,), method=False)
def modf(x: Any) -> tuple[Any, Any]:
    """Split x into its fractional part and its whole part, both with the sign of x.

    Formula: the fractional part passes the gradient on, the whole part gives 0.

    Examples
    --------
    >>> from autograd import Tensor, modf
    >>> fraction, whole = modf(Tensor(-2.75))
    >>> fraction, whole
    (Tensor(-0.75, op=fmod), Tensor(-2., op=trunc))
    """
    infinite = np.isinf(x)
    # NumPy's fractional part of an infinity is 0; fmod would give NaN.
    finite = where(infinite, np.copysign(0.0, x), x) if np.any(infinite) else x
    return fmod(finite, 1.0), trunc(x)


@primitive(
    symbol="nan_to_num",
    latex=r"\operatorname{{nan\_to\_num}}({0})",
    vjps=(lambda g, out, x, nan, posinf, neginf: np.where(np.isfinite(x), g, 0.0),),
    elementwise=True,
    numpy=(),
    method=False,
    samples=[(_A,), (_B, {"nan": 1.0, "posinf": 2.0, "neginf": -2.0})],
)
def _nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@composed(numpy=(np.nan_to_num,))
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Replace NaN and infinities by finite numbers.

    Parameters
    ----------
    x : Tensor
        Any shape.
    copy : bool, default True
        NumPy's parameter; a tensor is always copied.
    nan, posinf, neginf : float, optional
        The replacements; by default 0 and the largest and smallest of all numbers.

    Notes
    -----
    Formula: d = dx where x is finite, and 0 where it was replaced.

    Examples
    --------
    >>> from autograd import Tensor, nan_to_num
    >>> nan_to_num(Tensor([1.5, float("nan")]))
    Tensor([1.5, 0. ], op=nan_to_num)
    """
    return _nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
