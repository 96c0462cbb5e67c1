"""T1: one causal transformer block, float32.

64 features, 4 heads, 64 positions, batch 16; layer norm before attention and before the
perceptron, whose activation is gelu by tanh.  The loss is a mean squared error.
"""

import numpy as np

from benchmarks.workloads.by_hand import Step, column_sum, row_sum, tensors

BATCH, LENGTH, FEATURES, HEADS = 16, 64, 64, 4
SHAPE = (BATCH, LENGTH, FEATURES)
GAIN, CUBE = np.float32(np.sqrt(2 / np.pi)), np.float32(0.044715)


def t1(rng, keep):
    """One training step of the block."""
    from autograd import (
        gelu,
        layer_norm,
        linear,
        mse_loss,
        scaled_dot_product_attention,
    )

    n = FEATURES

    def normal(*shape):
        return (rng.standard_normal(shape) / np.sqrt(n)).astype(np.float32)

    x = rng.standard_normal(SHAPE).astype(np.float32)
    target = rng.standard_normal(SHAPE).astype(np.float32)
    values = {
        "g1": np.ones(n, np.float32), "c1": np.zeros(n, np.float32),
        "Wqkv": normal(3 * n, n), "bqkv": np.zeros(3 * n, np.float32),
        "Wo": normal(n, n), "bo": np.zeros(n, np.float32),
        "g2": np.ones(n, np.float32), "c2": np.zeros(n, np.float32),
        "W1": normal(4 * n, n), "b1": np.zeros(4 * n, np.float32),
        "W2": normal(n, 4 * n), "b2": np.zeros(n, np.float32),
    }  # fmt: skip
    p = tensors(values)

    def forward():
        h = layer_norm(x, n, p["g1"], p["c1"])
        h = linear(h, p["Wqkv"], p["bqkv"])
        h = h.reshape(BATCH, LENGTH, 3, HEADS, n // HEADS).transpose(2, 0, 3, 1, 4)
        a = scaled_dot_product_attention(h[0], h[1], h[2], is_causal=True)
        a = a.transpose(0, 2, 1, 3).reshape(SHAPE)
        a = x + linear(a, p["Wo"], p["bo"])
        h = layer_norm(a, n, p["g2"], p["c2"])
        h = gelu(linear(h, p["W1"], p["b1"]), "tanh")
        out = a + linear(h, p["W2"], p["b2"])
        return mse_loss(out, target)

    return Step(forward, p, keep), lambda: _by_hand(x, target, values)


def _by_hand(x, target, v):
    rows = BATCH * LENGTH
    flat = x.reshape(rows, FEATURES)
    h1, norm1 = _norm(flat, v["g1"], v["c1"])
    mixed, heads = _attention(_affine(h1, v["Wqkv"], v["bqkv"]))
    a = _affine(mixed, v["Wo"], v["bo"])
    a += flat
    h2, norm2 = _norm(a, v["g2"], v["c2"])
    z = _affine(h2, v["W1"], v["b1"])
    active, slope = _gelu(z)
    out = _affine(active, v["W2"], v["b2"])
    out += a
    out -= target.reshape(rows, FEATURES)
    loss = np.vdot(out, out) / out.size
    taken: dict[str, np.ndarray] = {}
    out *= np.float32(2 / out.size)
    d = _affine_back(taken, out, active, v, "W2", "b2")
    d *= slope
    d = _affine_back(taken, d, h2, v, "W1", "b1")
    d = _norm_back(taken, d, norm2, v, "g2", "c2")
    d += out
    d = _affine_back(taken, d, mixed, v, "Wo", "bo")
    d = _attention_back(d, heads)
    d = _affine_back(taken, d, h1, v, "Wqkv", "bqkv")
    taken["g1"], taken["c1"] = np.einsum("ij,ij->j", d, norm1[0]), column_sum(d)
    return loss, taken


def _affine(x, W, b):
    out = x @ W.T
    out += b
    return out


def _affine_back(taken, d, x, v, W, b):
    taken[W], taken[b] = d.T @ x, column_sum(d)
    return d @ v[W]


def _norm(x, gain, shift):
    y = x - row_sum(x) / FEATURES
    r = np.einsum("ij,ij->i", y, y)[:, None]
    r /= FEATURES
    r += 1e-5
    np.sqrt(r, out=r)
    np.divide(1, r, out=r)
    y *= r
    out = y * gain
    out += shift
    return out, (y, r)


def _norm_back(taken, d, saved, v, gain, shift):
    y, r = saved
    taken[gain], taken[shift] = np.einsum("ij,ij->j", d, y), column_sum(d)
    d = d * v[gain]
    mean = row_sum(d) / FEATURES
    d -= y * (np.einsum("ij,ij->i", d, y)[:, None] / FEATURES)
    d -= mean
    d *= r
    return d


def _attention(qkv):
    heads = qkv.reshape(BATCH, LENGTH, 3, HEADS, -1).transpose(2, 0, 3, 1, 4)
    q, k, value = heads
    scale = np.float32(1 / np.sqrt(q.shape[-1]))
    scores = (q * scale) @ k.swapaxes(-1, -2)
    scores += np.where(np.tri(LENGTH, dtype=bool), 0, -np.inf).astype(np.float32)
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= row_sum(scores)
    out = (scores @ value).transpose(0, 2, 1, 3).reshape(BATCH * LENGTH, FEATURES)
    return out, (q, k, value, scores, scale)


def _attention_back(d, saved):
    q, k, value, p, scale = saved
    d = d.reshape(BATCH, LENGTH, HEADS, -1).transpose(0, 2, 1, 3)
    out = np.empty((BATCH, LENGTH, 3, HEADS, FEATURES // HEADS), np.float32)
    dq, dk, dv = out.transpose(2, 0, 3, 1, 4)
    s = d @ value.swapaxes(-1, -2)
    s -= np.einsum("...i,...i->...", s, p)[..., None]
    s *= p
    s *= scale
    dq[...] = s @ k
    dk[...] = s.swapaxes(-1, -2) @ q
    dv[...] = p.swapaxes(-1, -2) @ d
    return out.reshape(BATCH * LENGTH, 3 * FEATURES)


def _gelu(z):
    """Return gelu(z) and its derivative."""
    square = z * z
    t = square * CUBE
    t += 1
    t *= z
    t *= GAIN
    np.tanh(t, out=t)
    slope = t * t
    np.subtract(1, slope, out=slope)
    square *= 3 * CUBE
    square += 1
    square *= GAIN
    slope *= square
    slope *= z
    t += 1
    slope += t
    slope *= np.float32(0.5)
    t *= z
    t *= np.float32(0.5)
    return t, slope
