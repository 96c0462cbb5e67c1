"""The edges of a step's part of the graph, as lines of the forward pass made them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.check.steps import Edge, LocalStep

__all__ = [
    "Group",
    "changing",
    "groups",
    "is_product",
    "name_of",
    "node_of",
    "operand",
    "through",
    "transposed",
    "without",
]


Group = tuple[Edge, ...]


_PRODUCTS = ("matmul", "dot")


def through(local: LocalStep, group: Group) -> Any:
    """Return the part of a step that comes through some edges."""
    return local.sweep() - without(local, group)


def transposed(x: Any) -> Any:
    """Return a matrix, or each matrix of a stack, transposed."""
    return np.swapaxes(x, -1, -2)


def groups(local: LocalStep) -> Iterator[Group]:
    """Yield the edges, those of one line of the forward pass together and then alone.

    In a loop one line makes many nodes, and a mistake in the line that differentiates
    it is made many times.
    """
    together: dict[Any, list[Edge]] = {}
    for edge in local.edges:
        node = node_of(local, edge)
        shapes = tuple(x.shape for x in node.inputs)
        place = (node.created_at, node.op.name, edge.position, shapes)
        key = place if node.created_at else edge
        together.setdefault(key, []).append(edge)
    for group in together.values():
        yield tuple(group)
    for group in together.values():
        if 1 < len(group) <= 8:
            yield from ((edge,) for edge in group)


def changing(
    group: Group, change: Callable[[Edge, Any], Any]
) -> Callable[[Edge, Any], Any]:
    """Return the change of a sweep that concerns some edges only."""
    return lambda edge, g: change(edge, g) if edge in group else None


def dropping(local: LocalStep, group: Group) -> Callable[[Edge, Any], Any]:
    nodes = local.reference.nodes
    return changing(group, lambda edge, g: np.zeros(nodes[edge.child].shape))


def without(local: LocalStep, group: Group) -> Any:
    """Return what a step would be without some edges."""
    return local.sweep(dropping(local, group))


def node_of(local: LocalStep, edge: Edge) -> Any:
    """Return the tensor at which an edge begins."""
    return local.node(edge)


def operand(local: LocalStep, edge: Edge) -> Any:
    """Return the value of the other operand of a product."""
    return node_of(local, edge).inputs[1 - edge.position].data


def is_product(local: LocalStep, edge: Edge) -> bool:
    """Return whether an edge belongs to a product of matrices."""
    node = node_of(local, edge)
    return node.op.name in _PRODUCTS and all(x.ndim >= 2 for x in node.inputs)


def name_of(local: LocalStep, edge: Edge) -> str:
    """Return what to call the node at which an edge begins."""
    names: Mapping[int, str] = {k: name for name, k in local.reference.named.items()}
    return names.get(edge.node, f"`{node_of(local, edge).op.name}`")
