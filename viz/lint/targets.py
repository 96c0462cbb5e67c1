"""Predictions that do not fit their targets."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.recognition import as_sigmoid
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.nodes import is_constant, name_of, source
from viz.lint.patterns import as_relu, as_softmax, as_softmax_or_log

__all__ = [
    "compared_with_itself",
    "softmax_axis",
    "targets_outside_0_1",
    "unreachable_target",
]

_BCE = ("binary_cross_entropy", "binary_cross_entropy_with_logits")
_MARGIN = 0.1  # how far outside a target must be, or in its standard deviations
_SHARE = 0.1  # of the targets


def targets_outside_0_1(graph: Graph) -> Iterator[Finding]:
    """Report a cross entropy of two classes whose targets are no probabilities."""
    for node in graph.of(*_BCE):
        target = source(node.inputs[1])
        if target.op is None and _leaves_0_1(target.data):
            yield _outside(node, target)
    for node, target in _written_out(graph):
        if _leaves_0_1(target.data):
            yield _outside(node, target)


def _leaves_0_1(values: Any) -> bool:
    return bool(np.any(values < -1e-6) or np.any(values > 1 + 1e-6))


def _written_out(graph: Graph) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield where y log p + (1 - y) log(1 - p) was written, and y."""
    terms: dict[Tensor, list[tuple[Tensor, Tensor]]] = {}
    for node in graph.of("multiply"):
        for y, log in (node.inputs, node.inputs[::-1]) if node.ndim else ():
            if is_constant(y) and y.ndim and name_of(log) == "log":
                p = log.inputs[0]
                rest = name_of(p) == "subtract" and is_constant(p.inputs[0], 1)
                terms.setdefault(p.inputs[1] if rest else p, []).append((node, y))
    for pair in terms.values():
        if len(pair) == 2:
            (node, y), (_, other) = pair
            if y.shape == other.shape and np.array_equal(1 - y.data, other.data):
                yield node, y


def _outside(node: Tensor, target: Tensor) -> Finding:
    low, high = float(np.min(target.data)), float(np.max(target.data))
    return finding(
        "targets-outside-0-1",
        f"The targets of a binary cross entropy, {describe(target)}, go from {low:.4g} "
        f"to {high:.4g}. It needs probabilities from 0 to 1; with others the loss has "
        f"no minimum where the prediction is right.",
        "Make the classes 0 and 1: (y + 1) / 2 of -1 and 1, y - 1 of 1 and 2, "
        "y / 255 of pixels.",
        target,
        node,
    )


def unreachable_target(graph: Graph) -> Iterator[Finding]:
    """Report targets outside the range of the activation of the output."""
    for node in graph.of("subtract"):
        for prediction, target in (node.inputs, node.inputs[::-1]):
            if not is_constant(target) or target.shape != prediction.shape:
                continue
            if target.size < 2 or not _is_error(graph, node):
                continue
            bounds = _bounds(source(prediction))
            if bounds is None:
                continue
            activation, low, high = bounds
            values = target.data
            margin = _MARGIN * max(1.0, float(np.std(values)))
            outside = np.mean((values < low - margin) | (values > high + margin))
            if outside > _SHARE:
                yield finding(
                    "unreachable-target",
                    f"{describe(prediction)} comes out of {activation} and is compared "
                    f"with targets from {np.min(values):.4g} to {np.max(values):.4g}, "
                    f"of which it cannot reach {outside:.0%}.",
                    f"Leave the {activation} of the output out, or scale the targets "
                    f"into its range.",
                    prediction,
                    target,
                    node,
                )


def _bounds(node: Tensor) -> tuple[str, float, float] | None:
    """Return an activation and its lowest and highest value."""
    if as_sigmoid(node) is not None:
        return "sigmoid", 0.0, 1.0
    if name_of(node) == "tanh":
        return "tanh", -1.0, 1.0
    if as_softmax(node) is not None:
        return "softmax", 0.0, 1.0
    return ("relu", 0.0, np.inf) if as_relu(node) is not None else None


def _is_error(graph: Graph, node: Tensor) -> bool:
    """Return whether a difference is squared, or its magnitude taken."""
    magnitudes = {"square", "absolute", "fabs", "power"}
    users = graph.users[node]
    return bool(users) and all(
        name_of(x) in magnitudes
        or (name_of(x) == "multiply" and x.inputs[0] is x.inputs[1])
        for x in users
    )


def softmax_axis(graph: Graph) -> Iterator[Finding]:
    """Report a softmax along the samples, where targets show the classes' axis."""
    for node in graph.of("multiply", "subtract"):
        for x, target in (node.inputs, node.inputs[::-1]) if node.ndim == 2 else ():
            softmax = as_softmax_or_log(x) if is_constant(target) else None
            if softmax is None or x.shape != target.shape:
                continue
            axis = _class_axis(target.data)
            if axis is not None and softmax.axis == 1 - axis:
                yield _along_samples(softmax.logits, softmax.axis, axis, node)
    for node in graph.of("getitem"):
        softmax = as_softmax_or_log(node.inputs[0])
        if softmax is not None and softmax.axis == 0 and _picks_rows(node):
            yield _along_samples(softmax.logits, 0, 1, node)


def _class_axis(target: Any) -> int | None:
    """Return the axis along which targets add up to 1, if they do along one only."""
    if target.dtype.kind not in "fiub" or not np.all(target >= 0):
        return None
    sums = [bool(np.allclose(np.sum(target, axis=k), 1)) for k in (0, 1)]
    return None if sums[0] == sums[1] else int(sums[1])


def _picks_rows(node: Tensor) -> bool:
    """Return whether one element of every row is picked, and not the diagonal."""
    index, x = node.settings["index"], node.inputs[0]
    if x.ndim != 2 or not isinstance(index, tuple) or len(index) != 2:
        return False
    if not all(isinstance(k, np.ndarray) and k.ndim == 1 for k in index):
        return False
    rows, classes = index
    every = np.array_equal(rows, np.arange(len(x)))
    return every and not np.array_equal(rows, classes)


def _along_samples(logits: Tensor, axis: int, right: int, node: Tensor) -> Finding:
    return finding(
        "softmax-axis",
        f"The softmax of {describe(logits)} is along axis {axis}, but the targets have "
        f"their classes along axis {right}: probabilities add up to 1 over the samples "
        f"of the batch, not over the classes.",
        f"Write axis={right}.",
        logits,
        node,
    )


def compared_with_itself(graph: Graph) -> Iterator[Finding]:
    """Report a difference of a tensor and itself, which is always 0."""
    for node in graph.of("subtract"):
        a, b = node.inputs
        if a is b and a.op is not None:
            yield finding(
                "compared-with-itself",
                f"{describe(a)} is subtracted from itself: the difference is always 0, "
                f"and so is its gradient.",
                "Give the loss the prediction and the target.",
                a,
                node,
            )
