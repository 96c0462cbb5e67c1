"""Every row in MyGrad, with its ``mygrad.nnet`` where that has the operation.

Its guarding of memory is off, which its documentation offers for speed. MyGrad drops
the gradients of the last step when a parameter is used again. It makes float64 arrays
of Python's numbers, which promote float32 arrays: the constants are ``np.float32``. It
has no LSTM, layer norm and gelu: they are written with its NumPy functions.
"""

import mygrad as mg
import numpy as np
from mygrad.nnet.activations import relu, sigmoid, softmax
from mygrad.nnet.layers import conv_nd, max_pool
from mygrad.nnet.losses import softmax_crossentropy
from problems.moons import scalar_gradients, scalar_layers, scalar_loss

VERSION = mg.__version__
to_numpy = np.asarray
ONE, HALF = np.float32(1), np.float32(0.5)
mg.turn_memory_guarding_off()


def step_of(loss):
    """Return the builder of a step for ``loss(parameters, data)``."""

    def build(problem):
        p = {name: mg.tensor(value) for name, value in problem.parameters.items()}

        def step():
            result = loss(p, problem.data, **problem.sizes)
            result.backward()
            return result.data, {name: tensor.grad for name, tensor in p.items()}

        return step

    return build


def moons(problem):
    """S1."""
    X, y = problem.data["X"].tolist(), problem.data["y"].tolist()
    layers = scalar_layers(problem, mg.tensor)

    def step():
        loss = scalar_loss(layers, X, y, relu)
        loss.backward()
        return loss.data, scalar_gradients(layers, lambda p: p.grad)

    return step


def linear(x, W, b):
    """Return ``x @ W.T + b``."""
    return mg.matmul(x, W.T) + b


def perceptron(p, data):
    """M1 and M2."""
    depth = len(p) // 2
    h = data["x"]
    for k in range(depth):
        h = linear(h, p[f"W{k}"], p[f"b{k}"])
        h = relu(h) if k < depth - 1 else h
    return softmax_crossentropy(h, data["y"])


def article(p, data):
    """M3, as the article has it."""
    X, Y = data["X"], data["Y"]
    A1 = 1 / (1 + mg.exp(-(mg.matmul(p["W1"], X) + p["b1"])))
    A2 = 1 / (1 + mg.exp(-(mg.matmul(p["W2"], A1) + p["b2"])))
    return -mg.sum(Y * mg.log(A2) + (1 - Y) * mg.log(1 - A2)) / Y.shape[1]


def conv2d(x, K, c, padding):
    """Return a convolution with its bias."""
    return conv_nd(x, K, stride=1, padding=padding) + c[:, None, None]


def lenet(p, data):
    """C1."""
    h = max_pool(relu(conv2d(data["x"], p["K1"], p["c1"], 2)), (2, 2), 2)
    h = max_pool(relu(conv2d(h, p["K2"], p["c2"], 0)), (2, 2), 2)
    h = h.reshape(len(h), -1)
    h = relu(linear(h, p["W1"], p["b1"]))
    h = relu(linear(h, p["W2"], p["b2"]))
    return softmax_crossentropy(linear(h, p["W3"], p["b3"]), data["y"])


def convolution(p, data):
    """C2."""
    return mg.sum(conv2d(p["x"], p["K"], p["c"], 1) * data["cotangent"])


def recurrence(cell):
    """Return the loss of a loop over ``cell(z, state) -> h, state``."""

    def loss(p, data):
        x = data["x"]
        given, Wh = p["table"][x] + p["bh"], p["Wh"].T
        h = state = np.zeros((x.shape[1], Wh.shape[0]), np.float32)
        states = []
        for t in range(len(x)):
            h, state = cell(mg.matmul(h, Wh) + given[t], state)
            states.append(h)
        logits = linear(mg.concatenate(states), p["Wo"], p["bo"])
        return softmax_crossentropy(logits, data["y"])

    return loss


def rnn_cell(z, state):
    """R1: no state but its output."""
    return mg.tanh(z), state


def lstm_cell(z, c):
    """R2."""
    n = c.shape[1]
    i, f, g, o = (z[:, k * n : (k + 1) * n] for k in range(4))
    c = sigmoid(f) * c + sigmoid(i) * mg.tanh(g)
    return sigmoid(o) * mg.tanh(c), c


def layer_norm(x, gain, shift):
    """Normalize the last axis."""
    centred = x - mg.mean(x, axis=-1, keepdims=True)
    variance = mg.mean(centred**2, axis=-1, keepdims=True)
    return centred / mg.sqrt(variance + np.float32(1e-5)) * gain + shift


def attention(q, k, v):
    """Causal attention of (batch, heads, length, width)."""
    length, width = q.shape[-2:]
    mask = np.where(np.tri(length, dtype=bool), 0, -np.inf).astype(np.float32)
    scores = mg.matmul(q * np.float32(1 / np.sqrt(width)), k.transpose(0, 1, 3, 2))
    return mg.matmul(softmax(scores + mask), v)


def gelu(x):
    """Return gelu by tanh."""
    gain, cube = np.float32(np.sqrt(2 / np.pi)), np.float32(0.044715)
    return HALF * x * (ONE + mg.tanh(gain * (x + cube * (x * x * x))))


def transformer(p, data, heads):
    """T1."""
    x = data["x"]
    batch, length, n = x.shape
    h = linear(layer_norm(x, p["g1"], p["c1"]), p["Wqkv"], p["bqkv"])
    h = h.reshape(batch, length, 3, heads, n // heads).transpose(2, 0, 3, 1, 4)
    a = attention(h[0], h[1], h[2]).transpose(0, 2, 1, 3).reshape(x.shape)
    a = x + linear(a, p["Wo"], p["bo"])
    h = gelu(linear(layer_norm(a, p["g2"], p["c2"]), p["W1"], p["b1"]))
    out = a + linear(h, p["W2"], p["b2"])
    return mg.mean((out - data["target"]) ** 2)


def products(p, data, links):
    """E1."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = x * b + a - HALF * x
    return mg.mean(x)


def tanhs(p, data, links):
    """E1t."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = mg.tanh(x * b) + a
    return mg.mean(x)


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
