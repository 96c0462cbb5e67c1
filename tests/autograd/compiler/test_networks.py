"""Networks, compiled: losses and gradients are those of the eager step."""

import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor, cross_entropy


class Perceptron(nn.Module):
    def __init__(self, rng):
        self.fc1 = nn.Linear(5, 7, rng=rng)
        self.fc2 = nn.Linear(7, 3, rng=rng)

    def forward(self, x):
        return self.fc2(np.tanh(self.fc1(x)))


class Convolutional(nn.Module):
    def __init__(self, rng):
        self.conv = nn.Conv2d(1, 4, 3, padding=1, rng=rng)
        self.out = nn.Linear(4 * 4 * 4, 3, rng=rng)

    def forward(self, x):
        x = ag.max_pool2d(ag.relu(self.conv(x)), 2)
        return self.out(x.reshape(x.shape[0], -1))


class Recurrent(nn.Module):
    def __init__(self, rng):
        self.lstm = nn.LSTM(5, 6, batch_first=True, rng=rng)
        self.out = nn.Linear(6, 3, rng=rng)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.out(states[:, -1])


class Attentive(nn.Module):
    def __init__(self, rng):
        self.block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, rng=rng)
        self.out = nn.Linear(8, 3, rng=rng)

    def forward(self, x):
        return self.out(self.block(x).mean(axis=1))


class Tokens(nn.Module):
    def __init__(self, rng):
        self.embedding = nn.Embedding(11, 6, rng=rng)
        self.norm = nn.LayerNorm(6)
        self.out = nn.Linear(6, 3, rng=rng)

    def forward(self, x):
        return self.out(ag.gelu(self.norm(self.embedding(x))).mean(axis=1))


def draw(name, rng, dtype):
    shapes = {
        "mlp": (8, 5), "cnn": (6, 1, 8, 8), "lstm": (4, 6, 5), "attention": (4, 5, 8),
    }  # fmt: skip
    if name == "tokens":
        x = rng.integers(0, 11, (8, 5))
    else:
        x = rng.standard_normal(shapes[name]).astype(dtype)
    return x, rng.integers(0, 3, len(x))


MODELS = {
    "mlp": Perceptron,
    "cnn": Convolutional,
    "lstm": Recurrent,
    "attention": Attentive,
    "tokens": Tokens,
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", MODELS)
def test_training_equals_eager(name, dtype):
    """Three steps of descent, new data in each, of which some are float64."""
    rng = np.random.default_rng(0)
    ours, right = (MODELS[name](np.random.default_rng(1)) for _ in range(2))

    def step_of(model):
        return lambda x, y: cross_entropy(model(x), y)

    compiled, eager = ag.compile(step_of(ours)), step_of(right)
    for _ in range(3):
        x, y = draw(name, rng, dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            a, b = compiled(x, y), eager(x, y)
        assert a.op.name == "compiled"
        assert a.dtype == b.dtype == np.float32
        np.testing.assert_allclose(a.data, b.data, rtol=1e-5)
        ours.zero_grad()
        right.zero_grad()
        a.backward(keep="leaves")
        b.backward(keep="leaves")
        pairs = zip(ours.named_parameters(), right.named_parameters(), strict=True)
        for (label, p), (_, q) in pairs:
            scale = np.max(np.abs(q.grad))
            np.testing.assert_allclose(
                p.grad, q.grad, rtol=1e-5, atol=1e-5 * scale, err_msg=label
            )
            p.data -= 0.1 * q.grad
            q.data -= 0.1 * q.grad


def article(parameters, X, Y):
    """Return the cost of the two-layer network with sigmoids, samples in columns."""
    W1, b1, W2, b2 = parameters
    A1 = 1 / (1 + np.exp(-(np.dot(W1, X) + b1)))
    A2 = 1 / (1 + np.exp(-(np.dot(W2, A1) + b2)))
    m = Y.shape[1]
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m


def draw_article(rng, m=6):
    shapes = [(4, 3), (4, 1), (1, 4), (1, 1)]
    parameters = [Tensor(rng.standard_normal(shape)) for shape in shapes]
    return parameters, rng.standard_normal((3, m)), rng.random((1, m)).round()


def test_the_article_with_data_as_arguments():
    rng = np.random.default_rng(2)
    parameters, _, _ = draw_article(rng)
    compiled = ag.compile(article)
    for _ in range(3):
        _, X, Y = draw_article(rng)
        ours = compiled(parameters, X, Y)
        ours.backward()
        gradients = [p.grad for p in parameters]
        for p in parameters:
            p.grad = None
        right = article(parameters, X, Y)
        right.backward()
        assert ours.op.name == "compiled"
        assert ours.data == right.data
        for p, gradient in zip(parameters, gradients, strict=True):
            np.testing.assert_allclose(gradient, p.grad, rtol=1e-12)
            p.data -= p.grad
            p.grad = None


def test_integer_labels_and_transposed_data():
    W = Tensor(np.random.default_rng(3).standard_normal((4, 1)))

    @ag.compile
    def loss(X, Y):
        return np.sum((np.dot(X.T, W)[:, 0] - (1 - Y)) ** 2)

    rng = np.random.default_rng(4)
    for _ in range(3):
        X, Y = rng.standard_normal((4, 5)), rng.integers(0, 2, 5)
        result = loss(X, Y)
        assert result.op.name == "compiled"
        right = np.sum(((X.T @ W.data)[:, 0] - (1 - Y)) ** 2)
        np.testing.assert_allclose(result.data, right, rtol=1e-12)


def test_data_with_other_strides():
    W = Tensor(np.random.default_rng(3).standard_normal((4, 2)))
    loss = ag.compile(lambda X, y: cross_entropy(X @ W, y[:, 0]))
    rng = np.random.default_rng(4)
    for k in range(3):
        X, y = rng.standard_normal((4, 6)).T, rng.integers(0, 2, (2, 6)).T
        X, y = (X, y) if k else (X.copy(), y.copy())
        result = loss(X, y)
        assert result.op.name == "compiled"
        right = cross_entropy(X @ W, y[:, 0])
        np.testing.assert_allclose(result.data, right.data, rtol=1e-12)
