"""Losses of classes: cross entropy and negative log-likelihood, as PyTorch has them."""

from typing import Any

import numpy as np

from autograd.errors import OutOfRangeError, ShapeError
from autograd.ops.checks import (
    constant_array,
    index_array,
    require_choice,
    require_shape,
    shape_of,
    shown,
)
from autograd.ops.cross_entropy import Targets, _cross_entropy, class_rows
from autograd.ops.indexing import value_of
from autograd.ops.losses import reduced
from autograd.ops.softmax import log_softmax

__all__ = ["cross_entropy", "nll_loss"]


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Return the cross entropy between targets and the softmax of logits.

    Parameters
    ----------
    input : Tensor, shape (C,), (N, C) or (N, C, d1, ...)
        Logits: any numbers, one for each of C classes.
    target : array of int, shape (), (N,) or (N, d1, ...); or Tensor, the input's shape
        The right classes, from 0 to C - 1, or a probability for each class.
    weight : array, shape (C,), optional
        Multiplies the losses of each class, against unbalanced classes.
    ignore_index : int, default -100
        A target of this value is left out.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, weighted with ``weight``, their sum,
        or all of them.
    label_smoothing : float, default 0.0
        The share of each target that is spread evenly over all classes.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.
    OutOfRangeError
        If a target is not a class.
    DTypeError
        If classes are not integers.
    ValueError
        If a mean over no target is asked for, or a setting is out of its range.

    Notes
    -----
    Formula: -log softmax(z)[t] = log Σ e^z - z[t], computed after the largest logit was
    subtracted, so that nothing overflows.  Its derivative is softmax(z) - onehot(t).

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", section 6.2.2.3.

    Examples
    --------
    >>> from autograd import Tensor, cross_entropy
    >>> z = Tensor([[1000.0, -1000.0]])
    >>> loss = cross_entropy(z, [1])
    >>> loss.backward()
    >>> loss.item(), z.grad
    (2000.0, array([[ 1., -1.]]))
    """
    name = "cross_entropy"
    require_choice(name, "reduction", reduction, ("mean", "sum", "none"))
    if not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"{name}: label_smoothing must be 0 to 1, got {label_smoothing}."
        )
    weight = _class_weight(name, input, weight)
    if (
        shape_of(target) == shape_of(input)
        and np.asarray(value_of(target)).dtype.kind == "f"
    ):
        return _from_probabilities(input, target, weight, reduction, label_smoothing)
    target = _checked_classes(name, input, target, ignore_index, reduction)
    return _cross_entropy(
        input, target, weight, ignore_index, reduction, label_smoothing
    )


def _from_probabilities(
    input: Any, target: Any, weight: Any, reduction: str, label_smoothing: float
) -> Any:
    axis = min(1, len(shape_of(input)) - 1)
    n_classes = shape_of(input)[axis]
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / n_classes
    terms = target * log_softmax(input, axis=axis)
    if weight is not None:
        terms = terms * weight.astype(input.dtype).reshape(
            -1, *[1] * (terms.ndim - axis - 1)
        )
    return reduced("cross_entropy", -np.sum(terms, axis=axis), reduction)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:
    """Return the negative log-likelihood: minus the log-probability of each target.

    Parameters
    ----------
    input : Tensor, shape (C,), (N, C) or (N, C, d1, ...)
        Logarithms of probabilities, as `log_softmax` gives them.
    target, weight, ignore_index, reduction
        As in `cross_entropy`, which is this loss after `log_softmax`.

    Raises
    ------
    ShapeError, OutOfRangeError, DTypeError, ValueError
        As in `cross_entropy`; also if what should be the logarithm of a probability is
        above 0.

    Notes
    -----
    Formula: -input[t], whose derivative is -onehot(t).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, nll_loss
    >>> nll_loss(Tensor(np.log([[0.5, 0.5]])), [1]).data.round(6)
    np.float64(0.693147)
    """
    require_choice("nll_loss", "reduction", reduction, ("mean", "sum", "none"))
    weight = _class_weight("nll_loss", input, weight)
    target = _checked_classes("nll_loss", input, target, ignore_index, reduction)
    rows = class_rows(input)
    targets = Targets.of(target, weight, ignore_index, rows.dtype)
    picked = rows[np.arange(rows.shape[0]), targets.classes]
    highest = np.max(value_of(picked), initial=0)
    if highest > 1e-6:
        raise ValueError(
            f"nll_loss: logarithms of probabilities must be <= 0, got {highest} in "
            f"{shown('input', input)}. Is log_softmax missing?"
        )
    losses = -picked
    if targets.weight is not None:
        losses = losses * targets.weight[targets.classes]
    if targets.kept is not None:
        losses = np.where(targets.kept, losses, 0.0)
    if reduction == "none":
        return np.reshape(losses, target.shape)
    total = np.sum(losses)
    return total / targets.total if reduction == "mean" else total


def _class_weight(function: str, input: Any, weight: Any) -> Any:
    """Return the weights of the classes as a plain array, or None."""
    shape = shape_of(input)
    if not shape:
        raise ShapeError(f"{function}: input must have an axis of classes, got 0-d.")
    if weight is None:
        return None
    weight = constant_array(function, "weight", weight)
    n_classes = shape[min(1, len(shape) - 1)]
    require_shape(function, "weight", weight, (n_classes,))
    return weight


def _checked_classes(
    function: str, input: Any, target: Any, ignore_index: int, reduction: str
) -> Any:
    """Return the target as an array of classes, or say what is wrong with it."""
    shape = shape_of(input)
    needed = (*shape[:1], *shape[2:]) if len(shape) > 1 else ()
    if shape_of(target) != needed:
        raise ShapeError(
            f"{function}: {shown('target', target)} must have shape {needed}, one "
            f"class for each row of {shown('input', input)}"
            f"{_probabilities_hint(function, input, target)}."
        )
    target = index_array(function, "target", target)
    n_classes = shape[min(1, len(shape) - 1)]
    all_classes = target.size and target.min() >= 0 and target.max() < n_classes
    if all_classes and not 0 <= ignore_index < n_classes:
        return target  # the usual case: every row counts
    kept = target != ignore_index
    wrong = ((target < 0) | (target >= n_classes)) & kept
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        where = f"target[{', '.join(map(str, place))}]" if place else "target"
        raise OutOfRangeError(
            f"{function}: {where} = {target[place]} is outside 0 ... {n_classes - 1} "
            f"({n_classes} classes); ignore_index is {ignore_index}."
        )
    if reduction == "mean" and not kept.any():
        reason = (
            f"all {target.size} equal ignore_index" if target.size else "empty batch"
        )
        raise ValueError(
            f"{function}: mean over 0 targets ({reason}). reduction='sum' gives 0."
        )
    return target


def _probabilities_hint(function: str, input: Any, target: Any) -> str:
    if function == "cross_entropy" and shape_of(target) == shape_of(input):
        return "; probabilities of the classes must be floating point"
    return ""
