"""A long short-term memory along a sequence."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.gates import by_gate, require_pair
from autograd.ops.lstm import advance, retreat
from autograd.ops.sequences import (
    gate_weights,
    in_order,
    require_sequence,
    rules_through_time,
    weight_product,
)
from autograd.primitive import Fused, primitive

__all__ = ["lstm"]

_GATES = np.sin(np.arange(48.0) * 1.3).reshape(3, 2, 8)
_STATE = np.cos(np.arange(8.0)).reshape(2, 2, 2)
_WEIGHT = np.sin(np.arange(16.0) * 0.7 + 0.5).reshape(8, 2)


def _forward(
    from_input: Any, state: Any, weight: Any, *, reverse: bool
) -> tuple[Any, Any]:
    dtype = np.result_type(from_input, state, weight)
    across = gate_weights(weight, 4, state[0].ndim, dtype)
    gates = np.empty((len(from_input), 4, *state.shape[1:]), dtype)
    out = np.empty((2, len(from_input), *state.shape[1:]), dtype)
    squashed = np.empty_like(out[1])
    arrays = by_gate(from_input, 4, axis=1), gates, np.swapaxes(out, 0, 1), squashed
    with np.errstate(over="ignore"):
        for given, sums, new, squashed_cell in zip(
            *in_order(reverse, *arrays), strict=True
        ):
            np.matmul(state[0], across, out=sums)
            sums += given
            advance(sums, state[1], new, squashed_cell)
            state = new
    return out, (gates, squashed)


def _backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    from_input: Any,
    state: Any,
    weight: Any,
    *,
    reverse: bool,
) -> tuple[Any, Any, Any]:
    gates, squashed = saved
    weight = np.asarray(weight, out.dtype)
    d_sums, d = np.empty(from_input.shape, out.dtype), np.zeros_like(out[:, 0])
    h, c = in_order(reverse, *out)
    arrays = np.swapaxes(g, 0, 1), d_sums, by_gate(d_sums, 4, axis=1), gates, squashed
    steps = zip(*in_order(reverse, *arrays), [state[1], *c[:-1]], h, strict=True)
    for dt, of_sums, d_gates, now, squashed_cell, cell, new in reversed(list(steps)):
        d += dt
        retreat(d, d_gates, now, cell, new, squashed_cell)
        np.matmul(of_sums, weight, out=d[0])
    d_weight = weight_product(d_sums, out[0], state[0], reverse) if needs[2] else None
    return d_sums, d, d_weight


@primitive(
    symbol="LSTM",
    latex=r"\operatorname{{LSTM}}({0}, {1}, {2})",
    vjps=rules_through_time("lstm_step", stacked=True),
    formulas=tuple(
        f"PRIMITIVES['lstm'].vjps[{k}](G, {{out}}, {{inputs}}, reverse={{reverse}})"
        for k in range(3)
    ),
    fused=Fused(_forward, _backward),
    method=False,
    samples=[
        (_GATES, _STATE, _WEIGHT),
        (_GATES, _STATE, _WEIGHT, True),
        (_GATES[:1, 0], _STATE[:, 0], _WEIGHT),
    ],
)
def _lstm(from_input: Any, state: Any, weight: Any, reverse: bool = False) -> Any:
    return _forward(from_input, state, weight, reverse=reverse)[0]


def lstm(from_input: Any, state: Any, w_hh: Any, reverse: bool = False) -> Any:
    """Return the states of a long short-term memory after every step of a sequence.

    Parameters
    ----------
    from_input : Tensor, shape (T, ..., 4 n)
        What the inputs of T steps give to the gates i (input), f (forget), g
        (candidate) and o (output), side by side: their product with weights of their
        own, and biases.
    state : Tensor, shape (2, ..., n)
        The hidden state h and the state c of the cell before the first step.
    w_hh : Tensor, shape (4 n, n)
        The weights of h, for the four gates one below the other.
    reverse : bool, default False
        Whether the steps go from the last place of the sequence to the first.

    Returns
    -------
    Tensor, shape (2, T, ..., n)
        h and c after the step at each place of the sequence.  ``[:, -1]`` is the last
        state, and ``[:, 0]`` with ``reverse``.

    Raises
    ------
    ShapeError
        If the shapes are others, or T is 0.

    Notes
    -----
    Formula: see `lstm_step`, at every step.  It is the same as a loop of such steps,
    and faster: one node, and one product for the gradient of ``w_hh``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import lstm
    >>> h, c = lstm(np.zeros((3, 4)), np.array([[0.0], [8.0]]), np.zeros((4, 1)))
    >>> c
    array([[4.],
           [2.],
           [1.]])
    """
    h = require_pair("lstm", state)
    require_sequence("lstm", from_input, h, w_hh, 4)
    return _lstm(from_input, state, w_hh, reverse)
