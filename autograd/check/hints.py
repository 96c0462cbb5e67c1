"""What the values alone say about a wrong gradient.

A pattern is named only if it explains every element: to nine digits in float64.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.engine import sum_to_shape

__all__ = ["Pattern", "find_pattern", "is_multiple"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Pattern:
    """How a wrong gradient relates to the true one.

    Attributes
    ----------
    text : str
        In words; empty if no pattern was found.
    factor : float or None
        If the gradient is a multiple of the true one: how many times too big.
    """

    text: str
    factor: float | None = None


def find_pattern(hand: Array, true: Array, lengths: Collection[int]) -> Pattern:
    """Explain in what way a hand-derived gradient differs from the true one.

    Parameters
    ----------
    hand, true : ndarray
        The two gradients; they differ.
    lengths : collection of int
        The lengths of axes in the graph, one of which is the batch size.

    Examples
    --------
    >>> import numpy as np
    >>> find_pattern(np.array([-1.0, -2.0]), np.array([1.0, 2.0]), [4]).text
    'the sign is wrong'
    """
    if not np.all(np.isfinite(hand)):
        return Pattern(_first_bad(hand, "the hand-derived gradient"))
    if not np.all(np.isfinite(true)):
        return Pattern(_first_bad(true, "the true gradient"))
    if hand.shape != true.shape:
        return Pattern(_explain_shape(hand, true))
    if not np.any(hand):
        return Pattern("all zeros")
    if hand.ndim == 2 and hand.shape == hand.shape[::-1] and _equal(hand.T, true):
        return Pattern("transposed: write .T")
    factor = _factor(hand, true)
    return Pattern("" if factor is None else _explain_factor(factor, lengths), factor)


def is_multiple(factor: float | None, n: int) -> bool:
    """Return whether a factor is n, within rounding."""
    return factor is not None and abs(factor - n) <= 1e-9 * abs(n)


def _equal(hand: Array, true: Array) -> bool:
    if hand.shape != true.shape:
        return False
    largest = np.max(np.abs(true), initial=0.0)
    return bool(np.all(np.abs(hand - true) <= _digits(hand, true) * largest))


def _digits(*arrays: Array) -> float:
    """Return the relative difference that rounding may explain: 1e-9 in float64."""
    kinds = [array.dtype for array in arrays if array.dtype.kind == "f"]
    return max(1e-9, *(100 * float(np.finfo(kind).eps) for kind in kinds))


def _factor(hand: Array, true: Array) -> float | None:
    if not np.any(true):
        return None
    largest = np.unravel_index(np.argmax(np.abs(true)), true.shape)
    factor = float(hand[largest] / true[largest])
    if not factor or not _equal(hand / factor, true):
        return None
    for whole in (round(factor), 1 / (round(1 / factor) or 1)):
        if abs(factor - whole) <= _digits(hand, true) * abs(factor):
            return whole
    return factor


def _explain_factor(factor: float, lengths: Collection[int]) -> str:
    if abs(factor + 1) <= 1e-9:
        return "the sign is wrong"
    sign = " and the sign is wrong" if factor < 0 else ""
    size = abs(factor)
    for n in sorted(lengths):
        if n > 1 and is_multiple(size, n):
            return f"{n} times too big{sign}; an axis has length {n}: is 1/m missing?"
        if n > 1 and is_multiple(1 / size, n):
            return f"{n} times too small{sign}; an axis has length {n}: 1/m twice?"
    if size >= 1:
        return f"{size:.6g} times too big{sign}"
    return f"{1 / size:.6g} times too small{sign}"


def _explain_shape(hand: Array, true: Array) -> str:
    problem = f"shape {hand.shape}, needed {true.shape}"
    if hand.ndim == 2 and hand.T.shape == true.shape:
        factor = _factor(hand.T, true)
        if factor is not None:
            scale = "" if _equal(hand.T, true) else f", and {factor:.6g} times too big"
            return f"transposed{scale}: {problem}; write .T"
    if hand.size == true.size and _equal(hand.reshape(true.shape), true):
        return f"right values, {problem}; is keepdims=True missing?"
    axes = _summed_axes(hand.shape, true.shape)
    if axes:
        total = sum_to_shape(hand, true.shape)
        count = hand.size // max(true.size, 1)
        for name, value in (("summed", total), ("averaged", total / count)):
            if _equal(value, true):
                along = ", ".join(map(str, axes))
                return f"{problem}: not {name} over axis {along}"
    if hand.size == 1 and _equal(hand.reshape(()), np.sum(true)):
        return f"{problem}: summed over all axes, axis= is missing"
    return problem


def _summed_axes(larger: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
    """Return the axes over which an array must be summed to get a shape, if it can."""
    extra = len(larger) - len(shape)
    if extra < 0:
        return []
    pairs = list(zip(larger[extra:], shape, strict=True))
    if any(n not in (1, m) for m, n in pairs):
        return []
    return [*range(extra), *(extra + k for k, (m, n) in enumerate(pairs) if n != m)]


def _first_bad(array: Array, name: str) -> str:
    where = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
    place = f" at {list(where)}" if where else ""
    return f"{name} is {array[where]}{place}"
