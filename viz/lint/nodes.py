"""Questions about single tensors of a graph."""

import numpy as np

from autograd import Tensor

__all__ = ["SHAPE_ONLY", "are_same", "is_constant", "is_trainable", "name_of", "source"]

_DEEPEST = 6  # operations that are compared

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


def are_same(a: Tensor, b: Tensor, depth: int = _DEEPEST) -> bool:
    """Return whether two tensors are one, or were computed in the same way.

    ``np.exp(z) / np.sum(np.exp(z))`` makes the exponentials twice.

    Examples
    --------
    >>> z = Tensor([1.0, 2.0])
    >>> are_same(np.exp(z - 1), np.exp(z - 1)), are_same(np.exp(z), np.exp(-z))
    (True, False)
    """
    if a is b:
        return True
    if is_constant(a) and is_constant(b):
        return a.shape == b.shape and np.array_equal(a.data, b.data)
    if a.op is None or a.op is not b.op or a.shape != b.shape or not depth:
        return False
    if repr(a.settings) != repr(b.settings) or len(a.inputs) != len(b.inputs):
        return False
    return all(
        are_same(x, y, depth - 1) for x, y in zip(a.inputs, b.inputs, strict=True)
    )
