"""Whole quotients and remainders: ``a // b``, ``a % b``, `fmod`."""

from typing import Any

import numpy as np

from autograd.ops.cotangents import stopped
from autograd.primitive import composed, primitive
from autograd.tensor import Tensor

__all__ = ["divmod", "floor_divide", "fmod", "mod", "remainder"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 7.5]])
_B = np.array([[1.1, -0.7, 0.8], [2.2, 1.3, -1.9]])


@primitive(
    operator="floordiv",
    symbol="//",
    latex=r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor",
    vjps=(lambda g, out, a, b: stopped(g), lambda g, out, a, b: stopped(g)),
    formulas=("G * 0", "G * 0"),
    elementwise=True,
    samples=[(_A, _B)],
)
def floor_divide(a: Any, b: Any) -> Any:
    """Divide and round down: ``a // b``.

    Formula: a step function; both derivatives are 0, at the steps as well.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([-3.0, 3.0]) // 2
    Tensor([-2.,  1.], op=floor_divide)
    """
    return np.floor_divide(a, b)


@primitive(
    operator="mod",
    symbol="%",
    latex=r"{0} \bmod {1}",
    vjps=(lambda g, out, a, b: g, lambda g, out, a, b: -g * np.floor_divide(a, b)),
    elementwise=True,
    samples=[(_A, _B)],
)
def remainder(a: Any, b: Any) -> Any:
    """Return what a division rounded down leaves over: ``a % b``, with the sign of b.

    Formula: a % b = a - b ⌊a / b⌋, so d(a % b) = da - ⌊a / b⌋ db; at the jumps as well.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([-3.0, 3.5]) % 2
    Tensor([1. , 1.5], op=remainder)
    """
    return np.remainder(a, b)


mod = remainder


@primitive(
    symbol="fmod",
    latex=r"\operatorname{{fmod}}({0}, {1})",
    vjps=(
        lambda g, out, a, b: g,
        # Not trunc(a / b), whose quotient may be rounded up to the next whole number.
        lambda g, out, a, b: -g * np.rint((a - out) / b),
    ),
    elementwise=True,
    samples=[(_A, _B)],
)
def fmod(a: Any, b: Any) -> Any:
    """Return what a division rounded towards 0 leaves over, with the sign of a.

    Formula: fmod(a, b) = a - b trunc(a / b); its derivatives are 1 and -trunc(a / b).

    Examples
    --------
    >>> from autograd import Tensor, fmod
    >>> fmod(Tensor([-3.0, 3.5]), 2)
    Tensor([-1. ,  1.5], op=fmod)
    """
    return np.fmod(a, b)


@composed(numpy=(np.divmod,), method=False)
def divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """Return ``(a // b, a % b)``.

    Formula: those of `floor_divide` and `remainder`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> quotient, rest = divmod(Tensor(7.5), 2)
    >>> quotient, rest
    (Tensor(3., op=floor_divide), Tensor(1.5, op=remainder))
    """
    return floor_divide(a, b), remainder(a, b)


setattr(Tensor, "__divmod__", divmod)  # noqa: B010  (the stubs do not know it)
setattr(Tensor, "__rdivmod__", lambda b, a: divmod(a, b))  # noqa: B010
