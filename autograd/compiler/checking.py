"""A plan against the function itself: at the given arguments, and at others."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arguments import Arguments
from autograd.compiler.comparing import require_equal
from autograd.compiler.plan import Plan, Workspace
from autograd.compiler.trace import Trace
from autograd.compiler.watching import NotCompilable
from autograd.engine import differentiate
from autograd.recording import enable_grad
from autograd.tensor import Tensor

__all__ = ["check"]


def check(
    plan: Plan,
    found: Trace,
    arguments: Arguments,
    again: Callable[[Arguments], Trace],
) -> None:
    """Raise unless a plan computes what its function computes.

    Parameters
    ----------
    plan : Plan
        The plan.
    found : Trace
        The recording that it was made of.
    arguments : Arguments
        What was recorded.
    again : callable
        Records the function with other arguments, in the same way.

    Raises
    ------
    NotCompilable
        If a value, a gradient or the recording differs, or if no other arguments could
        be found on which the function runs.
    """
    given = [_twin(x, _value(x)) for x in arguments.arrays]
    _compare(plan, arguments.changed(given))
    if not arguments.arrays:
        return
    for arrays in _others(arguments.arrays):
        others = arguments.changed(arrays)
        try:
            with np.errstate(all="ignore"):
                _compare(plan, others)
                second = again(others)
        except NotCompilable:
            raise
        except Exception:  # not in the domain of the function
            continue
        require_equal(found, second)
        return
    raise NotCompilable("it could not be checked at any other values of its arguments")


def _compare(plan: Plan, arguments: Arguments) -> None:
    """Compare value and gradients."""
    arrays = arguments.arrays
    args, kwargs = arguments.with_arrays(arrays)
    with enable_grad():
        result = plan.function(*args, **kwargs)
    if not isinstance(result, Tensor):
        raise NotCompilable(f"it returns {type(result).__name__}, not one Tensor")
    workspace = Workspace(*plan._program.bind())
    value = workspace.forward(plan.values(arrays))
    _require_close("value", value, result.data)
    if not result.requires_grad:
        return
    rng = np.random.default_rng(0)
    seed = rng.normal(size=result.shape).astype(result.dtype)[()]
    wanted = [arrays[x] if isinstance(x, int) else x for x in plan._inputs]
    wanted = [x for x in wanted if isinstance(x, Tensor) and x.requires_grad]
    expected = differentiate(result, seed, wanted, record=False)
    found = workspace.backward(seed)
    for x, ours, theirs in zip(wanted, found, expected, strict=True):
        right = np.zeros_like(x.data) if theirs is None else theirs
        _require_close("gradient", ours, right)


def _require_close(what: str, found: Any, expected: Any) -> None:
    """Raise unless two results agree up to the last bits."""
    a, b = np.asarray(found), np.asarray(expected)
    is_close = a.shape == b.shape and a.dtype == b.dtype
    if is_close and a.dtype.kind == "f" and a.size:
        rtol = 1e-3 if a.dtype == np.float32 else 1e-9
        scale = np.max(np.abs(b), initial=0, where=np.isfinite(b))
        is_close = np.allclose(a, b, rtol=rtol, atol=rtol * scale, equal_nan=True)
    if not is_close:
        raise NotCompilable(
            f"its {what} at other values of the arguments is not that of the "
            f"recording: control flow on values, random numbers, or something computed "
            f"outside of the graph"
        )


def _value(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


def _twin(x: Any, value: Any) -> Any:
    """Return an argument like another one, with a value of its own."""
    if not isinstance(x, Tensor):
        return value
    return Tensor(value, x.requires_grad)


def _others(arrays: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield other values for the arguments, the wildest first."""
    rng = np.random.default_rng(0)
    for vary in (_shuffled, _shaken, _shifted_up, _shifted_down):
        yield [_twin(x, vary(np.asarray(_value(x)), rng)[()]) for x in arrays]


def _shuffled(x: Any, rng: Any) -> Any:
    """Return other values of the same kind: sums and means differ as well."""
    flat = x.reshape(-1)
    if x.dtype.kind == "f":
        drawn = rng.permutation(flat) * rng.uniform(0.5, 1.5, flat.shape)
    elif x.dtype.kind in "iu" and (x.size < 2 or np.all(flat == flat[0])):
        drawn = np.zeros_like(flat) if x.size and flat[0] else flat + 1
    elif x.dtype.kind == "b":
        drawn = rng.random(flat.shape) < 0.5
        drawn[:1] = ~flat[:1]
    else:
        drawn = rng.choice(flat, flat.shape)
        drawn[:1] = np.max(flat) if flat[0] != np.max(flat) else np.min(flat)
    return drawn.astype(x.dtype).reshape(x.shape)


def _shaken(x: Any, rng: Any) -> Any:
    if x.dtype.kind == "f":
        return (x * rng.uniform(0.99, 1.01, x.shape)).astype(x.dtype)
    return _shuffled(x, rng)


def _shifted_up(x: Any, rng: Any) -> Any:
    return x + 1 if x.dtype.kind in "iu" else _shaken(x, rng)


def _shifted_down(x: Any, rng: Any) -> Any:
    return x - 1 if x.dtype.kind in "iu" else _shaken(x, rng)
