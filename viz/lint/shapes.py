"""Shapes that NumPy accepts, and that are not what was meant."""

import math
from collections.abc import Iterator

from autograd import Tensor
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.nodes import name_of

__all__ = ["broadcast", "loss_not_scalar", "norm_of_one"]

_REDUCTIONS = ("mean", "sum")
_COMBINING = ("subtract", "multiply", "add", "divide")


def broadcast(graph: Graph) -> Iterator[Finding]:
    """Report numbers for n samples that are combined as n x n pairs."""
    seen: set[Tensor] = set()
    for node in graph.of(*_COMBINING):
        if node.ndim < 2:
            continue
        a, b = node.inputs
        column, row = (a, b) if a.ndim > b.ndim else (b, a)
        if column.shape != (*row.shape, 1) or node.size <= max(a.size, b.size):
            continue
        if row.ndim != 1 or _is_deliberate(column) or (a.op and b.op):
            continue
        if seen.intersection((a, b)) or not _is_averaged(graph, node):
            continue
        seen.update((a, b))
        yield finding(
            "broadcast",
            f"{describe(a)} and {describe(b)} are combined by {name_of(node)} to "
            f"{node.shape}: every sample with every other one. The loss is that of "
            f"{node.size} pairs, not of {row.size} samples.",
            f"Make the shapes equal: give both the shape {row.shape} or both "
            f"{column.shape}, for example with .reshape{row.shape}.",
            a,
            b,
            node,
        )


def _is_deliberate(column: Tensor) -> bool:
    """Return whether the last axis was added by ``x[:, None]``, to make pairs."""
    if name_of(column) == "getitem":
        index = column.settings["index"]
        return isinstance(index, tuple) and any(part is None for part in index)
    return name_of(column) == "expand_dims"


def _is_averaged(graph: Graph, node: Tensor) -> bool:
    """Return whether elementwise operations lead to a mean or sum over all."""
    stack, seen = [node], {node}
    while stack:
        x = stack.pop()
        if x.size == 1 and name_of(x) in _REDUCTIONS:
            continue
        users = graph.users[x]
        if x.size < node.size:  # a sum over one axis leads to the next one only
            if name_of(x) not in _REDUCTIONS:
                return False
            if any(name_of(user) not in _REDUCTIONS for user in users):
                return False
        elif x is not node and not (x.op and x.op.elementwise):
            return False
        fresh = [user for user in users if user not in seen]
        seen.update(fresh)
        stack += fresh
    return True


def loss_not_scalar(graph: Graph) -> Iterator[Finding]:
    """Report a loss with more than one element."""
    root = graph.root
    if root.size != 1:
        yield finding(
            "loss-not-scalar",
            f"The loss, {describe(root)}, has {root.size} elements: there is no single "
            f"number to minimise, and backward() needs one.",
            "Take the mean over all axes: np.mean(losses).",
            root,
        )


def norm_of_one(graph: Graph) -> Iterator[Finding]:
    """Report a normalisation over single numbers: its result is the bias."""
    for node in graph.of("standardize"):
        x = node.inputs[0]
        axes = [k % x.ndim for k in node.settings["axes"]]
        if math.prod(x.shape[k] for k in axes) == 1 and x.size > 1:
            yield finding(
                "norm-of-one",
                f"{describe(x)} is normalised over axes {tuple(axes)} that hold one "
                f"number: it is its own mean, so that the result is always the bias.",
                "Normalise over an axis with more numbers, or leave it out.",
                x,
                node,
            )
