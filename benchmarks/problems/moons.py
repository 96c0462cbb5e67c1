"""S1: micrograd's moons demo, a perceptron 2-16-16-1 of scalars.

Hinge loss and an L2 penalty of all weights and biases, 100 samples, full batch. Hidden
layers are rectified. Every number is a node of the graph.

The network is written here once for every library of scalars: it needs ``+`` and ``*``
of the library's numbers, and their method ``relu`` or a function for it.
"""

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .problem import FLOAT64_TOLERANCE, Problem

PENALTY = 1e-4
# For each layer and each of its neurons: the weights, and the bias.
Layers = list[list[tuple[list[Any], Any]]]
Relu = Callable[[Any], Any]
RELU_METHOD: Relu = operator.methodcaller("relu")


def moons(samples: int = 100, width: int = 16) -> Problem:
    """Draw two interleaved half circles with labels -1 and 1, and the weights.

    ``X`` is (samples, 2), ``y`` (samples,), ``W0`` (width, 2), ``b0`` (width,),
    ``W1`` (width, width), ``b1`` (width,), ``W2`` (1, width), ``b2`` (1,).
    """
    rng = np.random.default_rng(0)
    angle = np.linspace(0, np.pi, samples // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    X = np.concatenate([upper, lower]) + 0.1 * rng.standard_normal((len(angle) * 2, 2))
    y = np.repeat([-1.0, 1.0], len(angle))
    parameters = {}
    for k, (fan_in, fan_out) in enumerate(itertools.pairwise((2, width, width, 1))):
        parameters[f"W{k}"] = rng.uniform(-1, 1, (fan_out, fan_in))
        parameters[f"b{k}"] = np.zeros(fan_out)
    title = f"scalar perceptron 2-{width}-{width}-1, {samples} samples"
    return Problem("S1", title, {"X": X, "y": y}, parameters, FLOAT64_TOLERANCE)


def scalar_layers(problem: Problem, value: Callable[[float], Any]) -> Layers:
    """Make a number of the library of every weight and bias."""
    layers = []
    for k in range(len(problem.parameters) // 2):
        weights = problem.parameters[f"W{k}"].tolist()
        biases = problem.parameters[f"b{k}"].tolist()
        layers.append(
            [
                ([value(w) for w in row], value(b))
                for row, b in zip(weights, biases, strict=True)
            ]
        )
    return layers


def every_scalar(layers: Layers) -> list[Any]:
    """List all weights and biases."""
    return [p for layer in layers for weights, bias in layer for p in [*weights, bias]]


def network(layers: Layers, x: Sequence[Any], relu: Relu = RELU_METHOD) -> Any:
    """Run the perceptron on one sample."""
    for depth, layer in enumerate(layers):
        outputs = []
        for weights, bias in layer:
            total = sum((w * xi for w, xi in zip(weights, x, strict=True)), bias)
            outputs.append(relu(total) if depth < len(layers) - 1 else total)
        x = outputs
    return x[0]


def scalar_loss(
    layers: Layers,
    X: Sequence[Sequence[Any]],
    y: Sequence[float],
    relu: Relu = RELU_METHOD,
) -> Any:
    """Return the hinge loss with the penalty, as the demo writes it."""
    scores = [network(layers, x, relu) for x in X]
    losses = [relu(1 + -yi * score) for yi, score in zip(y, scores, strict=True)]
    penalty = PENALTY * sum(p * p for p in every_scalar(layers))
    return sum(losses) * (1.0 / len(losses)) + penalty


def scalar_gradients(layers: Layers, of: Callable[[Any], float]) -> dict[str, Any]:
    """Arrange the gradients of all scalars as nested lists, by parameter name."""
    gradients: dict[str, Any] = {}
    for k, layer in enumerate(layers):
        gradients[f"W{k}"] = [[of(w) for w in weights] for weights, _ in layer]
        gradients[f"b{k}"] = [of(bias) for _, bias in layer]
    return gradients
