"""One step of a gated recurrent unit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.checks import require_shape, shape_of
from autograd.ops.gates import by_gate, parts, require_step, sigmoid_into
from autograd.ops.linear import linear
from autograd.ops.logistic import sigmoid
from autograd.ops.rows import column_sum, rows
from autograd.primitive import Fused, primitive

__all__ = ["gru_cell", "gru_step"]

_INPUT = np.sin(np.arange(18.0) * 1.3).reshape(2, 9)
_STATE = np.cos(np.arange(6.0)).reshape(2, 3)
_WEIGHT = np.sin(np.arange(27.0) * 0.7 + 0.5).reshape(9, 3)
_BIAS = np.cos(np.arange(9.0) * 0.9)


def advance(gates: Any, given: Any, from_state: Any, state: Any, new: Any) -> None:
    """Take a step in place.

    Parameters
    ----------
    gates : ndarray, shape (3, ..., n)
        Where the gates r and z and the candidate n are written.
    given, from_state : ndarray, shape (3, ..., n)
        What the input and the state give to them.
    state, new : ndarray, shape (..., n)
        The state before the step, and where the state after it is written.
    """
    reset, update, candidate = gates
    sigmoid_into(np.add(from_state[:2], given[:2], out=gates[:2]))
    np.multiply(reset, from_state[2], out=candidate)
    candidate += given[2]
    np.tanh(candidate, out=candidate)
    np.subtract(state, candidate, out=new)
    new *= update
    new += candidate


def retreat(
    d: Any, of_input: Any, of_state: Any, gates: Any, remembered: Any, state: Any
) -> None:
    """Take the cotangent of a new state back to what made the gates, in place.

    Parameters
    ----------
    d : ndarray, shape (..., n)
        The cotangent of the new state; becomes what of it the old one gets directly.
    of_input, of_state : ndarray, shape (3, ..., n)
        Where the cotangents of what the input and the state gave are written.
    gates, remembered, state : ndarray
        The gates, what the state gave to the candidate, and the state before the step.
    """
    reset, update, candidate = gates
    rest_r, rest_z, product = 1 - gates
    slope = candidate * candidate
    np.subtract(1, slope, out=slope)
    slope *= rest_z
    d_candidate = np.multiply(slope, d, out=slope)
    np.subtract(state, candidate, out=product)
    d *= update
    product *= d
    np.multiply(product, rest_z, out=of_state[1])
    np.multiply(d_candidate, reset, out=product)
    of_state[2] = product
    product *= remembered
    np.multiply(product, rest_r, out=of_state[0])
    of_input[:2] = of_state[:2]
    of_input[2] = d_candidate


def _forward(
    from_input: Any, state: Any, weight: Any, bias: Any = None
) -> tuple[Any, Any]:
    from_state = by_gate(_from_state(state, weight, bias), 3)
    gates = np.empty(from_state.shape, np.result_type(from_state, from_input))
    new = np.empty_like(gates[0])
    with np.errstate(over="ignore"):
        advance(gates, by_gate(from_input, 3), from_state, state, new)
    return new, (gates, from_state[2])


def _backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    from_input: Any,
    state: Any,
    weight: Any,
    *bias: Any,
) -> tuple[Any, ...]:
    gates, kept = saved
    of_input, of_state = (np.empty(from_input.shape, out.dtype) for _ in range(2))
    d_state = g.copy()
    retreat(d_state, by_gate(of_input, 3), by_gate(of_state, 3), gates, kept, state)
    d_weight = d_bias = None
    if needs[1]:
        d_state += of_state @ weight
    if needs[2]:
        d_weight = rows(of_state).T @ rows(state)
    if bias and needs[3]:
        d_bias = column_sum(of_state)
    return (of_input, d_state, d_weight, d_bias)[: len(needs)]


def _from_state(state: Any, weight: Any, bias: Any) -> Any:
    product = state @ weight.T
    return product if bias is None else product + bias


def _gates(
    from_input: Any, state: Any, weight: Any, bias: Any = None
) -> tuple[Any, Any, Any, Any]:
    """Return the two gates, the candidate, and what the state gives the candidate."""
    from_state = _from_state(state, weight, bias)
    (ri, zi, ni), (rh, zh, nh) = parts(from_input, 3), parts(from_state, 3)
    reset = sigmoid(ri + rh)
    return reset, sigmoid(zi + zh), np.tanh(ni + reset * nh), nh


def _gate_cotangents(g: Any, inputs: Any, *, of_state: bool) -> Any:
    """Return the cotangent of what the input gives the gates, or the state gives."""
    reset, update, candidate, nh = _gates(*inputs)
    d_candidate = g * (1 - update) * (1 - candidate * candidate)
    d_update = g * (inputs[1] - candidate) * update * (1 - update)
    d_reset = d_candidate * nh * reset * (1 - reset)
    last = d_candidate * reset if of_state else d_candidate
    return np.concatenate((d_reset, d_update, last), axis=-1)


def _state_rule(g: Any, out: Any, *inputs: Any) -> Any:
    update = _gates(*inputs)[1]
    return _gate_cotangents(g, inputs, of_state=True) @ inputs[2] + g * update


def _weight_rule(g: Any, out: Any, *inputs: Any) -> Any:
    return rows(_gate_cotangents(g, inputs, of_state=True)).T @ rows(inputs[1])


@primitive(
    symbol="GRU",
    latex=r"\operatorname{{GRU}}({inputs})",
    vjps=(
        lambda g, out, *inputs: _gate_cotangents(g, inputs, of_state=False),
        _state_rule,
        _weight_rule,
        lambda g, out, *inputs: column_sum(_gate_cotangents(g, inputs, of_state=True)),
    ),
    formulas=tuple(
        f"PRIMITIVES['gru_step'].vjps[{k}](G, {{out}}, {{inputs}})" for k in range(4)
    ),
    fused=Fused(_forward, _backward),
    method=False,
    samples=[
        (_INPUT, _STATE, _WEIGHT),
        (_INPUT, _STATE, _WEIGHT, _BIAS),
        (_INPUT[0], _STATE[0], _WEIGHT, _BIAS),
    ],
)
def _gru_step(from_input: Any, state: Any, weight: Any, bias: Any = None) -> Any:
    return _forward(from_input, state, weight, bias)[0]


def gru_step(from_input: Any, state: Any, w_hh: Any, b_hh: Any = None) -> Any:
    """Return the new state of a gated recurrent unit.

    Parameters
    ----------
    from_input : Tensor, shape (..., 3 n)
        What the input gives to r (reset), z (update) and n (candidate), side by side:
        its product with weights of its own, and a bias.
    state : Tensor, shape (..., n)
        The state h.
    w_hh : Tensor, shape (3 n, n)
        The weights of the state, for r, z and n one below the other.
    b_hh : Tensor, shape (3 n,), optional
        Is added to their product with the state.

    Returns
    -------
    Tensor, shape (..., n)
        The new state h'.

    Raises
    ------
    ShapeError
        If the shapes are others.

    Notes
    -----
    Formula: with x from the input and y = W h + b, n = tanh(xₙ + σ(xᵣ + yᵣ) yₙ) and
    h' = n + σ(x_z + y_z) (h - n).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import gru_step
    >>> gru_step(np.zeros(3), np.array([2.0]), np.zeros((3, 1)))
    array([1.])
    """
    require_step("gru_step", from_input, shape_of(state), w_hh, 3)
    require_shape("gru_step", "bias b_hh", b_hh, shape_of(w_hh)[:1])
    return _gru_step(from_input, state, w_hh, b_hh)


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
    Formula: see `gru_step`.

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
    from_input = linear(input, w_ih, b_ih)
    require_step("gru_cell", from_input, shape_of(hx), w_hh, 3)
    require_shape("gru_cell", "bias b_hh", b_hh, shape_of(w_hh)[:1])
    return _gru_step(from_input, hx, w_hh, b_hh)
