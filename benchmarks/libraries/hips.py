"""Every row in HIPS autograd: ``value_and_grad(loss)``, as its users train.

It has NumPy's functions and no layers, so that convolution is written by hand, as a
product with columns; ``autograd.scipy.signal.convolve`` takes many times longer.

The gradients of many of its functions are float64 for float32 arrays: ``mean``,
``max``, ``maximum``, ``where``, powers. The rows are written without them where they
are float32, since one such gradient makes all that follow it slow. And the gradient of
a slice is slow (``np.add.at``), while that of ``split`` is not.
"""

from importlib.metadata import version

from autograd.scipy.special import expit
from autograd.tracer import getval
from problems.moons import scalar_gradients, scalar_layers, scalar_loss

import autograd.numpy as np
from autograd import value_and_grad

VERSION = version("autograd")
to_numpy = np.asarray


def step_of(loss):
    """Return the builder of a step for ``loss(parameters, data)``."""

    def build(problem):
        differentiated = value_and_grad(
            lambda p: loss(p, problem.data, **problem.sizes)
        )
        return lambda: differentiated(problem.parameters)

    return build


def moons(problem):
    """S1."""
    X, y = problem.data["X"].tolist(), problem.data["y"].tolist()
    layers = scalar_layers(problem, float)
    differentiated = value_and_grad(lambda p: scalar_loss(p, X, y, relu))

    def step():
        loss, gradients = differentiated(layers)
        return loss, scalar_gradients(gradients, lambda g: g)

    return step


def relu(x):
    """Return the positive part."""
    return x * (x > 0)


def mean(x, **along):
    """Return the mean without leaving float32."""
    total = np.sum(x, **along)
    return total / (x.size // np.size(total))


def linear(x, W, b):
    """Return ``x @ W.T + b``."""
    return np.dot(x, W.T) + b


def cross_entropy(z, y):
    """Return the mean cross entropy of classes."""
    chosen = np.eye(z.shape[1], dtype=z.dtype)[y]
    z = z - np.max(getval(z), axis=1, keepdims=True)
    return mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(z * chosen, axis=1))


def perceptron(p, data):
    """M1 and M2."""
    depth = len(p) // 2
    h = data["x"]
    for k in range(depth):
        h = linear(h, p[f"W{k}"], p[f"b{k}"])
        h = relu(h) if k < depth - 1 else h
    return cross_entropy(h, data["y"])


def article(p, data):
    """M3, as the article has it."""
    X, Y = data["X"], data["Y"]
    A1 = 1 / (1 + np.exp(-(np.dot(p["W1"], X) + p["b1"])))
    A2 = 1 / (1 + np.exp(-(np.dot(p["W2"], A1) + p["b2"])))
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]


def conv2d(x, K, c, padding):
    """Return a convolution of (channels, batch, height, width)."""
    around = (padding, padding)
    x = np.pad(x, ((0, 0), (0, 0), around, around), "constant")
    filters, channels, k, _ = K.shape
    h, w = x.shape[2] - k + 1, x.shape[3] - k + 1
    pieces = []
    for i in range(k):
        rows = np.split(x, [i, i + h], axis=2)[1]
        pieces += [np.split(rows, [j, j + w], axis=3)[1] for j in range(k)]
    columns = np.concatenate(pieces).reshape((k * k * channels, -1))
    weights = K.transpose((0, 2, 3, 1)).reshape((filters, -1))
    out = np.dot(weights, columns) + c[:, None]
    return out.reshape((filters, x.shape[1], h, w))


def larger(a, b):
    """Return the elementwise maximum."""
    first = a >= b
    return a * first + b * ~first


