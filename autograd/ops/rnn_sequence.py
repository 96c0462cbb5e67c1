"""A simple recurrent network along a sequence."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.ops.checks import require_choice, shape_of
from autograd.ops.rnn import activate, slope
from autograd.ops.sequences import (
    in_order,
    require_sequence,
    rules_through_time,
    weight_product,
)
from autograd.primitive import Fused, primitive

__all__ = ["rnn"]

_INPUT = np.sin(np.arange(18.0) * 1.3).reshape(3, 2, 3)
_STATE = np.cos(np.arange(6.0)).reshape(2, 3)
_WEIGHT = np.sin(np.arange(9.0) * 0.7 + 0.5).reshape(3, 3)


def _forward(
    from_input: Any, state: Any, weight: Any, *, nonlinearity: str, reverse: bool
) -> tuple[Any, Any]:
    dtype = np.result_type(from_input, state, weight)
    across = np.ascontiguousarray(weight.T, dtype)
    out = np.empty(from_input.shape, dtype)
    for given, new in zip(*in_order(reverse, from_input, out), strict=True):
        np.matmul(state, across, out=new)
        new += given
        activate(new, nonlinearity)
        state = new
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
    reverse: bool,
) -> tuple[Any, Any, Any]:
    weight = np.asarray(weight, out.dtype)
    d_sums, d = slope(out, nonlinearity), np.zeros_like(out[0])
    for dt, d_sum in zip(*in_order(not reverse, g, d_sums), strict=True):
        d += dt
        d_sum *= d
        np.matmul(d_sum, weight, out=d)
    d_weight = weight_product(d_sums, out, state, reverse) if needs[2] else None
    return d_sums, d, d_weight


@primitive(
    symbol="RNN",
    latex=r"\operatorname{{RNN}}({0}, {1}, {2})",
    vjps=rules_through_time("rnn_step"),
    formulas=tuple(
        f"PRIMITIVES['rnn'].vjps[{k}](G, {{out}}, {{inputs}}, "
        "nonlinearity={nonlinearity}, reverse={reverse})"
        for k in range(3)
    ),
    fused=Fused(_forward, _backward),
    method=False,
    samples=[
        (_INPUT, _STATE, _WEIGHT),
        (_INPUT, _STATE, _WEIGHT, "relu", True),
        (_INPUT[:1, 0], _STATE[0], _WEIGHT),
    ],
)
def _rnn(
    from_input: Any,
    state: Any,
    weight: Any,
    nonlinearity: str = "tanh",
    reverse: bool = False,
) -> Any:
    return _forward(
        from_input, state, weight, nonlinearity=nonlinearity, reverse=reverse
    )[0]


def rnn(
    from_input: Any,
    state: Any,
    w_hh: Any,
    nonlinearity: str = "tanh",
    reverse: bool = False,
) -> Any:
    """Return the states of a simple recurrent network after every step of a sequence.

    Parameters
    ----------
    from_input : Tensor, shape (T, ..., n)
        What the inputs of T steps give: their product with weights of their own, and
        biases.
    state : Tensor, shape (..., n)
        The state h before the first step.
    w_hh : Tensor, shape (n, n)
        The weights of the state.
    nonlinearity : {"tanh", "relu"}, default "tanh"
        The activation f.
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
    Formula: hₜ = f(xₜ + W hₜ₋₁).  It is the same as a loop of `rnn_step`, and faster:
    one node, and one product for the gradient of ``w_hh``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import rnn
    >>> rnn(np.ones((3, 1)), np.array([1.0]), np.ones((1, 1)), nonlinearity="relu")
    array([[2.],
           [3.],
           [4.]])
    """
    require_choice("rnn", "nonlinearity", nonlinearity, ("tanh", "relu"))
    require_sequence("rnn", from_input, shape_of(state), w_hh, 1)
    return _rnn(from_input, state, w_hh, nonlinearity, reverse)
