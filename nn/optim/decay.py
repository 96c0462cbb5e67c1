"""Schedules that multiply the learning rate by a factor of the step number."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from nn.optim.optimizer import Optimizer
from nn.optim.ranges import Ranges, count, non_negative
from nn.optim.schedule import LRScheduler, per_group, require_optimizer

__all__ = [
    "ExponentialLR",
    "LambdaLR",
    "MultiStepLR",
    "StepLR",
]


class StepLR(LRScheduler):
    """Multiply by a factor every so many steps.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    step_size : int
        s, after how many steps.
    gamma : float, default 0.1
        γ, the factor.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = α₀ γ^⌊t / s⌋.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> schedule = optim.StepLR(optim.SGD([Tensor(1.0)], lr=8.0), 2, gamma=0.5)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [8.0, 8.0, 4.0, 4.0, 2.0]
    """

    ranges: ClassVar[Ranges] = {"step_size": count, "gamma": non_negative}
    step_size: int
    gamma: float

    def __init__(
        self,
        optimizer: Optimizer,
        step_size: int,
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch, step_size=step_size, gamma=gamma)

    def rate(self, t: int, base_lr: float) -> float:
        """Return the learning rate after t steps."""
        return base_lr * self.gamma ** (t // self.step_size)


def _milestones(owner: str, name: str, value: Any) -> tuple[int, ...]:
    """Check for step numbers, which are put in order."""
    if not isinstance(value, Sequence) or not all(
        type(milestone) is int and milestone >= 0 for milestone in value
    ):
        raise ValueError(
            f"{owner}: {name} must be a list of step numbers from 0, got {value!r}."
        )
    return tuple(sorted(value))


class MultiStepLR(LRScheduler):
    """Multiply by a factor at each of some steps.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    milestones : list of int
        At which steps; one that is there twice counts twice.
    gamma : float, default 0.1
        γ, the factor.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = α₀ γ^(number of milestones ≤ t).

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=8.0)
    >>> schedule = optim.MultiStepLR(optimizer, [1, 3], gamma=0.5)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [8.0, 4.0, 4.0, 2.0, 2.0]
    """

    ranges: ClassVar[Ranges] = {"milestones": _milestones, "gamma": non_negative}
    milestones: tuple[int, ...]
    gamma: float

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Sequence[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch, milestones=milestones, gamma=gamma)

    def rate(self, t: int, base_lr: float) -> float:
        """Return the learning rate after t steps."""
        return base_lr * self.gamma ** bisect_right(self.milestones, t)


class ExponentialLR(LRScheduler):
    """Multiply by a factor at every step.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    gamma : float
        γ, the factor.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = α₀ γᵗ.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> schedule = optim.ExponentialLR(optim.SGD([Tensor(1.0)], lr=8.0), gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [4.0]
    """

    ranges: ClassVar[Ranges] = {"gamma": non_negative}
    gamma: float

    def __init__(
        self, optimizer: Optimizer, gamma: float, last_epoch: int = -1
    ) -> None:
        super().__init__(optimizer, last_epoch, gamma=gamma)

    def rate(self, t: int, base_lr: float) -> float:
        """Return the learning rate after t steps."""
        return base_lr * self.gamma**t


class LambdaLR(LRScheduler):
    """Multiply by what a function of the step number returns.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    lr_lambda : callable or list of callable
        λ(t), or one for each group.  `state_dict` does not hold it.
    last_epoch : int, default -1
        See `LRScheduler`.

    Notes
    -----
    Formula: α(t) = α₀ λ(t).

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=8.0)
    >>> schedule = optim.LambdaLR(optimizer, lambda t: 1 / (1 + t))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [4.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        require_optimizer(self._owner, optimizer)
        self.lr_lambdas = per_group(
            self._owner, "lr_lambda", lr_lambda, optimizer, _function
        )
        super().__init__(optimizer, last_epoch)

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of every group after t steps."""
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base_lr * factor(t) for base_lr, factor in pairs]


def _function(owner: str, name: str, value: Any) -> Any:
    """Check for something that can be called."""
    if not callable(value):
        raise TypeError(f"{owner}: {name} must be a function, got {value!r}.")
    return value
