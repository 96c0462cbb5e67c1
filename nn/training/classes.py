"""Outputs of a model as probabilities and classes: the loss knows what they are."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import (
    ShapeError,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    nll_loss,
    sigmoid,
    softmax,
)
from nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HingeLoss,
    MultiMarginLoss,
    NLLLoss,
)

__all__ = ["classes", "probabilities"]

_CLASS_AXIS = 1  # of outputs (N, C) or (N, C, ...), as the losses have it

# What turns outputs into probabilities, by the loss that was trained with.
_TO_PROBABILITIES: dict[Any, Callable[[Any], Any]] = {
    CrossEntropyLoss: lambda out: softmax(out, axis=_CLASS_AXIS),
    cross_entropy: lambda out: softmax(out, axis=_CLASS_AXIS),
    NLLLoss: np.exp,
    nll_loss: np.exp,
    BCEWithLogitsLoss: sigmoid,
    binary_cross_entropy_with_logits: sigmoid,
    BCELoss: lambda out: out,
    binary_cross_entropy: lambda out: out,
}
_MANY_CLASSES = (CrossEntropyLoss, cross_entropy, NLLLoss, nll_loss, MultiMarginLoss)
_KNOWN = {*_TO_PROBABILITIES, *_MANY_CLASSES, HingeLoss}


def _kind(loss: Any) -> Any:
    """Return the class of a loss that we know, or the function itself."""
    return next((kind for kind in type(loss).__mro__ if kind in _KNOWN), loss)


def probabilities(loss: Any, out: Any) -> Any:
    """Return outputs as probabilities.

    Raises
    ------
    TypeError
        If the loss does not say how outputs and probabilities are related.
    """
    kind = _kind(loss)
    convert = _TO_PROBABILITIES.get(kind)
    if convert is None:
        name = getattr(loss, "__name__", type(loss).__name__)
        raise TypeError(
            f"predict_proba: outputs of a model trained with {name} are no "
            f"probabilities. Losses that define them: CrossEntropyLoss, NLLLoss, "
            f"BCEWithLogitsLoss, BCELoss."
        )
    return convert(_with_classes(kind, out))


def _with_classes(kind: Any, out: Any) -> Any:
    """Return outputs, after checking that they have the axis of classes if needed."""
    if kind in _MANY_CLASSES and np.ndim(out) <= _CLASS_AXIS:
        raise ShapeError(
            f"predict: the model gave shape {np.shape(out)}, where (samples, classes) "
            f"is needed. For a single sample write predict(x[None])."
        )
    return out


def classes(loss: Any, out: Any) -> Any:
    """Return the most likely classes; outputs of other losses as they are."""
    kind = _kind(loss)
    if kind in _MANY_CLASSES:
        return np.argmax(_with_classes(kind, out), axis=_CLASS_AXIS)
    if kind is HingeLoss:
        return np.where(out >= 0, 1, -1)
    if kind in _TO_PROBABILITIES:
        return (probabilities(loss, out) >= 0.5).astype(np.int64)
    return out
