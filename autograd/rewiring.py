"""Changing what a recorded tensor was computed from."""

from collections.abc import Mapping

from autograd.tensor import Tensor

__all__ = ["rewire"]


def rewire(root: Tensor, replacements: Mapping[Tensor, Tensor], since: int) -> None:
    """Let every node behind ``root`` take other tensors for some of its inputs.

    The others must have equal values, because nothing is computed anew.

    Parameters
    ----------
    root : Tensor
        Where the walk begins.
    replacements : mapping of Tensor to Tensor
        What takes the place of what.
    since : int
        Only nodes of this age or younger, on the engine's clock, are looked at: what is
        older cannot depend on the tensors that are replaced.
    """
    stack, seen = [root], set(replacements)
    while stack:
        node = stack.pop()
        if node in seen or node.is_leaf or node._version < since:
            continue
        seen.add(node)
        inputs = node.inputs
        stack.extend(inputs)
        if not replacements.keys().isdisjoint(inputs):
            inputs = tuple([replacements.get(x, x) for x in inputs])
            node._a = inputs[0]
            if len(inputs) > 1:
                node._b = inputs[1]
            if len(inputs) > 2:
                node._details.more = inputs[2:]
