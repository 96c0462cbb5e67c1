"""What a function looks at beside its arguments, and must find as it was recorded.

Looked through are the closure, the defaults and the global variables of a function,
also of functions that it calls by name, ``self`` of a method, and from there dicts,
lists, tuples, sets and the attributes of objects, such as a model, and of the user's
classes.  Attributes of imported modules are not seen, nor are numbers that are written
into an array in place.
"""

import dis
import functools
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from operator import is_
from typing import Any

import numpy as np

from autograd.tensor import Tensor

__all__ = ["StandIn", "State"]

_MOST = 200_000  # objects; looking through more takes too long
_VALUES = (int, float, complex, bool, str, bytes, type(None))
_NOT_ENTERED = (types.ModuleType, types.BuiltinFunctionType)
_OF_A_FUNCTION = ("__code__", "__defaults__", "__kwdefaults__")

_MISSING = object()


class StandIn:
    """What stands for a function, which is all of it that a state looks at.

    Attributes
    ----------
    function : callable
        The function.
    """

    function: Callable[..., Any]


class State:
    """The objects that can be reached from some roots, as they are now.

    Parameters
    ----------
    roots : sequence
        Functions and other objects.
    keep : bool, default False
        Whether the contents of arrays and of random generators are kept as well, so
        that `restore` brings them back.
    """

    def __init__(self, roots: Sequence[Any], keep: bool = False) -> None:
        self._containers: list[tuple[Any, Any, Any]] = []  # container, keys, values
        self._cells: list[tuple[Any, Any]] = []
        self._globals: list[tuple[dict[str, Any], str, Any]] = []
        self._classes: list[tuple[type, dict[str, Any]]] = []
        self._attributes: list[tuple[Any, str, Any]] = []
        self._arrays: list[tuple[Any, Any]] = []
        self._constants: list[tuple[Tensor, Any, int]] = []
        self._tensors: list[tuple[Tensor, Any, int, Any]] = []
        self._generators: list[tuple[Any, Any]] = []
        self._seen: set[int] = set()
        self._keep = keep
        self._alive: list[Any] = []  # what was seen, so that no id is used again
        stack = list(roots)
        while stack and len(self._seen) < _MOST:
            x = stack.pop()
            if id(x) not in self._seen and type(x) not in _VALUES:
                self._seen.add(id(x))
                self._alive.append(x)
                stack.extend(self._enter(x))
        if keep:
            self._generators += [(f, f[0]()) for f in _global_generators()]

    def _enter(self, x: Any) -> Iterator[Any]:
        """Note what an object holds, and yield it."""
        if isinstance(x, _NOT_ENTERED):
            return
        if isinstance(x, Tensor):
            self._enter_tensor(x)
        elif isinstance(x, np.ndarray):
            if x.dtype == object:
                yield from x.flat
            elif self._keep:
                self._arrays.append((x, x.copy()))
        elif isinstance(x, type):
            yield from self._enter_class(x)
        elif isinstance(x, types.FunctionType):
            yield from self._enter_function(x)
        elif isinstance(x, types.MethodType):
            yield from (x.__self__, x.__func__)
        elif isinstance(x, StandIn):
            yield x.function
        elif isinstance(x, staticmethod | classmethod):
            yield x.__func__
        elif isinstance(x, property):
            yield x.fget
        elif isinstance(x, functools.partial):
            yield from (x.func, x.args, x.keywords)
        elif _is_numpys(x) and hasattr(x, "bit_generator"):
            if self._keep:
                self._generators.append((x, x.bit_generator.state))
        elif isinstance(x, dict):
            yield from self._enter_dict(x)
        elif isinstance(x, list | tuple | set | frozenset | deque):
            self._containers.append((x, None, tuple(x)))
            yield from x
        elif not _is_numpys(x):
            yield from self._enter_object(x)

    def _enter_object(self, x: Any) -> Iterator[Any]:
        if hasattr(x, "__dict__"):
            yield from self._enter_dict(vars(x))
        for name in _slots(type(x)):
            value = getattr(x, name, _MISSING)
            self._attributes.append((x, name, value))
            yield value
        for base in type(x).__mro__:
            yield base
            if _is_installed(base):  # it stays, but may look at global variables
                yield from filter(_is_function, vars(base).values())

    def _enter_class(self, x: type) -> Iterator[Any]:
        if not _is_known(x) and not _is_installed(x):
            self._classes.append((x, dict(vars(x))))
            yield from vars(x).values()
            yield from x.__mro__

    def _enter_dict(self, x: dict[Any, Any]) -> Iterator[Any]:
        self._containers.append((x, tuple(x), tuple(x.values())))
        yield from x.values()

    def _enter_tensor(self, x: Tensor) -> None:
        if x._op is None:  # what is computed from it alone is not recorded
            self._constants.append((x, x._data, x._version))
        if self._keep:
            self._tensors.append((x, x._data, x._version, np.copy(x._data)))

    def _enter_function(self, x: types.FunctionType) -> Iterator[Any]:
        for cell in x.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:  # not yet assigned
                continue
            self._cells.append((cell, value))
            yield value
        yield from x.__defaults__ or ()
        yield from (x.__kwdefaults__ or {}).values()
        if vars(x):
            yield from self._enter_dict(vars(x))
        if _is_ours(x):
            return
        self._attributes += [(x, name, getattr(x, name)) for name in _OF_A_FUNCTION]
        for name in _names(x.__code__):
            if name in x.__globals__:
                value = x.__globals__[name]
                self._globals.append((x.__globals__, name, value))
                yield value

    def is_unchanged(self) -> bool:
        """Return whether everything still holds the same objects and equal numbers."""
        for container, keys, values in self._containers:
            if len(container) != len(values):
                return False
            if keys is None:
                now: Any = container
            else:
                if tuple(container) != keys:
                    return False
                now = container.values()
            if not all(map(is_, now, values)) and not all(map(_same, now, values)):
                return False
        for cell, value in self._cells:
            inside = cell.cell_contents
            if inside is not value and not _same(inside, value):
                return False
        for where, name, value in self._globals:
            inside = where.get(name)
            if inside is not value and not _same(inside, value):
                return False
        for kind, before in self._classes:
            if not _all_same(vars(kind).values(), tuple(before.values())):
                return False
        for x, name, value in self._attributes:
            if not _same(getattr(x, name, _MISSING), value):
                return False
        for tensor, data, version in self._constants:
            if tensor._data is not data or tensor._version != version:
                return False
        return True

    def has_equal_contents(self) -> bool:
        """Return whether arrays and random generators are as they were kept."""
        return (
            all([_equal(x, old) for x, old in self._arrays])
            and all(
                [
                    x._data is data and x._version == version and _equal(data, old)
                    for x, data, version, old in self._tensors
                ]
            )
            and not self.drew_random_numbers()
        )

    def drew_random_numbers(self) -> bool:
        """Return whether a random generator has moved on."""
        return not all([_equal(_state_of(x), old) for x, old in self._generators])

    def restore(self) -> None:
        """Bring back everything that was kept."""
        for container, keys, values in self._containers:
            if type(container) is list and not _all_same(container, values):
                container[:] = values
            elif keys is not None and not (
                list(container) == list(keys) and _all_same(container.values(), values)
            ):
                container.clear()
                container.update(zip(keys, values, strict=True))
        for cell, value in self._cells:
            if not _same(cell.cell_contents, value):
                cell.cell_contents = value
        for where, name, value in self._globals:
            if not _same(where.get(name), value):
                where[name] = value
        for kind, before in self._classes:
            for name in vars(kind).keys() - before.keys():
                delattr(kind, name)
            for name, value in before.items():
                if not _same(vars(kind).get(name, _MISSING), value):
                    setattr(kind, name, value)
        for x, name, value in self._attributes:
            if value is not _MISSING and not _same(getattr(x, name, _MISSING), value):
                object.__setattr__(x, name, value)
        self._restore_contents()

    def _restore_contents(self) -> None:
        for x, old in self._arrays:
            if x.flags.writeable and not _equal(x, old):
                x[...] = old
        for tensor, data, version, old in self._tensors:
            if not _equal(data, old) and data.flags.writeable:
                data[...] = old
            if tensor._data is not data or tensor._version != version:
                tensor._data, tensor._version = data, version
        for generator, old in self._generators:
            if _equal(_state_of(generator), old):
                continue
            if isinstance(generator, tuple):
                generator[1](old)
            else:
                generator.bit_generator.state = old


