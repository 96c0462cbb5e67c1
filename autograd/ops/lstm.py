"""One step of a long short-term memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.checks import require_shape, shape_of
from autograd.ops.gates import parts, require_state, sigmoid_into
from autograd.ops.linear import linear
from autograd.ops.logistic import sigmoid
from autograd.primitive import Fused, primitive

__all__ = ["lstm_cell", "lstm_gates"]

_GATES = np.sin(np.arange(24.0) * 1.3).reshape(2, 12)
_CELL = np.cos(np.arange(6.0)).reshape(2, 3)


def _lstm_forward(gates: Any, cell: Any) -> tuple[Any, Any]:
    n = cell.shape[-1]
    active = np.array(gates, dtype=np.result_type(gates, cell))
    sigmoid_into(active[..., : 2 * n])
    np.tanh(active[..., 2 * n : 3 * n], out=active[..., 2 * n : 3 * n])
    sigmoid_into(active[..., 3 * n :])
    i, f, g, o = parts(active, 4)
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
    i, f, g, o = parts(active, 4)
    dh, dc = cotangent[0], cotangent[1]
    d = squashed * squashed
    np.subtract(1, d, out=d)
    d *= o
    d *= dh
    d += dc
    products = np.empty_like(active)
    di, df, dg, do = parts(products, 4)
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
    i, f, g, o = parts(gates, 4)
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
    require_state("lstm_cell", h, w_hh, 4)
    require_shape("lstm_cell", "cell state", c, shape_of(h))
    gates = linear(input, w_ih, b_ih) + linear(h, w_hh, b_hh)
    state = lstm_gates(gates, c)
    return state[0], state[1]
