"""One step of a gated recurrent unit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.gates import parts, require_state, sigmoid_into
from autograd.ops.linear import linear
from autograd.ops.logistic import sigmoid
from autograd.primitive import Fused, primitive

__all__ = ["gru_cell", "gru_gates"]

_GATES = np.sin(np.arange(24.0) * 1.3).reshape(2, 12)
_CELL = np.cos(np.arange(6.0)).reshape(2, 3)


def _gru_forward(from_input: Any, from_state: Any, state: Any) -> tuple[Any, Any]:
    n = state.shape[-1]
    active = from_input + from_state
    sigmoid_into(active[..., : 2 * n])
    reset, update, candidate = parts(active, 3)
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
    reset, update, candidate = parts(active, 3)
    of_input = np.empty_like(active)
    d_reset, d_update, d_candidate = parts(of_input, 3)
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
    d_reset *= parts(from_state, 3)[2]
    of_state = of_input.copy()
    parts(of_state, 3)[2][...] *= reset
    return of_input, of_state, g * update


def _gru_parts(from_input: Any, from_state: Any) -> tuple[Any, Any, Any, Any]:
    """Return the two gates, the candidate, and what the state gives the candidate."""
    (ri, zi, ni), (rh, zh, nh) = parts(from_input, 3), parts(from_state, 3)
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
    require_state("gru_cell", hx, w_hh, 3)
    return gru_gates(linear(input, w_ih, b_ih), linear(hx, w_hh, b_hh), hx)
