"""The softmax with the cross entropy, written out or not: their short derivative.

    P = exp(Z) / sum(exp(Z))        also with Z - max(Z), or softmax(Z)
    L = log(P)                      dZ = dL - P * sum(dL)
    L = T * log(P), added up        dZ = dL * (T - P * sum(T))
    L = log(P[samples, classes])    dZ = dL * (one-hot classes - P)
    L = cross_entropy(Z, classes)   dZ = dL * (softmax(Z) - one-hot classes), their mean

All sums are over the axis of the classes.  Where T sums to 1 there, as one-hot classes
do, what is left is the board's P - T.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.program.names import Identifiers
from autograd.program.patterns import Shortcut
from autograd.tensor import Tensor

__all__ = ["softmax_shortcuts"]


class _Softmax(NamedTuple):
    logits: Tensor
    probabilities: Tensor
    axis: int


def softmax_shortcuts(
    order: Sequence[Tensor], names: Identifiers
) -> dict[Tensor, Shortcut]:
    """Return the simplifications that a graph allows, by the result they start at."""
    readers: dict[Tensor, list[Tensor]] = {}
    for tensor in order:
        for x in tensor.inputs:
            readers.setdefault(x, []).append(tensor)
    found = {}
    for log in order:
        if _is(log, "cross_entropy") and _is_plain(log):
            found[log] = _of_operation(log, names)
        if not _is(log, "log") or _only_reader(log.inputs[0], readers) is not log:
            continue
        if _is(log.inputs[0], "getitem"):
            picked = log.inputs[0]
            softmax = _softmax_at(picked.inputs[0], readers)
            classes = _picked_classes(picked)
            alone = _only_reader(picked.inputs[0], readers) is picked
            if softmax and alone and classes and classes[0] == softmax.axis:
                found[log] = _of_picked(softmax, classes[1], names)
            continue
        softmax = _softmax_at(log.inputs[0], readers)
        if softmax is None:
            continue
        p, axis = names[softmax.probabilities], softmax.axis
        total = f"np.sum(G, axis={axis}, keepdims=True)"
        found[log] = Shortcut(softmax.logits, f"G - {p} * {total}")
        product = _only_reader(log, readers)
        target = _constant_factor(product, log)
        if product is None or target is None:
            continue
        if _is_added_up(product, axis, readers):
            found[product] = _cross_entropy(softmax, target, names)
    return found


def _softmax_at(p: Tensor, readers: dict[Tensor, list[Tensor]]) -> _Softmax | None:
    """Return the softmax that a tensor is, if nothing else reads its parts."""
    if _is(p, "softmax"):
        return _Softmax(p.inputs[0], p, p.settings["axis"] % p.ndim)
    if not _is(p, "divide"):
        return None
    exp, total = p.inputs
    if not (_is(exp, "exp") and _is(total, "sum") and total.inputs[0] is exp):
        return None
    axis = _axis(total)
    hidden = _only_reader(total, readers) is p and len(readers[exp]) == 2
    if axis is None or not hidden:
        return None
    return _Softmax(_unshifted(exp.inputs[0], axis, readers), p, axis)


def _cross_entropy(softmax: _Softmax, target: Tensor, names: Identifiers) -> Shortcut:
    """Return the derivative for classes that are given as T, one-hot or not."""
    p, t, axis = names[softmax.probabilities], names[target], softmax.axis
    if np.all(np.sum(target.data, axis=axis) == 1):
        note = f"{t} sums to 1 over axis {axis}."
        return Shortcut(softmax.logits, f"-G * ({p} - {t})", note)
    total = f"np.sum({t}, axis={axis}, keepdims=True)"
    return Shortcut(softmax.logits, f"-G * ({p} * {total} - {t})")


def _of_picked(softmax: _Softmax, classes: Any, names: Identifiers) -> Shortcut:
    """Return the derivative for classes that are given by their numbers."""
    p, y, axis = softmax.probabilities, names.constant(classes), softmax.axis
    one_hot = f"np.eye({p.shape[axis]}{_dtype_word(p)})"
    one_hot += f"[{y}]" if axis == 1 else f"[:, {y}]"
    formula = f"-np.expand_dims(G, {axis}) * ({names[p]} - {one_hot})"
    return Shortcut(softmax.logits, formula)


def _is_plain(loss: Tensor) -> bool:
    """Return whether a cross entropy is that of rows of logits and classes, unweighted.

    That is, one number from logits of shape (n, C), without ignored rows.
    """
    settings = loss.settings
    z, y = loss.inputs[:2]
    return (
        len(loss.inputs) == 2
        and z.ndim == 2
        and settings["reduction"] != "none"
        and settings["label_smoothing"] == 0
        and not np.any(y.data == settings["ignore_index"])
    )


def _of_operation(loss: Tensor, names: Identifiers) -> Shortcut:
    """Return the derivative of the operation that takes logits and classes."""
    z, y = loss.inputs
    one_hot = f"np.eye({z.shape[1]}{_dtype_word(z)})[{names[y]}]"
    formula = f"G * (softmax({names[z]}, 1) - {one_hot})"
    mean = loss.settings["reduction"] == "mean"
    return Shortcut(z, f"{formula} / {z.shape[0]}" if mean else formula)


def _dtype_word(x: Tensor) -> str:
    return "" if x.dtype == np.float64 else f", dtype=np.{x.dtype}"


def _picked_classes(picked: Tensor) -> tuple[int, Any] | None:
    """Return the axis of the classes, and the classes, where each sample picks one."""
    p, index = picked.inputs[0], picked.settings["index"]
    if p.ndim != 2 or not isinstance(index, tuple) or len(index) != 2:
        return None
    for axis in (1, 0):
        samples, classes = index[1 - axis], index[axis]
        everything = np.arange(p.shape[1 - axis])
        is_class = isinstance(classes, np.ndarray) and classes.dtype.kind in "iu"
        if is_class and np.array_equal(samples, everything) and np.min(classes) >= 0:
            return axis, classes
    return None


def _unshifted(z: Tensor, axis: int, readers: dict[Tensor, list[Tensor]]) -> Tensor:
    """Return Z for Z - max(Z), of which the softmax is the same."""
    if not _is(z, "subtract") or len(readers[z]) > 1:
        return z
    logits, highest = z.inputs
    is_shift = (
        _is(highest, "max")
        and highest.inputs[0] is logits
        and _axis(highest) == axis
        and len(readers[highest]) == 1
    )
    return logits if is_shift else z


def _is_added_up(
    product: Tensor, axis: int, readers: dict[Tensor, list[Tensor]]
) -> bool:
    """Return whether the cotangent of a product is the same along an axis.

    It is where nothing but numbers come between the product and a sum.
    """
    tensor, reader = product, _only_reader(product, readers)
    while reader is not None:
        if reader.op is not None and reader.op.name in ("sum", "mean"):
            axes = reader.settings["axis"]
            axes = axes if isinstance(axes, tuple) else (axes,)
            return None in axes or axis in [k % product.ndim for k in axes]
        if not _is_scaled(reader, tensor):
            return False
        tensor, reader = reader, _only_reader(reader, readers)
    return False


def _is_scaled(result: Tensor, x: Tensor) -> bool:
    """Return whether a result is a tensor times or divided by a number, or minus it."""
    if _is(result, "negative"):
        return True
    if _is(result, "multiply"):
        others = [y for y in result.inputs if y is not x]
    elif _is(result, "divide") and result.inputs[0] is x:
        others = [result.inputs[1]]
    else:
        return False
    return len(others) == 1 and others[0].ndim == 0 and others[0].op is None


def _constant_factor(product: Tensor | None, log: Tensor) -> Tensor | None:
    """Return the constant array by which a logarithm is multiplied."""
    if product is None or not _is(product, "multiply"):
        return None
    first, second = product.inputs
    factor = second if first is log else first
    constant = factor.op is None and not factor.requires_grad
    return factor if constant and factor.shape == log.shape else None


def _only_reader(x: Tensor, readers: dict[Tensor, list[Tensor]]) -> Tensor | None:
    found = readers.get(x, ())
    return found[0] if len(found) == 1 else None


def _axis(reduction: Tensor) -> int | None:
    """Return the one axis of a reduction that keeps it, or None."""
    axis, keepdims = reduction.settings["axis"], reduction.settings["keepdims"]
    if isinstance(axis, tuple) and len(axis) == 1:
        axis = axis[0]
    if not keepdims or not isinstance(axis, int):
        return None
    return axis % reduction.ndim


def _is(tensor: Tensor, name: str) -> bool:
    return tensor.op is not None and tensor.op.name == name
