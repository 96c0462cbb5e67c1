"""A recorded graph as lines: the forward pass, and the backward pass.

Every operation becomes the text that a drawing shows for it, and every vector-Jacobian
product the formula of its rule (`autograd.formula`). Each is run at the recorded point
and compared with the operation and the rule themselves; where the readable text does
not hold there (the derivative of a product at a zero factor, say), the line calls them.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine import sum_to_shape
from autograd.formula import expression, formula, with_names
from autograd.graph_order import depending_on
from autograd.program.calls import public_call
from autograd.program.lines import Line, parse, replaced
from autograd.program.names import Identifiers
from autograd.program.patterns import Shortcut
from autograd.program.values import Values
from autograd.symbol import index_text
from autograd.tensor import Tensor

__all__ = ["backward_lines", "forward_lines"]


def forward_lines(
    order: Sequence[Tensor], names: Identifiers, values: Values
) -> list[Line]:
    """Return one line for each operation, inputs first."""
    lines = []
    for tensor in order:
        if tensor.op is not None:
            text = _read_out(tensor, names) or expression(tensor, names.__getitem__)
            values.add(names.constants)
            if not (text and _gives(text, tensor.data, values)):
                text = public_call(tensor, names, _literal)
            if not (text and _gives(text, tensor.data, values)):
                text = _call("function", tensor, names)
            lines.append(Line(names[tensor], parse(text), tensor in names.known))
    return lines


def backward_lines(
    order: Sequence[Tensor],
    wanted: Sequence[Tensor],
    names: Identifiers,
    values: Values,
    known: Mapping[Tensor, Shortcut],
) -> list[Line]:
    """Return one line for each gradient, from the result towards the leaves.

    What several operations send to one tensor is added up in its line, in the order in
    which the engine adds it.  ``known`` are simplifications of the backward pass.
    """
    useful = depending_on(order, wanted)
    arrived: dict[Tensor, list[ast.expr]] = {order[-1]: [parse("1.0")]}
    lines = []
    for tensor in reversed(order):
        if tensor not in useful or tensor not in arrived:
            continue
        line = Line(
            names.gradient(tensor), _sum(arrived[tensor]), tensor in names.known
        )
        values.set(line.target, line.expression)
        lines.append(line)
        g = parse(line.target)
        for x, text in _products(tensor, line.target, known.get(tensor), names, values):
            if x in useful:
                arrived.setdefault(x, []).append(replaced(parse(text), {"G": g}))
    return lines


def _sum(terms: Sequence[ast.expr]) -> ast.expr:
    total = terms[0]
    for term in terms[1:]:
        total = ast.BinOp(total, ast.Add(), term)
    return total


def _products(
    tensor: Tensor,
    gradient: str,
    shortcut: Shortcut | None,
    names: Identifiers,
    values: Values,
) -> list[tuple[Tensor, str]]:
    """Return what a tensor sends to others, as text with ``G`` for its cotangent."""
    if shortcut is not None:
        return [(shortcut.target, shortcut.formula)]
    if tensor.op is None:
        return []
    products = []
    g = values.of(gradient)
    for position, x in enumerate(tensor.inputs):
        rule = tensor.op.rule(position)
        if rule is None or not (x.op or x.requires_grad):
            continue
        inputs = [t.data for t in tensor.inputs]
        with np.errstate(all="ignore"):
            right = rule(g, tensor.data, *inputs, **(tensor.settings or {}))
        text = formula(tensor, position, names.__getitem__, names.constant)
        values.add(names.constants)
        as_read = ast.unparse(replaced(parse(text), {"G": parse(gradient)}))
        added_up = sum_to_shape(np.asarray(right), x.shape)
        if not _gives(as_read, added_up, values, _largest(right)):
            text = _call(f"rule({position})", tensor, names, f"G, {names[tensor]}, ")
            if np.shape(right) != x.shape:
                text = f"autograd.engine.sum_to_shape({text}, {x.shape})"
        products.append((x, text))
    return products


def _gives(text: str, right: Any, values: Values, terms: float = 0.0) -> bool:
    """Return whether an expression has a value, up to the last bits.

    Where the value is a sum, that is the last bits of its terms: they may cancel.
    """
    try:
        value = values[parse(text)]
    except Exception:  # it cannot be run, whatever the reason
        return False
    rtol = 1e-4 if np.asarray(right).dtype == np.float32 else 1e-10
    kind = np.asarray(right).dtype.kind
    if np.shape(value) != np.shape(right) or kind not in "fiub":
        return False
    atol = rtol * max(terms, _largest(right))
    return np.allclose(value, right, rtol=rtol, atol=atol, equal_nan=True)


def _largest(x: Any) -> float:
    return float(np.max(np.abs(x), initial=0, where=np.isfinite(x)))


def _read_out(tensor: Tensor, names: Identifiers) -> str:
    """Return ``x[index]`` for the part of an array."""
    if tensor.op is None or tensor.op.name != "getitem":
        return ""
    index = index_text(with_names((tensor.settings or {})["index"], names.constant))
    return f"{names[tensor.inputs[0]]}[{index}]"


def _call(what: str, tensor: Tensor, names: Identifiers, before: str = "") -> str:
    """Return the call of an operation, or of one of its rules."""
    assert tensor.op is not None
    inputs = ", ".join(names[x] or f"np.{x.dtype}({x.data})" for x in tensor.inputs)
    if tensor.op.sequence and not before:
        inputs = f"[{inputs}]"
    settings: Mapping[str, Any] = tensor.settings or {}
    words = "".join(f", {key}={_literal(x, names)}" for key, x in settings.items())
    return f"PRIMITIVES[{tensor.op.name!r}].{what}({before}{inputs}{words})"


def _literal(value: Any, names: Identifiers) -> str:
    """Return a setting as Python text; an array gets a name."""
    if isinstance(value, np.ndarray):
        return names.constant(value)
    if isinstance(value, tuple):
        inner = ", ".join(_literal(x, names) for x in value)
        return f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(_literal(x, names) for x in value)}]"
    if isinstance(value, np.dtype):
        return f"np.dtype({value.str!r})"
    if isinstance(value, type) and issubclass(value, np.generic):
        return f"np.{value.__name__}"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    return repr(value)
