"""The values of the parts of a formula, computed with NumPy.

A formula is text that the engine prints from its rules.  Of Python's grammar only what
occurs there is computed, by these few functions: nothing is handed to ``eval``.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import PRIMITIVES

__all__ = ["UnknownFormulaError", "called", "evaluate"]

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.MatMult: operator.matmul, ast.Pow: operator.pow,
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.FloorDiv: operator.floordiv,
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
_ATTRIBUTES = {"T", "ndim", "shape", "size"}
_METHODS = {"ravel", "reshape", "swapaxes", "transpose"}
_BUILT_IN: dict[str, Callable[..., Any]] = {"len": len, "range": range, "tuple": tuple}


class UnknownFormulaError(ValueError):
    """The formula has a part that is not computed here."""


def called(node: ast.Call) -> str:
    """Return the name of the function: ``sum`` for ``np.sum(G)`` and for ``sum(G)``."""
    function = node.func
    if isinstance(function, ast.Attribute) and _is_numpy(function.value):
        return function.attr
    if isinstance(function, ast.Name):
        return function.id
    raise UnknownFormulaError(ast.unparse(node))


def evaluate(node: ast.expr, arrays: Mapping[str, Any]) -> Any:
    """Return the value of an expression.

    Parameters
    ----------
    node : ast.expr
        The expression.
    arrays : mapping of str to array
        The names in it.

    Raises
    ------
    UnknownFormulaError
        If it is not made of names, numbers, operators, indices and known functions.

    Examples
    --------
    >>> node = ast.parse("np.sum(2 * (1 - a[1:]))", mode="eval").body
    >>> float(evaluate(node, {"a": np.array([5.0, 2.0, 3.0])}))
    -6.0
    """

    def value(part: ast.expr) -> Any:
        return evaluate(part, arrays)

    match node:
        case ast.Name():
            return arrays[node.id]
        case ast.Constant():
            return node.value
        case ast.BinOp():
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        case ast.UnaryOp():
            return _OPERATORS[type(node.op)](value(node.operand))
        case ast.Compare(ops=[sign], comparators=[right]):
            return _OPERATORS[type(sign)](value(node.left), value(right))
        case ast.Tuple():
            return tuple(map(value, node.elts))
        case ast.List():
            return list(map(value, node.elts))
        case ast.Subscript():
            return value(node.value)[value(node.slice)]
        case ast.Slice():
            ends = (node.lower, node.upper, node.step)
            return slice(*(None if end is None else value(end) for end in ends))
        case ast.Attribute() if _is_numpy(node.value):
            return getattr(np, node.attr)
        case ast.Attribute() if node.attr in _ATTRIBUTES:
            return getattr(value(node.value), node.attr)
        case ast.Call():
            settings = {k.arg or "": value(k.value) for k in node.keywords}
            return _function(node.func, arrays)(*map(value, node.args), **settings)
    raise UnknownFormulaError(ast.unparse(node))


def _function(node: ast.expr, arrays: Mapping[str, Any]) -> Callable[..., Any]:
    """Return a function of NumPy, a method of an array, or one of our operations."""
    found: Any = None
    if isinstance(node, ast.Attribute) and _is_numpy(node.value):
        found = getattr(np, node.attr)
    elif isinstance(node, ast.Attribute) and node.attr in _METHODS:
        found = getattr(evaluate(node.value, arrays), node.attr)
    elif isinstance(node, ast.Name) and node.id in _BUILT_IN:
        found = _BUILT_IN[node.id]
    elif isinstance(node, ast.Name) and node.id in PRIMITIVES:
        found = PRIMITIVES[node.id].forward
    if callable(found):
        function: Callable[..., Any] = found
        return function
    raise UnknownFormulaError(ast.unparse(node))


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "np"
