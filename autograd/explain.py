"""What went wrong in an operation, in words: which operands, from where, and the cure.

NumPy's own exception says the rule that was broken but not whose arrays broke it.  Here
it is turned into one of `autograd.errors`, with NumPy's exception kept as its cause.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import (
    AxisError,
    ChalkgradError,
    DTypeError,
    LinAlgError,
    OutOfRangeError,
    ShapeError,
)

__all__ = ["explain"]

_PRODUCTS = ("matmul", "dot", "inner", "tensordot")
_OPERATORS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "power": "**",
}


def explain(op: Any, inputs: Sequence[Any], error: Exception) -> Exception:
    """Return the exception to raise for an operation that failed on these tensors.

    Parameters
    ----------
    op : Primitive
        The operation.
    inputs : sequence of Tensor
        Its inputs.
    error : Exception
        What NumPy raised.
    """
    if isinstance(error, ChalkgradError):
        return error
    shapes = [x.shape for x in inputs]
    kind: type[ChalkgradError]
    if isinstance(error, np.exceptions.AxisError):
        kind, reason = AxisError, str(error)
    elif isinstance(error, np.linalg.LinAlgError):
        kind, reason = LinAlgError, str(error)
    elif isinstance(error, ValueError):
        kind, reason = ShapeError, _shape_reason(op, shapes) or str(error)
    elif isinstance(error, IndexError):
        kind, reason = OutOfRangeError, str(error)
    elif isinstance(error, TypeError):
        kind, reason = DTypeError, str(error)
    else:
        return error
    symbol = {"matmul": "@", **_OPERATORS}.get(op.name, "and")
    operands = f" {symbol} ".join(_operand(x, i) for i, x in enumerate(inputs))
    lines = [f"{op.name}: {reason.rstrip('.')}: {operands}.", _origins(inputs)]
    lines.append(_cure(op, inputs, shapes) if kind is ShapeError else "")
    return kind("\n  ".join(line for line in lines if line))


def _operand(x: Any, position: int) -> str:
    return f"{_label(x, position)} {x.shape} {x.dtype}"


def _label(x: Any, position: int) -> str:
    return str(x.name) if x.name else f"operand {position + 1}"


def _origins(inputs: Sequence[Any]) -> str:
    """Say where the operands were created, as far as that is known."""
    known = [
        f"{_label(x, i)} at {x.created_at}"
        for i, x in enumerate(inputs)
        if x.created_at
    ]
    return f"created: {', '.join(known)}." if known else ""


def _shape_reason(op: Any, shapes: list[tuple[int, ...]]) -> str:
    """Say which two sizes disagree; empty if that is not what went wrong."""
    if op.name in _PRODUCTS and len(shapes) == 2 and all(shapes):
        a, b = shapes
        inner = b[-2] if len(b) > 1 else b[-1]
        if a[-1] != inner:
            return f"inner sizes differ, {a[-1]} and {inner}"
    if op.elementwise and len(shapes) == 2:
        a, b = shapes
        for k in range(1, min(len(a), len(b)) + 1):
            if a[-k] != b[-k] and 1 not in (a[-k], b[-k]):
                axis = "last axis" if k == 1 else f"axis {-k}"
                return f"shapes do not broadcast, {axis} is {a[-k]} and {b[-k]}"
    return ""


def _cure(op: Any, inputs: Sequence[Any], shapes: list[tuple[int, ...]]) -> str:
    """Suggest a line that would work, where one is easy to see."""
    if len(shapes) != 2:
        return ""
    (a, b), (left, right) = shapes, [_label(x, i) for i, x in enumerate(inputs)]
    if op.name in _PRODUCTS and len(a) == len(b) == 2:
        if a[1] == b[1]:
            return f"Did you mean {left} @ {right}.T?"
        if a[0] == b[0]:
            return f"Did you mean {left}.T @ {right}?"
        if a[0] == b[1]:
            return f"Did you mean {right} @ {left}?"
    if op.elementwise:
        for x, y, name in ((a, b, right), (b, a, left)):
            if len(x) == 2 and y == (x[0],):
                return (
                    f"To repeat it along the columns, write {name}.reshape({x[0]}, 1)."
                )
            if len(x) == 2 and y == x[::-1]:
                return f"Did you mean {name}.T?"
    return ""
