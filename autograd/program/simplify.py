"""Rewriting that keeps the value: what nobody would write by hand goes.

    x * 1, x / 1, --x         x                 a + -b, a + a       a - b, 2 * a
    x.T.T, (x.T @ y).T        x, y.T @ x        np.sum over 1 term  the term
    broadcast(c) * E          c * E             reshape to itself   the array
    1 / n * E                 E / n             -a * -b             a * b
    2 * 0.5 * E, x ** (2 - 1) E, x              (exactly computed numbers only)
    0 + x, x + 0, x - 0       x                 (Python's ``sum`` begins with 0)

Products are read as a sign, factors and divisors; only numbers change their place among
the factors, so that the order of the others stays the user's. Every rewriting is kept
only if shape and dtype stay.
"""

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from autograd.program.lines import parse, same
from autograd.program.values import Values

__all__ = ["simplified"]


def simplified(
    expression: ast.expr, values: Values, *, as_written: bool = False
) -> ast.expr:
    """Return an equal expression that is shorter or plainer.

    Parameters
    ----------
    expression : ast.expr
        Of variables that ``values`` knows.
    values : Values
        For shapes and dtypes.
    as_written : bool
        Whether to leave sums and products as the user wrote them.

    Examples
    --------
    >>> import ast
    >>> import numpy as np
    >>> from autograd.program.lines import parse
    >>> values = Values({"g": 1.0, "E": np.ones((2, 3))})
    >>> text = "-np.broadcast_to(-(g / 6.0), (2, 3)) * E.T.T"
    >>> ast.unparse(simplified(parse(text), values))
    'g * E / 6'
    """
    rewritings = {**(_AS_WRITTEN if as_written else _OF_SUMS), **_OF_CALLS}
    simplifier = _Simplifier(values, rewritings)
    result: ast.expr = simplifier.visit(parse(ast.unparse(expression)))
    return result


class _Simplifier(ast.NodeTransformer):
    def __init__(
        self, values: Values, rewritings: dict[type[ast.AST], tuple["_Rewriting", ...]]
    ) -> None:
        self.values = values
        self.rewritings = rewritings

    def visit(self, node: ast.AST) -> Any:
        node = self.generic_visit(node)
        if isinstance(node, ast.BinOp):
            node = ast.BinOp(_plain(node.left), node.op, _plain(node.right))
        for rewrite in self.rewritings.get(type(node), ()):
            new = rewrite(node, self.values)
            if new is not None and not same(new, node) and self._keeps(node, new):
                return self.visit(new)
        return node

    def _keeps(self, old: Any, new: ast.expr) -> bool:
        """Return whether shape and dtype stay: Python numbers are weak in both."""
        before, after = self.values[old], self.values[new]
        if type(after) in (int, float):
            return bool(np.shape(before) == ())
        # The seed 1.0 makes float64 of what is float32 in the engine.
        dtypes = np.asarray(before).dtype, self.values.dtype
        kept = np.shape(before) == np.shape(after)
        return bool(kept and np.asarray(after).dtype in dtypes)


def _plain(operand: ast.expr) -> ast.expr:
    """Write 2.0 as 2: beside floating-point values they are the same."""
    value = getattr(operand, "value", None)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        return ast.Constant(int(value))
    return operand


# ---- products -----------------------------------------------------------------------


