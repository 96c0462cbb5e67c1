"""Expressions as lines that compute one thing each, with ``out=`` where NumPy has it.

Rules and operations come as Python text (`autograd.formula`). Its parts become

- lines ``np.multiply(g, v3)``, which can write into an array that is there already;
- numbers and views, which are written where they are read: ``v3.T``, ``seed / 64``;
- calls of what cannot be taken apart.

Nothing is computed that a factor or a sign can carry: one number that was spread over
an array stays a number as long as it only multiplies, and minus signs are put off until
a sum takes them in. Both leave every bit as it is.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from autograd.compiler.lines import Line, dtype_text
from autograd.symbol import index_text

__all__ = ["Lowering", "Operand"]

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less",
    ast.LtE: "less_equal", ast.Eq: "equal", ast.NotEq: "not_equal", ast.Pow: "power",
}  # fmt: skip
_INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_STATIC = (bool, int, float, str, tuple, list, range, slice, type(None), type(Ellipsis))
_LARGEST = 1 << 20  # bytes of an array that shapes decide, such as np.eye(3)


@dataclass(frozen=True)
class Operand:
    """Something that a line can be made with.

    Attributes
    ----------
    text : str
        How it is written.
    value : object
        At the recorded point, without the sign.
    names : frozenset of str
        The names in the text.
    is_minus : bool
        Whether what is meant is the opposite.
    spread : Operand or None
        The number of which every element of the array is.
    """

    text: str
    value: Any
    names: frozenset[str] = frozenset()
    is_minus: bool = False
    spread: "Operand | None" = None

    @property
    def is_array(self) -> bool:
        """Whether it has axes."""
        return isinstance(self.value, np.ndarray) and self.value.ndim > 0

    @property
    def is_static(self) -> bool:
        """Whether it is a Python object that no value of an array decides."""
        return _is_static(self.value) and not self.names


class CannotLower(Exception):
    """Why an expression is better called as a whole."""


class Lowering:
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
        self.lines: list[Line] = []
        self._function = function
        self._taken: set[str] = set()
        self._vocabulary = cache(vocabulary)
        self._known: dict[Any, Operand] = {}  # what was computed before
        self._count = 0

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
            return replace(found, text=repr(found.value))
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
        return Operand(self._function(node.id, found), found)

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
        if _is_static(found):
            return Operand(repr(found), found)
        if isinstance(found, np.dtype):
            return Operand(dtype_text(found), found)
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
                return self._view("np.reshape", x, x.value.reshape(*shape).shape)
        f = self._visit(node.func)
        arguments = [self._visit(x) for x in node.args]
        words = {str(w.arg): self._visit(w.value) for w in node.keywords}
        name = f.text.removeprefix("np.")
        if not any([x.is_array or x.names for x in [*arguments, *words.values()]]):
            values = {key: x.value for key, x in words.items()}
            return self._static(f.value(*[x.value for x in arguments], **values))
        if _is_plain(f.value, len(arguments)) and not words:
            return self.ufunc(name, arguments, target)
        if f.value is np.sum and set(words) <= {"axis", "keepdims"}:
            settings = {key: x.value for key, x in words.items()}
            return self.sum(arguments[0], target, **settings)
        if f.value is np.max and "axis" in words and set(words) <= {"axis", "keepdims"}:
            value = np.max(
                arguments[0].value, **{key: x.value for key, x in words.items()}
            )
            x = self.settled(arguments[0])
            settings = ", ".join([f"{key}={x.text}" for key, x in words.items()])
            text = f"np.maximum.reduce({x.text}, {settings})"
            return self._computed(text, (x,), value, target)
        if f.value in (np.dot, np.matmul) and not words:
            return self.product(*arguments, target)
        if f.value is np.broadcast_to and not words:
            return self.broadcast(*arguments)
        if f.value is np.reshape and not words:
            return self._view(f.text, arguments[0], arguments[1].value)
        return self.call(f, arguments, words, target)

    def _static(self, value: Any) -> Operand:
        """Return what shapes alone decide: an array is kept."""
        if _is_static(value):
            return Operand(repr(value), value)
        if isinstance(value, np.ndarray | np.generic) and value.nbytes <= _LARGEST:
            return Operand(self._function("constant", value), value)
        raise CannotLower(f"{type(value).__name__} is not known")

    # ---- lines -----------------------------------------------------------------------

    def negative(self, x: Operand) -> Operand:
        """Return the opposite: the sign is put off."""
        return replace(x, is_minus=not x.is_minus)

    def settled(self, x: Operand, target: str = "") -> Operand:
        """Return the same with its sign carried out."""
        if not x.is_minus:
            return x
        return self._line("negative", (replace(x, is_minus=False),), target)

    def ufunc(self, name: str, x: Sequence[Operand], target: str) -> Operand:
        """Return a function of operands, element by element."""
        is_minus = False
        if name in ("multiply", "divide"):
            is_minus = x[0].is_minus != x[1].is_minus
            x = [replace(part, is_minus=False) for part in x]
        elif name in ("add", "subtract") and x[1].is_minus:
            name = "subtract" if name == "add" else "add"
            x = [x[0], replace(x[1], is_minus=False)]
        if name == "add" and x[0].is_minus:
            name, x = "subtract", [x[1], replace(x[0], is_minus=False)]
        if name == "negative":
            return self.negative(x[0])
        x = [self.settled(part) for part in x]
        if name == "multiply":
            for part, other in (x, x[::-1]):
                if part.is_static and part.value == 1 and other.is_array:
                    return replace(other, is_minus=is_minus)
        return replace(self._line(name, x, target), is_minus=is_minus)

    def _line(self, name: str, x: Sequence[Operand], target: str) -> Operand:
        function = getattr(np, name)
        value = function(*[part.value for part in x])
        if not isinstance(value, np.ndarray) or not value.ndim:
            return self._number(name, x, value)
        x = self._without_spreads(function, x, value)
        if not any([part.is_array for part in x]):
            number = self._number(name, x, function(*[part.value for part in x]))
            return self.broadcast(number, Operand("", value.shape))
        x = [_weak(part, x) for part in x]
        text = f"np.{name}({', '.join([part.text for part in x])})"
        return self._computed(text, x, value, target, overwrites=True)

    def _number(self, name: str, x: Sequence[Operand], value: Any) -> Operand:
        texts = [part.text for part in x]
        if name in _INFIX:
            text = f"({texts[0]} {_INFIX[name]} {texts[1]})"
        elif name == "negative":
            text = f"(-{texts[0]})"
        else:
            text = f"np.{name}({', '.join(texts)})"
        names = frozenset().union(*[part.names for part in x])
        return Operand(text, value[()] if hasattr(value, "ndim") else value, names)

    def _without_spreads(
        self, function: Any, x: Sequence[Operand], value: Any
    ) -> list[Operand]:
        """Put numbers in place of arrays that hold one number everywhere."""
        parts = [part.spread or part for part in x]
        if all([part is other for part, other in zip(parts, x, strict=True)]):
            return list(x)
        with np.errstate(all="ignore"):
            plain = function(*[part.value for part in parts])
        is_same = plain.dtype == value.dtype
        full = [part for part in parts if part.is_array]
        if is_same and (plain.shape == value.shape or not full):
            return parts
        return list(x)

    def _computed(
        self,
        text: str,
        x: Sequence[Operand],
        value: Any,
        target: str,
        overwrites: bool = False,
    ) -> Operand:
        """Return the result of a line that takes ``out``; the same text only once."""
        found = self._known.get(text)
        if found is not None:
            return found
        name = self.fresh(target)
        names = frozenset().union(*[part.names for part in x])
        places = [_place(part, value) for part in x if overwrites]
        line = Line((name,), text, names, (value,), takes_out=True, overwrites=tuple(filter(None, places)))
        self.lines.append(line)
        self._known[text] = result = Operand(name, value, frozenset([name]))
        return result

    def change(self, text: str, x: Operand, reads: frozenset[str]) -> None:
        """Write a line that changes an array, whose old value is not used again."""
        self.lines.append(Line((), text, reads | x.names, ()))
        for key in [key for key, known in self._known.items() if known is x]:
            del self._known[key]

    def fresh(self, wish: str = "") -> str:
        """Return a name that stands for nothing yet: the one wished for, if possible."""
        name = wish
        while not name or name in self._taken:
            self._count += 1
            name = f"{wish}_{self._count}" if wish else f"t{self._count}"
        self._taken.add(name)
        return name

    def product(self, a: Operand, b: Operand, target: str) -> Operand:
        """Return a matrix product; rows of all leading axes together where possible."""
        is_minus = a.is_minus != b.is_minus
        a, b = (self.settled(replace(x, is_minus=False)) for x in (a, b))
        value = np.matmul(a.value, b.value)
        if not isinstance(value, np.ndarray) or not value.ndim or not value.size:
            raise CannotLower("a product that is a number, or nothing")
        if a.value.ndim > 2 == b.value.ndim and a.value.flags.c_contiguous:
            rows = self._view("np.reshape", a, (-1, a.value.shape[-1]))
            flat = self.product(rows, b, "")
            return replace(self._view("np.reshape", flat, value.shape), is_minus=is_minus)
        if a.value.ndim == b.value.ndim == 2 and a.value.shape[1] == 1:
            outer = self.ufunc("multiply", (a, b), target)  # one term: no sum
            return replace(outer, is_minus=outer.is_minus != is_minus)
        text = f"np.matmul({a.text}, {b.text})"
        value = np.ascontiguousarray(value)
        return replace(self._computed(text, (a, b), value, target), is_minus=is_minus)

    def sum(
        self, x: Operand, target: str, axis: Any = None, keepdims: bool = False
    ) -> Operand:
        """Return a sum; over the rows or along them as a product with ones."""
        is_minus, x = x.is_minus, replace(x, is_minus=False)
        value = np.sum(x.value, axis=axis, keepdims=keepdims)
        ndim = x.value.ndim
        axes = axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(range(ndim)) if axis is None else tuple([k % ndim for k in axes])
        if not value.ndim:
            text = f"np.add.reduce({x.text}, axis=None)"
            return Operand(text, value, x.names, is_minus)
        leading = axes == tuple(range(ndim - 1))
        if x.value.dtype.kind == "f" and x.value.size:
            if leading and ndim > 1 and x.value.flags.c_contiguous:
                rows = x
                if ndim > 2:
                    rows = self._view("np.reshape", x, (-1, x.value.shape[-1]))
                found = self.product(self._ones(len(rows.value), x), rows, "")
                return self._shaped(found, value.shape, is_minus)
            if axes == (1,) and ndim == 2:
                found = self.product(x, self._ones(x.value.shape[1], x), "")
                return self._shaped(found, value.shape, is_minus)
        text = f"np.add.reduce({x.text}, axis={axis}, keepdims={keepdims})"
        found = self._computed(text, (x,), np.ascontiguousarray(value), target)
        return replace(found, is_minus=is_minus)

    def _shaped(self, x: Operand, shape: tuple[int, ...], is_minus: bool) -> Operand:
        if x.value.shape != shape:
            x = self._view("np.reshape", x, shape)
        return replace(x, is_minus=is_minus != x.is_minus)

    def _ones(self, count: int, like: Operand) -> Operand:
        value = np.ones(count, like.value.dtype)
        name = f"ones_{count}_{like.value.dtype}"
        return Operand(self._function(name, value), value)

    def broadcast(self, x: Operand, shape: Operand) -> Operand:
        """Return an array that repeats another one."""
        value = np.broadcast_to(x.value, shape.value)
        if value.shape == np.shape(x.value):
            return x
        number = replace(x, is_minus=False)
        text = f"np.broadcast_to({x.text}, {shape.value})"
        spread = None if x.is_array else number
        return Operand(text, value, x.names, x.is_minus, spread)

    def _view(self, function: str, x: Operand, shape: Any) -> Operand:
        """Return an array in another shape, in the same memory if possible."""
        value = np.reshape(x.value, shape)
        if x.spread is not None:
            return replace(
                self.broadcast(x.spread, Operand("", value.shape)), is_minus=x.is_minus
            )
        if value.shape == x.value.shape:
            return x
        if not np.may_share_memory(value, x.value):
            text = f"np.reshape({x.text}, {value.shape})"
            name = self.fresh()
            self.lines.append(Line((name,), text, x.names, (value,)))
            return Operand(name, value, frozenset([name]), x.is_minus)
        return Operand(f"{x.text}.reshape{value.shape}", value, x.names, x.is_minus)

    def call(
        self,
        f: Operand,
        x: Sequence[Operand],
        words: Mapping[str, Operand],
        target: str,
    ) -> Operand:
        """Return the result of a function that is called as it is."""
        x = [self.settled(part) for part in x]
        given = {key: self.settled(part) for key, part in words.items()}
        value = f.value(
            *[part.value for part in x],
            **{key: part.value for key, part in given.items()},
        )
        texts = [part.text for part in x]
        texts += [f"{key}={part.text}" for key, part in given.items()]
        text = f"{f.text}({', '.join(texts)})"
        if text in self._known:
            return self._known[text]
        parts = [*x, *given.values()]
        names = frozenset().union(*[part.names for part in parts])
        if not isinstance(value, np.ndarray | np.generic):
            raise CannotLower(f"{f.text} gives {type(value).__name__}")
        if not value.ndim:
            text, value = f"{text}[()]", value[()]
        shares = _shared(value, parts)
        name = self.fresh(target)
        self.lines.append(Line((name,), text, names, (value,), shares=shares))
        self._known[text] = result = Operand(name, value, frozenset([name]))
        return result


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _gathered(kind: type, parts: Sequence[Operand]) -> Operand:
    inner = ", ".join([part.text for part in parts])
    names = frozenset().union(*[part.names for part in parts])
    value = kind([part.value for part in parts])
    if kind is list:
        return Operand(f"[{inner}]", value, names)
    return Operand(f"({inner}{',' * (len(parts) == 1)})", value, names)


def _agrees(found: Operand, expected: Any, rtol: float) -> bool:
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


def _is_static(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all([_is_static(part) for part in value])
    return isinstance(value, _STATIC)


def _place(x: Operand, value: Any) -> str:
    """Return the name of an operand in whose place a result fits, or nothing."""
    if not x.is_array or len(x.names) != 1:
        return ""
    alike = x.value.shape == value.shape and x.value.strides == value.strides
    is_whole = x.text in x.names or ".reshape(" in x.text
    fits = alike and x.value.dtype == value.dtype and value.flags.forc
    return next(iter(x.names)) if fits and is_whole else ""


def _is_plain(function: Any, count: int) -> bool:
    """Return whether a function is one of NumPy's for elements, with all its inputs."""
    ufunc = isinstance(function, np.ufunc) and function.signature is None
    return ufunc and function.nout == 1 and function.nin == count


def _weak(x: Operand, all_of_them: Sequence[Operand]) -> Operand:
    """Write a number that was recorded as itself, if that changes no dtype."""
    if isinstance(x.value, np.float64 | np.float32) and not x.names:
        arrays = [part for part in all_of_them if part.is_array]
        if all([part.value.dtype == x.value.dtype for part in arrays]):
            if np.isfinite(x.value):
                return replace(x, text=repr(float(x.value)))
    return x


def _shared(value: Any, parts: Sequence[Operand]) -> tuple[str, ...]:
    """Return the names of the operands whose memory a result may share."""
    found: list[str] = []
    for part in parts:
        items = part.value if isinstance(part.value, list | tuple) else [part.value]
        for item in items:
            if isinstance(item, np.ndarray) and np.may_share_memory(value, item):
                found += part.names
    return tuple(dict.fromkeys(found))
