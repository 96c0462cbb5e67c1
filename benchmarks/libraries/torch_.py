"""PyTorch, eager: the functions of ``torch.nn.functional``, then ``backward()``."""

import os

import numpy as np
import torch
import torch.nn.functional as F
from problems.moons import every_scalar, scalar_gradients, scalar_layers, scalar_loss

VERSION = torch.__version__
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def to_numpy(x):
    """Return a NumPy array of a tensor, or of nested lists of numbers."""
    return x.detach().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def scalar_chain(problem, p):
    """Make a node for every sum and every product."""
    x, links = p["x"], problem.sizes["links"]

    def forward():
        y = torch.zeros((), dtype=torch.float64)
        for _ in range(links):
            y = y * x + x
        return y

    return forward


def perceptron(problem, p):
    """Linear layers with relu between them."""
    x, y = tensors(problem.data).values()
    layers = len(p) // 2

    def forward():
        h = x
        for k in range(layers):
            h = F.linear(h, p[f"W{k}"], p[f"b{k}"])
            h = F.relu(h) if k < layers - 1 else h
        return F.cross_entropy(h, y)

    return forward


def article(problem, p):
    """As the article has it, with the sigmoid that PyTorch has."""
    X, Y = tensors(problem.data).values()

    def forward():
        A1 = torch.sigmoid(p["W1"] @ X + p["b1"])
        A2 = torch.sigmoid(p["W2"] @ A1 + p["b2"])
        return -torch.sum(Y * torch.log(A2) + (1 - Y) * torch.log(1 - A2)) / X.shape[1]

    return forward


def lenet(problem, p):
    """Two convolutions with relu and pooling, then three linear layers."""
    x, y = tensors(problem.data).values()

    def forward():
        h = F.max_pool2d(F.relu(F.conv2d(x, p["K1"], p["c1"], padding=2)), 2)
        h = F.max_pool2d(F.relu(F.conv2d(h, p["K2"], p["c2"])), 2)
        h = h.flatten(1)
        h = F.relu(F.linear(h, p["W1"], p["b1"]))
        h = F.relu(F.linear(h, p["W2"], p["b2"]))
        return F.cross_entropy(F.linear(h, p["W3"], p["b3"]), y)

    return forward


def convolution(problem, p):
    """One convolution, and the sum of its products with the cotangent."""
    cotangent = torch.from_numpy(problem.data["cotangent"])

    def forward():
        return (F.conv2d(p["x"], p["K"], p["c"], padding=1) * cotangent).sum()

    return forward


def rnn(problem, p):
    """Loop over cells."""
    x, y = tensors(problem.data).values()
    start = torch.zeros(x.shape[1], p["Wh"].shape[1])

    def forward():
        h, states = start, []
        for given in (F.embedding(x, p["table"]) + p["bh"]).unbind():
            h = torch.tanh(given + F.linear(h, p["Wh"]))
            states.append(h)
        logits = F.linear(torch.stack(states), p["Wo"], p["bo"])
        return F.cross_entropy(logits.reshape(len(y), -1), y)

    return forward


def lstm(problem, p):
    """Loop over cells."""
    x, y = tensors(problem.data).values()
    start = torch.zeros(x.shape[1], p["Wh"].shape[1])

    def forward():
        h, c, states = start, start, []
        for given in (F.embedding(x, p["table"]) + p["bh"]).unbind():
            i, f, g, o = (given + F.linear(h, p["Wh"])).chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        logits = F.linear(torch.stack(states), p["Wo"], p["bo"])
        return F.cross_entropy(logits.reshape(len(y), -1), y)

    return forward


def transformer_block(problem, p):
    """Attention and a perceptron, each after a norm."""
    x, target = tensors(problem.data).values()
    (batch, length, n), heads = x.shape, problem.sizes["heads"]

    def forward():
        h = F.layer_norm(x, (n,), p["g1"], p["c1"])
        h = F.linear(h, p["Wqkv"], p["bqkv"])
        h = h.reshape(batch, length, 3, heads, n // heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(h[0], h[1], h[2], is_causal=True)
        a = x + F.linear(a.transpose(1, 2).reshape(x.shape), p["Wo"], p["bo"])
        h = F.layer_norm(a, (n,), p["g2"], p["c2"])
        h = F.gelu(F.linear(h, p["W1"], p["b1"]), approximate="tanh")
        return F.mse_loss(a + F.linear(h, p["W2"], p["b2"]), target)

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
            x = torch.tanh(x * b) + a
        return x.mean()

    return forward


def tensors(arrays):
    """Make tensors that require no gradient."""
    return {name: torch.as_tensor(array) for name, array in arrays.items()}


def training_step(build):
    """Return what builds a row's step."""

    def builder(problem):
        p = tensors(problem.parameters)
        for parameter in p.values():
            parameter.requires_grad_()
        forward = build(problem, p)

        def step():
            for parameter in p.values():
                parameter.grad = None
            loss = forward()
            loss.backward()
            return loss, {name: parameter.grad for name, parameter in p.items()}

        return step

    return builder


def moons(problem):
    """Make a tensor of every number."""
    X = torch.from_numpy(problem.data["X"])
    y = problem.data["y"].tolist()

    def parameter(number):
        return torch.tensor(number, dtype=torch.float64, requires_grad=True)

    layers = scalar_layers(problem, parameter)
    parameters = every_scalar(layers)
    rows = [list(x.unbind()) for x in X]

    def step():
        for p in parameters:
            p.grad = None
        loss = scalar_loss(layers, rows, y)
        loss.backward()
        return loss, scalar_gradients(layers, lambda p: p.grad.item())

    return step


STEPS = {
    "S1": moons,
    "S2": training_step(scalar_chain),
    "M1": training_step(perceptron),
    "M2": training_step(perceptron),
    "M3": training_step(article),
    "C1": training_step(lenet),
    "C2": training_step(convolution),
    "R1": training_step(rnn),
    "R2": training_step(lstm),
    "T1": training_step(transformer_block),
    "E1": training_step(products),
    "E1t": training_step(tanhs),
}
