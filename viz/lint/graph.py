"""The recorded graph as the checks read it: nodes in order, by operation, and users."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.graph_order import inputs_first

__all__ = ["SHAPE_ONLY", "Graph", "is_constant", "is_trainable", "source"]

# Operations that move or choose elements and leave their values as they are.
SHAPE_ONLY = frozenset(
    "astype broadcast_to expand_dims getitem positive ravel reshape squeeze swapaxes "
    "transpose".split()
)


class Graph:
    """What is behind a loss.

    Parameters
    ----------
    root : Tensor
        The loss.
    model : object, optional
        Has ``named_parameters()`` and ``named_modules()``, as modules of `nn` do.

    Attributes
    ----------
    nodes : list of Tensor
        All tensors behind the loss, each after its inputs.
    by_op : dict of str to list of Tensor
        The recorded ones, by the name of their operation, in the same order.
    users : dict of Tensor to list of Tensor
        Which recorded tensors were made from one; twice where it is used twice.
    """

    def __init__(self, root: Tensor, model: Any = None) -> None:
        self.root = root
        self.model = model
        self.nodes = inputs_first(root)
        self.by_op: dict[str, list[Tensor]] = {}
        self.users: dict[Tensor, list[Tensor]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            op = node.op
            if op is not None:
                self.by_op.setdefault(op.name, []).append(node)
                for x in node.inputs:
                    self.users[x].append(node)

    def of(self, *names: str) -> Iterator[Tensor]:
        """Yield the results of some operations."""
        for name in names:
            yield from self.by_op.get(name, ())

    @cached_property
    def parameters(self) -> list[Tensor]:
        """The leaves that require a gradient."""
        return [node for node in self.nodes if is_trainable(node)]

    def uses(self, node: Tensor) -> list[Tensor]:
        """Return what uses a tensor, looking through changes of the shape only."""
        found: dict[Tensor, None] = {}
        stack = [node]
        while stack:
            for user in self.users[stack.pop()]:
                if name_of(user) in SHAPE_ONLY:
                    stack.append(user)
                else:
                    found[user] = None
        return list(found)


def name_of(node: Tensor) -> str:
    """Return the name of the operation that made a tensor; empty for a leaf."""
    return "" if node.op is None else node.op.name


def source(node: Tensor) -> Tensor:
    """Return where the values of a tensor come from, behind changes of its shape."""
    while node.op is not None and node.op.name in SHAPE_ONLY:
        node = node.inputs[0]
    return node


def is_trainable(node: Tensor) -> bool:
    """Return whether a tensor is a leaf that requires a gradient."""
    return node.op is None and node.requires_grad


def is_constant(node: Tensor, value: float | None = None) -> bool:
    """Return whether a tensor is data, and, if a value is given, all of it equals it."""
    if node.op is not None or node.requires_grad:
        return False
    return value is None or bool(np.all(node.data == value))
