"""Function calls in formulas: sums with their limits, transposes, templates."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.derivation.expressions import (
    ATOM,
    MATMUL,
    POWER,
    PRODUCT,
    SUM,
    Expression,
)
from autograd.derivation.templates import fill
from autograd.derivation.terms import (
    Big,
    Fenced,
    Fraction,
    Function,
    Index,
    Letter,
    Number,
    Power,
    Row,
    Sign,
    Term,
    Words,
    partial_of,
    row,
    size,
)
from autograd.primitive import PRIMITIVES

if TYPE_CHECKING:
    from autograd.derivation.reading import Reader

__all__ = ["axis_letters", "call", "called", "is_same_but_for_ones", "template"]

_LETTERS = "ijklpqrs"
_RESHAPING = {"reshape", "ravel", "squeeze", "expand_dims", "astype"}
_ALIASES = {"abs": "absolute"}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_MODULES = {"np", "linalg", "autograd"}


def call(node: ast.Call, reader: "Reader", shapes: bool = False) -> Expression:
    """Return the expression of a function call."""
    name = called(node)
    opaque = _rule_called(node)
    if opaque is not None:
        return _vector_jacobian(*opaque, node, reader)
    if name in ("sum", "mean"):
        return _sum(node, reader, shapes, mean=name == "mean")
    if name in _RESHAPING:
        return _reshaped(node, reader, shapes)
    if name in ("dot", "matmul") and len(node.args) == 2:
        product = ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
        shape = reader.shape(node)
        if shape is not None:
            product = ast.copy_location(product, node)
            found = reader.expression(ast.fix_missing_locations(product), shapes=shapes)
            return replace(found, shape=shape)
    if name == "linear":
        return reader.expression(_affine(node), shapes=shapes)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(node, reader)
    return _function(name, node, reader)


def called(node: ast.Call) -> str:
    """Return the name of the function that a call is for."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return getattr(function, "id", "")


