"""Dropout: zeros at random, from an explicit generator."""

from typing import Any

import numpy as np

from autograd.ops.indexing import value_of

__all__ = ["dropout"]


def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    *,
    rng: "np.random.Generator | None" = None,  # numpy.random is slow to load
) -> Any:
    """Set elements to 0 at random, and scale the others so that the mean stays.

    Parameters
    ----------
    input : Tensor
        Any shape.
    p : float, default 0.5
        The probability of an element to become 0; the others are divided by 1 - p.
    training : bool, default True
        Without it the input is returned as it is.
    rng : Generator, keyword only
        Where the random numbers come from; needed in training unless p is 0 or 1.

    Raises
    ------
    ValueError
        If p is not between 0 and 1, or a generator is needed and missing.

    Notes
    -----
    Formula: input * mask, with a mask of 0 and 1 / (1 - p), and the gradient likewise.

    References
    ----------
    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", JMLR 15, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, dropout
    >>> dropout(Tensor(np.ones(6)), 0.5, rng=np.random.default_rng(1)).data
    array([2., 2., 0., 2., 0., 0.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p must be a probability between 0 and 1, got {p}.")
    if not training or p == 0:
        return input
    values = np.asarray(value_of(input))
    dtype = np.float32 if values.dtype == np.float32 else np.float64
    if p == 1:
        return input * np.zeros(values.shape, dtype)
    if rng is None:
        raise ValueError(
            "dropout: training needs a generator: rng=np.random.default_rng(seed)."
        )
    kept = rng.random(values.shape, dtype) >= p
    return input * (kept * np.dtype(dtype).type(1 / (1 - p)))
