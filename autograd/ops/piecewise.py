"""Activations with kinks: linear pieces, cut off or bent.

Names, arguments and the derivatives at the kinks are PyTorch's; the value 0 is the
derivative at both ends of a cut-off interval.  A NaN stays a NaN, and passes the
gradient on.
"""

from typing import Any

import numpy as np

from autograd.ops.cotangents import passed
from autograd.primitive import primitive

__all__ = [
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "relu",
    "relu6",
    "softshrink",
]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_WIDE = np.array([-4.0, -2.3, -0.7, -0.2, 0.1, 0.4, 1.3, 2.5, 6.5])
_ZERO = np.float64(0)


@primitive(
    symbol="relu",
    latex=r"\max({0}, 0)",
    vjps=(lambda g, out, x: passed(g, out != 0),),
    formulas=("G * ({out} != 0)",),
    elementwise=True,
    samples=[(_A,)],
)
def relu(x: Any) -> Any:
    """Return x where it is positive and 0 elsewhere.

    Formula: d relu(x) = dx where x > 0, and 0 elsewhere, at x = 0 too.  A NaN stays a
    NaN and passes the gradient through, so that the error is not hidden.

    References
    ----------
    Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines",
    ICML 2010.

    Examples
    --------
    >>> from autograd import Tensor, relu
    >>> relu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.], op=relu)
    """
    if x.__class__ is np.float64:  # one number: 10 times as fast as np.maximum
        return _ZERO if x <= 0 else x
    if x.__class__ is np.ndarray and x.dtype == np.float32:
        return np.clip(x, 0, np.inf)  # a third of the time of np.maximum
    return np.maximum(x, 0)


@primitive(
    symbol="leaky relu",
    latex=r"\operatorname{{leaky\ relu}}\left({0}\right)",
    vjps=(lambda g, out, x, negative_slope: g * np.where(x > 0, 1.0, negative_slope),),
    elementwise=True,
    samples=[(_A,), (_A, 0.2)],
)
def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """Return x where it is positive, and a small multiple of it elsewhere.

    Parameters
    ----------
    x : Tensor
        Any shape.
    negative_slope : float, default 0.01
        The factor where x <= 0.

    Notes
    -----
    Formula: the derivative is 1 where x > 0 and ``negative_slope`` elsewhere, at 0 too.

    References
    ----------
    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic
    models", ICML 2013.

    Examples
    --------
    >>> from autograd import Tensor, leaky_relu
    >>> leaky_relu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.01,  0.  ,  2.  ], op=leaky_relu)
    """
    return np.where(x > 0, x, negative_slope * x)


def _within(x: Any, low: float, high: float) -> Any:
    """Where x lies between two limits, without them; a NaN counts as between."""
    return ~((x <= low) | (x >= high))


@primitive(
    symbol="hardtanh",
    latex=r"\min(\max({0}, {min_val}), {max_val})",
    vjps=(lambda g, out, x, min_val, max_val: passed(g, _within(x, min_val, max_val)),),
    formulas=("G * (({0} > {min_val}) & ({0} < {max_val}))",),
    elementwise=True,
    samples=[(_WIDE,), (_WIDE, {"min_val": -0.5, "max_val": 2.0})],
)
def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """Limit x to an interval.

    Parameters
    ----------
    x : Tensor
        Any shape.
    min_val, max_val : float, default -1.0 and 1.0
        The limits.

    Notes
    -----
    Formula: the derivative is 1 strictly between the limits and 0 elsewhere, unlike
    that of `clip`, which is 1 at the limits too.

    Examples
    --------
    >>> from autograd import Tensor, hardtanh
    >>> hardtanh(Tensor([-2.0, 0.5, 1.0]))
    Tensor([-1. ,  0.5,  1. ], op=hardtanh)
    """
    return np.minimum(np.maximum(x, min_val), max_val)


@primitive(
    symbol="relu6",
    latex=r"\min(\max({0}, 0), 6)",
    vjps=(lambda g, out, x: passed(g, _within(x, 0, 6)),),
    formulas=("G * (({0} > 0) & ({0} < 6))",),
    elementwise=True,
    samples=[(_WIDE,)],
)
def relu6(x: Any) -> Any:
    """Limit x to between 0 and 6.

    Formula: the derivative is 1 strictly between 0 and 6, and 0 elsewhere.

    References
    ----------
    Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    Examples
    --------
    >>> from autograd import Tensor, relu6
    >>> relu6(Tensor([-2.0, 0.5, 7.0]))
    Tensor([0. , 0.5, 6. ], op=relu6)
    """
    return np.minimum(np.maximum(x, 0), 6)


