"""Two recordings of one function, at different values of its arguments."""

from typing import Any

import numpy as np

from autograd.compiler.trace import Trace
from autograd.compiler.watching import NotCompilable
from autograd.tensor import Tensor

__all__ = ["require_equal"]


def require_equal(first: Trace, second: Trace) -> None:
    """Raise unless two recordings differ in the values of the arguments only.

    Parameters
    ----------
    first, second : Trace
        Recordings of one function at different values.
    """
    if len(first.order) != len(second.order):
        raise NotCompilable(
            "it records other operations at other values of its arguments"
        )
    ours = {x: k for k, x in enumerate(first.order)}
    theirs = {x: k for k, x in enumerate(second.order)}
    given = {*first.captured, *first.arguments}
    for a, b in zip(first.order, second.order, strict=True):
        if a in given:
            is_equal = first.arguments.get(a) == second.arguments.get(b)
        elif a.op is None:
            is_equal = _same_value(a, b, first, second)
        else:
            is_equal = (
                a.op is b.op
                and [ours[x] for x in a.inputs] == [theirs[x] for x in b.inputs]
                and _same_settings(a.settings, b.settings, first, second)
            )
        if not is_equal:
            raise NotCompilable(
                f"{_used_in(a, first)} differs at other values of the arguments: it "
                f"is computed from them outside of the graph, or at random"
            )


def _same_value(a: Tensor, b: Tensor, first: Trace, second: Trace) -> bool:
    if a in first.views or b in second.views:
        return first.views.get(a) == second.views.get(b)
    return b.op is None and _same_array(a._data, b._data)


def _same_array(a: Any, b: Any) -> bool:
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _same_settings(a: Any, b: Any, first: Trace, second: Trace) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return all([_same_settings(a[k], b[k], first, second) for k in a])
    if isinstance(a, list | tuple):
        pairs = zip(a, b, strict=False)
        same = [_same_settings(x, y, first, second) for x, y in pairs]
        return len(a) == len(b) and all(same)
    if isinstance(a, np.ndarray):
        if id(a) in first.views:
            return first.views[id(a)] == second.views.get(id(b))
        return _same_array(a, b)
    return bool(a == b) or a is b


def _used_in(tensor: Tensor, found: Trace) -> str:
    """Return words for a constant or an operation."""
    if tensor.op is not None:
        return f"what is recorded of {tensor.op.name}"
    for user in found.order:
        if any([x is tensor for x in user.inputs]) and user.op is not None:
            return f"an operand of {user.op.name}"
    return "a constant"
