"""Smooth activations that are made of exponentials and of the normal distribution.

Names, arguments and conventions at kinks are PyTorch's; at ±inf they take their limits.
"""

import math
from typing import Any

import numpy as np

from autograd.ops.blocks import with_slope
from autograd.ops.checks import require_choice
from autograd.ops.logistic import FAR, bounded, sigmoid_and_rest
from autograd.ops.special import bell_curve, ndtr, normal
from autograd.primitive import composed, primitive

__all__ = ["celu", "elu", "gelu", "gelu_tanh", "selu", "softsign", "tanhshrink"]

_ANY = np.array([-3.0, -0.7, 0.1, 0.4, 2.5])

_CUBIC = 0.044715
_SCALE = 2 * math.sqrt(2 / math.pi)


def _tanh_gate(x: Any) -> tuple[Any, Any]:
    """Return (1 + tanh(u)) / 2 for the u of the tanh form of gelu, and its derivative.

    It is σ(2u), which does not cancel for negative u.
    """
    x = bounded(x)
    gate, rest = sigmoid_and_rest(_SCALE * (x + _CUBIC * x * x * x))
    return gate, gate * rest * (_SCALE * (1 + 3 * _CUBIC * x * x))


def _gelu_with_slope(x: Any) -> tuple[Any, Any]:
    gate, slope = normal(x)
    value = np.clip(x, -FAR, np.inf)
    slope *= np.clip(x, -FAR, FAR)
    slope += gate
    value *= gate
    return value, slope


def _gelu_rule(g: Any, out: Any, x: Any) -> Any:
    near = bounded(x)
    return g * (ndtr(x) + near * bell_curve(near))


@primitive(
    symbol="gelu",
    latex=r"{0}\, \Phi\left({0}\right)",
    vjps=(_gelu_rule,),
    formulas=("G * (ndtr({0}) + {0} * np.exp(-{0}**2 / 2) / np.sqrt(2 * np.pi))",),
    fused=with_slope(_gelu_with_slope),
    elementwise=True,
    method=False,
    samples=[(_ANY,)],
)
def _gelu(x: Any) -> Any:
    return np.maximum(x, -FAR) * ndtr(x)


def _gelu_tanh_with_slope(x: Any) -> tuple[Any, Any]:
    """Return x σ(2u) and σ(2u) (1 + x (1 - σ(2u)) 2u'), in place as far as possible."""
    near = np.clip(x, -FAR, 8.0)  # beyond it the gate is 1
    slope = near * near
    gate = slope * (_SCALE * _CUBIC)
    gate += _SCALE
    gate *= near
    np.exp(gate, out=gate)
    rest = gate + 1
    np.divide(1, rest, out=rest)
    gate *= rest
    slope *= 3 * _CUBIC * _SCALE
    slope += _SCALE
    slope *= near
    slope *= rest
    slope += 1
    slope *= gate
    value = np.clip(x, -FAR, np.inf)
    value *= gate
    return value, slope


_GELU_TANH = with_slope(_gelu_tanh_with_slope)


def _gelu_tanh_rule(g: Any, out: Any, x: Any) -> Any:
    gate, gate_slope = _tanh_gate(x)
    return g * (gate + bounded(x) * gate_slope)


@primitive(
    symbol="gelu",
    latex=r"\operatorname{{gelu}}_{{\tanh}}\left({0}\right)",
    vjps=(_gelu_tanh_rule,),
    fused=_GELU_TANH,
    formulas=(
        "G * (sigmoid(np.sqrt(8 / np.pi) * ({0} + 0.044715 * {0}**3))"
        " + {out} * (1 - sigmoid(np.sqrt(8 / np.pi) * ({0} + 0.044715 * {0}**3)))"
        " * np.sqrt(8 / np.pi) * (1 + 0.134145 * {0}**2))",
    ),
    elementwise=True,
    samples=[(_ANY,)],
)
def gelu_tanh(x: Any) -> Any:
    """Return x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³): gelu by tanh.

    It is ``gelu(x, approximate="tanh")``, which differs from gelu by less than 5e-4 and
    is what GPT-2 was trained with.

    Formula: with s = (1 + tanh u) / 2 = σ(2u), the derivative is
    s + 2 x s (1 - s) √(2/π) (1 + 0.134145 x²).

    Examples
    --------
    >>> from autograd import Tensor, gelu_tanh
    >>> gelu_tanh(Tensor([0.0, 1000.0]))
    Tensor([   0., 1000.], op=gelu_tanh)
    """
    return _GELU_TANH.forward(np.asarray(x))[0]


@composed()
def gelu(x: Any, approximate: str = "none") -> Any:
    """Return x Φ(x), with Φ the standard normal distribution function.

    Parameters
    ----------
    x : Tensor
        Any shape.
    approximate : {"none", "tanh"}, default "none"
        With "tanh", `gelu_tanh`.

    Raises
    ------
    ValueError
        If ``approximate`` is neither.

    Notes
    -----
    Formula: d gelu(x) = (Φ(x) + x φ(x)) dx with φ(x) = e^(-x²/2) / √(2π).

    References
    ----------
    Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016.

    Examples
    --------
    >>> from autograd import Tensor, gelu
    >>> gelu(Tensor([-1.0, 0.0, 1.0]))
    Tensor([-0.15865525,  0.        ,  0.84134475], op=gelu)
    """
    require_choice("gelu", "approximate", approximate, ("none", "tanh"))
    return _gelu(x) if approximate == "none" else gelu_tanh(x)


