"""Checking what metrics are given, and turning scores into classes."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, NonFiniteError, OutOfRangeError, ShapeError, Tensor

__all__ = ["Classes", "as_classes", "as_labels", "as_values", "require_same_shape"]

Array = npt.NDArray[Any]


class Classes(NamedTuple):
    """Predicted and true classes of all targets, flat, and how many classes there are.

    The number is None where the predictions were classes, which do not tell it.
    """

    predicted: npt.NDArray[np.int64]
    true: npt.NDArray[np.int64]
    number: int | None


def as_values(metric: str, role: str, values: Any) -> Array:
    """Return a tensor's values or an array, after checking that they are numbers."""
    array = np.asarray(values.data if isinstance(values, Tensor) else values)
    if not array.ndim:
        raise ShapeError(f"{metric}: {role} must have an axis of rows, got {array}.")
    if not array.size:
        raise ValueError(f"{metric}: {role} are empty, of shape {array.shape}.")
    if array.dtype.kind not in "biuf":
        raise DTypeError(f"{metric}: {role} must be real numbers, got {array.dtype}.")
    if array.dtype.kind == "f" and np.isnan(array).any():
        place = tuple(int(i) for i in np.argwhere(np.isnan(array))[0])
        raise NonFiniteError(f"{metric}: {role} {array.shape} have NaN at {place}.")
    return array


def require_same_shape(metric: str, predictions: Array, targets: Array) -> None:
    """Raise unless predictions and targets are compared one by one."""
    if predictions.shape == targets.shape:
        return
    hint = ""
    if predictions.size == targets.size:
        hint = f" Use predictions.reshape{targets.shape}."
    raise ShapeError(
        f"{metric}: predictions {predictions.shape} and targets {targets.shape} do not "
        f"fit; broadcasting would compare what does not belong together.{hint}"
    )


def as_classes(
    metric: str, predictions: Any, targets: Any, threshold: float | None
) -> Classes:
    """Return predicted and true classes from anything the package documents."""
    predictions = as_values(metric, "predictions", predictions)
    targets = as_values(metric, "targets", targets)
    if _has_classes(predictions, targets):
        number = predictions.shape[1]
        _refuse_threshold(metric, threshold, f"{number} scores for each target")
        labels = as_labels(metric, targets, number)
        return Classes(predictions.argmax(axis=1).ravel(), labels.ravel(), number)
    require_same_shape(metric, predictions, targets)
    if predictions.dtype.kind == "f":
        labels = as_labels(metric, targets, 2)
        limit = _require_threshold(metric, threshold, predictions.shape)
        predicted = (predictions > limit).astype(np.int64)
        return Classes(predicted.ravel(), labels.ravel(), 2)
    _refuse_threshold(metric, threshold, "classes")
    predicted = predictions.astype(np.int64)
    return Classes(predicted.ravel(), as_labels(metric, targets).ravel(), None)


def as_labels(
    metric: str, targets: Array, classes: int | None = None
) -> npt.NDArray[np.int64]:
    """Return targets as integers after checking that they are classes.

    The targets of two classes may be floats: those of binary cross entropy are.
    """
    is_float = targets.dtype.kind == "f"
    if is_float and (classes != 2 or not ((targets == 0) | (targets == 1)).all()):
        raise DTypeError(
            f"{metric}: targets must be classes, as integers or, where there are two "
            f"of them, as 0.0 and 1.0; got {targets.dtype} {targets.shape}."
        )
    labels = targets.astype(np.int64)
    if classes is None:
        return labels
    outside = (labels < 0) | (labels >= classes)
    if outside.any():
        place = tuple(int(i) for i in np.argwhere(outside)[0])
        raise OutOfRangeError(
            f"{metric}: target {labels[place]} at {place} is no class from 0 to "
            f"{classes - 1}."
        )
    return labels


def _has_classes(predictions: Array, targets: Array) -> bool:
    """Whether predictions are (n, C, ...) beside targets (n, ...)."""
    shape = predictions.shape
    return (
        predictions.dtype.kind == "f"
        and predictions.ndim == targets.ndim + 1
        and shape[:1] + shape[2:] == targets.shape
        and shape[1] > 1
    )


def _require_threshold(
    metric: str, threshold: float | None, shape: tuple[int, ...]
) -> float:
    if threshold is None:
        raise ValueError(
            f"{metric}: predictions {shape} are one score for each target, and the "
            f"numbers do not tell above which one the class is 1. Pass threshold=0.0 "
            f"for logits, threshold=0.5 for probabilities, or integers if they are "
            f"classes."
        )
    return threshold


def _refuse_threshold(metric: str, threshold: float | None, got: str) -> None:
    if threshold is not None:
        raise ValueError(
            f"{metric}: threshold={threshold} is for one score for each target, but "
            f"the predictions are {got}."
        )
