"""Python formulas as people write them: ``G * A1 * (1 - A1)`` is G × A1 × (1 − A1).

The text is parsed, simplified where a teacher would (2.0 - 1 is 1, x * x is x²), and
printed again.  Names are put in last, so that nothing in a user's name is parsed.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from viz.numbers import number

__all__ = ["FUNCTIONS", "derivative", "notation"]

_COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(6)

_BINARY: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: (" + ", _SUM),
    ast.Sub: (" − ", _SUM),
    ast.Mult: (" × ", _PRODUCT),
    ast.Div: (" / ", _PRODUCT),
    ast.MatMult: (" @ ", _PRODUCT),
    ast.BitAnd: (" and ", _COMPARISON),
    ast.BitOr: (" or ", _COMPARISON),
}
_COMPARE: dict[type[ast.AST], str] = {
    ast.Eq: "=", ast.NotEq: "≠", ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥",
}  # fmt: skip
_FOLD: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
_RAISED = {-1: "⁻¹", 2: "²", 3: "³", 4: "⁴"}
_AXES = {0: "rows", 1: "columns"}
# Functions that only give the same numbers another shape.
_REARRANGING = {"reshape", "ravel", "expand_dims", "squeeze"}

FUNCTIONS = {"absolute": "abs", "sigmoid": "σ", "power": "pow"}


def notation(text: str, names: Mapping[str, str], ndim: int = 0) -> str:
    """Return a formula in mathematical notation.

    Parameters
    ----------
    text : str
        A Python expression, as from `autograd.formula.formula`.
    names : mapping
        What to print for the names in it.
    ndim : int, default 0
        The number of axes of ``G``; sums over a matrix say "rows" or "columns".

    Returns
    -------
    str
        The formula; empty if the text is no expression.

    Examples
    --------
    >>> notation("G * v0 * (1 - v0)", {"v0": "A1"})
    'G × A1 × (1 − A1)'
    >>> notation("np.sum(G, axis=1, keepdims=True)", {}, ndim=2)
    'Σ G over columns'
    """
    tree = _simplified(text)
    return "" if tree is None else _Printer(names, ndim).text(tree)


def derivative(
    text: str, names: Mapping[str, str], ndim: int, elementwise: bool
) -> str:
    """Return the local derivative: the factor of ``G``, or the whole linear map.

    The operation must be elementwise, and nothing summed, for a factor to exist.

    Examples
    --------
    >>> derivative("G * v0 * (1 - v0)", {"v0": "A1"}, 2, elementwise=True)
    'A1 × (1 − A1)'
    >>> derivative("G @ v0.T", {"v0": "X"}, 2, elementwise=False)
    'G ↦ G @ Xᵀ'
    """
    if not elementwise or text.startswith("np.sum("):
        mapped = notation(text, names, ndim)
        return f"G ↦ {mapped}" if mapped else ""
    tree = _simplified(text, without="G")
    return "" if tree is None else _Printer(names, ndim).text(tree)


class _Simplifier(ast.NodeTransformer):
    """Folds numbers, drops neutral elements, writes products of equals as powers."""

    def __init__(self, without: str) -> None:
        self._without = without

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(1) if node.id == self._without else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Drop what only changes the shape: it is clear from the picture."""
        self.generic_visit(node)
        return _subject(node) if _called(node) in _REARRANGING else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        value = _number(node.operand)
        if isinstance(node.op, ast.USub) and value is not None:
            return ast.Constant(-value)
        return node.operand if isinstance(node.op, ast.UAdd) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = _number(node.left), _number(node.right)
        if left is not None and right is not None and type(node.op) in _FOLD:
            try:
                return ast.Constant(_FOLD[type(node.op)](left, right))
            except ArithmeticError:
                return node
        if isinstance(node.op, ast.Mult):
            return _product(node, left, right)
        if isinstance(node.op, ast.Div | ast.Pow) and right == 1:
            return node.left
        return node


def _simplified(text: str, without: str = "") -> ast.expr | None:
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    return _Simplifier(without).visit(tree)  # type: ignore[no-any-return]


def _product(node: ast.BinOp, left: Any, right: Any) -> ast.expr:
    if 0 in (left, right):
        return ast.Constant(0)
    if left == 1:
        return node.right
    if right == 1:
        return node.left
    if left == -1:
        return ast.UnaryOp(ast.USub(), node.right)
    right_text = ast.dump(node.right)
    if ast.dump(node.left) == right_text:
        return ast.BinOp(node.left, ast.Pow(), ast.Constant(2))
    inner = node.left
    if (
        isinstance(inner, ast.BinOp)
        and isinstance(inner.op, ast.Mult)
        and ast.dump(inner.right) == right_text
    ):
        square = ast.BinOp(node.right, ast.Pow(), ast.Constant(2))
        return ast.BinOp(inner.left, ast.Mult(), square)
    return node