def _slots(kind: type) -> Iterator[str]:
    """Yield the names of the attributes that objects of a class have without a dict."""
    for base in kind.__mro__:
        if not _is_known(base):
            for name, x in vars(base).items():
                if isinstance(x, types.MemberDescriptorType):
                    yield name


def _names(code: types.CodeType) -> Iterator[str]:
    """Yield the global names that a function, or one inside it, may look up.

    ``co_names`` has the names of attributes as well.
    """
    yield from {x.argval: None for x in dis.get_instructions(code) if _is_global(x)}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _is_global(instruction: dis.Instruction) -> bool:
    return instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")


def _is_ours(x: Any) -> bool:
    return str(x.__module__).partition(".")[0] in ("autograd", "nn", "numpy")


def _is_known(kind: type) -> bool:
    """Return whether a class is not the user's: it does not change."""
    module = str(kind.__module__).partition(".")[0]
    return _is_ours(kind) or module in sys.stdlib_module_names


def _is_installed(kind: type) -> bool:
    """Return whether a class belongs to another library."""
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return "site-packages" in str(path)


def _is_function(x: Any) -> bool:
    return isinstance(x, types.FunctionType)


def _is_numpys(x: Any) -> bool:
    return type(x).__module__.partition(".")[0] == "numpy"


def _same(now: Any, then: Any) -> bool:
    return now is then or (
        type(now) is type(then) and type(now) in _VALUES and bool(now == then)
    )


def _all_same(now: Any, then: Sequence[Any]) -> bool:
    return len(now) == len(then) and all(map(_same, now, then))


def _equal(a: Any, b: Any) -> bool:
    """Return whether two states of a generator, or two values, are equal."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, np.ndarray | np.generic):
        return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return bool(a == b)


def _state_of(generator: Any) -> Any:
    if isinstance(generator, tuple):
        return generator[0]()
    return generator.bit_generator.state


def _global_generators() -> list[tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """Return how to get and set the state of the global generators that are loaded."""
    found = []
    if "numpy.random" in sys.modules:
        legacy = sys.modules["numpy.random"]
        found.append((legacy.get_state, legacy.set_state))
    if "random" in sys.modules:
        python = sys.modules["random"]
        found.append((python.getstate, python.setstate))
    return found
