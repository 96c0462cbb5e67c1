"""What a line can be made with: names, numbers and views, each with its value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["CannotLower", "Operand", "is_static", "names_of", "overlapping", "written"]

_STATIC = (bool, int, float, str, tuple, list, range, slice, type(None), type(Ellipsis))


class CannotLower(Exception):
    """Why an expression is better called as a whole."""


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
        return is_static(self.value) and not self.names


def names_of(x: Sequence[Operand]) -> frozenset[str]:
    """Return the names that some operands read."""
    return frozenset([name for part in x for name in part.names])


def is_static(value: Any) -> bool:
    """Return whether a Python object holds no value of an array."""
    if isinstance(value, tuple | list):
        return all([is_static(part) for part in value])
    return isinstance(value, _STATIC)


def written(value: Any) -> str:
    """Return a Python object as text."""
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def overlapping(value: Any, operands: Sequence[Operand]) -> tuple[str, ...]:
    """Return the names of operands in whose memory a value may lie."""
    if not isinstance(value, np.ndarray):
        return ()
    found: dict[str, None] = {}
    for x in operands:
        for item in x.value if isinstance(x.value, list | tuple) else [x.value]:
            if isinstance(item, np.ndarray) and np.may_share_memory(value, item):
                # What stays what it is has no name that is set, but is not ours either.
                found.update(dict.fromkeys(sorted(x.names) or [x.text]))
    return tuple(found)
