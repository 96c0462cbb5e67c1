"""How far predicted numbers are from the true ones.

Predictions and targets have one shape, with an axis of rows; (n, 1) beside (n,) is an
error.  Everything is computed in float64.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import NonFiniteError
from nn.metrics.inputs import as_values, require_same_shape

__all__ = ["mae", "mse", "r2", "rmse"]


def mse(predictions: Any, targets: Any) -> float:
    """Return the mean squared error.

    Parameters
    ----------
    predictions, targets : array_like or Tensor, shape (n, ...)
        What was predicted, and what is true.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ValueError
        If there are no rows.
    NonFiniteError
        If a number is NaN or infinite.
    DTypeError
        If one is no real number.

    Notes
    -----
    Formula: mean of (p - t)², over all axes.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.mse([1.0, 4.0], [1.0, 2.0])
    2.0
    """
    p, t = _pair("mse", predictions, targets)
    return float(np.mean((p - t) ** 2))


def rmse(predictions: Any, targets: Any) -> float:
    """Return the root of the mean squared error, in the unit of the targets.

    Parameters
    ----------
    predictions, targets
        As in `mse`.

    Raises
    ------
    ShapeError, ValueError, NonFiniteError, DTypeError
        As in `mse`.

    Notes
    -----
    Formula: √ mean of (p - t)², over all axes.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.rmse([1.0, 8.0, 2.0, 2.0], [1.0, 2.0, 2.0, 2.0])
    3.0
    """
    p, t = _pair("rmse", predictions, targets)
    return math.sqrt(np.mean((p - t) ** 2))


def mae(predictions: Any, targets: Any) -> float:
    """Return the mean absolute error.

    Parameters
    ----------
    predictions, targets
        As in `mse`.

    Raises
    ------
    ShapeError, ValueError, NonFiniteError, DTypeError
        As in `mse`.

    Notes
    -----
    Formula: mean of ``|p - t|``, over all axes.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.mae([1.0, 4.0], [1.0, 2.0])
    1.0
    """
    p, t = _pair("mae", predictions, targets)
    return float(np.mean(np.abs(p - t)))


def r2(predictions: Any, targets: Any) -> float:
    """Return the share of the variance of the targets that is explained.

    Parameters
    ----------
    predictions, targets
        As in `mse`.

    Raises
    ------
    ValueError
        If there are no rows, or all targets of a column are equal: without variance
        there is no share of it.
    ShapeError, NonFiniteError, DTypeError
        As in `mse`.

    Notes
    -----
    Formula: 1 - Σ(p - t)² / Σ(t - mean of t)² over the rows; with several columns, the
    mean of what each has.  1 is perfect, 0 is what predicting the mean gives, and
    anything worse is negative.

    Examples
    --------
    >>> from nn import metrics
    >>> metrics.r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    p, t = _pair("r2", predictions, targets)
    constant = (t == t[:1]).all(axis=0)
    if constant.any():
        raise ValueError(
            f"r2: all {len(t)} targets"
            + (f" of column {np.flatnonzero(constant)[0]}" if t.ndim > 1 else "")
            + " are equal; without variance there is no share of it."
        )
    residual = np.sum((p - t) ** 2, axis=0)
    total = np.sum((t - t.mean(axis=0)) ** 2, axis=0)
    return float(np.mean(1 - residual / total))


def _pair(
    metric: str, predictions: Any, targets: Any
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    p = as_values(metric, "predictions", predictions)
    t = as_values(metric, "targets", targets)
    require_same_shape(metric, p, t)
    for role, values in (("predictions", p), ("targets", t)):
        if not np.isfinite(values).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
            raise NonFiniteError(
                f"{metric}: {role} {values.shape} are infinite at {place}."
            )
    return p.astype(np.float64, copy=False), t.astype(np.float64, copy=False)
