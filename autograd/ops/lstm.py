"""One step of a long short-term memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.checks import require_shape, shape_of
from autograd.ops.gates import (
    both_biases,
    by_gate,
    parts,
    require_pair,
    require_step,
    sigmoid_into,
)
from autograd.ops.linear import linear
from autograd.ops.logistic import sigmoid
from autograd.ops.rows import rows
from autograd.ops.shape import stack
from autograd.primitive import Fused, primitive

__all__ = ["lstm_cell", "lstm_step"]

_GATES = np.sin(np.arange(24.0) * 1.3).reshape(2, 12)
_STATE = np.cos(np.arange(12.0)).reshape(2, 2, 3)
_WEIGHT = np.sin(np.arange(36.0) * 0.7 + 0.5).reshape(12, 3)


def advance(gates: Any, cell: Any, new: Any, squashed: Any) -> None:
    """Take a step in place.

    Parameters
    ----------
    gates : ndarray, shape (4, ..., n)
        The sums of the gates, which are overwritten with the gates i, f, g and o.
    cell : ndarray, shape (..., n)
        The state c before the step.
    new : ndarray, shape (2, ..., n)
        Where the new h and c are written.
    squashed : ndarray, shape (..., n)
        Where tanh(c) is written.
    """
    i, f, g, o = gates
    h, c = new
    sigmoid_into(gates[:2])
    np.tanh(g, out=g)
    sigmoid_into(o)
    np.multiply(f, cell, out=c)
    c += np.multiply(i, g, out=h)
    np.tanh(c, out=squashed)
    np.multiply(o, squashed, out=h)


def retreat(d: Any, d_gates: Any, gates: Any, cell: Any, h: Any, squashed: Any) -> None:
    """Take the cotangent of a new state back to the sums of the gates, in place.

    Parameters
    ----------
    d : ndarray, shape (2, ..., n)
        The cotangents of the new h and c; the second one becomes that of the old c.
    d_gates : ndarray, shape (4, ..., n)
        Where the cotangents of the sums are written.
    gates, cell, h, squashed : ndarray
        The gates, the old c, the new h and the tanh of the new c.
    """
    i, f, g, o = gates
    di, df, dg, do = d_gates
    dh, dc = d
    through = h * squashed
    np.subtract(o, through, out=through)  # o (1 - tanh² c)
    through *= dh
    dc += through
    rest_i, rest_f, product, rest_o = 1 - gates
    d_candidate = np.multiply(i, dc, out=through)
    np.multiply(d_candidate, g, out=product)
    np.multiply(product, rest_i, out=di)
    product *= g
    np.subtract(d_candidate, product, out=dg)  # i (1 - g²), times the cotangent of c
    dc *= f
    np.multiply(dc, cell, out=product)
    np.multiply(product, rest_f, out=df)
    np.multiply(dh, h, out=product)
    np.multiply(product, rest_o, out=do)


def _forward(from_input: Any, state: Any, weight: Any) -> tuple[Any, Any]:
    hidden, cell = state
    product = hidden @ weight.T
    gates = np.empty((4, *cell.shape), np.result_type(product, from_input))
    np.add(by_gate(product, 4), by_gate(from_input, 4), out=gates)
    out, squashed = np.empty(state.shape, gates.dtype), np.empty_like(gates[0])
    with np.errstate(over="ignore"):
        advance(gates, cell, out, squashed)
    return out, (gates, squashed)


def _backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    from_input: Any,
    state: Any,
    weight: Any,
) -> tuple[Any, Any, Any]:
    gates, squashed = saved
    d_sums, d_state = np.empty(from_input.shape, gates.dtype), g.copy()
    retreat(d_state, by_gate(d_sums, 4), gates, state[1], out[0], squashed)
    if needs[1]:
        np.matmul(d_sums, weight, out=d_state[0])
    d_weight = rows(d_sums).T @ rows(state[0]) if needs[2] else None
    return d_sums, d_state, d_weight


def _input_rule(g: Any, out: Any, from_input: Any, state: Any, weight: Any) -> Any:
    return np.concatenate(_gate_cotangents(g, out, from_input, state, weight), axis=-1)


def _gate_cotangents(
    g: Any, out: Any, from_input: Any, state: Any, weight: Any
) -> tuple[Any, ...]:
    i, f, candidate, o = _gates(from_input, state, weight)
    squashed = np.tanh(out[1])
    d = g[1] + g[0] * o * (1 - squashed * squashed)
    return (
        d * candidate * i * (1 - i),
        d * state[1] * f * (1 - f),
        d * i * (1 - candidate * candidate),
        g[0] * squashed * o * (1 - o),
    )


def _gates(from_input: Any, state: Any, weight: Any) -> tuple[Any, Any, Any, Any]:
    i, f, g, o = parts(from_input + state[0] @ weight.T, 4)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def _state_rule(g: Any, out: Any, from_input: Any, state: Any, weight: Any) -> Any:
    _, f, _, o = _gates(from_input, state, weight)
    squashed = np.tanh(out[1])
    d_cell = (g[1] + g[0] * o * (1 - squashed * squashed)) * f
    d_gates = _input_rule(g, out, from_input, state, weight)
    return np.stack((d_gates @ weight, d_cell))


def _weight_rule(g: Any, out: Any, from_input: Any, state: Any, weight: Any) -> Any:
    d_gates = _input_rule(g, out, from_input, state, weight)
    return rows(d_gates).T @ rows(state[0])


@primitive(
    symbol="LSTM",
    latex=r"\operatorname{{LSTM}}({0}, {1}, {2})",
    vjps=(_input_rule, _state_rule, _weight_rule),
    formulas=tuple(
        f"PRIMITIVES['lstm_step'].vjps[{k}](G, {{out}}, {{0}}, {{1}}, {{2}})"
        for k in range(3)
    ),
    fused=Fused(_forward, _backward),
    method=False,
    samples=[(_GATES, _STATE, _WEIGHT), (_GATES[0], _STATE[:, 0], _WEIGHT)],
)
def _lstm_step(from_input: Any, state: Any, weight: Any) -> Any:
    return _forward(from_input, state, weight)[0]


def lstm_step(from_input: Any, state: Any, w_hh: Any) -> Any:
    """Return the new state of a long short-term memory.

    Parameters
    ----------
    from_input : Tensor, shape (..., 4 n)
        What the input gives to the gates i (input), f (forget), g (candidate) and o
        (output), side by side: its product with weights of its own, and biases.
    state : Tensor, shape (2, ..., n)
        The hidden state h and the state c of the cell.
    w_hh : Tensor, shape (4 n, n)
        The weights of h, for the four gates one below the other.

    Returns
    -------
    Tensor, shape (2, ..., n)
        The new h' and c'.

    Raises
    ------
    ShapeError
        If the shapes are others.

    Notes
    -----
    Formula: (i, f, g, o) = x + W h; c' = σ(f) c + σ(i) tanh(g); h' = σ(o) tanh(c').

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import lstm_step
    >>> lstm_step(np.zeros(4), np.array([[0.0], [2.0]]), np.ones((4, 1))).round(4)
    array([[0.3808],
           [1.    ]])
    """
    require_step("lstm_step", from_input, require_pair("lstm_step", state), w_hh, 4)
    return _lstm_step(from_input, state, w_hh)


def lstm_cell(
    input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> tuple[Any, Any]:
    """Take one step of a long short-term memory.

    Parameters
    ----------
    input : Tensor, shape (..., in_features)
        The input of this step.
    hx : pair of Tensor, shape (..., n)
        The hidden state h and the state c of the cell.
    w_ih : Tensor, shape (4 n, in_features)
        The weights of the input, for the gates i, f, g and o one below the other.
    w_hh : Tensor, shape (4 n, n)
        The weights of the hidden state.
    b_ih, b_hh : Tensor, shape (4 n,), optional
        Two biases, which are added.

    Returns
    -------
    pair of Tensor, shape (..., n)
        The new h and c.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.

    Notes
    -----
    Formula: see `lstm_step`.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9,
    1997; F. Gers et al., "Learning to forget", Neural Computation 12, 2000.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import lstm_cell
    >>> state = np.zeros((1, 2)), np.ones((1, 2))
    >>> h, c = lstm_cell(np.ones((1, 3)), state, np.zeros((8, 3)), np.zeros((8, 2)))
    >>> c
    array([[0.5, 0.5]])
    """
    h, c = hx
    require_shape("lstm_cell", "cell state", c, shape_of(h))
    from_input = linear(input, w_ih, both_biases("lstm_cell", b_ih, b_hh))
    require_step("lstm_cell", from_input, shape_of(h), w_hh, 4)
    state = _lstm_step(from_input, stack((h, c)), w_hh)
    return state[0], state[1]
