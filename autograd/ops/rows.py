"""Sums and softmaxes of rows, for the network functions that need both at speed."""

from typing import Any

import numpy as np

from autograd.ops.indexing import value_of

__all__: list[str] = []  # for the files beside this one only


def row_sum(x: Any) -> Any:
    """Return the sums along the last axis, which stays with length 1.

    A matrix-vector product: several times as fast as ``np.sum(x, axis=-1)``.
    """
    return (x @ np.ones(x.shape[-1], x.dtype))[..., None]


def softmax_into(x: Any) -> Any:
    """Overwrite logits with their softmax along the last axis, and return them.

    A row of -inf only becomes NaN.
    """
    x -= np.max(x, axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= row_sum(x)
    return x


def shifted(x: Any) -> Any:
    """Subtract the maximum along the last axis, which is treated as a constant.

    Softmax does not change when all logits are shifted, so no derivative is lost.
    """
    return x - np.max(value_of(x), axis=-1, keepdims=True)
