"""What the cells of LSTM and GRU share.

The products with the weights are `linear`; what is left, the gates, is one operation,
because a network has one for each step, and as many nodes as the gates have operations
would cost more time than the arithmetic.
"""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import shape_of, shown
from autograd.ops.logistic import sigmoid

__all__: list[str] = []  # for lstm.py and gru.py only


def parts(gates: Any, count: int) -> tuple[Any, ...]:
    """Cut the last axis into equal parts."""
    n = gates.shape[-1] // count
    return tuple(gates[..., k * n : (k + 1) * n] for k in range(count))


def sigmoid_into(x: Any) -> None:
    """Overwrite an array with its logistic function."""
    if x.dtype != np.float32:
        x[...] = sigmoid(x)
        return
    x *= np.float32(0.5)  # σ(x) = (tanh(x / 2) + 1) / 2: twice as fast in float32
    np.tanh(x, out=x)
    x *= np.float32(0.5)
    x += np.float32(0.5)


def require_state(function: str, h: Any, w_hh: Any, gates: int) -> None:
    """Raise unless the weights of the state have the right shape."""
    n = shape_of(h)[-1] if len(shape_of(h)) else 0
    if shape_of(w_hh) != (gates * n, n):
        raise ShapeError(
            f"{function}: w_hh must have shape ({gates} n, n) for a state of n "
            f"features: {shown('state', h)}, {shown('w_hh', w_hh)}."
        )
