"""One step of a recurrent network: the formulas, and cells as modules."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import (
    ShapeError,
    Tensor,
    gru,
    gru_step,
    linear,
    lstm,
    lstm_step,
    rnn,
    rnn_step,
    stack,
)
from nn.checks import as_input, got, require_axes, require_size, shape_of
from nn.module import Module
from nn.parameter import require_rng, uniform_parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class Step:
    """How one state follows from the one before; the state is one tensor.

    What the input gives to a step does not depend on the state.  Therefore a network
    computes it for all steps at once, by one product.
    """

    gates = 1  # how many blocks of rows the weights have

    def from_input(self, x: Any, w_ih: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
        """Return what the inputs of one or more steps give to them."""
        return linear(x, w_ih, b_ih if b_hh is None else b_ih + b_hh)

    def __call__(self, given: Any, state: Any, w_hh: Any, b_hh: Any = None) -> Any:
        """Return the next state from what the input gives, and the state before."""
        raise NotImplementedError

    def along(
        self, given: Any, state: Any, w_hh: Any, b_hh: Any = None, *, reverse: bool
    ) -> tuple[Any, Any]:
        """Return what the next layer sees of all steps, and the last state."""
        raise NotImplementedError

    def zeros(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Any:
        """Return the state before the first step."""
        return np.zeros(shape, dtype)

    def packed(self, states: list[Any]) -> Any:
        """Return the states of all layers, as the user sees them."""
        return stack(states)

    def unpacked(self, hx: Any, shape: tuple[int, ...], dtype: Any) -> list[Any]:
        """Return the states of all layers after checking that they fit."""
        return list(checked_state("the state", hx, shape, dtype))


class RNNStep(Step):
    """The step of a simple cell."""

    def __init__(self, nonlinearity: str) -> None:
        self.nonlinearity = nonlinearity

    def __call__(self, given: Any, state: Any, w_hh: Any, b_hh: Any = None) -> Any:
        """Return the next state; the biases are in what the input gives."""
        return rnn_step(given, state, w_hh, self.nonlinearity)

    def along(
        self, given: Any, state: Any, w_hh: Any, b_hh: Any = None, *, reverse: bool
    ) -> tuple[Any, Any]:
        """Return the states after all steps, and the last one."""
        states = rnn(given, state, w_hh, self.nonlinearity, reverse)
        return states, states[0 if reverse else -1]


class GRUStep(Step):
    """The step of a gated recurrent unit."""

    gates = 3

    def from_input(self, x: Any, w_ih: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
        """Return what the inputs give; the gates need the other bias by itself."""
        return linear(x, w_ih, b_ih)

    def __call__(self, given: Any, state: Any, w_hh: Any, b_hh: Any = None) -> Any:
        """Return the next state."""
        return gru_step(given, state, w_hh, b_hh)

    def along(
        self, given: Any, state: Any, w_hh: Any, b_hh: Any = None, *, reverse: bool
    ) -> tuple[Any, Any]:
        """Return the states after all steps, and the last one."""
        states = gru(given, state, w_hh, b_hh, reverse)
        return states, states[0 if reverse else -1]


class LSTMStep(Step):
    """The step of a long short-term memory, whose state is h and c, stacked."""

    gates = 4

    def __call__(self, given: Any, state: Any, w_hh: Any, b_hh: Any = None) -> Any:
        """Return the next state; the biases are in what the input gives."""
        return lstm_step(given, state, w_hh)

    def along(
        self, given: Any, state: Any, w_hh: Any, b_hh: Any = None, *, reverse: bool
    ) -> tuple[Any, Any]:
        """Return h after all steps, and the last h and c."""
        states = lstm(given, state, w_hh, reverse)
        return states[0], states[:, 0 if reverse else -1]

    def zeros(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Any:
        """Return the state before the first step."""
        return np.zeros((2, *shape), dtype)

    def packed(self, states: list[Any]) -> Any:
        """Return all h as one tensor, and all c as another."""
        both = stack(states, axis=1)
        return both[0], both[1]

    def unpacked(self, hx: Any, shape: tuple[int, ...], dtype: Any) -> list[Any]:
        """Return the states of all layers after checking that they fit."""
        h, c = _pair(hx)
        h = checked_state("h", h, shape, dtype)
        c = checked_state("c", c, shape, dtype)
        return [stack(pair) for pair in zip(h, c, strict=True)]


def _pair(hx: Any) -> Any:
    if not isinstance(hx, tuple | list) or len(hx) != 2:
        raise TypeError(
            f"the state of an LSTM is a pair (h, c), got {type(hx).__name__}."
        )
    return hx


def checked_state(role: str, state: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return a state after checking its shape."""
    state = as_input(state, dtype)
    if shape_of(state) != shape:
        raise ShapeError(
            f"{role} must have shape {shape}; {got(state).replace('input', 'state')}."
        )
    return state


def check_nonlinearity(layer: str, nonlinearity: str) -> str:
    """Return the name of an activation after checking that it is one of two."""
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(
            f"{layer}: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}."
        )
    return nonlinearity


def cell_parameters(
    inputs: int,
    hidden: int,
    gates: int,
    bias: bool,
    rng: np.random.Generator,
    dtype: npt.DTypeLike,
) -> dict[str, Tensor]:
    """Draw the parameters of one cell, in PyTorch's order."""
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (gates * hidden, inputs),
        "weight_hh": (gates * hidden, hidden),
    }
    if bias:
        shapes |= {"bias_ih": (gates * hidden,), "bias_hh": (gates * hidden,)}
    bound = 1 / math.sqrt(hidden)
    return {
        role: uniform_parameter(shape, bound, rng, dtype)
        for role, shape in shapes.items()
    }


