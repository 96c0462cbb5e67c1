"""How ``np.exp(tensor)`` and ``np.sum(tensor)`` reach our operations.

NumPy asks its arguments first: universal functions through ``__array_ufunc__`` (NEP 13),
other functions through ``__array_function__`` (NEP 18).  `autograd.primitive` fills the
table `DIFFERENTIABLE`; what stands in `PLAIN` is computed on the values, because its
result (a boolean, an index, a shape) has no derivative.  Everything else raises.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import NotDifferentiableError

__all__ = [
    "DIFFERENTIABLE",
    "PLAIN",
    "array_function",
    "array_ufunc",
    "numpy_functions",
]

# NumPy function -> our public function of the same meaning.
DIFFERENTIABLE: dict[Callable[..., Any], Callable[..., Any]] = {}

PLAIN: set[Callable[..., Any]] = {
    # comparisons and tests: booleans
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.isfinite, np.isinf, np.isnan, np.signbit, np.logical_and, np.logical_or,
    np.logical_not, np.logical_xor, np.all, np.any, np.allclose, np.isclose,
    np.array_equal, np.array_equiv, np.iscomplexobj, np.isrealobj,
    # indices and counts
    np.argmax, np.argmin, np.argsort, np.argwhere, np.nonzero, np.flatnonzero,
    np.count_nonzero, np.searchsorted, np.nanargmax, np.nanargmin,
    # shapes, dtypes, memory
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.shares_memory,
    np.may_share_memory,
    # text
    np.array_repr, np.array_str, np.array2string,
    # new arrays that only look at shape and dtype
    np.zeros_like, np.ones_like, np.full_like, np.empty_like,
}  # fmt: skip


def numpy_functions(*names: str) -> tuple[Callable[..., Any], ...]:
    """Return the NumPy functions of these names; an older NumPy may lack some."""
    found = []
    for name in names:
        module, _, last = name.rpartition(".")
        function = getattr(getattr(np, module) if module else np, last, None)
        if function is not None:
            found.append(function)
    return tuple(found)


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
    if method == "__call__" and ufunc in PLAIN:
        return ufunc(*_values(type(tensor), inputs), **settings)
    if method == "__call__" and ufunc in DIFFERENTIABLE:
        if settings:
            unsupported = ", ".join(f"{key}=" for key in sorted(settings))
            raise NotDifferentiableError(
                f"np.{name}: {unsupported} is not supported on tensors. "
                f"Call np.{name} without it, then use np.where or .astype."
            )
        return DIFFERENTIABLE[ufunc](*inputs)
    raise _unknown(name)


def array_function(
    tensor: Any, function: Callable[..., Any], args: Any, kwargs: dict[str, Any]
) -> Any:
    """Carry out a NumPy function that met a tensor (NEP 18)."""
    if function in DIFFERENTIABLE:
        return DIFFERENTIABLE[function](*args, **kwargs)
    if function in PLAIN:
        values = _values(type(tensor), kwargs.values())
        settings = dict(zip(kwargs, values, strict=True))
        return function(*_values(type(tensor), args), **settings)
    raise _unknown(function.__name__)


def _unknown(name: str) -> NotDifferentiableError:
    return NotDifferentiableError(
        f"np.{name} has no derivative rule here. np.{name}(x.detach().numpy()) computes "
        f"it without a gradient; to give it one, write a @primitive (see CONTRIBUTING)."
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
    if item.ndim:  # type: ignore[attr-defined]
        raise NotDifferentiableError(
            f"np.{name}: an object array of scalar tensors met a tensor of shape "
            f"{item.shape}. Use scalars(...) for both operands, or for neither."  # type: ignore[attr-defined]
        )
    box = np.empty((), dtype=object)
    box[()] = item
    return box
