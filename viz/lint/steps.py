"""A graph that keeps earlier steps of training.

The evidence is what a single forward pass cannot show: one parameter that was used with
several values, several forward passes that were differentiated one by one and are then
joined, or a parameter that is the result of many recorded updates.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.history import have_several_weights, is_other, is_outdated
from viz.lint.nodes import SHAPE_ONLY, is_constant, is_trainable, name_of

__all__ = ["growing_graph"]

_MOST_PARAMETERS = 8
_MOST_USES = 1000
_FEWEST_PASSES = 3
_FEWEST_UPDATES = 10
_JOINING = frozenset(
    ["add", "concatenate", "divide", "mean", "multiply", "stack", "sum"]
)
_WHOLE = frozenset(["add", "convolution", "dot", "linear", "matmul"])


def growing_graph(graph: Graph) -> Iterator[Finding]:
    """Report a loss that holds on to the graphs of earlier steps."""
    for found in (_several_values, _joined_passes, _recorded_updates):
        about = found(graph)
        if about is not None:
            message, fix, tensors = about
            yield finding("growing-graph", message, fix, *tensors)
            return


Evidence = tuple[str, str, tuple[Tensor, ...]]


def _several_values(graph: Graph) -> Evidence | None:
    """Find a parameter that was changed between two of its uses."""
    used = [p for p in graph.parameters if len(graph.users[p]) > 1]
    for parameter in sorted(used, key=lambda p: p.size)[:_MOST_PARAMETERS]:
        users = graph.users[parameter]
        if (
            _differ_on_equal_inputs(users)
            or _is_old_and_new(parameter, users)
            or have_several_weights(parameter, users)
        ):
            return (
                f"{describe(parameter)} was used {len(users)} times in this graph, and "
                f"changed between: the loss keeps the forward passes of earlier steps "
                f"in memory, one more with every step.",
                "Sum up numbers: total += loss.item(); and cut what is carried from "
                "step to step: state = state.detach().",
                (parameter, graph.root),
            )
    return None


def _differ_on_equal_inputs(users: list[Tensor]) -> bool:
    """Return whether the same operation on the same arrays has given two results."""
    first: dict[Any, Tensor] = {}
    for user in users[:_MOST_USES]:
        if name_of(user) in _WHOLE:
            values = [x.data if is_constant(x) else x for x in user.inputs]
            key = user.op, *map(id, values)
            other = first.setdefault(key, user)
            if other is not user and is_other(user.data, other.data):
                return user.settings == other.settings
    return False


def _is_old_and_new(parameter: Tensor, users: list[Tensor]) -> bool:
    """Return whether one use has today's value of a parameter, another an older."""
    first = next((x for x in users if _shows_changes(x, parameter)), None)
    last = next((x for x in users[::-1] if _shows_changes(x, parameter)), None)
    if first is None or last is None or first is last:
        return False
    leaves = [{x for x in user.inputs if is_trainable(x)} for user in (first, last)]
    if leaves[0] != leaves[1]:  # another parameter may be what changed
        return False
    return is_outdated(first) != is_outdated(last)


def _shows_changes(user: Tensor, parameter: Tensor) -> bool:
    """Return whether any change of a parameter changes a result.

    A product with data that have a column of zeros would hide one.
    """
    if name_of(user) == "add":
        return True
    if name_of(user) not in _WHOLE:
        return False
    data = [x for x in user.inputs if x is not parameter]
    if len(data) == 1 or user.inputs[0] is data[0]:
        return bool(np.all(data[0].data))
    return False


def _joined_passes(graph: Graph) -> Evidence | None:
    """Find losses that were differentiated one by one and then joined."""
    if graph.root.grad is not None:
        return None
    passes = _terms(graph.root)
    if len(passes) < _FEWEST_PASSES:
        return None
    behind = [_behind(x) for x in passes]
    shared = set.intersection(*behind)
    parameters = [p for p in graph.parameters if p in shared]
    if not parameters or any(x.op is not None for x in shared):
        return None
    shapes = {tuple(sorted(name_of(x) for x in nodes if x.op)) for nodes in behind}
    if len(shapes) > 1:
        return None
    return (
        f"{len(passes)} losses that had their own backward() are joined to "
        f"{describe(graph.root)}. It keeps all of their graphs in memory, one more "
        f"with every step.",
        "Sum up numbers: total += loss.item().",
        (graph.root, *passes),
    )


def _terms(root: Tensor) -> list[Tensor]:
    """Return the differentiated losses that a sum, a mean or a stack is made of."""
    found: dict[Tensor, None] = {}
    stack, seen = [root], {root}
    while stack:
        node = stack.pop()
        if node.grad is not None and node.op is not None and node.size == 1:
            found[node] = None
        elif name_of(node) in _JOINING or name_of(node) in SHAPE_ONLY:
            fresh = [x for x in node.inputs if x not in seen]
            seen.update(fresh)
            stack += fresh
    return list(found)


def _behind(node: Tensor) -> set[Tensor]:
    """Return what a tensor was made from, constants left out."""
    found, stack = {node}, [node]
    while stack:
        fresh = [x for x in stack.pop().inputs if x.requires_grad and x not in found]
        found.update(fresh)
        stack += fresh
    return found


def _recorded_updates(graph: Graph) -> Evidence | None:
    """Find a leaf from which arrays were subtracted again and again.

    Each of the values in between had a gradient, because the next one was made from it,
    and serves for nothing else in this graph.
    """
    for parameter in graph.parameters:
        node, steps = parameter, []
        while node.grad is not None and len(graph.users[node]) == 1:
            user = graph.users[node][0]
            if not _is_update(user, node):
                break
            steps.append(user.inputs[1].data)
            node = user
        updates = len(steps)
        if updates >= _FEWEST_UPDATES and not np.array_equal(steps[0], steps[1]):
            return (
                f"{describe(parameter)} is the first of a chain of {updates} recorded "
                f"updates: every step of training adds one to the graph, and the "
                f"gradient belongs to a tensor that is no longer a parameter.",
                "Change the value in place: w.data -= lr * w.grad, or `with "
                "no_grad(): w -= lr * w.grad`.",
                (parameter, node),
            )
    return None


def _is_update(user: Tensor, node: Tensor) -> bool:
    if name_of(user) != "subtract" or user.inputs[0] is not node:
        return False
    step = user.inputs[1]
    return is_constant(step) and step.shape == node.shape and not is_trainable(step)
