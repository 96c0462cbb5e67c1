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
from autograd.recognition import as_softmax, made_by
from autograd.tensor import Tensor

__all__ = ["softmax_shortcuts"]


Readers = dict[Tensor, list[Tensor]]


class _Found(NamedTuple):
    """A softmax that can be passed over.

    Attributes
    ----------
    logits : Tensor
        What it was applied to, without a shift by the largest.
    probabilities : Tensor
        Its value.
    axis : int
        Of the classes.
    """

    logits: Tensor
    probabilities: Tensor
    axis: int


def softmax_shortcuts(
    order: Sequence[Tensor], names: Identifiers
) -> dict[Tensor, Shortcut]:
    """Return the simplifications that a graph allows, by the result they start at."""
    readers: Readers = {}
    for tensor in order:
        for x in tensor.inputs:
            readers.setdefault(x, []).append(tensor)
    found: dict[Tensor, Shortcut] = {}
    for tensor in order:
        if made_by(tensor, "cross_entropy") and _is_plain(tensor):
            found[tensor] = _of_operation(tensor, names)
        elif made_by(tensor, "log") and len(readers[tensor.inputs[0]]) == 1:
            found |= _of_logarithm(tensor, names, readers)
    return found


def _of_logarithm(
    log: Tensor, names: Identifiers, readers: Readers
) -> dict[Tensor, Shortcut]:
    """Return the simplifications that start at the logarithm, or where it is read."""
    of = log.inputs[0]
    if made_by(of, "getitem"):
        softmax, classes = _softmax(of.inputs[0], readers), _picked_classes(of)
        if softmax is None or classes is None or classes[0] != softmax.axis:
            return {}
        alone = len(readers[of.inputs[0]]) == 1
        return {log: _of_picked(softmax, classes[1], names)} if alone else {}
    softmax = _softmax(of, readers)
    if softmax is None:
        return {}
    p, axis = names[softmax.probabilities], softmax.axis
    total = f"np.sum(G, axis={axis}, keepdims=True)"
    found = {log: Shortcut(softmax.logits, f"G - {p} * {total}")}
    product = _only_reader(log, readers)
    target = _constant_factor(product, log)
    if product is None or target is None:
        return found
    if _is_added_up(product, axis, readers):
        found[product] = _cross_entropy(softmax, target, names)
    return found


def _softmax(p: Tensor, readers: Readers) -> _Found | None:
    """Return the softmax that a tensor is, if nothing else reads its steps."""
    softmax = as_softmax(p)
    if softmax is None:
        return None
    axis = _single(softmax.axis, p)
    uses = {x: len(readers[x]) for x in softmax.parts}
    if axis is None or not softmax.is_hidden(uses):
        return None
    if not softmax.parts:
        return _Found(softmax.logits, p, axis)
    return _Found(_unshifted(softmax.logits, axis, readers), p, axis)


def _cross_entropy(softmax: _Found, target: Tensor, names: Identifiers) -> Shortcut:
    """Return the derivative for classes that are given as T, one-hot or not."""
    p, t, axis = names[softmax.probabilities], names[target], softmax.axis
    if np.all(np.sum(target.data, axis=axis) == 1):
        note = f"{t} sums to 1 over axis {axis}."
        return Shortcut(softmax.logits, f"-G * ({p} - {t})", note)
    total = f"np.sum({t}, axis={axis}, keepdims=True)"
    return Shortcut(softmax.logits, f"-G * ({p} * {total} - {t})")


def _of_picked(softmax: _Found, classes: Any, names: Identifiers) -> Shortcut:
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
        if not is_class or classes.shape != everything.shape or np.any(classes < 0):
            continue
        if np.array_equal(samples, everything):
            return axis, classes
    return None


def _unshifted(z: Tensor, axis: int, readers: Readers) -> Tensor:
    """Return Z for Z - max(Z), of which the softmax is the same."""
    if not made_by(z, "subtract") or len(readers[z]) > 1:
        return z
    logits, highest = z.inputs
    is_shift = (
        made_by(highest, "max")
        and highest.inputs[0] is logits
        and _axis(highest) == axis
        and len(readers[highest]) == 1
    )
    return logits if is_shift else z


def _is_added_up(product: Tensor, axis: int, readers: Readers) -> bool:
    """Return whether the cotangent of a product is the same along an axis.

    It is where nothing but numbers come between the product and a sum.
    """
    tensor, reader = product, _only_reader(product, readers)
    while reader is not None:
        if made_by(reader, "sum", "mean"):
            axes = reader.settings["axis"]
            axes = axes if isinstance(axes, tuple) else (axes,)
            return None in axes or axis in [k % product.ndim for k in axes]
        if not _is_scaled(reader, tensor):
            return False
        tensor, reader = reader, _only_reader(reader, readers)
    return False


def _is_scaled(result: Tensor, x: Tensor) -> bool:
    """Return whether a result is a tensor times or divided by a number, or minus it."""
    if made_by(result, "negative"):
        return True
    if made_by(result, "multiply"):
        others = [y for y in result.inputs if y is not x]
    elif made_by(result, "divide") and result.inputs[0] is x:
        others = [result.inputs[1]]
    else:
        return False
    return len(others) == 1 and others[0].ndim == 0 and others[0].op is None


def _constant_factor(product: Tensor | None, log: Tensor) -> Tensor | None:
    """Return the constant array by which a logarithm is multiplied."""
    if product is None or not made_by(product, "multiply"):
        return None
    first, second = product.inputs
    factor = second if first is log else first
    constant = factor.op is None and not factor.requires_grad
    return factor if constant and factor.shape == log.shape else None


def _only_reader(x: Tensor, readers: Readers) -> Tensor | None:
    found = readers.get(x, ())
    return found[0] if len(found) == 1 else None


def _axis(reduction: Tensor) -> int | None:
    """Return the one axis of a reduction that keeps it, or None."""
    settings = reduction.settings
    return _single(settings["axis"], reduction) if settings["keepdims"] else None


def _single(axis: Any, x: Tensor) -> int | None:
    """Return a single axis, counted from the front, or None."""
    if isinstance(axis, tuple) and len(axis) == 1:
        axis = axis[0]
    return axis % x.ndim if isinstance(axis, int) else None
