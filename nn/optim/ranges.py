"""What values a hyper-parameter can have.

A check takes the owner's name, the hyper-parameter's name and a value; it returns the
value as a plain Python number, or says what is wrong with it.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = [
    "Check",
    "Ranges",
    "check_all",
    "choice",
    "count",
    "fraction",
    "non_negative",
    "pair_of_fractions",
    "positive",
    "proportion",
    "real",
    "switch",
    "whole",
]

Check = Callable[[str, str, Any], Any]
Ranges = Mapping[str, Check]  # by name of the hyper-parameter


def check_all(owner: str, ranges: Ranges, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return all values, checked.

    Raises
    ------
    TypeError
        If a value is of the wrong kind, or there is no such hyper-parameter.
    ValueError
        If a value is out of its range, or missing.
    """
    for name in values:
        if name not in ranges:
            raise TypeError(
                f"{owner}: there is no hyper-parameter {name!r}; there are "
                f"{', '.join(ranges)}."
            )
    for name in ranges:
        if name not in values:
            raise ValueError(f"{owner}: the hyper-parameter {name!r} is missing.")
    return {name: check(owner, name, values[name]) for name, check in ranges.items()}


def real(owner: str, name: str, value: Any) -> float:
    """Check for a finite number."""
    if value.__class__ is not float:  # the common case is checked at every step
        if isinstance(value, bool | np.bool_) or not isinstance(
            value, int | float | np.integer | np.floating
        ):
            raise TypeError(
                f"{owner}: {name} must be a number, got {value!r} of type "
                f"{type(value).__name__}."
            )
        value = float(value)
    if not math.isfinite(value):
        raise ValueError(f"{owner}: {name} must be finite, got {value}.")
    return value  # type: ignore[no-any-return]


def non_negative(owner: str, name: str, value: Any) -> float:
    """Check for a finite number from 0."""
    number = real(owner, name, value)
    if number < 0:
        raise ValueError(f"{owner}: {name} must not be negative, got {number}.")
    return number


def positive(owner: str, name: str, value: Any) -> float:
    """Check for a finite number above 0."""
    number = real(owner, name, value)
    if number <= 0:
        raise ValueError(f"{owner}: {name} must be above 0, got {number}.")
    return number


def proportion(owner: str, name: str, value: Any) -> float:
    """Check for a number from 0 to 1."""
    number = real(owner, name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{owner}: {name} must be from 0 to 1, got {number}.")
    return number


def fraction(owner: str, name: str, value: Any) -> float:
    """Check for a number from 0 to below 1."""
    number = proportion(owner, name, value)
    if number == 1:
        raise ValueError(f"{owner}: {name} must be below 1, got {number}.")
    return number


def pair_of_fractions(owner: str, name: str, value: Any) -> tuple[float, float]:
    """Check for two numbers from 0 to below 1, the decays of two averages."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"{owner}: {name} must be two numbers, got {value!r}.")
    first, second = value
    return fraction(owner, f"{name}[0]", first), fraction(owner, f"{name}[1]", second)


def switch(owner: str, name: str, value: Any) -> bool:
    """Check for True or False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{owner}: {name} must be True or False, got {value!r}.")
    return bool(value)


def whole(owner: str, name: str, value: Any) -> int:
    """Check for a whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{owner}: {name} must be a whole number, got {value!r}.")
    if value < 0:
        raise ValueError(f"{owner}: {name} must not be negative, got {value}.")
    return int(value)


def count(owner: str, name: str, value: Any) -> int:
    """Check for a whole number from 1."""
    number = whole(owner, name, value)
    if number < 1:
        raise ValueError(f"{owner}: {name} must be at least 1, got {number}.")
    return number


def choice(*options: str | None) -> Check:
    """Return a check that accepts only some words."""

    def one_of(owner: str, name: str, value: Any) -> Any:
        if value not in options:
            listed = ", ".join(map(repr, options))
            raise ValueError(f"{owner}: {name} must be one of {listed}, got {value!r}.")
        return value

    return one_of