@primitive(
    symbol="hardsigmoid",
    latex=r"\frac{{\min(\max({0} + 3, 0), 6)}}{{6}}",
    vjps=(lambda g, out, x: passed(g, (x > -3) & (x < 3)) / 6,),
    formulas=("G * (({0} > -3) & ({0} < 3)) / 6",),
    elementwise=True,
    samples=[(_WIDE,)],
)
def hardsigmoid(x: Any) -> Any:
    """Return x/6 + 1/2, limited to between 0 and 1.

    Formula: the derivative is 1/6 where -3 < x < 3, and 0 elsewhere.

    References
    ----------
    Courbariaux, Bengio and David, "BinaryConnect: training deep neural networks with
    binary weights during propagations", NeurIPS 2015.

    Examples
    --------
    >>> from autograd import Tensor, hardsigmoid
    >>> hardsigmoid(Tensor([-4.0, 0.0, 1.5]))
    Tensor([0.  , 0.5 , 0.75], op=hardsigmoid)
    """
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


def _hardswish_slope(x: Any) -> Any:
    middle = np.minimum(np.maximum(x, -3), 3) / 3 + 0.5
    return np.where(x >= 3, 1.0, np.where(x <= -3, 0.0, middle))


@primitive(
    symbol="hardswish",
    latex=r"{0} \frac{{\min(\max({0} + 3, 0), 6)}}{{6}}",
    vjps=(lambda g, out, x: g * _hardswish_slope(x),),
    formulas=("G * np.where({0} >= 3, 1.0, np.where({0} <= -3, 0.0, {0} / 3 + 0.5))",),
    elementwise=True,
    samples=[(_WIDE,)],
)
def hardswish(x: Any) -> Any:
    """Return x hardsigmoid(x).

    Formula: the derivative is x/3 + 1/2 where -3 < x < 3, 0 below that and 1 above.
    At -inf the value is 0, the limit.

    References
    ----------
    Howard et al., "Searching for MobileNetV3", ICCV 2019.

    Examples
    --------
    >>> from autograd import Tensor, hardswish
    >>> hardswish(Tensor([1.5, 4.0]))
    Tensor([1.125, 4.   ], op=hardswish)
    """
    return np.maximum(x, -3) * (np.minimum(np.maximum(x + 3, 0), 6) / 6)


@primitive(
    symbol="hardshrink",
    latex=r"\operatorname{{hardshrink}}\left({0}\right)",
    vjps=(lambda g, out, x, lambd: passed(g, ~(np.absolute(x) <= lambd)),),
    formulas=("G * (np.absolute({0}) > {lambd})",),
    elementwise=True,
    samples=[(_WIDE,), (_WIDE, {"lambd": 1.0})],
)
def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    """Return 0 where |x| <= lambd, and x elsewhere.

    Parameters
    ----------
    x : Tensor
        Any shape.
    lambd : float, default 0.5
        The threshold.

    Notes
    -----
    Formula: the derivative is 1 where |x| > lambd, and 0 elsewhere.

    Examples
    --------
    >>> from autograd import Tensor, hardshrink
    >>> hardshrink(Tensor([-2.0, 0.5, 1.0]))
    Tensor([-2.,  0.,  1.], op=hardshrink)
    """
    return np.where(np.absolute(x) <= lambd, 0.0, x)


@primitive(
    symbol="softshrink",
    latex=r"\operatorname{{softshrink}}\left({0}\right)",
    vjps=(lambda g, out, x, lambd: passed(g, ~(np.absolute(x) <= lambd)),),
    formulas=("G * (np.absolute({0}) > {lambd})",),
    elementwise=True,
    samples=[(_WIDE,), (_WIDE, {"lambd": 1.0})],
)
def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """Move x towards 0 by lambd, at most to 0.

    Parameters
    ----------
    x : Tensor
        Any shape.
    lambd : float, default 0.5
        The distance.

    Notes
    -----
    Formula: the derivative is 1 where |x| > lambd, and 0 elsewhere.

    Examples
    --------
    >>> from autograd import Tensor, softshrink
    >>> softshrink(Tensor([-2.0, 0.5, 1.0]))
    Tensor([-1.5,  0. ,  0.5], op=softshrink)
    """
    return x - np.minimum(np.maximum(x, -lambd), lambd)
