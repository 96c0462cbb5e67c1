"""The random generators behind a training run: found, saved and set.

Objects often share one generator, and then draw from it in turns.  The state says so:
the first name of a generator has its state, every other name has the first name.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd import CheckpointError, Tensor
from nn.module import Module

__all__ = ["find_generators", "set_states", "states_of"]

Generators = dict[str, np.random.Generator]


def find_generators(owners: Mapping[str, Any]) -> Generators:
    """Return every generator that an owner leads to by attributes, by path.

    Parameters
    ----------
    owners : mapping of str to object
        Modules, loaders, data sets and the like; an owner may itself be a generator.

    Notes
    -----
    A loader's data set may wrap another one, and a collating function may be an object,
    a method or a `functools.partial`: all attributes of all of them are followed.
    Containers and closures are not.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> loader = nn.DataLoader(nn.TensorDataset([1, 2]), shuffle=True, rng=rng)
    >>> model = nn.Sequential(nn.Linear(2, 2, rng=rng), nn.Dropout(rng=rng))
    >>> list(find_generators({"model": model, "loader": loader}))
    ['model.1.rng', 'loader.rng']
    """
    found: Generators = {}
    for owner, holder in owners.items():
        waiting, seen = [(owner, holder)], set[int]()
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, np.random.Generator):
                found[path] = value
            elif hasattr(value, "__dict__") and id(value) not in seen:
                seen.add(id(value))
                waiting += reversed(list(_attributes(path, value)))
    return found


def _attributes(path: str, holder: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an object has, by path; of a module, what all modules below have."""
    if isinstance(holder, Module):
        for below, module in holder.named_modules():
            for name, value in vars(module).items():
                if not isinstance(value, Module):
                    yield ".".join(filter(None, (path, below, name))), value
    elif isinstance(holder, MethodType):
        yield path, holder.__self__
    elif isinstance(holder, partial):
        yield path, holder.func
        yield from (
            (f"{path}.{name}", value) for name, value in holder.keywords.items()
        )
    elif not isinstance(holder, _NOT_FOLLOWED):
        for name, value in vars(holder).items():
            yield f"{path}.{name}", value


# Classes and modules lead to everything; the others have no generator.
_NOT_FOLLOWED = (type, ModuleType, FunctionType, Tensor)


def states_of(generators: Generators) -> dict[str, Any]:
    """Return the state of each generator, or the name that has it already."""
    return {
        name: generators[name].bit_generator.state if first == name else first
        for name, first in _first_names(generators).items()
    }


def set_states(generators: Generators, states: Mapping[str, Any]) -> None:
    """Set generators to their states.

    Raises
    ------
    CheckpointError
        If a name has no state, or other generators are shared than in the state, or a
        generator is of another kind.
    """
    for name, first in _first_names(generators).items():
        if name not in states:
            raise CheckpointError(
                f"the state has no random generator {name!r}; it has "
                f"{', '.join(states) or 'none'}. Build the same layers and loaders as "
                f"when it was saved."
            )
        state = states[name]
        shared = state if isinstance(state, str) else name
        if shared != first:
            raise CheckpointError(
                f"random generators: when the state was saved, {name} drew from "
                f"{_whose(name, shared)}, now from {_whose(name, first)}. Share "
                f"generators as then, or the numbers come in another order."
            )
    for name, state in states.items():
        if name in generators and not isinstance(state, str):
            _set_state(name, generators[name], state)


def _set_state(name: str, generator: np.random.Generator, state: Any) -> None:
    try:
        generator.bit_generator.state = state
    except (TypeError, ValueError, KeyError) as error:
        kind = type(generator.bit_generator).__name__
        raise CheckpointError(
            f"random generator {name}: the state does not fit a {kind}: {error}."
        ) from error


def _first_names(generators: Generators) -> dict[str, str]:
    """Return for each name the first name of the same generator."""
    first: dict[np.random.Generator, str] = {}
    return {name: first.setdefault(g, name) for name, g in generators.items()}


def _whose(name: str, first: str) -> str:
    return "its own generator" if first == name else f"that of {first}"
