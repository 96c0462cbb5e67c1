"""One step of a recurrent network: the cells of LSTM and GRU.

The products with the weights are `linear`; what is left, the gates, is one operation,
because a network has one for each step and as many nodes as the gates have operations
would cost more time than the arithmetic.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import require_shape, shape_of, shown
from autograd.ops.linear import linear
from autograd.ops.logistic import sigmoid
from autograd.primitive import Fused, primitive

__all__ = ["gru_cell", "gru_gates", "lstm_cell", "lstm_gates"]

_GATES = np.sin(np.arange(24.0) * 1.3).reshape(2, 12)
_CELL = np.cos(np.arange(6.0)).reshape(2, 3)


def _parts(gates: Any, count: int) -> tuple[Any, ...]:
    """Cut the last axis into equal parts."""
    n = gates.shape[-1] // count
    return tuple(gates[..., k * n : (k + 1) * n] for k in range(count))


def _sigmoid_into(x: Any) -> None:
    """Overwrite an array with its logistic function."""
    if x.dtype != np.float32:
        x[...] = sigmoid(x)
        return
    x *= np.float32(0.5)  # σ(x) = (tanh(x / 2) + 1) / 2: twice as fast in float32
    np.tanh(x, out=x)
    x *= np.float32(0.5)
    x += np.float32(0.5)


# ---- LSTM ----------------------------------------------------------------------------


def _lstm_forward(gates: Any, cell: Any) -> tuple[Any, Any]:
    n = cell.shape[-1]
    active = np.array(gates, dtype=np.result_type(gates, cell))
    _sigmoid_into(active[..., : 2 * n])
    np.tanh(active[..., 2 * n : 3 * n], out=active[..., 2 * n : 3 * n])
    _sigmoid_into(active[..., 3 * n :])
    i, f, g, o = _parts(active, 4)
    out = np.empty((2, *cell.shape), active.dtype)
    hidden, new = out[0], out[1]
    np.multiply(f, cell, out=new)
    new += i * g
    squashed = np.tanh(new)
    np.multiply(o, squashed, out=hidden)
    return out, (active, squashed)


def _lstm_backward(
    cotangent: Any, out: Any, saved: Any, needs: Sequence[bool], gates: Any, cell: Any
) -> tuple[Any, Any]:
    active, squashed = saved
    i, f, g, o = _parts(active, 4)
    dh, dc = cotangent[0], cotangent[1]
    d = squashed * squashed
    np.subtract(1, d, out=d)
    d *= o
    d *= dh
    d += dc
    products = np.empty_like(active)
    di, df, dg, do = _parts(products, 4)
    for gate, derivative in ((i, di), (f, df), (o, do)):
        np.subtract(1, gate, out=derivative)
        derivative *= gate
    di *= d
    di *= g
    df *= d
    df *= cell
    do *= dh
    do *= squashed
    np.multiply(g, g, out=dg)
    np.subtract(1, dg, out=dg)
    dg *= d
    dg *= i
    return products, d * f


def _lstm_gates_of(gates: Any) -> tuple[Any, Any, Any, Any]:
    i, f, g, o = _parts(gates, 4)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def _cell_cotangent(g: Any, out: Any, o: Any) -> Any:
    squashed = np.tanh(out[1])
    return g[1] + g[0] * o * (1 - squashed * squashed)


def _lstm_gates_rule(cotangent: Any, out: Any, gates: Any, cell: Any) -> Any:
    i, f, g, o = _lstm_gates_of(gates)
    d = _cell_cotangent(cotangent, out, o)
    parts = (
        d * g * i * (1 - i),
        d * cell * f * (1 - f),
        d * i * (1 - g * g),
        cotangent[0] * np.tanh(out[1]) * o * (1 - o),
    )
    return np.concatenate(parts, axis=-1)


def _lstm_cell_rule(cotangent: Any, out: Any, gates: Any, cell: Any) -> Any:
    _, f, _, o = _lstm_gates_of(gates)
    return _cell_cotangent(cotangent, out, o) * f


@primitive(
    symbol="LSTM",
    latex=r"\operatorname{{LSTM}}({0}, {1})",
    vjps=(_lstm_gates_rule, _lstm_cell_rule),
    formulas=tuple(
        f"PRIMITIVES['lstm_gates'].vjps[{k}](G, {{out}}, {{0}}, {{1}})"
        for k in range(2)
    ),
    fused=Fused(_lstm_forward, _lstm_backward),
    method=False,
    samples=[(_GATES, _CELL), (_GATES[0], _CELL[0])],
)
def lstm_gates(gates: Any, cell: Any) -> Any:
    """Return the new state of an LSTM from what its gates receive.

    Formula: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c').

    Parameters
    ----------
    gates : Tensor, shape (..., 4 n)
        Side by side i (input), f (forget), g (candidate) and o (output).
    cell : Tensor, shape (..., n)
        The state c of the cell.

    Returns
    -------
    Tensor, shape (2, ..., n)
        The new hidden state h' and the new state of the cell c'.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import lstm_gates
    >>> lstm_gates(np.zeros(4), np.array([2.0])).round(4)
    array([[0.3808],
           [1.    ]])
    """
    return _lstm_forward(gates, cell)[0]


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
    Formula: see `lstm_gates`.

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
    _check("lstm_cell", h, w_hh, 4)
    require_shape("lstm_cell", "cell state", c, shape_of(h))
    gates = linear(input, w_ih, b_ih) + linear(h, w_hh, b_hh)
    state = lstm_gates(gates, c)
    return state[0], state[1]


def _check(function: str, h: Any, w_hh: Any, gates: int) -> None:
    n = shape_of(h)[-1] if len(shape_of(h)) else 0
    if shape_of(w_hh) != (gates * n, n):
        raise ShapeError(
            f"{function}: w_hh must have shape ({gates} n, n) for a state of n "
            f"features: {shown('state', h)}, {shown('w_hh', w_hh)}."
        )


# ---- GRU -----------------------------------------------------------------------------


def _gru_forward(from_input: Any, from_state: Any, state: Any) -> tuple[Any, Any]:
    n = state.shape[-1]
    active = from_input + from_state
    _sigmoid_into(active[..., : 2 * n])
    reset, update, candidate = _parts(active, 3)
    np.multiply(reset, from_state[..., 2 * n :], out=candidate)
    candidate += from_input[..., 2 * n :]
    np.tanh(candidate, out=candidate)
    out = state - candidate
    out *= update
    out += candidate
    return out, active


def _gru_backward(
    g: Any,
    out: Any,
    active: Any,
    needs: Sequence[bool],
    from_input: Any,
    from_state: Any,
    state: Any,
) -> tuple[Any, Any, Any]:
    reset, update, candidate = _parts(active, 3)
    of_input = np.empty_like(active)
    d_reset, d_update, d_candidate = _parts(of_input, 3)
    np.subtract(1, update, out=d_update)
    np.multiply(candidate, candidate, out=d_candidate)
    np.subtract(1, d_candidate, out=d_candidate)
    d_candidate *= d_update
    d_candidate *= g
    d_update *= update
    d_update *= g
    d_update *= state - candidate
    np.subtract(1, reset, out=d_reset)
    d_reset *= reset
    d_reset *= d_candidate
    d_reset *= _parts(from_state, 3)[2]
    of_state = of_input.copy()
    _parts(of_state, 3)[2][...] *= reset
    return of_input, of_state, g * update


def _gru_parts(from_input: Any, from_state: Any) -> tuple[Any, Any, Any, Any]:
    """Return the two gates, the candidate, and what the state gives the candidate."""
    (ri, zi, ni), (rh, zh, nh) = _parts(from_input, 3), _parts(from_state, 3)
    reset = sigmoid(ri + rh)
    return reset, sigmoid(zi + zh), np.tanh(ni + reset * nh), nh


def _gru_gates_rule(
    k: int, g: Any, from_input: Any, from_state: Any, state: Any
) -> Any:
    reset, update, candidate, nh = _gru_parts(from_input, from_state)
    d_candidate = g * (1 - update) * (1 - candidate * candidate)
    d_update = g * (state - candidate) * update * (1 - update)
    d_reset = d_candidate * nh * reset * (1 - reset)
    last = d_candidate * reset if k else d_candidate
    return np.concatenate((d_reset, d_update, last), axis=-1)


@primitive(
    symbol="GRU",
    latex=r"\operatorname{{GRU}}({0}, {1}, {2})",
    vjps=(
        lambda g, out, a, b, state: _gru_gates_rule(0, g, a, b, state),
        lambda g, out, a, b, state: _gru_gates_rule(1, g, a, b, state),
        lambda g, out, a, b, state: g * _gru_parts(a, b)[1],
    ),
    formulas=tuple(
        f"PRIMITIVES['gru_gates'].vjps[{k}](G, {{out}}, {{0}}, {{1}}, {{2}})"
        for k in range(3)
    ),
    fused=Fused(_gru_forward, _gru_backward),
    method=False,
    samples=[
        (_GATES[:, :9], _GATES[:, 3:], _CELL),
        (_GATES[0, :9], _GATES[0, 3:], _CELL[0]),
    ],
)
def gru_gates(from_input: Any, from_state: Any, state: Any) -> Any:
    """Return the new state of a GRU from what its gates receive.

    Formula: n = tanh(nᵢ + σ(rᵢ + rₕ) nₕ), h' = n + σ(zᵢ + zₕ) (h - n).

    Parameters
    ----------
    from_input, from_state : Tensor, shape (..., 3 n)
        Side by side r (reset), z (update) and n (candidate), from the input (ᵢ) and
        from the state (ₕ).
    state : Tensor, shape (..., n)
        The state h.

    Returns
    -------
    Tensor, shape (..., n)
        The new state h'.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import gru_gates
    >>> gru_gates(np.zeros(3), np.zeros(3), np.array([2.0]))
    array([1.])
    """
    return _gru_forward(from_input, from_state, state)[0]


def gru_cell(
    input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> Any:
    """Take one step of a gated recurrent unit.

    Parameters
    ----------
    input : Tensor, shape (..., in_features)
        The input of this step.
    hx : Tensor, shape (..., n)
        The state h.
    w_ih : Tensor, shape (3 n, in_features)
        The weights of the input, for r, z and n one below the other.
    w_hh : Tensor, shape (3 n, n)
        The weights of the state.
    b_ih, b_hh : Tensor, shape (3 n,), optional
        Two biases; the second one of n is multiplied by the reset gate.

    Returns
    -------
    Tensor, shape (..., n)
        The new state.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.

    Notes
    -----
    Formula: see `gru_gates`.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP
    2014, in PyTorch's form, where the reset gate comes after the product.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import gru_cell
    >>> gru_cell(np.ones((1, 3)), np.ones((1, 2)), np.zeros((6, 3)), np.zeros((6, 2)))
    array([[0.5, 0.5]])
    """
    _check("gru_cell", hx, w_hh, 3)
    return gru_gates(linear(input, w_ih, b_ih), linear(hx, w_hh, b_hh), hx)
