"""Piecewise functions: maxima, limits and choices between arrays.

At a tie of two operands each receives half of the gradient, so that the two halves sum
to what arrived; the conventions are PyTorch's (see the table of kinks in the tests).
"""

from typing import Any

import numpy as np

from autograd.ops.cotangents import passed, shared, stopped
from autograd.ops.reducing import refuse_out
from autograd.primitive import composed, primitive

__all__ = ["clip", "fmax", "fmin", "heaviside", "maximum", "minimum", "sign", "where"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_B = np.array([[1.1, -0.6, 0.8], [2.2, 1.3, -1.9]])


@primitive(
    symbol="max",
    latex=r"\max({0}, {1})",
    vjps=(
        lambda g, out, a, b: shared((a > b) | (a != a), a == b, g),
        lambda g, out, a, b: shared((b > a) | (b != b), a == b, g),
    ),
    formulas=(
        "G * (({0} > {1}) + ({0} == {1}) / 2)",
        "G * (({1} > {0}) + ({0} == {1}) / 2)",
    ),
    elementwise=True,
    samples=[(_A, _B)],
)
def maximum(a: Any, b: Any) -> Any:
    """Return the larger of two values, element by element.

    Formula: the larger operand receives the gradient; at a tie each receives half.
    A NaN passes the gradient to the operand that holds it.

    Examples
    --------
    >>> from autograd import Tensor, maximum
    >>> maximum(Tensor([1.0, 2.0]), 1.5)
    Tensor([1.5, 2. ], op=maximum)
    """
    return np.maximum(a, b)


@primitive(
    symbol="min",
    latex=r"\min({0}, {1})",
    vjps=(
        lambda g, out, a, b: shared((a < b) | (a != a), a == b, g),
        lambda g, out, a, b: shared((b < a) | (b != b), a == b, g),
    ),
    formulas=(
        "G * (({0} < {1}) + ({0} == {1}) / 2)",
        "G * (({1} < {0}) + ({0} == {1}) / 2)",
    ),
    elementwise=True,
    samples=[(_A, _B)],
)
def minimum(a: Any, b: Any) -> Any:
    """Return the smaller of two values, element by element.

    Formula: the smaller operand receives the gradient; at a tie each receives half.
    A NaN passes the gradient to the operand that holds it.

    Examples
    --------
    >>> from autograd import Tensor, minimum
    >>> minimum(Tensor([1.0, 2.0]), 1.5)
    Tensor([1. , 1.5], op=minimum)
    """
    return np.minimum(a, b)


def _chosen(first: Any, a: Any, b: Any) -> Any:
    """Where a is taken: it comes first, or b is a NaN and a is none."""
    return first | ((b != b) & (a == a))


def _tied(a: Any, b: Any) -> Any:
    return (a == b) | ((a != a) & (b != b))


@primitive(
    symbol="fmax",
    latex=r"\operatorname{{fmax}}({0}, {1})",
    vjps=(
        lambda g, out, a, b: shared(_chosen(a > b, a, b), _tied(a, b), g),
        lambda g, out, a, b: shared(_chosen(b > a, b, a), _tied(a, b), g),
    ),
    formulas=(
        "G * (({0} > {1}) + ({0} == {1}) / 2)",
        "G * (({1} > {0}) + ({0} == {1}) / 2)",
    ),
    elementwise=True,
    samples=[(_A, _B)],
)
def fmax(a: Any, b: Any) -> Any:
    """Return the larger of two values, and the other one where one is a NaN.

    Formula: the operand that was taken receives the gradient; at a tie, also of two
    NaN, each receives half.

    Examples
    --------
    >>> from autograd import Tensor, fmax
    >>> fmax(Tensor([1.0, float("nan")]), 0.5)
    Tensor([1. , 0.5], op=fmax)
    """
    return np.fmax(a, b)


@primitive(
    symbol="fmin",
    latex=r"\operatorname{{fmin}}({0}, {1})",
    vjps=(
        lambda g, out, a, b: shared(_chosen(a < b, a, b), _tied(a, b), g),
        lambda g, out, a, b: shared(_chosen(b < a, b, a), _tied(a, b), g),
    ),
    formulas=(
        "G * (({0} < {1}) + ({0} == {1}) / 2)",
        "G * (({1} < {0}) + ({0} == {1}) / 2)",
    ),
    elementwise=True,
    samples=[(_A, _B)],
)
def fmin(a: Any, b: Any) -> Any:
    """Return the smaller of two values, and the other one where one is a NaN.

    Formula: the operand that was taken receives the gradient; at a tie, also of two
    NaN, each receives half.

    Examples
    --------
    >>> from autograd import Tensor, fmin
    >>> fmin(Tensor([0.2, float("nan")]), 0.5)
    Tensor([0.2, 0.5], op=fmin)
    """
    return np.fmin(a, b)


@primitive(
    symbol="sign",
    latex=r"\operatorname{{sign}} {0}",
    vjps=(lambda g, out, x: stopped(g),),
    formulas=("G * 0",),
    elementwise=True,
    samples=[(_A,)],
)
def sign(x: Any) -> Any:
    """Return -1, 0 or 1: the sign of x.

    Formula: the derivative is 0.

    Examples
    --------
    >>> from autograd import Tensor, sign
    >>> sign(Tensor([-2.0, 0.0, 3.0]))
    Tensor([-1.,  0.,  1.], op=sign)
    """
    return np.sign(x)


@primitive(
    symbol="H",
    latex=r"H({0})",
    vjps=(
        lambda g, out, x, at_zero: stopped(g),
        lambda g, out, x, at_zero: passed(g, x == 0),
    ),
    formulas=("G * 0", "G * ({0} == 0)"),
    elementwise=True,
    # Whole numbers are not differentiated: the step in x does no harm.
    samples=[(_A, _B), (np.array([[0, -1, 2], [0, 3, 0]], np.int16), _B[0])],
)
def heaviside(x: Any, at_zero: Any) -> Any:
    """Return the step function: 0 below zero, 1 above, and ``at_zero`` at zero.

    Formula: the derivative with respect to x is 0, at the step as well; ``at_zero``
    receives the gradient where x = 0.

    Examples
    --------
    >>> from autograd import Tensor, heaviside
    >>> heaviside(Tensor([-1.0, 0.0, 2.0]), 0.5)
    Tensor([0. , 0.5, 1. ], op=heaviside)
    """
    return np.heaviside(x, at_zero)


@primitive(
    symbol="clip",
    numpy=(),
    method=False,
    latex=r"\operatorname{{clip}}({0}, {1}, {2})",
    vjps=(
        lambda g, out, x, a_min, a_max: g * ((x >= a_min) & (x <= a_max)),
        lambda g, out, x, a_min, a_max: g * ((x < a_min) & (a_min <= a_max)),
        lambda g, out, x, a_min, a_max: g * ((a_max < x) | (a_max < a_min)),
    ),
    elementwise=True,
    samples=[(_A, -1.0, 1.5), (_A, np.array([-1.0, 0.0, 1.0]), 2.0)],
)
def _clip(x: Any, a_min: Any, a_max: Any) -> Any:
    return np.minimum(np.maximum(x, a_min), a_max)


@composed(numpy=(np.clip,))
def clip(
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: None = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Any:
    """Limit values to the interval [a_min, a_max]; None leaves that side open.

    Parameters
    ----------
    a : Tensor
        Any shape.
    a_min, a_max : float, array or Tensor, optional
        The limits, which broadcast against ``a``.
    min, max : float, array or Tensor, optional
        NumPy's other names for the limits.
    out : None
        Not supported on tensors.

    Notes
    -----
    Formula: the gradient passes on the closed interval, limits included, as in
    ``torch.clamp``; outside it goes to the limit that was taken.

    Examples
    --------
    >>> from autograd import Tensor, clip
    >>> x = Tensor([-1.0, 0.0, 0.5, 1.0, 2.0])
    >>> clip(x, 0, 1).sum().backward()
    >>> x.grad
    array([0., 1., 1., 1., 0.])
    """
    refuse_out("clip", out)
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    return _clip(
        a, -float("inf") if low is None else low, float("inf") if high is None else high
    )


@primitive(
    symbol="where",
    latex=r"\operatorname{{where}}({0}, {1}, {2})",
    vjps=(
        None,
        lambda g, out, condition, x, y: np.where(condition, g, 0.0),
        lambda g, out, condition, x, y: np.where(condition, 0.0, g),
    ),
    elementwise=True,
    method=False,
    samples=[(_A > _B, _A, _B)],
)
def where(condition: Any, x: Any, y: Any) -> Any:
    """Choose from x where the condition holds and from y elsewhere.

    Parameters
    ----------
    condition : array of bool
        Not differentiated.
    x, y : Tensor
        The two sources; all three broadcast.

    Notes
    -----
    Formula: the gradient goes to the source that was taken, and 0 to the other.  If the
    other source is infinite or NaN in its own computation, 0 times that is NaN: choose
    safe inputs first, as in ``log(where(x > 0, x, 1))``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([-1.0, 2.0])
    >>> np.where(x > 0, x, 0.1 * x)
    Tensor([-0.1,  2. ], op=where)
    """
    return np.where(condition, x, y)
