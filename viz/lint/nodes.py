"""Questions about single tensors of a graph."""

import numpy as np

from autograd import Tensor

__all__ = ["SHAPE_ONLY", "is_constant", "is_trainable", "name_of", "source"]

# Operations that move or choose elements and leave their values as they are.
SHAPE_ONLY = frozenset(
    [
        "astype", "broadcast_to", "expand_dims", "getitem", "positive", "ravel",
        "reshape", "squeeze", "swapaxes", "transpose",
    ]
)  # fmt: skip


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
    """Return whether a tensor is data and, if a value is given, equal to it."""
    if node.op is not None or node.requires_grad:
        return False
    return value is None or bool(np.all(node.data == value))
