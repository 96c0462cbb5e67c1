"""Checks that several network functions make on their arguments before they compute.

Each raises before anything is changed, and says what was given, from which line, and
what was needed.
"""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import DTypeError, GradientError, ShapeError
from autograd.tensor import Tensor, describe

__all__: list[str] = []  # for the files beside this one only


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of a tensor or array; 10 times as fast as np.shape."""
    try:
        return x.shape  # type: ignore[no-any-return]
    except AttributeError:
        return np.shape(x)


def shown(role: str, x: Any) -> str:
    """Return an argument for a message: ``weight W1 (2, 3) float64 (a.py:8)``."""
    if isinstance(x, Tensor):
        return f"{role} {describe(x).removeprefix('Tensor ')}"
    return f"{role} {np.shape(x)} {np.asarray(x).dtype}"


def require_shape(function: str, role: str, x: Any, shape: tuple[int, ...]) -> None:
    """Raise unless an argument that may be None has the shape."""
    if x is not None and shape_of(x) != shape:
        raise ShapeError(f"{function}: {shown(role, x)} must have shape {shape}.")


def require_choice(
    function: str, role: str, value: Any, choices: Sequence[Any]
) -> None:
    """Raise unless a setting is one of its possible values."""
    if value not in choices:
        listed = " or ".join(repr(choice) for choice in choices)
        raise ValueError(f"{function}: {role} must be {listed}, got {value!r}.")


def constant_array(function: str, role: str, x: Any) -> Any:
    """Return the values of an argument that has no derivative; None stays None."""
    if not isinstance(x, Tensor):
        return None if x is None else np.asarray(x)
    if x.requires_grad:
        raise GradientError(
            f"{function}: no gradient is computed for the {role}, but "
            f"{shown(role, x)} requires one. Write .detach() if it is a constant."
        )
    return np.asarray(x.data)


def index_array(function: str, role: str, x: Any) -> Any:
    """Return an argument that must hold integers, as an array."""
    array = constant_array(function, role, x)
    if array.dtype.kind not in "iu":
        raise DTypeError(
            f"{function}: {shown(role, x)} must hold integers. "
            f"Write .astype(int) if they are whole numbers."
        )
    return array


def per_axis(
    function: str, role: str, value: Any, n: int, least: int
) -> tuple[int, ...]:
    """Return one integer for each of n axes, from an integer or a sequence of them."""
    values = tuple(value) if isinstance(value, Sequence | np.ndarray) else (value,) * n
    if len(values) == 1:
        values *= n
    try:
        integers = tuple(operator.index(k) for k in values)
    except TypeError:
        raise DTypeError(
            f"{function}: {role} must be an integer or {n} of them, got {value!r}."
        ) from None
    if len(integers) != n or any(k < least for k in integers):
        raise ShapeError(
            f"{function}: {role} must be an integer or {n} of them, at least {least} "
            f"each, got {value!r}."
        )
    return integers
