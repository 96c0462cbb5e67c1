"""Pieces of hand-written backward passes that several rows share."""

import numpy as np


def row_sum(x):
    """Sum along the last axis by a matrix-vector product, which is fastest."""
    return (x @ np.ones(x.shape[-1], x.dtype))[..., None]


def column_sum(x):
    """Sum over the rows by a matrix-vector product, which is fastest."""
    return np.ones(len(x), x.dtype) @ x


def softmax_loss(z, y):
    """Return the mean cross entropy and its gradient; overwrites the logits."""
    rows = np.arange(len(y))
    z -= z.max(axis=1, keepdims=True)
    right = z[rows, y]
    np.exp(z, out=z)
    sums = row_sum(z)
    loss = (np.log(sums).sum() - right.sum()) / len(y)
    z /= sums
    z[rows, y] -= 1
    z /= len(y)
    return loss, z
