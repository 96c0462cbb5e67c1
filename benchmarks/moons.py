"""Workload S1: micrograd's moons demo, a network of scalars, in one library.

A multi-layer perceptron 2-16-16-1 with hinge loss and an L2 penalty, 100 samples, full
batch.  Run as ``python -m benchmarks.moons chalkgrad``; prints one line of JSON.
"""

import argparse
import gc
import itertools
import json
import time

import numpy as np


def make_moons(rng, n=100, noise=0.1):
    """Draw two interleaved half circles; labels are -1 and 1."""
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    X = np.concatenate([upper, lower]) + noise * rng.standard_normal((n, 2))
    return X.tolist(), [-1] * (n // 2) + [1] * (n // 2)


def draw_weights(rng, sizes=(2, 16, 16, 1)):
    """Draw, for each layer and each of its neurons, the weights and a zero bias."""
    return [
        [([*rng.uniform(-1, 1, fan_in).tolist()], 0.0) for _ in range(fan_out)]
        for fan_in, fan_out in itertools.pairwise(sizes)
    ]


def as_values(weights, value):
    """Wrap every number of the weights."""
    return [
        [([value(w) for w in ws], value(b)) for ws, b in layer] for layer in weights
    ]


def network(layers, x):
    """Run the perceptron on one sample; hidden layers are rectified."""
    for depth, layer in enumerate(layers):
        outputs = []
        for weights, bias in layer:
            total = sum((w * xi for w, xi in zip(weights, x, strict=True)), bias)
            outputs.append(total.relu() if depth < len(layers) - 1 else total)
        x = outputs
    return x[0]


def loss_of(layers, parameters, X, y, constant):
    """Hinge loss with an L2 penalty, as in the demo."""
    scores = [network(layers, [constant(v) for v in row]) for row in X]
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
    penalty = 1e-4 * sum(p * p for p in parameters)
    return sum(losses) * (1.0 / len(losses)) + penalty


def run(library, steps):
    """Train for some steps; return seconds per step, the last loss and gradients."""
    if library == "micrograd":
        from micrograd.engine import Value

        value = constant = Value
    else:
        from autograd import Tensor

        value = Tensor

        def constant(number):
            return Tensor(number, requires_grad=False)

    rng = np.random.default_rng(1337)
    X, y = make_moons(rng)
    layers = as_values(draw_weights(rng), value)
    parameters = [p for layer in layers for ws, b in layer for p in [*ws, b]]

    def loss_now():
        return loss_of(layers, parameters, X, y, constant)

    if library == "compiled":
        from autograd import compile

        loss_now = compile(loss_now)
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        loss = loss_now()
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= 0.01 * p.grad
        seconds.append(time.perf_counter() - start)
    return seconds, float(loss.data), [float(p.grad) for p in parameters]


def main():
    """Run one library and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("library", choices=["chalkgrad", "compiled", "micrograd"])
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--collector", choices=["default", "off"], default="default")
    options = parser.parse_args()
    if options.collector == "off":
        gc.disable()
    seconds, loss, gradients = run(options.library, options.steps)
    print(json.dumps({"seconds": seconds, "loss": loss, "gradients": gradients}))


if __name__ == "__main__":
    main()
