"""chalkgrad, eager: the forward pass as users write it, then ``backward()``."""

import tomllib
from pathlib import Path

import numpy as np
from problems.moons import every_scalar, scalar_gradients, scalar_layers, scalar_loss

import autograd
from autograd import (
    Tensor,
    conv2d,
    cross_entropy,
    embedding,
    gelu,
    layer_norm,
    linear,
    lstm,
    max_pool2d,
    mse_loss,
    relu,
    rnn,
    scaled_dot_product_attention,
)

_PROJECT = Path(autograd.__file__).parents[1] / "pyproject.toml"
VERSION = tomllib.loads(_PROJECT.read_text())["project"]["version"]
to_numpy = np.asarray


def scalar_chain(problem, p):
    """Make a node for every sum and every product."""
    x, links = p["x"], problem.sizes["links"]

    def forward():
        y = Tensor(0.0, requires_grad=False)
        for _ in range(links):
            y = y * x + x
        return y

    return forward


def perceptron(problem, p):
    """Linear layers with relu between them."""
    x, y, layers = problem.data["x"], problem.data["y"], len(p) // 2

    def forward():
        h = x
        for k in range(layers):
            h = linear(h, p[f"W{k}"], p[f"b{k}"])
            h = relu(h) if k < layers - 1 else h
        return cross_entropy(h, y)

    return forward


def article(problem, p):
    """NumPy, as the article has it."""
    X, Y = problem.data["X"], problem.data["Y"]

    def forward():
        A1 = 1 / (1 + np.exp(-(np.dot(p["W1"], X) + p["b1"])))
        A2 = 1 / (1 + np.exp(-(np.dot(p["W2"], A1) + p["b2"])))
        return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / X.shape[1]

    return forward


def lenet(problem, p):
    """Two convolutions with relu and pooling, then three linear layers."""
    x, y = problem.data["x"], problem.data["y"]

    def forward():
        h = max_pool2d(relu(conv2d(x, p["K1"], p["c1"], padding=2)), 2)
        h = max_pool2d(relu(conv2d(h, p["K2"], p["c2"])), 2)
        h = h.reshape(len(x), -1)
        h = relu(linear(h, p["W1"], p["b1"]))
        h = relu(linear(h, p["W2"], p["b2"]))
        return cross_entropy(linear(h, p["W3"], p["b3"]), y)

    return forward


def convolution(problem, p):
    """One convolution, and the sum of its products with the cotangent."""
    cotangent = problem.data["cotangent"]

    def forward():
        return (conv2d(p["x"], p["K"], p["c"], padding=1) * cotangent).sum()

    return forward


def simple_recurrence(problem, p):
    """One operation for all steps."""
    x, y = problem.data["x"], problem.data["y"]
    start = np.zeros((x.shape[1], p["Wh"].shape[1]), np.float32)

    def forward():
        states = rnn(embedding(x, p["table"]) + p["bh"], start, p["Wh"])
        logits = linear(states, p["Wo"], p["bo"])
        return cross_entropy(logits.reshape(y.size, -1), y)

    return forward


def long_short_term_memory(problem, p):
    """One operation for all steps, which returns h above c."""
    x, y = problem.data["x"], problem.data["y"]
    start = np.zeros((2, x.shape[1], p["Wh"].shape[1]), np.float32)

    def forward():
        states = lstm(embedding(x, p["table"]) + p["bh"], start, p["Wh"])[0]
        logits = linear(states, p["Wo"], p["bo"])
        return cross_entropy(logits.reshape(y.size, -1), y)

    return forward


def transformer_block(problem, p):
    """Attention and a perceptron, each after a norm."""
    x, target = problem.data["x"], problem.data["target"]
    (batch, length, n), heads = x.shape, problem.sizes["heads"]

    def forward():
        h = layer_norm(x, n, p["g1"], p["c1"])
        h = linear(h, p["Wqkv"], p["bqkv"])
        h = h.reshape(batch, length, 3, heads, n // heads).transpose(2, 0, 3, 1, 4)
        a = scaled_dot_product_attention(h[0], h[1], h[2], is_causal=True)
        a = a.transpose(0, 2, 1, 3).reshape(x.shape)
        a = x + linear(a, p["Wo"], p["bo"])
        h = layer_norm(a, n, p["g2"], p["c2"])
        h = gelu(linear(h, p["W1"], p["b1"]), "tanh")
        return mse_loss(a + linear(h, p["W2"], p["b2"]), target)

    return forward


def products(problem, p):
    """Products and sums of large arrays."""
    a, b, links = p["a"], p["b"], problem.sizes["links"]

    def forward():
        x = a
        for _ in range(links):
            x = x * b + a - 0.5 * x
        return x.mean()

    return forward


def tanhs(problem, p):
    """Put a tanh into each link."""
    a, b, links = p["a"], p["b"], problem.sizes["links"]

    def forward():
        x = a
        for _ in range(links):
            x = np.tanh(x * b) + a
        return x.mean()

    return forward


# Each is given the problem and the parameters, and returns the function of the loss.
FORWARDS = {
    "S2": scalar_chain,
    "M1": perceptron,
    "M2": perceptron,
    "M3": article,
    "C1": lenet,
    "C2": convolution,
    "R1": simple_recurrence,
    "R2": long_short_term_memory,
    "T1": transformer_block,
    "E1": products,
    "E1t": tanhs,
}


def training_step(build, transform):
    """Return what builds a row's step; ``transform`` may change the forward pass."""

    def builder(problem):
        p = {k: Tensor(v, name=k) for k, v in problem.parameters.items()}
        forward = transform(build(problem, p))

        def step():
            loss = forward()
            loss.backward(keep="leaves")
            gradients = {name: parameter.grad for name, parameter in p.items()}
            for parameter in p.values():
                parameter.grad = None
            return loss.data, gradients

        return step

    return builder


def moons_step(transform):
    """Return what builds the step of S1, whose parameters are single numbers."""

    def builder(problem):
        X, y = problem.data["X"].tolist(), problem.data["y"].tolist()
        layers = scalar_layers(problem, Tensor)
        parameters = every_scalar(layers)

        def forward():
            inputs = [[Tensor(v, requires_grad=False) for v in x] for x in X]
            return scalar_loss(layers, inputs, y)

        forward = transform(forward)

        def step():
            loss = forward()
            for p in parameters:
                p.grad = None
            loss.backward()
            return loss.data, scalar_gradients(layers, lambda p: p.grad)

        return step

    return builder


def steps_of(transform):
    """Return the steps of all rows."""
    steps = {row: training_step(build, transform) for row, build in FORWARDS.items()}
    return {"S1": moons_step(transform), **steps}


STEPS = steps_of(lambda forward: forward)
