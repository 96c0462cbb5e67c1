"""One step of a simple recurrent network."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.checks import require_choice, shape_of
from autograd.ops.gates import plus, require_step
from autograd.ops.rows import rows
from autograd.primitive import Fused, primitive

__all__ = ["rnn_step"]

_INPUT = np.sin(np.arange(6.0) * 1.3).reshape(2, 3)
_STATE = np.cos(np.arange(6.0)).reshape(2, 3)
_WEIGHT = np.sin(np.arange(9.0) * 0.7 + 0.5).reshape(3, 3)


def activate(sums: Any, nonlinearity: str) -> None:
    """Overwrite an array with its activations."""
    if nonlinearity == "tanh":
        np.tanh(sums, out=sums)
    else:
        np.maximum(sums, 0, out=sums)


def slope(out: Any, nonlinearity: str) -> Any:
    """Return the derivatives of activations, from the activations."""
    if nonlinearity == "tanh":
        squares = out * out
        return np.subtract(1, squares, out=squares)
    return (out != 0).astype(out.dtype)  # as relu: a NaN passes the gradient through


def _forward(
    from_input: Any, state: Any, weight: Any, *, nonlinearity: str
) -> tuple[Any, Any]:
    out = plus(state @ weight.T, from_input)
    activate(out, nonlinearity)
    return out, ()


def _backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    from_input: Any,
    state: Any,
    weight: Any,
    *,
    nonlinearity: str,
) -> tuple[Any, Any, Any]:
    d = slope(out, nonlinearity)
    d *= g
    return (
        d,
        d @ weight if needs[1] else None,
        rows(d).T @ rows(state) if needs[2] else None,
    )


def _input_rule(
    g: Any, out: Any, from_input: Any, state: Any, weight: Any, nonlinearity: str
) -> Any:
    return g * (1 - out * out if nonlinearity == "tanh" else out != 0)


def _state_rule(
    g: Any, out: Any, from_input: Any, state: Any, weight: Any, nonlinearity: str
) -> Any:
    return _input_rule(g, out, from_input, state, weight, nonlinearity) @ weight


def _weight_rule(
    g: Any, out: Any, from_input: Any, state: Any, weight: Any, nonlinearity: str
) -> Any:
    d = _input_rule(g, out, from_input, state, weight, nonlinearity)
    return rows(d).T @ rows(state)


@primitive(
    symbol="RNN",
    latex=r"\operatorname{{RNN}}({0}, {1}, {2})",
    vjps=(_input_rule, _state_rule, _weight_rule),
    fused=Fused(_forward, _backward),
    method=False,
    samples=[
        (_INPUT, _STATE, _WEIGHT),
        (_INPUT, _STATE, _WEIGHT, "relu"),
        (_INPUT[0], _STATE[0], _WEIGHT),
    ],
)
def _rnn_step(
    from_input: Any, state: Any, weight: Any, nonlinearity: str = "tanh"
) -> Any:
    return _forward(from_input, state, weight, nonlinearity=nonlinearity)[0]


def rnn_step(from_input: Any, state: Any, w_hh: Any, nonlinearity: str = "tanh") -> Any:
    """Return the new state of a simple recurrent network.

    Parameters
    ----------
    from_input : Tensor, shape (..., n)
        What the input gives: its product with weights of its own, and biases.
    state : Tensor, shape (..., n)
        The state h.
    w_hh : Tensor, shape (n, n)
        The weights of the state.
    nonlinearity : {"tanh", "relu"}, default "tanh"
        The activation f.

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
    Formula: h' = f(x + W h).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import rnn_step
    >>> rnn_step(np.array([0.5]), np.array([2.0]), np.array([[0.25]])).round(4)
    array([0.7616])
    """
    require_choice("rnn_step", "nonlinearity", nonlinearity, ("tanh", "relu"))
    require_step("rnn_step", from_input, shape_of(state), w_hh, 1)
    return _rnn_step(from_input, state, w_hh, nonlinearity)
