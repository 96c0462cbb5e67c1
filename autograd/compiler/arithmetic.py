"""Operations on operands, as lines that take ``out=`` where NumPy has it.

Nothing is computed that a factor or a sign can carry: one number that was spread over
an array stays a number as long as it only multiplies, and minus signs are put off until
a sum takes them in. Both leave every bit as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.compiler.lines import Line
from autograd.compiler.operands import CannotLower, Operand, names_of, overlapping

__all__ = ["Arithmetic"]

_INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_VIEWS = (np.expand_dims, np.moveaxis, np.squeeze, np.swapaxes, np.transpose)
_SMALL = 1 << 12  # elements
_LONG = 16  # elements of the last axis, which are run through in one piece
_RESHAPED = re.compile(r"\.reshape\([^()]*\)$")


class Arithmetic:
    """Writes lines.

    Parameters
    ----------
    function : callable
        ``function(name, object)`` gives the name under which a plan finds an object.

    Attributes
    ----------
    lines : list of Line
        What was written.
    is_exact : bool
        Whether sums are added up in the order of NumPy's functions, so that every bit
        is the same; otherwise in that which is fastest.
    """

    def __init__(self, function: Callable[[str, Any], str]) -> None:
        self.lines: list[Line] = []
        self.function = function
        self.is_exact = True
        self._known: dict[Any, Operand] = {}  # what was computed before
        self._taken: set[str] = set()
        self._count = 0

    # ---- element by element ----------------------------------------------------------

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
        names = names_of(x)
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
        """Return the result of a line that takes ``out``; equal text only once."""
        found = self._known.get(text)
        if found is not None:
            return found
        name = self.fresh(target)
        names = names_of(x)
        places = [_place(part, value) for part in x if overwrites]
        line = Line(
            (name,),
            text,
            names,
            (value,),
            takes_out=True,
            overwrites=tuple(filter(None, places)),
        )
        self.lines.append(line)
        self._known[text] = result = Operand(name, value, frozenset([name]))
        return result

    def change(self, text: str, x: Operand, reads: frozenset[str]) -> None:
        """Write a line that changes an array, whose old value is not used again."""
        self.lines.append(Line((), text, reads | x.names, ()))
        for key in [k for k, known in self._known.items() if known.text == x.text]:
            del self._known[key]

    def fresh(self, wish: str = "") -> str:
        """Return a name that stands for nothing yet, if possible the one wished for."""
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
        is_folded = a.value.ndim > 2 == b.value.ndim and not self.is_exact
        if is_folded and a.value.flags.c_contiguous:
            rows = self.reshaped(a, (-1, a.value.shape[-1]))
            flat = self.product(rows, b, "")
            return replace(self.reshaped(flat, value.shape), is_minus=is_minus)
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
        if x.value.dtype.kind == "f" and x.value.size and not self.is_exact:
            if leading and ndim > 1 and x.value.flags.c_contiguous:
                rows = x
                if ndim > 2:
                    rows = self.reshaped(x, (-1, x.value.shape[-1]))
                found = self.product(self.ones(len(rows.value), x), rows, "")
                return self._shaped(found, value.shape, is_minus)
            if axes == (1,) and ndim == 2:
                found = self.product(x, self.ones(x.value.shape[1], x), "")
                return self._shaped(found, value.shape, is_minus)
        text = f"np.add.reduce({x.text}, axis={axis}, keepdims={keepdims})"
        found = self._computed(text, (x,), np.ascontiguousarray(value), target)
        return replace(found, is_minus=is_minus)

    def maximum(
        self, x: Operand, target: str, axis: Any = None, keepdims: bool = False
    ) -> Operand:
        """Return the largest elements along some axes."""
        x = self.settled(x)
        value = np.max(x.value, axis=axis, keepdims=keepdims)
        text = f"np.maximum.reduce({x.text}, axis={axis}, keepdims={keepdims})"
        if not value.ndim:
            return Operand(text, value, x.names)
        return self._computed(text, (x,), value, target)

    def clip(self, x: Sequence[Operand], target: str) -> Operand:
        """Return an array with its elements cut off at two bounds."""
        x = [self.settled(part) for part in x]
        text = f"np.clip({', '.join([part.text for part in x])})"
        value = np.clip(*[part.value for part in x])
        return self._computed(text, x, value, target, overwrites=True)

    def _shaped(self, x: Operand, shape: tuple[int, ...], is_minus: bool) -> Operand:
        if x.value.shape != shape:
            x = self.reshaped(x, shape)
        return replace(x, is_minus=is_minus != x.is_minus)

    def ones(self, count: int, like: Operand) -> Operand:
        """Return a vector of ones, whose product with an array is a sum."""
        value = np.ones(count, like.value.dtype)
        name = f"ones_{count}_{like.value.dtype}"
        return Operand(self.function(name, value), value)

    def broadcast(self, x: Operand, shape: Operand) -> Operand:
        """Return an array that repeats another one."""
        x = replace(x.spread, is_minus=x.is_minus) if x.spread is not None else x
        value = np.broadcast_to(x.value, shape.value)
        if value.shape == np.shape(x.value):
            return x
        number = replace(x, is_minus=False)
        text = f"np.broadcast_to({x.text}, {shape.value})"
        spread = None if x.is_array else number
        return Operand(text, value, x.names, x.is_minus, spread)

    def reshaped(self, x: Operand, shape: Any) -> Operand:
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
        if not value.ndim:
            return Operand(f"{x.text}.reshape(())[()]", value[()], x.names, x.is_minus)
        text = f"{_RESHAPED.sub('', x.text)}.reshape{value.shape}"
        return Operand(text, value, x.names, x.is_minus)

    def laid_out_like(self, x: Operand, like: Any) -> Operand:
        """Return an array with its elements in the order of another array's.

        Operations on arrays of different orders run through both in small pieces.
        """
        if x.spread is not None or x.value.ndim < 3 or x.value.size < _SMALL:
            return x
        value = np.empty_like(like)
        same = [a == b for a, b in zip(value.strides, x.value.strides, strict=True)]
        if all(same) or (same[-1] and value.shape[-1] >= _LONG):
            return x
        np.copyto(value, x.value)
        found = self._computed(f"np.positive({x.text})", (x,), value, "")
        return replace(found, is_minus=x.is_minus)

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
        if f.value in _VIEWS and x[0].spread is not None:
            return self.broadcast(x[0], Operand("", value.shape))
        texts = [part.text for part in x]
        texts += [f"{key}={part.text}" for key, part in given.items()]
        text = f"{f.text}({', '.join(texts)})"
        if text in self._known:
            return self._known[text]
        parts = [*x, *given.values()]
        names = names_of(parts)
        if not isinstance(value, np.ndarray | np.generic):
            raise CannotLower(f"{f.text} gives {type(value).__name__}")
        if not value.ndim:
            text, value = f"{text}[()]", np.asarray(value)[()]
        shares = overlapping(value, parts)
        name = self.fresh(target)
        line = Line((name,), text, names, (value,), shares=shares)
        line.is_view = bool(shares) and f.value in _VIEWS
        self.lines.append(line)
        self._known[text] = result = Operand(name, value, frozenset([name]))
        return result


def _place(x: Operand, value: Any) -> str:
    """Return the name of an operand in whose place a result fits, or nothing."""
    if not x.is_array or len(x.names) != 1:
        return ""
    alike = x.value.shape == value.shape and x.value.strides == value.strides
    is_whole = x.text in x.names or ".reshape(" in x.text
    fits = alike and x.value.dtype == value.dtype and value.flags.forc
    return next(iter(x.names)) if fits and is_whole else ""


def _weak(x: Operand, all_of_them: Sequence[Operand]) -> Operand:
    """Write a number that was recorded as itself, if that changes no dtype."""
    if isinstance(x.value, np.float64 | np.float32) and not x.names:
        arrays = [part for part in all_of_them if part.is_array]
        is_alike = all([part.value.dtype == x.value.dtype for part in arrays])
        if is_alike and np.isfinite(x.value):
            return replace(x, text=repr(float(x.value)))
    return x
