"""Activations as layers; each calls the function of its name.

Without them a stack of linear layers is one linear layer.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import autograd
from nn.module import Module

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class _Elementwise(Module):
    """A function of each element, without settings."""

    function: ClassVar[Callable[..., Any]]

    def forward(self, x: Any) -> Any:
        """Return the function of every element."""
        return type(self).function(x)


class ReLU(_Elementwise):
    """Keep positive numbers, and set negative ones to 0.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = max(x, 0); the derivative at 0 is 0.

    References
    ----------
    V. Nair and G. Hinton, "Rectified linear units improve restricted Boltzmann
    machines", ICML 2010.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ReLU()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [0.0, 0.0, 2.0]
    """

    function = autograd.relu


class ReLU6(_Elementwise):
    """Like `ReLU`, but at most 6.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = min(max(x, 0), 6).

    References
    ----------
    A. Howard et al., "MobileNets", 2017.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ReLU6()(np.array([-2.0, 3.0, 8.0])).round(4).tolist()
    [0.0, 3.0, 6.0]
    """

    function = autograd.relu6


class SELU(_Elementwise):
    """An exponential unit that keeps zero mean and unit variance through many layers.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = λ x for x > 0, λ α (eˣ - 1) otherwise, λ ≈ 1.0507 and α ≈ 1.6733; start
    weights with `init.lecun_normal`.

    References
    ----------
    G. Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.SELU()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-1.5202, 0.0, 2.1014]
    """

    function = autograd.selu


class SiLU(_Elementwise):
    """Let a number through as far as its own sigmoid says; also called swish.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x σ(x).

    References
    ----------
    S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units", 2018.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.SiLU()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-0.2384, 0.0, 1.7616]
    """

    function = autograd.silu


class Mish(_Elementwise):
    """A smooth relative of `ReLU` with a small negative dip.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x tanh(log(1 + eˣ)).

    References
    ----------
    D. Misra, "Mish: a self regularized non-monotonic activation function", 2019.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Mish()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-0.2525, 0.0, 1.944]
    """

    function = autograd.mish


class Sigmoid(_Elementwise):
    """Squash into (0, 1): the probability of one of two classes.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = 1 / (1 + e⁻ˣ), with derivative y (1 - y), at most 1/4: gradients shrink
    with each layer.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Sigmoid()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [0.1192, 0.5, 0.8808]
    """

    function = autograd.sigmoid


class Tanh(_Elementwise):
    """Squash into (-1, 1), with zero mean.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ), with derivative 1 - y².

    References
    ----------
    Y. LeCun et al., "Efficient BackProp", 1998.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Tanh()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-0.964, 0.0, 0.964]
    """

    function = autograd.tanh


class Softsign(_Elementwise):
    """Squash into (-1, 1), approaching the ends more slowly than `Tanh`.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x / (1 + |x|).

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Softsign()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-0.6667, 0.0, 0.6667]
    """

    function = autograd.softsign


class LogSigmoid(_Elementwise):
    """The logarithm of `Sigmoid`, without underflow.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = -log(1 + e⁻ˣ).

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.LogSigmoid()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-2.1269, -0.6931, -0.1269]
    """

    function = autograd.log_sigmoid


class Hardsigmoid(_Elementwise):
    """A sigmoid of three straight pieces.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = min(max(x / 6 + 1/2, 0), 1).

    References
    ----------
    A. Howard et al., "Searching for MobileNetV3", 2019.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Hardsigmoid()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [0.1667, 0.5, 0.8333]
    """

    function = autograd.hardsigmoid


class Hardswish(_Elementwise):
    """`SiLU` with `Hardsigmoid` in place of the sigmoid.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x min(max(x / 6 + 1/2, 0), 1).

    References
    ----------
    A. Howard et al., "Searching for MobileNetV3", 2019.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Hardswish()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-0.3333, 0.0, 1.6667]
    """

    function = autograd.hardswish


class Tanhshrink(_Elementwise):
    """What tanh takes away: small numbers nearly vanish.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x - tanh(x).

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Tanhshrink()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-1.036, 0.0, 1.036]
    """

    function = autograd.tanhshrink


class LeakyReLU(Module):
    """Like `ReLU`, with a small slope for negative numbers, so that no unit dies.

    Parameters
    ----------
    negative_slope : float, default 0.01
        The slope a for negative numbers.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x for x > 0, a x otherwise.

    References
    ----------
    A. Maas, A. Hannun and A. Ng, "Rectifier nonlinearities improve neural network
    acoustic models", ICML 2013.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.LeakyReLU(0.1)(np.array([-2.0, 0.0, 2.0])).tolist()
    [-0.2, 0.0, 2.0]
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        """Return ``x`` where positive, and ``a x`` elsewhere."""
        return autograd.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.negative_slope}"


