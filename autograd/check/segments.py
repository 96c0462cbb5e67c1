"""Activations in a graph, however they were written: stretches that act cell by cell.

``A = 1 / (1 + np.exp(-Z))`` is four operations, but to a student it is one step with
one derivative, ``A * (1 - A)``.  A *segment* leads from such an ``A`` (its end near the
cost) to the one value ``Z`` from which it was computed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.check.reference import Reference
from autograd.check.steps import Edge, Jump, LocalStep

__all__ = [
    "Segment",
    "activation_kind",
    "find_segments",
    "segment_below",
    "wrong_derivatives",
]


class Segment(NamedTuple):
    """A stretch of the graph in which every cell depends on the matching cell only.

    Attributes
    ----------
    begin, end : int
        The nodes of ``A`` and of ``Z``.
    inside : frozenset of int
        ``begin`` and the nodes between the two.
    """

    begin: int
    end: int
    inside: frozenset[int]

    def derivative(self, reference: Reference) -> Any:
        """Return ``dA/dZ``, cell by cell."""
        ones = np.ones(reference.nodes[self.begin].shape)
        part = LocalStep.between(reference, self.begin, self.end)

        def stay_inside(edge: Edge, g: Any) -> Any:
            shape = reference.nodes[edge.child].shape
            return None if edge.node in self.inside else np.zeros(shape)

        return part.sweep(stay_inside, seeds={self.begin: ones})

    def jump(self, factor: Any) -> Jump:
        """Return the jump that multiplies by another derivative.

        Raises
        ------
        ValueError
            If the derivative is zero: that is a missing path, not a wrong derivative.
        """
        if not np.any(factor):
            raise ValueError("the derivative is zero everywhere")
        return Jump(self.begin, self.end, lambda g: g * factor)


def find_segments(local: LocalStep) -> Iterator[Segment]:
    """Yield the segments on the way to a step that are more than a constant factor."""
    children: dict[int, list[int]] = {}
    for edge in local.edges:
        children.setdefault(edge.node, []).append(edge.child)
    for begin in sorted(children, reverse=True):
        segment = _segment(local.reference, begin, children)
        if segment is not None and np.ptp(segment.derivative(local.reference)) > 0:
            yield segment


def segment_below(reference: Reference, begin: int) -> Segment | None:
    """Return the segment that begins at a node, whatever it ends at."""
    children = {
        k: [reference.position[x] for x in node.inputs if x.requires_grad]
        for k, node in enumerate(reference.nodes)
    }
    return _segment(reference, begin, children)


def _segment(
    reference: Reference, begin: int, children: Mapping[int, Sequence[int]]
) -> Segment | None:
    nodes, named = reference.nodes, set(reference.named.values())
    ends, inside = set[int](), set[int]()
    open_nodes = [begin]
    while open_nodes:
        k = open_nodes.pop()
        op = nodes[k].op
        stops = k != begin and (k in named or not children.get(k))
        if stops or op is None or not op.elementwise:
            ends.add(k)
        else:
            inside.add(k)
            open_nodes += children[k]
    end = min(ends)
    if len(ends) > 1 or end == begin or nodes[begin].shape != nodes[end].shape:
        return None
    return Segment(begin, end, frozenset(inside))


def activation_kind(reference: Reference, segment: Segment) -> str:
    """Return the name of the activation that a segment computes, or an empty string."""
    z = reference.nodes[segment.end].data
    right = segment.derivative(reference)
    with np.errstate(all="ignore"):
        return next((k for k, f in DERIVATIVES.items() if np.allclose(f(z), right)), "")


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _sigmoid_derivative(x: Any) -> Any:
    return _sigmoid(x) * (1 - _sigmoid(x))


# The derivatives of the activations, by the pre-activation.
DERIVATIVES: dict[str, Callable[[Any], Any]] = {
    "sigmoid": _sigmoid_derivative,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0) * 1.0,
    "softplus": _sigmoid,
    "leaky relu (0.01)": lambda z: np.where(z > 0, 1.0, 0.01),
    "leaky relu (0.1)": lambda z: np.where(z > 0, 1.0, 0.1),
    "leaky relu (0.2)": lambda z: np.where(z > 0, 1.0, 0.2),
    "exp": np.exp,
}

# The same, as students write them with the activation in place of the pre-activation.
BY_ACTIVATION: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: (a > 0) * 1.0,
    "softplus": lambda a: 1 - np.exp(-a),
}


def wrong_derivatives(z: Any, a: Any, right: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield what students write for a derivative: mistake, words, value.

    Parameters
    ----------
    z, a : ndarray
        Pre-activation and activation.
    right : ndarray
        The derivative as it is.
    """
    yield "missing_activation_derivative", "the activation's derivative is missing", 1.0
    yield "missing_complement", "it is A, not A * (1 - A)", a
    yield "missing_complement", "the `1 -` is missing: it is A**2, not 1 - A**2", a**2
    kind = next((k for k, f in DERIVATIVES.items() if np.allclose(f(z), right)), "")
    if kind:
        words = f"the derivative of {kind} is taken at A; it belongs at Z"
        yield "derivative_at_activation", words, DERIVATIVES[kind](a)
    mistake = "wrong_activation_derivative"
    for name, f in DERIVATIVES.items():
        yield mistake, f"it is the derivative of {name}", f(z)
    for name, f in BY_ACTIVATION.items():
        yield mistake, f"it is the derivative of {name}", f(a)
        yield mistake, f"the formula of {name} for A is used with Z", f(z)
    for name, f in DERIVATIVES.items():
        yield mistake, f"it is the derivative of {name}, taken at A", f(a)
    yield mistake, "it is 1 - A", 1 - a
    yield mistake, "the derivative is applied twice", right**2