class _Cell(Module):
    """What the cells share: sizes, parameters and one step."""

    step: Step
    weight_ih: Tensor
    weight_hh: Tensor

    def _build(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        rng: np.random.Generator | None,
        dtype: npt.DTypeLike,
    ) -> None:
        name = type(self).__name__
        self.input_size = require_size(name, "input_size", input_size)
        self.hidden_size = require_size(name, "hidden_size", hidden_size)
        self.bias = bias
        rng = require_rng(name, rng)
        gates = self.step.gates
        drawn = cell_parameters(input_size, hidden_size, gates, bias, rng, dtype)
        for role, parameter in drawn.items():
            setattr(self, role, parameter)

    def forward(self, x: Any, hx: Any = None) -> Any:
        """Return the state after one step; the state before it is zero by default."""
        dtype = self.weight_ih.dtype
        x = as_input(x, dtype)
        require_axes(x, 1, 2, what="features, maybe a batch")
        if shape_of(x)[-1] != self.input_size:
            raise ShapeError(f"the last axis must be {self.input_size}; {got(x)}.")
        shape = (*shape_of(x)[:-1], self.hidden_size)
        if hx is None:
            state = self.step.zeros(shape, dtype)
        else:
            state = self._state(hx, shape, dtype)
        w_ih, w_hh, *biases = (parameter for _, parameter in self.own_parameters())
        given = self.step.from_input(x, w_ih, *biases)
        return self._result(self.step(given, state, w_hh, *biases[1:]))

    def _state(self, hx: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        return checked_state("the state", hx, shape, dtype)

    def _result(self, state: Any) -> Any:
        return state

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        bias = "" if self.bias else ", bias=False"
        return f"{self.input_size}, {self.hidden_size}{bias}"


class RNNCell(_Cell):
    """One step of a simple recurrent network.

    Parameters
    ----------
    input_size, hidden_size : int
        The numbers of features of the input and of the state.
    bias : bool, default True
        Whether there are biases.
    nonlinearity : {"tanh", "relu"}, default "tanh"
        The activation.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight_ih, weight_hh : Tensor, shapes (n, input_size) and (n, n)
        The weights of the input and of the state, with n = ``hidden_size``; drawn from
        U(-k, k) with k = 1 / √n.
    bias_ih, bias_hh : Tensor, shape (n,)
        Likewise.

    Notes
    -----
    Shapes: input (N, input_size) or (input_size,), and optionally the state (N, n);
    result (N, n).

    Formula: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    References
    ----------
    J. Elman, "Finding structure in time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> import nn, numpy as np
    >>> cell = nn.RNNCell(3, 5, rng=np.random.default_rng(0))
    >>> cell(np.zeros((2, 3))).shape
    (2, 5)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.nonlinearity = check_nonlinearity("RNNCell", nonlinearity)
        self.step = RNNStep(nonlinearity)
        self._build(input_size, hidden_size, bias, rng, dtype)


class LSTMCell(_Cell):
    """One step of a long short-term memory.

    Parameters
    ----------
    input_size, hidden_size : int
        The numbers of features of the input and of the state.
    bias : bool, default True
        Whether there are biases.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight_ih, weight_hh : Tensor, shapes (4 n, input_size) and (4 n, n)
        The weights of the input and of the state, with n = ``hidden_size``: rows for
        the gates i, f, g and o, one below the other; drawn from U(-k, k) with k = 1 /
        √n.
    bias_ih, bias_hh : Tensor, shape (4 n,)
        Likewise.

    Notes
    -----
    Shapes: input (N, input_size) or (input_size,), and optionally the pair of states
    h and c, each (N, n); result a pair of the same shapes.

    Formula: i, f, o = σ(...) and g = tanh(...) of W_ih x + b_ih + W_hh h + b_hh;
    c' = f c + i g; h' = o tanh(c').

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9,
    1997.

    Examples
    --------
    >>> import nn, numpy as np
    >>> cell = nn.LSTMCell(3, 5, rng=np.random.default_rng(0))
    >>> h, c = cell(np.zeros((2, 3)))
    >>> h.shape, c.shape
    ((2, 5), (2, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.step = LSTMStep()
        self._build(input_size, hidden_size, bias, rng, dtype)

    def _state(self, hx: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        h, c = _pair(hx)
        h = checked_state("h", h, shape, dtype)
        return stack((h, checked_state("c", c, shape, dtype)))

    def _result(self, state: Any) -> Any:
        return state[0], state[1]


class GRUCell(_Cell):
    """One step of a gated recurrent unit.

    Parameters
    ----------
    input_size, hidden_size : int
        The numbers of features of the input and of the state.
    bias : bool, default True
        Whether there are biases.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight_ih, weight_hh : Tensor, shapes (3 n, input_size) and (3 n, n)
        The weights of the input and of the state, with n = ``hidden_size``: rows for r
        (reset), z (update) and n (candidate), one below the other; drawn from U(-k, k)
        with k = 1 / √n.
    bias_ih, bias_hh : Tensor, shape (3 n,)
        Likewise.

    Notes
    -----
    Shapes: input (N, input_size) or (input_size,), and optionally the state (N, n);
    result (N, n).

    Formula: r, z = σ(...) of W_ih x + b_ih + W_hh h + b_hh;
    n = tanh(W_in x + b_in + r (W_hn h + b_hn)); h' = (1 - z) n + z h.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP
    2014.

    Examples
    --------
    >>> import nn, numpy as np
    >>> cell = nn.GRUCell(3, 5, rng=np.random.default_rng(0))
    >>> cell(np.zeros((2, 3))).shape
    (2, 5)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.step = GRUStep()
        self._build(input_size, hidden_size, bias, rng, dtype)
