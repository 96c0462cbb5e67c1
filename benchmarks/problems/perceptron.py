"""M1 and M2: perceptrons with relu and cross entropy, float32."""

import itertools

import numpy as np

from .problem import FLOAT32_TOLERANCE, Problem

FEATURES, CLASSES = 784, 10


def small_perceptron(batch: int = 64, width: int = 128, depth: int = 1) -> Problem:
    """784-128-10, batch 64; ``depth`` counts the hidden layers."""
    return _perceptron("M1", batch, width, depth)


def large_perceptron(batch: int = 256, width: int = 512, depth: int = 2) -> Problem:
    """784-512-512-10, batch 256."""
    return _perceptron("M2", batch, width, depth)


def _perceptron(row: str, batch: int, width: int, depth: int) -> Problem:
    """Draw the numbers of ``relu(h @ W.T + b)``, layer by layer, mean cross entropy.

    ``x`` is (batch, 784), ``y`` (batch,) of classes, ``Wk`` (out, in), ``bk`` (out,)
    for k from 0; the last layer gives logits and has no relu.
    """
    rng = np.random.default_rng(0)
    layers = (FEATURES, *[width] * depth, CLASSES)
    x = rng.standard_normal((batch, FEATURES)).astype(np.float32)
    y = rng.integers(0, CLASSES, batch)
    parameters = {}
    for k, (n, m) in enumerate(itertools.pairwise(layers)):
        W = rng.standard_normal((m, n)) * np.sqrt(2 / n)
        parameters[f"W{k}"] = W.astype(np.float32)
        parameters[f"b{k}"] = np.zeros(m, np.float32)
    shown = "-".join(map(str, layers)) if depth < 4 else f"784-{depth} x {width}-10"
    title = f"perceptron {shown}, batch {batch}, float32"
    # Rounding makes a few units of a deep net cross the kink of relu.
    rtol = FLOAT32_TOLERANCE if depth < 16 else 5e-4 * depth
    return Problem(row, title, {"x": x, "y": y}, parameters, rtol)
