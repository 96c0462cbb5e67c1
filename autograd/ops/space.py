"""Inputs of shape (N, C, *space) or, for one image, (C, *space)."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import shape_of, shown

__all__: list[str] = []  # for pool.py and adaptive_pool.py only


def require_space(function: str, n: int, input: Any) -> None:
    """Raise unless an input has n axes of space, none of them empty."""
    shape = shape_of(input)
    if len(shape) not in (n + 1, n + 2):
        raise ShapeError(
            f"{function}: input must have {n + 2} axes (batch, channels, then {n} of "
            f"space) or {n + 1} without the batch: {shown('input', input)}."
        )
    if 0 in shape[-n:]:
        raise ShapeError(
            f"{function}: an axis of space is empty: {shown('input', input)}."
        )


def batched(n: int, input: Any, function: Any) -> Any:
    """Apply a function of a batch, also to one image."""
    if len(shape_of(input)) == n + 2:
        return function(input)
    return np.squeeze(function(np.expand_dims(input, 0)), 0)
