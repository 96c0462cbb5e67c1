"""Initialisers: set a parameter to its first value, in place.

The names are PyTorch's without the underscore at the end; the underscored ones are
there as well.  Weights have shape (out, in, *kernel), and

    fan_in = in * size of the kernel        fan_out = out * size of the kernel

are the numbers of connections into and out of one unit.  Every function returns the
tensor, and draws from an explicit generator: ``init.normal(w, rng=rng)``.
"""

import math
from statistics import NormalDist
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from nn.parameter import require_rng

__all__ = [
    "calculate_gain",
    "constant",
    "dirac",
    "eye",
    "fans",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "small_normal",
    "trunc_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Rng = np.random.Generator


def zeros(tensor: Tensor) -> Tensor:
    """Set every element to 0: right for biases.

    Two hidden units that start equal stay equal, so it is wrong for hidden weights.

    Examples
    --------
    >>> from nn import Parameter, init
    >>> init.zeros(Parameter([1.0, 2.0])).tolist()
    [0.0, 0.0]
    """
    return constant(tensor, 0.0)


def ones(tensor: Tensor) -> Tensor:
    """Set every element to 1.

    Examples
    --------
    >>> from nn import Parameter, init
    >>> init.ones(Parameter([1.0, 2.0])).tolist()
    [1.0, 1.0]
    """
    return constant(tensor, 1.0)


def constant(tensor: Tensor, val: float) -> Tensor:
    """Set every element to one number.

    Examples
    --------
    >>> from nn import Parameter, init
    >>> init.constant(Parameter([1.0, 2.0]), 0.5).tolist()
    [0.5, 0.5]
    """
    return _set(tensor, np.full(tensor.shape, val))


def normal(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: Rng | None = None
) -> Tensor:
    """Draw every element from a normal distribution.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.normal(
    ...     Parameter(np.zeros((100, 100))), std=0.1, rng=np.random.default_rng(0)
    ... )
    >>> round(float(np.std(w.data)), 2)
    0.1
    """
    rng = require_rng("init.normal", rng)
    return _set(tensor, rng.normal(mean, std, tensor.shape))


def uniform(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, *, rng: Rng | None = None
) -> Tensor:
    """Draw every element from a uniform distribution on [a, b).

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.uniform(Parameter(np.zeros(5)), -1, 1, rng=np.random.default_rng(0))
    >>> bool(np.all(abs(w.data) <= 1))
    True
    """
    rng = require_rng("init.uniform", rng)
    return _set(tensor, rng.uniform(a, b, tensor.shape))


def trunc_normal(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    *,
    rng: Rng | None = None,
) -> Tensor:
    """Draw from a normal distribution restricted to [a, b], by drawing again.

    Raises
    ------
    ValueError
        If less than a thousandth of the distribution lies in [a, b].

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.trunc_normal(Parameter(np.zeros(1000)), rng=np.random.default_rng(0))
    >>> bool(np.all(abs(w.data) <= 2))
    True
    """
    rng = require_rng("init.trunc_normal", rng)
    whole = NormalDist(mean, std)
    if whole.cdf(b) - whole.cdf(a) < 1e-3:
        raise ValueError(
            f"init.trunc_normal: [a, b] = [{a}, {b}] holds less than a thousandth of "
            f"the normal distribution with mean {mean} and std {std}. Widen it."
        )
    values = rng.normal(mean, std, tensor.shape)
    outside = (values < a) | (values > b)
    while np.any(outside):
        values = np.where(outside, rng.normal(mean, std, tensor.shape), values)
        outside = (values < a) | (values > b)
    return _set(tensor, values)


def small_normal(
    tensor: Tensor, scale: float = 0.01, *, rng: Rng | None = None
) -> Tensor:
    """Set to ``rng.standard_normal(shape) * scale``, the hand-written first choice.

    It breaks the symmetry between units and keeps sigmoid and tanh near their steep
    middle, but through many layers the signal shrinks to nothing: use `xavier_normal`
    or `kaiming_normal` there.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = Parameter(np.zeros((4, 3)), dtype=np.float64)
    >>> same = np.random.default_rng(0).standard_normal((4, 3)) * 0.01
    >>> bool(np.all(init.small_normal(w, rng=np.random.default_rng(0)) == same))
    True
    """
    rng = require_rng("init.small_normal", rng)
    return _set(tensor, rng.standard_normal(tensor.shape) * scale)


def xavier_uniform(
    tensor: Tensor, gain: float = 1.0, *, rng: Rng | None = None
) -> Tensor:
    """Draw from U(-a, a) with a = gain sqrt(6 / (fan_in + fan_out)).

    It keeps the variance of signals and of gradients through layers of tanh or sigmoid.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.xavier_uniform(
    ...     Parameter(np.zeros((4, 2))), rng=np.random.default_rng(0)
    ... )
    >>> bool(np.all(abs(w.data) <= 1))
    True
    """
    bound = gain * math.sqrt(6 / sum(fans("init.xavier_uniform", tensor)))
    return uniform(tensor, -bound, bound, rng=require_rng("init.xavier_uniform", rng))


def xavier_normal(
    tensor: Tensor, gain: float = 1.0, *, rng: Rng | None = None
) -> Tensor:
    """Draw from a normal distribution with std = gain sqrt(2 / (fan_in + fan_out)).

    References
    ----------
    As `xavier_uniform`.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.xavier_normal(
    ...     Parameter(np.zeros((99, 101))), rng=np.random.default_rng(0)
    ... )
    >>> round(float(np.std(w.data)), 2)
    0.1
    """
    std = gain * math.sqrt(2 / sum(fans("init.xavier_normal", tensor)))
    return normal(tensor, 0.0, std, rng=require_rng("init.xavier_normal", rng))


def kaiming_uniform(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Rng | None = None,
) -> Tensor:
    """Draw from U(-b, b) with b = gain sqrt(3 / fan), which suits rectifiers.

    Parameters
    ----------
    tensor : Tensor, shape (out, in, ...)
        What is set.
    a : float, default 0
        The negative slope of a leaky rectifier.
    mode : {"fan_in", "fan_out"}, default "fan_in"
        Whether the variance of signals or of gradients is kept.
    nonlinearity : str, default "leaky_relu"
        The activation that follows, for `calculate_gain`.
    rng : Generator
        Where the numbers are drawn from.

    References
    ----------
    K. He et al., "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.kaiming_uniform(
    ...     Parameter(np.zeros((5, 6))), rng=np.random.default_rng(0)
    ... )
    >>> bool(np.all(abs(w.data) <= 1))
    True
    """
    std = _kaiming_std("init.kaiming_uniform", tensor, a, mode, nonlinearity)
    bound = math.sqrt(3) * std
    return uniform(tensor, -bound, bound, rng=require_rng("init.kaiming_uniform", rng))


def kaiming_normal(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Rng | None = None,
) -> Tensor:
    """Draw from a normal distribution with std = gain / sqrt(fan), for rectifiers.

    Parameters and source are those of `kaiming_uniform`.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.kaiming_normal(
    ...     Parameter(np.zeros((99, 200))), rng=np.random.default_rng(0)
    ... )
    >>> round(float(np.std(w.data)), 2)
    0.1
    """
    std = _kaiming_std("init.kaiming_normal", tensor, a, mode, nonlinearity)
    return normal(tensor, 0.0, std, rng=require_rng("init.kaiming_normal", rng))


def lecun_uniform(tensor: Tensor, *, rng: Rng | None = None) -> Tensor:
    """Draw from U(-b, b) with b = sqrt(3 / fan_in): variance 1 / fan_in.

    References
    ----------
    Y. LeCun et al., "Efficient BackProp", 1998; for selu: G. Klambauer et al.,
    "Self-normalizing neural networks", 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.lecun_uniform(
    ...     Parameter(np.zeros((5, 3))), rng=np.random.default_rng(0)
    ... )
    >>> bool(np.all(abs(w.data) <= 1))
    True
    """
    bound = math.sqrt(3 / fans("init.lecun_uniform", tensor)[0])
    return uniform(tensor, -bound, bound, rng=require_rng("init.lecun_uniform", rng))


def lecun_normal(tensor: Tensor, *, rng: Rng | None = None) -> Tensor:
    """Draw from a normal distribution with std = 1 / sqrt(fan_in).

    Source: as `lecun_uniform`.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.lecun_normal(
    ...     Parameter(np.zeros((200, 100))), rng=np.random.default_rng(0)
    ... )
    >>> round(float(np.std(w.data)), 2)
    0.1
    """
    std = 1 / math.sqrt(fans("init.lecun_normal", tensor)[0])
    return normal(tensor, 0.0, std, rng=require_rng("init.lecun_normal", rng))


def orthogonal(tensor: Tensor, gain: float = 1.0, *, rng: Rng | None = None) -> Tensor:
    """Draw a matrix with orthonormal rows or columns, uniformly, times ``gain``.

    Axes after the first are folded into one: (out, in * kernel).

    References
    ----------
    A. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks", 2014; uniform by the sign rule of F. Mezzadri, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> w = init.orthogonal(Parameter(np.zeros((2, 3))), rng=np.random.default_rng(0))
    >>> np.abs(w.data @ w.data.T).round(6).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    _require_matrix("init.orthogonal", tensor)
    rng = require_rng("init.orthogonal", rng)
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    tall = rng.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diagonal(r))  # without it the draw is not uniform
    matrix = q if rows >= columns else q.T
    return _set(tensor, gain * matrix.reshape(tensor.shape))


def eye(tensor: Tensor) -> Tensor:
    """Set a matrix to the identity: the layer passes its input on.

    Raises
    ------
    ShapeError
        If the tensor does not have two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> init.eye(Parameter(np.zeros((2, 3)))).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if tensor.ndim != 2:
        raise ShapeError(f"init.eye: it needs two axes, got shape {tensor.shape}.")
    return _set(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def dirac(tensor: Tensor, groups: int = 1) -> Tensor:
    """Set the weights of a convolution so that it passes its channels on.

    Parameters
    ----------
    tensor : Tensor, shape (out, in, *kernel)
        What is set: 1 at the centre of the kernel from channel i to channel i.
    groups : int, default 1
        The groups of the convolution, each of which passes its channels on.

    Raises
    ------
    ShapeError
        If there is no kernel axis, or ``groups`` does not divide ``out``.

    Examples
    --------
    >>> import numpy as np
    >>> from nn import Parameter, init
    >>> init.dirac(Parameter(np.ones((1, 2, 3)))).tolist()
    [[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]]
    """
    if tensor.ndim < 3 or groups < 1 or tensor.shape[0] % groups:
        raise ShapeError(
            f"init.dirac: it needs shape (out, in, *kernel) with out divisible by "
            f"groups, got shape {tensor.shape} and groups={groups}."
        )
    values = np.zeros(tensor.shape)
    centre = tuple(n // 2 for n in tensor.shape[2:])
    per_group = tensor.shape[0] // groups
    for k in range(min(per_group, tensor.shape[1])):
        for start in range(0, tensor.shape[0], per_group):
            values[(start + k, k, *centre)] = 1.0
    return _set(tensor, values)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which weights must grow to make up for an activation.

    Parameters
    ----------
    nonlinearity : str
        "linear", "conv1d" and the like, "sigmoid", "tanh", "relu", "leaky_relu" or
        "selu".
    param : float, optional
        The negative slope of "leaky_relu", by default 0.01.

    Raises
    ------
    ValueError
        If the activation is not known.

    Notes
    -----
    Formula: sqrt(2) for relu, sqrt(2 / (1 + slope²)) for leaky_relu, 5/3 for tanh, 3/4
    for selu (so that it keeps its own normalisation), 1 for the others.

    Examples
    --------
    >>> from nn import init
    >>> round(init.calculate_gain("relu"), 4)
    1.4142
    """
    slope = 0.01 if param is None else param
    gains = {
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / (1 + slope**2)),
        "selu": 3 / 4,
        **dict.fromkeys(_LINEAR, 1.0),
    }
    if nonlinearity not in gains:
        raise ValueError(
            f"calculate_gain: {nonlinearity!r} is not one of {', '.join(gains)}."
        )
    return gains[nonlinearity]


_LINEAR = ("linear", "conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d")


def fans(function: str, tensor: Tensor) -> tuple[int, int]:
    """Return (fan_in, fan_out) of weights of shape (out, in, *kernel)."""
    _require_matrix(function, tensor)
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def _kaiming_std(
    function: str, tensor: Tensor, a: float, mode: str, nonlinearity: str
) -> float:
    modes = ("fan_in", "fan_out")
    if mode not in modes:
        raise ValueError(
            f"{function}: mode must be 'fan_in' or 'fan_out', got {mode!r}."
        )
    fan = fans(function, tensor)[modes.index(mode)]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _require_matrix(function: str, tensor: Tensor) -> None:
    if tensor.ndim < 2 or not tensor.size:
        raise ShapeError(
            f"{function}: it needs weights of shape (out, in, ...) without an empty "
            f"axis, got shape {tensor.shape}. A bias takes init.zeros or init.uniform."
        )


def _set(tensor: Tensor, values: Any) -> Tensor:
    tensor.data = values
    return tensor


# PyTorch's spelling: its underscore says that a function works in place.
zeros_ = zeros
ones_ = ones
constant_ = constant
normal_ = normal
uniform_ = uniform
trunc_normal_ = trunc_normal
xavier_uniform_ = xavier_uniform
xavier_normal_ = xavier_normal
kaiming_uniform_ = kaiming_uniform
kaiming_normal_ = kaiming_normal
orthogonal_ = orthogonal
eye_ = eye
dirac_ = dirac
