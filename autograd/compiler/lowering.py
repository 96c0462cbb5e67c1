"""Expressions as lines that compute one thing each.

Rules and operations come as Python text (`autograd.formula`). Its parts become lines
``np.multiply(g, v3)``, which can write into an array that is there already; numbers and
views, which are written where they are read: ``v3.T``, ``seed / 64``; and calls of what
cannot be taken apart.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from autograd.compiler.arithmetic import Arithmetic
from autograd.compiler.lines import Line, dtype_text
from autograd.compiler.operands import (
    CannotLower,
    Operand,
    is_static,
    names_of,
    written,
)
from autograd.symbol import index_text

__all__ = ["Lowering"]

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less",
    ast.LtE: "less_equal", ast.Eq: "equal", ast.NotEq: "not_equal", ast.Pow: "power",
}  # fmt: skip
_LARGEST = 1 << 20  # bytes of an array that shapes decide, such as np.eye(3)


class Lowering(Arithmetic):
    """Makes lines of expressions.

    Parameters
    ----------
    function : callable
        ``function(name, object)`` gives the name under which a plan finds an object.
    vocabulary : callable
        Gives the functions that expressions may call, by name.
    """

    def __init__(
        self,
        function: Callable[[str, Any], str],
        vocabulary: Callable[[], Mapping[str, Any]],
    ) -> None:
        super().__init__(function)
        self._vocabulary = cache(vocabulary)
        self._names: Mapping[str, Operand] = {}

    # ---- expressions -----------------------------------------------------------------

    def lower(
        self,
        text: str,
        names: Mapping[str, Operand],
        target: str,
        expected: Any,
        rtol: float | None = 0.0,
    ) -> Operand:
        """Return where the value of an expression is, after writing lines for it.

        Parameters
        ----------
        text : str
            The expression.
        names : mapping of str to Operand
            What its names stand for.
        target : str
            A name for the result, if it gets one.
        expected : ndarray or NumPy scalar
            What the result must be at the recorded point.
        rtol : float or None, default 0.0
            How much it may differ from that, in proportion to the largest element;
            None for as much as it likes.

        Raises
        ------
        Exception
            If the expression cannot be evaluated, or not to the expected value; no line
            is left behind.
        """
        self._names, count, known = names, len(self.lines), len(self._known)
        try:
            with np.errstate(all="ignore"):
                found = self._visit(_parsed(text), target)
                if rtol is not None and not _agrees(found, expected, rtol):
                    raise CannotLower(f"{text} is something else")
                return found
        except Exception:
            del self.lines[count:]
            while len(self._known) > known:
                self._known.popitem()
            raise

    def parts(self, text: str, names: Mapping[str, Operand]) -> Operand:
        """Return where the value of a part of an expression is."""
        self._names = names
        with np.errstate(all="ignore"):
            return self._visit(_parsed(text))

    def joined(self, x: Sequence[Operand], axis: int) -> Operand:
        """Return arrays one after the other."""
        value = np.concatenate([part.value for part in x], axis)
        listed = ", ".join([part.text for part in x])
        where = f", axis={axis}" if axis else ""
        return self._computed(f"np.concatenate([{listed}]{where})", x, value, "")

    def _visit(self, node: Any, target: str = "") -> Operand:
        visit = getattr(self, f"_{type(node).__name__.lower()}", None)
        if visit is None:
            raise CannotLower(f"{type(node).__name__} is not known")
        found: Operand = visit(node, target)
        if found.is_static:
            return replace(found, text=written(found.value))
        return found

    def _name(self, node: ast.Name, target: str) -> Operand:
        if node.id in self._names:
            return self._names[node.id]
        if node.id in ("PRIMITIVES", "autograd"):
            raise CannotLower(node.id)
        if node.id in ("tuple", "range"):
            return Operand(node.id, {"tuple": tuple, "range": range}[node.id])
        found = self._vocabulary()[node.id]
        op = getattr(found, "op", None)
        found = op.forward if op is not None and not op.sequence else found
        return Operand(self.function(node.id, found), found)

    def _constant(self, node: ast.Constant, target: str) -> Operand:
        return Operand(repr(node.value), node.value)

    def _tuple(self, node: ast.Tuple, target: str) -> Operand:
        return _gathered(tuple, [self._visit(x) for x in node.elts])

    def _list(self, node: ast.List, target: str) -> Operand:
        return _gathered(list, [self._visit(x) for x in node.elts])

    def _slice(self, node: ast.Slice, target: str) -> Operand:
        parts = [node.lower, node.upper, node.step]
        found = [None if x is None else self._visit(x).value for x in parts]
        return Operand(ast.unparse(node), slice(*found))

    def _unaryop(self, node: ast.UnaryOp, target: str) -> Operand:
        x = self._visit(node.operand)
        if not isinstance(node.op, ast.USub):
            raise CannotLower(ast.unparse(node))
        if x.is_static:
            return Operand(repr(-x.value), -x.value)
        return self.negative(x)

    def _binop(self, node: ast.BinOp, target: str) -> Operand:
        a, b = self._visit(node.left), self._visit(node.right)
        if isinstance(node.op, ast.MatMult):
            return self.product(a, b, target)
        name = _OPERATORS.get(type(node.op))
        if name is None:
            raise CannotLower(ast.unparse(node))
        return self.ufunc(name, (a, b), target)

    def _compare(self, node: ast.Compare, target: str) -> Operand:
        if len(node.ops) > 1:
            raise CannotLower(ast.unparse(node))
        a, b = self._visit(node.left), self._visit(node.comparators[0])
        return self.ufunc(_OPERATORS[type(node.ops[0])], (a, b), target)

    def _attribute(self, node: ast.Attribute, target: str) -> Operand:
        text = ast.unparse(node)
        if text.startswith("np."):
            return Operand(text, getattr(np, text[3:]))
        x = self.settled(self._visit(node.value))
        found = getattr(x.value, node.attr)
        if is_static(found):
            return Operand(repr(found), found)
        if isinstance(found, np.dtype):
            return Operand(dtype_text(found), found)
        if x.spread is not None and node.attr == "T":
            return self.broadcast(x, Operand("", found.shape))
        return Operand(f"{x.text}.{node.attr}", found, x.names)

    def _subscript(self, node: ast.Subscript, target: str) -> Operand:
        index = self._visit(node.slice)
        x = self._visit(node.value)
        if x.is_static:
            return Operand("", x.value[index.value])
        x = self.settled(x)
        parts = index.value if isinstance(index.value, tuple) else (index.value,)
        if any([isinstance(part, np.ndarray) for part in parts]):
            text, names = f"{x.text}[{index.text.strip('()')}]", x.names | index.names
            name = self.fresh(target)
            value = x.value[index.value]
            self.lines.append(Line((name,), text, names, (value,)))
            return Operand(name, value, frozenset([name]))
        text = f"{x.text}[{index_text(index.value)}]"
        return Operand(text, x.value[index.value], x.names)

    def _call(self, node: ast.Call, target: str) -> Operand:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "reshape":
            x = self._visit(node.func.value)
            if x.is_array:
                shape = [self._visit(part).value for part in node.args]
                return self.reshaped(x, x.value.reshape(*shape).shape)
        f = self._visit(node.func)
        arguments = [self._visit(x) for x in node.args]
        words = {str(w.arg): self._visit(w.value) for w in node.keywords}
        parts = [*arguments, *words.values()]
        if not any([x.is_array or x.names for x in parts]):
            values = {key: x.value for key, x in words.items()}
            return self._static(f.value(*[x.value for x in arguments], **values))
        if not words:
            return self._plain_call(f, arguments, target)
        if f.value in (np.sum, np.max) and set(words) <= {"axis", "keepdims"}:
            reduction = self.sum if f.value is np.sum else self.maximum
            settings = {key: x.value for key, x in words.items()}
            return reduction(arguments[0], target, **settings)
        return self.call(f, arguments, words, target)

    def _plain_call(self, f: Operand, x: Sequence[Operand], target: str) -> Operand:
        """Return the result of a function that has no keywords."""
        if _is_elementwise(f.value, len(x)):
            return self.ufunc(f.text.removeprefix("np."), x, target)
        if f.value is np.clip and x[0].is_array:
            return self.clip(x, target)
        if f.value is np.sum and len(x) == 1:
            return self.sum(x[0], target)
        if f.value in (np.dot, np.matmul):
            return self.product(x[0], x[1], target)
        if f.value is np.broadcast_to:
            return self.broadcast(x[0], x[1])
        if f.value is np.reshape:
            return self.reshaped(x[0], x[1].value)
        return self.call(f, x, {}, target)

    def _static(self, value: Any) -> Operand:
        """Return what shapes alone decide: an array is kept."""
        if is_static(value):
            return Operand(repr(value), value)
        if isinstance(value, np.ndarray | np.generic) and value.nbytes <= _LARGEST:
            return Operand(self.function("constant", value), value)
        raise CannotLower(f"{type(value).__name__} is not known")


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _gathered(kind: type, parts: Sequence[Operand]) -> Operand:
    inner = ", ".join([part.text for part in parts])
    names = names_of(parts)
    value = kind([part.value for part in parts])
    if kind is list:
        return Operand(f"[{inner}]", value, names)
    return Operand(f"({inner}{',' * (len(parts) == 1)})", value, names)


def _agrees(found: Operand, expected: Any, rtol: float | None) -> bool:
    """Return whether an operand has a value, and its shape and dtype."""
    value = found.value
    if found.names and np.shape(value) == np.shape(expected):
        if value.dtype != expected.dtype:
            return False
        value = -value if found.is_minus else value
        if not rtol or expected.dtype.kind != "f":
            return np.array_equal(value, expected, equal_nan=value.dtype.kind == "f")
        finite = np.isfinite(expected)
        atol = rtol * float(np.max(np.abs(expected), initial=0, where=finite))
        return np.allclose(value, expected, rtol=rtol, atol=atol, equal_nan=True)
    return False


def _is_elementwise(function: Any, count: int) -> bool:
    """Return whether a function is one of NumPy's for elements, with all its inputs."""
    ufunc = isinstance(function, np.ufunc) and function.signature is None
    return ufunc and function.nout == 1 and function.nin == count
