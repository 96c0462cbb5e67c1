"""The encoder of a transformer."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import gelu, relu
from nn.attention import MultiheadAttention
from nn.checks import require_size
from nn.containers import ModuleList
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module
from nn.normalization import LayerNorm
from nn.parameter import require_rng

__all__ = ["TransformerEncoder", "TransformerEncoderLayer"]

Rng = np.random.Generator


class TransformerEncoderLayer(Module):
    """Attention, then a small network at every position, each with a way around it.

    Parameters
    ----------
    d_model : int
        The number of features E.
    nhead : int
        The number of attention heads.
    dim_feedforward : int, default 2048
        The number of hidden units of the network.
    dropout : float, default 0.1
        The probability of dropping, in training.
    activation : {"relu", "gelu"} or callable, default "relu"
        The activation of the network.
    layer_norm_eps : float, default 1e-5
        Is added to the variance in the layer normalisations.
    batch_first : bool, default False
        Whether batches are (N, L, E) in place of (L, N, E).
    norm_first : bool, default False
        Whether to normalise what goes into each part, in place of the sums.
    bias : bool, default True
        Whether the layers have biases.
    rng : Generator, keyword only
        Where the first weights, and dropout, are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Notes
    -----
    Shapes: input (L, N, E) or (L, E); result of the same shape.

    Formula: y = norm1(x + attention(x)); z = norm2(y + W₂ f(W₁ y + b₁) + b₂).  With
    ``norm_first``: y = x + attention(norm1(x)); z = y + W₂ f(W₁ norm2(y) + b₁) + b₂.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017; norm first: R. Xiong
    et al., "On layer normalization in the transformer architecture", ICML 2020.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, rng=rng)
    >>> layer(np.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: Rng | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        rng = require_rng("TransformerEncoderLayer", rng)
        named: dict[Any, Callable[[Any], Any]] = {"relu": relu, "gelu": gelu}
        if not callable(activation) and activation not in named:
            raise ValueError(
                f"TransformerEncoderLayer: activation must be 'relu', 'gelu' or a "
                f"function, got {activation!r}."
            )
        self.activation = activation if callable(activation) else named[activation]
        self.norm_first = norm_first
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first, rng=rng, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, rng=rng)
        self.dropout2 = Dropout(dropout, rng=rng)

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        """Return the transformed sequence; masks are those of `MultiheadAttention`."""
        masks = src_mask, src_key_padding_mask, is_causal
        if self.norm_first:
            y = src + self._attend(self.norm1(src), *masks)
            return y + self._feed_forward(self.norm2(y))
        y = self.norm1(src + self._attend(src, *masks))
        return self.norm2(y + self._feed_forward(y))

    def _attend(self, x: Any, mask: Any, padding: Any, is_causal: bool) -> Any:
        out, _ = self.self_attn(
            x,
            x,
            x,
            key_padding_mask=padding,
            need_weights=False,
            attn_mask=mask,
            is_causal=is_causal,
        )
        return self.dropout1(out)

    def _feed_forward(self, x: Any) -> Any:
        hidden = self.dropout(self.activation(self.linear1(x)))
        return self.dropout2(self.linear2(hidden))


class TransformerEncoder(Module):
    """Several copies of an encoder layer, one after the other.

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer
        Is copied, with its weights; draw each copy anew with an initialiser if they
        should start different.
    num_layers : int
        The number of copies.
    norm : Module, optional
        A last normalisation.

    Notes
    -----
    Shapes: input (L, N, E) or (L, E); result of the same shape.

    Formula: norm(layerₙ(… layer₁(x))).

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, rng=rng)
    >>> nn.TransformerEncoder(layer, 3)(np.ones((5, 2, 8))).shape
    (5, 2, 8)
    """

    def __init__(
        self, encoder_layer: Module, num_layers: int, norm: Module | None = None
    ) -> None:
        require_size("TransformerEncoder", "num_layers", num_layers)
        self.layers = ModuleList(_copied(encoder_layer) for _ in range(num_layers))
        self.norm = norm

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        """Return the transformed sequence; masks are those of `MultiheadAttention`."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


def _copied(layer: Module) -> Module:
    """Copy a module; the copies draw from the same generators, not from equal ones."""
    generators = [getattr(module, "rng", None) for module in layer.modules()]
    return copy.deepcopy(layer, {id(rng): rng for rng in generators if rng is not None})
