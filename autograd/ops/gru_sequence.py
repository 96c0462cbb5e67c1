"""A gated recurrent unit along a sequence."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.checks import require_shape, shape_of
from autograd.ops.gates import by_gate
from autograd.ops.gru import advance, retreat
from autograd.ops.rows import column_sum
from autograd.ops.sequences import (
    gate_weights,
    in_order,
    require_sequence,
    rules_through_time,
    weight_product,
)
from autograd.primitive import Fused, primitive

__all__ = ["gru"]

_INPUT = np.sin(np.arange(36.0) * 1.3).reshape(3, 2, 6)
_STATE = np.cos(np.arange(4.0)).reshape(2, 2)
_WEIGHT = np.sin(np.arange(12.0) * 0.7 + 0.5).reshape(6, 2)
_BIAS = np.cos(np.arange(6.0) * 0.9)


def _forward(
    from_input: Any, state: Any, weight: Any, bias: Any = None, *, reverse: bool
) -> tuple[Any, Any]:
    dtype = np.result_type(from_input, state, weight, weight if bias is None else bias)
    across = gate_weights(weight, 3, state.ndim, dtype)
    if bias is not None:
        bias = bias.reshape(3, *[1] * (state.ndim - 1), -1)
    gates = np.empty((len(from_input), 3, *state.shape), dtype)
    out = np.empty((len(gates), *state.shape), dtype)
    remembered, from_state = np.empty_like(out), np.empty_like(gates[0])
    arrays = by_gate(from_input, 3, axis=1), gates, remembered, out
    with np.errstate(over="ignore"):
        for given, now, kept, new in zip(*in_order(reverse, *arrays), strict=True):
            np.matmul(state, across, out=from_state)
            if bias is not None:
                from_state += bias
            kept[...] = from_state[2]
            advance(now, given, from_state, state, new)
            state = new
    return out, (gates, remembered)


def _backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    from_input: Any,
    state: Any,
    weight: Any,
    *bias: Any,
    reverse: bool,
) -> tuple[Any, ...]:
    weight = np.asarray(weight, out.dtype)
    of_input, of_state = (np.empty(from_input.shape, out.dtype) for _ in range(2))
    d, through_gates = np.zeros_like(out[0]), np.empty_like(out[0])
    by_gates = [by_gate(x, 3, axis=1) for x in (of_input, of_state)]
    arrays = in_order(reverse, g, of_state, *by_gates, *saved)
    before = [state, *in_order(reverse, out)[0][:-1]]
    for dt, sums, *of_step in reversed(list(zip(*arrays, before, strict=True))):
        d += dt
        retreat(d, *of_step)
        d += np.matmul(sums, weight, out=through_gates)
    d_weight = weight_product(of_state, out, state, reverse) if needs[2] else None
    d_bias = column_sum(of_state) if bias and needs[3] else None
    return (of_input, d, d_weight, d_bias)[: len(needs)]


@primitive(
    symbol="GRU",
    latex=r"\operatorname{{GRU}}({inputs})",
    vjps=rules_through_time("gru_step"),
    formulas=tuple(
        f"PRIMITIVES['gru'].vjps[{k}](G, {{out}}, {{inputs}}, reverse={{reverse}})"
        for k in range(4)
    ),
    fused=Fused(_forward, _backward),
    method=False,
    samples=[
        (_INPUT, _STATE, _WEIGHT),
        (_INPUT, _STATE, _WEIGHT, _BIAS, True),
        (_INPUT[:1, 0], _STATE[0], _WEIGHT, _BIAS),
    ],
)
def _gru(
    from_input: Any, state: Any, weight: Any, bias: Any = None, reverse: bool = False
) -> Any:
    return _forward(from_input, state, weight, bias, reverse=reverse)[0]


def gru(
    from_input: Any, state: Any, w_hh: Any, b_hh: Any = None, reverse: bool = False
) -> Any:
    """Return the states of a gated recurrent unit after every step of a sequence.

    Parameters
    ----------
    from_input : Tensor, shape (T, ..., 3 n)
        What the inputs of T steps give to r (reset), z (update) and n (candidate), side
        by side: their product with weights of their own, and a bias.
    state : Tensor, shape (..., n)
        The state h before the first step.
    w_hh : Tensor, shape (3 n, n)
        The weights of the state, for r, z and n one below the other.
    b_hh : Tensor, shape (3 n,), optional
        Is added to their product with the state.
    reverse : bool, default False
        Whether the steps go from the last place of the sequence to the first.

    Returns
    -------
    Tensor, shape (T, ..., n)
        The state after the step at each place of the sequence.  ``[-1]`` is the last
        one, and ``[0]`` with ``reverse``.

    Raises
    ------
    ShapeError
        If the shapes are others, or T is 0.

    Notes
    -----
    Formula: see `gru_step`, at every step.  It is the same as a loop of such steps,
    and faster: one node, and one product for the gradient of ``w_hh``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import gru
    >>> gru(np.zeros((3, 3)), np.array([8.0]), np.zeros((3, 1)))
    array([[4.],
           [2.],
           [1.]])
    """
    require_sequence("gru", from_input, shape_of(state), w_hh, 3)
    require_shape("gru", "bias b_hh", b_hh, shape_of(w_hh)[:1])
    return _gru(from_input, state, w_hh, b_hh, reverse)
