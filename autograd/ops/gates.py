"""What the steps of recurrent networks share.

A step is one operation: it multiplies the state by its weights, adds what comes from
the input, and applies the gates.  A network takes one step for each place of a
sequence, and as many nodes as a step has operations would cost more time than the
arithmetic.
"""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import require_shape, shape_of, shown

__all__: list[str] = []  # for rnn.py, lstm.py and gru.py only


def parts(gates: Any, count: int) -> tuple[Any, ...]:
    """Cut the last axis into equal parts."""
    n = gates.shape[-1] // count
    return tuple([gates[..., k * n : (k + 1) * n] for k in range(count)])


def plus(product: Any, from_input: Any) -> Any:
    """Return the sum, which takes the place of the product where dtypes allow it."""
    fits = product.dtype == from_input.dtype
    return np.add(product, from_input, out=product if fits else None)


def sigmoid_into(x: Any) -> None:
    """Overwrite an array with its logistic function."""
    with np.errstate(over="ignore"):  # 1 / (1 + infinity) is 0, as it should be
        np.negative(x, out=x)
        np.exp(x, out=x)
    x += 1
    np.divide(1, x, out=x)


def require_step(
    function: str, from_input: Any, h: tuple[int, ...], weight: Any, gates: int
) -> None:
    """Raise unless input, state of shape ``h`` and weights of a step fit together."""
    n = h[-1] if h else 0
    if shape_of(weight) != (gates * n, n):
        rows = f"{gates} n" if gates > 1 else "n"
        raise ShapeError(
            f"{function}: w_hh must have shape ({rows}, n) for a state of n = {n} "
            f"features: {shown('w_hh', weight)}."
        )
    if shape_of(from_input) != (*h[:-1], gates * n):
        raise ShapeError(
            f"{function}: {shown('the projected input', from_input)} must have shape "
            f"{(*h[:-1], gates * n)} for a state of shape {h}."
        )


def both_biases(function: str, b_ih: Any, b_hh: Any) -> Any:
    """Return the sum of two biases, of which either may be None."""
    if b_ih is None or b_hh is None:
        return b_hh if b_ih is None else b_ih
    require_shape(function, "bias b_hh", b_hh, shape_of(b_ih))
    return b_ih + b_hh
