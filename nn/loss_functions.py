"""Losses that are made of a few operations; the others are operations themselves."""

import math
from typing import Any

import numpy as np

from autograd import OutOfRangeError, ShapeError, Tensor, maximum, minimum, relu, where

__all__ = [
    "cosine_embedding_loss",
    "gaussian_nll_loss",
    "hinge_loss",
    "huber_loss",
    "l1_loss",
    "multi_margin_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "triplet_margin_loss",
]


def reduced(function: str, losses: Any, reduction: str) -> Any:
    """Return the mean or the sum of the losses, or all of them."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"{function}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}."
        )
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.sum(losses)
    if not np.size(losses):
        raise ValueError(f"{function}: mean over 0 losses, of shape {losses.shape}.")
    return np.mean(losses)


def _values(x: Any) -> Any:
    return np.asarray(x.data if isinstance(x, Tensor) else x)


def _difference(function: str, input: Any, target: Any) -> Any:
    """Return input - target after checking that they are compared one by one."""
    if not isinstance(input, Tensor | np.ndarray):
        input = np.asarray(input)
    if np.shape(input) != np.shape(target):
        raise ShapeError(
            f"{function}: prediction {np.shape(input)} and target {np.shape(target)} "
            f"differ; broadcasting would compare what does not belong together."
            + _reshape_hint(input, target)
        )
    return input - (target if isinstance(target, Tensor) else np.asarray(target))


def _reshape_hint(input: Any, target: Any) -> str:
    if np.size(input) != np.size(target):
        return ""
    return f" Use target.reshape{np.shape(input)}."


def _signs(function: str, target: Any, shape: tuple[int, ...]) -> Any:
    """Return targets after checking that they are all 1 or -1."""
    signs = _values(target)
    if signs.shape != shape or not np.all(abs(signs) == 1):
        raise ValueError(
            f"{function}: target must hold 1 or -1 in shape {shape}, got shape "
            f"{signs.shape} with the values {np.unique(signs)[:5].tolist()}. Classes 0 "
            f"and 1 become 2 * target - 1."
        )
    return signs


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Return the mean absolute error, the mean of ``|input - target|``.

    Parameters
    ----------
    input : Tensor
        The prediction, of any shape.
    target : Tensor
        What it should be, of the same shape.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to return the mean of all losses, their sum, or all of them.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.l1_loss(Tensor([1.0, 4.0]), [1.0, 2.0]).item()
    1.0
    """
    return reduced("l1_loss", np.abs(_difference("l1_loss", input, target)), reduction)


