"""What schedules share that cycle the rate, and momentum the other way."""

from typing import Any

from nn.optim.ranges import Check, Ranges, fraction, non_negative, switch
from nn.optim.schedule import LRScheduler, per_group

__all__ = ["CYCLE_RANGES", "Cycle"]


def _values(check: Check) -> Check:
    """Return a check for a list of numbers, one for each group."""

    def each(owner: str, name: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError(f"{owner}: {name} must be a list, got {value!r}.")
        return tuple(check(owner, name, one) for one in value)

    return each


CYCLE_RANGES: Ranges = {
    "max_lrs": _values(non_negative),
    "cycle_momentum": switch,
    "base_momenta": _values(fraction),
    "max_momenta": _values(fraction),
}


class Cycle(LRScheduler):
    """Base class: a largest rate and two momenta for each group."""

    max_lrs: tuple[float, ...]
    base_momenta: tuple[float, ...]
    max_momenta: tuple[float, ...]
    cycle_momentum: bool

    def check(self) -> None:
        """Raise ValueError if there is no momentum to cycle."""
        groups = self.optimizer.param_groups
        lengths = {len(self.max_lrs), len(self.base_momenta), len(self.max_momenta)}
        if lengths != {len(groups)}:
            raise ValueError(
                f"{self._owner}: there must be a value for each of {len(groups)} "
                f"groups."
            )
        ranges = self.optimizer.ranges
        if self.cycle_momentum and not {"momentum", "betas"} & set(ranges):
            raise ValueError(
                f"{self._owner}: {type(self.optimizer).__name__} has no momentum. "
                f"Write cycle_momentum=False."
            )

    def _each(self, name: str, value: Any, check: Check) -> list[Any]:
        return per_group(self._owner, name, value, self.optimizer, check)
