"""Metrics of the order of scores, which need no threshold."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from nn.checks import require_size
from nn.metrics.inputs import as_labels, as_values, require_same_shape

__all__ = ["auc", "top_k"]


def top_k(predictions: Any, targets: Any, *, k: int = 5) -> float:
    """Return the share of targets that are among the k classes of highest score.

    Parameters
    ----------
    predictions : array_like or Tensor, shape (n, C)
        Scores: logits or probabilities.
    targets : array_like or Tensor of int, shape (n,)
        The true classes.
    k : int, keyword only, default 5
        From 1, which is the accuracy, to C.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DTypeError
        If the targets are not integers.
    OutOfRangeError
        If a target is no class that has a score.
    NonFiniteError
        If a score is NaN.
    ValueError
        If there are no rows, or ``k`` is below 1 or above C.

    Notes
    -----
    Of equal scores the first one counts as higher, as in `accuracy`: a model that
    gives all classes the same score finds k of C classes, not all.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.top_k([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], [1, 2], k=2)
    0.5
    """
    scores = as_values("top_k", "predictions", predictions)
    targets = as_values("top_k", "targets", targets)
    if scores.ndim != 2 or scores.shape[:1] != targets.shape:
        raise ShapeError(
            f"top_k: predictions must have shape (n, C) and targets (n,), got "
            f"{scores.shape} and {targets.shape}."
        )
    classes = scores.shape[1]
    if require_size("top_k", "k", k) > classes:
        raise ValueError(
            f"top_k: k must be at most {classes}, the number of classes, got {k}."
        )
    labels = as_labels("top_k", targets, classes)[:, None]
    own = np.take_along_axis(scores, labels, axis=1)
    is_before = np.arange(classes) < labels
    ahead = (scores > own) | ((scores == own) & is_before)
    return float(np.mean(ahead.sum(axis=1) < k))


def auc(predictions: Any, targets: Any) -> float:
    """Return the area under the ROC curve of two classes.

    Parameters
    ----------
    predictions : array_like or Tensor, shape (n,), (n, 1) or (n, 2)
        Scores of class 1, logits or probabilities, in the shape of the targets; or
        scores of both classes, whose difference is taken.
    targets : array_like or Tensor, shape (n,) or (n, 1)
        The true classes, 0 or 1.

    Raises
    ------
    ShapeError
        If the shapes do not fit; in particular (n, 1) beside (n,).
    DTypeError
        If the targets are not classes.
    OutOfRangeError
        If a target is neither 0 nor 1.
    NonFiniteError
        If a score is NaN.
    ValueError
        If there are no rows, or all targets are of one class: there is no curve.

    Notes
    -----
    The area is the probability that a random target of class 1 has a higher score than
    one of class 0, where equal scores count half.  Over the different scores s, from
    the lowest on,

        AUC = Σ pos(s) (neg(< s) + neg(s) / 2) / (positives · negatives).

    No threshold is needed, and 0.5 is what guessing gives.

    References
    ----------
    J. Hanley, B. McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143, 1982.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    scores, labels = _binary_scores(predictions, targets)
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise ValueError(
            f"auc: all {len(labels)} targets are of class {labels[0]}; a ROC curve "
            f"needs both classes."
        )
    values, places = np.unique(scores, return_inverse=True)
    pos = np.bincount(places[labels == 1], minlength=len(values))
    neg = np.bincount(places[labels == 0], minlength=len(values))
    below = np.cumsum(neg) - neg
    # Twice the sum, so that it is a whole number and exact.
    twice = int(np.sum(pos * (2 * below + neg)))
    return twice / (2 * positives * negatives)


def _binary_scores(
    predictions: Any, targets: Any
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    scores = as_values("auc", "predictions", predictions)
    truth = as_values("auc", "targets", targets)
    if scores.ndim == truth.ndim + 1 == 2 and scores.shape == (len(truth), 2):
        scores = scores[:, 1] - scores[:, 0]
    require_same_shape("auc", scores, truth)
    return scores.ravel(), as_labels("auc", truth, 2).ravel()
