"""Vectors for words and other things that are numbered."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import embedding
from nn.checks import require_size
from nn.module import Module
from nn.parameter import Parameter, require_rng

__all__ = ["Embedding"]


class Embedding(Module):
    """Look up a trained vector for each number.

    Parameters
    ----------
    num_embeddings : int
        How many vectors there are.
    embedding_dim : int
        How long they are.
    padding_idx : int, optional
        The number of a vector that is zero at first and gets no gradient.
    rng : Generator, keyword only
        Where the first vectors are drawn from.
    dtype : dtype, default float32
        The dtype of the parameter.

    Attributes
    ----------
    weight : Tensor, shape (num_embeddings, embedding_dim)
        Drawn from a standard normal distribution.

    Raises
    ------
    OutOfRangeError
        If an input is not one of 0 ... num_embeddings - 1.
    DTypeError
        If the input does not hold integers.

    Notes
    -----
    Shapes: input of integers, any shape (...); result (..., embedding_dim).

    Formula: y = W[i], which is the product of a one-hot vector with W.

    References
    ----------
    Y. Bengio et al., "A neural probabilistic language model", JMLR 3, 2003.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.Embedding(10, 3, rng=np.random.default_rng(0))
    >>> layer(np.array([[1, 2, 2], [0, 9, 1]])).shape
    (2, 3, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        rng = require_rng("Embedding", rng)
        self.num_embeddings = require_size(
            "Embedding", "num_embeddings", num_embeddings
        )
        self.embedding_dim = require_size("Embedding", "embedding_dim", embedding_dim)
        if (
            padding_idx is not None
            and not -num_embeddings <= padding_idx < num_embeddings
        ):
            raise ValueError(
                f"Embedding: padding_idx={padding_idx} is not one of the "
                f"{num_embeddings} vectors."
            )
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        values = rng.standard_normal((num_embeddings, embedding_dim))
        if padding_idx is not None:
            values[padding_idx] = 0.0
        self.weight = Parameter(values, dtype=dtype)

    def forward(self, x: Any) -> Any:
        """Return the vectors with the given numbers."""
        return embedding(x, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        padding = (
            "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        )
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
