"""T1: one causal transformer block, norm first, float32."""

import numpy as np

from .problem import Problem


def transformer_block(
    batch: int = 16, length: int = 64, features: int = 64, heads: int = 4
) -> Problem:
    """Attention and a perceptron with gelu by tanh; the loss is a mean squared error.

    With n features: ``a = x + attention(norm(x)) @ Wo.T + bo`` and ``out = a +
    gelu(norm(a) @ W1.T + b1) @ W2.T + b2``; norm is layer normalization (epsilon 1e-5)
    with gain and shift ``g1``, ``c1`` and ``g2``, ``c2`` (n,). ``Wqkv`` (3n, n) and
    ``bqkv`` (3n,) give queries, keys and values, one after the other, each n cut into
    heads; ``Wo`` (n, n), ``bo`` (n,), ``W1`` (4n, n), ``b1`` (4n,), ``W2`` (n, 4n),
    ``b2`` (n,). ``x`` and ``target`` are (batch, length, n).
    """
    rng = np.random.default_rng(0)
    n = features
    shape = (batch, length, n)

    def normal(*shape):
        return (rng.standard_normal(shape) / np.sqrt(n)).astype(np.float32)

    data = {
        "x": rng.standard_normal(shape).astype(np.float32),
        "target": rng.standard_normal(shape).astype(np.float32),
    }
    parameters = {
        "g1": np.ones(n, np.float32), "c1": np.zeros(n, np.float32),
        "Wqkv": normal(3 * n, n), "bqkv": np.zeros(3 * n, np.float32),
        "Wo": normal(n, n), "bo": np.zeros(n, np.float32),
        "g2": np.ones(n, np.float32), "c2": np.zeros(n, np.float32),
        "W1": normal(4 * n, n), "b1": np.zeros(4 * n, np.float32),
        "W2": normal(n, 4 * n), "b2": np.zeros(n, np.float32),
    }  # fmt: skip
    title = (
        f"causal transformer block, {n} features, {heads} heads, "
        f"{length} positions, batch {batch}, float32"
    )
    return Problem("T1", title, data, parameters, sizes={"heads": heads})
