"""Standardisation: zero mean and unit variance over some axes, then scale and shift."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.primitive import Fused, primitive

__all__ = ["standardize"]

_X = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
_MAPS = np.sin(np.arange(36.0)).reshape(3, 2, 2, 3)
_PER_CHANNEL = np.array([0.7, -1.3]).reshape(2, 1, 1)
_V = np.array([1.2, -0.5, 0.8])


def _mean(x: Any, axes: tuple[int, ...]) -> Any:
    """Return the mean over the axes, which stay with length 1."""
    if axes != last_axes(len(axes), x.ndim):
        return np.mean(x, axis=axes, keepdims=True)
    n = math.prod(x.shape[axes[0] :])
    rows = x.reshape(-1, n)
    # A matrix-vector product is several times as fast as np.mean.
    return (rows @ np.full(n, 1 / n, x.dtype)).reshape(
        *x.shape[: axes[0]], *[1] * len(axes)
    )


def _mean_product(x: Any, y: Any, axes: tuple[int, ...]) -> Any:
    """Return the mean of x y over the axes, without the product as an array."""
    if axes != last_axes(len(axes), x.ndim):
        return np.mean(x * y, axis=axes, keepdims=True)
    n = math.prod(x.shape[axes[0] :])
    sums = np.einsum("ij,ij->i", x.reshape(-1, n), y.reshape(-1, n))
    sums /= n
    return sums.reshape(*x.shape[: axes[0]], *[1] * len(axes))


def last_axes(count: int, ndim: int) -> tuple[int, ...]:
    """Return the last ``count`` of ``ndim`` axes."""
    return tuple(range(ndim - count, ndim))


def _fused_forward(
    x: Any,
    weight: Any = None,
    bias: Any = None,
    *,
    axes: tuple[int, ...],
    eps: float,
) -> tuple[Any, Any]:
    standard = x - _mean(x, axes)
    scale = _mean_product(standard, standard, axes)
    scale += eps
    np.sqrt(scale, out=scale)
    np.divide(1, scale, out=scale)
    standard *= scale
    out = standard.copy() if weight is None else standard * weight
    if bias is not None:
        out = np.add(out, bias, out=out if out.dtype == bias.dtype else None)
    return out, (standard, scale)


def _fused_backward(
    g: Any,
    out: Any,
    saved: Any,
    needs: Sequence[bool],
    x: Any,
    weight: Any = None,
    bias: Any = None,
    *,
    axes: tuple[int, ...],
    eps: float,
) -> tuple[Any, ...]:
    standard, scale = saved
    dx = dw = db = None
    if needs[0]:
        dx = g.copy() if weight is None else g * weight
        mean, slope = _mean(dx, axes), _mean_product(dx, standard, axes)
        dx -= standard * slope
        dx -= mean
        dx *= scale
    if weight is not None and needs[1]:
        dw = _sum_product(g, standard, weight.shape)
    if bias is not None and needs[2]:
        db = _sum_rows(g, bias.shape)
    return (dx, dw, db)[: len(needs)]


def _sum_product(g: Any, y: Any, shape: tuple[int, ...]) -> Any:
    """Return the sum of g y over leading axes; the product if that is not the shape."""
    if g.shape[g.ndim - len(shape) :] != shape:
        return g * y
    n = math.prod(shape)
    return np.einsum("ij,ij->j", g.reshape(-1, n), y.reshape(-1, n)).reshape(shape)


def _sum_rows(g: Any, shape: tuple[int, ...]) -> Any:
    """Return the sum of g over leading axes; g itself if that is not the shape."""
    if g.shape[g.ndim - len(shape) :] != shape:
        return g
    rows = g.reshape(-1, math.prod(shape))
    return (np.ones(len(rows), g.dtype) @ rows).reshape(shape)


def _standard(x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any]:
    """Return x with zero mean and unit variance, and what it was multiplied with."""
    centred = x - np.mean(x, axis=axes, keepdims=True)
    variance = np.mean(centred * centred, axis=axes, keepdims=True)
    scale = 1 / np.sqrt(variance + eps)
    return centred * scale, scale


def _input_rule(
    g: Any,
    out: Any,
    x: Any,
    weight: Any = None,
    bias: Any = None,
    *,
    axes: Any,
    eps: float,
) -> Any:
    standard, scale = _standard(x, axes, eps)
    h = g if weight is None else g * weight
    mean = np.mean(h, axis=axes, keepdims=True)
    slope = np.mean(h * standard, axis=axes, keepdims=True)
    return (h - mean - standard * slope) * scale


@primitive(
    symbol="norm",
    latex=r"\operatorname{{norm}}({inputs})",
    vjps=(
        _input_rule,
        lambda g, out, x, weight, *bias, axes, eps: g * _standard(x, axes, eps)[0],
        lambda g, out, x, weight, bias, **settings: g,
    ),
    formulas=(
        "PRIMITIVES['standardize'].vjps[0](G, {out}, {inputs}, axes={axes}, eps={eps})",
        "G * standardize({0}, axes={axes}, eps={eps})",
        "G",
    ),
    broadcasts=True,
    fused=Fused(_fused_forward, _fused_backward),
    method=False,
    samples=[
        (_X, _V, _V + 1, {"axes": (1,)}),
        (_X, {"axes": (1,)}),
        (_MAPS, _PER_CHANNEL, _PER_CHANNEL - 2, {"axes": (0, 2, 3)}),
        (_MAPS, _MAPS[0, 0], {"axes": (2, 3), "eps": 0.1}),
    ],
)
def standardize(
    input: Any,
    weight: Any = None,
    bias: Any = None,
    axes: tuple[int, ...] = (-1,),
    eps: float = 1e-5,
) -> Any:
    """Give zero mean and unit variance over some axes, then scale and shift.

    Formula: with y = (x - mean) r and r = 1 / √(var + eps), the cotangent of x is
    r (h - mean(h) - y mean(h y)), where h is that of y.

    Parameters
    ----------
    input : Tensor
        Any shape.
    weight, bias : Tensor, optional
        The result is y * weight + bias; they broadcast.
    axes : tuple of int
        Which axes mean and variance are taken over.
    eps : float, default 1e-5
        Is added to the variance, so that equal values give 0.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization", arXiv:1607.06450.

    Examples
    --------
    >>> from autograd import Tensor, standardize
    >>> standardize(Tensor([[1.0, 3.0]]), eps=0.0)
    Tensor([[-1.,  1.]], op=standardize)
    """
    axes = tuple(k % input.ndim for k in axes)
    return _fused_forward(input, weight, bias, axes=axes, eps=eps)[0]
