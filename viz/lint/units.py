"""Units that no longer learn: dead relus, saturated sigmoids and tanhs."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.recognition import as_sigmoid
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.layers import Layer, before_dropout
from viz.lint.nodes import name_of, source
from viz.lint.patterns import as_relu

__all__ = ["dead_relu", "saturated"]

_FEWEST_SAMPLES = 8
_WIDE = 16  # units; fewer may all be 0 by chance
_FLAT = 1e-3  # a slope below this is flat
_SHARE = 0.9
_FEWEST_VALUES = 32
_RECURRENT = ("rnn", "rnn_step")
_SATURATING = ("tanh", "sigmoid", "divide", "multiply", "reciprocal", *_RECURRENT)


def dead_relu(graph: Graph) -> Iterator[Finding]:
    """Report relu units that are 0 for all samples, beyond what chance does."""
    layers = graph.layer_of_output
    if not layers:
        return
    for node in graph.of("relu", "maximum", "fmax", "multiply", "where"):
        z = as_relu(node)
        layer = layers.get(z) if z is not None else None
        if z is None or layer is None or layer.axis is None:
            continue
        dead, units = _dead_units(z, layer)
        if dead:
            yield finding(
                "dead-relu",
                f"{dead} of {units} relu units of the layer with "
                f"{describe(layer.parameter)} are 0 for every sample of this batch: "
                f"their gradient is 0, and they learn nothing.",
                "Look at the biases and at the scale of the data; start with "
                "He-normal weights and zero biases, lower the learning rate, or use "
                "leaky_relu.",
                layer.parameter,
                node,
            )


def _dead_units(z: Tensor, layer: Layer) -> tuple[int, int]:
    """Return how many units are surely dead, and how many there are.

    About half of all units may be 0 for a whole batch by chance, because deep layers
    see all samples alike.  So either nearly all units of a wide layer must be dead, or
    all by a wide margin, or single ones by a margin far outside the others' range.
    """
    values = np.moveaxis(z.data, layer.axis or 0, -1)
    units = values.shape[-1]
    values = values.reshape(-1, units)
    if len(values) < _FEWEST_SAMPLES:
        return 0, units
    highest = values.max(axis=0)
    dead = highest < 0
    count = int(np.count_nonzero(dead))
    if not count:
        return 0, units
    if units >= _WIDE and count >= _SHARE * units:
        return count, units
    if count == units >= 4 and np.mean(values) < -3 * np.std(values):
        return count, units
    if 2 * count <= units:
        some = values[:: -(-len(values) // 64)]
        usual = float(np.mean(np.abs(some[:, ~dead])))
        return int(np.count_nonzero(highest < -8 * usual)), units
    return 0, units


def saturated(graph: Graph) -> Iterator[Finding]:
    """Report hidden units at the flat ends of a sigmoid or tanh, nearly always."""
    fed = _data_of_layers(graph)
    seen: set[Any] = set()
    for node in graph.of(*_SATURATING):
        activation = _activation(node) if node.size >= _FEWEST_VALUES else None
        if activation is None or not (node in fed or name_of(node) in _RECURRENT):
            continue
        y = node.data
        slope = 1 - y * y if activation == "tanh" else y * (1 - y)
        share = float(np.mean(slope < _FLAT))
        place = node.scope or node
        if share < _SHARE or place in seen:
            continue
        seen.add(place)
        yield finding(
            "saturated",
            f"{share:.0%} of {describe(node)} are at the ends of {activation}, where "
            f"it is flat: almost no gradient passes.",
            "Standardise the data (zero mean, unit variance), and start with smaller "
            "weights, such as Xavier's.",
            node,
        )


def _activation(node: Tensor) -> str | None:
    if name_of(node) == "tanh":
        return "tanh"
    if name_of(node) in _RECURRENT:
        return "tanh" if node.settings["nonlinearity"] == "tanh" else None
    return "sigmoid" if as_sigmoid(node) is not None else None


def _data_of_layers(graph: Graph) -> set[Tensor]:
    """Return what layers multiply their weights with, also behind dropout."""
    found: set[Tensor] = set()
    for layer in graph.layers:
        found.update((source(layer.data), before_dropout(layer.data, graph.users)))
    return found
