"""Classes as vectors."""

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, OutOfRangeError
from nn.checks import require_size

__all__ = ["one_hot"]


def one_hot(labels: npt.ArrayLike, classes: int) -> npt.NDArray[np.float64]:
    """Return a vector for each label: 1 at its class, and 0 elsewhere.

    Parameters
    ----------
    labels : array_like of int, shape (...)
        Classes from 0 to ``classes - 1``.
    classes : int
        How many classes there are, whether or not all occur.

    Returns
    -------
    ndarray of float64, shape (..., classes)
        The vectors.

    Raises
    ------
    DTypeError
        If the labels are not integers.
    OutOfRangeError
        If a label is negative, or not below ``classes``.
    ValueError
        If ``classes`` is below 1.

    Examples
    --------
    >>> import nn
    >>> nn.one_hot([2, 0], 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    classes = require_size("one_hot", "classes", classes)
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu" and labels.size:
        raise DTypeError(
            f"one_hot: labels must be integers, got {labels.dtype}. "
            f"Write labels.astype(int) if they are whole numbers."
        )
    outside = (labels < 0) | (labels >= classes)
    if outside.any():
        place = tuple(int(i) for i in np.argwhere(outside)[0])
        raise OutOfRangeError(
            f"one_hot: labels must be from 0 to {classes - 1}, got {labels[place]} at "
            f"{place}."
        )
    hot: npt.NDArray[np.bool_] = labels[..., None] == np.arange(classes)
    return hot.astype(np.float64)
