"""What the steps of recurrent networks share.

A step is one operation: it multiplies the state by its weights, adds what comes from
the input, and applies the gates.  As many nodes as a step has operations would cost
more time than the arithmetic.
"""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import require_shape, shape_of, shown

__all__: list[str] = []  # for the recurrent operations only


def parts(gates: Any, count: int) -> tuple[Any, ...]:
    """Cut the last axis into equal parts."""
    n = gates.shape[-1] // count
    return tuple([gates[..., k * n : (k + 1) * n] for k in range(count)])


def by_gate(x: Any, count: int, axis: int = 0) -> Any:
    """Return a view of (..., count n) as (count, ..., n), or with the gates at an axis.

    The arithmetic runs on arrays in this order: each gate is one piece of memory, which
    takes half the time of a piece of every row.
    """
    cut = x.reshape(*x.shape[:-1], count, x.shape[-1] // count)
    axes = list(range(cut.ndim))
    axes.insert(axis, axes.pop(-2))
    return cut.transpose(axes)


def plus(product: Any, from_input: Any) -> Any:
    """Return the sum, which takes the place of the product where dtypes allow it."""
    fits = product.dtype == from_input.dtype
    return np.add(product, from_input, out=product if fits else None)


def sigmoid_into(x: Any) -> None:
    """Overwrite an array with its logistic function.

    Under ``np.errstate(over="ignore")``: 1 / (1 + infinity) is 0, as it should be.
    """
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    np.divide(1, x, out=x)


def require_step(
    function: str,
    from_input: Any,
    h: tuple[int, ...],
    weight: Any,
    gates: int,
    steps: tuple[int, ...] = (),
) -> None:
    """Raise unless input, state of shape ``h`` and weights of a step fit together.

    ``steps`` is the number of steps that the input is for, if it is not for one only.
    """
    n = h[-1] if h else 0
    if shape_of(weight) != (gates * n, n):
        rows = f"{gates} n" if gates > 1 else "n"
        raise ShapeError(
            f"{function}: w_hh must have shape ({rows}, n) for a state of n = {n} "
            f"features: {shown('w_hh', weight)}."
        )
    expected = (*steps, *h[:-1], gates * n)
    if shape_of(from_input) != expected:
        raise ShapeError(
            f"{function}: {shown('the projected input', from_input)} must have shape "
            f"{expected} for a state of shape {h}."
        )


def require_pair(function: str, state: Any) -> tuple[int, ...]:
    """Return the shape of h after checking that the state is h and c, stacked."""
    shape = shape_of(state)
    if len(shape) < 2 or shape[0] != 2:
        raise ShapeError(
            f"{function}: {shown('state', state)} must have shape (2, ..., n): h and c."
        )
    return shape[1:]


def both_biases(function: str, b_ih: Any, b_hh: Any) -> Any:
    """Return the sum of two biases, of which either may be None."""
    if b_ih is None or b_hh is None:
        return b_hh if b_ih is None else b_ih
    require_shape(function, "bias b_hh", b_hh, shape_of(b_ih))
    return b_ih + b_hh
