"""One step of a backward pass: the part of the graph from which it follows.

It begins at the values whose gradients the student has already computed, so that what
it gives is what follows from the student's own upstream values.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.check.reference import Reference, add_up
from autograd.check.vector_jacobian import vector_jacobian
from autograd.tensor import Tensor

__all__ = ["Edge", "Jump", "LocalStep"]


class Edge(NamedTuple):
    """The way on which a gradient goes from a node to one of its inputs."""

    node: int
    position: int
    child: int


class Jump(NamedTuple):
    """A rule that carries a gradient from one node to another one further down."""

    begin: int
    end: int
    rule: Callable[[Any], Any]


class LocalStep:
    """The part of the graph from which one step follows, at one point.

    It begins at the cost and at the named tensors whose gradients the student has
    already computed, and it ends at the tensor of the step.

    Parameters
    ----------
    reference : Reference
        The forward pass.
    name : str
        The tensor whose gradient the step computes.
    upstream : mapping of str to ndarray
        The gradients that the student has computed.
    """

    def __init__(
        self, reference: Reference, name: str, upstream: Mapping[str, Any]
    ) -> None:
        self.name = name
        self.upstream = upstream
        cuts = {reference.named[other]: value for other, value in upstream.items()}
        self._restrict(reference, reference.named[name], cuts)

    def _restrict(
        self, reference: Reference, target: int, cuts: Mapping[int, Any]
    ) -> None:
        self.reference = reference
        self.target = target
        cuts = {k: value for k, value in cuts.items() if k != target}
        inside = {target}
        edges: list[Edge] = []
        for k in range(self.target + 1, len(reference.nodes)):
            node = reference.nodes[k]
            for p, child in enumerate(node.inputs):
                c = reference.position.get(child)
                if c in inside and node.op and node.op.rule(p) is not None:
                    edges.append(Edge(k, p, c))
                    if k not in cuts:
                        inside.add(k)
        self.edges = tuple(sorted(edges, reverse=True))
        self.seeds = {e.node: cuts[e.node] for e in self.edges if e.node in cuts}
        last = len(reference.nodes) - 1
        if last in inside:
            self.seeds[last] = np.ones_like(reference.cost.data)

    @classmethod
    def between(cls, reference: Reference, begin: int, end: int) -> "LocalStep":
        """Return the part of the graph between two nodes."""
        part = cls.__new__(cls)
        part._restrict(reference, end, {begin: np.ones(reference.nodes[begin].shape)})
        return part

    def sweep(
        self,
        change: Callable[[Edge, Any], Any] | None = None,
        seeds: Mapping[int, Any] | None = None,
        jump: "Jump | None" = None,
    ) -> Any:
        """Return what the step must be, or what it would be after a change.

        Parameters
        ----------
        change : callable, optional
            ``change(edge, g)`` returns the product for an edge in place of the right
            one, or None to leave it.
        seeds : mapping, optional
            Gradients of the upstream tensors, in place of the student's.
        jump : Jump, optional
            A way through several nodes that is taken in one go, by another rule.
        """
        cotangents: dict[int, Any] = dict(self.seeds if seeds is None else seeds)
        for edge in self.edges:
            if (
                jump is not None
                and jump.begin in cotangents
                and edge.node <= jump.begin
            ):
                g = cotangents.pop(jump.begin)
                add_up(cotangents, jump.end, jump.rule(g))
            g = cotangents.get(edge.node)
            if g is None:
                continue
            product = change(edge, g) if change else None
            if product is None:
                product = self.product(edge, g)
            add_up(cotangents, edge.child, product)
        shape = self.reference.nodes[self.target].shape
        return np.asarray(cotangents.get(self.target, np.zeros(shape)))

    def product(
        self, edge: Edge, g: Any, values: Mapping[int, Any] | None = None
    ) -> Any:
        """Return the vector-Jacobian product along an edge."""
        return vector_jacobian(self.node(edge), edge.position, g, values)

    def unsummed(self, edge: Edge, g: Any) -> Any:
        """Return the product along an edge before broadcasting is summed away."""
        return vector_jacobian(self.node(edge), edge.position, g, summed=False)

    def node(self, edge: Edge) -> Tensor:
        """Return the tensor at which an edge begins."""
        return self.reference.nodes[edge.node]
