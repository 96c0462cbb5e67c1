"""The logistic function and the activations made of it.

All are computed so that nothing overflows: e^x only up to a bound beyond which the
result no longer changes.  At ±inf they take their limits.
"""

import math
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.blocks import with_slope
from autograd.primitive import composed, primitive

__all__ = ["glu", "log_sigmoid", "mish", "sigmoid", "silu", "softplus"]

_ANY = np.array([-3.0, -0.7, 0.0, 0.4, 2.5])

# e^40 + 1 is e^40 in double precision, and e^80 is still finite in single precision.
_LARGE = 40.0
# e^-1000 is 0.  A factor beyond it is as good, and infinity times 0 would be NaN.
FAR = 1000.0


def bounded(x: Any) -> Any:
    """Return x, limited to where the slopes of these functions still change."""
    return np.minimum(np.maximum(x, -FAR), _LARGE)


def _exp(x: Any) -> Any:
    return np.exp(np.minimum(x, _LARGE))


@primitive(
    symbol="σ",
    latex=r"\sigma\left({0}\right)",
    vjps=(lambda g, out, x: g * out * (1 - out),),
    elementwise=True,
    numpy=(),
    samples=[(_ANY,)],
)
def sigmoid(x: Any) -> Any:
    """Return the logistic function 1 / (1 + e^-x), without overflow.

    Formula: dσ(x) = σ(x) (1 - σ(x)) dx.

    Notes
    -----
    Computed as e^x / (1 + e^x), with x limited to 40, where the result is 1.  The
    relative error is at most 4 units in the last place for every x, also far below 0.

    Examples
    --------
    >>> from autograd import Tensor, sigmoid
    >>> sigmoid(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ], op=sigmoid)
    """
    if x.__class__ is np.float64:  # one number: 3 times as fast as NumPy
        power = math.exp(min(x, _LARGE))
        return np.float64(power / (1 + power))
    powers = _exp(x)
    return powers / (1 + powers)


def _log1p_exp(x: Any) -> Any:
    """Return log(1 + e^-|x|), which neither overflows nor cancels."""
    return np.log1p(np.exp(-np.absolute(x)))


@primitive(
    symbol="softplus",
    latex=r"\log\left(1 + e^{{{0}}}\right)",
    vjps=(lambda g, out, x: g * sigmoid(x),),
    formulas=("G * sigmoid({0})",),
    elementwise=True,
    samples=[(_ANY,)],
)
def softplus(x: Any) -> Any:
    """Return log(1 + e^x), a smooth form of relu, without overflow.

    Formula: d softplus(x) = σ(x) dx.

    Notes
    -----
    Computed as max(x, 0) + log(1 + e^-|x|).

    References
    ----------
    Dugas et al., "Incorporating second-order functional knowledge for better option
    pricing", NIPS 2000.

    Examples
    --------
    >>> from autograd import Tensor, softplus
    >>> softplus(Tensor([-1000.0, 1000.0]))
    Tensor([   0., 1000.], op=softplus)
    """
    return np.maximum(x, 0) + _log1p_exp(x)


@primitive(
    symbol="log σ",
    latex=r"\log \sigma\left({0}\right)",
    vjps=(lambda g, out, x: g * sigmoid(-x),),
    formulas=("G * sigmoid(-{0})",),
    elementwise=True,
    samples=[(_ANY,)],
)
def log_sigmoid(x: Any) -> Any:
    """Return log(1 / (1 + e^-x)), which does not underflow where sigmoid does.

    Formula: d log σ(x) = σ(-x) dx.

    Notes
    -----
    Computed as min(x, 0) - log(1 + e^-|x|).

    Examples
    --------
    >>> from autograd import Tensor, log_sigmoid
    >>> log_sigmoid(Tensor([-1000.0, 1000.0]))
    Tensor([-1000.,     0.], op=log_sigmoid)
    """
    return np.minimum(x, 0) - _log1p_exp(x)


def sigmoid_and_rest(x: Any) -> tuple[Any, Any]:
    """Return σ(x) and 1 - σ(x), without the cancellation of that difference."""
    powers = np.exp(np.minimum(x, 2 * _LARGE))  # far enough for the rest to vanish
    total = 1 + powers
    return powers / total, 1 / total


def _silu_rule(g: Any, out: Any, x: Any) -> Any:
    s, rest = sigmoid_and_rest(x)
    return g * (s * (1 + bounded(x) * rest))


