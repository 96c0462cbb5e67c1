"""Losses of classes: cross entropy and negative log-likelihood.

The classes are axis 1 of the input: (N, C), (N, C, d1, ...), or axis 0 of (C,).
Inside, all other axes are folded into rows: (rows, C).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

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
from autograd.ops.indexing import value_of
from autograd.ops.losses import reduced
from autograd.ops.rows import row_sum
from autograd.ops.softmax import log_softmax, softmax
from autograd.primitive import Fused, primitive

__all__ = ["cross_entropy", "nll_loss"]

_Z = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5], [0.2, 0.6, -0.8], [1.2, 0.1, 0.4]])
_T = np.array([2, 0, 0, 1])
_MAPS = np.sin(np.arange(24.0)).reshape(2, 3, 2, 2)
_MAP_T = np.array([[[0, 2], [1, 1]], [[2, 2], [0, 1]]])
_WEIGHT = np.array([0.5, 2.0, 1.5])


class _Targets(NamedTuple):
    """What the loss of each row is weighted with.

    Attributes
    ----------
    classes : ndarray of int, shape (rows,)
        The class of each row; 0 where it is ignored.
    kept : ndarray of bool, shape (rows,), or None
        Which rows are not ignored; None if none is.
    weight : ndarray, shape (C,), or None
        The weight of each class; None if all are 1.
    total : int or float
        The sum of the weights of the rows.
    """

    classes: Any
    kept: Any
    weight: Any
    total: Any

    @classmethod
    def of(cls, target: Any, weight: Any, ignore_index: int, dtype: Any) -> "_Targets":
        classes = target.reshape(-1)
        kept = classes != ignore_index
        count = int(np.count_nonzero(kept))
        if count == classes.size:
            kept = None
        else:
            classes = np.where(kept, classes, 0)
        if weight is None:
            return cls(classes, kept, None, count)
        weight = weight.astype(dtype, copy=False)
        of_rows = weight[classes]
        total = np.sum(of_rows if kept is None else of_rows[kept])
        return cls(classes, kept, weight, total)

    def shares(self, label_smoothing: float, n_classes: int, dtype: Any) -> Any:
        """Return the factor of every -log p, shape (rows, C)."""
        share = np.full(
            (len(self.classes), n_classes), label_smoothing / n_classes, dtype
        )
        share[np.arange(len(self.classes)), self.classes] += 1 - label_smoothing
        if self.weight is not None:
            share *= self.weight
        if self.kept is not None:
            share *= self.kept[:, None]
        return share


def _rows(z: Any) -> Any:
    """Fold all axes but that of the classes: (rows, C)."""
    if z.ndim == 2:
        return z
    if z.ndim == 1:
        return np.reshape(z, (1, -1))
    return np.reshape(np.moveaxis(z, 1, -1), (-1, z.shape[1]))


def _unfolded(rows: Any, z: Any) -> Any:
    """Undo `_rows`."""
    if z.ndim == 2:
        return rows
    if z.ndim == 1:
        return np.reshape(rows, z.shape)
    return np.moveaxis(np.reshape(rows, (z.shape[0], *z.shape[2:], -1)), -1, 1)


def _of_rows(g: Any, targets: _Targets, reduction: str) -> Any:
    """Return the cotangents of the losses of the rows."""
    if reduction == "none":
        return np.reshape(g, (-1, 1))
    return g / targets.total if reduction == "mean" else g


def _fused_forward(
    z: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> tuple[Any, Any]:
    targets = _Targets.of(target, weight, ignore_index, z.dtype)
    logits = _rows(z)
    logits = logits - logits.max(axis=1, keepdims=True)
    probabilities = np.exp(logits)
    sums = row_sum(probabilities)
    probabilities /= sums
    logs = np.log(sums[:, 0])
    losses = logs - logits[np.arange(len(logits)), targets.classes]
    if targets.weight is not None:
        losses *= targets.weight[targets.classes]
    if label_smoothing:
        every = logs[:, None] - logits
        if targets.weight is not None:
            every *= targets.weight
        losses *= 1 - label_smoothing
        losses += label_smoothing / logits.shape[1] * np.sum(every, axis=1)
    if targets.kept is not None:
        losses[~targets.kept] = 0
    if reduction == "none":
        out = losses.reshape(target.shape)
    else:
        out = losses.sum()
        out = out / targets.total if reduction == "mean" else out
    return out, (probabilities, targets)


def _fused_backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    z: Any,
    *target_and_weight: Any,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> tuple[Any, ...]:
    probabilities, targets = saved
    rows = _of_rows(g, targets, reduction)
    if targets.weight is None and not label_smoothing:
        d = probabilities * rows
        picked = np.arange(len(d)), targets.classes
        d[picked] -= rows.reshape(-1) if reduction == "none" else rows
    else:
        share = targets.shares(label_smoothing, *probabilities.shape[1:], z.dtype)
        d = probabilities * row_sum(share)
        d -= share
        d *= rows
    if targets.kept is not None:
        d[~targets.kept] = 0
    return _unfolded(d, z), *(None for _ in target_and_weight)


def _rule(
    g: Any,
    out: Any,
    z: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Any:
    plain = None if weight is None else value_of(weight)
    targets = _Targets.of(value_of(target), plain, ignore_index, z.dtype)
    probabilities = softmax(_rows(z), axis=1)
    share = targets.shares(label_smoothing, probabilities.shape[1], z.dtype)
    d = probabilities * np.sum(share, axis=1, keepdims=True) - share
    if targets.kept is not None:
        d = np.where(targets.kept[:, None], d, 0.0)
    return _unfolded(d * _of_rows(g, targets, reduction), z)


@primitive(
    symbol="cross entropy",
    latex=r"\operatorname{{CE}}({0}, {1})",
    vjps=(_rule, None, None),
    formulas=(
        "PRIMITIVES['cross_entropy'].vjps[0](G, {out}, {inputs}, "
        "ignore_index={ignore_index}, reduction={reduction}, "
        "label_smoothing={label_smoothing})",
    ),
    fused=Fused(_fused_forward, _fused_backward),
    method=False,
    samples=[
        (_Z, _T),
        (_Z, _T, _WEIGHT, {"label_smoothing": 0.2, "ignore_index": 1}),
        (_MAPS, _MAP_T, {"reduction": "none"}),
        (_MAPS, _MAP_T, _WEIGHT, {"reduction": "sum", "ignore_index": 2}),
        (_Z[0], np.array(1), {"label_smoothing": 0.1}),
    ],
)
def _cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    return _fused_forward(
        input,
        target,
        weight,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )[0]


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
    rows = _rows(input)
    targets = _Targets.of(target, weight, ignore_index, rows.dtype)
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
    if not len(shape_of(input)):
        raise ShapeError(f"{function}: input must have an axis of classes, got 0-d.")
    weight = constant_array(function, "weight", weight)
    n_classes = shape_of(input)[min(1, len(shape_of(input)) - 1)]
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
