"""T1: one causal transformer block, norm first."""

import numpy as np

from .pieces import column_sum, row_sum

GAIN, CUBE = np.float32(np.sqrt(2 / np.pi)), np.float32(0.044715)


def transformer_block(problem):
    """Attention, a perceptron with gelu, and a mean squared error."""
    x, target, v = problem.data["x"], problem.data["target"], problem.parameters
    batch, length, features = x.shape
    heads = problem.sizes["heads"]
    rows = batch * length
    flat, wanted = x.reshape(rows, features), target.reshape(rows, features)

    def step():
        h1, norm1 = _norm(flat, v["g1"], v["c1"])
        qkv = _affine(h1, v["Wqkv"], v["bqkv"]).reshape(batch, length, 3, heads, -1)
        mixed, saved = _attention(qkv)
        a = _affine(mixed, v["Wo"], v["bo"])
        a += flat
        h2, norm2 = _norm(a, v["g2"], v["c2"])
        z = _affine(h2, v["W1"], v["b1"])
        active, slope = _gelu(z)
        out = _affine(active, v["W2"], v["b2"])
        out += a
        out -= wanted
        loss = np.vdot(out, out) / out.size
        taken: dict[str, np.ndarray] = {}
        out *= np.float32(2 / out.size)
        d = _affine_back(taken, out, active, v, "W2", "b2")
        d *= slope
        d = _affine_back(taken, d, h2, v, "W1", "b1")
        d = _norm_back(taken, d, norm2, v, "g2", "c2")
        d += out
        d = _affine_back(taken, d, mixed, v, "Wo", "bo")
        d = _attention_back(d.reshape(batch, length, heads, -1), saved)
        d = _affine_back(taken, d, h1, v, "Wqkv", "bqkv")
        taken["g1"], taken["c1"] = np.einsum("ij,ij->j", d, norm1[0]), column_sum(d)
        return loss, taken

    return step


def _affine(x, W, b):
    out = x @ W.T
    out += b
    return out


def _affine_back(taken, d, x, v, W, b):
    taken[W], taken[b] = d.T @ x, column_sum(d)
    return d @ v[W]


def _norm(x, gain, shift):
    features = x.shape[1]
    y = x - row_sum(x) / features
    r = np.einsum("ij,ij->i", y, y)[:, None]
    r /= features
    r += 1e-5
    np.sqrt(r, out=r)
    np.divide(1, r, out=r)
    y *= r
    out = y * gain
    out += shift
    return out, (y, r)


def _norm_back(taken, d, saved, v, gain, shift):
    y, r = saved
    features = y.shape[1]
    taken[gain], taken[shift] = np.einsum("ij,ij->j", d, y), column_sum(d)
    d = d * v[gain]
    mean = row_sum(d) / features
    d -= y * (np.einsum("ij,ij->i", d, y)[:, None] / features)
    d -= mean
    d *= r
    return d


def _attention(qkv):
    """Attend within (batch, length, 3, heads, n); return (batch * length, features)."""
    batch, length, _, heads, n = qkv.shape
    q, k, value = qkv.transpose(2, 0, 3, 1, 4)
    scale = np.float32(1 / np.sqrt(n))
    scores = (q * scale) @ k.swapaxes(-1, -2)
    scores += np.where(np.tri(length, dtype=bool), 0, -np.inf).astype(np.float32)
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= row_sum(scores)
    out = (scores @ value).transpose(0, 2, 1, 3).reshape(batch * length, heads * n)
    return out, (q, k, value, scores, scale)


def _attention_back(d, saved):
    """Return the cotangent of queries, keys and values, side by side."""
    q, k, value, p, scale = saved
    batch, length, heads, n = d.shape
    d = d.transpose(0, 2, 1, 3)
    out = np.empty((batch, length, 3, heads, n), np.float32)
    dq, dk, dv = out.transpose(2, 0, 3, 1, 4)
    s = d @ value.swapaxes(-1, -2)
    s -= np.einsum("...i,...i->...", s, p)[..., None]
    s *= p
    s *= scale
    dq[...] = s @ k
    dk[...] = s.swapaxes(-1, -2) @ q
    dv[...] = p.swapaxes(-1, -2) @ d
    return out.reshape(batch * length, 3 * heads * n)


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
