"""``numpy.random``, as it is: random numbers are constants."""

from typing import Any

import numpy.random as _random

__all__ = list(_random.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_random, name)


def __dir__() -> list[str]:
    return dir(_random)
