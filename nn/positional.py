"""Positional encodings: telling attention, which has no order, where things are."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from nn.checks import got, require_axes, require_size, shape_of
from nn.module import Module
from nn.parameter import Parameter, require_rng

__all__ = ["LearnedPositionalEncoding", "SinusoidalPositionalEncoding"]

Rng = np.random.Generator


class SinusoidalPositionalEncoding(Module):
    """Add waves of different lengths, which tell attention where things are.

    Parameters
    ----------
    d_model : int
        The number of features E; even.
    max_len : int, default 5000
        The longest sequence.
    batch_first : bool, default False
        Whether batches are (N, L, E) in place of (L, N, E).
    dtype : dtype, default float32
        The dtype of the waves.

    Notes
    -----
    Shapes: input (L, N, E) or (L, E); result of the same shape.

    Formula: x + P with P[t, 2i] = sin(t / 10000^(2i / E)) and P[t, 2i + 1] the cosine.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.SinusoidalPositionalEncoding(2)(np.zeros((3, 2))).round(3).tolist()
    [[0.0, 1.0], [0.841, 0.54], [0.909, -0.416]]
    """

    table: Any

    def __init__(
        self,
        d_model: int,
        max_len: int = 5000,
        batch_first: bool = False,
        *,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        require_size("SinusoidalPositionalEncoding", "max_len", max_len)
        self.d_model = require_size("SinusoidalPositionalEncoding", "d_model", d_model)
        if d_model % 2:
            raise ValueError(
                f"SinusoidalPositionalEncoding: d_model must be even, got {d_model}."
            )
        self.batch_first = batch_first
        frequencies = np.exp(-math.log(10000.0) * np.arange(0, d_model, 2) / d_model)
        angles = np.arange(max_len)[:, None] * frequencies
        waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
        table = waves.reshape(max_len, d_model).astype(dtype)
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Any) -> Any:
        """Return the input plus the waves."""
        return x + _positions(x, self.table.astype(x.dtype), self.batch_first)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.d_model}, max_len={len(self.table)}"


class LearnedPositionalEncoding(Module):
    """Add a trained vector for each position.

    Parameters
    ----------
    d_model : int
        The number of features E.
    max_len : int
        The longest sequence.
    batch_first : bool, default False
        Whether batches are (N, L, E) in place of (L, N, E).
    rng : Generator, keyword only
        Where the first vectors are drawn from.
    dtype : dtype, default float32
        The dtype of the parameter.

    Attributes
    ----------
    weight : Tensor, shape (max_len, d_model)
        Drawn from a normal distribution with standard deviation 0.02.

    Notes
    -----
    Shapes: input (L, N, E) or (L, E); result of the same shape.

    Formula: x[t] + W[t].

    References
    ----------
    J. Gehring et al., "Convolutional sequence to sequence learning", ICML 2017.

    Examples
    --------
    >>> import nn, numpy as np
    >>> encoding = nn.LearnedPositionalEncoding(4, 10, rng=np.random.default_rng(0))
    >>> encoding(np.zeros((7, 2, 4))).shape
    (7, 2, 4)
    """

    def __init__(
        self,
        d_model: int,
        max_len: int,
        batch_first: bool = False,
        *,
        rng: Rng | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        rng = require_rng("LearnedPositionalEncoding", rng)
        self.d_model = require_size("LearnedPositionalEncoding", "d_model", d_model)
        require_size("LearnedPositionalEncoding", "max_len", max_len)
        self.batch_first = batch_first
        values = rng.normal(0.0, 0.02, (max_len, d_model))
        self.weight = Parameter(values, dtype=dtype)

    def forward(self, x: Any) -> Any:
        """Return the input plus the vectors of its positions."""
        return x + _positions(x, self.weight, self.batch_first)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.d_model}, max_len={len(self.weight)}"


def _positions(x: Any, table: Any, batch_first: bool) -> Any:
    """Return the rows of a table for the positions of a sequence, to be added."""
    require_axes(x, 2, 3, what="positions and features, maybe a batch")
    shape = shape_of(x)
    batched = len(shape) == 3
    length = shape[1 if batch_first and batched else 0]
    most, features = table.shape
    if length > most or shape[-1] != features:
        raise ShapeError(
            f"at most {most} positions of {features} features are known; {got(x)}."
        )
    rows = table[:length]
    return np.expand_dims(rows, 1) if batched and not batch_first else rows
