"""Two linear layers with nothing between them, which are one linear layer."""

from collections.abc import Iterator

import numpy as np

from autograd import Tensor
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.layers import Layer, before_dropout
from viz.lint.nodes import is_constant, is_trainable, name_of, source

__all__ = ["missing_activation"]

_RECURRENT = ("rnn", "lstm", "gru", "rnn_step", "lstm_step", "gru_step")


def missing_activation(graph: Graph) -> Iterator[Finding]:
    """Report a linear layer right behind another one.

    A layer that is narrower than both its neighbours is meant so: it limits the rank,
    as in low-rank adaptation, a linear autoencoder or word2vec.
    """
    layers = graph.layers
    by_output = graph.layer_of_output
    products = {layer.node for layer in layers}
    for second in layers:
        if len(graph.users[second.data]) != 1:
            continue
        behind = before_dropout(second.data, graph.users)
        first = by_output.get(behind)
        if first is None or len(graph.users[behind]) != 1:
            continue
        if _is_meant(graph, first, second):
            continue
        if _feeds_recurrence(graph, second, products):
            continue
        yield finding(
            "missing-activation",
            f"The layer with {describe(first.parameter)} goes straight into the layer "
            f"with {describe(second.parameter)}. Two linear layers are one linear "
            f"layer: nothing is gained by the second.",
            "Put an activation, such as relu, between them.",
            first.parameter,
            second.parameter,
            first.output,
            second.output,
        )


def _is_meant(graph: Graph, first: Layer, second: Layer) -> bool:
    """Return whether two layers in a row have a purpose."""
    if first.parameter is second.parameter:
        return True
    inputs, middle = first.weight.shape[1], len(first.weight)
    if middle < min(inputs, len(second.weight)) or first.axis is None:
        return True
    if is_trainable(source(first.data)) and first.bias is None:
        return True  # a product of matrices, not a layer on data
    if is_constant(first.data) and _is_one_hot(first.data):
        return True  # a table of embeddings
    if len(graph.users[second.parameter]) > 1:
        return True  # tied weights: the output of a language model
    return first.is_convolution and not _is_same_kind(first, second)


def _is_one_hot(data: Tensor) -> bool:
    values = data.data
    ones = np.count_nonzero(values == 1)
    return bool(ones == np.count_nonzero(values) == values.size // values.shape[-1])


def _is_same_kind(first: Layer, second: Layer) -> bool:
    """Return whether two layers are plain convolutions of one kernel, or one is flat.

    Depthwise and pointwise convolutions, and kernels (1, n) and (n, 1), belong in
    pairs without an activation.
    """
    groups = [x.node.settings["groups"] for x in (first, second) if x.is_convolution]
    if any(n != 1 for n in groups):
        return False
    kernels = [x.weight.shape[2:] for x in (first, second)]
    return not second.is_convolution or kernels[0] == kernels[1]


def _feeds_recurrence(graph: Graph, layer: Layer, products: set[Tensor]) -> bool:
    """Return whether a layer is the part of a recurrent step that sees the input."""
    for user in graph.uses(layer.node):
        if name_of(user) in _RECURRENT:
            return True
        if name_of(user) == "add" and products.issuperset(
            x for x in user.inputs if x.op is not None
        ):
            return len([x for x in user.inputs if x.op is not None]) == 2
    return False
