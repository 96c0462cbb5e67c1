"""Simplifications that are known, each checked with the numbers before it is shown.

    sigmoid and binary cross-entropy     ∂L/∂Z = (A − Y) / m
    softmax and cross-entropy            ∂L/∂Z = (P − Y) / m

A pattern only proposes; what it proposes is evaluated in double precision and compared
with the gradient of the engine.  The other forms that people know, such as 1 − A² for
tanh, are the rules themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import autograd.ops
from autograd.derivation.graph import Graph
from autograd.derivation.nodes import Node
from autograd.engine import differentiate
from autograd.recording import enable_grad
from autograd.tensor import Tensor

__all__ = ["Numbers", "simplified"]

_LIKELIHOODS = {
    "log", "log1p", "xlogy", "binary_cross_entropy", "log_softmax", "cross_entropy",
    "logsumexp", "binary_cross_entropy_with_logits",
}  # fmt: skip
_RTOL = 1e-9


class Numbers:
    """The values and gradients of a graph in double precision.

    They are those of a repetition of the forward pass, so that no hook of the user's
    graph is called, and single precision does not limit what can be confirmed.

    Parameters
    ----------
    graph : Graph
        The graph.
    """

    def __init__(self, graph: Graph) -> None:
        with np.errstate(all="ignore"):
            twins = _repeated(graph)
            root, quantities = twins[graph.root], graph.quantities
            wanted = [t for t in quantities if graph.is_differentiated(t)]
            seed = np.ones_like(root.data)[()]
            found = differentiate(root, seed, [twins[t] for t in wanted], record=False)
        self._values = {graph.word(t): twins[t].data for t in quantities}
        self.gradients: dict[Tensor, Any] = dict(zip(wanted, found, strict=True))

    def evaluate(self, text: str, gradients: Mapping[str, Any] | None = None) -> Any:
        """Return the value of a formula."""
        scope = {**vars(autograd), "np": np, **self._values, **(gradients or {})}
        with np.errstate(all="ignore"):
            return eval(text, scope)

    def confirms(self, text: str, tensor: Tensor) -> bool:
        """Return whether a formula gives the gradient of a tensor."""
        gradient = self.gradients.get(tensor)
        if gradient is None:
            return False
        value = self.evaluate(text)
        if np.shape(value) != np.shape(gradient) or not np.all(np.isfinite(value)):
            return False
        largest = np.max(np.abs(gradient), initial=0.0)
        return bool(np.all(np.abs(value - gradient) <= _RTOL * largest))


@enable_grad()
def _repeated(graph: Graph) -> dict[Tensor, Tensor]:
    """Return the twin of every tensor in a repetition of the forward pass."""
    twins: dict[Tensor, Tensor] = {}
    for tensor in graph.inputs_first:
        for x in tensor.inputs:
            if x not in twins:
                real = x.dtype.kind == "f"
                data = x.data.astype(np.float64) if real else x.data
                twins[x] = Tensor(data, x.requires_grad)
        inputs = [twins[x] for x in tensor.inputs]
        op = tensor.op
        assert op is not None
        given = [inputs] if op.sequence else inputs
        twins[tensor] = op.function(*given, **tensor.settings)
    return twins


def simplified(graph: Graph, numbers: Numbers, tensor: Tensor) -> str:
    """Return a known short form of the gradient of a quantity that the numbers confirm.

    Parameters
    ----------
    graph : Graph
        The graph.
    numbers : Numbers
        Its numbers.
    tensor : Tensor
        The quantity.

    Returns
    -------
    str
        A formula; empty if none is known.
    """
    if not any(node.name in _LIKELIHOODS for node in graph.nodes):
        return ""
    for difference, m in _differences(graph, tensor):
        for text in _means(difference, m):
            if numbers.confirms(text, tensor):
                return text
    return ""


def _differences(graph: Graph, tensor: Tensor) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give formulas of a prediction minus the truth, and the shape of the result."""
    z = graph.word(tensor)
    for node in _users(graph, tensor):
        if node.name == "cross_entropy":
            yield from _with_classes(graph, node, z)
            continue
        if node.name == "log_softmax":
            predicted = f"softmax({z}, axis={node.tensor.settings['axis']})"
        elif node.name in ("sigmoid", "softmax"):
            predicted = graph.word(node.tensor)
        else:
            continue
        for truth in graph.constants(node.tensor.shape):
            yield f"({predicted} - {truth})", node.tensor.shape


def _users(graph: Graph, tensor: Tensor) -> Iterator[Node]:
    """Give what uses a tensor, also after something was subtracted: z - max(z)."""
    for node, position in graph.consumers.get(tensor, []):
        yield node
        if node.name == "subtract" and position == 0:
            yield from (user for user, _ in graph.consumers.get(node.tensor, []))


def _with_classes(
    graph: Graph, node: Node, z: str
) -> Iterator[tuple[str, tuple[int, ...]]]:
    logits, classes = node.inputs[:2]
    if logits.ndim == 2:
        hot = f"np.eye({logits.shape[1]})[{graph.word(classes)}]"
        yield f"(softmax({z}, axis=1) - {hot})", logits.shape


def _means(difference: str, shape: tuple[int, ...]) -> Iterator[str]:
    """Give a difference as it is, and divided by what a mean is divided by."""
    yield difference
    counts = [int(np.prod(shape)), *(shape[:1] + shape[-1:])]
    for m in dict.fromkeys(counts):
        if m > 1:
            yield f"{difference} / {m}"