def max_pool(x):
    """Return the largest of each 2 x 2."""
    channels, n, height, width = x.shape
    x = x.reshape((channels, n, height // 2, 2, width // 2, 2))
    x = larger(*np.split(x, 2, axis=3))
    x = larger(*np.split(x, 2, axis=5))
    return x.reshape((channels, n, height // 2, width // 2))


def lenet(p, data):
    """C1."""
    h = max_pool(relu(conv2d(data["x"].swapaxes(0, 1), p["K1"], p["c1"], 2)))
    h = max_pool(relu(conv2d(h, p["K2"], p["c2"], 0)))
    h = np.swapaxes(h, 0, 1).reshape((h.shape[1], -1))
    h = relu(linear(h, p["W1"], p["b1"]))
    h = relu(linear(h, p["W2"], p["b2"]))
    return cross_entropy(linear(h, p["W3"], p["b3"]), data["y"])


def convolution(p, data):
    """C2."""
    out = conv2d(np.swapaxes(p["x"], 0, 1), p["K"], p["c"], 1)
    return np.sum(out * data["cotangent"].swapaxes(0, 1))


def recurrence(cell):
    """Return the loss of a loop over ``cell(z, state) -> h, state``."""

    def loss(p, data):
        steps, batch = data["x"].shape
        chosen = np.eye(len(p["table"]), dtype=np.float32)[data["x"].reshape(-1)]
        given = np.split(np.dot(chosen, p["table"]) + p["bh"], steps)
        Wh = p["Wh"].T
        h = state = np.zeros((batch, Wh.shape[0]), np.float32)
        states = []
        for z in given:
            h, state = cell(np.dot(h, Wh) + z, state)
            states.append(h)
        logits = linear(np.concatenate(states), p["Wo"], p["bo"])
        return cross_entropy(logits, data["y"])

    return loss


def rnn_cell(z, state):
    """R1: no state but its output."""
    return np.tanh(z), state


def lstm_cell(z, c):
    """R2."""
    i, f, g, o = np.split(z, 4, axis=1)
    c = expit(f) * c + expit(i) * np.tanh(g)
    return expit(o) * np.tanh(c), c


def layer_norm(x, gain, shift):
    """Normalize the last axis."""
    centred = x - mean(x, axis=-1, keepdims=True)
    variance = mean(centred * centred, axis=-1, keepdims=True)
    return centred / np.sqrt(variance + 1e-5) * gain + shift


def attention(q, k, v):
    """Causal attention of (batch, heads, length, width)."""
    length, width = q.shape[-2:]
    mask = np.where(np.tri(length, dtype=bool), 0, -np.inf).astype(np.float32)
    scores = np.matmul(q * float(1 / np.sqrt(width)), np.swapaxes(k, -1, -2)) + mask
    weights = np.exp(scores - np.max(getval(scores), axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return np.matmul(weights, v)


def gelu(x):
    """Return gelu by tanh."""
    gain = float(np.sqrt(2 / np.pi))
    return 0.5 * x * (1 + np.tanh(gain * (x + 0.044715 * x * x * x)))


def transformer(p, data, heads):
    """T1."""
    x = data["x"]
    batch, length, n = x.shape
    h = linear(layer_norm(x, p["g1"], p["c1"]), p["Wqkv"], p["bqkv"])
    h = h.reshape((batch, length, 3, heads, n // heads))
    q, k, v = (part[0] for part in np.split(h.transpose((2, 0, 3, 1, 4)), 3))
    a = attention(q, k, v).transpose((0, 2, 1, 3)).reshape(x.shape)
    a = x + linear(a, p["Wo"], p["bo"])
    h = gelu(linear(layer_norm(a, p["g2"], p["c2"]), p["W1"], p["b1"]))
    error = a + linear(h, p["W2"], p["b2"]) - data["target"]
    return mean(error * error)


def products(p, data, links):
    """E1."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = x * b + a - 0.5 * x
    return mean(x)


def tanhs(p, data, links):
    """E1t."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = np.tanh(x * b) + a
    return mean(x)


STEPS = {
    "S1": moons,
    "M1": step_of(perceptron),
    "M2": step_of(perceptron),
    "M3": step_of(article),
    "C1": step_of(lenet),
    "C2": step_of(convolution),
    "R1": step_of(recurrence(rnn_cell)),
    "R2": step_of(recurrence(lstm_cell)),
    "T1": step_of(transformer),
    "E1": step_of(products),
    "E1t": step_of(tanhs),
}
