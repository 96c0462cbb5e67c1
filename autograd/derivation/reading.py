"""Python formulas read as mathematics.

    G * v1 * (1 - v1)                 ∂L/∂A ⊙ A ⊙ (1 − A)
    np.sum(G, axis=1, keepdims=True)  Σⱼ (∂L/∂Z)·ⱼ
    -G / v2 / 4                       −¼ ∂L/∂Z ⊙ 1/A

Products are sorted: the sign, then numbers, then arrays; what is divided by goes below
a fraction line.  Nothing is expanded, cancelled or otherwise rewritten.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import autograd.ops
from autograd.derivation.calls import call, called, indicator
from autograd.derivation.expressions import (
    ATOM,
    COMPARISON,
    MATMUL,
    POWER,
    SUM,
    Expression,
)
from autograd.derivation.products import Product
from autograd.derivation.terms import (
    Fenced,
    Function,
    Index,
    Letter,
    Number,
    Power,
    Roman,
    Row,
    Sign,
    Term,
    Words,
    number,
    row,
)
from autograd.primitive import PRIMITIVES, Primitive
from autograd.symbol import Symbol

__all__ = ["Reader", "Variable"]

_RELATIONS: dict[type[ast.AST], str] = {
    ast.Eq: "=", ast.NotEq: "≠", ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥",
}  # fmt: skip
_LOGIC: dict[type[ast.AST], str] = {ast.BitAnd: "∧", ast.BitOr: "∨", ast.BitXor: "⊕"}
_ONE = Number("1")
_KEEPS_SHAPE = {"softmax", "log_softmax", "standardize", "cumsum", "cumprod"}
_LONGEST_INDEX = 24  # characters


@dataclass(frozen=True)
class Variable:
    """What a name in a formula stands for.

    Attributes
    ----------
    term : Term
        How it is written.
    shape : tuple of int
        The shape of its value.
    dtype : dtype
        The dtype of its value.
    is_gradient : bool
        Whether it is a partial derivative of the result.
    """

    term: Term
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_gradient: bool = False


class Reader:
    r"""Reads formulas with the same variables.

    Parameters
    ----------
    variables : mapping of str to Variable
        The names in the formulas.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.derivation.latex import latex_of
    >>> from autograd.derivation.terms import Letter
    >>> variables = {
    ...     name: Variable(Letter(name), (3, 4), np.dtype(float)) for name in "AG"
    ... }
    >>> print(latex_of(Reader(variables).read("-G * A * (1 - A) / 2").whole()))
    -\frac{1}{2}\,G \odot A \odot \left(1 - A\right)
    """

    def __init__(self, variables: Mapping[str, Variable]) -> None:
        self._variables = variables
        symbols = {k: Symbol(k, v.shape, v.dtype) for k, v in variables.items()}
        functions = {name: _shaped(op) for name, op in PRIMITIVES.items()}
        self._scope = {**vars(autograd.ops), **functions, "np": np, **symbols}

    def read(self, text: str) -> Expression:
        """Return a formula as an expression."""
        return self.expression(ast.parse(text, mode="eval").body)

    def with_shapes(self, text: str) -> Expression:
        """Return a formula with the shape below each factor that is an array."""
        return self.expression(ast.parse(text, mode="eval").body, shapes=True)

    def expression(self, node: ast.expr, *, shapes: bool = False) -> Expression:
        """Return the expression of a syntax tree."""
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Add | ast.Sub):
                return self._folded(node) or self._sum(node, shapes)
            if isinstance(node.op, ast.Mult | ast.Div):
                return Product.of(node, self, shapes).expression()
            if isinstance(node.op, ast.MatMult):
                return self._matmul(node, shapes)
            if isinstance(node.op, ast.Pow):
                return _below(self._power(node), shapes)
            return self._logical(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            return Product.of(node, self, shapes).expression()
        if isinstance(node, ast.Call):
            if called(node) == "broadcast_to":
                return Product.of(node, self, shapes).expression()
            return _below(call(node, self, shapes), shapes)
        return _below(self._operand(node), shapes)

    def value(self, node: ast.expr) -> Any:
        """Return a syntax tree evaluated on symbols; None if that is not possible."""
        code = compile(ast.Expression(node), "<formula>", "eval")
        try:
            with np.errstate(all="ignore"):
                return eval(code, self._scope)
        except Exception:  # it needs values, which symbols do not have
            return None

    def shape(self, node: ast.expr) -> tuple[int, ...] | None:
        """Return the shape of the value of a syntax tree, where that is known."""
        value = self.value(node)
        if isinstance(value, int | float | bool):
            return ()
        return getattr(value, "shape", None)

    def amount(self, node: ast.expr, *, shapes: bool = False) -> Expression:
        """Return an expression; of a condition, the 𝟏 that counts where it holds."""
        found = self.expression(node, shapes=shapes)
        if found.binds != COMPARISON:
            return found
        return Expression(indicator(found.whole()), MATMUL, found.shape)

    # ---- one kind of node each -------------------------------------------------------

    def _operand(self, node: ast.expr) -> Expression:
        if isinstance(node, ast.Name):
            variable = self._variables.get(node.id)
            if variable is None:
                return Expression(Words(node.id))
            gradient = variable.is_gradient  # a fraction
            binds = POWER if gradient else ATOM
            return Expression(
                variable.term, binds, variable.shape, is_gradient=gradient
            )
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            term, negative = number(node.value)
            return Expression(term, ATOM, (), negative)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.UnaryOp):  # ~ and not
            operand = self.expression(node.operand).within(ATOM)
            return Expression(Row((Sign("¬"), operand)), POWER, self.shape(node))
        return Expression(Words(ast.unparse(node)), ATOM, self.shape(node))

    def _folded(self, node: ast.BinOp) -> Expression | None:
        """Return the value of a sum of numbers: 6 - 0 is 6."""
        if any(isinstance(part, ast.Name) for part in ast.walk(node)):
            return None
        value = self.value(node)
        if not isinstance(value, int | float):
            return None
        term, negative = number(value)
        return Expression(term, ATOM, (), negative)

    def _attribute(self, node: ast.Attribute) -> Expression:
        if node.attr == "pi":
            return Expression(Letter("π"), ATOM, ())
        inner = self.expression(node.value)
        if node.attr == "T":
            term = Power(inner.within(ATOM), Sign("⊤"))
            return Expression(term, POWER, self.shape(node))
        return Expression(row(inner.within(ATOM), Words(f".{node.attr}")))

    def _subscript(self, node: ast.Subscript) -> Expression:
        if isinstance(node.value, ast.Call) and called(node.value) == "eye":
            hot = Row((Function("onehot"), Fenced("(", self.index(node.slice), ")")))
            return Expression(hot, ATOM, self.shape(node))
        base = self.expression(node.value)
        simple = isinstance(base.term, Letter | Roman | Index | Words)
        term = base.term if simple else Fenced("(", base.whole(), ")")
        index = Index(term, Fenced("[", self.index(node.slice), "]"))
        return Expression(index, ATOM, self.shape(node))

    def index(self, node: ast.expr) -> Term:
        """Return what stands in the brackets of an index."""
        if isinstance(node, ast.Name) and node.id in self._variables:
            return self._variables[node.id].term
        for part in ast.walk(node):
            if isinstance(part, ast.Call | ast.Name):
                listed = ast.unparse(node)
                if isinstance(node, ast.Call) and called(node) == "array":
                    listed = ast.unparse(node.args[0]).strip("[]")
                return Words(listed if len(listed) <= _LONGEST_INDEX else "…")
        return Words(ast.unparse(node).strip("()").replace("None", "·"))

    def _comparison(self, node: ast.Compare) -> Expression:
        sides = [self.expression(x) for x in (node.left, *node.comparators)]
        parts: list[Term] = [sides[0].whole()]
        for relation, side in zip(node.ops, sides[1:], strict=True):
            parts += [Sign(_RELATIONS[type(relation)]), side.whole()]
        return Expression(row(*parts), COMPARISON, self.shape(node))

    def _logical(self, node: ast.BinOp) -> Expression:
        sign = Sign(_LOGIC.get(type(node.op), "?"))
        sides = [self.expression(x).within(SUM) for x in (node.left, node.right)]
        return Expression(row(sides[0], sign, sides[1]), COMPARISON, self.shape(node))

    def _power(self, node: ast.BinOp) -> Expression:
        value = self.value(node.right)  # 2.0 - 1 is 1
        if isinstance(value, int | float):
            if value == 1:
                return self.expression(node.left)
            exponent = Expression(*number(value)[:1], negative=value < 0).whole()
        else:
            exponent = self.expression(node.right).whole()
        base = self.expression(node.left).within(ATOM)
        return Expression(Power(base, exponent), POWER, self.shape(node))

    def _matmul(self, node: ast.BinOp, shapes: bool) -> Expression:
        right = self.expression(node.right)
        if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.MatMult):
            left = self._matmul(node.left, shapes)
            first = left.term
        else:  # (-A) B is -(A B)
            left = self.expression(node.left)
            positive = replace(left, negative=False)
            first = _marked(left, positive.within(MATMUL, last=False), shapes)
        second = _marked(right, right.within(MATMUL + 1), shapes)
        shape = self.shape(node)
        if left.term == _ONE or right.term == _ONE:  # of one element
            kept = right if left.term == _ONE else left
            term = second if left.term == _ONE else first
            return replace(kept, term=term, shape=shape, is_marked=shapes)
        term = row(first, Sign(" "), second)
        return Expression(term, MATMUL, shape, left.negative, is_marked=shapes)

    def _sum(self, node: ast.BinOp, shapes: bool) -> Expression:
        parts = list(self._summands(node, shapes))
        terms: list[Term] = []
        for k, (negative, part) in enumerate(parts):
            if k or negative:
                terms.append(Sign("−" if negative else "+"))
            terms.append(part.within(SUM + negative, last=k == len(parts) - 1))
        return Expression(row(*terms), SUM, self.shape(node), is_marked=shapes)

    def _summands(self, node: ast.expr, shapes: bool) -> Any:
        """Give (is it subtracted?, summand) from left to right."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            yield from self._summands(node.left, shapes)
            part = self.amount(node.right, shapes=shapes)
            subtracted = isinstance(node.op, ast.Sub)
        else:
            part, subtracted = self.amount(node, shapes=shapes), False
        yield part.negative != subtracted, replace(part, negative=False)


def _shaped(op: Primitive) -> Callable[..., Any]:
    """Return a stand-in for an operation, which gives symbols the right shape."""

    def function(*given: Any, **settings: Any) -> Any:
        if not op.elementwise and op.name not in _KEEPS_SHAPE:
            return op.function(*given, **settings)
        inputs = [x for x in given[: len(op.vjps)] if isinstance(x, Symbol)]
        shape = np.broadcast_shapes(*(x.shape for x in inputs))
        return Symbol(op.name, shape, inputs[0].dtype)

    return function


def _marked(expression: Expression, term: Term, shapes: bool) -> Term:
    return expression.marked(term) if shapes else term


def _below(expression: Expression, shapes: bool) -> Expression:
    """Write the shape of an array below it."""
    if not shapes or expression.is_open:
        return expression
    return replace(expression, term=expression.marked(expression.term), is_marked=True)
