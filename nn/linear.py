"""Fully connected layers."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError, einsum, linear
from nn.checks import as_input, got, require_size, shape_of
from nn.module import Module
from nn.parameter import require_rng, uniform_parameter

__all__ = ["Bilinear", "Identity", "Linear"]


class Identity(Module):
    """Return the input as it is: a place to put another layer later.

    Notes
    -----
    Shapes: any input; the result has the same shape.

    Formula: y = x.

    Examples
    --------
    >>> import nn
    >>> nn.Identity()([1.0, 2.0])
    [1.0, 2.0]
    """

    def forward(self, x: Any) -> Any:
        """Return ``x``."""
        return x


class Linear(Module):
    """Multiply by a matrix of weights and add a bias: a fully connected layer.

    Parameters
    ----------
    in_features, out_features : int
        The lengths of the last axis of the input and of the result.
    bias : bool, default True
        Whether a bias is added.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight : Tensor, shape (out_features, in_features)
        One row for each output, drawn from U(-k, k) with k = 1 / √in_features.
    bias : Tensor, shape (out_features,), or None
        Drawn likewise.

    Notes
    -----
    Shapes: input (..., in_features), where leading axes are a batch; result
    (..., out_features).

    Formula: Y = X Wᵀ + b.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", chapter 6.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.Linear(4, 2, rng=np.random.default_rng(0))
    >>> layer, layer(np.ones((3, 4))).shape
    (Linear(4, 2), (3, 2))
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        rng = require_rng("Linear", rng)
        self.in_features = require_size("Linear", "in_features", in_features)
        self.out_features = require_size("Linear", "out_features", out_features)
        bound = 1 / math.sqrt(in_features)
        shape = out_features, in_features
        self.weight = uniform_parameter(shape, bound, rng, dtype)
        self.bias = uniform_parameter(shape[:1], bound, rng, dtype) if bias else None

    def forward(self, x: Any) -> Any:
        """Return ``x @ weight.T + bias``."""
        x = as_input(x, self.weight.dtype)
        if shape_of(x)[-1:] != (self.in_features,):
            raise ShapeError(f"the last axis must be {self.in_features}; {got(x)}.")
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        bias = "" if self.bias is not None else ", bias=False"
        return f"{self.in_features}, {self.out_features}{bias}"


class Bilinear(Module):
    """Combine two inputs: each output is a quadratic form of both.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
        The lengths of the last axes of the two inputs and of the result.
    bias : bool, default True
        Whether a bias is added.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight : Tensor, shape (out_features, in1_features, in2_features)
        Drawn from U(-k, k) with k = 1 / √in1_features.
    bias : Tensor, shape (out_features,), or None
        Drawn likewise.

    Notes
    -----
    Shapes: inputs (..., in1_features) and (..., in2_features) with equal leading axes;
    result (..., out_features).

    Formula: yₖ = x₁ᵀ Wₖ x₂ + bₖ.

    References
    ----------
    J. Tenenbaum and W. Freeman, "Separating style and content with bilinear models",
    Neural Computation 12, 2000.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.Bilinear(2, 3, 4, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 2)), np.ones((5, 3))).shape
    (5, 4)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        rng = require_rng("Bilinear", rng)
        self.in1_features = require_size("Bilinear", "in1_features", in1_features)
        self.in2_features = require_size("Bilinear", "in2_features", in2_features)
        self.out_features = require_size("Bilinear", "out_features", out_features)
        bound = 1 / math.sqrt(in1_features)
        shape = out_features, in1_features, in2_features
        self.weight = uniform_parameter(shape, bound, rng, dtype)
        self.bias = uniform_parameter(shape[:1], bound, rng, dtype) if bias else None

    def forward(self, x1: Any, x2: Any) -> Any:
        """Return the quadratic forms of both inputs, plus the bias."""
        x1, x2 = (as_input(x, self.weight.dtype) for x in (x1, x2))
        a, b = shape_of(x1), shape_of(x2)
        needed = (self.in1_features,), (self.in2_features,)
        if (a[-1:], b[-1:]) != needed or a[:-1] != b[:-1]:
            raise ShapeError(
                f"the inputs must be (..., {self.in1_features}) and (..., "
                f"{self.in2_features}) with equal leading axes; {got(x1)} and "
                f"{got(x2)}."
            )
        out = einsum("...i,kij,...j->...k", x1, self.weight, x2)
        return out if self.bias is None else out + self.bias

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        bias = "" if self.bias is not None else ", bias=False"
        return f"{self.in1_features}, {self.in2_features}, {self.out_features}{bias}"
