"""The random generators behind a training run: found, saved and set.

Objects often share one generator, and then draw from it in turns.  The state says so:
the first name of a generator has its state, every other name has the first name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd import CheckpointError
from nn.module import Module

__all__ = ["find_generators", "set_states", "states_of"]

Generators = dict[str, np.random.Generator]


def find_generators(owners: Mapping[str, Any]) -> Generators:
    """Return every generator that is an attribute of an owner, by path.

    Parameters
    ----------
    owners : mapping of str to object
        Of a module, all modules below are searched as well; an owner may itself be a
        generator.
    """
    return {
        name: value
        for owner, holder in owners.items()
        for name, value in _attributes(owner, holder)
        if isinstance(value, np.random.Generator)
    }


def _attributes(owner: str, holder: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(holder, np.random.Generator):
        yield owner, holder
    elif isinstance(holder, Module):
        for path, module in holder.named_modules():
            for name, value in vars(module).items():
                yield ".".join(filter(None, (owner, path, name))), value
    else:
        for name, value in getattr(holder, "__dict__", {}).items():
            yield f"{owner}.{name}", value


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
