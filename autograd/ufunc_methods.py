"""Methods of universal functions: ``np.add.reduce(t)``, ``np.multiply.outer(a, b)``.

They are made of functions that tensors know.  `reduce` and `accumulate` of the common
functions are sums, products and extremes; those of any other function of two operands
apply it step by step.
"""

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import NotDifferentiableError

__all__ = ["METHODS"]

_REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
_ACCUMULATIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.cumsum,
    np.multiply: np.cumprod,
}


def _reduce(
    ufunc: np.ufunc,
    x: Any,
    axis: Any = 0,
    dtype: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Combine all elements along axes by a function of two operands."""
    x = x if dtype is None else x.astype(dtype)
    if where is not True:
        neutral = ufunc.identity if ufunc.identity is not None else initial
        if neutral is None:
            raise NotDifferentiableError(
                f"np.{ufunc.__name__}.reduce: where= needs initial=, the result where "
                f"nothing is chosen."
            )
        x = np.where(where, x, neutral)
    if ufunc in _REDUCTIONS:
        result = _REDUCTIONS[ufunc](x, axis=axis, keepdims=keepdims)
    else:
        result = _stepwise(ufunc, x, axis, keepdims)
    return result if initial is None else ufunc(initial, result)


def _stepwise(ufunc: np.ufunc, x: Any, axis: Any, keepdims: bool) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
    rest = tuple(n for k, n in enumerate(x.shape) if k not in axes)
    rows = np.reshape(np.moveaxis(x, axes, range(len(axes))), (-1, *rest))
    if not len(rows):
        raise ValueError(
            f"np.{ufunc.__name__}.reduce: an axis of length 0 has nothing to combine."
        )
    result = functools.reduce(ufunc, [rows[k] for k in range(len(rows))])
    return np.expand_dims(result, axes) if keepdims else result


def _accumulate(ufunc: np.ufunc, x: Any, axis: int = 0, dtype: Any = None) -> Any:
    """Return what `reduce` has found after each element."""
    x = x if dtype is None else x.astype(dtype)
    if ufunc in _ACCUMULATIONS:
        return _ACCUMULATIONS[ufunc](x, axis=axis)
    rows = np.moveaxis(x, axis, 0)
    steps = itertools.accumulate([rows[k] for k in range(len(rows))], ufunc)
    return np.stack(list(steps), axis=axis)


def _outer(ufunc: np.ufunc, a: Any, b: Any, **settings: Any) -> Any:
    """Combine every element of a with every element of b."""
    return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b, **settings)


def _at(ufunc: np.ufunc, *inputs: Any) -> Any:
    raise NotDifferentiableError(
        f"np.{ufunc.__name__}.at writes into an existing array, which cannot be "
        f"recorded. For np.add.at write autograd.scatter_add(values, index, shape), "
        f"and add that."
    )


def _reduceat(ufunc: np.ufunc, *inputs: Any, **settings: Any) -> Any:
    raise NotDifferentiableError(
        f"np.{ufunc.__name__}.reduceat is not supported on tensors. Reduce the parts "
        f"that np.split gives, and np.stack the results."
    )


METHODS: dict[str, Callable[..., Any]] = {
    "reduce": _reduce,
    "accumulate": _accumulate,
    "outer": _outer,
    "at": _at,
    "reduceat": _reduceat,
}
