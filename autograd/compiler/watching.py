"""Values that are read out of the graph while a function is recorded.

What is computed from a value that was read is missing from the recording: control flow
on it, numbers, masks.  While a function is recorded, the ways out of a tensor note who
takes them; a plan is made only if what was read is found again in the recording.
"""

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import numpy_protocol
from autograd.callsite import Site, describe_site, find_site
from autograd.tensor import Tensor

__all__ = ["NotCompilable", "Reading", "WatchedArray", "is_watching", "watched"]


class NotCompilable(Exception):
    """Why a function cannot become a plan."""


# A tensor, the line that led to it, and whether an operation of ours looked itself.
Reading = tuple[Tensor, Site | None, bool]

_WAYS_OUT = (
    "__array__", "__bool__", "__float__", "__index__", "__int__", "_compared",
    "detach", "item", "numpy", "tolist",
)  # fmt: skip

# One recording at a time; other threads take the ways out unnoticed.
_LOCK = threading.RLock()
_local = threading.local()


@contextmanager
def watched() -> Iterator[list[Reading]]:
    """Note the tensors of the graph whose values this thread reads, and where."""
    readings: list[Reading] = []
    with _LOCK:
        data = vars(Tensor)["data"]
        ways = {name: _noting(vars(Tensor)[name]) for name in _WAYS_OUT}
        watching = {**ways, "data": property(_noting(data.fget), data.fset)}
        originals = {name: vars(Tensor)[name] for name in watching}
        before = getattr(_local, "readings", None)
        try:
            _local.readings = readings
            for name, way_out in watching.items():
                setattr(Tensor, name, way_out)
            yield readings
        finally:
            _local.readings = before
            for name, original in originals.items():
                setattr(Tensor, name, original)


def is_watching() -> bool:
    """Return whether this thread is recording a function."""
    return getattr(_local, "readings", None) is not None


def _asks_for_shape(caller: Any) -> bool:
    """Return whether NumPy's dispatch reads a value only because of its shape."""
    if caller.f_code is not numpy_protocol._values.__code__:
        return False
    return caller.f_back.f_locals.get("function") in (np.shape, np.ndim, np.size)


def _noting(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def way_out(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        readings = getattr(_local, "readings", None)
        if readings is not None and tensor._op is not None:
            caller = sys._getframe(1)
            if not _asks_for_shape(caller):
                site = find_site(2)
                is_direct = site is not None and caller.f_code is site[0]
                readings.append((tensor, site, not is_direct))
        return method(tensor, *args, **kwargs)

    return way_out


class WatchedArray(np.ndarray[Any, Any]):
    """An argument that stays a plain array, such as indices; computing with it raises.

    Parts and other shapes of it are views, which a recording finds by their memory.
    """

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **settings: Any
    ) -> Any:
        raise _computed(f"np.{ufunc.__name__}")

    def __array_function__(
        self, function: Any, types: Any, args: Any, kwargs: Any
    ) -> Any:
        if function in (np.shape, np.ndim, np.size, np.reshape, np.ravel):
            return super().__array_function__(function, types, args, kwargs)
        raise _computed(f"np.{function.__name__}")

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        if not isinstance(part, np.ndarray):
            raise _computed("an index")
        return part

    def __iter__(self) -> Iterator[Any]:
        if self.ndim < 2:
            raise _computed("a loop")
        return super().__iter__()

    def __bool__(self) -> bool:
        raise _computed("a condition")

    def __index__(self) -> int:
        raise _computed("an index")

    __int__ = __index__

    def __float__(self) -> float:
        raise _computed("float()")


def _computed(what: str) -> NotCompilable:
    site = find_site(3)
    place = f" at {describe_site(site)}" if site else ""
    return NotCompilable(
        f"{what}{place} computes with an array outside of the graph; the result would "
        f"stay as it was when it was recorded"
    )


def _refusing(name: str) -> Callable[..., Any]:
    def refuse(array: Any, *args: Any, **kwargs: Any) -> Any:
        raise _computed(f"{name}()")

    return refuse


# Methods that do not pass through NumPy's dispatch.
for _name in (
    "argmax", "argmin", "argpartition", "argsort", "choose", "compress", "dot", "item",
    "nonzero", "partition", "repeat", "searchsorted", "sort", "take", "tobytes",
    "tolist",
):  # fmt: skip
    setattr(WatchedArray, _name, _refusing(_name))
