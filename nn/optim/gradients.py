"""What a gradient must be before a step may be taken with it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import NonFiniteError, ShapeError, Tensor

__all__ = ["checked_gradient"]


def checked_gradient(step: Callable[[], str], name: str, p: Tensor) -> npt.NDArray[Any]:
    """Return the gradient of a parameter, in its dtype; NumPy's warnings must be off.

    Parameters
    ----------
    step : callable
        Says which step of which optimiser is taken, for messages.
    name : str
        The name of the parameter.
    p : Tensor
        The parameter; it has a gradient.

    Raises
    ------
    ShapeError
        If the gradient has another shape than the parameter.
    NonFiniteError
        If it holds NaN or an infinity.
    """
    data = p.data
    g = np.asarray(p.grad)
    if g.shape != data.shape:
        raise ShapeError(
            f"{step()}the gradient of {name} has shape {g.shape}, the parameter has "
            f"shape {p.shape}. Nothing was changed. Call zero_grad(), then backward()."
        )
    if g.dtype != data.dtype:
        g = g.astype(data.dtype)
    if not _is_finite(g):
        bad = ~np.isfinite(g)
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise NonFiniteError(
            f"{step()}the gradient of {name} {p.shape} {p.dtype} has "
            f"{int(np.sum(bad))} NaN or infinite of {p.size}, the first at {first}; no "
            f"parameter and no state was changed. Lower lr, clip gradients, or find "
            f"the first such value with autograd.debug()."
        )
    return g


def _is_finite(g: npt.NDArray[Any]) -> bool:
    """Whether all elements are finite: their squares add up to a finite sum."""
    flat = g.ravel(order="K")
    return math.isfinite(flat.dot(flat)) or bool(np.all(np.isfinite(g)))