def _silu_with_slope(x: Any) -> tuple[Any, Any]:
    s, rest = sigmoid_and_rest(x)
    return np.maximum(x, -FAR) * s, s * (1 + bounded(x) * rest)


@primitive(
    symbol="silu",
    latex=r"{0}\, \sigma\left({0}\right)",
    vjps=(_silu_rule,),
    formulas=("G * sigmoid({0}) * (1 + {0} * (1 - sigmoid({0})))",),
    fused=with_slope(_silu_with_slope),
    elementwise=True,
    samples=[(_ANY,)],
)
def silu(x: Any) -> Any:
    """Return x σ(x), also called swish.

    Formula: d silu(x) = σ(x) (1 + x (1 - σ(x))) dx.  At -inf it is 0, the limit.

    References
    ----------
    Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", Neural Networks 107, 2018.

    Examples
    --------
    >>> from autograd import Tensor, silu
    >>> silu(Tensor([0.0, 1000.0]))
    Tensor([   0., 1000.], op=silu)
    """
    return np.maximum(x, -FAR) * sigmoid(x)


def _mish_parts(x: Any) -> tuple[Any, Any]:
    """Return tanh(softplus(x)) and its derivative, from one exponential.

    With n = e^x (e^x + 2), tanh(log(1 + e^x)) is n / (n + 2).
    """
    power = _exp(x)
    n = power * (power + 2)
    return n / (n + 2), 4 * (power / (n + 2)) * ((power + 1) / (n + 2))


def _mish_rule(g: Any, out: Any, x: Any) -> Any:
    gate, gate_slope = _mish_parts(x)
    return g * (gate + bounded(x) * gate_slope)


def _mish_with_slope(x: Any) -> tuple[Any, Any]:
    gate, gate_slope = _mish_parts(x)
    return np.maximum(x, -FAR) * gate, gate + bounded(x) * gate_slope


@primitive(
    symbol="mish",
    latex=r"{0} \tanh \log\left(1 + e^{{{0}}}\right)",
    vjps=(_mish_rule,),
    formulas=(
        "G * (np.tanh(softplus({0}))"
        " + {0} * sigmoid({0}) * (1 - np.tanh(softplus({0}))**2))",
    ),
    fused=with_slope(_mish_with_slope),
    elementwise=True,
    samples=[(_ANY,)],
)
def mish(x: Any) -> Any:
    """Return x tanh(softplus(x)).

    Formula: d mish(x) = (t + x σ(x) (1 - t²)) dx with t = tanh(softplus(x)).  At -inf
    the value is 0, the limit.

    References
    ----------
    Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.

    Examples
    --------
    >>> from autograd import Tensor, mish
    >>> mish(Tensor([0.0, 1000.0]))
    Tensor([   0., 1000.], op=mish)
    """
    return np.maximum(x, -FAR) * _mish_parts(x)[0]


@composed()
def glu(x: Any, axis: int = -1) -> Any:
    """Return the gated linear unit: one half of x, times the sigmoid of the other half.

    Parameters
    ----------
    x : Tensor, shape (..., 2 n, ...)
        The values, then the gates, along the axis.
    axis : int, default -1
        The axis that is halved.

    Returns
    -------
    Tensor, shape (..., n, ...)

    Raises
    ------
    ShapeError
        If the axis does not have an even length.

    Notes
    -----
    Formula: a σ(b) for x = (a, b); the gradients are those of the product.

    References
    ----------
    Dauphin et al., "Language modeling with gated convolutional networks", ICML 2017.

    Examples
    --------
    >>> from autograd import Tensor, glu
    >>> glu(Tensor([2.0, 4.0, 0.0, 1000.0]))
    Tensor([1., 4.], op=multiply)
    """
    shape = np.shape(x)
    if not shape or not -len(shape) <= axis < len(shape) or shape[axis] % 2:
        raise ShapeError(
            f"glu: axis {axis} of an array of shape {shape} cannot be halved: it must "
            f"exist and have an even length. It holds the values, then the gates."
        )
    x = x if hasattr(x, "ndim") else np.asarray(x)
    half = shape[axis] // 2
    index: list[Any] = [slice(None)] * len(shape)
    index[axis] = slice(half)
    values = x[tuple(index)]
    index[axis] = slice(half, None)
    return values * sigmoid(x[tuple(index)])
