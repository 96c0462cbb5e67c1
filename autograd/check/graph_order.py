"""The order in which a backward pass meets the tensors of a graph."""

from collections.abc import Collection

from autograd.graph_order import inputs_first
from autograd.tensor import Tensor

__all__ = ["backward_order", "nearest"]


def backward_order(result: Tensor) -> list[Tensor]:
    """Return every tensor behind a result, from the result towards the leaves.

    A tensor comes after everything that was computed from it; those that are equally
    far from the result stand together, leaves first: ``b2, W2, A1``.
    """
    order = inputs_first(result)
    distance = {result: 0}
    for tensor in reversed(order):
        for x in tensor.inputs:
            distance[x] = max(distance.get(x, 0), distance[tensor] + 1)
    return sorted(reversed(order), key=lambda x: (distance[x], not x.is_leaf))


def nearest(tensor: Tensor, chosen: Collection[Tensor]) -> list[Tensor]:
    """Return the chosen tensors behind a tensor that no other chosen one hides."""
    found: dict[Tensor, None] = {}
    seen: set[Tensor] = set()
    stack = list(tensor.inputs)
    while stack:
        x = stack.pop()
        if x in seen:
            continue
        seen.add(x)
        if x in chosen:
            found[x] = None
        else:
            stack.extend(x.inputs)
    return list(found)
