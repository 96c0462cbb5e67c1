"""Assigning to a part of an array: ``y[index] = value`` as a recorded operation."""

from typing import Any

import numpy as np

from autograd.engine import LEAF, clock
from autograd.errors import DTypeError, InPlaceError
from autograd.ops.indexing import _is_basic, _plain_index
from autograd.primitive import primitive
from autograd.recording import current
from autograd.rewiring import rewire
from autograd.tensor import Tensor, describe

__all__ = ["setitem"]

_A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])


def _value_rule(g: Any, out: Any, x: Any, value: Any, index: Any) -> Any:
    part = g[index]
    if not _is_basic(index):
        part = np.where(_is_last_write(index, x.shape, part.shape), part, 0.0)
    if value.ndim > part.ndim:  # NumPy lets the value have leading axes of length 1
        part = np.reshape(part, (1,) * (value.ndim - part.ndim) + part.shape)
    return part


def _is_last_write(index: Any, shape: Any, part_shape: Any) -> Any:
    """Return which of the values stay, where an index names an element repeatedly."""
    turns = np.arange(1, np.prod(part_shape, dtype=int) + 1).reshape(part_shape)
    last = np.zeros(shape, dtype=int)
    last[index] = turns
    return last[index] == turns


@primitive(
    symbol="[ ] =",
    latex=r"\operatorname{{setitem}}({0}, {1})",
    vjps=(
        lambda g, out, x, value, index: setitem(g, 0.0, index),
        _value_rule,
    ),
    formulas=("setitem(G, 0.0, np.s_[{index}])", ""),
    broadcasts=True,
    numpy=(),
    method=False,
    samples=[
        (_A, _A[1] * 2, 0),
        (_A, np.array(3.5), (slice(None), -1)),
        (_A, np.array([[[7.0, 8.0]]]), (1, slice(None, None, 2))),
        (_A, np.array([7.0, 8.0, 9.0]), (np.array([0, 1, 0]), np.array([2, 2, 2]))),
        (_A, np.array(0.5), _A > 0),
        (_A, np.zeros((0, 3)), np.zeros(0, dtype=int)),
    ],
)
def setitem(x: Any, value: Any, index: Any) -> Any:
    """Return a copy of ``x`` in which ``x[index] = value`` has been carried out.

    ``y[index] = value`` on a tensor that an operation made does the same in place: that
    tensor becomes the result.  ``backward`` on what was computed from it before raises.

    Parameters
    ----------
    x : Tensor
        Of any shape.
    value : Tensor
        Broadcast to the shape of ``x[index]``.
    index : index
        Any index that NumPy takes.

    Raises
    ------
    DTypeError
        If the value would lose its fraction in an array of integers.

    Notes
    -----
    Each element of the result has the gradient of where it came from.  Where an index
    names an element repeatedly, the last value stays, and the others get 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x, v = Tensor([1.0, 2.0, 3.0]), Tensor(9.0)
    >>> y = x * 10
    >>> y[0] = v
    >>> y
    Tensor([ 9., 20., 30.], op=setitem)
    >>> y.sum().backward()
    >>> x.grad, v.grad
    (array([ 0., 10., 10.]), np.float64(1.0))
    """
    value = np.asarray(value)
    if value.dtype.kind == "f" and x.dtype.kind != "f":
        raise DTypeError(
            f"[...] =: a value of dtype {value.dtype} loses its fraction in an array "
            f"of dtype {x.dtype}. Make the array with dtype=float."
        )
    result = np.array(x)
    result[index] = value
    return result


def _assign(x: Tensor, index: Any, value: Any) -> None:
    """Carry out ``x[index] = value``."""
    index = _plain_index(index)
    enabled = current().enabled
    if (x._op is LEAF and enabled) or (not x.is_leaf and not enabled):
        kind = "a leaf that requires a gradient" if x.is_leaf else "recorded"
        where = "inside" if enabled else "outside"
        raise InPlaceError(
            f"[...] =: {describe(x)} is {kind}; assigning to a part of it here would "
            f"lose its gradient. Nothing was changed. It is allowed {where} no_grad(); "
            f"setitem(x, value, index) and np.where give a new tensor."
        )
    if enabled and (x.requires_grad or getattr(value, "requires_grad", False)):
        _assign_recorded(x, index, value)
    else:
        x.data = setitem(x.data, getattr(value, "data", value), index)


def _assign_recorded(x: Tensor, index: Any, value: Any) -> None:
    """Let ``x`` become the result; a fresh tensor becomes what ``x`` was.

    What was computed from the old ``x`` still refers to ``x``.  Where the value was, it
    is made to refer to the fresh tensor; anything else is found out by its version.
    """
    before = Tensor.__new__(Tensor)
    for slot in Tensor.__slots__:
        setattr(before, slot, getattr(x, slot))
    if x.name is not None:
        before.name = None
    result = setitem(before, before if value is x else value, index)
    if isinstance(value, Tensor):
        rewire(value, {x: before}, since=x._version)
    result._details.name = x.name
    for slot in Tensor.__slots__:
        setattr(x, slot, getattr(result, slot))
    x._version = clock.tick()


Tensor.__setitem__ = _assign  # type: ignore[method-assign]
