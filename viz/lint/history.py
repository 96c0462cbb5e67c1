"""Which values a parameter had when it was used, as far as results tell."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from viz.lint.nodes import name_of

__all__ = ["have_several_weights", "is_other", "is_outdated"]

_MOST_INPUTS = 512  # of a layer, for the equations to be solved quickly
_MOST_ROWS = 4096
_COLUMNS = 4  # of the results; any one that changed will do


def is_outdated(user: Tensor) -> bool:
    """Return whether a result differs from what its inputs give today."""
    assert user.op is not None
    with np.errstate(all="ignore"):
        today = user.op.compute([x.data for x in user.inputs], user.settings)
        return is_other(today, user.data)


def is_other(a: Any, b: Any) -> bool:
    """Return whether two arrays differ by more than rounding."""
    scale = float(np.max(np.abs(b), initial=0.0))
    tolerance = 1e-10 if b.dtype == np.float64 else 3e-5
    return bool(np.max(np.abs(a - b), initial=0.0) > tolerance * scale)


def have_several_weights(parameter: Tensor, users: Sequence[Tensor]) -> bool:
    """Return whether no single value of a matrix of weights explains all results.

    The products X_1 W, X_2 W, ... are one system of linear equations for W.  If there
    are more rows than unknowns, and it has no solution, then W was not one matrix.
    """
    if parameter.ndim != 2:
        return False
    systems = [_equations(parameter, user) for user in users]
    known = [system for system in systems if system is not None]
    if len(known) < 2 or not is_outdated(users[0]):
        return False
    biases = {bias for _, _, bias in known}
    inputs = known[0][0].shape[1]
    if len(biases) > 1 or inputs > _MOST_INPUTS:
        return False
    x = np.concatenate([x for x, _, _ in known])[:_MOST_ROWS].astype(np.float64)
    y = np.concatenate([y for _, y, _ in known])[:_MOST_ROWS].astype(np.float64)
    if biases != {None}:
        x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    if len(x) <= x.shape[1] or not (np.isfinite(x).all() and np.isfinite(y).all()):
        return False
    solution = np.linalg.lstsq(x, y, rcond=None)[0]
    tolerance = 1e-8 if parameter.dtype == np.float64 else 1e-3
    return bool(np.max(np.abs(x @ solution - y)) > tolerance * np.max(np.abs(y)))


def _equations(
    parameter: Tensor, user: Tensor
) -> tuple[Any, Any, Tensor | None] | None:
    """Return X, some columns of X W + b, and the bias b or None."""
    name, inputs = name_of(user), user.inputs
    if name == "linear" and inputs[1] is parameter:
        x, y, bias = inputs[0].data, user.data, (*inputs[2:], None)[0]
        if bias is not None and bias.op is not None:
            return None
    elif name in ("matmul", "dot") and inputs[1] is parameter:
        x, y, bias = inputs[0].data, user.data, None
    elif name in ("matmul", "dot") and inputs[0] is parameter and user.ndim == 2:
        x, y, bias = inputs[1].data.T, user.data.T, None
    else:
        return None
    rows = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])[:, :_COLUMNS]
    return (*rows, bias)
