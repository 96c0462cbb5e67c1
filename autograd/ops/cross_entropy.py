"""The cross entropy of logits and classes, as one operation.

The classes are axis 1 of the input: (N, C), (N, C, d1, ...), or axis 0 of (C,).
Inside, all other axes are folded into rows: (rows, C).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.ops.indexing import value_of
from autograd.ops.rows import row_sum
from autograd.ops.softmax import softmax
from autograd.primitive import Fused, primitive

__all__: list[str] = []  # for classification.py only


_Z = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5], [0.2, 0.6, -0.8], [1.2, 0.1, 0.4]])
_T = np.array([2, 0, 0, 1])
_MAPS = np.sin(np.arange(24.0)).reshape(2, 3, 2, 2)
_MAP_T = np.array([[[0, 2], [1, 1]], [[2, 2], [0, 1]]])
_WEIGHT = np.array([0.5, 2.0, 1.5])


class Targets(NamedTuple):
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
    def of(cls, target: Any, weight: Any, ignore_index: int, dtype: Any) -> "Targets":
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


def class_rows(z: Any) -> Any:
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


def _of_rows(g: Any, targets: Targets, reduction: str) -> Any:
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
    targets = Targets.of(target, weight, ignore_index, z.dtype)
    logits = class_rows(z)
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
    targets = Targets.of(value_of(target), plain, ignore_index, z.dtype)
    probabilities = softmax(class_rows(z), axis=1)
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
