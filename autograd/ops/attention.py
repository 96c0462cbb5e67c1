"""Scaled dot-product attention."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import DTypeError, ShapeError
from autograd.ops.checks import shape_of, shown
from autograd.ops.dropout import dropout
from autograd.ops.indexing import value_of
from autograd.ops.rows import row_sum
from autograd.primitive import Fused, primitive
from autograd.tensor import Tensor

__all__ = ["scaled_dot_product_attention"]

_Q = np.sin(np.arange(24.0)).reshape(2, 3, 4)
_K = np.cos(np.arange(40.0) * 1.3).reshape(2, 5, 4)
_V = np.sin(np.arange(20.0) * 0.7 + 1).reshape(2, 5, 2)
_MASK = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]], bool)

# The exponentials of numbers between -40 and 40 and their sums are far from the limits
# of single precision.
_SMALL = 40.0


def _may_look_back(rows: int, columns: int) -> Any:
    """Return where a query may look in causal attention: not behind its place."""
    return np.tri(rows, columns, dtype=bool)


def _forward(
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    *,
    is_causal: bool,
    scale: float,
) -> tuple[Any, Any]:
    scores = (query * scale) @ np.swapaxes(key, -1, -2)
    if is_causal:
        mask = _may_look_back(*scores.shape[-2:])
    powers = _powers(scores, mask)
    total = row_sum(powers)
    if mask is not None:
        total[total == 0] = 1  # a row that may look nowhere
    out = powers @ value
    out /= total
    return out, (powers, total)


def _powers(scores: Any, mask: Any) -> Any:
    """Overwrite scores with e^score, times a number for each row; 0 where forbidden."""
    if mask is not None and mask.dtype.kind != "b":
        scores += mask
        mask = None
    # Small numbers need not be shifted, and finding the largest of each row takes time.
    small = scores.size and np.min(scores) > -_SMALL and np.max(scores) < _SMALL
    if not small:
        if mask is not None:
            scores += np.where(mask, 0, -np.inf).astype(scores.dtype)
        highest = np.max(scores, axis=-1, keepdims=True)
        highest[highest == -np.inf] = 0
        scores -= highest
    np.exp(scores, out=scores)
    if small and mask is not None:
        scores *= mask.astype(scores.dtype)
    return scores


def _backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    query: Any,
    key: Any,
    value: Any,
    *mask: Any,
    is_causal: bool,
    scale: float,
) -> tuple[Any, ...]:
    powers, total = saved
    dq = dk = dv = None
    g = g / total
    d = g @ np.swapaxes(value, -1, -2)
    d -= np.einsum("...i,...i->...", g, out)[..., None]
    d *= powers
    if needs[0]:
        dq = d @ key
        dq *= scale
    if needs[1]:
        dk = np.swapaxes(d, -1, -2) @ query
        dk *= scale
    if needs[2]:
        dv = np.swapaxes(powers, -1, -2) @ g
    return (dq, dk, dv, d)[: len(needs)]


def _attention_weights(
    query: Any, key: Any, mask: Any, is_causal: bool, scale: float
) -> Any:
    """Return the softmax of the scores, recorded or not; 0 where none is allowed."""
    scores = (query * scale) @ np.swapaxes(key, -1, -2)
    if is_causal:
        scores = np.where(_may_look_back(*scores.shape[-2:]), scores, -np.inf)
    elif mask is not None and mask.dtype.kind == "b":
        scores = np.where(value_of(mask), scores, -np.inf)
    elif mask is not None:
        scores = scores + mask
    highest = np.max(value_of(scores), axis=-1, keepdims=True)
    powers = np.exp(scores - np.where(highest == -np.inf, 0.0, highest))
    total = np.sum(powers, axis=-1, keepdims=True)
    return powers / (total + (value_of(total) == 0))


def _score_rule(
    g: Any,
    out: Any,
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    *,
    is_causal: bool,
    scale: float,
) -> Any:
    """Return the cotangent of the scores."""
    p = _attention_weights(q, k, mask, is_causal, scale)
    d = (g @ np.swapaxes(v, -1, -2)) * p
    return d - p * np.sum(d, axis=-1, keepdims=True)


def _query_rule(
    g: Any, out: Any, q: Any, k: Any, v: Any, *mask: Any, **how: Any
) -> Any:
    return _score_rule(g, out, q, k, v, *mask, **how) @ k * how["scale"]


def _key_rule(g: Any, out: Any, q: Any, k: Any, v: Any, *mask: Any, **how: Any) -> Any:
    d = _score_rule(g, out, q, k, v, *mask, **how)
    return np.swapaxes(d, -1, -2) @ q * how["scale"]


def _value_rule(
    g: Any,
    out: Any,
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    *,
    is_causal: bool,
    scale: float,
) -> Any:
    p = _attention_weights(q, k, mask, is_causal, scale)
    return np.swapaxes(p, -1, -2) @ g


_NAME = "scaled_dot_product_attention"
_CALL = "(G, {out}, {inputs}, is_causal={is_causal}, scale={scale})"


@primitive(
    symbol="attention",
    latex=r"\operatorname{{attention}}({inputs})",
    vjps=(_query_rule, _key_rule, _value_rule, _score_rule),
    formulas=tuple(f"PRIMITIVES['{_NAME}'].vjps[{k}]{_CALL}" for k in range(4)),
    fused=Fused(_forward, _backward),
    method=False,
    samples=[
        (_Q, _K, _V, {"scale": 0.5}),
        (_Q, _K, _V, {"scale": 0.7, "is_causal": True}),
        (_Q, _K, _V, _MASK, {"scale": 0.5}),
        (_Q, _K, _V, np.sin(np.arange(30.0)).reshape(2, 3, 5), {"scale": 1.3}),
    ],
)
def _scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    is_causal: bool = False,
    scale: float = 1.0,
) -> Any:
    return _forward(query, key, value, attn_mask, is_causal=is_causal, scale=scale)[0]


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    rng: "np.random.Generator | None" = None,  # numpy.random is slow to load
) -> Any:
    """Let every query look at all keys, and return a mixture of their values.

    Parameters
    ----------
    query : Tensor, shape (..., L, E)
        L queries; leading axes, such as batch and heads, broadcast.
    key : Tensor, shape (..., S, E)
        S keys.
    value : Tensor, shape (..., S, D)
        A value for each key.
    attn_mask : array of bool or Tensor, shape broadcastable to (..., L, S), optional
        Where a query may look (True), or what is added to the scores.
    dropout_p : float, default 0.0
        The probability of dropping a weight of the mixture.
    is_causal : bool, default False
        Whether query i may look at keys 0 ... i only.
    scale : float, optional
        The factor of the scores; by default 1 / √E.
    rng : Generator, keyword only
        Needed for dropout.

    Returns
    -------
    Tensor, shape (..., L, D)
        A query that may look nowhere gets 0, and gradients of 0.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.
    ValueError
        If both ``attn_mask`` and ``is_causal`` are given, or a generator is missing.

    Notes
    -----
    Formula: softmax(Q Kᵀ scale + mask) V.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, scaled_dot_product_attention
    >>> q, k = Tensor([[0.0, 0.0]]), Tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> scaled_dot_product_attention(q, k, np.array([[2.0], [4.0]])).data
    array([[3.]])
    """
    _check(query, key, value, attn_mask, is_causal)
    scale = 1 / np.sqrt(shape_of(query)[-1]).item() if scale is None else float(scale)
    if attn_mask is not None and value_of(attn_mask).dtype.kind == "b":
        attn_mask = value_of(attn_mask)
    if not dropout_p:
        batch = np.broadcast_shapes(*(shape_of(x)[:-2] for x in (query, key, value)))
        query, key, value = (_with_batch(x, batch) for x in (query, key, value))
        if isinstance(attn_mask, Tensor):
            attn_mask = np.broadcast_to(attn_mask, (*batch, *_last_axes(query, key)))
        return _scaled_dot_product_attention(
            query, key, value, attn_mask, is_causal, scale
        )
    weights = _attention_weights(query, key, attn_mask, is_causal, scale)
    return dropout(weights, dropout_p, rng=rng) @ value


def _with_batch(x: Any, batch: tuple[int, ...]) -> Any:
    shape = shape_of(x)
    return x if shape[:-2] == batch else np.broadcast_to(x, (*batch, *shape[-2:]))


def _last_axes(query: Any, key: Any) -> tuple[int, int]:
    """Return the shape of the scores: queries by keys."""
    return shape_of(query)[-2], shape_of(key)[-2]


def _check(query: Any, key: Any, value: Any, mask: Any, is_causal: bool) -> None:
    q, k, v = shape_of(query), shape_of(key), shape_of(value)
    problem = ""
    if min(len(q), len(k), len(v)) < 2:
        problem = "each needs two axes, positions and features"
    elif q[-1] != k[-1]:
        problem = "queries and keys must have as many features"
    elif k[-2] != v[-2]:
        problem = "there must be one value for each key"
    if problem:
        given = ", ".join(map(shown, ("query", "key", "value"), (query, key, value)))
        raise ShapeError(f"{_NAME}: {problem}: {given}.")
    if mask is not None:
        _check_mask(mask, np.broadcast_shapes(q[:-2], k[:-2], v[:-2]), q, k, is_causal)


def _check_mask(
    mask: Any,
    batch: tuple[int, ...],
    q: tuple[int, ...],
    k: tuple[int, ...],
    is_causal: bool,
) -> None:
    if is_causal:
        raise ValueError(
            f"{_NAME}: give attn_mask or is_causal=True, not both. A causal mask is "
            f"np.tri({q[-2]}, {k[-2]}, dtype=bool)."
        )
    if value_of(mask).dtype.kind not in "bf":
        raise DTypeError(
            f"{_NAME}: {shown('attn_mask', mask)} must be boolean (where a query may "
            f"look) or floating point (added to the scores)."
        )
    try:
        np.broadcast_to(value_of(mask), (*batch, q[-2], k[-2]))
    except ValueError:
        raise ShapeError(
            f"{_NAME}: {shown('attn_mask', mask)} must broadcast to "
            f"{(*batch, q[-2], k[-2])}, queries by keys."
        ) from None
