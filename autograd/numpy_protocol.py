"""How ``np.exp(tensor)`` and ``np.sum(tensor)`` reach our operations.

NumPy asks its arguments first: universal functions through ``__array_ufunc__`` (NEP
13), other functions through ``__array_function__`` (NEP 18).  `autograd.primitive`
fills the table `DIFFERENTIABLE`; `autograd.numpy_without_gradient` says which of the
others are computed on the values, and what to write in place of the rest.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import NotDifferentiableError
from autograd.numpy_without_gradient import PLAIN, is_plain, numpy_name, refusal
from autograd.ufunc_methods import METHODS

__all__ = [
    "DIFFERENTIABLE",
    "PLAIN",
    "array_function",
    "array_ufunc",
    "numpy_functions",
]

# NumPy function -> our public function of the same meaning.
DIFFERENTIABLE: dict[Callable[..., Any], Callable[..., Any]] = {}

# What these settings of a universal function mean is what it does anyway.
_NO_CHANGE = {"casting": "same_kind", "order": "K", "subok": True, "where": True}


def numpy_functions(*names: str) -> tuple[Callable[..., Any], ...]:
    """Return the NumPy functions of these names; an older NumPy may lack some."""
    return tuple(getattr(np, name) for name in names if hasattr(np, name))


def array_ufunc(
    tensor: Any, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any
) -> Any:
    """Carry out a NumPy universal function that met a tensor (NEP 13)."""
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    out = settings.pop("out", None)
    if out is not None:
        raise NotDifferentiableError(
            f"np.{name}: a recorded result cannot be written into an existing array. "
            f"Drop out=, or write `a = a + t` in place of `a += t`."
        )
    if any(isinstance(x, np.ndarray) and x.dtype == object for x in inputs):
        boxed = [_box(type(tensor), x, name) for x in inputs]
        return getattr(ufunc, method)(*boxed, **settings)
    if is_plain(ufunc) and method != "at":
        return getattr(ufunc, method)(*_values(type(tensor), inputs), **settings)
    if ufunc not in DIFFERENTIABLE:
        raise _refused(ufunc)
    if method != "__call__":
        return METHODS[method](ufunc, *inputs, **settings)
    return (
        _called(ufunc, inputs, settings) if settings else DIFFERENTIABLE[ufunc](*inputs)
    )


def _called(ufunc: np.ufunc, inputs: Any, settings: dict[str, Any]) -> Any:
    """Call a universal function with settings."""
    settings = {
        key: value
        for key, value in settings.items()
        if not (key in _NO_CHANGE and value is _NO_CHANGE[key])
    }
    if "where" in settings:
        raise NotDifferentiableError(
            f"np.{ufunc.__name__}: where= is not supported on tensors: without out= it "
            f"leaves the other elements to chance. "
            f"Write np.where(mask, np.{ufunc.__name__}(...), value)."
        )
    dtype = settings.pop("dtype", None)
    if dtype is not None:
        if np.dtype(dtype).kind != "f":
            raise NotDifferentiableError(
                f"np.{ufunc.__name__}: dtype={np.dtype(dtype)} has no gradient. "
                f"Write x.detach() first."
            )
        inputs = [_converted(x, dtype) for x in inputs]
    if ufunc.signature is None and settings:
        unsupported = ", ".join(f"{key}=" for key in sorted(settings))
        raise NotDifferentiableError(
            f"np.{ufunc.__name__}: {unsupported} is not supported on tensors; drop it."
        )
    return DIFFERENTIABLE[ufunc](*inputs, **settings)


def _converted(x: Any, dtype: Any) -> Any:
    return x.astype(dtype) if hasattr(x, "astype") else np.asarray(x, dtype)


def array_function(
    tensor: Any, function: Callable[..., Any], args: Any, kwargs: dict[str, Any]
) -> Any:
    """Carry out a NumPy function that met a tensor (NEP 18)."""
    if function in DIFFERENTIABLE:
        if kwargs.get("out") is not None:
            raise NotDifferentiableError(
                f"{numpy_name(function)}: a recorded result cannot be written into an "
                f"existing array. Drop out=, and use the result."
            )
        kwargs.pop("out", None)
        return DIFFERENTIABLE[function](*args, **kwargs)
    if is_plain(function):
        values = _values(type(tensor), kwargs.values())
        settings = dict(zip(kwargs, values, strict=True))
        return function(*_values(type(tensor), args), **settings)
    raise _refused(function)


def _refused(function: Callable[..., Any]) -> NotDifferentiableError:
    name = numpy_name(function).replace("ufunc ", "np.")
    reason = refusal(function) or (
        "it has no derivative rule here; a @primitive gives it one (see CONTRIBUTING)"
    )
    return NotDifferentiableError(
        f"{name} cannot be used on tensors: {reason}. {name}(x.detach().numpy()) "
        f"computes it without a gradient."
    )


def _values(tensor_type: type, items: Any) -> list[Any]:
    """Replace every tensor among the items, also inside lists, by its array."""
    plain: list[Any] = []
    for item in items:
        if isinstance(item, tensor_type):
            plain.append(item.data)  # type: ignore[attr-defined]
        elif isinstance(item, list | tuple):
            plain.append(type(item)(_values(tensor_type, item)))
        else:
            plain.append(item)
    return plain


def _box(tensor_type: type, item: Any, name: str) -> Any:
    """Put a 0-d tensor into an object array, so that it meets others cell by cell."""
    if not isinstance(item, tensor_type):
        return item
    shape = np.shape(item.data)  # type: ignore[attr-defined]
    if shape:
        raise NotDifferentiableError(
            f"np.{name}: an object array of scalar tensors met a tensor of shape "
            f"{shape}. Use scalars(...) for both operands, or for neither."
        )
    box = np.empty((), dtype=object)
    box[()] = item
    return box