def smooth_l1_loss(
    input: Any, target: Any, reduction: str = "mean", beta: float = 1.0
) -> Any:
    """Return d² / 2β where d = ``|input - target|`` is below β, and d - β/2 elsewhere.

    Parameters
    ----------
    input, target, reduction
        As in `l1_loss`.
    beta : float, default 1.0
        Where the parabola ends; 0 gives `l1_loss`.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ValueError
        If ``beta`` is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.smooth_l1_loss(Tensor([0.5, 3.0]), [0.0, 0.0], reduction="none").tolist()
    [0.125, 2.5]
    """
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, got {beta}.")
    d = np.abs(_difference("smooth_l1_loss", input, target))
    if beta:
        d = where(_values(d) < beta, d * d * (0.5 / beta), d - 0.5 * beta)
    return reduced("smooth_l1_loss", d, reduction)


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0
) -> Any:
    """Return d² / 2 where d = ``|input - target|`` is at most δ, δ (d - δ/2) elsewhere.

    Parameters
    ----------
    input, target, reduction
        As in `l1_loss`.
    delta : float, default 1.0
        Where the parabola ends.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ValueError
        If ``delta`` is not positive.

    References
    ----------
    P. Huber, "Robust estimation of a location parameter", 1964.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.huber_loss(
    ...     Tensor([0.5, 3.0]), [0.0, 0.0], reduction="none", delta=2.0
    ... ).tolist()
    [0.125, 4.0]
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be positive, got {delta}.")
    d = np.abs(_difference("huber_loss", input, target))
    losses = where(_values(d) <= delta, d * d * 0.5, (d - 0.5 * delta) * delta)
    return reduced("huber_loss", losses, reduction)


def hinge_loss(
    input: Any, target: Any, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """Return max(0, margin - target · input): the loss of a support vector machine.

    Parameters
    ----------
    input : Tensor
        Scores of any shape: positive for class 1, negative for class -1.
    target : array_like
        The classes 1 and -1, of the same shape.
    margin : float, default 1.0
        How far from 0 a score must be to cost nothing.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `l1_loss`.

    Raises
    ------
    ValueError
        If a target is neither 1 nor -1, or the shapes differ.

    References
    ----------
    C. Cortes and V. Vapnik, "Support-vector networks", 1995.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.hinge_loss(Tensor([2.0, 0.5]), [1, -1], reduction="none").tolist()
    [0.0, 1.5]
    """
    signs = _signs("hinge_loss", target, np.shape(input)).astype(_values(input).dtype)
    return reduced("hinge_loss", relu(margin - input * signs), reduction)


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    reduction: str = "mean",
) -> Any:
    """Return how far other classes come within a margin of the right one.

    Parameters
    ----------
    input : Tensor, shape (N, C) or (C,)
        Scores of the classes.
    target : array of int, shape (N,) or ()
        The right classes y.
    p : {1, 2}, default 1
        The power.
    margin : float, default 1.0
        By how much the right class should be ahead.
    weight : array_like, shape (C,), optional
        Multiplies the loss of samples of each class.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `l1_loss`.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.
    IndexError
        If a target is not one of 0 ... C - 1.

    Notes
    -----
    Formula: 1 / C Σ over i ≠ y of w[y] max(0, margin - x[y] + x[i])ᵖ.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> round(F.multi_margin_loss(Tensor([[0.1, 0.2, 0.4, 0.8]]), [3]).item(), 4)
    0.325
    """
    classes = _values(target)
    shape = np.shape(input)
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: p must be 1 or 2, got {p!r}.")
    if len(shape) not in (1, 2) or classes.shape != shape[:-1]:
        raise ShapeError(
            f"multi_margin_loss: input must be (N, C) or (C,) and target one class for "
            f"each sample; got {shape} and {classes.shape}."
        )
    _require_classes(classes, shape[-1])
    rows = np.reshape(input, (-1, shape[-1]))
    index = np.arange(len(rows)), classes.reshape(-1)
    others = np.ones(rows.shape, rows.dtype)
    others[index] = 0.0
    ahead = relu(margin - rows[index][:, None] + rows) * others
    losses = np.sum(ahead if p == 1 else ahead * ahead, axis=1) / shape[-1]
    if weight is not None:
        losses = losses * _values(weight).astype(rows.dtype)[index[1]]
    losses = np.reshape(losses, classes.shape)
    return reduced("multi_margin_loss", losses, reduction)


def _require_classes(classes: Any, count: int) -> None:
    if classes.dtype.kind not in "iu":
        raise TypeError(
            f"multi_margin_loss: target must hold integers, got dtype {classes.dtype}."
        )
    wrong = (classes < 0) | (classes >= count)
    if np.any(wrong):
        raise OutOfRangeError(
            f"multi_margin_loss: target {classes[wrong].flat[0]} is not one of "
            f"0 ... {count - 1} ({count} classes)."
        )


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    """Return 1 - cos for pairs that belong together, max(0, cos - margin) for others.

    Parameters
    ----------
    input1, input2 : Tensor, shape (N, D) or (D,)
        Pairs of vectors.
    target : array_like, shape (N,) or ()
        1 for pairs that belong together, -1 for others.
    margin : float, default 0.0
        Which cosine costs nothing for the others.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `l1_loss`.

    Raises
    ------
    ShapeError
        If the inputs have different shapes.
    ValueError
        If a target is neither 1 nor -1.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.cosine_embedding_loss(Tensor([[1.0, 0.0]]), Tensor([[0.0, 2.0]]), [1]).item()
    1.0
    """
    a, b = input1, input2
    if np.shape(a) != np.shape(b) or np.ndim(a) not in (1, 2):
        raise ShapeError(
            f"cosine_embedding_loss: the inputs must be (N, D) or (D,), got "
            f"{np.shape(a)} and {np.shape(b)}."
        )
    signs = _signs("cosine_embedding_loss", target, np.shape(a)[:-1])
    tiny = 1e-12  # keeps the quotient finite where a vector is zero
    squares = (np.sum(a * a, axis=-1) + tiny) * (np.sum(b * b, axis=-1) + tiny)
    cosine = np.sum(a * b, axis=-1) / np.sqrt(squares)
    losses = where(signs > 0, 1.0 - cosine, relu(cosine - margin))
    return reduced("cosine_embedding_loss", losses, reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """Return how much closer the positive should be to the anchor than the negative.

    Parameters
    ----------
    anchor, positive, negative : Tensor, shape (N, D) or (D,)
        Triples of vectors.
    margin : float, default 1.0
        By how much.
    p : float, default 2.0
        The exponent of the distance.
    eps : float, default 1e-6
        Is added to the differences, so that distance 0 has a gradient.
    swap : bool, default False
        Whether to use the distance of positive and negative where it is smaller.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `l1_loss`.

    Raises
    ------
    ShapeError
        If the inputs have different shapes.

    Notes
    -----
    Formula: max(0, d(a, p) - d(a, n) + margin).

    References
    ----------
    V. Balntas et al., "Learning local feature descriptors with triplets", BMVC 2016.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> a, b, c = Tensor([[0.0]]), Tensor([[1.0]]), Tensor([[3.0]])
    >>> round(F.triplet_margin_loss(a, c, b).item(), 4)
    3.0
    """
    shapes = {np.shape(x) for x in (anchor, positive, negative)}
    if len(shapes) != 1 or np.ndim(anchor) not in (1, 2):
        listed = ", ".join(str(np.shape(x)) for x in (anchor, positive, negative))
        raise ShapeError(
            f"triplet_margin_loss: the inputs must all be (N, D) or (D,), got {listed}."
        )

    def distance(a: Any, b: Any) -> Any:
        gaps = a - b + eps
        if p == 2:
            return np.sqrt(np.sum(gaps * gaps, axis=-1))
        return np.sum(np.abs(gaps) ** p, axis=-1) ** (1 / p)

    far = distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    losses = relu(distance(anchor, positive) - far + margin)
    return reduced("triplet_margin_loss", losses, reduction)


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Any:
    """Return the negative log-likelihood of counts under a Poisson distribution.

    Parameters
    ----------
    input : Tensor
        The logarithm of the rate, or the rate if ``log_input=False``.
    target : Tensor
        The counts, of the same shape.
    log_input : bool, default True
        What ``input`` is.
    full : bool, default False
        Whether to add Stirling's approximation of log(target!), where target > 1.
    eps : float, default 1e-8
        Is added to a rate before its logarithm is taken.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `l1_loss`.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Notes
    -----
    Formula: e^x - t x, or x - t log(x + eps).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.poisson_nll_loss(Tensor([0.0, 0.0]), [1.0, 2.0]).item()
    1.0
    """
    _difference("poisson_nll_loss", input, target)  # checks the shapes
    counts = target if isinstance(target, Tensor) else np.asarray(target)
    if log_input:
        losses = np.exp(input) - counts * input
    else:
        losses = input - counts * np.log(input + eps)
    if full:
        large = _values(counts) > 1
        safe = where(large, counts, 1.0)
        stirling = safe * np.log(safe) - safe + 0.5 * np.log(2 * math.pi * safe)
        losses = losses + where(large, stirling, 0.0)
    return reduced("poisson_nll_loss", losses, reduction)


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """Return the negative log-likelihood of targets under normal distributions.

    Parameters
    ----------
    input : Tensor
        The means.
    target : Tensor
        The targets, of the same shape.
    var : Tensor
        The variances; of the same shape, or with 1 or nothing in place of the last
        axis.
    full : bool, default False
        Whether to add the constant log(2π) / 2.
    eps : float, default 1e-6
        Smaller variances count as this one.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `l1_loss`.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.
    ValueError
        If a variance is negative.

    Notes
    -----
    Formula: (log v + (x - t)² / v) / 2 with v = max(var, eps).

    References
    ----------
    D. Nix and A. Weigend, "Estimating the mean and variance of the target probability
    distribution", 1994.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.gaussian_nll_loss(Tensor([1.0]), [3.0], Tensor([1.0])).item()
    2.0
    """
    gap = _difference("gaussian_nll_loss", input, target)
    if not isinstance(var, Tensor):
        var = np.asarray(var)
    if np.shape(var) == gap.shape[:-1] and gap.ndim:
        var = np.expand_dims(var, -1)
    if np.shape(var) not in (gap.shape, (*gap.shape[:-1], 1)):
        raise ShapeError(
            f"gaussian_nll_loss: var must have shape {gap.shape}, or 1 or nothing for "
            f"the last axis, got {np.shape(var)}."
        )
    if np.any(_values(var) < 0):
        raise ValueError("gaussian_nll_loss: a variance must not be negative.")
    v = maximum(var, eps)
    losses = (np.log(v) + gap * gap / v) * 0.5
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced("gaussian_nll_loss", losses, reduction)
