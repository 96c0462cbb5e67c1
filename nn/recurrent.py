"""Recurrent networks: the same weights at every step of a sequence."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError, Tensor, concatenate, dropout, scope
from nn.cells import (
    GRUStep,
    LSTMStep,
    RNNStep,
    Step,
    cell_parameters,
    check_nonlinearity,
)
from nn.checks import as_input, got, require_axes, require_size, shape_of
from nn.module import Module
from nn.parameter import require_rng

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """Layers of cells, each run along a sequence in one or two directions."""

    step: Step
    weight_ih_l0: Tensor

    def _build(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        rng: np.random.Generator | None,
        dtype: npt.DTypeLike,
    ) -> None:
        name = type(self).__name__
        rng = require_rng(name, rng)
        self.input_size = require_size(name, "input_size", input_size)
        self.hidden_size = require_size(name, "hidden_size", hidden_size)
        self.num_layers = require_size(name, "num_layers", num_layers)
        if not 0 <= dropout <= 1:
            raise ValueError(
                f"{name}: dropout must be a probability from 0 to 1, got {dropout}."
            )
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.rng = rng
        for layer in range(num_layers):
            width = hidden_size * len(self._suffixes) if layer else input_size
            for suffix in self._suffixes:
                drawn = cell_parameters(
                    width, hidden_size, self.step.gates, bias, rng, dtype
                )
                for role, parameter in drawn.items():
                    setattr(self, f"{role}_l{layer}{suffix}", parameter)

    @property
    def _suffixes(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def forward(self, x: Any, hx: Any = None) -> tuple[Any, Any]:
        """Return the outputs of all steps, and the states after the last step."""
        x = as_input(x, self.weight_ih_l0.dtype)
        require_axes(x, 2, 3, what="steps and features, maybe a batch")
        if shape_of(x)[-1] != self.input_size:
            raise ShapeError(f"the last axis must be {self.input_size}; {got(x)}.")
        swapped = self.batch_first and len(shape_of(x)) == 3
        x = np.swapaxes(x, 0, 1) if swapped else x
        if not len(x):
            raise ShapeError(f"a sequence must have at least one step; {got(x)}.")
        states = self._first_states(shape_of(x)[1:-1], hx)
        directions = len(self._suffixes)
        last = []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                x = dropout(x, self.dropout, rng=self.rng)
            of_layer = states[layer * directions : (layer + 1) * directions]
            x, ends = self._layer(layer, x, of_layer)
            last += ends
        return np.swapaxes(x, 0, 1) if swapped else x, self.step.packed(last)

    def _first_states(self, batch: tuple[int, ...], hx: Any) -> list[Any]:
        """Return the state before the first step, for each layer and direction."""
        count = self.num_layers * len(self._suffixes)
        shape = (*batch, self.hidden_size)
        dtype = self.weight_ih_l0.dtype
        if hx is None:
            return [self.step.zeros(shape, dtype) for _ in range(count)]
        return self.step.unpacked(hx, (count, *shape), dtype)

    def _layer(self, layer: int, x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Run a layer along the sequence in every direction."""
        outputs, ends = [], []
        for suffix, state in zip(self._suffixes, states, strict=True):
            with scope(f"l{layer}{suffix}"):
                w_ih, w_hh, *biases = self._weights(f"_l{layer}{suffix}")
                given = self.step.from_input(x, w_ih, *biases)
                output, end = self.step.along(
                    given, state, w_hh, *biases[1:], reverse=bool(suffix)
                )
                outputs.append(output)
                ends.append(end)
        if len(outputs) == 1:
            return outputs[0], ends
        return concatenate(outputs, axis=-1), ends

    def _weights(self, suffix: str) -> list[Any]:
        roles = [
            "weight_ih",
            "weight_hh",
            *(["bias_ih", "bias_hh"] if self.bias else []),
        ]
        return [getattr(self, role + suffix) for role in roles]

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        parts = [f"{self.input_size}, {self.hidden_size}"]
        parts += [f"num_layers={self.num_layers}"] if self.num_layers > 1 else []
        parts += [] if self.bias else ["bias=False"]
        parts += ["batch_first=True"] if self.batch_first else []
        parts += [f"dropout={self.dropout}"] if self.dropout else []
        parts += ["bidirectional=True"] if self.bidirectional else []
        return ", ".join(parts)


