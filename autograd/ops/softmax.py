"""Softmax and its logarithms, computed without overflow.

All subtract the largest element first, so that no exponent is positive.
"""

from typing import Any

import numpy as np

from autograd.ops.reducing import AXES, kept
from autograd.primitive import primitive

__all__ = ["log_softmax", "logsumexp", "softmax", "softmin"]

_A = AXES[0][0]
_B = AXES[3][0]
_SAMPLES: list[Any] = [(_A, 0), (_A, -1), (_B, {"axis": 1}), (_B, {"axis": (0, -1)})]


def _largest(x: Any, axis: Any) -> Any:
    """Return the largest element, or 0 where that is infinite and would give NaN."""
    largest = np.max(x, axis=axis, keepdims=True)
    finite = np.isfinite(largest)
    return largest if np.all(finite) else np.where(finite, largest, 0.0)


@primitive(
    symbol="logsumexp",
    latex=r"\log \sum e^{{{0}}}",
    vjps=(
        lambda g, out, x, axis, keepdims: (
            kept(g, x, axis, keepdims) * np.exp(x - kept(out, x, axis, keepdims))
        ),
    ),
    samples=AXES,
)
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the logarithm of the sum of the exponentials, without overflow.

    Parameters
    ----------
    x : Tensor
        Any shape, at least one element along the axes.
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    keepdims : bool, default False
        Whether the reduced axes stay, with length 1.

    Notes
    -----
    Formula: log Σ e^x = m + log Σ e^(x - m) with m the largest x; its derivative is
    softmax(x).  The absolute error is a few units in the last place of m.  If all
    elements are -inf, so is the result, and the gradient is NaN.

    References
    ----------
    Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax
    functions", IMA Journal of Numerical Analysis 41, 2021.

    Examples
    --------
    >>> from autograd import Tensor, logsumexp
    >>> logsumexp(Tensor([1000.0, 1000.0])).item()
    1000.6931471805599
    """
    largest = _largest(x, axis)
    total = np.sum(np.exp(x - largest), axis=axis, keepdims=keepdims)
    with np.errstate(divide="ignore"):  # the logarithm of 0 is meant: -inf
        logarithm = np.log(total)
    return logarithm + np.reshape(largest, np.shape(total))


def _softmax_rule(g: Any, out: Any, x: Any, axis: Any) -> Any:
    return out * (g - np.sum(g * out, axis=axis, keepdims=True))


@primitive(
    symbol="softmax",
    latex=r"\operatorname{{softmax}} {0}",
    vjps=(_softmax_rule,),
    samples=_SAMPLES,
)
def softmax(x: Any, axis: Any) -> Any:
    """Return e^x divided by its sum: positive numbers that add up to 1.

    Parameters
    ----------
    x : Tensor
        Any shape, at least one element along the axis; the logits.
    axis : int or tuple of int
        Along which the results add up to 1.  It has no default: guessing it wrong
        trains the wrong model.

    Notes
    -----
    Formula: dy = y (dx - Σ y dx).  An element -inf (a mask) gets exactly 0; where all
    are -inf, the result is NaN.

    References
    ----------
    Goodfellow, Bengio and Courville, "Deep Learning", section 6.2.2.3.

    Examples
    --------
    >>> from autograd import Tensor, softmax
    >>> softmax(Tensor([1000.0, 0.0]), axis=-1)
    Tensor([1., 0.], op=softmax)
    """
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    powers /= np.sum(powers, axis=axis, keepdims=True)
    return powers


def _log_softmax_rule(g: Any, out: Any, x: Any, axis: Any) -> Any:
    return g - np.exp(out) * np.sum(g, axis=axis, keepdims=True)


@primitive(
    symbol="log softmax",
    latex=r"\log \operatorname{{softmax}} {0}",
    vjps=(_log_softmax_rule,),
    samples=_SAMPLES,
)
def log_softmax(x: Any, axis: Any) -> Any:
    """Return the logarithm of softmax, which does not underflow.

    Parameters
    ----------
    x : Tensor
        Any shape, at least one element along the axis; the logits.
    axis : int or tuple of int
        Along which the probabilities add up to 1; it has no default.

    Notes
    -----
    Formula: log softmax(x) = x - log Σ e^x, so dy = dx - Σ softmax(x) dx.

    Examples
    --------
    >>> from autograd import Tensor, log_softmax
    >>> log_softmax(Tensor([1000.0, 0.0]), axis=-1)
    Tensor([    0., -1000.], op=log_softmax)
    """
    centred = x - np.max(x, axis=axis, keepdims=True)
    return centred - np.log(np.sum(np.exp(centred), axis=axis, keepdims=True))


def softmin(x: Any, axis: Any) -> Any:
    """Return softmax(-x), which is large where x is small.

    Formula: that of `softmax`, for -x.

    Examples
    --------
    >>> from autograd import Tensor, softmin
    >>> softmin(Tensor([1000.0, 0.0]), axis=-1)
    Tensor([0., 1.], op=softmax)
    """
    return softmax(-x, axis)
