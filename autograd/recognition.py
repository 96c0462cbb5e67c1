"""Functions that are recognised in a graph, whether called or written out.

    sigmoid(z)   1 / (1 + exp(-z))   exp(z) / (1 + exp(z))   reciprocal(1 + exp(-z))
    softmax(z)   exp(z) / sum(exp(z))

The source and the derivation of a graph replace what is written out by the function's
own short derivative; `viz.lint` looks for mistakes made with it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.tensor import Tensor

__all__ = [
    "Sigmoid",
    "Softmax",
    "are_same",
    "as_sigmoid",
    "as_softmax",
    "made_by",
    "quotient",
]

_DEEPEST = 6  # operations that are compared
_INVERSE = ("divide", "reciprocal")


class Sigmoid(NamedTuple):
    """A sigmoid.

    Attributes
    ----------
    result : Tensor
        Its value: ``sigmoid(sign * logits)``.
    logits : Tensor
        What it was applied to.
    sign : int
        1 or -1.
    parts : tuple of Tensor
        The steps between the two: none where it was called by name.
    is_complete : bool
        Whether the logits are all that it was computed from; otherwise they were
        computed twice.
    """

    result: Tensor
    logits: Tensor
    sign: int = 1
    parts: tuple[Tensor, ...] = ()
    is_complete: bool = True

    def is_hidden(self, uses: Mapping[Tensor, int]) -> bool:
        """Return whether nothing else reads the steps, so that they can be replaced.

        Parameters
        ----------
        uses : mapping of Tensor to int
            How often each tensor of the graph is an input.
        """
        return self.is_complete and _are_hidden(self.result, self.parts, uses)


class Softmax(NamedTuple):
    """A softmax.

    Attributes
    ----------
    result : Tensor
        Its value.
    logits : Tensor
        What it was applied to.
    axis : int, tuple of int or None
        What the exponentials were added up over, as it was given.
    parts : tuple of Tensor
        The steps between the two: none where it was called by name.
    """

    result: Tensor
    logits: Tensor
    axis: Any
    parts: tuple[Tensor, ...] = ()

    def is_hidden(self, uses: Mapping[Tensor, int]) -> bool:
        """Return whether nothing else reads the steps: see `Sigmoid.is_hidden`."""
        return _are_hidden(self.result, self.parts, uses)


def _are_hidden(
    result: Tensor, parts: tuple[Tensor, ...], uses: Mapping[Tensor, int]
) -> bool:
    inside = Counter(x for node in (result, *parts) for x in node.inputs)
    return all(uses[x] == inside[x] for x in parts)


def as_sigmoid(tensor: Tensor) -> Sigmoid | None:
    """Return the sigmoid that a tensor is, or None.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, sigmoid
    >>> z = Tensor([1.0, 2.0])
    >>> forms = sigmoid(z), 1 / (1 + np.exp(-z)), np.exp(z) / (np.exp(z) + 1)
    >>> [as_sigmoid(a).logits is z for a in forms]
    [True, True, True]
    >>> as_sigmoid(1 / (2 + np.exp(-z))) is None
    True
    """
    if made_by(tensor, "sigmoid"):
        return Sigmoid(tensor, tensor.inputs[0])
    numerator, below, steps = quotient(tensor)
    if below is None or not made_by(below, "add"):
        return None
    for one, power in (below.inputs, below.inputs[::-1]):
        if not made_by(power, "exp") or not _is_number(one, 1):
            continue
        if numerator is None or _is_number(numerator, 1):
            return _of_power(tensor, power, -1, (*steps, below))
        if are_same(numerator, power):
            found = _of_power(tensor, power, 1, (*steps, below))
            return found and _with_numerator(found, numerator)
    return None


def as_softmax(tensor: Tensor) -> Softmax | None:
    """Return the softmax that a tensor is, or None.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> z = Tensor([[1.0, 2.0]])
    >>> powers = np.exp(z)
    >>> as_softmax(powers / np.sum(powers, axis=1, keepdims=True)).axis
    1
    """
    if made_by(tensor, "softmax"):
        return Softmax(tensor, tensor.inputs[0], tensor.settings["axis"])
    if not made_by(tensor, "divide"):
        return None
    powers, total = tensor.inputs
    if not made_by(powers, "exp") or not made_by(total, "sum"):
        return None
    if total.inputs[0] is not powers or not total.settings["keepdims"]:
        return None
    axis = total.settings["axis"]
    return Softmax(tensor, powers.inputs[0], axis, (powers, total))


def _of_power(
    result: Tensor, power: Tensor, sign: int, steps: tuple[Tensor, ...]
) -> Sigmoid | None:
    """Return the sigmoid of an exponent, or of minus the exponent."""
    exponent = power.inputs[0]
    logits = _negated(exponent)
    if logits is None:
        found = Sigmoid(result, exponent, sign, (*steps, power))
    else:
        found = Sigmoid(result, logits, -sign, (*steps, power, exponent))
    is_elementwise = found.logits.shape == result.shape
    return found if is_elementwise and found.logits.dtype == result.dtype else None


def _with_numerator(found: Sigmoid, numerator: Tensor) -> Sigmoid:
    """Add the power above the line to the steps."""
    parts = dict.fromkeys(found.parts)  # looked up by identity
    if numerator in parts:
        return found
    exponent = numerator.inputs[0]
    inner = () if exponent is found.logits else (exponent,)
    logits = _negated(exponent) if inner else exponent
    parts |= dict.fromkeys((numerator, *inner))
    return found._replace(parts=tuple(parts), is_complete=logits is found.logits)


def _negated(tensor: Tensor) -> Tensor | None:
    """Return z of ``-z``, ``-1 * z`` and ``z * -1``."""
    if made_by(tensor, "negative"):
        return tensor.inputs[0]
    if made_by(tensor, "multiply"):
        for number, z in (tensor.inputs, tensor.inputs[::-1]):
            if _is_number(number, -1):
                return z
    return None


def quotient(
    tensor: Tensor,
) -> tuple[Tensor | None, Tensor | None, tuple[Tensor, ...]]:
    """Return numerator, divisor and the steps between of a quotient.

    The forms are ``a / b``, ``a * (1 / b)`` and ``reciprocal(b)``; without a numerator
    it is 1, and where there is no divisor it is none of them.
    """
    if made_by(tensor, "divide"):
        return tensor.inputs[0], tensor.inputs[1], ()
    if made_by(tensor, "reciprocal"):
        return None, tensor.inputs[0], ()
    if made_by(tensor, "multiply"):
        for a, inverse in (tensor.inputs, tensor.inputs[::-1]):
            if made_by(inverse, *_INVERSE):
                one, b, _ = quotient(inverse)
                if one is None or _is_number(one, 1):
                    return a, b, (inverse,)
    return None, None, ()


def are_same(a: Tensor, b: Tensor, depth: int = _DEEPEST) -> bool:
    """Return whether two tensors are one, or were computed in the same way.

    ``np.exp(z) / np.sum(np.exp(z))`` makes the exponentials twice.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> z = Tensor([1.0, 2.0])
    >>> are_same(np.exp(z - 1), np.exp(z - 1)), are_same(np.exp(z), np.exp(-z))
    (True, False)
    """
    if a is b:
        return True
    if _is_constant(a) and _is_constant(b):
        return a.shape == b.shape and np.array_equal(a.data, b.data)
    if a.op is None or a.op is not b.op or a.shape != b.shape or not depth:
        return False
    if repr(a.settings) != repr(b.settings) or len(a.inputs) != len(b.inputs):
        return False
    return all(
        are_same(x, y, depth - 1) for x, y in zip(a.inputs, b.inputs, strict=True)
    )


def made_by(tensor: Tensor, *names: str) -> bool:
    """Return whether a tensor is the result of an operation of one of the names."""
    return tensor.op is not None and tensor.op.name in names


def _is_constant(tensor: Tensor) -> bool:
    return tensor.op is None and not tensor.requires_grad


def _is_number(tensor: Tensor, value: float) -> bool:
    return _is_constant(tensor) and tensor.size == 1 and bool(tensor.item() == value)
