"""Taking the state of an optimiser by name, and setting it: all or nothing."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import CheckpointError, Tensor

if TYPE_CHECKING:
    from nn.optim.optimizer import Optimizer

__all__ = [
    "array_problems",
    "group_states",
    "key_problems",
    "load_state",
    "read_groups",
    "refuse",
    "set_groups",
    "take_state",
]


def take_state(optimizer: "Optimizer") -> dict[str, Any]:
    """Return copies of the state of an optimiser."""
    return {
        "steps": optimizer.steps,
        "state": {
            name: {key: _copy(value) for key, value in s.items()}
            for name, p, h in _parameters(optimizer)
            if name in optimizer.state and (s := optimizer.fitted(name, p, h))
        },
        "param_groups": group_states(optimizer),
    }


def _copy(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value


def group_states(optimizer: "Optimizer") -> list[dict[str, Any]]:
    """Return the groups as JSON has them: names for tensors, lists for tuples."""
    return [
        {"params": list(group["names"])}
        | {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in optimizer.settings(group).items()
        }
        for group in optimizer.param_groups
    ]


def _parameters(
    optimizer: "Optimizer",
) -> list[tuple[str, Tensor, dict[str, Any]]]:
    return [
        (name, p, group)
        for group in optimizer.param_groups
        for name, p in zip(group["names"], group["params"], strict=True)
    ]


def load_state(optimizer: "Optimizer", state: Mapping[str, Any]) -> None:
    """Set the state of an optimiser, after every check has passed."""
    refuse(optimizer, key_problems("the state", state, _SECTIONS))
    if not isinstance(state["state"], Mapping):
        refuse(optimizer, [f"its 'state' is a {type(state['state']).__name__}"])
    settings = read_groups(optimizer, state)
    known = {
        name: (p, h)
        for group, h in zip(optimizer.param_groups, settings, strict=True)
        for name, p in zip(group["names"], group["params"], strict=True)
    }
    problems = [f"unexpected {name}" for name in state["state"] if name not in known]
    for name, entry in state["state"].items():
        if name in known:
            problems += _entry_problems(optimizer, name, entry, *known[name])
    if not _is_counter(state["steps"], 0):
        problems.append(f"steps is {state['steps']!r}, not a whole number from 0")
    refuse(optimizer, problems)
    optimizer.state = {
        name: {key: _like(value, known[name][0]) for key, value in entry.items()}
        for name, entry in state["state"].items()
    }
    set_groups(optimizer, settings)
    optimizer.steps = state["steps"]


_SECTIONS = ("steps", "state", "param_groups")


def read_groups(
    optimizer: "Optimizer", state: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the hyper-parameters of every group in a state, checked."""
    ours, theirs = optimizer.param_groups, state["param_groups"]
    if not isinstance(theirs, list | tuple) or len(theirs) != len(ours):
        refuse(
            optimizer, [f"{_length(theirs)} parameter groups, there are {len(ours)}"]
        )
    problems: list[str] = []
    settings = []
    for position, (group, saved) in enumerate(zip(ours, theirs, strict=True)):
        where = f"group {position}: "
        if not isinstance(saved, Mapping) or not isinstance(saved.get("params"), list):
            problems.append(f"{where}no list of 'params'")
            continue
        names, known = saved["params"], group["names"]
        problems += [f"{where}missing {name}" for name in known if name not in names]
        problems += [f"{where}unexpected {name}" for name in names if name not in known]
        if len(set(map(str, names))) != len(names):
            problems.append(f"{where}a name is there twice")
        hyper = {key: value for key, value in saved.items() if key != "params"}
        try:
            settings.append(optimizer.settings(hyper))
        except (TypeError, ValueError) as error:
            problems.append(f"{where}{error}")
    refuse(optimizer, problems)
    return settings


def set_groups(optimizer: "Optimizer", settings: list[dict[str, Any]]) -> None:
    """Write checked hyper-parameters into the groups."""
    for group, h in zip(optimizer.param_groups, settings, strict=True):
        group.pop("initial_lr", None)
        group.update(h)


def _entry_problems(
    optimizer: "Optimizer", name: str, entry: Any, p: Tensor, h: dict[str, Any]
) -> list[str]:
    """Say what does not fit in the state of one parameter."""
    kept = optimizer.kept(h)
    counters = optimizer.counters if kept else {}
    problems = key_problems(name, entry, [*counters, *kept])
    if problems:
        return problems
    for key, start in counters.items():
        if not _is_counter(entry[key], start):
            problems.append(f"{name}: {key} is {entry[key]!r}, not a count")
    for key in kept:
        problems += array_problems(f"{name}: {key}", entry[key], p.shape, p.dtype)
    return problems


def array_problems(
    what: str, array: Any, shape: tuple[int, ...], dtype: Any
) -> list[str]:
    """Say how an array differs in shape or dtype from what is needed."""
    if not isinstance(array, np.ndarray | np.generic):
        return [f"{what} is a {type(array).__name__}, not an array"]
    if array.shape != shape or array.dtype != dtype:
        return [
            f"{what} is {array.shape} {array.dtype} in the state, {shape} {dtype} here"
        ]
    return []


def key_problems(what: str, found: Any, wanted: Any) -> list[str]:
    """Say which keys are missing from a dict, and which it should not have."""
    if not isinstance(found, Mapping):
        return [f"{what} is a {type(found).__name__}, not a dict"]
    missing = [f"{what} has no {key!r}" for key in wanted if key not in found]
    return missing + [f"{what} has {key!r}" for key in found if key not in wanted]


def refuse(optimizer: "Optimizer", problems: list[str]) -> None:
    """Raise CheckpointError if there are problems."""
    if problems:
        raise CheckpointError(
            f"load_state_dict: the state does not fit {type(optimizer).__name__} "
            f"(nothing was loaded): {'; '.join(p.rstrip('.') for p in problems)}."
        )


def _is_counter(value: Any, start: float) -> bool:
    """Whether a value is a number of the kind that a counter starts from."""
    if isinstance(start, int):
        return type(value) is int and value >= 0
    return type(value) is float and math.isfinite(value)


def _like(value: Any, p: Tensor) -> Any:
    """Copy an array into the memory layout of its parameter."""
    if not isinstance(value, np.ndarray | np.generic):
        return value
    copy = np.empty_like(p.data)
    copy[...] = value
    return copy


def _length(value: Any) -> Any:
    return len(value) if isinstance(value, list | tuple) else type(value).__name__
