"""A schedule that goes up and down between two learning rates."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from nn.optim.cycle import CYCLE_RANGES, Cycle
from nn.optim.optimizer import Optimizer
from nn.optim.ranges import Ranges, choice, count, fraction, non_negative
from nn.optim.schedule import require_optimizer

__all__ = ["CyclicLR"]


class CyclicLR(Cycle):
    """Go up and down between two rates along straight lines.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    base_lr, max_lr : float or list of float
        The smallest and the largest rate, or one for each group.
    step_size_up : int, default 2000
        How many steps up.
    step_size_down : int, optional
        How many steps down; by default as many as up.
    mode : {"triangular", "triangular2", "exp_range"}, default "triangular"
        Whether all cycles are equally high, each half as high as the one before, or
        γᵗ high after t steps.
    gamma : float, default 1.0
        γ of "exp_range".
    scale_fn : callable, optional
        The height as a function, in place of ``mode``.  `state_dict` does not hold it.
    scale_mode : {"cycle", "iterations"}, default "cycle"
        Whether ``scale_fn`` is given the number of the cycle, from 1, or of the step.
    cycle_momentum : bool, default True
        Whether momentum (β₁ where there are betas) goes down while the rate goes up.
    base_momentum, max_momentum : float or list of float, default 0.8 and 0.9
        The smallest and the largest momentum, or one for each group.
    last_epoch : int, default -1
        See `LRScheduler`.

    Raises
    ------
    ValueError
        If a hyper-parameter is out of its range, or there is no momentum to cycle.

    Notes
    -----
    Formula: α(t) = base_lr + (max_lr - base_lr) · triangle(t) · height.

    References
    ----------
    L. Smith, "Cyclical learning rates for training neural networks", WACV 2017.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    >>> schedule = optim.CyclicLR(optimizer, 1.0, 5.0, step_size_up=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(5):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [1.0, 3.0, 5.0, 3.0, 1.0, 3.0]
    """

    ranges: ClassVar[Ranges] = {
        **CYCLE_RANGES,
        "step_size_up": count,
        "step_size_down": count,
        "mode": choice("triangular", "triangular2", "exp_range"),
        "gamma": non_negative,
        "scale_mode": choice("cycle", "iterations"),
    }
    step_size_up: int
    step_size_down: int
    mode: str
    gamma: float
    scale_mode: str

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        require_optimizer("CyclicLR", optimizer)
        self.optimizer = optimizer
        self._lowest = self._each("base_lr", base_lr, non_negative)
        self.scale_fn = scale_fn
        super().__init__(
            optimizer,
            last_epoch,
            max_lrs=self._each("max_lr", max_lr, non_negative),
            step_size_up=step_size_up,
            step_size_down=step_size_up if step_size_down is None else step_size_down,
            mode=mode,
            gamma=gamma,
            scale_mode=scale_mode,
            cycle_momentum=cycle_momentum,
            base_momenta=self._each("base_momentum", base_momentum, fraction),
            max_momenta=self._each("max_momentum", max_momentum, fraction),
        )

    def first_rates(self, resumed: bool) -> list[float]:
        """Return the smallest rates."""
        return self._lowest

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of every group after t steps."""
        height = self._height(t)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height for low, high in pairs]

    def momenta(self, t: int) -> list[float] | None:
        """Return the momentum of every group after t steps."""
        if not self.cycle_momentum:
            return None
        height = self._height(t)
        pairs = zip(self.base_momenta, self.max_momenta, strict=True)
        return [high - (high - low) * height for low, high in pairs]

    def _height(self, t: int) -> float:
        """Return how far up it is: 0 at the base, 1 at the top of a full triangle."""
        length = self.step_size_up + self.step_size_down
        cycle, position = divmod(t, length)
        if position <= self.step_size_up:
            triangle = position / self.step_size_up
        else:
            triangle = (length - position) / self.step_size_down
        return triangle * self._scale(t, cycle + 1)

    def _scale(self, t: int, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else t)
        if self.mode == "exp_range":
            return self.gamma**t
        return 0.5 ** (cycle - 1) if self.mode == "triangular2" else 1.0
