"""Identifiers: what each tensor of a graph is called in a program."""

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import autograd.ops
from autograd.tensor import Tensor

__all__ = ["Identifiers", "Names"]

Names = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

# What generated lines use themselves.
_RESERVED = {
    *keyword.kwlist,
    *keyword.softkwlist,
    *dir(builtins),
    *vars(autograd.ops),
    *("G", "np", "autograd", "cache", "parameters", "forward", "backward"),
}


class Identifiers:
    """An identifier for every tensor of a graph, and for its gradient.

    The user's names come first (a dict of variables, or several; of a dict in it the
    entries count as well), then the tensors' own names, then made-up ones.

    Parameters
    ----------
    order : sequence of Tensor
        The graph, inputs first; the last one is the result.
    given : mapping, sequence of mapping, or None
        Name -> tensor or array.
    """

    def __init__(self, order: Sequence[Tensor], given: Names = None) -> None:
        self._taken = set(_RESERVED)
        self._of: dict[Tensor, str] = {}
        self._gradients: dict[Tensor, str] = {}
        self.known: set[Tensor] = set()  # those that the user has a name for
        self.constants: dict[str, np.ndarray[Any, Any]] = {}  # arrays among settings
        self._by_object = _by_object(given)
        self._of_array: dict[int, str] = {}  # one name for all uses of a constant array
        by_object = self._by_object
        for tensor in order:
            name = by_object.get(id(tensor)) or by_object.get(id(tensor.data))
            name = name or _identifier(tensor.name or "")
            if name:
                self.known.add(tensor)
                self._of[tensor] = self._named(tensor, name)
        if order[-1] not in self.known:
            self._of[order[-1]] = self._free("cost")
            self.known.add(order[-1])
        for tensor in order:
            if tensor not in self._of and not _is_number(tensor):
                self._of[tensor] = self._named(tensor)
        for tensor in order:
            if tensor in self._of:
                self._gradients[tensor] = self._free(f"d{self._of[tensor]}")

    def __getitem__(self, tensor: Tensor) -> str:
        """Return the identifier of a tensor; empty for a constant number."""
        return self._of.get(tensor, "")

    def gradient(self, tensor: Tensor) -> str:
        """Return the identifier of the gradient of the cost for a tensor."""
        return self._gradients[tensor]

    def constant(self, array: np.ndarray[Any, Any]) -> str:
        """Return what an array that is no tensor, such as an index, is written as."""
        for name, known in self.constants.items():
            if known is array:
                return name
        if array.ndim == 1 and array.dtype == int and _counts_up(array):
            return f"np.arange({len(array)})"
        given = self._by_object.get(id(array))
        kind = "index" if array.dtype.kind in "iub" else "data"
        name = self._free(given) if given else self._numbered(kind)
        self.constants[name] = array
        return name

    def _named(self, tensor: Tensor, name: str = "") -> str:
        """Return a free name; for a constant array seen before, the name it has."""
        constant = tensor.op is None and not tensor.requires_grad and tensor.ndim
        if constant and id(tensor.data) in self._of_array:
            return self._of_array[id(tensor.data)]
        free = self._free(name) if name else self._numbered(_kind(tensor))
        if constant:
            self._of_array[id(tensor.data)] = free
        return free

    def _free(self, name: str) -> str:
        free, count = name, 1
        while free in self._taken:
            count += 1
            free = f"{name}_" if count == 2 else f"{name}_{count}"
        self._taken.add(free)
        return free

    def _numbered(self, kind: str) -> str:
        count = 1
        while f"{kind}{count}" in self._taken:
            count += 1
        return self._free(f"{kind}{count}")


def _kind(tensor: Tensor) -> str:
    if tensor.op is not None:
        return "v"
    return "w" if tensor.requires_grad else "data"


def _counts_up(array: np.ndarray[Any, Any]) -> bool:
    return len(array) > 1 and np.array_equal(array, np.arange(len(array)))


def _is_number(tensor: Tensor) -> bool:
    constant = tensor.op is None and not tensor.requires_grad
    return constant and tensor.ndim == 0 and tensor.dtype.kind in "fiub"


def _identifier(text: str) -> str:
    """Return a name as an identifier: ``1.weight`` is ``layer1_weight``."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")[:60]
    return f"layer{name}" if name[:1].isdigit() else name


def _by_object(given: Names) -> dict[int, str]:
    """Return the user's names by the identity of what they stand for."""
    tables = [given] if isinstance(given, Mapping) else list(given or ())
    found: dict[int, str] = {}
    for table in tables:
        _read(table.items(), found)
    for table in tables:
        for key, value in table.items():
            if isinstance(value, Mapping) and not str(key).startswith("_"):
                _read(value.items(), found)
    return found


def _read(items: Iterable[tuple[Any, Any]], found: dict[int, str]) -> None:
    for key, value in items:
        name = _identifier(key) if isinstance(key, str) else ""
        if name and not key.startswith("_") and isinstance(value, Tensor | np.ndarray):
            found.setdefault(id(value), name)
            if isinstance(value, Tensor):
                found.setdefault(id(value.data), name)
