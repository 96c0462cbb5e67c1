"""One step of a long short-term memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import require_shape, shape_of, shown
from autograd.ops.gates import both_biases, parts, plus, require_step, sigmoid_into
from autograd.ops.linear import linear
from autograd.ops.logistic import sigmoid
from autograd.ops.rows import rows
from autograd.ops.shape import stack
from autograd.primitive import Fused, primitive

__all__ = ["lstm_cell", "lstm_step"]

_GATES = np.sin(np.arange(24.0) * 1.3).reshape(2, 12)
_STATE = np.cos(np.arange(12.0)).reshape(2, 2, 3)
_WEIGHT = np.sin(np.arange(36.0) * 0.7 + 0.5).reshape(12, 3)


def _forward(from_input: Any, state: Any, weight: Any) -> tuple[Any, Any]:
    hidden, cell = state
    active = plus(hidden @ weight.T, from_input)
    candidate = np.tanh(parts(active, 4)[2])
    # The candidate's part as well: one array in one piece takes half the time of parts.
    sigmoid_into(active)
    i, f, _, o = parts(active, 4)
    out = np.empty(state.shape, active.dtype)
    new = np.multiply(f, cell, out=out[1])
    new += i * candidate
    squashed = np.tanh(new)
    np.multiply(o, squashed, out=out[0])
    return out, (active, candidate, squashed)


def _backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    from_input: Any,
    state: Any,
    weight: Any,
) -> tuple[Any, Any, Any]:
    active, candidate, squashed = saved
    i, f, _, o = parts(active, 4)
    d = _cell_cotangent(g, out, squashed, o)
    d_gates = 1 - active
    di, df, dg, do = parts(d_gates, 4)
    d_candidate = i * d
    both = d_candidate * candidate
    di *= both
    np.multiply(candidate, both, out=dg)
    np.subtract(d_candidate, dg, out=dg)
    d_state = np.empty_like(out)
    d_cell = np.multiply(f, d, out=d_state[1])
    df *= d_cell * state[1]
    do *= out[0] * g[0]
    if needs[1]:
        np.matmul(d_gates, weight, out=d_state[0])
    d_weight = rows(d_gates).T @ rows(state[0]) if needs[2] else None
    return d_gates, d_state, d_weight


def _cell_cotangent(g: Any, out: Any, squashed: Any, o: Any) -> Any:
    """Return the cotangent of the new c, which is seen itself and through h."""
    d = out[0] * squashed
    np.subtract(o, d, out=d)  # o (1 - tanh² c')
    d *= g[0]
    d += g[1]
    return d


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
    shape = shape_of(state)
    if len(shape) < 2 or shape[0] != 2:
        raise ShapeError(
            f"lstm_step: {shown('state', state)} must have shape (2, ..., n): h and c."
        )
    require_step("lstm_step", from_input, shape[1:], w_hh, 4)
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
