"""Symbols: arrays without values, which write down what is done with them.

An operation on symbols gives a symbol with a longer text:

    a * (1 - b)     with a, b symbols      has the text ``a * (1 - b)``

A symbol knows its shape and dtype, so that code which branches on them runs; code which
looks at values raises a TypeError.
"""

import inspect
import math
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

__all__ = ["Symbol", "index_text", "operand_text", "wrapped"]

_LISTED = 100  # elements up to which an array is written out

# How tightly an expression binds, as in Python's grammar.
_COMPARISON, _OR, _XOR, _AND, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(9)

_BINARY: dict[np.ufunc, tuple[str, int]] = {
    np.add: ("+", _SUM),
    np.subtract: ("-", _SUM),
    np.multiply: ("*", _PRODUCT),
    np.divide: ("/", _PRODUCT),
    np.matmul: ("@", _PRODUCT),
    np.power: ("**", _POWER),
    np.equal: ("==", _COMPARISON),
    np.not_equal: ("!=", _COMPARISON),
    np.less: ("<", _COMPARISON),
    np.less_equal: ("<=", _COMPARISON),
    np.greater: (">", _COMPARISON),
    np.greater_equal: (">=", _COMPARISON),
    np.bitwise_and: ("&", _AND),
    np.bitwise_or: ("|", _OR),
    np.bitwise_xor: ("^", _XOR),
}
_UNARY: dict[np.ufunc, str] = {np.negative: "-", np.positive: "+", np.invert: "~"}


class Symbol:
    """A named array without values, which writes down what is done with it.

    Parameters
    ----------
    text : str
        The expression.
    shape : tuple of int
        The shape of its value.
    dtype : dtype
        The dtype of its value.
    precedence : int, optional
        How tightly the outermost operator of the text binds.
    operations : int, default 0
        How many operations the text writes down.
    """

    __slots__ = ("dtype", "operations", "precedence", "shape", "text")

    def __init__(
        self,
        text: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        precedence: int = _ATOM,
        operations: int = 0,
    ) -> None:
        self.text = text
        self.shape = shape
        self.dtype = dtype
        self.precedence = precedence
        self.operations = operations

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def T(self) -> "Symbol":
        """The transpose, all axes reversed."""
        return self._extended(f"{wrapped(self, _ATOM)}.T", self.shape[::-1])

    def reshape(self, *shape: Any) -> "Symbol":
        """Return the symbol with other lengths of the axes."""
        text = f"{wrapped(self, _ATOM)}.reshape({', '.join(map(operand_text, shape))})"
        return self._extended(text, _stand_in(self).reshape(*shape).shape)

    def astype(self, dtype: Any) -> "Symbol":
        """Return the symbol: a conversion is not part of a formula."""
        return self

    def __getitem__(self, index: Any) -> "Symbol":
        text = f"{wrapped(self, _ATOM)}[{index_text(index)}]"
        return self._extended(text, _stand_in(self)[index].shape)

    def _extended(self, text: str, shape: tuple[int, ...]) -> "Symbol":
        return Symbol(text, shape, self.dtype, operations=self.operations + 1)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any
    ) -> "Symbol":
        if method != "__call__" or settings:
            raise TypeError(f"np.{ufunc.__name__}.{method} cannot be printed.")
        if ufunc in _UNARY:
            text, precedence = f"{_UNARY[ufunc]}{wrapped(inputs[0], _SIGN)}", _SIGN
        elif ufunc in _BINARY:
            text, precedence = _binary(*_BINARY[ufunc], *inputs)
        else:
            arguments = ", ".join(operand_text(x) for x in inputs)
            text, precedence = f"np.{ufunc.__name__}({arguments})", _ATOM
        return _result(text, precedence, inputs, _ufunc_shape(ufunc, inputs), ufunc)

    def __array_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: Any,
        kwargs: dict[str, Any],
    ) -> "Symbol":
        given, words = _stand_ins(args), _without_values(kwargs)
        try:
            value = function(*given, **words)
        except np.linalg.LinAlgError:  # zeros are a singular matrix
            value = function(*map(_invertible, given), **words)
        if not hasattr(value, "shape"):
            raise TypeError(f"np.{function.__name__} does not give an array.")
        text = _call(function, args, kwargs)
        count = 1 + sum(s.operations for s in _symbols(args))
        return Symbol(text, value.shape, value.dtype, operations=count)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self.text} is a symbol: its truth value is not known.")

    def __repr__(self) -> str:
        return f"Symbol({self.text!r}, {self.shape})"

    __hash__ = object.__hash__

    if TYPE_CHECKING:  # hung on below

        def __neg__(self) -> "Symbol": ...