@dataclass
class _Product:
    """sign × numbers × factors / divisors; broadcasting is left to the product."""

    negative: bool = False
    factors: list[ast.expr] = field(default_factory=list)
    divisors: list[ast.expr] = field(default_factory=list)

    def take(self, node: ast.expr, *, below: bool = False) -> None:
        """Read a factor, or with ``below`` a divisor."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self.negative = not self.negative
            self.take(node.operand, below=below)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            self.take(node.left, below=below)
            self.take(node.right, below=below)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            self.take(node.left, below=below)
            self.take(node.right, below=not below)
        elif (opposite := _opposite(node)) is not None:
            self.negative = not self.negative
            self.take(opposite, below=below)
        elif _argument_of(node, "broadcast_to") is not None:
            self.take(node.args[0], below=below)  # type: ignore[attr-defined]
        elif not (isinstance(node, ast.Constant) and node.value == 1):
            (self.divisors if below else self.factors).append(node)

    def expression(self) -> ast.expr:
        """Write it: the numbers first, the divisors last."""
        factors = sorted(self.factors, key=lambda f: not isinstance(f, ast.Constant))
        divisors = sorted(self.divisors, key=lambda f: isinstance(f, ast.Constant))
        result = factors[0] if factors else ast.Constant(1)
        if self.negative:
            result = _minus(result)
        for factor in factors[1:]:
            product = ast.BinOp(result, ast.Mult(), factor)
            result = _number(product) or product
        for divisor in divisors:
            result = ast.BinOp(result, ast.Div(), divisor)
        return result


def _number(node: Any, values: Values | None = None) -> ast.expr | None:
    """Compute a sum, difference or product of two numbers, if that is exact."""
    combine = _EXACT.get(type(node.op))
    a: Any = getattr(node.left, "value", None)
    b: Any = getattr(node.right, "value", None)
    if combine is None or type(a) not in (int, float) or type(b) not in (int, float):
        return None
    result = combine(a, b)
    if type(result) is float and not math.isfinite(result):
        return None
    exact = combine(Fraction(a), Fraction(b))
    return ast.Constant(result) if result == exact else None


def _first_power(node: Any, values: Values) -> ast.expr | None:
    """Write ``x ** 1`` as ``x``."""
    one = isinstance(node.op, ast.Pow) and getattr(node.right, "value", None) == 1
    return node.left if one else None


def _opposite(node: ast.expr) -> ast.Constant | None:
    """Return 2 for the number -2, and None for anything that is not negative."""
    value = getattr(node, "value", None)
    if isinstance(value, int | float) and value < 0:
        return ast.Constant(-value)
    return None


def _minus(node: ast.expr) -> ast.expr:
    value = getattr(node, "value", None)
    if isinstance(value, int | float):
        return ast.Constant(-value)
    return ast.UnaryOp(ast.USub(), node)


def _product(node: Any, values: Values) -> ast.expr | None:
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.USub):
        return None
    if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mult | ast.Div):
        return None
    product = _Product()
    product.take(node)
    if not product.factors and not product.divisors:
        return None
    return product.expression()


def _without_broadcast(node: Any, values: Values) -> ast.expr | None:
    """Leave out a broadcast that the other term makes anyway."""
    if not isinstance(node.op, ast.Add | ast.Sub):
        return None
    for side in ("left", "right"):
        inner = _argument_of(getattr(node, side), "broadcast_to")
        if inner is not None:
            sides = {"left": node.left, "right": node.right, side: inner}
            return ast.BinOp(sides["left"], node.op, sides["right"])
    return None


# ---- sums ---------------------------------------------------------------------------


def _sum(node: Any, values: Values) -> ast.expr | None:
    """Write ``a + -b`` as ``a - b``, and put a negative first term last."""
    if not isinstance(node.op, ast.Add | ast.Sub):
        return None
    if isinstance(node.op, ast.Add) and same(node.left, node.right):
        return ast.BinOp(ast.Constant(2), ast.Mult(), node.left)
    left, right = _signed(node.left), _signed(node.right)
    right_negative = right[0] != isinstance(node.op, ast.Sub)
    if left[0] and not right_negative:
        return ast.BinOp(right[1], ast.Sub(), left[1])
    if left[0]:
        return None
    return ast.BinOp(left[1], ast.Sub() if right_negative else ast.Add(), right[1])


def _without_zero(node: Any, values: Values) -> ast.expr | None:
    """Write ``0 + x``, ``x + 0`` and ``x - 0`` as ``x``."""
    if isinstance(node.op, ast.Add | ast.Sub) and _is_zero(node.right):
        return node.left  # type: ignore[no-any-return]
    if isinstance(node.op, ast.Add) and _is_zero(node.left):
        return node.right  # type: ignore[no-any-return]
    return None


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _signed(node: ast.expr) -> tuple[bool, ast.expr]:
    """Return whether a term is negative, and the term without its sign."""
    product = _Product()
    product.take(node)
    if not product.negative:
        return False, node
    product.negative = False
    return True, product.expression()


# ---- calls --------------------------------------------------------------------------


def _argument_of(node: Any, function: str) -> ast.expr | None:
    """Return the first argument of ``np.function(x, ...)``, or None."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == f"np.{function}":
        return node.args[0]
    return None


