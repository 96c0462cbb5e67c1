"""Losses of numbers and of probabilities, with PyTorch's names and reductions.

Losses of classes are in `classification`.
"""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import require_choice, shown
from autograd.ops.elementwise import where
from autograd.ops.indexing import value_of
from autograd.ops.logistic import sigmoid, softplus
from autograd.primitive import primitive
from autograd.tensor import Tensor

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "kl_div",
    "mse_loss",
]

_LOGITS = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_SHARES = np.array([[0.1, 0.6, 0.3], [0.7, 0.2, 0.9]])
_CHANCES = np.array([[0.2, 0.5, 0.8], [0.95, 0.4, 0.3]])
_REDUCTIONS = ("mean", "sum", "none")


def reduced(function: str, losses: Any, reduction: str) -> Any:
    """Return the mean or the sum of the losses, or all of them.

    Raises
    ------
    ValueError
        If the reduction is unknown, or the mean of no losses is asked for.
    """
    require_choice(function, "reduction", reduction, _REDUCTIONS)
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.sum(losses)
    if not np.size(losses):
        raise ValueError(f"{function}: mean over 0 losses, of shape {losses.shape}.")
    return np.mean(losses)


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Return the mean squared error, the mean of (input - target)².

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
        If the shapes differ.  Broadcasting them would compare what does not belong
        together.

    Examples
    --------
    >>> from autograd import Tensor, mse_loss
    >>> y = Tensor([1.0, 4.0])
    >>> mse_loss(y, [1.0, 2.0]).backward()
    >>> y.grad
    array([0., 2.])
    """
    _require_same_shape("mse_loss", input, target)
    return reduced("mse_loss", np.square(input - target), reduction)


def _require_same_shape(function: str, input: Any, target: Any) -> None:
    """Raise unless prediction and target can be compared one by one."""
    mine, theirs = np.shape(input), np.shape(target)
    if mine == theirs:
        return
    given = f"{shown('prediction', input)} and {shown('target', target)} differ"
    try:
        pairs = np.broadcast_shapes(mine, theirs)
    except ValueError:
        raise ShapeError(f"{function}: {given}.") from None
    cure = f" Use target.reshape{mine}." if np.size(input) == np.size(target) else ""
    raise ShapeError(
        f"{function}: {given}; broadcasting would compare {int(np.prod(pairs))} pairs, "
        f"of shape {pairs}.{cure}"
    )


# ---- two classes ---------------------------------------------------------------------


def _clamped_log(x: Any) -> Any:
    """Return log x, but at least -100, so that a loss stays finite."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(x), -100.0)


@primitive(
    symbol="BCE",
    latex=r"\operatorname{{BCE}}({0}, {1})",
    vjps=(
        lambda g, out, p, t: g * (p - t) / np.maximum(p * (1 - p), 1e-12),
        lambda g, out, p, t: g * (_clamped_log(1 - p) - _clamped_log(p)),
    ),
    elementwise=True,
    method=False,
    samples=[(_CHANCES, _SHARES)],
)
def _binary_cross_entropy(input: Any, target: Any) -> Any:
    return -(target * _clamped_log(input) + (1 - target) * _clamped_log(1 - input))


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean"
) -> Any:
    """Return the cross entropy of probabilities of one of two classes.

    Parameters
    ----------
    input : Tensor
        Probabilities p of class 1, of any shape.
    target : Tensor
        What they should be, from 0 to 1, of the same shape.
    weight : Tensor, optional
        Multiplies the losses; broadcasts.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `mse_loss`.

    Raises
    ------
    ValueError
        If an input is not between 0 and 1.
    ShapeError
        If the shapes differ.

    Notes
    -----
    Formula: -t log p - (1 - t) log(1 - p), whose derivative is (p - t) / (p (1 - p)).
    As in PyTorch logarithms are at least -100, and p (1 - p) in the derivative at least
    1e-12, so that both stay finite.  `binary_cross_entropy_with_logits` needs no such
    limits.

    Examples
    --------
    >>> from autograd import Tensor, binary_cross_entropy
    >>> p = Tensor([0.5, 0.8])
    >>> binary_cross_entropy(p, [0.0, 1.0]).backward()
    >>> p.grad
    array([ 1.   , -0.625])
    """
    name = "binary_cross_entropy"
    _require_same_shape(name, input, target)
    values = np.asarray(value_of(input))
    wrong = ~((values >= 0) & (values <= 1))
    if np.any(wrong):
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise ValueError(
            f"{name}: input{list(place) if place else ''} = {values[place]} is not a "
            f"probability between 0 and 1: {shown('input', input)}. For logits, did "
            f"you mean {name}_with_logits?"
        )
    losses = _binary_cross_entropy(input, target)
    return reduced(name, losses if weight is None else losses * weight, reduction)


