"""A schedule for fast training: up once, then far down."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import ClassVar

from nn.optim.cycle import CYCLE_RANGES, Cycle
from nn.optim.optimizer import Optimizer
from nn.optim.ranges import (
    Ranges,
    choice,
    count,
    fraction,
    non_negative,
    positive,
    proportion,
    switch,
)
from nn.optim.schedule import require_optimizer

__all__ = ["OneCycleLR"]


class OneCycleLR(Cycle):
    """Go up once, then far down: fast training with large rates.

    Call `step` after every batch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    max_lr : float or list of float
        The largest rate, or one for each group.
    total_steps : int, optional
        N, how many steps the cycle has; by default ``epochs * steps_per_epoch``.
    epochs, steps_per_epoch : int, optional
        For where ``total_steps`` is not given.
    pct_start : float, default 0.3
        p, which part of the steps goes up.
    anneal_strategy : {"cos", "linear"}, default "cos"
        Along half a cosine or a straight line.
    cycle_momentum : bool, default True
        Whether momentum (β₁ where there are betas) goes down while the rate goes up.
    base_momentum, max_momentum : float or list of float, default 0.85 and 0.95
        The smallest and the largest momentum, or one for each group.
    div_factor : float, default 25
        The first rate is ``max_lr / div_factor``.
    final_div_factor : float, default 1e4
        The last rate is the first divided by it.
    three_phase : bool, default False
        Whether to go down to the first rate as fast as up, and only then further.
    last_epoch : int, default -1
        See `LRScheduler`.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range, there is no momentum to cycle, or
        `step` is called more than N times.

    Notes
    -----
    The top is at step pN - 1, the end at step N - 1; step N stays there.

    References
    ----------
    L. Smith and N. Topin, "Super-convergence: very fast training of neural networks
    using large learning rates", 2018.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    >>> schedule = optim.OneCycleLR(
    ...     optimizer, 8.0, total_steps=6, pct_start=0.5, div_factor=4
    ... )
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(5):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 4) for rate in rates]
    [2.0, 5.0, 8.0, 6.0, 2.0002, 0.0002]
    """

    ranges: ClassVar[Ranges] = {
        **CYCLE_RANGES,
        "total_steps": count,
        "pct_start": proportion,
        "anneal_strategy": choice("cos", "linear"),
        "div_factor": positive,
        "final_div_factor": positive,
        "three_phase": switch,
    }
    total_steps: int
    pct_start: float
    anneal_strategy: str
    div_factor: float
    final_div_factor: float
    three_phase: bool

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        require_optimizer("OneCycleLR", optimizer)
        self.optimizer = optimizer
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    "OneCycleLR: give total_steps, or epochs and steps_per_epoch."
                )
            total_steps = count("OneCycleLR", "epochs", epochs) * count(
                "OneCycleLR", "steps_per_epoch", steps_per_epoch
            )
        super().__init__(
            optimizer,
            last_epoch,
            max_lrs=self._each("max_lr", max_lr, non_negative),
            total_steps=total_steps,
            pct_start=pct_start,
            anneal_strategy=anneal_strategy,
            cycle_momentum=cycle_momentum,
            base_momenta=self._each("base_momentum", base_momentum, fraction),
            max_momenta=self._each("max_momentum", max_momentum, fraction),
            div_factor=div_factor,
            final_div_factor=final_div_factor,
            three_phase=three_phase,
        )

    def first_rates(self, resumed: bool) -> list[float]:
        """Return the rates at which the cycle begins."""
        return [high / self.div_factor for high in self.max_lrs]

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of every group after t steps."""
        rates = []
        for first, high in zip(self.base_lrs, self.max_lrs, strict=True):
            low = first / self.final_div_factor
            rates.append(self._at(t, [first, high, *[first] * self.three_phase, low]))
        return rates

    def momenta(self, t: int) -> list[float] | None:
        """Return the momentum of every group after t steps."""
        if not self.cycle_momentum:
            return None
        return [
            self._at(t, [high, low, *[high] * self.three_phase, high])
            for low, high in zip(self.base_momenta, self.max_momenta, strict=True)
        ]

    def _at(self, t: int, levels: list[float]) -> float:
        """Return the height at step t on the way from level to level."""
        if t > self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {t} is beyond total_steps={self.total_steps}."
            )
        ends = self._ends()
        phase = min(bisect_left(ends, t), len(ends) - 1)
        start, end = [0.0, *ends][phase : phase + 2]
        part = min((t - start) / (end - start), 1.0) if end > start else 1.0
        return self._between(levels[phase], levels[phase + 1], part)

    def _ends(self) -> list[float]:
        """Return the step at which each phase is over."""
        top = self.pct_start * self.total_steps - 1
        return [top, *[2 * top] * self.three_phase, self.total_steps - 1]

    def _between(self, first: float, last: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return first + (last - first) * part
        return last + (first - last) * (1 + math.cos(math.pi * part)) / 2
