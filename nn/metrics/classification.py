"""Which classes were taken for which."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import OutOfRangeError
from nn.checks import require_size
from nn.metrics.inputs import as_classes

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(
    predictions: Any, targets: Any, *, threshold: float | None = None
) -> float:
    """Return the share of targets whose class was predicted.

    Parameters
    ----------
    predictions : array_like or Tensor
        Scores of shape (n, C, ...), one score for each target, or classes: see
        `nn.metrics`.
    targets : array_like or Tensor of int, shape (n, ...)
        The true classes.
    threshold : float, keyword only
        For one score each, and only then: above which score the class is 1.  0.0 for
        logits, 0.5 for probabilities.

    Raises
    ------
    ShapeError
        If the shapes do not fit; in particular (n, 1) beside (n,).
    DTypeError
        If the targets are not classes.
    OutOfRangeError
        If a target is no class that has a score.
    NonFiniteError
        If a prediction is NaN.
    ValueError
        If there are no rows, or ``threshold`` is missing or has no meaning.

    Notes
    -----
    Formula: Σ [predicted = true] / n.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.accuracy([[2.0, 1.0], [0.0, 3.0]], [0, 0])
    0.5
    >>> metrics.accuracy([1.5, -2.0, 0.3, -0.1], [1, 0, 0, 0], threshold=0.0)
    0.75
    """
    classes = as_classes("accuracy", predictions, targets, threshold)
    return float(np.mean(classes.predicted == classes.true))


def confusion_matrix(
    predictions: Any,
    targets: Any,
    *,
    classes: int | None = None,
    threshold: float | None = None,
) -> npt.NDArray[np.int64]:
    """Return how often each class was taken for each class.

    Parameters
    ----------
    predictions, targets, threshold
        As in `accuracy`.
    classes : int, keyword only
        How many classes there are.  By default as many as have scores, or up to the
        largest that occurs where the predictions are classes.

    Returns
    -------
    ndarray of int64, shape (classes, classes)
        Row i, column j: how many targets of class i were predicted as class j.

    Raises
    ------
    OutOfRangeError
        If a class is negative, or not below ``classes``.
    ShapeError, DTypeError, NonFiniteError, ValueError
        As in `accuracy`.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.confusion_matrix([0, 2, 1, 1], [0, 1, 1, 2]).tolist()
    [[1, 0, 0], [0, 1, 1], [0, 1, 0]]
    """
    name = "confusion_matrix"
    found = as_classes(name, predictions, targets, threshold)
    lowest = min(found.predicted.min(), found.true.min())
    highest = max(found.predicted.max(), found.true.max())
    if classes is None:
        n = found.number or int(highest) + 1
    else:
        n = require_size(name, "classes", classes)
    if lowest < 0 or highest >= n:
        raise OutOfRangeError(
            f"{name}: classes must be from 0 to {n - 1}, got {lowest} to {highest}."
        )
    pairs = n * found.true + found.predicted
    return np.bincount(pairs, minlength=n * n).reshape(n, n)