def _times(a: Any, b: Any) -> Any:
    """Return a b, and 0 where a is 0 and b infinite."""
    return a * where((a == 0) & np.isinf(b), 0.0, b)


@primitive(
    symbol="BCE",
    latex=r"\operatorname{{BCE}}(\sigma({0}), {1})",
    vjps=(lambda g, out, z, t: g * (sigmoid(z) - t), lambda g, out, z, t: -g * z),
    formulas=("G * (sigmoid({0}) - {1})", "-G * {0}"),
    elementwise=True,
    method=False,
    samples=[(_LOGITS, _SHARES)],
)
def _binary_cross_entropy_with_logits(input: Any, target: Any) -> Any:
    small = np.log1p(np.exp(-np.absolute(input)))
    positive, negative = np.maximum(input, 0) + small, np.maximum(-input, 0) + small
    return _times(1 - target, positive) + _times(target, negative)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """Return the cross entropy of two classes from logits z, where p = σ(z).

    Parameters
    ----------
    input : Tensor
        Logits of class 1, of any shape.
    target : Tensor
        The probabilities that σ(z) should be, of the same shape.
    weight : Tensor, optional
        Multiplies the losses; broadcasts.
    reduction : {"mean", "sum", "none"}, default "mean"
        As in `mse_loss`.
    pos_weight : Tensor, optional
        Multiplies the losses of class 1, against an unbalanced data set; broadcasts.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Notes
    -----
    Formula: t log(1 + e^-z) + (1 - t) log(1 + e^z), whose derivative is σ(z) - t.  It
    is accurate for all z, and has its limit at infinite ones.

    Examples
    --------
    >>> from autograd import Tensor, binary_cross_entropy_with_logits
    >>> z = Tensor([-1000.0])
    >>> loss = binary_cross_entropy_with_logits(z, [1.0])
    >>> loss.backward()
    >>> loss.item(), z.grad
    (1000.0, array([-1.]))
    """
    name = "binary_cross_entropy_with_logits"
    _require_same_shape(name, input, target)
    if pos_weight is None:
        losses = _binary_cross_entropy_with_logits(input, target)
    else:
        target = target if isinstance(target, Tensor) else np.asarray(target)
        positive = _times(target * pos_weight, softplus(-input))
        losses = _times(1 - target, softplus(input)) + positive
    return reduced(name, losses if weight is None else losses * weight, reduction)


# ---- distributions -------------------------------------------------------------------


@primitive(
    symbol="KL",
    latex=r"{1} (\log {1} - {0})",
    vjps=(
        lambda g, out, x, t: -g * t,
        lambda g, out, x, t: g * (np.log(t) + 1 - x),
    ),
    elementwise=True,
    method=False,
    samples=[(-_CHANCES, _SHARES)],
)
def _kl_div(input: Any, target: Any) -> Any:
    with np.errstate(divide="ignore"):
        return _times(target, np.log(target) - input)


def kl_div(
    input: Any, target: Any, reduction: str = "mean", log_target: bool = False
) -> Any:
    """Return the Kullback-Leibler divergence of probabilities from log-probabilities.

    Parameters
    ----------
    input : Tensor
        Logarithms of probabilities, as `log_softmax` gives them.
    target : Tensor
        Probabilities, of the same shape.
    reduction : {"mean", "batchmean", "sum", "none"}, default "mean"
        As in `mse_loss`; "batchmean", the sum over the length of the first axis, is
        what mathematics calls the divergence.
    log_target : bool, default False
        Whether the target holds logarithms too.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Notes
    -----
    Formula: t (log t - input), and 0 where t is 0; the derivative is -t.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, kl_div
    >>> kl_div(Tensor(np.log([0.5, 0.5])), [0.0, 1.0], reduction="sum").data.round(6)
    np.float64(0.693147)
    """
    _require_same_shape("kl_div", input, target)
    losses = np.exp(target) * (target - input) if log_target else _kl_div(input, target)
    if reduction != "batchmean":
        return reduced("kl_div", losses, reduction)
    if not losses.ndim or not len(losses):
        raise ValueError(f"kl_div: batchmean of losses of shape {losses.shape}.")
    return np.sum(losses) / len(losses)
