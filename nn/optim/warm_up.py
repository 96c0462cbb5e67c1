"""Schedules whose first steps are smaller, or larger, than the others."""

from typing import Any, ClassVar

from nn.optim.optimizer import Optimizer
from nn.optim.ranges import Ranges, count, positive, proportion
from nn.optim.schedule import LRScheduler

__all__ = ["ConstantLR", "LinearLR"]


class ConstantLR(LRScheduler):
    """Multiply by a factor for the first steps only.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    factor : float, default 1/3
        From 0 to 1.
    total_iters : int, default 5
        T, for how many steps.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = α₀ · factor for t < T, then α₀.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=8.0)
    >>> schedule = optim.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [4.0, 4.0, 8.0, 8.0]
    """

    ranges: ClassVar[Ranges] = {"factor": proportion, "total_iters": count}
    factor: float
    total_iters: int

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch, factor=factor, total_iters=total_iters)

    def rate(self, t: int, base_lr: float) -> float:
        """Return the learning rate after t steps."""
        return base_lr * self.factor if t < self.total_iters else base_lr


def _start(owner: str, name: str, value: Any) -> float:
    """Check for a number above 0, up to 1."""
    return proportion(owner, name, positive(owner, name, value))


class LinearLR(LRScheduler):
    """Change the factor along a straight line: with the defaults, a warm-up.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    start_factor : float, default 1/3
        a, above 0 and up to 1.
    end_factor : float, default 1.0
        b, from 0 to 1.
    total_iters : int, default 5
        T, after how many steps the factor is b.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = α₀ (a + (b - a) min(t, T) / T).  `SequentialLR` puts another
    schedule after it.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=8.0)
    >>> schedule = optim.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [2.0, 4.0, 6.0, 8.0, 8.0]
    """

    ranges: ClassVar[Ranges] = {
        "start_factor": _start,
        "end_factor": proportion,
        "total_iters": count,
    }
    start_factor: float
    end_factor: float
    total_iters: int

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(
            optimizer,
            last_epoch,
            start_factor=start_factor,
            end_factor=end_factor,
            total_iters=total_iters,
        )

    def rate(self, t: int, base_lr: float) -> float:
        """Return the learning rate after t steps."""
        part = min(t, self.total_iters) / self.total_iters
        rise = self.end_factor - self.start_factor
        return base_lr * (self.start_factor + rise * part)
