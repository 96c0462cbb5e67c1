"""Polynomials, convolution, and evenly spaced values."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import broadcast_arrays, label, operand
from autograd.ops.repetition import pad, sliding_window_view
from autograd.ops.shape import reshape
from autograd.primitive import composed

__all__ = ["convolve", "correlate", "linspace", "polyval", "vander"]


@composed(numpy=(np.convolve,), method=False)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Convolve two vectors: the coefficients of the product of two polynomials.

    Parameters
    ----------
    a, v : Tensor, shapes (n,) and (m,)
        Neither may be empty.
    mode : {"full", "same", "valid"}, default "full"
        All n + m - 1 results; those in the middle, as many as the longer vector has; or
        those for which the vectors overlap entirely.

    Raises
    ------
    ShapeError
        If an operand is not a vector or is empty.

    Examples
    --------
    >>> from autograd import Tensor, convolve
    >>> convolve(Tensor([1.0, 2.0]), [1.0, 10.0])
    Tensor([ 1., 12., 20.], op=matmul)
    """
    a, v = operand(a), operand(v)
    if not (a.ndim == v.ndim == 1 and a.size and v.size):
        raise ShapeError(f"convolve: needs two vectors, got {label(a)} and {label(v)}.")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f'convolve: mode is "full", "same" or "valid", got {mode!r}.')
    if len(v) > len(a):
        a, v = v, a
    n = len(v) - 1
    widths = {"full": (n, n), "same": (n - n // 2, n // 2), "valid": (0, 0)}[mode]
    return sliding_window_view(pad(a, widths), n + 1) @ v[::-1]


@composed(numpy=(np.correlate,), method=False)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Correlate two vectors: `convolve` with the second one reversed.

    Parameters are those of `convolve`; here the default mode is "valid".

    Examples
    --------
    >>> from autograd import Tensor, correlate
    >>> correlate(Tensor([1.0, 2.0, 3.0]), [1.0, 10.0])
    Tensor([21., 32.], op=matmul)
    """
    return convolve(a, operand(v)[::-1], mode)


@composed(numpy=(np.linspace,), method=False)
def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0
) -> Any:
    """Return evenly spaced values between two ends, which may be tensors.

    Parameters
    ----------
    start, stop : Tensor
        The ends; they broadcast.
    num : int, default 50
        How many values.
    endpoint : bool, default True
        Whether ``stop`` is the last of them.
    axis : int, default 0
        Where the new axis goes.

    Examples
    --------
    >>> from autograd import Tensor, linspace
    >>> linspace(0.0, Tensor(2.0), 3)
    Tensor([0., 1., 2.], op=add)
    """
    start, stop = broadcast_arrays(start, stop)
    steps = np.arange(num) / max(num - 1 if endpoint else num, 1)
    steps = steps.reshape(-1, *(1,) * start.ndim).astype(
        np.result_type(start.dtype, stop.dtype, np.float32)
    )
    values = start * (1 - steps) + stop * steps
    return np.moveaxis(values, 0, axis) if axis else values


@composed(numpy=(np.polyval,), method=False)
def polyval(p: Any, x: Any) -> Any:
    """Evaluate a polynomial: ``p[0] x^(n-1) + ... + p[n-1]``, by Horner's rule.

    Parameters
    ----------
    p : Tensor, shape (n,)
        The coefficients, the highest power first.
    x : Tensor
        Where to evaluate.

    Examples
    --------
    >>> from autograd import Tensor, polyval
    >>> polyval([1.0, 0.0, -2.0], Tensor(3.0))
    Tensor(7., op=add)
    """
    p, x = operand(p), operand(x)
    value = x * 0
    for k in range(len(p)):
        value = value * x + p[k]
    return value


@composed(numpy=(np.vander,), method=False)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Return the powers of each element as a row: the Vandermonde matrix.

    Parameters
    ----------
    x : Tensor, shape (n,)
        A vector.
    N : int, optional
        The number of powers; by default n.
    increasing : bool, default False
        Whether the powers go up along a row.

    Examples
    --------
    >>> from autograd import Tensor, vander
    >>> vander(Tensor([2.0, 3.0]), 3)
    Tensor([[4., 2., 1.],
            [9., 3., 1.]], op=power)
    """
    x = operand(x)
    if x.ndim != 1:
        raise ShapeError(f"vander: {label(x)} is not a vector.")
    exponents = np.arange(len(x) if N is None else N)
    exponents = exponents if increasing else exponents[::-1]
    return reshape(x, (-1, 1)) ** exponents.astype(x.dtype)