def _number(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return None if isinstance(node.value, bool) else node.value
    return None


def _called(node: ast.Call) -> str:
    function = node.func
    return (
        function.attr
        if isinstance(function, ast.Attribute)
        else getattr(function, "id", "")
    )


def _subject(node: ast.Call) -> ast.expr:
    """Return what a call is about: ``G`` in ``G.reshape(3)`` and in ``np.ravel(G)``."""
    function = node.func
    if isinstance(function, ast.Attribute):
        module = isinstance(function.value, ast.Name) and function.value.id == "np"
        if not module:
            return function.value
    return node.args[0]


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "PRIMITIVES"


class _Printer:
    """Prints an expression with as few parentheses as it needs."""

    def __init__(self, names: Mapping[str, str], ndim: int) -> None:
        self._names = names
        self._ndim = ndim

    def text(self, node: ast.expr, needed: int = _COMPARISON) -> str:
        """Return the text, in parentheses if it binds less tightly than needed."""
        text, binds = self._print(node)
        return text if binds >= needed else f"({text})"

    def _print(self, node: ast.expr) -> tuple[str, int]:
        if isinstance(node, ast.Name):
            name = self._names.get(node.id, node.id)
            return name, _POWER if "/" in name else _ATOM  # (∂cost/∂Z)ᵀ
        if isinstance(node, ast.Constant):
            return self._constant(node.value)
        if isinstance(node, ast.BinOp):
            return self._binary(node)
        if isinstance(node, ast.UnaryOp):
            sign = "not " if isinstance(node.op, ast.Invert) else "−"
            return sign + self.text(node.operand, _SIGN), _SIGN
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            sign = _COMPARE.get(type(node.ops[0]), "?")
            sides = (self.text(x, _SUM) for x in (node.left, node.comparators[0]))
            return f" {sign} ".join(sides), _COMPARISON
        if isinstance(node, ast.Attribute):
            mark = "ᵀ" if node.attr == "T" else f".{node.attr}"
            return self.text(node.value, _ATOM) + mark, _ATOM
        if isinstance(node, ast.Subscript):
            return f"{self.text(node.value, _ATOM)}[{self._index(node.slice)}]", _ATOM
        if isinstance(node, ast.Call):
            return self._call(node)
        return self._verbatim(node), _ATOM

    def _constant(self, value: Any) -> tuple[str, int]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value), _ATOM
        return number(float(value)), _SIGN if value < 0 else _ATOM

    def _binary(self, node: ast.BinOp) -> tuple[str, int]:
        if isinstance(node.op, ast.Pow):
            base, power = self.text(node.left, _ATOM), _number(node.right)
            if power in _RAISED:
                return base + _RAISED[power], _POWER
            return f"{base}^{self.text(node.right, _ATOM)}", _POWER
        sign, binds = _BINARY.get(type(node.op), (" ? ", _COMPARISON))
        # Also between `and` and `or` parentheses help.
        left = binds + (binds == _COMPARISON)
        return self.text(node.left, left) + sign + self.text(
            node.right, binds + 1
        ), binds

    def _call(self, node: ast.Call) -> tuple[str, int]:
        name, arguments = _called(node), node.args
        if name == "sum":
            return self._sum(node), _SIGN
        if name == "broadcast_to":
            return f"{self.text(arguments[0])} to every element", _COMPARISON
        if name == "where" and len(arguments) == 3:
            condition, a, b = (self.text(x) for x in arguments)
            return f"{a} where {condition}, else {b}", _COMPARISON
        if name in ("swapaxes", "transpose"):
            return self.text(arguments[0], _ATOM) + "ᵀ", _ATOM
        if name == "scatter_add" and len(arguments) > 1:
            place = arguments[1]
            index = self._index(
                place.slice if isinstance(place, ast.Subscript) else place
            )
            index = index if index.startswith("[") else f"[{index}]"
            return f"{self.text(arguments[0])} at {index}, else 0", _COMPARISON
        for part in ast.walk(node.func):
            if isinstance(part, ast.Subscript) and _is_table(part.value):
                return f"rule of {ast.literal_eval(part.slice)}", _COMPARISON
        inner = ", ".join(self.text(x) for x in arguments)
        return f"{FUNCTIONS.get(name, name)}({inner})", _ATOM

    def _sum(self, node: ast.Call) -> str:
        """Print a sum; over a matrix it says whether rows or columns are added up."""
        summed = f"Σ {self.text(node.args[0], _SIGN)}"
        axis = next((k.value for k in node.keywords if k.arg == "axis"), None)
        try:
            value = None if axis is None else ast.literal_eval(axis)
        except ValueError:  # worked out from the shape: a sum over several axes
            value = None
        if not isinstance(value, int) or self._ndim < 2:
            return summed
        if self._ndim == 2:
            return f"{summed} over {_AXES[value % 2]}"
        return f"{summed} over axis {value}"

    def _index(self, node: ast.expr) -> str:
        if isinstance(node, ast.Tuple):
            return ", ".join(self._index(part) for part in node.elts)
        if isinstance(node, ast.Slice):
            ends = [
                self.text(x) if x is not None else "" for x in (node.lower, node.upper)
            ]
            step = f":{self.text(node.step)}" if node.step is not None else ""
            return ":".join(ends) + step
        if isinstance(node, ast.Call) and _called(node) == "array":
            listed = ast.unparse(node.args[0])
            return listed if len(listed) <= 16 else "index"
        return "..." if getattr(node, "value", None) is Ellipsis else self.text(node)

    def _verbatim(self, node: ast.expr) -> str:
        """Print syntax that formulas rarely use as Python, with the names put in."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                part.id = self._names.get(part.id, part.id)
        return ast.unparse(node)
