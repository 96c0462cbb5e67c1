"""Rows in tinygrad: steps in ``TinyJit``, which realizes the loss and the gradients.

tinygrad compiles its kernels with clang, which must be installed. The search for
faster kernels (``BEAM``) is left off, as it is by default.
"""

import os
import shutil
from importlib.metadata import version

COMPILER = os.environ.get("CC", "clang")
if shutil.which(COMPILER) is None:
    raise ImportError(f"tinygrad compiles with {COMPILER}, which is not installed")
os.environ.setdefault("DEV", "CPU")
os.environ.setdefault("PARALLEL", "0")  # compile in this process, not in helpers

from tinygrad import Device, Tensor, TinyJit  # noqa: E402

VERSION = version("tinygrad")
LEFT_OUT = {
    "S1": "its 66 thousand scalars take minutes to schedule, before anything runs",
    "R1": "compiling the 64 steps of the loop takes many minutes",
    "R2": "compiling the 64 steps of the loop takes many minutes",
}


def to_numpy(x):
    """Return a tensor's numbers."""
    return x.numpy()


def step_of(loss):
    """Return the builder of a compiled step for ``loss(parameters, data)``."""

    def build(problem):
        p = {name: Tensor(x).realize() for name, x in problem.parameters.items()}
        data = {name: Tensor(x).realize() for name, x in problem.data.items()}

        @TinyJit
        def compiled():
            result = loss(p, data, **problem.sizes)
            gradients = result.gradient(*p.values())
            return result.realize(*gradients), *gradients

        def step():
            result, *gradients = compiled()
            Device[Device.DEFAULT].synchronize()
            return result, dict(zip(p, gradients, strict=True))

        for _ in range(2):  # runs, then is recorded; from then on it is replayed
            step()
        return step

    return build


def linear(x, W, b):
    """Return ``x @ W.T + b``."""
    return x.linear(W.T, b)


def perceptron(p, data):
    """M1 and M2."""
    depth = len(p) // 2
    h = data["x"]
    for k in range(depth):
        h = linear(h, p[f"W{k}"], p[f"b{k}"])
        h = h.relu() if k < depth - 1 else h
    return h.sparse_categorical_crossentropy(data["y"])


def article(p, data):
    """M3, as the article has it."""
    X, Y = data["X"], data["Y"]
    A1 = 1 / (1 + (-(p["W1"] @ X + p["b1"])).exp())
    A2 = 1 / (1 + (-(p["W2"] @ A1 + p["b2"])).exp())
    return -(Y * A2.log() + (1 - Y) * (1 - A2).log()).sum() / Y.shape[1]


def lenet(p, data):
    """C1."""
    h = data["x"].conv2d(p["K1"], p["c1"], padding=2).relu().max_pool2d()
    h = h.conv2d(p["K2"], p["c2"]).relu().max_pool2d().flatten(1)
    h = linear(h, p["W1"], p["b1"]).relu()
    h = linear(h, p["W2"], p["b2"]).relu()
    return linear(h, p["W3"], p["b3"]).sparse_categorical_crossentropy(data["y"])


def convolution(p, data):
    """C2."""
    return (p["x"].conv2d(p["K"], p["c"], padding=1) * data["cotangent"]).sum()


def transformer(p, data, heads):
    """T1."""
    x = data["x"]
    batch, length, n = x.shape
    h = linear(x.layernorm() * p["g1"] + p["c1"], p["Wqkv"], p["bqkv"])
    h = h.reshape(batch, length, 3, heads, n // heads).permute(2, 0, 3, 1, 4)
    a = h[0].scaled_dot_product_attention(h[1], h[2], is_causal=True)
    a = x + linear(a.transpose(1, 2).reshape(x.shape), p["Wo"], p["bo"])
    h = linear(a.layernorm() * p["g2"] + p["c2"], p["W1"], p["b1"]).gelu()
    out = a + linear(h, p["W2"], p["b2"])
    return (out - data["target"]).square().mean()


def products(p, data, links):
    """E1."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = x * b + a - 0.5 * x
    return x.mean()


def tanhs(p, data, links):
    """E1t."""
    a, b = p["a"], p["b"]
    x = a
    for _ in range(links):
        x = (x * b).tanh() + a
    return x.mean()


STEPS = {
    "M1": step_of(perceptron),
    "M2": step_of(perceptron),
    "M3": step_of(article),
    "C1": step_of(lenet),
    "C2": step_of(convolution),
    "T1": step_of(transformer),
    "E1": step_of(products),
    "E1t": step_of(tanhs),
}
