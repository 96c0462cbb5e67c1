"""Functions that are recognised whether they were called or written by hand.

The sigmoid is recognised by `autograd.recognition`.
"""

from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.recognition import are_same, quotient
from viz.lint.nodes import is_constant, name_of, source

__all__ = ["Softmax", "as_relu", "as_softmax", "as_softmax_or_log"]

_MOST_TERMS = 100  # of a sum of single numbers


class Softmax(NamedTuple):
    """A softmax: its result, what it was applied to, and along which axis."""

    result: Tensor
    logits: Tensor
    axis: int | None  # None: all elements, or single numbers


def as_softmax(node: Tensor) -> Softmax | None:
    """Return the softmax that made a tensor: ``softmax`` or ``exp(z) / sum(exp(z))``.

    Examples
    --------
    >>> z = Tensor([[1.0, 2.0]])
    >>> e = np.exp(z)
    >>> as_softmax(e / np.sum(e, axis=1, keepdims=True)).axis
    1
    >>> as_softmax(e) is None
    True
    """
    name = name_of(node)
    if name == "softmax":
        return Softmax(node, node.inputs[0], _axis(node.settings["axis"], node))
    if name == "exp" and name_of(node.inputs[0]) == "log_softmax":
        logs = node.inputs[0]
        return Softmax(node, logs.inputs[0], _axis(logs.settings["axis"], logs))
    powers, total, _ = quotient(node)
    if powers is None or total is None or name_of(powers) != "exp":
        return None
    total = source(total)
    if name_of(total) == "sum" and are_same(total.inputs[0], powers):
        return Softmax(node, powers.inputs[0], _axis(total.settings["axis"], powers))
    if not node.ndim and _is_sum_of_powers(total, powers):
        return Softmax(node, powers.inputs[0], None)
    return None


def as_softmax_or_log(node: Tensor) -> Softmax | None:
    """Return the softmax behind probabilities or their logarithms."""
    if name_of(node) == "log_softmax":
        return Softmax(node, node.inputs[0], _axis(node.settings["axis"], node))
    return as_softmax(source(node.inputs[0]) if name_of(node) == "log" else node)


def _axis(axis: Any, node: Tensor) -> int | None:
    """Return a single axis counted from the front; None for all or several."""
    if axis is None:
        return 0 if node.ndim == 1 else None
    axes = axis if isinstance(axis, tuple) else (axis,)
    return int(axes[0]) % node.ndim if len(axes) == 1 else None


def _is_sum_of_powers(total: Tensor, power: Tensor) -> bool:
    """Return whether this is exp(a) + exp(b) + ... with a given one among them."""
    terms: dict[Tensor, None] = {}
    stack = [total]
    while stack and len(terms) < _MOST_TERMS:
        node = stack.pop()
        if name_of(node) == "add":
            stack.extend(node.inputs)
        else:
            terms[node] = None
    if len(terms) < 2 or any(name_of(term) != "exp" for term in terms):
        return False
    return power in terms or any(are_same(term, power) for term in terms)


def as_relu(node: Tensor) -> Tensor | None:
    """Return the input of a relu: ``relu(z)``, ``maximum(z, 0)``, ``z * (z > 0)``.

    Examples
    --------
    >>> z = Tensor([1.0, -2.0])
    >>> [as_relu(y) is z for y in (np.maximum(0, z), z * (z > 0), z * 2)]
    [True, True, False]
    """
    name = name_of(node)
    if name == "relu":
        return node.inputs[0]
    if name in ("maximum", "fmax", "multiply"):
        for z, other in (node.inputs, node.inputs[::-1]):
            zero = name != "multiply" and is_constant(other, 0)
            if not is_constant(z) and (zero or _is_positive(other, z)):
                return z
    if name == "where":
        condition, z, other = node.inputs
        if _is_positive(condition, z) and is_constant(other, 0):
            return z
    return None


def _is_positive(mask: Tensor, z: Tensor) -> bool:
    """Return whether a boolean array says where z is positive."""
    if mask.dtype != bool or mask.shape != z.shape:
        return False
    return np.array_equal(mask.data, z.data > 0) or np.array_equal(
        mask.data, z.data >= 0
    )