def _same_array(node: Any, values: Values) -> ast.expr | None:
    """Leave out calls that give back the array that they were given."""
    for function in ("broadcast_to", "reshape", "squeeze", "sum", "expand_dims"):
        inner = _argument_of(node, function)
        if inner is not None and values.shape(inner) == values.shape(node):
            return inner
    for function in ("swapaxes", "transpose"):
        inner = _argument_of(node, function)
        if inner is not None and _argument_of(inner, function) is not None:
            twice = _argument_of(inner, function)
            if twice is not None and np.array_equal(values[twice], values[node]):
                return twice
    return None


def _broadcast_once(node: Any, values: Values) -> ast.expr | None:
    """Broadcast a number to the shape that is wanted in the end."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _REARRANGING:
        return None
    number = _argument_of(node.args[0], "broadcast_to") if node.args else None
    if number is None or values.shape(number) != ():
        return None
    shape = parse(repr(values.shape(node)))
    return ast.Call(parse("np.broadcast_to"), [number, shape], [])


def _same_rows(node: Any, values: Values) -> ast.expr | None:
    """Leave out ``x.reshape(...)`` where it changes nothing."""
    method = node.func
    if not isinstance(method, ast.Attribute) or method.attr != "reshape":
        return None
    unchanged = values.shape(method.value) == values.shape(node)
    return method.value if unchanged else None


def _plain_settings(node: Any, values: Values) -> ast.expr | None:
    """Write the value of a setting that is computed from shapes."""
    settings = []
    for word in node.keywords:
        value = word.value
        if any(isinstance(part, ast.Attribute | ast.Call) for part in ast.walk(value)):
            found = values[value]
            if isinstance(found, tuple) and all(type(n) is int for n in found):
                number = found[0] if len(found) == 1 and word.arg == "axis" else found
                value = parse(repr(number))
        settings.append(ast.keyword(word.arg, value))
    return ast.Call(node.func, node.args, settings)


def _transposed(node: Any, values: Values) -> ast.expr | None:
    """Write ``x.T.T`` as ``x``, ``(x.T @ y).T`` as ``y.T @ x``, and numbers outside."""
    value = node.value
    if node.attr != "T":
        return None
    if _is_transpose(value):
        return value.value  # type: ignore[no-any-return]
    if not isinstance(value, ast.BinOp):
        return None
    scaled = isinstance(value.op, ast.Mult | ast.Div)
    if scaled and isinstance(value.right, ast.Constant):
        return ast.BinOp(_transpose(value.left), value.op, value.right)
    matrices = len(values.shape(value.left)) == len(values.shape(value.right)) == 2
    if isinstance(value.op, ast.MatMult) and matrices and _is_transpose(value.left):
        return ast.BinOp(_transpose(value.right), value.op, value.left.value)  # type: ignore[attr-defined]
    return None


def _is_transpose(node: Any) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "T"


def _transpose(node: ast.expr) -> ast.expr:
    return ast.Attribute(node, "T", ast.Load())


_REARRANGING = ("expand_dims", "squeeze", "reshape", "swapaxes", "transpose")
_EXACT = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
_Rewriting = Callable[[Any, Values], ast.expr | None]
_OF_SUMS: dict[type[ast.AST], tuple[_Rewriting, ...]] = {
    ast.BinOp: (
        _number,
        _first_power,
        _without_zero,
        _without_broadcast,
        _product,
        _sum,
    ),
    ast.UnaryOp: (_product,),
}
_AS_WRITTEN: dict[type[ast.AST], tuple[_Rewriting, ...]] = {ast.BinOp: (_without_zero,)}
_OF_CALLS: dict[type[ast.AST], tuple[_Rewriting, ...]] = {
    ast.Call: (_same_array, _broadcast_once, _same_rows, _plain_settings),
    ast.Attribute: (_transposed,),
}
