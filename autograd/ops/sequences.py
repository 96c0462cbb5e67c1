"""What the recurrent networks over a whole sequence share.

One operation takes all steps: one node in place of one for each step, memory for all
steps at once, and the gradient of the recurrent weights as one product.  The arithmetic
is that of the single step; so are the rules for higher orders, which take the
operation of one step back through time.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.checks import shape_of, shown
from autograd.ops.gates import require_step
from autograd.ops.rows import rows
from autograd.primitive import PRIMITIVES

__all__: list[str] = []  # for the files beside this one only


def in_order(reverse: bool, *arrays: Any) -> list[Any]:
    """Return arrays, whose first axis is time, in the order of the steps."""
    return [x[::-1] for x in arrays] if reverse else list(arrays)


def gate_weights(weight: Any, count: int, axes: int, dtype: Any) -> Any:
    """Return the weights as one matrix a gate, to be multiplied from the left.

    A state of ``axes`` axes times these has the gates as its first axis.
    """
    n = weight.shape[1]
    across = np.swapaxes(weight.reshape(count, n, n), 1, 2)
    across = np.ascontiguousarray(across, dtype)
    return across.reshape(count, *[1] * (axes - 2), n, n)


def weight_product(d: Any, states: Any, first: Any, reverse: bool) -> Any:
    """Return the gradient of the recurrent weights: one product for all steps.

    Parameters
    ----------
    d : ndarray, shape (T, ..., gates n)
        The cotangents of what the weights gave to each step.
    states : ndarray, shape (T, ..., n)
        The states after each step.
    first : ndarray, shape (..., n)
        The state before the first step.
    reverse : bool
        Whether the last place of the sequence is the first step.
    """
    start = -1 if reverse else 0
    later, before = (d[:-1], states[1:]) if reverse else (d[1:], states[:-1])
    total = rows(later).T @ rows(before)
    total += rows(d[start]).T @ rows(first)
    return total


def rules_through_time(
    step: str, *, stacked: bool = False
) -> tuple[Callable[..., Any], ...]:
    """Return the rules of a sequence of steps, made of the rules of one step.

    Parameters
    ----------
    step : str
        The name of the operation of one step.
    stacked : bool, default False
        Whether a state is several arrays, which come before time in the result.
    """
    vjps = PRIMITIVES[step].vjps
    return tuple(
        functools.partial(_through_time, vjps, k, stacked) for k in range(len(vjps))
    )


def _through_time(
    vjps: Sequence[Any],
    position: int,
    stacked: bool,
    g: Any,
    out: Any,
    from_input: Any,
    first: Any,
    *weights: Any,
    reverse: bool,
    **settings: Any,
) -> Any:
    """Return the cotangent of one input; the state's goes back from step to step."""
    if stacked:
        g, out = np.swapaxes(g, 0, 1), np.swapaxes(out, 0, 1)
    order = range(len(from_input))[:: -1 if reverse else 1]
    found: list[Any] = []
    d: Any = 0
    for k in reversed(range(len(order))):
        t, state = order[k], out[order[k - 1]] if k else first
        inputs = (g[t] + d, out[t], from_input[t], state, *weights)
        d = vjps[1](*inputs, **settings)
        found.append(d if position == 1 else vjps[position](*inputs, **settings))
    if position == 0:
        return np.stack(found if reverse else found[::-1])
    return d if position == 1 else sum(found)


def require_sequence(
    function: str, from_input: Any, h: tuple[int, ...], weight: Any, gates: int
) -> None:
    """Raise unless inputs, state of shape ``h`` and weights of all steps fit."""
    steps = shape_of(from_input)[:1]
    if not any(steps):
        raise ShapeError(
            f"{function}: {shown('the projected input', from_input)} must have at "
            f"least one step, and the first axis is that of the steps."
        )
    require_step(function, from_input, h, weight, gates, steps)
