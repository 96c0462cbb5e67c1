"""Operations that NumPy lacks, as calls of the documented functions of `autograd`.

    PRIMITIVES['cross_entropy'].function(z, y, ignore_index=-100, ...)
    cross_entropy(z, y)

Settings that have their default are left out.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import autograd
from autograd.program.names import Identifiers
from autograd.tensor import Tensor

__all__ = ["public_call"]

Literal = Callable[[Any, Identifiers], str]


def public_call(tensor: Tensor, names: Identifiers, literal: Literal) -> str:
    """Return the call of a documented function that gives the value of a tensor.

    Parameters
    ----------
    tensor : Tensor
        The result of an operation.
    names : Identifiers
        What its inputs are called.
    literal : callable
        Writes a setting.

    Returns
    -------
    str
        The call; empty if there is no such function.
    """
    assert tensor.op is not None
    name, settings = _function(tensor)
    function = getattr(autograd, name, None)
    inputs = [names[x] for x in tensor.inputs]
    if function is None or not all(inputs) or tensor.op.sequence:
        return ""
    defaults = {
        key: parameter.default
        for key, parameter in inspect.signature(function).parameters.items()
    }
    if not settings.keys() <= defaults.keys():
        return ""
    words = [
        f"{key}={literal(value, names)}"
        for key, value in settings.items()
        if repr(value) != repr(defaults[key])  # `!=` of arrays is an array
    ]
    return f"{name}({', '.join([*inputs, *words])})"


def _function(tensor: Tensor) -> tuple[str, dict[str, Any]]:
    """Return the name of the function that people call, and its settings."""
    assert tensor.op is not None
    name, settings = tensor.op.name, dict(tensor.settings or {})
    if name not in ("convolution", "max_pool", "avg_pool"):
        return name, settings
    public = "conv" if name == "convolution" else name
    padding = _symmetric(settings["padding"])
    settings = {key: _single(value) for key, value in settings.items()}
    if padding is None:
        return "", {}
    settings["padding"] = _single(padding)
    if name != "convolution":
        settings = {"kernel_size": settings.pop("kernel"), **settings}
        if settings["stride"] == settings["kernel_size"]:
            settings["stride"] = None
    if name == "avg_pool" and settings.pop("divisor") != _size(tensor):
        return "", {}
    return f"{public}{len(padding)}d", settings


def _symmetric(padding: tuple[tuple[int, int], ...]) -> tuple[int, ...] | None:
    """Return one number for each axis if as much comes before as after."""
    alike = all(before == after for before, after in padding)
    return tuple(before for before, _ in padding) if alike else None


def _single(value: Any) -> Any:
    """Write (2, 2) as 2."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value


def _size(tensor: Tensor) -> int:
    """Return the number of elements of a window."""
    settings: Mapping[str, Any] = tensor.settings or {}
    return math.prod(settings["kernel"])
