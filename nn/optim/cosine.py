"""Schedules along a cosine, with and without restarts."""

import math
from typing import Any, ClassVar

from nn.optim.optimizer import Optimizer
from nn.optim.ranges import Ranges, count, non_negative, real
from nn.optim.schedule import LRScheduler

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]


class CosineAnnealingLR(LRScheduler):
    """Fall along half a cosine, slowly at first and at the end.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    T_max : int
        T, after how many steps the rate is smallest; then it rises again.
    eta_min : float, default 0
        η, the smallest rate.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = η + (α₀ - η) (1 + cos(π t / T)) / 2.

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
    ICLR 2017.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> schedule = optim.CosineAnnealingLR(optim.SGD([Tensor(1.0)], lr=8.0), T_max=3)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 6) for rate in rates]
    [8.0, 6.0, 2.0, 0.0]
    """

    ranges: ClassVar[Ranges] = {"T_max": count, "eta_min": non_negative}
    T_max: int
    eta_min: float

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: int,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch, T_max=T_max, eta_min=eta_min)

    def rate(self, t: int, base_lr: float) -> float:
        """Return the learning rate after t steps."""
        return _cosine(base_lr, self.eta_min, t / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Fall along half a cosine, jump back, and fall again, each time more slowly.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    T_0 : int
        How many steps the first fall takes.
    T_mult : int, default 1
        How many times longer each fall is than the one before.
    eta_min : float, default 0
        η, the smallest rate.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = η + (α₀ - η) (1 + cos(π s / T)) / 2, s steps after the last restart,
    in a fall of T steps.

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
    ICLR 2017.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=8.0)
    >>> schedule = optim.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 6) for rate in rates]
    [8.0, 4.0, 8.0, 4.0, 8.0]
    """

    ranges: ClassVar[Ranges] = {"T_0": count, "T_mult": count, "eta_min": non_negative}
    T_0: int
    T_mult: int
    eta_min: float

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch, T_0=T_0, T_mult=T_mult, eta_min=eta_min)

    def step(self, epoch: float | None = None) -> None:
        """Set the learning rates of the next step, or of a point between two epochs.

        Parameters
        ----------
        epoch : float, optional
            Where to go, such as ``epoch + batch / batches``.  By default one further.

        Raises
        ------
        ValueError
            If ``epoch`` is negative.
        RuntimeError
            As for every schedule; nothing was changed.
        """
        if epoch is None:
            super().step()
            return
        self._require_undisturbed()
        self._go_to(self._checked_epoch(epoch))

    def rate(self, t: float, base_lr: float) -> float:
        """Return the learning rate after t steps."""
        length = self.T_0
        if self.T_mult == 1:
            t %= length
        while t >= length:
            t -= length
            length *= self.T_mult
        return _cosine(base_lr, self.eta_min, t / length)

    def _checked_epoch(self, t: Any) -> Any:
        """Accept fractions of epochs as well."""
        if real(self._owner, "epoch", t) < 0:
            raise ValueError(f"{self._owner}: epoch must not be negative, got {t!r}.")
        return t


def _cosine(top: float, bottom: float, part: float) -> float:
    """Return the height, a part of the way down half a cosine from top to bottom."""
    return bottom + (top - bottom) * (1 + math.cos(math.pi * part)) / 2