def arguments(node: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call, of a method with the object first."""
    function = node.func
    if isinstance(function, ast.Attribute):
        root = function.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if not (isinstance(root, ast.Name) and root.id in _MODULES):
            return [function.value, *node.args]
    return list(node.args)


def keyword(node: ast.Call, name: str) -> ast.expr | None:
    """Return a keyword argument, or None."""
    return next((k.value for k in node.keywords if k.arg == name), None)


def is_same_but_for_ones(node: ast.Call, reader: "Reader") -> bool:
    """Return whether a call only adds or drops axes of length 1."""
    if called(node) not in _RESHAPING:
        return False
    if called(node) == "astype":
        return True
    before, after = reader.shape(arguments(node)[0]), reader.shape(node)
    if before is None or after is None:
        return called(node) == "expand_dims"
    return [n for n in before if n != 1] == [n for n in after if n != 1]


def axis_letters(axes: Sequence[int], ndim: int) -> Term:
    """Return the letters of some axes: i for the first one, j for the second ..."""
    return row(*(Letter(_letter(k)) for k in sorted(a % ndim for a in axes)))


def template(
    latex: str,
    inputs: list[Expression],
    words: dict[str, Term],
    axes: Sequence[int],
    ndim: int,
) -> Expression:
    """Fill the template of an operation; the axes it works along become an index."""
    filled = fill(latex, inputs, words)
    if not axes or not isinstance(filled.term, Row):
        return filled
    parts = list(filled.term.parts)
    leading = 0
    while leading < len(parts) and isinstance(parts[leading], Function | Sign):
        leading += 1
    if leading:  # the index belongs to the last of them: log softmaxⱼ
        parts[leading - 1] = Index(parts[leading - 1], axis_letters(axes, ndim))
    return Expression(row(*parts), filled.binds)


def _letter(axis: int) -> str:
    return _LETTERS[axis] if axis < len(_LETTERS) else f"i{axis}"


def _axes(node: ast.Call, reader: "Reader", ndim: int) -> tuple[int, ...] | None:
    """Return the axes that a call names; None if it names none."""
    given = keyword(node, "axis")
    axes = None if given is None else reader.value(given)
    if axes is None:
        return None
    listed = axes if isinstance(axes, tuple | list) else (axes,)
    return tuple(int(a) % ndim for a in listed) if ndim else ()


def _sum(node: ast.Call, reader: "Reader", shapes: bool, *, mean: bool) -> Expression:
    """Write a sum with its limits: Σ over j = 1 ... n of the elements ·j."""
    body = node.args[0]
    read = reader.amount(body, shapes=shapes)
    shape = reader.shape(body)
    if shape is None:
        name = Function("mean") if mean else Sign("∑")
        term = Row((name, Fenced("(", read.whole(), ")")))
        return Expression(term, PRODUCT, is_open=True)
    axes = _axes(node, reader, len(shape))
    axes = tuple(range(len(shape))) if axes is None else axes
    running = [k for k in sorted(axes) if shape[k] != 1]
    if not running:
        return read
    parts: list[Term] = []
    if mean:
        count = int(np.prod([shape[k] for k in axes]))
        parts.append(Fraction(Number("1"), Number(str(count))))
    for k in running:
        start = Row((Letter(_letter(k)), Sign("="), Number("1")))
        parts.append(Big("∑", start, Number(str(shape[k]))))
    place = [_place(k, n, k in axes) for k, n in enumerate(shape)]
    parts.append(Index(Fenced("(", read.whole(), ")"), row(*place)))
    return Expression(row(*parts), PRODUCT, reader.shape(node), is_open=True)


def _place(axis: int, length: int, is_summed: bool) -> Term:
    if is_summed:
        return Letter(_letter(axis)) if length != 1 else Number("1")
    return Sign("·")


def _affine(node: ast.Call) -> ast.expr:
    """Return ``linear(x, W, b)`` as x @ W.T + b."""
    x, weight, *bias = node.args
    product: ast.expr = ast.BinOp(
        x, ast.MatMult(), ast.Attribute(weight, "T", ast.Load())
    )
    for b in bias:
        product = ast.BinOp(product, ast.Add(), b)
    return ast.fix_missing_locations(ast.copy_location(product, node))


def _reshaped(node: ast.Call, reader: "Reader", shapes: bool) -> Expression:
    shape = reader.shape(node)
    if is_same_but_for_ones(node, reader):
        inner = reader.expression(arguments(node)[0], shapes=shapes)
        return replace(inner, shape=shape, is_marked=shapes)
    inner = reader.expression(arguments(node)[0])
    name: Term = Function("reshape")
    if shape is not None:
        name = Index(name, size(shape))
    term = row(name, Fenced("(", inner.whole(), ")"))
    return Expression(term, ATOM, shape, is_marked=True)


def _transposed(node: ast.Call, reader: "Reader") -> Expression:
    first, *order = arguments(node)
    inner = reader.expression(first)
    mark: Term = Sign("⊤")
    ndim = len(reader.shape(first) or ())
    listed = [reader.value(x) for x in order]
    axes = listed[0] if len(listed) == 1 else tuple(listed)
    axes = [int(a) % max(ndim, 1) for a in np.ravel(axes)] if order else []
    if called(node) == "swapaxes":
        plain = sorted(axes) == [ndim - 2, ndim - 1]
    else:
        if axes == list(range(ndim)):
            return inner
        plain = not axes or axes == list(range(ndim))[::-1]
    if not plain:
        mark = row(mark, Words(f"({', '.join(str(a) for a in axes)})"))
    term = Power(inner.within(ATOM), mark)
    return Expression(term, POWER, reader.shape(node), inner.negative)


def _where(node: ast.Call, reader: "Reader") -> Expression:
    """Write a choice with brackets that are 1 where a condition holds, and else 0."""
    condition, chosen, other = node.args
    holds = indicator(reader.expression(condition).whole())
    fails = indicator(reader.expression(_opposite(condition)).whole())
    parts: list[Term] = []
    for value, bracket in ((chosen, holds), (other, fails)):
        read = reader.expression(value)
        if isinstance(value, ast.Constant) and value.value == 0:
            continue
        if isinstance(value, ast.Constant) and value.value == 1:
            term: Term = bracket
        else:
            sign = " " if read.is_number else "⊙"
            term = Row((read.within(PRODUCT + 1, last=False), Sign(sign), bracket))
        parts += [Sign("+"), term] if parts else [term]
    binds = SUM if len(parts) > 1 else PRODUCT
    return Expression(row(*(parts or [Number("0")])), binds, reader.shape(node))


def indicator(condition: Term) -> Term:
    """Return the array that is 1 where a condition holds, and 0 elsewhere."""
    return Row((Sign("𝟏"), Fenced("[", condition, "]")))


def _opposite(condition: ast.expr) -> ast.expr:
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        opposite = _OPPOSITE[type(condition.ops[0])]()
        turned = ast.Compare(condition.left, [opposite], condition.comparators)
        return ast.copy_location(turned, condition)
    return ast.copy_location(ast.UnaryOp(ast.Invert(), condition), condition)


def _scattered(node: ast.Call, reader: "Reader") -> Expression:
    """Write what puts an array into a place of zeros."""
    place = node.args[1]
    index = reader.index(place.slice if isinstance(place, ast.Subscript) else place)
    name = Index(Function("scatter"), Fenced("[", index, "]"))
    inner = reader.expression(node.args[0]).whole()
    return Expression(row(name, Fenced("(", inner, ")")), ATOM, reader.shape(node))


def _array(node: ast.Call, reader: "Reader") -> Expression:
    """Write an array of numbers: the identity, ones, or how large it is."""
    value = reader.value(node)
    if isinstance(value, np.ndarray):
        if value.ndim == 2 and np.array_equal(value, np.eye(*value.shape)):
            square = (
                value.shape[:1] if value.shape[0] == value.shape[1] else value.shape
            )
            term: Term = Index(Letter("I"), size(square))
        elif value.size and np.all(value == 1):
            term = Index(Sign("𝟏"), size(value.shape))
        elif value.ndim == 1 and value.size <= 4:
            listed = ", ".join(f"{x:.4g}" for x in value.tolist())
            term = Fenced("(", Words(listed), ")")
        else:
            term = Index(Function("array"), size(value.shape))
        return Expression(term, ATOM, value.shape)
    return Expression(Function("array"), ATOM)


def _square(node: ast.Call, reader: "Reader") -> Expression:
    base = reader.expression(node.args[0]).within(ATOM)
    return Expression(Power(base, Number("2")), POWER, reader.shape(node))


def _einsum(node: ast.Call, reader: "Reader") -> Expression:
    equation, *operands = node.args
    name = Index(Function("einsum"), Words(ast.literal_eval(equation)))
    return _applied(name, operands, reader, reader.shape(node))


def _solved(node: ast.Call, reader: "Reader") -> Expression:
    """Write the solution of a system of equations as an inverse times the right."""
    matrix, right = (reader.expression(x) for x in node.args)
    inverse = Power(matrix.within(ATOM), Row((Sign("−"), Number("1"))))
    term = row(inverse, Sign(" "), right.within(MATMUL))
    return Expression(term, MATMUL, reader.shape(node))


_SPECIAL: dict[str, Callable[[ast.Call, "Reader"], Expression]] = {
    "swapaxes": _transposed,
    "transpose": _transposed,
    "where": _where,
    "scatter_add": _scattered,
    "array": _array,
    "zeros": _array,
    "ones": _array,
    "eye": _array,
    "square": _square,
    "einsum": _einsum,
    "solve": _solved,
}


def _function(name: str, node: ast.Call, reader: "Reader") -> Expression:
    """Return a call by the template of its operation, or as ``name(arguments)``."""
    shape = reader.shape(node)
    op = PRIMITIVES.get(_ALIASES.get(name, name))
    given = arguments(node)
    if op is None or not op.latex or len(given) < len(op.vjps):
        return _applied(Function(name or "f"), given, reader, shape)
    inputs = [reader.expression(x) for x in given[: len(op.vjps)]]
    if op.sequence and isinstance(given[0], ast.List | ast.Tuple):
        inputs = [reader.expression(x) for x in given[0].elts]
    count = len(op.vjps)
    settings = dict(zip(list(op.parameters)[count:], given[count:], strict=False))
    settings |= {k.arg: k.value for k in node.keywords if k.arg}
    words = {key: _setting(value) for key, value in settings.items()}
    ndim = len(reader.shape(given[0]) or ()) or 1
    try:
        found = template(op.latex, inputs, words, _axes(node, reader, ndim) or (), ndim)
    except KeyError:  # a setting that the formula does not mention
        return _applied(Function(name), given, reader, shape)
    return Expression(found.term, found.binds, shape)


def _setting(node: ast.expr) -> Term:
    text = ast.unparse(node)
    return Words(text if len(text) <= 16 else "…")


def _applied(
    name: Term, given: Sequence[ast.expr], reader: "Reader", shape: Any
) -> Expression:
    parts: list[Term] = []
    for value in given:
        if parts:
            parts.append(Sign(","))
        inner = value.elts if isinstance(value, ast.List) else [value]
        for k, x in enumerate(inner):
            parts += [Sign(",")] * bool(k) + [reader.expression(x).whole()]
    body = row(*(parts or [Sign(" ")]))
    return Expression(row(name, Fenced("(", body, ")")), ATOM, shape)


def _rule_called(node: ast.Call) -> tuple[str, int] | None:
    """Return (operation, position) of ``PRIMITIVES['svd'].rule(0)(...)``."""
    function: ast.expr = node.func
    position = 0
    if isinstance(function, ast.Call) and called(function) == "rule":
        position = ast.literal_eval(function.args[0])
        function = function.func
    elif isinstance(function, ast.Subscript):
        position = ast.literal_eval(function.slice)
        function = function.value
    else:
        return None
    assert isinstance(function, ast.Attribute)
    assert isinstance(function.value, ast.Subscript)
    return ast.literal_eval(function.value.slice), position


def _vector_jacobian(
    name: str, position: int, node: ast.Call, reader: "Reader"
) -> Expression:
    """Write a rule that has no formula: the transposed Jacobian, applied to G."""
    g, out, *inputs = (reader.expression(x) for x in node.args)
    jacobian = partial_of(out.within(ATOM), inputs[position].within(ATOM))
    term = row(
        Power(Fenced("(", jacobian, ")"), Sign("⊤")), Fenced("[", g.whole(), "]")
    )
    return Expression(term, MATMUL, inputs[position].shape)
