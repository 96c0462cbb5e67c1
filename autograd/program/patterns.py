"""Known simplifications of the backward pass, found in the graph.

    A = 1 / (1 + exp(-Z))                        dZ = dA * A * (1 - A)
    L = Y * log(A) + (1 - Y) * log(1 - A),
        A the sigmoid of Z                       dZ = dL * (Y - A)

A pattern is used only where nothing else reads the values that it passes over.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autograd.program.names import Identifiers
from autograd.recognition import as_sigmoid, made_by
from autograd.tensor import Tensor

__all__ = ["Shortcut", "shortcuts"]


class Shortcut(NamedTuple):
    """The derivative of a result straight to a tensor some operations before it.

    Attributes
    ----------
    target : Tensor
        Where it goes.
    formula : str
        Python text, with ``G`` for the cotangent of the result.
    note : str
        What it rests on at the recorded point, as a sentence; empty if nothing.
    """

    target: Tensor
    formula: str
    note: str = ""


def shortcuts(order: Sequence[Tensor], names: Identifiers) -> dict[Tensor, Shortcut]:
    """Return the simplifications that a graph allows, by the result they start at."""
    uses = Counter(x for tensor in order for x in tensor.inputs)
    logits = {}
    found = {}
    for tensor in order:
        sigmoid = as_sigmoid(tensor)
        if sigmoid is None or not sigmoid.is_hidden(uses):
            continue
        if sigmoid.sign == 1:
            logits[tensor] = sigmoid.logits
        if sigmoid.parts:
            a, sign = names[tensor], "-" if sigmoid.sign < 0 else ""
            found[tensor] = Shortcut(sigmoid.logits, f"{sign}G * {a} * (1 - {a})")
    for tensor in order:
        match = _cross_entropy(tensor, uses)
        if match is not None and match[0] in logits:
            output, target = match
            formula = f"-G * ({names[output]} - {names[target]})"
            found[tensor] = Shortcut(logits[output], formula)
    return found


def _cross_entropy(
    total: Tensor, uses: Counter[Tensor]
) -> tuple[Tensor, Tensor] | None:
    """Return A and Y if a tensor is Y log(A) + (1 - Y) log(1 - A)."""
    if not made_by(total, "add"):
        return None
    for first, second in (total.inputs, total.inputs[::-1]):
        one, other = _log_times(first), _log_times(second)
        if one is None or other is None or uses[first] != 1 or uses[second] != 1:
            continue
        (log_a, y), (log_b, not_y) = one, other
        a, b = log_a.inputs[0], log_b.inputs[0]
        complement = made_by(b, "subtract") and _is_number(b.inputs[0], 1)
        if not complement or b.inputs[1] is not a or uses[a] != 2:
            continue
        hidden = all(uses[x] == 1 for x in (log_a, log_b, b))
        if hidden and np.array_equal(not_y.data, 1 - y.data):
            return a, y
    return None


def _log_times(product: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return the logarithm and the constant array of a product of the two."""
    if not made_by(product, "multiply"):
        return None
    for log, y in (product.inputs, product.inputs[::-1]):
        constant = y.op is None and not y.requires_grad
        if made_by(log, "log") and constant and y.shape == log.shape:
            return log, y
    return None


def _is_number(tensor: Tensor, number: float) -> bool:
    constant = tensor.op is None and not tensor.requires_grad and tensor.ndim == 0
    return constant and tensor.item() == number