def _hang_on_operators() -> None:
    """Give `Symbol` the operators, each through the NumPy function of its meaning."""
    binary = {
        "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
        "matmul": np.matmul, "pow": np.power, "and": np.bitwise_and,
        "or": np.bitwise_or, "xor": np.bitwise_xor, "eq": np.equal, "ne": np.not_equal,
        "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    }  # fmt: skip
    for name, ufunc in binary.items():
        setattr(Symbol, f"__{name}__", lambda a, b, f=ufunc: f(a, b))
        if hasattr(operator, f"i{name}"):  # comparisons reflect into each other
            setattr(Symbol, f"__r{name}__", lambda b, a, f=ufunc: f(a, b))
    for name, function in {
        "neg": np.negative,
        "pos": np.positive,
        "invert": np.invert,
    }.items():
        setattr(Symbol, f"__{name}__", lambda a, f=function: f(a))


_hang_on_operators()


def operand_text(value: Any) -> str:
    """Return the text of an operand: of a symbol, a number, an array, or a setting."""
    if isinstance(value, Symbol):
        return value.text
    if isinstance(value, bool | np.bool_):
        return repr(bool(value))
    if isinstance(value, int | float | np.integer | np.floating):
        number = value.item() if isinstance(value, np.generic) else value
        return repr(number) if math.isfinite(number) else f'float("{number}")'
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return operand_text(value[()])
    if isinstance(value, np.ndarray):
        if value.size > _LISTED:
            return "np.array(...)"
        if not value.size:
            return f"np.zeros({value.shape}, dtype=np.{value.dtype})"
        listed = value.tolist()
        guessed = np.asarray(listed).dtype == value.dtype
        return f"np.array({listed}{'' if guessed else f', dtype=np.{value.dtype}'})"
    if isinstance(value, tuple):
        return f"({', '.join(map(operand_text, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(operand_text, value))}]"
    return repr(value)


def wrapped(value: Any, needed: int = _ATOM) -> str:
    """Return the text, in parentheses if it binds less tightly than needed."""
    text = operand_text(value)
    if isinstance(value, Symbol):
        binds = value.precedence
    else:
        binds = _SIGN if text.startswith("-") else _ATOM
    return text if binds >= needed else f"({text})"


def _binary(sign: str, precedence: int, a: Any, b: Any) -> tuple[str, int]:
    # Operators of one level group to the left, ** to the right; comparisons do not mix.
    left = precedence + (precedence in (_POWER, _COMPARISON))
    right = _SIGN if precedence == _POWER else precedence + 1
    return f"{wrapped(a, left)} {sign} {wrapped(b, right)}", precedence


def index_text(index: Any) -> str:
    """Return an index as it is written between the brackets."""
    if isinstance(index, tuple):
        return ", ".join(index_text(part) for part in index) or "()"
    if isinstance(index, slice):
        ends = ["" if k is None else str(k) for k in (index.start, index.stop)]
        return ":".join(ends) + (f":{index.step}" if index.step is not None else "")
    return "..." if index is Ellipsis else operand_text(index)


def _call(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> str:
    """Return the text of a NumPy call, without arguments that have their default."""
    name = function.__name__
    if name == "transpose" and len(args) == 2 and args[1] is None:
        return f"{wrapped(args[0], _ATOM)}.T"
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # a function written in C
        parameters = inspect.Signature().parameters
    words = [operand_text(x) for x in args]
    for key, value in kwargs.items():
        default = (
            parameters[key].default if key in parameters else inspect.Parameter.empty
        )
        if value is default or (key, value) in (("order", "C"), ("keepdims", False)):
            continue
        if key == "axis" and isinstance(value, tuple) and len(value) == 1:
            value = value[0]
        words.append(f"{key}={operand_text(value)}")
    module = function.__module__  # numpy.linalg.inv is np.linalg.inv
    prefix = "np.linalg" if module.startswith("numpy.linalg") else "np"
    return f"{prefix}.{name}({', '.join(words)})"


def _symbols(args: Any) -> list[Symbol]:
    """Return the symbols among arguments, also inside lists and tuples."""
    found: list[Symbol] = []
    for x in args:
        if isinstance(x, Symbol):
            found.append(x)
        elif isinstance(x, list | tuple):
            found.extend(_symbols(x))
    return found


def _stand_in(symbol: Symbol) -> Any:
    """Return an array of the symbol's shape that takes no memory."""
    return np.broadcast_to(np.zeros((), symbol.dtype), symbol.shape)


def _invertible(array: Any) -> Any:
    """Return identities in place of square matrices."""
    shape = np.shape(array)
    square = len(shape) > 1 and shape[-1] == shape[-2]
    return np.broadcast_to(np.eye(shape[-1]), shape) if square else array


def _stand_ins(args: Any) -> list[Any]:
    return [
        _stand_in(x)
        if isinstance(x, Symbol)
        else type(x)(_stand_ins(x))
        if isinstance(x, list | tuple)
        else x
        for x in args
    ]


def _without_values(kwargs: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(kwargs, _stand_ins(kwargs.values()), strict=True))


def _ufunc_shape(ufunc: np.ufunc, inputs: Sequence[Any]) -> tuple[int, ...]:
    """Return the shape of a result, without computing it."""
    shapes = [np.shape(x) if not isinstance(x, Symbol) else x.shape for x in inputs]
    if ufunc is not np.matmul:
        return np.broadcast_shapes(*shapes)
    a, b = shapes
    batch = np.broadcast_shapes(a[:-2], b[:-2])
    return (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def _result(
    text: str,
    precedence: int,
    inputs: Sequence[Any],
    shape: tuple[int, ...],
    ufunc: np.ufunc,
) -> Symbol:
    dtypes = [x.dtype if isinstance(x, Symbol) else np.asarray(x).dtype for x in inputs]
    compared = precedence == _COMPARISON
    dtype = np.dtype(bool) if compared else np.result_type(*dtypes)
    count = 1 + sum(s.operations for s in _symbols(inputs))
    return Symbol(text, shape, dtype, precedence, count)
