"""The recorded graph as the checks read it: nodes in order, by operation, and users."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from autograd import Tensor
from autograd.graph_order import inputs_first
from viz.lint.layers import Layer, find_layers
from viz.lint.nodes import SHAPE_ONLY, is_trainable, name_of

__all__ = ["Graph"]


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

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers, inputs first."""
        return find_layers(self.nodes, self.users)

    @cached_property
    def layer_of_output(self) -> dict[Tensor, Layer]:
        """The layers, by their results."""
        return {layer.output: layer for layer in self.layers}

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
