"""Whether two gradients agree, and up to which constant."""

from typing import Any

import numpy as np

from autograd.check.reference import Reference

__all__ = ["ROUNDING", "RTOL", "equals_truth", "is_close", "ratio"]

# Students leave out the small constants that keep logarithms finite: those are no
# errors.
RTOL = 1e-6
ATOL = 1e-13
# Of the terms that a gradient adds up: where they cancel, that much may be left.
ROUNDING = 1e-10


def ratio(value: Any, expected: Any, size: float, nothing: float) -> float | None:
    """Return c with ``value = c * expected`` in every cell, or None.

    Parameters
    ----------
    value, expected : ndarray
        Of one shape.
    size : float
        How large the terms of ``expected`` are: it is zero if it is rounding of them.
    nothing : float
        What to return if both are zero.
    """
    if not np.isfinite(value).all():
        return None
    square = float(np.sum(expected * expected))
    if np.sqrt(square) <= ROUNDING * size:
        is_zero = np.abs(value).max(initial=0) <= ROUNDING * size
        return nothing if is_zero else None
    c = float(np.sum(value * expected)) / square
    return c if c != 0 and is_close(value, c * expected) else None


def equals_truth(
    value: Any, name: str, reference: Reference, scale: float = 1.0
) -> bool:
    """Return whether an array is a multiple of the true gradient of a named value.

    Where the terms of the gradient cancel, what is left of them is no difference.
    """
    rounding = ROUNDING * abs(scale) * reference.term_size(name)
    return is_close(value, scale * reference.truth[name], atol=rounding)


def is_close(value: Any, expected: Any, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Return whether two arrays agree, measured by the largest cell."""
    if np.shape(value) != np.shape(expected):
        return False
    size = float(np.abs(expected).max(initial=0))
    return bool((np.abs(value - expected) <= rtol * size + atol).all())
