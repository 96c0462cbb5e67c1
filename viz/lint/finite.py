"""NaN, infinities, and points at which a derivative is infinite."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.nodes import is_constant, name_of

__all__ = ["infinite_slope", "non_finite"]

_FIXES = {
    "log": "Compute it from the logits (cross_entropy, log_softmax, log_sigmoid), or "
    "keep the argument positive before the logarithm: log(where(x > 0, x, 1)).",
    "exp": "Subtract the largest value first, or use softmax, sigmoid or softplus, "
    "which do.",
    "divide": "Keep the divisor away from 0: x / (norm + 1e-8).",
    "sqrt": "Keep the argument from becoming negative: sqrt(x + 1e-12).",
}
_LOOK = "Run the forward pass inside `with autograd.debug():`, which stops there."
_RISKY = (
    "log",
    "log2",
    "log10",
    "log1p",
    "exp",
    "divide",
    "reciprocal",
    "sqrt",
    "power",
)


def non_finite(graph: Graph) -> Iterator[Finding]:
    """Report the first NaN or infinity that was made, or that the data held."""
    spoiled = not _is_finite(graph.root.data)
    for node in graph.nodes if spoiled else graph.of(*_RISKY):
        if _is_finite(node.data):
            continue
        if node.op is None:
            if np.any(np.isnan(node.data)):
                yield _in_data(node)
                return
        elif _is_origin(node):
            yield _made_here(node, spoiled)
            return


def _is_finite(values: Any) -> bool:
    """Return whether all values are finite; a sum that is tells it fastest."""
    if not np.ndim(values):
        return math.isfinite(values)
    if values.dtype.kind != "f":
        return True
    with np.errstate(all="ignore"):
        return math.isfinite(np.sum(values)) or bool(np.all(np.isfinite(values)))


def _is_origin(node: Tensor) -> bool:
    """Return whether NaN came out of numbers, or infinity out of finite numbers.

    A mask of -inf is the user's own, and is passed on.
    """
    if np.any(np.isnan(node.data)):
        return not any(_has_nan(x) for x in node.inputs)
    return all(_is_finite(x.data) for x in node.inputs)


def _has_nan(x: Tensor) -> bool:
    return x.dtype.kind == "f" and bool(np.any(np.isnan(x.data)))


def _made_here(node: Tensor, spoiled: bool) -> Finding:
    values = np.asarray(node.data)
    wrong = ~np.isfinite(values)
    place = tuple(int(k) for k in np.argwhere(wrong)[0])
    given = [
        f"{describe(x)} with {np.broadcast_to(x.data, values.shape)[place]:.4g}"
        for x in node.inputs
        if node.op is not None and node.op.elementwise
    ]
    effect = (
        "the loss is not finite"
        if spoiled
        else "the loss is finite, but the gradient is not"
    )
    inputs = f" of {' and '.join(given)}" if given else ""
    name = name_of(node)
    return finding(
        "non-finite",
        f"{name}{inputs} is {values[place]} in {np.count_nonzero(wrong)} of "
        f"{values.size} places, first at index {place}: {effect}.",
        _FIXES.get(name, _LOOK),
        node,
        *node.inputs,
    )


def _in_data(node: Tensor) -> Finding:
    count = np.count_nonzero(np.isnan(node.data))
    return finding(
        "non-finite",
        f"{describe(node)} has NaN in {count} of {node.size} places: the loss is not "
        f"finite.",
        "Fill in or leave out missing values before training.",
        node,
    )


def infinite_slope(graph: Graph) -> Iterator[Finding]:
    """Report a root of exactly 0, whose derivative is infinite."""
    for node in graph.of("sqrt", "cbrt", "power"):
        x = node.inputs[0]
        if name_of(node) == "power" and not _is_root(node.inputs[1]):
            continue
        zeros = np.count_nonzero(np.asarray(x.data) == 0)
        if zeros and not is_constant(x):
            yield finding(
                "infinite-slope",
                f"{describe(x)} is exactly 0 in {zeros} of {x.size} places, where the "
                f"derivative of its root is infinite: the gradient becomes NaN or inf.",
                "Add a small number under the root: sqrt(x + 1e-12).",
                x,
                node,
            )


def _is_root(exponent: Tensor) -> bool:
    """Return whether an exponent is a number between 0 and 1."""
    if not is_constant(exponent) or exponent.size != 1:
        return False
    return 0 < float(exponent.data.item()) < 1
