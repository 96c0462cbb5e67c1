"""C1 and C2: convolutions as products with columns, the batch folded into them."""

import numpy as np

from .pieces import column_sum, softmax_loss


def lenet(problem):
    """Two convolutions with relu and max pooling, then three linear layers."""
    x, y, v = problem.data["x"], problem.data["y"], problem.parameters
    batch = len(x)
    first = _Convolution((1, batch, 28, 28), v["K1"], padding=2)
    second = _Convolution((6, batch, 14, 14), v["K2"], padding=0)

    def step():
        z1 = first.forward(x.swapaxes(0, 1), v["c1"])
        np.maximum(z1, 0, out=z1)
        pooled1 = _pool(z1)
        z2 = second.forward(pooled1, v["c2"])
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
        taken["K2"], taken["c2"] = second.weight_gradients(d)
        d = _pool_back(second.input_gradient(d), pooled1, z1)
        d *= z1 > 0
        taken["K1"], taken["c1"] = first.weight_gradients(d)
        return loss, taken

    return step


def convolution(problem):
    """One convolution, differentiated with respect to its input as well."""
    v, cotangent = problem.parameters, problem.data["cotangent"]
    conv = _Convolution(v["x"].swapaxes(0, 1).shape, v["K"], padding=1)

    def step():
        out = conv.forward(v["x"].swapaxes(0, 1), v["c"])
        d = np.ascontiguousarray(cotangent.swapaxes(0, 1))
        dK, dc = conv.weight_gradients(d)
        dx = conv.input_gradient(d).swapaxes(0, 1)
        return np.vdot(out, d), {"x": dx, "K": dK, "c": dc}

    return step


class _Convolution:
    """A convolution of (C, N, H, W), whose large arrays stay from step to step."""

    def __init__(self, shape, K, padding):
        channels, n, height, width = shape
        k = K.shape[-1]
        outer = (height + 2 * padding, width + 2 * padding)
        self.K, self.k, self.padding = K.reshape(len(K), -1), k, padding
        self.inner, self.kernels = (height, width), K.shape
        self.size = (outer[0] - k + 1, outer[1] - k + 1)
        self.padded = np.zeros((channels, n, *outer), K.dtype)
        self.columns = np.empty((channels, k, k, n, *self.size), K.dtype)
        self.parts = np.empty_like(self.columns)
        self.matrix = self.columns.reshape(self.K.shape[1], -1)
        self.part_matrix = self.parts.reshape(self.matrix.shape)

    def forward(self, x, c):
        """Lay out the windows as columns, and multiply."""
        if self.padding:
            inside = slice(self.padding, -self.padding)
            self.padded[..., inside, inside] = x
            x = self.padded
        h, w = self.size
        for i in range(self.k):
            for j in range(self.k):
                self.columns[:, i, j] = x[:, :, i : i + h, j : j + w]
        out = self.K @ self.matrix
        out += c[:, None]
        return out.reshape(len(out), -1, h, w)

    def weight_gradients(self, d):
        """Return the gradients of the kernels and the shifts."""
        rows = d.reshape(len(d), -1)
        ones = np.ones(rows.shape[1], rows.dtype)
        return (rows @ self.matrix.T).reshape(self.kernels), rows @ ones

    def input_gradient(self, d):
        """Add the columns where they were taken from."""
        np.matmul(self.K.T, d.reshape(len(d), -1), out=self.part_matrix)
        whole = np.zeros_like(self.padded)
        h, w = self.size
        for i in range(self.k):
            for j in range(self.k):
                whole[:, :, i : i + h, j : j + w] += self.parts[:, i, j]
        p, (height, width) = self.padding, self.inner
        return whole[..., p : p + height, p : p + width]


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
