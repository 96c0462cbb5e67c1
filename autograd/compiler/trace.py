"""One recording of a function, with placeholders in place of its arguments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.callsite import describe_site
from autograd.compiler.arguments import Arguments
from autograd.compiler.factoring import factored
from autograd.compiler.repeats import without_repeats
from autograd.compiler.watching import NotCompilable, Reading, WatchedArray, watched
from autograd.engine import LEAF, clock
from autograd.recording import enable_grad
from autograd.tensor import Tensor

__all__ = ["Trace", "View", "as_variable", "as_watched", "trace"]

_SETTING_VALUES = (
    bool, int, float, complex, str, type(None), type(Ellipsis), slice, type,
    np.generic, np.dtype,
)  # fmt: skip


@dataclass
class View:
    """An array among the settings or constants that lies in the memory of an argument.

    Attributes
    ----------
    argument : int
        Which of the arguments.
    offset : int
        Where it begins there, in bytes, if the argument is contiguous.
    shape, strides : tuple of int
        As of an ndarray.
    """

    argument: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def of(self, array: Any) -> Any:
        """Return the same part of another array."""
        array = np.ascontiguousarray(array)
        if array.shape == self.shape and array.strides == self.strides:
            return array
        return np.ndarray(self.shape, array.dtype, array, self.offset, self.strides)


@dataclass
class Trace:
    """A recorded graph, and where the values of its leaves come from.

    Attributes
    ----------
    result : Tensor
        What the function returned.
    order : list of Tensor
        Every tensor behind it, inputs first.
    placeholders : list of Tensor or ndarray
        What stood for the arguments.
    captured : list of Tensor
        Tensors from outside that the function uses.
    views : dict
        Constant tensor, or id of an array among the settings -> part of an argument.
    """

    result: Tensor
    order: list[Tensor]
    placeholders: list[Any]
    captured: list[Tensor]
    views: dict[Any, View] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[Tensor, int]:
        """The placeholders that are tensors, with their positions."""
        return {x: k for k, x in enumerate(self.placeholders) if isinstance(x, Tensor)}


def trace(
    function: Callable[..., Any],
    arguments: Arguments,
    placeholder: Callable[[Any], Any],
) -> Trace:
    """Record a function.

    Parameters
    ----------
    function : callable
        What to record.
    arguments : Arguments
        What it is called with.
    placeholder : callable
        Gives what stands for a tensor or an array among them.

    Raises
    ------
    NotCompilable
        If the recording does not hold all that the function does.
    """
    placeholders = [placeholder(x) for x in arguments.arrays]
    args, kwargs = arguments.with_arrays(placeholders)
    clock.now += 1  # what is made from now on is inside
    start = clock.now
    with watched() as readings, enable_grad():
        result = function(*args, **kwargs)
    if clock.now != start and not _is_busy(start):
        place = clock.place(clock.now)
        raise NotCompilable(f"it changes a tensor in place{place}")
    if not isinstance(result, Tensor):
        raise NotCompilable(
            f"it returns {type(result).__name__}, not one Tensor, of which a plan can "
            f"compute the value and the gradients"
        )
    order, captured = _sorted(result, placeholders, start)
    given = {*captured, *(x for x in placeholders if isinstance(x, Tensor))}
    order = factored(without_repeats(order, given), given)
    found = Trace(result, order, placeholders, captured)
    _find_views(found)
    _check_cuts(found)
    _check_readings(found, readings)
    return found


def _is_busy(start: int) -> bool:
    """Return whether the clock was moved by others: the writes are not known to us."""
    return all(time <= start for time, _ in clock.writes)


def _sorted(
    result: Tensor, placeholders: Sequence[Any], start: int
) -> tuple[list[Tensor], list[Tensor]]:
    """Return the graph recorded since ``start``, and the tensors from before."""
    ours = {x for x in placeholders if isinstance(x, Tensor)}
    order: list[Tensor] = []
    captured: list[Tensor] = []
    entered = {result}
    stack: list[tuple[Tensor, Iterator[Tensor]]] = [(result, iter(result.inputs))]
    while stack:
        tensor, inputs = stack[-1]
        x = next(inputs, None)
        if x is None:
            order.append(tensor)
            stack.pop()
        elif x not in entered:
            entered.add(x)
            is_outside = x._version < start and x not in ours
            if is_outside:
                captured.append(x)
            stack.append((x, iter(() if is_outside else x.inputs)))
    return order, captured


def _find_views(found: Trace) -> None:
    """Find constants and settings that lie in the memory of an argument."""
    places = [_unwatched(_value(x)) for x in found.placeholders]
    known = {*found.captured, *found.arguments}
    for tensor in found.order:
        tensor._data = _unwatched(tensor._data)
        if tensor.op is not None and tensor not in known and tensor.settings:
            tensor._details.settings = _unwatched(tensor.settings)
        if tensor.op is None and tensor not in known:
            view = _view(tensor.data, places)
            if view:
                found.views[tensor] = view
        if tensor.op is not None and tensor not in known:
            for array in _arrays_in(tensor.settings, tensor):
                view = _view(array, places)
                if view:
                    found.views[id(array)] = view


def _value(placeholder: Any) -> Any:
    return placeholder._data if isinstance(placeholder, Tensor) else placeholder


def _unwatched(x: Any) -> Any:
    """Return plain arrays in place of watched ones, also inside settings."""
    if isinstance(x, WatchedArray):
        return x.view(np.ndarray)
    if type(x) is dict:
        return {key: _unwatched(item) for key, item in x.items()}
    return type(x)(map(_unwatched, x)) if type(x) in (list, tuple) else x


def _view(array: Any, places: Sequence[Any]) -> View | None:
    if not isinstance(array, np.ndarray):
        return None
    for k, place in enumerate(places):
        if isinstance(place, np.ndarray) and np.may_share_memory(array, place):
            offset = array.ctypes.data - place.ctypes.data
            return View(k, offset, array.shape, array.strides)
    return None


def _arrays_in(settings: Any, tensor: Tensor) -> Iterator[Any]:
    """Yield the arrays among the settings of an operation."""
    if isinstance(settings, np.ndarray):
        yield settings
    elif isinstance(settings, dict):
        for item in settings.values():
            yield from _arrays_in(item, tensor)
    elif isinstance(settings, list | tuple):
        for item in settings:
            yield from _arrays_in(item, tensor)
    elif not isinstance(settings, _SETTING_VALUES):
        assert tensor.op is not None
        raise NotCompilable(
            f"{tensor.op.name} keeps a {type(settings).__name__}, which may change"
        )


def _check_cuts(found: Trace) -> None:
    """Raise if the graph was cut: what lies behind would be computed only once."""
    outside = set(found.captured)
    for tensor in found.order:
        cut = tensor._details.cut
        if tensor._op is None and cut is not None and tensor not in outside:
            raise NotCompilable(
                f"{cut} takes a value out of the graph; what is computed from it would "
                f"stay as it was when it was recorded"
            )


def _check_readings(found: Trace, readings: Sequence[Reading]) -> None:
    """Raise if a value was read and what became of it is not known.

    Our own operations read arguments that are indices or the like, and keep them in
    their settings, where they are found again.
    """
    arguments = found.arguments
    explained = {view.argument for view in found.views.values()}
    for tensor, site, is_ours in readings:
        if is_ours and arguments.get(tensor) in explained:
            continue
        place = f" at {describe_site(site)}" if site else ""
        what = f"of {tensor.op.name} " if tensor.op else ""
        raise NotCompilable(
            f"the value {what}is read{place}: control flow and numbers that depend on "
            f"it are not part of the graph"
        )


def as_variable(x: Any) -> Tensor:
    """Return a placeholder on which everything is recorded."""
    value = x.data if isinstance(x, Tensor) else x
    twin = Tensor(np.array(value, order="C"), False, copy=False)
    twin._op = LEAF
    twin.name = x.name if isinstance(x, Tensor) else None
    return twin


def as_watched(x: Any) -> Any:
    """Return a placeholder for an array of integers, which stays an array."""
    return np.array(x, order="C").view(WatchedArray)
