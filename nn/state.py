"""Taking the state of a module as arrays by path, and setting it: all or nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import CheckpointError, DTypeError, Tensor

if TYPE_CHECKING:
    from nn.module import Module

__all__ = ["LoadReport", "load_state", "take_state"]


class LoadReport(NamedTuple):
    """The paths that a state lacked, and those that the module did not know."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class _Entry(NamedTuple):
    """One place in a module that the state has a value for."""

    owner: "Module"
    attribute: str
    value: Any  # a Tensor, or the array of a buffer


def take_state(module: "Module") -> dict[str, npt.NDArray[Any]]:
    """Return copies of parameters and saved buffers by path."""
    return {path: np.array(_array(entry.value)) for path, entry in _entries(module)}


def load_state(
    module: "Module", state: dict[str, Any], *, strict: bool, cast: bool
) -> LoadReport:
    """Set parameters and buffers from arrays by path, after every check has passed."""
    entries = dict(_entries(module))
    arrays = {path: np.asarray(state[path]) for path in entries if path in state}
    report = LoadReport(
        [path for path in entries if path not in state],
        [path for path in state if path not in entries],
    )
    problems: list[str] = []
    if strict:
        problems += [f"missing {path}" for path in report.missing_keys]
        problems += [f"unexpected {path}" for path in report.unexpected_keys]
    problems += _wrong_shapes(entries, arrays) + _torn_ties(entries, arrays)
    wrong_dtypes = [] if cast else _wrong_dtypes(entries, arrays)
    if problems or wrong_dtypes:
        kind = CheckpointError if problems else DTypeError
        listed = "; ".join(problems + wrong_dtypes)
        raise kind(
            f"load_state_dict: the state does not fit {type(module).__name__} (nothing "
            f"was loaded): {listed}."
            + (" Pass cast=True to convert dtypes." if wrong_dtypes else "")
        )
    for path, array in arrays.items():
        _assign(entries[path], array)
    return report


def _entries(module: "Module") -> Iterator[tuple[str, _Entry]]:
    for path, owner in module.named_modules(remove_duplicate=False):
        prefix = f"{path}." if path else ""
        for name, parameter in owner.own_parameters():
            yield prefix + name, _Entry(owner, name, parameter)
        for name, array, persistent in owner.own_buffers():
            if persistent:
                yield prefix + name, _Entry(owner, name, array)


def _array(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else value


def _wrong_shapes(entries: dict[str, _Entry], arrays: dict[str, Any]) -> list[str]:
    return [
        f"{path} {array.shape} in the state, {entries[path].value.shape} in the model"
        for path, array in arrays.items()
        if array.shape != entries[path].value.shape
    ]


def _wrong_dtypes(entries: dict[str, _Entry], arrays: dict[str, Any]) -> list[str]:
    return [
        f"{path} {array.dtype} in the state, {entries[path].value.dtype} in the model"
        for path, array in arrays.items()
        if array.dtype != entries[path].value.dtype
    ]


def _torn_ties(entries: dict[str, _Entry], arrays: dict[str, Any]) -> list[str]:
    """Name paths that share one tensor in the model but have different values here."""
    first: dict[Tensor, str] = {}
    torn = []
    for path, array in arrays.items():
        value = entries[path].value
        if isinstance(value, Tensor):
            other = first.setdefault(value, path)
            if not np.array_equal(array, arrays[other], equal_nan=True):
                torn.append(
                    f"{other} and {path} are one tensor but differ in the state"
                )
    return torn


def _assign(entry: _Entry, array: Any) -> None:
    value = np.array(array, dtype=entry.value.dtype)
    if isinstance(entry.value, Tensor):
        entry.value.data = value
    else:
        setattr(entry.owner, entry.attribute, value)
