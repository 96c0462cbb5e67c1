"""Hooks: functions of the user's that see, and may replace, a gradient on its way.

A sweep calls the hooks of a tensor once, when its cotangent is complete, that is when
every use of the tensor has contributed.  What a hook returns takes the place of the
cotangent for everything behind that tensor.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakSet, ref

import numpy as np

from autograd.errors import DTypeError, ShapeError

__all__ = ["IN_USE", "Hook", "HookHandle", "Hooks", "call_hooks"]

Hook = Callable[[Any], Any]


class Hooks:
    """The hooks of one tensor, in the order in which they were registered."""

    __slots__ = ("__weakref__", "functions")

    def __init__(self) -> None:
        self.functions: dict[HookHandle, Hook] = {}

    def add(self, function: Hook) -> "HookHandle":
        """Add a hook and return what removes it."""
        handle = HookHandle(self)
        self.functions[handle] = function
        IN_USE.add(self)
        return handle


# While it is empty, sweeps need not look for hooks.  It forgets those of dead tensors.
IN_USE: "WeakSet[Hooks]" = WeakSet()


class HookHandle:
    """What `Tensor.register_hook` returns: ``remove()`` takes the hook away again."""

    __slots__ = ("_hooks",)

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = ref(hooks)  # they hold the handle, as a key

    def remove(self) -> None:
        """Take the hook away; it does no harm to do so twice."""
        hooks = self._hooks()
        if hooks is not None:
            hooks.functions.pop(self, None)
            if not hooks.functions:
                IN_USE.discard(hooks)


def call_hooks(node: Any, cotangent: Any) -> Any:
    """Return the cotangent of a node after its hooks have seen it.

    A hook gets a copy that it cannot write to, so that it can be kept, and so that a
    change made in place, which would reach nobody, is an error.
    """
    hooks = node._details.hooks
    if hooks is None:
        return cotangent
    for function in list(hooks.functions.values()):
        seen = cotangent
        if isinstance(seen, np.ndarray):
            seen = seen.copy()
            seen.flags.writeable = False
        returned = function(seen)
        if returned is not None:
            cotangent = _replacement(returned, cotangent, node)
    return cotangent


def _replacement(returned: Any, cotangent: Any, node: Any) -> Any:
    """Check what a hook returned; copy it, because the sweep may add to it in place."""
    value = returned
    if not hasattr(value, "dtype"):
        value = np.asarray(value, dtype=cotangent.dtype)
    name = node.name or (f"result of {node.op.name}" if node.op else "a leaf")
    if value.shape != cotangent.shape:
        raise ShapeError(
            f"a hook of {name} returned shape {value.shape} in place of a gradient of "
            f"shape {cotangent.shape}. Return a gradient of equal shape, or None."
        )
    if value.dtype != cotangent.dtype:
        raise DTypeError(
            f"a hook of {name} returned dtype {value.dtype} in place of "
            f"{cotangent.dtype}. Write .astype({cotangent.dtype}) on what it returns."
        )
    if type(value) is type(node):
        return value if type(cotangent) is type(node) else value.data.copy()
    if type(cotangent) is type(node):
        return node._constant(value)
    return np.array(value)[()] if not value.ndim else np.array(value)
