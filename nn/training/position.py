"""Where a training run is: in its data, and in every sequence of random numbers."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import CheckpointError
from nn.training.generators import find_generators, set_states, states_of

__all__ = ["DataPosition"]


class DataPosition:
    """The loaders of a run, and the random generators of everything in it.

    Parameters
    ----------
    owners : mapping of str to object
        What may have generators besides the loaders.

    Attributes
    ----------
    loader, validation : DataLoader or None
        The data of the last fit.
    is_held : bool
        Whether the next epoch continues from a position that was kept or loaded.
    """

    def __init__(self, owners: Mapping[str, Any]) -> None:
        self._owners = dict(owners)
        self.loader: Any = None
        self.validation: Any = None
        self._held: dict[str, Any] | None = None

    @property
    def is_held(self) -> bool:
        """Whether the next epoch continues from a position that was kept or loaded."""
        return self._held is not None

    def batches(self, done: int) -> Iterable[Any]:
        """Return what is left of an epoch of which some batches are done.

        Raises
        ------
        CheckpointError
            If the held position does not fit the loader or the generators.
        """
        is_over = done == len(self.loader)
        if self._held is not None and self._held["loader"] is not None:
            self._go_to(self._held, is_over)
        self._held = None
        return () if is_over else iter(self.loader)

    def _go_to(self, held: dict[str, Any], is_over: bool) -> None:
        try:
            if not is_over:
                self.loader.load_state_dict(held["loader"])
            self._require_all(held["generators"])
            # The loader may have set a generator that it shares with layers.
            set_states(self._generators(), held["generators"])
        except CheckpointError as error:
            error.args = (
                f"{error} To begin the epoch anew, with any data, call "
                f"trainer.restart_epoch() and then fit() without resume=.",
            )
            raise

    def _require_all(self, states: Mapping[str, Any]) -> None:
        unknown = [name for name in states if name not in self._generators()]
        if unknown:
            raise CheckpointError(
                f"fit: the state has random generators that are not here: "
                f"{', '.join(unknown)}. Pass loaders as when it was saved."
            )

    def hold(self, done: int) -> None:
        """Keep the position after some batches for the next fit."""
        self._held = {
            "loader": self.loader_state(done),
            "generators": self.generator_states(),
        }

    @contextmanager
    def kept_if_it_fails(self) -> Iterator[None]:
        """Put all generators back after an exception, Ctrl-C included."""
        before = states_of(self._generators())
        try:
            yield
        except BaseException:
            set_states(self._generators(), before)
            raise

    def forget(self) -> None:
        """Let the next epoch begin anew."""
        self._held = None

    def set(self, loader: dict[str, Any] | None, states: Mapping[str, Any]) -> None:
        """Go to a position; the next fit sets the loader and its generators.

        Raises
        ------
        CheckpointError
            If the states do not fit the generators.
        """
        set_states(self._generators(with_data=False), states)
        self._held = copy.deepcopy({"loader": loader, "generators": dict(states)})

    def loader_state(self, done: int) -> dict[str, Any] | None:
        """Return the position in the data after some batches of the epoch."""
        if self._held is not None:
            held: dict[str, Any] | None = copy.deepcopy(self._held["loader"])
            return held
        if self.loader is None:
            return None
        state = self.loader.state_dict()
        # A batch that was handed out for a step that failed is to come again.
        return {**state, "batch": done} if state["batch"] else state

    def generator_states(self) -> dict[str, Any]:
        """Return the state of every random generator, by path."""
        if self._held is not None:
            return copy.deepcopy(self._held["generators"])
        return states_of(self._generators())

    def _generators(self, with_data: bool = True) -> dict[str, np.random.Generator]:
        owners = dict(self._owners)
        if with_data:
            owners["loader"] = self.loader
            owners["validation"] = self.validation
        return find_generators(owners)
