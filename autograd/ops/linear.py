"""The affine map of a fully connected layer."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import require_shape, shape_of, shown
from autograd.ops.rows import column_sum, rows
from autograd.primitive import primitive

__all__ = ["linear"]

_X = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_W = np.array([[1.1, -0.6, 0.4], [0.8, 2.2, -0.3], [1.3, -1.9, 0.7], [0.2, 0.5, -1.2]])
_B = np.array([0.3, -0.1, 0.8, -0.5])


def _input_rule(g: Any, out: Any, x: Any, weight: Any, *bias: Any) -> Any:
    return np.reshape(rows(g) @ weight, x.shape) if x.ndim != 2 else g @ weight


def _weight_rule(g: Any, out: Any, x: Any, weight: Any, *bias: Any) -> Any:
    return rows(g).T @ rows(x)


@primitive(
    symbol="linear",
    latex=r"\operatorname{{linear}}({inputs})",
    vjps=(_input_rule, _weight_rule, lambda g, out, *inputs: column_sum(g)),
    formulas=(
        "G @ {1}",
        "G.reshape(-1, G.shape[-1]).T @ {0}.reshape(-1, {0}.shape[-1])",
        "np.sum(G, axis=tuple(range(G.ndim - 1)))",
    ),
    method=False,
    samples=[
        (_X, _W, _B),
        (_X, _W),
        (_X[0], _W, _B),
        (np.arange(12.0).reshape(2, 2, 3) % 5 - 1.7, _W, _B),
        (np.zeros((0, 3)), _W, _B),
    ],
)
def _linear(input: Any, weight: Any, bias: Any = None) -> Any:
    out = rows(input) @ weight.T
    if bias is not None:
        # The product is ours, so that the sum can take its place.
        out = np.add(out, bias, out=out if out.dtype is bias.dtype else None)
    if input.ndim == 2:
        return out
    return np.reshape(out, (*input.shape[:-1], weight.shape[0]))


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """Multiply by a matrix and add a bias: ``input @ weight.T + bias``.

    Parameters
    ----------
    input : Tensor, shape (..., in_features)
        Leading axes are a batch.
    weight : Tensor, shape (out_features, in_features)
        One row for each output.
    bias : Tensor, shape (out_features,), optional
        Added to every row.

    Returns
    -------
    Tensor, shape (..., out_features)
        One node of the graph.

    Raises
    ------
    ShapeError
        If the shapes are others.

    Notes
    -----
    Formula: with Y = X Wᵀ + b, dL/dX = (dL/dY) W, dL/dW = (dL/dY)ᵀ X, and dL/db is the
    sum of the rows of dL/dY.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, linear
    >>> W, b = Tensor([[1.0, 2.0, 3.0]]), Tensor([0.5])
    >>> linear(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]), W, b).sum().backward()
    >>> W.grad, b.grad
    (array([[1., 1., 1.]]), array([2.]))
    """
    shape, weights = shape_of(input), shape_of(weight)
    if len(weights) != 2 or not shape or shape[-1] != weights[1]:
        raise ShapeError(_explained(input, weight))
    require_shape("linear", "bias", bias, weights[:1])
    return _linear(input, weight, bias)


def _explained(input: Any, weight: Any) -> str:
    """Say which sizes do not fit together, and what would."""
    given = f"{shown('input', input)}, {shown('weight', weight)}"
    weights = np.shape(weight)
    if len(weights) != 2:
        return f"linear: weight must have shape (out_features, in_features): {given}."
    needed = f"linear: the last axis of input must be {weights[1]}: {given}."
    if np.shape(input)[-1:] == weights[:1]:
        return f"{needed} Weights are (out, in): did you mean weight.T?"
    return needed
