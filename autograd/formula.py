"""The formula of one vector-Jacobian product: what stands on an edge of a drawing.

The text is printed from the rule that the engine runs.  The rule is given *symbols* in
place of arrays; a symbol knows its name, shape and dtype, and every operation on it
returns a new symbol with a longer text:

    rule:      lambda g, out, x: g * out * (1 - out)
    symbols:   g is ``G``, out is ``A1``
    text:      ``G * A1 * (1 - A1)``

A rule may look at shapes and at Python numbers.  Where it must look at values, which a
symbol does not have, the block of the operation gives the text as ``formulas``.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.engine import sum_to_shape
from autograd.symbol import Symbol, index_text, operand_text, wrapped

if TYPE_CHECKING:
    from autograd.primitive import Primitive
    from autograd.tensor import Tensor

__all__ = ["expression", "formula", "with_names"]

Names = Callable[["Tensor"], str]
ArrayNames = Callable[[np.ndarray[Any, Any]], str]

_LONGEST = 30  # operations in a formula that somebody reads


def formula(
    node: "Tensor", position: int, names: Names, arrays: ArrayNames | None = None
) -> str:
    """Return the vector-Jacobian product for one input of a node, as Python text.

    Parameters
    ----------
    node : Tensor
        A recorded tensor, the result of an operation.
    position : int
        Which of ``node.inputs``.
    names : callable
        Gives the name of an input, or of ``node`` itself.  An expression in place of a
        name must come in parentheses.  A constant number without a name is written as
        it is.
    arrays : callable, optional
        Gives what an array among the settings, such as an index, is written as.  By
        default its elements are.

    Returns
    -------
    str
        An expression in NumPy (``np``), the names, and ``G``, the cotangent of the
        node.  It has the shape of the input: where the engine sums broadcasting away,
        the sum is written out.  A rule that can neither be printed nor has a text of
        its own, or that would be longer than 30 operations, is written as a call:
        ``PRIMITIVES['svd'].rule(0)(G, ...)``.  Empty if there is no rule.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> from autograd.formula import formula
    >>> W = Tensor(np.ones((3, 2)), name="W")
    >>> b = Tensor(np.ones((3, 1)), name="b")
    >>> Z = W @ np.ones((2, 4)) + b
    >>> formula(Z, 1, lambda t: t.name)
    'np.sum(G, axis=1, keepdims=True)'
    >>> formula(Z.inputs[0], 0, lambda t: t.name or "X")
    'G @ X.T'
    """
    op, x = node.op, node.inputs[position]
    rule = op.rule(position) if op else None
    if op is None or rule is None:
        return ""
    text = op.formulas[0 if op.sequence else position] if op.formulas else ""
    if text:
        product: Any = _filled(text, node, position, names, arrays)
    else:
        product = _run_on_symbols(rule, node, names)
        if product is None or getattr(product, "operations", 0) > _LONGEST:
            call = _call_of_rule(op, position, node)
            product = _filled(call, node, position, names, arrays)
    if isinstance(product, Symbol) and product.shape != x.shape:
        product = sum_to_shape(product, x.shape)
    return operand_text(product)


def expression(node: "Tensor", names: Names) -> str:
    """Return what an operation computes from its inputs, as Python text.

    Parameters
    ----------
    node : Tensor
        A recorded tensor.
    names : callable
        Gives the names of its inputs, as for `formula`.

    Returns
    -------
    str
        The expression; empty if the operation has settings and cannot be printed.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> from autograd.formula import expression
    >>> z = Tensor(0.5, name="z")
    >>> expression(1 + z, lambda t: t.name)
    '1.0 + z'
    """
    op = node.op
    if op is None:
        return names(node)
    inputs = [_operand(t, names) for t in node.inputs]
    try:
        result = op.compute(inputs, node.settings or {})
    except Exception:  # as in `_run_on_symbols`
        result = None
    if isinstance(result, Symbol) and result.operations == 1:
        return result.text
    if node.settings:
        return ""
    return f"{op.name}({', '.join(operand_text(x) for x in inputs)})"


def _run_on_symbols(rule: Callable[..., Any], node: "Tensor", names: Names) -> Any:
    """Return what a rule gives for symbols; None if it does not run on them."""
    g = Symbol("G", node.shape, node.dtype)
    inputs = [_operand(t, names) for t in node.inputs]
    try:
        product = rule(g, _symbol(node, names), *inputs, **(node.settings or {}))
    except Exception:
        # It looks at values, or uses something else that only arrays have.
        return None
    return None if isinstance(product, np.ndarray) and product.ndim else product


def _symbol(tensor: "Tensor", names: Names) -> Symbol:
    return Symbol(names(tensor), tensor.shape, tensor.dtype)


def _operand(tensor: "Tensor", names: Names) -> Any:
    """Return the symbol for an input; the number itself for an unnamed constant."""
    constant = tensor.op is None and not tensor.requires_grad and tensor.ndim == 0
    if constant and tensor.dtype.kind in "fiub" and not names(tensor):
        return tensor.item()
    return _symbol(tensor, names)


def with_names(value: Any, arrays: ArrayNames) -> Any:
    """Return a setting with every array replaced by a symbol of its name."""
    if isinstance(value, np.ndarray) and value.ndim:
        return Symbol(arrays(value), value.shape, value.dtype)
    if isinstance(value, tuple | list):
        return type(value)([with_names(part, arrays) for part in value])
    return value


def _filled(
    text: str,
    node: "Tensor",
    position: int,
    names: Names,
    arrays: ArrayNames | None,
) -> Symbol:
    """Put names and settings into the formula that the block of an operation gives.

    In the formula of a reduction, ``G`` and ``{out}`` mean the arrays with the reduced
    axes put back with length 1, so that they meet the input again, and ``{n}`` is how
    many values each result was made of.
    """
    settings = node.settings or {}
    if arrays is not None:
        settings = {key: with_names(x, arrays) for key, x in settings.items()}
    words = {key: operand_text(value) for key, value in settings.items()}
    if "index" in settings and "[{index}]" in text:
        words["index"] = index_text(settings["index"])
    g, out = Symbol("G", node.shape, node.dtype), _symbol(node, names)
    if settings.get("keepdims") is False and settings["axis"] is not None:
        g, out = (np.expand_dims(y, settings["axis"]) for y in (g, out))  # type: ignore[call-overload]
    inputs = [wrapped(_operand(t, names)) for t in node.inputs]
    filled = re.sub(r"\bG\b", g.text, text).format(
        *inputs,
        inputs=", ".join(inputs),
        out=out.text,
        n=node.inputs[position].size // max(node.size, 1),
        **words,
    )
    return Symbol(filled, _product_shape(node, position), node.dtype)


def _call_of_rule(op: "Primitive", position: int, node: "Tensor") -> str:
    settings = "".join(f", {key}={{{key}}}" for key in node.settings or {})
    return f"PRIMITIVES[{op.name!r}].rule({position})(G, {{out}}, {{inputs}}{settings})"


def _product_shape(node: "Tensor", position: int) -> tuple[int, ...]:
    """Return the shape that a rule gives, before broadcasting is summed away."""
    op = node.op
    if op is None or op.elementwise:
        return node.shape
    if not op.broadcasts:
        return node.inputs[position].shape
    rule: Any = op.rule(position)
    values = [x.data for x in node.inputs]
    with np.errstate(all="ignore"):
        g = np.ones_like(node.data)
        return np.shape(rule(g, node.data, *values, **(node.settings or {})))