def _elu_slope(x: Any, alpha: float) -> Any:
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))


@primitive(
    symbol="elu",
    latex=r"\operatorname{{elu}}\left({0}\right)",
    vjps=(lambda g, out, x, alpha: g * _elu_slope(x, alpha),),
    formulas=("G * np.where({0} > 0, 1.0, {alpha} * np.exp(np.minimum({0}, 0)))",),
    elementwise=True,
    samples=[(_ANY,), (_ANY, {"alpha": 0.5})],
)
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return x where it is positive, and alpha (e^x - 1) elsewhere.

    Parameters
    ----------
    x : Tensor
        Any shape.
    alpha : float, default 1.0
        The distance of the lower limit from 0.

    Notes
    -----
    Formula: the derivative is 1 where x > 0 and alpha e^x elsewhere, at 0 as well.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", ICLR 2016.

    Examples
    --------
    >>> from autograd import Tensor, elu
    >>> elu(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -1.,    0., 1000.], op=elu)
    """
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))


@primitive(
    symbol="celu",
    latex=r"\operatorname{{celu}}\left({0}\right)",
    vjps=(lambda g, out, x, alpha: g * np.exp(np.minimum(x, 0) / alpha),),
    elementwise=True,
    samples=[(_ANY,), (_ANY, {"alpha": 0.5})],
)
def celu(x: Any, alpha: float = 1.0) -> Any:
    """Return x where it is positive, and alpha (e^(x/alpha) - 1) elsewhere.

    Parameters
    ----------
    x : Tensor
        Any shape.
    alpha : float, default 1.0
        The distance of the lower limit from 0; not 0.

    Notes
    -----
    Formula: the derivative is 1 where x >= 0 and e^(x/alpha) elsewhere, without a jump.

    References
    ----------
    Barron, "Continuously differentiable exponential linear units", 2017.

    Examples
    --------
    >>> from autograd import Tensor, celu
    >>> celu(Tensor([-1000.0, 0.0, 1000.0]), alpha=2.0)
    Tensor([  -2.,    0., 1000.], op=celu)
    """
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha)


# The fixed point of the moments 0 and 1, from the paper's equation 14.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


@primitive(
    symbol="selu",
    latex=r"\operatorname{{selu}}\left({0}\right)",
    vjps=(lambda g, out, x: g * _SELU_SCALE * _elu_slope(x, _SELU_ALPHA),),
    elementwise=True,
    samples=[(_ANY,)],
)
def selu(x: Any) -> Any:
    """Return 1.0507 elu(x, alpha=1.6733), which keeps mean 0 and variance 1.

    Formula: the derivative is 1.0507 where x > 0 and 1.7581 e^x elsewhere, at 0 too.

    References
    ----------
    Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.

    Examples
    --------
    >>> from autograd import Tensor, selu
    >>> selu(Tensor([-1000.0, 0.0, 1.0]))
    Tensor([-1.75809934,  0.        ,  1.05070099], op=selu)
    """
    positive = np.maximum(x, 0)
    return _SELU_SCALE * (positive + _SELU_ALPHA * np.expm1(np.minimum(x, 0)))


@primitive(
    symbol="softsign",
    latex=r"\frac{{{0}}}{{1 + |{0}|}}",
    vjps=(lambda g, out, x: g / (1 + np.absolute(x)) / (1 + np.absolute(x)),),
    elementwise=True,
    samples=[(_ANY,)],
)
def softsign(x: Any) -> Any:
    """Return x / (1 + |x|), which tends to ±1.

    Formula: d softsign(x) = dx / (1 + |x|)².

    Examples
    --------
    >>> from autograd import Tensor, softsign
    >>> softsign(Tensor([-3.0, 0.0, 1.0]))
    Tensor([-0.75,  0.  ,  0.5 ], op=softsign)
    """
    x = np.minimum(np.maximum(x, -1e30), 1e30)  # there it is ±1 already
    return x / (1 + np.absolute(x))


@primitive(
    symbol="tanhshrink",
    latex=r"{0} - \tanh {0}",
    vjps=(lambda g, out, x: g * np.square(np.tanh(x)),),
    elementwise=True,
    samples=[(_ANY,)],
)
def tanhshrink(x: Any) -> Any:
    """Return x - tanh(x).

    Formula: d tanhshrink(x) = tanh²(x) dx.  Near 0 the difference cancels: the absolute
    error of the value is that of x.

    Examples
    --------
    >>> from autograd import Tensor, tanhshrink
    >>> tanhshrink(Tensor([0.0, 1000.0]))
    Tensor([  0., 999.], op=tanhshrink)
    """
    return x - np.tanh(x)
