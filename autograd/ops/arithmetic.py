"""Sums, products, quotients and powers: the operators of a forward pass."""

import operator
from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = [
    "abs",
    "absolute",
    "add",
    "divide",
    "multiply",
    "negative",
    "positive",
    "power",
    "reciprocal",
    "sqrt",
    "square",
    "subtract",
]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.array([[1.1, -0.6, 0.8], [2.2, 1.3, -1.9]])
_POSITIVE = np.array([0.25, 0.7, 1.0, 2.0, 9.0])


@primitive(
    operator="add",
    symbol="+",
    latex="{0} + {1}",
    vjps=(lambda g, out, a, b: g, lambda g, out, a, b: g),
    elementwise=True,
    samples=[(_A, _B)],
)
def add(a: Any, b: Any) -> Any:
    """Add two arrays element by element, with broadcasting: ``a + b``.

    Formula: d(a + b) = da + db; each operand receives the gradient as it is.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0]) + 10
    Tensor([11., 12.], op=add)
    """
    return operator.add(a, b)


@primitive(
    operator="sub",
    symbol="−",
    latex="{0} - {1}",
    vjps=(lambda g, out, a, b: g, lambda g, out, a, b: -g),
    elementwise=True,
    samples=[(_A, _B)],
)
def subtract(a: Any, b: Any) -> Any:
    """Subtract element by element: ``a - b``.

    Formula: d(a - b) = da - db.

    Examples
    --------
    >>> from autograd import Tensor
    >>> 1 - Tensor([1.0, 2.0])
    Tensor([ 0., -1.], op=subtract)
    """
    return operator.sub(a, b)


@primitive(
    operator="mul",
    symbol="×",
    latex=r"{0} \odot {1}",
    vjps=(lambda g, out, a, b: g * b, lambda g, out, a, b: g * a),
    elementwise=True,
    samples=[(_A, _B)],
)
def multiply(a: Any, b: Any) -> Any:
    """Multiply element by element: ``a * b``.

    Formula: d(a b) = b da + a db.

    Examples
    --------
    >>> from autograd import Tensor
    >>> a = Tensor(3.0)
    >>> (a * a).backward()
    >>> a.grad
    np.float64(6.0)
    """
    return operator.mul(a, b)


@primitive(
    operator="truediv",
    symbol="÷",
    latex=r"\frac{{{0}}}{{{1}}}",
    vjps=(lambda g, out, a, b: g / b, lambda g, out, a, b: -g * out / b),
    elementwise=True,
    samples=[(_A, _B)],
)
def divide(a: Any, b: Any) -> Any:
    """Divide element by element: ``a / b``.

    Formula: d(a / b) = da / b - (a / b) db / b.

    Examples
    --------
    >>> from autograd import Tensor
    >>> 1 / Tensor([2.0, 4.0])
    Tensor([0.5 , 0.25], op=divide)
    """
    return operator.truediv(a, b)


def _power_base(g: Any, out: Any, a: Any, b: Any) -> Any:
    # At b = 0 the derivative is 0, also where a ** -1 is infinite.
    if np.all(b != 0):
        return g * b * a ** (b - 1)
    return g * np.where(b == 0, 0.0, b * a ** np.where(b == 0, 1.0, b - 1))


def _power_exponent(g: Any, out: Any, a: Any, b: Any) -> Any:
    # 0 ** b is 0 around every b > 0, so its derivative is 0 although log(0) is not.
    flat = (a == 0) & (b >= 0)
    if not np.any(flat):
        return g * out * np.log(a)
    return g * np.where(flat, 0.0, out * np.log(np.where(flat, 1.0, a)))


@primitive(
    operator="pow",
    symbol="^",
    latex="{0}^{{{1}}}",
    vjps=(_power_base, _power_exponent),
    elementwise=True,
    samples=[
        (np.array([0.5, 1.2, 2.0]), np.array([2.0, -1.5, 0.7])),
        (np.array([-2.0, 0.0, 3.0]), 2.0),
        (np.array([-2.0, 0.7, 3.0]), -1.0),
        (np.array([1.5, 2.5]), 0.0),
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


@primitive(
    operator="neg",
    symbol="−",
    latex="-{0}",
    vjps=(lambda g, out, x: -g,),
    elementwise=True,
    samples=[(_A,)],
)
def negative(x: Any) -> Any:
    """Change the sign: ``-x``.

    Formula: d(-x) = -dx.

    Examples
    --------
    >>> from autograd import Tensor
    >>> -Tensor(2.0)
    Tensor(-2., op=negative)
    """
    return operator.neg(x)


@primitive(
    operator="pos",
    symbol="+",
    latex="{0}",
    vjps=(lambda g, out, x: g,),
    elementwise=True,
    samples=[(_A,)],
)
def positive(x: Any) -> Any:
    """Return a copy: ``+x``.

    Formula: d(+x) = dx.

    Examples
    --------
    >>> from autograd import Tensor
    >>> +Tensor(2.0)
    Tensor(2., op=positive)
    """
    return operator.pos(x)


@primitive(
    operator="abs",
    symbol="|·|",
    latex=r"\left| {0} \right|",
    vjps=(lambda g, out, x: g * np.sign(x),),
    elementwise=True,
    numpy=(np.absolute,),
    samples=[(_A,)],
)
def absolute(x: Any) -> Any:
    """Return the absolute value: ``abs(x)``.

    Formula: d|x| = sign(x) dx, which is 0 at x = 0 (the subgradient of least norm).

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([-2.0, 0.0, 3.0])
    >>> abs(x).sum().backward()
    >>> x.grad
    array([-1.,  0.,  1.])
    """
    return np.absolute(x)


abs = absolute


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
