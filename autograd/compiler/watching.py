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
from autograd.callsite import Site, find_site
from autograd.tensor import Tensor

__all__ = ["Reading", "watched"]

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
        before = getattr(_local, "readings", None)
        originals = {name: vars(Tensor)[name] for name in _WAYS_OUT}
        data = vars(Tensor)["data"]
        _local.readings = readings
        for name, original in originals.items():
            setattr(Tensor, name, _noting(original))
        setattr(Tensor, "data", property(_noting(data.fget), data.fset, doc=data.__doc__))
        try:
            yield readings
        finally:
            _local.readings = before
            for name, original in originals.items():
                setattr(Tensor, name, original)
            setattr(Tensor, "data", data)


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
