"""Schedules one after the other."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Self

from nn.optim.optimizer import Optimizer
from nn.optim.schedule import LRScheduler, require_optimizer

__all__ = ["SequentialLR"]


class SequentialLR(LRScheduler):
    """Follow one schedule, then the next: a warm-up, for example.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    schedulers : list of LRScheduler
        What to follow, each made for the same optimiser.
    milestones : list of int
        At which steps the second, third, ... begin, each from its own step 0.
    last_epoch : int, default -1
        See `LRScheduler`.

    Raises
    ------
    ValueError
        If there are no schedules, one belongs to another optimiser or is a
        `ReduceLROnPlateau`, or the milestones are not one fewer and rising.

    Examples
    --------
    Warm up for 4 steps, then fall along a cosine:

    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.AdamW([Tensor(1.0)], lr=0.008)
    >>> warm_up = optim.LinearLR(optimizer, start_factor=0.25, total_iters=4)
    >>> fall = optim.CosineAnnealingLR(optimizer, T_max=3)
    >>> schedule = optim.SequentialLR(optimizer, [warm_up, fall], milestones=[4])
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(7):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 5) for rate in rates]
    [0.002, 0.0035, 0.005, 0.0065, 0.008, 0.006, 0.002, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        require_optimizer("SequentialLR", optimizer)
        self.schedulers = list(schedulers)
        self.milestones = list(milestones)
        _require_sequence(optimizer, self.schedulers, self.milestones)
        super().__init__(optimizer, last_epoch)

    def shown_settings(self) -> list[str]:
        """Return the classes of the schedules, and when they take turns."""
        names = ", ".join(type(schedule).__name__ for schedule in self.schedulers)
        return [f"[{names}]", f"milestones={self.milestones}"]

    def _current(self, t: int) -> tuple[LRScheduler, int]:
        """Return the schedule that is followed, and the number of its own step."""
        position = bisect_right(self.milestones, t)
        start = self.milestones[position - 1] if position else 0
        return self.schedulers[position], t - start

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of every group after t steps."""
        schedule, own = self._current(t)
        return schedule.rates(own)

    def momenta(self, t: int) -> list[float] | None:
        """Return the momentum that the schedule that is followed sets."""
        schedule, own = self._current(t)
        return schedule.momenta(own)

    def state_dict(self) -> dict[str, Any]:
        """Return the step number and the states of the schedules."""
        return {
            **super().state_dict(),
            "milestones": list(self.milestones),
            "schedulers": [schedule.state_dict() for schedule in self.schedulers],
        }

    def _read(self, state: Mapping[str, Any]) -> None:
        super()._read(state)
        states = state["schedulers"]
        if not isinstance(states, list) or len(states) != len(self.schedulers):
            raise ValueError(f"there must be {len(self.schedulers)} schedulers.")
        pairs = zip(self.schedulers, states, strict=True)
        self.schedulers = [schedule._loaded(own) for schedule, own in pairs]
        _require_sequence(self.optimizer, self.schedulers, state["milestones"])
        self.milestones = list(state["milestones"])

    def _adopt(self, twin: Self) -> None:
        schedulers = self.schedulers
        super()._adopt(twin)
        self.schedulers = schedulers  # the objects that the user may hold
        for schedule, loaded in zip(schedulers, twin.schedulers, strict=True):
            schedule._adopt(loaded)


def _require_sequence(
    optimizer: Optimizer, schedulers: Sequence[Any], milestones: Any
) -> None:
    if not schedulers:
        raise ValueError("SequentialLR: there are no schedules to follow.")
    for position, schedule in enumerate(schedulers):
        if not isinstance(schedule, LRScheduler):
            raise ValueError(
                f"SequentialLR: schedule {position} is a {type(schedule).__name__}, "
                f"which is not a function of the step number."
            )
        if schedule.optimizer is not optimizer:
            raise ValueError(
                f"SequentialLR: schedule {position} ({type(schedule).__name__}) was "
                f"made for another optimiser."
            )
    rising = isinstance(milestones, list) and all(
        type(m) is int and m > before
        for before, m in zip([0, *milestones], milestones, strict=False)
    )
    if not rising or len(milestones) != len(schedulers) - 1:
        raise ValueError(
            f"SequentialLR: {len(schedulers)} schedules need "
            f"{len(schedulers) - 1} rising milestones from 1, got {milestones!r}."
        )
