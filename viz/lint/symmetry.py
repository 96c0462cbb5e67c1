"""Hidden units that are all equal, and stay equal however long they are trained."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.layers import Layer

__all__ = ["symmetric_units"]

_FARTHEST = 40  # operations between two layers
_ROUNDING = 1e-6  # of sums in another order, after some training


def symmetric_units(graph: Graph) -> Iterator[Finding]:
    """Report layers whose units have equal weights on both sides."""
    for layer in symmetric_layers(graph):
        units = len(layer.weight)
        yield finding(
            "symmetric-units",
            f"The {units} units of the layer with {describe(layer.parameter)} are all "
            f"equal: so are the weights into them and those out of them. Their "
            f"gradients are equal, too, and they remain one unit.",
            "Start with random weights: zeros are right for biases only.",
            layer.parameter,
            layer.output,
        )


def symmetric_layers(graph: Graph) -> list[Layer]:
    """Return hidden layers with equal weights into, and equal weights out of, units."""
    layers = graph.layers
    by_output = graph.layer_of_output
    found: dict[Layer, None] = {}
    for layer in layers:
        if not _has_equal_inputs(layer):
            continue
        for before in _layers_behind(layer.data, by_output):
            if _has_equal_units(before):
                found[before] = None
    return list(found)


def _has_equal_units(layer: Layer) -> bool:
    """Return whether there are several units and their weights and biases are equal."""
    bias = layer.bias
    equal_biases = bias is None or _is_flat(bias.data)
    return len(layer.weight) > 1 and equal_biases and _are_equal(layer.weight)


def _has_equal_inputs(layer: Layer) -> bool:
    """Return whether a layer treats all of its inputs alike."""
    weight = layer.weight
    return weight.shape[1] > 1 and _are_equal(np.swapaxes(weight, 0, 1))


def _are_equal(rows: Any) -> bool:
    pair = rows[:2]  # two different rows are the usual case, and quickly seen
    return _is_flat(pair, axis=0) and _is_flat(rows, axis=0)


def _is_flat(values: Any, axis: int | None = None) -> bool:
    """Return whether values are equal along an axis, but for rounding."""
    scale = float(np.max(np.abs(values), initial=0.0))
    return bool(np.all(np.ptp(values, axis=axis) <= _ROUNDING * scale))


def _layers_behind(node: Tensor, by_output: dict[Tensor, Layer]) -> Iterator[Layer]:
    """Yield the layers that a tensor depends on with no other layer between."""
    stack, seen = [node], {node}
    while stack and len(seen) < _FARTHEST:
        x = stack.pop()
        if x in by_output:
            yield by_output[x]
            continue
        fresh = [y for y in x.inputs if y.op is not None and y not in seen]
        seen.update(fresh)
        stack += fresh
