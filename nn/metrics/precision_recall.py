"""How many predictions of a class are right, and how many of a class are found."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nn.metrics.inputs import as_classes

__all__ = ["f1", "precision", "recall"]


def precision(
    predictions: Any,
    targets: Any,
    *,
    average: str = "binary",
    threshold: float | None = None,
) -> float:
    """Return the share of the predictions of a class that are right.

    Parameters
    ----------
    predictions, targets, threshold
        As in `accuracy`.
    average : {"binary", "macro", "micro", "weighted"}, keyword only
        "binary": class 1 of the classes 0 and 1.  "macro": the mean over the classes
        that occur among predictions or targets.  "micro": of all classes counted
        together, which is the accuracy.  "weighted": the mean over the classes,
        weighted with how many targets they have.

    Raises
    ------
    ValueError
        If ``average`` is another word, or "binary" although there are more classes than
        0 and 1; or as in `accuracy`.
    ShapeError, DTypeError, OutOfRangeError, NonFiniteError
        As in `accuracy`.

    Notes
    -----
    Formula: TP / (TP + FP), from true and false positives.  A class that was never
    predicted has 0 / 0, which counts as 0.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.precision([1, 1, 0, 1, 1], [1, 0, 0, 1, 1])
    0.75
    """
    counts = _counts("precision", predictions, targets, average, threshold)
    return _average(counts.hits, counts.predicted, counts.true, average)


def recall(
    predictions: Any,
    targets: Any,
    *,
    average: str = "binary",
    threshold: float | None = None,
) -> float:
    """Return the share of the targets of a class that were found.

    Parameters
    ----------
    predictions, targets, average, threshold
        As in `precision`.

    Raises
    ------
    ValueError, ShapeError, DTypeError, OutOfRangeError, NonFiniteError
        As in `precision`.

    Notes
    -----
    Formula: TP / (TP + FN), from true positives and false negatives.  A class without
    targets has 0 / 0, which counts as 0.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.recall([1, 0, 0, 0], [1, 1, 0, 0])
    0.5
    """
    counts = _counts("recall", predictions, targets, average, threshold)
    return _average(counts.hits, counts.true, counts.true, average)


def f1(
    predictions: Any,
    targets: Any,
    *,
    average: str = "binary",
    threshold: float | None = None,
) -> float:
    """Return the harmonic mean of precision and recall.

    Parameters
    ----------
    predictions, targets, average, threshold
        As in `precision`.

    Raises
    ------
    ValueError, ShapeError, DTypeError, OutOfRangeError, NonFiniteError
        As in `precision`.

    Notes
    -----
    Formula: 2 TP / (2 TP + FP + FN), of each class and then averaged.  0 / 0 counts as
    0.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.f1([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    counts = _counts("f1", predictions, targets, average, threshold)
    both = counts.predicted + counts.true
    return _average(2 * counts.hits, both, counts.true, average)


class _Counts(NamedTuple):
    """Numbers of one class or more, arrays of int64."""

    hits: npt.NDArray[np.int64]  # true positives
    predicted: npt.NDArray[np.int64]  # true and false positives
    true: npt.NDArray[np.int64]  # true positives and false negatives


def _counts(
    metric: str, predictions: Any, targets: Any, average: str, threshold: float | None
) -> _Counts:
    if average not in ("binary", "macro", "micro", "weighted"):
        raise ValueError(
            f"{metric}: average must be 'binary', 'macro', 'micro' or 'weighted', got "
            f"{average!r}."
        )
    found = as_classes(metric, predictions, targets, threshold)
    classes, places = np.unique([found.predicted, found.true], return_inverse=True)
    predicted, true = places.reshape(2, -1)
    n = len(classes)
    counts = _Counts(
        np.bincount(true[predicted == true], minlength=n),
        np.bincount(predicted, minlength=n),
        np.bincount(true, minlength=n),
    )
    if average == "binary":
        _require_binary(metric, classes, found.number)
        return _together(counts, classes == 1)
    every = np.ones(n, np.bool_)
    return _together(counts, every) if average == "micro" else counts


def _require_binary(
    metric: str, classes: npt.NDArray[np.int64], number: int | None
) -> None:
    if number not in (None, 2) or not np.isin(classes, (0, 1)).all():
        got = classes.tolist()[:10] if number is None else f"0 to {number - 1}"
        raise ValueError(
            f"{metric}: average='binary' is for the classes 0 and 1, got {got}. Choose "
            f"average='macro', 'micro' or 'weighted'."
        )


def _together(counts: _Counts, chosen: npt.NDArray[np.bool_]) -> _Counts:
    """Count the chosen classes as one."""
    return _Counts(*(count[chosen].sum(keepdims=True) for count in counts))


def _average(
    part: npt.NDArray[np.int64],
    whole: npt.NDArray[np.int64],
    true: npt.NDArray[np.int64],
    average: str,
) -> float:
    ratios = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    weights = true if average == "weighted" else None
    return float(np.average(ratios, weights=weights))
