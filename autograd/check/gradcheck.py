"""`gradcheck`: the derivative rules of a function against differences.

Reverse mode computes vector-Jacobian products: from a cotangent u of the result it
gives u^T J, the derivative of the number u . f(x).  Differences of f give the same
numbers without any rule.  `gradcheck` compares the two, and checks what a product owes
its caller: linear in u, the same bits every time, of the input's shape and dtype,
touching nothing, sharing no memory.

The second order is the same check of another function, the gradient itself.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.check.level_check import LevelCheck, same_bits
from autograd.check.pullback import Level
from autograd.errors import DTypeError, GradcheckError, GradientError
from autograd.recording import enable_grad
from autograd.tensor import Tensor

__all__ = ["gradcheck"]

Array = Any  # float64: an ndarray, or a NumPy scalar for a 0-d value


def gradcheck(
    function: Callable[..., Any],
    *inputs: Any,
    order: int = 2,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    rng: np.random.Generator | int | None = None,
) -> bool:
    """Check the derivatives of a function against differences.

    Parameters
    ----------
    function : callable
        Takes the inputs as tensors and returns one tensor of any shape.
    *inputs : float, ndarray or Tensor
        The point.  Floats, floating-point ndarrays and tensors that require a gradient
        are differentiated and must be float64; anything else is handed on as it is.
    order : int, default 2
        Up to which order to check: 1 the gradient, 2 the gradient of the gradient too.
    rtol, atol : float, default 1e-8 and 1e-10
        A derivative is right if it differs from the difference quotient q by at most
        ``rtol * abs(q) + atol * max(1, largest abs(q))``, or ten times that where q
        itself is no more accurate.
    rng : Generator or int, optional
        The source of the random cotangents, or a seed for one; by default seed 0.  A
        failure names the seed that repeats it.

    Returns
    -------
    bool
        True; a failure is an exception.

    Raises
    ------
    GradcheckError
        If a derivative is wrong, not finite or at a kink, or if a rule fails, gives
        other bits the second time, or changes or shares an array.
    DTypeError
        If an input that is differentiated is not float64.
    GradientError
        If there is nothing to differentiate.

    Notes
    -----
    Derivatives are measured with Richardson's extrapolation from steps of
    1e-3 max(1, abs(x)) and smaller; about 12 digits are right for a function of order
    one.  Up to 2000 entries the Jacobian is checked entry by entry, above that along 8
    random directions.

    References
    ----------
    A. Griewank and A. Walther, "Evaluating Derivatives", 2nd edition, chapter 3.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import gradcheck
    >>> gradcheck(np.tanh, np.array([-1.0, 0.5]))
    True
    >>> gradcheck(lambda x: x.detach() * x, 3.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd.errors.GradcheckError: gradcheck of <lambda>, order 1: wrong: d result / \
d input 0 is 3 by the rule and 6 by differences (accurate to ...), a ratio of 0.5; ...
    """
    if order < 1:
        raise ValueError(f"gradcheck: order must be 1 or more, got {order}.")
    wanted = [k for k, x in enumerate(inputs) if _is_differentiated(x, k)]
    if not wanted:
        raise GradientError(
            "gradcheck: none of the inputs is a floating-point value, so there is "
            "nothing to differentiate. Write 2.0 for 2."
        )
    seed = 0 if rng is None else _draw_seed(rng)
    names = [_label(inputs[k], k) for k in wanted]
    points = [np.array(_value(inputs[k]))[()] for k in wanted]
    arrays = [(k, x) for k, x in enumerate(inputs) if isinstance(x, np.ndarray)]
    before = [array.copy() for _, array in arrays]
    level = Level.of(_function_of(wanted, function, inputs), len(wanted))
    check = LevelCheck(_name(function), names, seed, rtol, atol)
    with enable_grad():
        for _ in range(order):
            points = check.run(level, points)
            level = level.gradient()
            for (k, array), copy in zip(arrays, before, strict=True):
                check.require(same_bits(array, copy), f"input {k} was changed")
    return True


def _function_of(
    wanted: Sequence[int], function: Callable[..., Any], inputs: Sequence[Any]
) -> Callable[[Sequence[Tensor]], Tensor]:
    """Return the function of the differentiated inputs alone."""

    def of_wanted(leaves: Sequence[Tensor]) -> Tensor:
        arguments = list(inputs)
        for position, leaf in zip(wanted, leaves, strict=True):
            arguments[position] = leaf
        result = function(*arguments)
        if not isinstance(result, Tensor):
            raise GradcheckError(
                f"gradcheck of {_name(function)}: it returned {type(result).__name__}, "
                f"not a Tensor. Was the graph cut by float(), .item() or .data?"
            )
        return result

    return of_wanted


def _is_differentiated(value: Any, position: int) -> bool:
    if isinstance(value, Tensor):
        dtype = value.dtype if value.requires_grad else None
    elif isinstance(value, float | np.ndarray | np.floating):
        dtype = np.asarray(value).dtype
    else:
        return False
    if dtype is None or dtype.kind != "f":
        return False
    if dtype != np.float64:
        raise DTypeError(
            f"gradcheck: {_label(value, position)} is {dtype}, whose rounding drowns "
            f"the differences. Write .astype(np.float64)."
        )
    return True


def _draw_seed(rng: np.random.Generator | int) -> int:
    return rng if isinstance(rng, int) else int(rng.integers(2**32))


def _value(value: Any) -> Array:
    return value.data if isinstance(value, Tensor) else value


def _label(value: Any, position: int) -> str:
    name = value.name if isinstance(value, Tensor) else None
    return name or f"input {position}"


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", None) or type(function).__name__
