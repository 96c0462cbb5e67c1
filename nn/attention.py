"""Attention with several heads."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import (
    DTypeError,
    ShapeError,
    dropout,
    linear,
    scaled_dot_product_attention,
)
from nn import init
from nn.checks import as_input, got, require_axes, require_size, shape_of
from nn.linear import Linear
from nn.module import Module
from nn.parameter import Parameter, require_rng

__all__ = ["MultiheadAttention"]

Rng = np.random.Generator


class MultiheadAttention(Module):
    """Several attentions side by side, each on its own projection of the input.

    Parameters
    ----------
    embed_dim : int
        The number of features E, a multiple of ``num_heads``.
    num_heads : int
        The number of attentions.
    dropout : float, default 0.0
        The probability of dropping a weight of the mixture, in training.
    bias : bool, default True
        Whether the projections have biases.
    batch_first : bool, default False
        Whether batches are (N, L, E) in place of (L, N, E).
    rng : Generator, keyword only
        Where the first weights, and dropout, are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    in_proj_weight : Tensor, shape (3 E, E)
        The projections to queries, keys and values, one below the other; drawn by
        `init.xavier_uniform`.
    in_proj_bias : Tensor, shape (3 E,), or None
        Zeros at first.
    out_proj : Linear
        The last projection; its bias is zero at first.

    Notes
    -----
    Shapes: query (L, N, E), key and value (S, N, E), or without the axis N; masks
    ``attn_mask`` (L, S) or (N · num_heads, L, S) and ``key_padding_mask`` (N, S).  The
    result is a pair: (L, N, E), and the weights of the mixture (N, L, S), or None.

    Formula: headᵢ = softmax(Qᵢ Kᵢᵀ / √d + mask) Vᵢ with d = E / num_heads; the heads
    are put side by side and projected.

    As in PyTorch a boolean mask is True where looking is **forbidden**; this is the
    opposite of `scaled_dot_product_attention`.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    >>> import nn, numpy as np
    >>> attention = nn.MultiheadAttention(8, 2, rng=np.random.default_rng(0))
    >>> x = np.ones((5, 3, 8))
    >>> out, weights = attention(x, x, x)
    >>> out.shape, weights.shape
    ((5, 3, 8), (3, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: Rng | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        rng = require_rng("MultiheadAttention", rng)
        self.embed_dim = require_size("MultiheadAttention", "embed_dim", embed_dim)
        self.num_heads = require_size("MultiheadAttention", "num_heads", num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim={embed_dim} must be a multiple of "
                f"num_heads={num_heads}."
            )
        if not 0 <= dropout <= 1:
            raise ValueError(
                f"MultiheadAttention: dropout must be a probability from 0 to 1, got "
                f"{dropout}."
            )
        self.dropout = dropout
        self.batch_first = batch_first
        self.rng = rng
        weight = Parameter(np.zeros((3 * embed_dim, embed_dim)), dtype=dtype)
        self.in_proj_weight = init.xavier_uniform(weight, rng=rng)
        zeros = np.zeros(3 * embed_dim)
        self.in_proj_bias = Parameter(zeros, dtype=dtype) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        if self.out_proj.bias is not None:
            init.zeros(self.out_proj.bias)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """Return the mixture for every query, and the weights if they are needed.

        ``is_causal=True`` lets query i look at keys 0 ... i only.
        """
        inputs = [self._batched(x) for x in (query, key, value)]
        q, k, v = (self._heads(x, part) for part, x in enumerate(inputs))
        mask = self._mask(q, k, key_padding_mask, attn_mask, is_causal)
        causal = is_causal and mask is None
        rate = self.dropout if self.training else 0.0
        if need_weights:
            # Mixing the rows of the identity gives the weights of the mixture.
            ones = np.eye(k.shape[-2], dtype=k.dtype)
            weights = scaled_dot_product_attention(q, k, ones, mask, is_causal=causal)
            mixed = dropout(weights, rate, rng=self.rng) @ v
        else:
            weights = None
            mixed = scaled_dot_product_attention(
                q, k, v, mask, rate, causal, rng=self.rng
            )
        if weights is not None and average_attn_weights:
            weights = np.mean(weights, axis=1)
        return self._joined(mixed, query), self._unbatched(weights, query)

    def _batched(self, x: Any) -> Any:
        """Return an input as (N, L, E)."""
        x = as_input(x, self.in_proj_weight.dtype)
        require_axes(x, 2, 3, what="positions and features, maybe a batch")
        if shape_of(x)[-1] != self.embed_dim:
            raise ShapeError(f"the last axis must be {self.embed_dim}; {got(x)}.")
        if len(shape_of(x)) == 2:
            return np.expand_dims(x, 0)
        return x if self.batch_first else np.swapaxes(x, 0, 1)

    def _heads(self, x: Any, part: int) -> Any:
        """Project (N, L, E) to queries, keys or values (N, heads, L, d)."""
        rows = slice(part * self.embed_dim, (part + 1) * self.embed_dim)
        bias = self.in_proj_bias
        out = linear(x, self.in_proj_weight[rows], None if bias is None else bias[rows])
        return np.swapaxes(np.reshape(out, (*x.shape[:2], self.num_heads, -1)), 1, 2)

    def _mask(
        self, q: Any, k: Any, key_padding_mask: Any, attn_mask: Any, is_causal: bool
    ) -> Any:
        """Join the masks to one that is broadcast over (N, heads, L, S), or None."""
        batch, heads, length = q.shape[:3]
        keys = k.shape[2]
        parts: list[Any] = []
        shapes: dict[Any, tuple[int, ...]]
        if attn_mask is not None:
            shapes = {
                (length, keys): (1, 1, length, keys),
                (batch * heads, length, keys): (batch, heads, length, keys),
            }
            parts.append(_allowed("attn_mask", attn_mask, shapes))
        if key_padding_mask is not None:
            shapes = {(batch, keys): (batch, 1, 1, keys)}
            shapes |= {(keys,): (1, 1, 1, keys)} if batch == 1 else {}
            parts.append(_allowed("key_padding_mask", key_padding_mask, shapes))
        if is_causal and parts:
            parts.append(np.tri(length, keys, dtype=bool))
        if all(part.dtype.kind == "b" for part in parts):
            return np.logical_and.reduce(np.broadcast_arrays(*parts)) if parts else None
        dtype = q.dtype
        return sum(
            np.where(part, 0, -np.inf).astype(dtype)
            if part.dtype.kind == "b"
            else part.astype(dtype)
            for part in parts
        )

    def _joined(self, mixed: Any, query: Any) -> Any:
        """Put the heads (N, heads, L, d) side by side and project them."""
        batch, _, length, _ = mixed.shape
        sides = np.reshape(np.swapaxes(mixed, 1, 2), (batch, length, self.embed_dim))
        out = self.out_proj(sides)
        if len(shape_of(query)) == 2:
            return out[0]
        return out if self.batch_first else np.swapaxes(out, 0, 1)

    def _unbatched(self, weights: Any, query: Any) -> Any:
        if weights is None or len(shape_of(query)) == 3:
            return weights
        return weights[0]

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        parts = [f"{self.embed_dim}, {self.num_heads}"]
        parts += [f"dropout={self.dropout}"] if self.dropout else []
        parts += ["batch_first=True"] if self.batch_first else []
        return ", ".join(parts)


def _allowed(role: str, mask: Any, shapes: dict[Any, tuple[int, ...]]) -> Any:
    """Return a mask reshaped; a boolean one as where looking is allowed."""
    values = np.asarray(mask)
    if values.dtype.kind not in "bf":
        raise DTypeError(
            f"{role} must be boolean (True where looking is forbidden) or floating "
            f"point (added to the scores), got dtype {values.dtype}."
        )
    if values.shape not in shapes:
        needed = " or ".join(map(str, shapes))
        raise ShapeError(f"{role} must have shape {needed}, got {values.shape}.")
    reshaped = values.reshape(shapes[values.shape])
    return ~reshaped if values.dtype.kind == "b" else reshaped
