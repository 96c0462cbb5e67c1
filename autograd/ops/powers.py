"""Powers and roots."""

import operator
from typing import Any

import numpy as np

from autograd.ops.shape import astype
from autograd.primitive import composed, primitive

__all__ = [
    "cbrt",
    "float_power",
    "hypot",
    "power",
    "reciprocal",
    "sqrt",
    "square",
]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.array([[1.1, -0.6, 0.8], [2.2, 1.3, -1.9]])
_POSITIVE = np.array([0.25, 0.7, 1.0, 2.0, 9.0])


def _power_base(g: Any, out: Any, a: Any, b: Any) -> Any:
    # At b = 0 the derivative is 0, also where a ** -1 is infinite.
    if np.all(b != 0):
        return g * b * a ** (b - 1)
    flat = (b == 0) & (np.abs(a) < np.finfo(a.dtype).tiny)
    return g * np.where(flat, 0.0, b * np.where(flat, 1.0, a) ** (b - 1))


def _power_exponent(g: Any, out: Any, a: Any, b: Any) -> Any:
    # 0 ** b is 0 around every b > 0, so its derivative is 0 although log(0) is not.
    if a.dtype.kind != "f":
        a = a.astype(out.dtype)  # NumPy takes the logarithm of int16 in float32
    flat = (a == 0) & (b >= 0)
    if not np.any(flat):
        return g * out * np.log(a)
    return g * np.where(flat, 0.0, out * np.log(np.where(flat, 1.0, a)))


@primitive(
    operator="pow",
    symbol="^",
    latex="{0}^{{{1}}}",
    vjps=(_power_base, _power_exponent),
    formulas=("G * {1} * {0} ** ({1} - 1)", "G * {out} * np.log({0})"),
    elementwise=True,
    samples=[
        (np.array([0.5, 1.2, 2.0]), np.array([2.0, -1.5, 0.7])),
        (np.array([-2.0, 0.0, 3.0]), 2.0),
        (np.array([-2.0, 0.7, 3.0]), -1.0),
        (np.array([1.5, 2.5]), 0.0),
        (np.array([0.5, 1.2, 2.0]), np.array([0.0, -1.5, 0.0])),
    ],
)
def power(a: Any, b: Any) -> Any:
    """Raise to a power: ``a ** b``.

    Formula: d(a^b) = b a^(b-1) da + a^b log(a) db.  At a = 0 and b >= 0 the derivative
    with respect to b is 0, and at b = 0 the one with respect to a is 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(-3.0)
    >>> (x**2).backward()
    >>> x.grad
    np.float64(-6.0)
    """
    return operator.pow(a, b)


@composed(numpy=(np.float_power,))
def float_power(a: Any, b: Any) -> Any:
    """Raise to a power in double precision, also integers and float32.

    Formula: that of `power`.

    Examples
    --------
    >>> from autograd import Tensor, float_power
    >>> float_power(2, Tensor([-1.0, 0.5]))
    Tensor([0.5       , 1.41421356], op=power)
    """
    return power(_double(a), _double(b))


def _double(x: Any) -> Any:
    if not hasattr(x, "dtype"):
        x = np.asarray(x)[()]
    dtype = np.result_type(x.dtype, np.float64)
    return x if x.dtype == dtype else astype(x, dtype)


@primitive(
    symbol="x²",
    latex="{0}^2",
    vjps=(lambda g, out, x: g * 2 * x,),
    elementwise=True,
    samples=[(_A,)],
)
def square(x: Any) -> Any:
    """Return the square.

    Formula: d(x²) = 2 x dx.

    Examples
    --------
    >>> from autograd import Tensor, square
    >>> square(Tensor([1.0, -3.0]))
    Tensor([1., 9.], op=square)
    """
    return np.square(x)


@primitive(
    symbol="√",
    latex=r"\sqrt{{{0}}}",
    vjps=(lambda g, out, x: g / (2 * out),),
    elementwise=True,
    samples=[(_POSITIVE,)],
)
def sqrt(x: Any) -> Any:
    """Return the square root.

    Formula: d√x = dx / (2 √x), which is infinite at x = 0: nothing hidden is added.

    Examples
    --------
    >>> from autograd import Tensor, sqrt
    >>> sqrt(Tensor([4.0, 9.0]))
    Tensor([2., 3.], op=sqrt)
    """
    return np.sqrt(x)


@primitive(
    symbol="1/x",
    latex=r"\frac{{1}}{{{0}}}",
    vjps=(lambda g, out, x: -g * out * out,),
    elementwise=True,
    samples=[(_B,)],
)
def reciprocal(x: Any) -> Any:
    """Return one divided by x.

    Formula: d(1/x) = -dx / x².

    Examples
    --------
    >>> from autograd import Tensor, reciprocal
    >>> reciprocal(Tensor([2.0, 4.0]))
    Tensor([0.5 , 0.25], op=reciprocal)
    """
    return np.reciprocal(x)


@primitive(
    symbol="∛",
    latex=r"\sqrt[3]{{{0}}}",
    vjps=(lambda g, out, x: g / (3 * out * out),),
    elementwise=True,
    samples=[(_A,)],
)
def cbrt(x: Any) -> Any:
    """Return the cube root, also of negative numbers.

    Formula: d∛x = dx / (3 ∛x²), which is infinite at x = 0.

    Examples
    --------
    >>> from autograd import Tensor, cbrt
    >>> cbrt(Tensor([-8.0, 27.0]))
    Tensor([-2.,  3.], op=cbrt)
    """
    return np.cbrt(x)


def _share_of(side: Any, length: Any) -> Any:
    """Return side / length, and 0 where both are 0: the subgradient of least norm."""
    if not np.any(length == 0):
        return side / length
    with np.errstate(invalid="ignore"):
        return np.where(length == 0, 0.0, side / length)


@primitive(
    symbol="hypot",
    latex=r"\sqrt{{{0}^2 + {1}^2}}",
    vjps=(
        lambda g, out, a, b: g * _share_of(a, out),
        lambda g, out, a, b: g * _share_of(b, out),
    ),
    formulas=("G * {0} / {out}", "G * {1} / {out}"),
    elementwise=True,
    samples=[(_A, _B)],
)
def hypot(a: Any, b: Any) -> Any:
    """Return the length of the hypotenuse, √(a² + b²), without overflow.

    Formula: d hypot(a, b) = (a da + b db) / hypot(a, b).  At a = b = 0 both derivatives
    are 0, the subgradient of least norm, as for every norm here; PyTorch gives NaN.
    The second derivative does not exist there and is NaN.

    Examples
    --------
    >>> from autograd import Tensor, hypot
    >>> hypot(Tensor(3.0), Tensor(4.0))
    Tensor(5., op=hypot)
    """
    return np.hypot(a, b)