class RNN(_Recurrent):
    """A recurrent network of simple cells.

    Parameters
    ----------
    input_size, hidden_size : int
        The numbers of features of the input and of the state.
    num_layers : int, default 1
        Each further layer runs along the outputs of the one before.
    nonlinearity : {"tanh", "relu"}, default "tanh"
        The activation of the cells.
    bias : bool, default True
        Whether there are biases.
    batch_first : bool, default False
        Whether batches are (N, T, features) in place of (T, N, features).
    dropout : float, default 0.0
        The probability of dropping outputs between layers, in training.
    bidirectional : bool, default False
        Whether each layer runs backwards as well, with weights of its own.
    rng : Generator, keyword only
        Where the first weights, and dropout, are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Tensor, shapes (n, input_size) and (n, n)
        The weights of the first layer for the input and the state, with n =
        ``hidden_size``; ``_l1`` for the second layer, ``_l0_reverse`` for the way back.
        All are drawn from U(-k, k) with k = 1 / √n.
    bias_ih_l0, bias_hh_l0 : Tensor, shape (n,)
        Likewise.

    Notes
    -----
    Shapes: input (T, N, input_size) or (T, input_size), and optionally the first states
    (num_layers · directions, N, n).  The result is a pair: the outputs
    (T, N, directions · n) and the last states, of the shape of the first ones.

    Formula: hₜ = tanh(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh).

    References
    ----------
    J. Elman, "Finding structure in time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> import nn, numpy as np
    >>> net = nn.RNN(3, 5, rng=np.random.default_rng(0))
    >>> outputs, state = net(np.zeros((7, 2, 3)))
    >>> outputs.shape, state.shape
    ((7, 2, 5), (1, 2, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.nonlinearity = check_nonlinearity("RNN", nonlinearity)
        self.step = RNNStep(nonlinearity)
        self._build(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            rng,
            dtype,
        )


class LSTM(_Recurrent):
    """A recurrent network of long short-term memories.

    Parameters
    ----------
    input_size, hidden_size : int
        The numbers of features of the input and of the state.
    num_layers : int, default 1
        Each further layer runs along the outputs of the one before.
    bias : bool, default True
        Whether there are biases.
    batch_first : bool, default False
        Whether batches are (N, T, features) in place of (T, N, features).
    dropout : float, default 0.0
        The probability of dropping outputs between layers, in training.
    bidirectional : bool, default False
        Whether each layer runs backwards as well, with weights of its own.
    rng : Generator, keyword only
        Where the first weights, and dropout, are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Tensor, shapes (4 n, input_size) and (4 n, n)
        The weights of the first layer for the input and the state, with n =
        ``hidden_size``, as in `LSTMCell`; ``_l1`` for the second layer, ``_l0_reverse``
        for the way back.  All are drawn from U(-k, k) with k = 1 / √n.
    bias_ih_l0, bias_hh_l0 : Tensor, shape (4 n,)
        Likewise.

    Notes
    -----
    Shapes: input (T, N, input_size) or (T, input_size), and optionally a pair of first
    states h and c, each (num_layers · directions, N, n).  The result is a pair: the
    outputs (T, N, directions · n), and the pair of last states.

    Formula: see `LSTMCell`, at every step.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9,
    1997.

    Examples
    --------
    >>> import nn, numpy as np
    >>> net = nn.LSTM(3, 5, num_layers=2, rng=np.random.default_rng(0))
    >>> outputs, (h, c) = net(np.zeros((7, 2, 3)))
    >>> outputs.shape, h.shape, c.shape
    ((7, 2, 5), (2, 2, 5), (2, 2, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.step = LSTMStep()
        self._build(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            rng,
            dtype,
        )


class GRU(_Recurrent):
    """A recurrent network of gated recurrent units.

    Parameters
    ----------
    input_size, hidden_size : int
        The numbers of features of the input and of the state.
    num_layers : int, default 1
        Each further layer runs along the outputs of the one before.
    bias : bool, default True
        Whether there are biases.
    batch_first : bool, default False
        Whether batches are (N, T, features) in place of (T, N, features).
    dropout : float, default 0.0
        The probability of dropping outputs between layers, in training.
    bidirectional : bool, default False
        Whether each layer runs backwards as well, with weights of its own.
    rng : Generator, keyword only
        Where the first weights, and dropout, are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Tensor, shapes (3 n, input_size) and (3 n, n)
        The weights of the first layer for the input and the state, with n =
        ``hidden_size``, as in `GRUCell`; ``_l1`` for the second layer, ``_l0_reverse``
        for the way back.  All are drawn from U(-k, k) with k = 1 / √n.
    bias_ih_l0, bias_hh_l0 : Tensor, shape (3 n,)
        Likewise.

    Notes
    -----
    Shapes: input (T, N, input_size) or (T, input_size), and optionally the first states
    (num_layers · directions, N, n).  The result is a pair: the outputs
    (T, N, directions · n) and the last states, of the shape of the first ones.

    Formula: see `GRUCell`, at every step.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP
    2014.

    Examples
    --------
    >>> import nn, numpy as np
    >>> net = nn.GRU(3, 5, bidirectional=True, rng=np.random.default_rng(0))
    >>> outputs, state = net(np.zeros((7, 2, 3)))
    >>> outputs.shape, state.shape
    ((7, 2, 10), (2, 2, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.step = GRUStep()
        self._build(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            rng,
            dtype,
        )
