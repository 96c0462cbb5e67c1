"""Sums of rows, for the network functions that need them at speed."""

from typing import Any

import numpy as np

__all__: list[str] = []  # for the files beside this one only


def row_sum(x: Any) -> Any:
    """Return the sums along the last axis, which stays with length 1.

    A matrix-vector product: several times as fast as ``np.sum(x, axis=-1)``.
    """
    return (x @ np.ones(x.shape[-1], x.dtype))[..., None]
