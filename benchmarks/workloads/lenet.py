"""C1: LeNet on images of 1 x 28 x 28, batch 64, float32; with relu and max pooling.

C2: one convolution 3 x 3 from 32 to 64 channels on 16 x 16, batch 32, with padding.
"""

import numpy as np

from benchmarks.workloads.by_hand import Step, column_sum, softmax_loss, tensors

BATCH = 64


def c1(rng, keep):
    """Two convolutions 5 x 5 with pooling, then 400-120-84-10."""
    from autograd import conv2d, cross_entropy, linear, max_pool2d, relu

    def normal(*shape):
        scale = np.sqrt(2 / np.prod(shape[1:]))
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    x = rng.standard_normal((BATCH, 1, 28, 28)).astype(np.float32)
    y = rng.integers(0, 10, BATCH)
    values = {
        "K1": normal(6, 1, 5, 5), "c1": np.zeros(6, np.float32),
        "K2": normal(16, 6, 5, 5), "c2": np.zeros(16, np.float32),
        "W1": normal(120, 400), "b1": np.zeros(120, np.float32),
        "W2": normal(84, 120), "b2": np.zeros(84, np.float32),
        "W3": normal(10, 84), "b3": np.zeros(10, np.float32),
    }  # fmt: skip
    p = tensors(values)

    def forward():
        h = max_pool2d(relu(conv2d(x, p["K1"], p["c1"], padding=2)), 2)
        h = max_pool2d(relu(conv2d(h, p["K2"], p["c2"])), 2)
        h = h.reshape(BATCH, -1)
        h = relu(linear(h, p["W1"], p["b1"]))
        h = relu(linear(h, p["W2"], p["b2"]))
        return cross_entropy(linear(h, p["W3"], p["b3"]), y)

    return Step(forward, p, keep), lambda: _lenet_by_hand(x, y, values)


def c2(rng, keep):
    """Differentiate one convolution with respect to its input as well."""
    from autograd import conv2d

    values = {
        "x": rng.standard_normal((32, 32, 16, 16)).astype(np.float32),
        "K": rng.standard_normal((64, 32, 3, 3)).astype(np.float32),
        "c": rng.standard_normal(64).astype(np.float32),
    }
    p = tensors(values)
    g = rng.standard_normal((32, 64, 16, 16)).astype(np.float32)

    def forward():
        return conv2d(p["x"], p["K"], p["c"], padding=1)

    def by_hand():
        out, columns = _conv(values["x"].swapaxes(0, 1), values["K"], values["c"], 1)
        taken: dict[str, np.ndarray] = {}
        rows = g.swapaxes(0, 1).reshape(64, -1)
        shape = (32, 32, 16, 16)
        d = _conv_back(taken, rows, columns, values, "K", "c", shape, 1)
        taken["x"] = d.swapaxes(0, 1)
        return out[0, 0, 0, 0], taken

    return Step(forward, p, keep, g), by_hand


def _conv(x, K, c, padding):
    """Convolve (C, N, H, W): the batch is folded into the columns."""
    channels, n, height, width = x.shape
    if padding:
        shape = (channels, n, height + 2 * padding, width + 2 * padding)
        padded = np.zeros(shape, x.dtype)
        padded[..., padding:-padding, padding:-padding] = x
        x = padded
    k = K.shape[-1]
    h, w = x.shape[2] - k + 1, x.shape[3] - k + 1
    columns = np.empty((channels, k, k, n, h, w), x.dtype)
    for i in range(k):
        for j in range(k):
            columns[:, i, j] = x[:, :, i : i + h, j : j + w]
    columns = columns.reshape(channels * k * k, -1)
    out = K.reshape(len(K), -1) @ columns
    out += c[:, None]
    return out.reshape(len(K), n, h, w), columns


def _conv_back(taken, rows, columns, v, K, c, shape, padding):
    """Return the gradient of the input, whose shape is (C, N, H, W), or None."""
    weights = v[K].reshape(len(v[K]), -1)
    taken[K] = (rows @ columns.T).reshape(v[K].shape)
    taken[c] = rows @ np.ones(rows.shape[1], rows.dtype)
    if shape is None:
        return None
    channels, n, height, width = shape
    k = v[K].shape[-1]
    h, w = height + 2 * padding - k + 1, width + 2 * padding - k + 1
    parts = (weights.T @ rows).reshape(channels, k, k, n, h, w)
    d = np.zeros((channels, n, height + 2 * padding, width + 2 * padding), rows.dtype)
    for i in range(k):
        for j in range(k):
            d[:, :, i : i + h, j : j + w] += parts[:, i, j]
    return d[..., padding : padding + height, padding : padding + width]


def _pool(x):
    out = np.maximum(x[..., ::2, ::2], x[..., ::2, 1::2])
    np.maximum(out, x[..., 1::2, ::2], out=out)
    np.maximum(out, x[..., 1::2, 1::2], out=out)
    return out


def _pool_back(d, out, x):
    """Give the gradient to the first maximum of each window."""
    whole = np.empty_like(x)
    left = np.ones(out.shape, bool)
    for i in range(2):
        for j in range(2):
            here = x[..., i::2, j::2] == out
            here &= left
            left ^= here
            np.multiply(d, here, out=whole[..., i::2, j::2])
    return whole


def _lenet_by_hand(x, y, v):
    z1, columns1 = _conv(x.swapaxes(0, 1), v["K1"], v["c1"], 2)
    np.maximum(z1, 0, out=z1)
    pooled1 = _pool(z1)
    z2, columns2 = _conv(pooled1, v["K2"], v["c2"], 0)
    np.maximum(z2, 0, out=z2)
    pooled2 = _pool(z2)
    layers = [pooled2.swapaxes(0, 1).reshape(BATCH, -1)]
    for k in (1, 2, 3):
        z = layers[-1] @ v[f"W{k}"].T
        z += v[f"b{k}"]
        layers.append(np.maximum(z, 0, out=z) if k < 3 else z)
    loss, d = softmax_loss(layers.pop(), y)
    taken = {}
    for k in (3, 2, 1):
        h = layers[k - 1]
        taken[f"W{k}"], taken[f"b{k}"] = d.T @ h, column_sum(d)
        d = d @ v[f"W{k}"]
        if k > 1:
            d *= h > 0
    d = d.reshape(BATCH, *pooled2.shape[:1], *pooled2.shape[2:]).swapaxes(0, 1)
    d = _pool_back(d, pooled2, z2)
    d *= z2 > 0
    d = _conv_back(taken, d.reshape(16, -1), columns2, v, "K2", "c2", pooled1.shape, 0)
    d = _pool_back(d, pooled1, z1)
    d *= z1 > 0
    _conv_back(taken, d.reshape(6, -1), columns1, v, "K1", "c1", None, 2)
    return loss, taken
