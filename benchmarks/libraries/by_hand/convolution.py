"""C1 and C2: convolutions as products with columns, the batch folded into them."""

import numpy as np

from .pieces import column_sum, softmax_loss


def lenet(problem):
    """Two convolutions with relu and max pooling, then three linear layers."""
    x, y, v = problem.data["x"], problem.data["y"], problem.parameters
    batch = len(x)

    def step():
        z1, columns1 = _conv(x.swapaxes(0, 1), v["K1"], v["c1"], 2)
        np.maximum(z1, 0, out=z1)
        pooled1 = _pool(z1)
        z2, columns2 = _conv(pooled1, v["K2"], v["c2"], 0)
        np.maximum(z2, 0, out=z2)
        pooled2 = _pool(z2)
        layers = [pooled2.swapaxes(0, 1).reshape(batch, -1)]
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
        d = d.reshape(batch, len(pooled2), *pooled2.shape[2:]).swapaxes(0, 1)
        d = _pool_back(d, pooled2, z2)
        d *= z2 > 0
        rows = d.reshape(len(d), -1)
        taken["K2"], taken["c2"] = _kernel_gradients(rows, columns2, v["K2"])
        d = _conv_back(rows, v["K2"], pooled1.shape, 0)
        d = _pool_back(d, pooled1, z1)
        d *= z1 > 0
        rows = d.reshape(len(d), -1)
        taken["K1"], taken["c1"] = _kernel_gradients(rows, columns1, v["K1"])
        return loss, taken

    return step


def convolution(problem):
    """One convolution, differentiated with respect to its input as well."""
    v, cotangent = problem.parameters, problem.data["cotangent"]
    shape = v["x"].swapaxes(0, 1).shape

    def step():
        out, columns = _conv(v["x"].swapaxes(0, 1), v["K"], v["c"], 1)
        d = np.ascontiguousarray(cotangent.swapaxes(0, 1))
        loss = np.vdot(out, d)
        rows = d.reshape(len(d), -1)
        dK, dc = _kernel_gradients(rows, columns, v["K"])
        dx = _conv_back(rows, v["K"], shape, 1).swapaxes(0, 1)
        return loss, {"x": dx, "K": dK, "c": dc}

    return step


def _conv(x, K, c, padding):
    """Convolve (C, N, H, W); return the result and the columns."""
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


def _kernel_gradients(rows, columns, K):
    return (rows @ columns.T).reshape(K.shape), rows @ np.ones(
        rows.shape[1], rows.dtype
    )


def _conv_back(rows, K, shape, padding):
    """Return the gradient of the input, whose shape is (C, N, H, W)."""
    channels, n, height, width = shape
    k = K.shape[-1]
    h, w = height + 2 * padding - k + 1, width + 2 * padding - k + 1
    parts = (K.reshape(len(K), -1).T @ rows).reshape(channels, k, k, n, h, w)
    d = np.zeros((channels, n, height + 2 * padding, width + 2 * padding), rows.dtype)
    for i in range(k):
        for j in range(k):
            d[:, :, i : i + h, j : j + w] += parts[:, i, j]
    return d[..., padding : padding + height, padding : padding + width]


def _pool(x):
    """Take the maximum of each window of 2 x 2."""
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