class ELU(Module):
    """Like `ReLU`, but smooth, approaching -α for negative numbers.

    Parameters
    ----------
    alpha : float, default 1.0
        The limit α.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x for x > 0, α (eˣ - 1) otherwise.

    References
    ----------
    D. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network
    learning by exponential linear units", ICLR 2016.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ELU()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-0.8647, 0.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        """Return ``x`` where positive, and α (eˣ - 1) elsewhere."""
        return autograd.elu(x, self.alpha)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.alpha}"


class CELU(Module):
    """`ELU` with a continuous derivative for every α.

    Parameters
    ----------
    alpha : float, default 1.0
        The limit α.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x for x > 0, α (e^(x / α) - 1) otherwise.

    References
    ----------
    J. Barron, "Continuously differentiable exponential linear units", 2017.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.CELU(2.0)(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-1.2642, 0.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        """Return ``x`` where positive, and α (e^(x / α) - 1) elsewhere."""
        return autograd.celu(x, self.alpha)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.alpha}"


class GELU(Module):
    """Weigh a number by the probability that a normal one is smaller.

    Parameters
    ----------
    approximate : {"none", "tanh"}, default "none"
        Whether to use the error function or a formula with tanh that is close to it.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = x Φ(x) with Φ(x) = (1 + erf(x / √2)) / 2, or
    y = x (1 + tanh(√(2 / π) (x + 0.044715 x³))) / 2.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.GELU()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-0.0455, 0.0, 1.9545]
    """

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(
                f"GELU: approximate must be 'none' or 'tanh', got {approximate!r}."
            )
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        """Return ``x`` times the normal distribution function of ``x``."""
        return autograd.gelu(x, self.approximate)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return "" if self.approximate == "none" else f"{self.approximate!r}"


class Softplus(Module):
    """A smooth `ReLU`.

    Parameters
    ----------
    beta : float, default 1.0
        How sharp the bend at 0 is.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = log(1 + e^(β x)) / β.

    References
    ----------
    C. Dugas et al., "Incorporating second-order functional knowledge", NeurIPS 2001.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Softplus()(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [0.1269, 0.6931, 2.1269]
    """

    def __init__(self, beta: float = 1.0) -> None:
        if not beta > 0:
            raise ValueError(f"Softplus: beta must be positive, got {beta}.")
        self.beta = beta

    def forward(self, x: Any) -> Any:
        """Return the logarithm of 1 + e^(β x), over β."""
        return autograd.softplus(x * self.beta) / self.beta

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return "" if self.beta == 1.0 else f"{self.beta}"


class Hardtanh(Module):
    """Limit to an interval: a tanh of three straight pieces.

    Parameters
    ----------
    min_val, max_val : float, default -1.0 and 1.0
        The ends of the interval.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: y = min(max(x, min_val), max_val).

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Hardtanh()(np.array([-2.0, 0.5, 2.0])).tolist()
    [-1.0, 0.5, 1.0]
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        if not min_val < max_val:
            raise ValueError(
                f"Hardtanh: min_val must be less than max_val, got {min_val} and "
                f"{max_val}."
            )
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x: Any) -> Any:
        """Return the elements, limited to the interval."""
        return autograd.hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.min_val}, {self.max_val}"


class Softmax(Module):
    """Turn numbers into probabilities: positive, adding up to 1.

    Parameters
    ----------
    axis : int
        The axis of the classes.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: yᵢ = e^xᵢ / Σ e^xⱼ.  `CrossEntropyLoss` takes the numbers before it.

    References
    ----------
    J. Bridle, "Probabilistic interpretation of feedforward classification network
    outputs", 1990.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Softmax(axis=-1)(np.array([1.0, 2.0, 3.0])).round(4).tolist()
    [0.09, 0.2447, 0.6652]
    """

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """Return the probabilities."""
        return autograd.softmax(x, self.axis)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"axis={self.axis}"


class Softmin(Module):
    """`Softmax` of the negative: the smallest number is the likeliest.

    Parameters
    ----------
    axis : int
        The axis of the classes.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: yᵢ = e^-xᵢ / Σ e^-xⱼ.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.Softmin(axis=-1)(np.array([1.0, 2.0, 3.0])).round(4).tolist()
    [0.6652, 0.2447, 0.09]
    """

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """Return the probabilities."""
        return autograd.softmin(x, self.axis)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"axis={self.axis}"


class LogSoftmax(Module):
    """The logarithm of `Softmax`, without underflow: what `NLLLoss` takes.

    Parameters
    ----------
    axis : int
        The axis of the classes.

    Notes
    -----
    Shapes: any input; result of the same shape.

    Formula: yᵢ = xᵢ - log Σ e^xⱼ.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.LogSoftmax(axis=-1)(np.array([1.0, 2.0, 3.0])).round(4).tolist()
    [-2.4076, -1.4076, -0.4076]
    """

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """Return the log-probabilities."""
        return autograd.log_softmax(x, self.axis)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"axis={self.axis}"


class GLU(Module):
    """Let one half of the input through as far as the other half says.

    Parameters
    ----------
    axis : int, default -1
        The axis that is cut into halves.

    Notes
    -----
    Shapes: input (..., 2 d, ...); result (..., d, ...).

    Formula: y = a σ(b), where x = [a, b] along the axis.

    References
    ----------
    Y. Dauphin et al., "Language modeling with gated convolutional networks", ICML 2017.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.GLU()(np.array([4.0, 0.0])).tolist()
    [2.0]
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """Return the first half times the sigmoid of the second."""
        return autograd.glu(x, self.axis)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return "" if self.axis == -1 else f"axis={self.axis}"
