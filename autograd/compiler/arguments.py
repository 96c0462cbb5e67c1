"""What a function was called with: structure, shapes, dtypes and values.

Tensors and arrays of numbers are what a plan computes with.  All else is *static*: a
plan is good for equal numbers and strings, and for the same other objects only.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.tensor import Tensor

__all__ = ["Arguments"]

_BY_VALUE = (bool, int, str, bytes, type(None), type(Ellipsis))


class Arguments:
    """The arguments of one call.

    Parameters
    ----------
    args : tuple
        The positional arguments.
    kwargs : dict
        The keyword arguments.

    Attributes
    ----------
    arrays : list of Tensor or ndarray
        What a plan computes with, in order.
    statics : list
        Objects that stand for themselves.
    key : tuple
        Equal for calls that one plan can serve.
    """

    __slots__ = ("_args", "_kwargs", "_parts", "arrays", "key", "statics")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._args, self._kwargs = args, kwargs
        self.arrays: list[Any] = []
        self.statics: list[Any] = []
        self._parts: list[Any] = []
        if args:
            self._read(args)
        if kwargs:
            self._read(kwargs)
        self.key = tuple(self._parts)

    def _read(self, x: Any) -> None:
        parts = self._parts
        if isinstance(x, Tensor):
            parts.append((Tensor, x.shape, x.dtype, x.requires_grad))
            self.arrays.append(x)
        elif isinstance(x, np.ndarray) and x.dtype != object:
            parts.append((type(x), x.shape, x.dtype))
            self.arrays.append(x)
        elif isinstance(x, np.ndarray):
            parts.append((type(x), x.shape))
            for item in x.flat:
                self._read(item)
        elif type(x) in (list, tuple) or hasattr(x, "_fields"):
            parts.append((type(x), len(x)))
            for item in x:
                self._read(item)
        elif type(x) is dict:
            parts.append((dict, len(x)))
            for key, item in x.items():
                parts.append(key)
                self._read(item)
        elif type(x) in _BY_VALUE:
            parts.append((type(x), x))
        elif isinstance(x, float | complex | np.generic):
            parts.append((type(x), repr(x)))  # 0.0 and -0.0 differ
        else:
            parts.append((type(x), id(x)))  # a plan keeps it, so that it stays unique
            self.statics.append(x)

    def changed(self, arrays: list[Any]) -> "Arguments":
        """Return the same arguments with other tensors and arrays."""
        return Arguments(*self.with_arrays(arrays))

    def replaced(
        self, function: Callable[[Any], Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments with ``function`` applied to every tensor and array."""
        return _replaced(self._args, function), _replaced(self._kwargs, function)

    def with_arrays(self, arrays: list[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments with other tensors and arrays, given in order."""
        remaining: Iterator[Any] = iter(arrays)
        return self.replaced(lambda _: next(remaining))


def _replaced(x: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(x, Tensor) or (isinstance(x, np.ndarray) and x.dtype != object):
        return function(x)
    if isinstance(x, np.ndarray):
        new = np.empty(x.shape, dtype=object)
        for index in np.ndindex(x.shape):
            new[index] = _replaced(x[index], function)
        return new.view(type(x))
    if type(x) in (list, tuple):
        return type(x)([_replaced(item, function) for item in x])
    if hasattr(x, "_fields"):
        return type(x)(*[_replaced(item, function) for item in x])
    if type(x) is dict:
        return {key: _replaced(item, function) for key, item in x.items()}
    return x
