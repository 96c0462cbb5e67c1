"""``numpy.linalg``, whose functions know tensors."""

from typing import Any

import numpy.linalg as _linalg

__all__ = list(_linalg.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_linalg, name)


def __dir__() -> list[str]:
    return dir(_linalg)
