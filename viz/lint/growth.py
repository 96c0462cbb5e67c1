"""Values that grow from layer to layer."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from autograd import Tensor
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.layers import Layer

__all__ = ["exploding_values"]

_FEWEST_LAYERS = 5  # the last one, whose scale is that of the targets, included
_FACTOR = 1e3


def exploding_values(graph: Graph) -> Iterator[Finding]:
    """Report hidden values that grow a thousandfold from the first layer to the last.

    The last layer does not count: targets may be large.
    """
    chain = _longest_chain(graph)
    if len(chain) < _FEWEST_LAYERS:
        return
    first, last = chain[0], chain[-2]
    before, after = _magnitude(first), _magnitude(last)
    if _FACTOR * before < after and _is_gradual(chain[:-1]):
        yield finding(
            "exploding-values",
            f"The values grow from {before:.3g} (mean magnitude) in the layer with "
            f"{describe(first.parameter)} to {after:.3g} in the one with "
            f"{describe(last.parameter)}, {len(chain) - 2} layers on, and the "
            f"gradients grow with them.",
            "Start with smaller weights (He for relu, Xavier for tanh), normalise "
            "between layers, or clip gradients in recurrent networks.",
            first.parameter,
            last.parameter,
            last.output,
        )


def _magnitude(layer: Layer) -> float:
    """Return the mean magnitude of the results; infinity where there is a NaN."""
    with np.errstate(all="ignore"):
        mean = float(np.mean(np.abs(layer.output.data)))
    return math.inf if math.isnan(mean) else mean


def _is_gradual(layers: list[Layer]) -> bool:
    """Return whether growth goes on without its largest single step.

    One large step may be a normalisation of small values, which is no explosion.
    """
    sizes = [_magnitude(layer) for layer in layers]
    finite = [size for size in sizes if math.isfinite(size)]
    ratios = sorted(b / a for a, b in pairwise(finite) if a > 0)
    return math.prod(ratios[:-1]) > math.sqrt(_FACTOR)


def _longest_chain(graph: Graph) -> list[Layer]:
    """Return the most layers of which each depends on the one before."""
    by_output = graph.layer_of_output
    before: dict[Layer, Layer | None] = {}
    length: dict[Layer, int] = {}
    # The layer with the longest chain that each tensor depends on.
    behind: dict[Tensor, Layer | None] = {}
    longest: Layer | None = None
    if not by_output:
        return []
    for node in graph.nodes:
        known = [x for x in map(behind.get, node.inputs) if x is not None]
        best = max(known, key=length.__getitem__, default=None)
        layer = by_output.get(node)
        if layer is not None:
            before[layer], length[layer] = best, 1 + (length[best] if best else 0)
            if longest is None or length[layer] > length[longest]:
                longest = layer
            best = layer
        behind[node] = best
    chain: list[Layer] = []
    while longest is not None:
        chain.append(longest)
        longest = before[longest]
    return chain[::-1]
