"""The first NaN or infinity, in words: which operation, where, from what; the cure."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd.errors import NonFiniteError
from autograd.tensor import Tensor, describe

__all__ = ["in_backward", "in_cotangent", "in_forward"]


def in_forward(out: Tensor, op: Any, inputs: Sequence[Tensor]) -> None:
    """Raise for the result of an operation, unless its infinities came from outside.

    Parameters
    ----------
    out : Tensor
        The result, which is not finite.
    op : Primitive
        The operation.
    inputs : sequence of Tensor
        What it was given.
    """
    wrong = np.isnan(out.data)
    if not wrong.any():
        if any(np.isinf(x.data).any() for x in inputs if x.dtype.kind == "f"):
            return
        wrong = np.isinf(out.data)
    index = _first(wrong)
    place = f" at {out.created_at}" if out.created_at else ""
    source = _already_nan(inputs)
    if source and np.isnan(out.data[index]):
        raise NonFiniteError(
            f"{op.name}{place} was given a NaN: {source}. Look for it where that value "
            f"was made; np.isnan finds it, np.nan_to_num replaces it."
        )
    raise NonFiniteError(
        f"{op.name}{place} gave {out.data[index]} at index {index}, "
        f"{_inputs_there(out, op, inputs, index)}.\n"
        f"  {_cure(op.name, inputs)}"
    )


def in_backward(node: Tensor, position: int, g: Any, product: Any) -> NoReturn:
    """Raise for the vector-Jacobian product of one input of a node.

    Parameters
    ----------
    node : Tensor
        The node whose rule was run.
    position : int
        For which of its inputs.
    g : ndarray or NumPy scalar
        The cotangent of the node, which is finite.
    product : ndarray or NumPy scalar
        What the rule returned, which is not.
    """
    op, x = node.op, node.inputs[position]
    assert op is not None
    index = _first(~np.isfinite(product))
    place = f" at {node.created_at}" if node.created_at else ""
    cotangent = ""
    if np.shape(g) == product.shape:
        cotangent = f" and the gradient that arrives is {np.asarray(g)[index]}"
    raise NonFiniteError(
        f"first {_kind(product[index])} in backward: {op.name}{place}, gradient of "
        f"input {position}, {describe(x)}, at index {index}: {product[index]}, where "
        f"the input is {x.data[index]}{cotangent}.\n  {_cure(op.name, node.inputs)}"
    )


def in_cotangent(node: Tensor, cotangent: Any) -> NoReturn:
    """Raise for the complete cotangent of a node: a seed, a hook, or an overflow."""
    index = _first(~np.isfinite(cotangent))
    raise NonFiniteError(
        f"first {_kind(cotangent[index])} in backward: the gradient that arrives at "
        f"{describe(node)} is {cotangent[index]} at index {index}. It was given to "
        f"backward(gradient=), came from a hook, or the sum of its parts overflowed."
    )


def _first(wrong: Any) -> tuple[int, ...]:
    """Return the index of the first True, in C order."""
    return tuple(int(k) for k in np.argwhere(wrong)[0])


def _kind(value: Any) -> str:
    return "NaN" if np.isnan(value) else "infinity"


def _already_nan(inputs: Sequence[Tensor]) -> str:
    for x in inputs:
        if x.dtype.kind == "f" and np.isnan(x.data).any():
            return f"{describe(x)} holds one at index {_first(np.isnan(x.data))}"
    return ""


def _inputs_there(out: Tensor, op: Any, inputs: Sequence[Tensor], index: Any) -> str:
    """Say what the inputs were at an index, or between which values they lay."""
    if op.elementwise:
        there = [np.broadcast_to(x.data, out.shape)[index] for x in inputs]
        values = [f"{describe(x)} is {v}" for x, v in zip(inputs, there, strict=True)]
        return f"where {' and '.join(values)}"
    ranges = [
        f"{describe(x)} lies between {x.data.min()} and {x.data.max()}"
        for x in inputs
        if x.size
    ]
    return f"where {' and '.join(ranges)}" if ranges else "of empty inputs"


def _cure(name: str, inputs: Sequence[Tensor]) -> str:
    """Say what to write in place of an operation that went wrong."""
    cure = _CURES.get(name)
    if cure is None:
        return (
            f"Keep the input of {name} away from the point, with np.where or np.clip."
        )
    return cure(*inputs) if callable(cure) else cure


def _came_from(x: Tensor, *names: str) -> bool:
    """Return whether a chain of operations ends in ``x``, the last one first."""
    for name in names:
        if x.op is None or x.op.name != name:
            return False
        x = next((y for y in x.inputs if y.op is not None), x.inputs[0])
    return True


def _masked(name: str, safe: str) -> str:
    return (
        f"Apply where to the input of {name}, not to its result: {name}({safe}).\n"
        f"  Multiplying the result by 0 does not help, because 0 * inf is nan."
    )


def _log(x: Tensor) -> str:
    if _came_from(x, "softmax"):
        return "Use log_softmax in place of log(softmax(x))."
    if _came_from(x, "sigmoid"):
        return "Use log_sigmoid in place of log(sigmoid(x))."
    if _came_from(x, "sum", "exp"):
        return "Use logsumexp in place of log(sum(exp(x)))."
    if _came_from(x, "add", "exp"):
        return "Use softplus in place of log(1 + exp(x))."
    return _masked("log", "where(x > 0, x, 1)")


def _sqrt(x: Tensor) -> str:
    if _came_from(x, "sum"):
        return (
            "Use norm in place of sqrt(sum(x * x)): linalg.norm(x) has the gradient 0 "
            "at x = 0, where sqrt has none."
        )
    return _masked("sqrt", "where(x > 0, x, 1)")


def _divide(a: Tensor, b: Tensor) -> str:
    if _came_from(a, "exp"):
        return "Use softmax in place of exp(x) / sum(exp(x))."
    if _came_from(b, "add", "exp"):
        return "Use sigmoid in place of 1 / (1 + exp(-x))."
    return "Apply where to the divisor: a / where(b != 0, b, 1)."


def _softmax(x: Tensor) -> str:
    masked = np.isneginf(x.data).all(axis=-1)
    if not masked.any():
        return "Scale the input down."
    row = _first(masked)
    which = f"Row {', '.join(map(str, row))}" if row else "The only row"
    return (
        f"{which} is fully masked: every entry is -inf. Leave one entry of each row "
        f"unmasked, or leave such rows out."
    )


_CURES: dict[str, str | Callable[..., str]] = {
    "log": _log,
    "log2": _masked("log2", "where(x > 0, x, 1)"),
    "log10": _masked("log10", "where(x > 0, x, 1)"),
    "log1p": _masked("log1p", "where(x > -1, x, 0)"),
    "sqrt": _sqrt,
    "cbrt": _masked("cbrt", "where(x != 0, x, 1)"),
    "divide": _divide,
    "reciprocal": "Apply where to the input: 1 / where(x != 0, x, 1).",
    "power": (
        "Apply where to the base, power(where(x > 0, x, 1), p), or put the powers "
        "together: x * x**0.5 is x**1.5, whose gradient at 0 is 0."
    ),
    "exp": (
        "exp overflows above 709 (88 in float32). Use sigmoid for 1 / (1 + exp(-x)), "
        "softplus for log(1 + exp(x)), logsumexp for log(sum(exp(x))), softmax for "
        "exp(x) / sum(exp(x)); they stay finite."
    ),
    "logaddexp": "Both inputs are -inf there: log(0 + 0) has no gradient.",
    "logsumexp": _softmax,
    "softmax": _softmax,
    "log_softmax": _softmax,
    "arcsin": "Clip the input: its slope is infinite at -1 and 1.",
    "arccos": "Clip the input: its slope is infinite at -1 and 1.",
    "norm": "The values are too large: scale them down.",
}
