"""Sums, products and quotients: the operators of a forward pass."""

import operator
from typing import Any

import numpy as np

from autograd.primitive import primitive

__all__ = [
    "abs",
    "absolute",
    "add",
    "divide",
    "fabs",
    "multiply",
    "negative",
    "positive",
    "subtract",
]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.array([[1.1, -0.6, 0.8], [2.2, 1.3, -1.9]])


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
    numpy=(np.positive, np.conjugate),  # a real number is its own conjugate
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
    symbol="|·|",
    latex=r"\left| {0} \right|",
    vjps=(lambda g, out, x: g * np.sign(x),),
    elementwise=True,
    samples=[(_A,)],
)
def fabs(x: Any) -> Any:
    """Return the absolute value as a floating-point number, also of integers.

    Formula: that of `absolute`, which this is for tensors that need a gradient.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, fabs
    >>> fabs(Tensor(np.array([-2, 3])))
    Tensor([2., 3.], requires_grad=False)
    """
    return np.fabs(x)
