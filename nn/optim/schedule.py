"""What all schedules of the learning rate share.

A schedule is a function of the step number: `LRScheduler.rate` reads as its formula.
So it can be continued exactly from that number, and nothing accumulates.
"""

import copy
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from autograd import CheckpointError
from nn.optim.optimizer import Optimizer
from nn.optim.ranges import Check, Ranges, check_all, non_negative, whole
from nn.optim.state import key_problems

__all__ = ["LRScheduler", "per_group", "require_optimizer", "shown_schedule"]


class LRScheduler:
    """Base class: sets the learning rates of an optimiser by the number of the step.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups keep the rate that they had at first as "initial_lr".
    last_epoch : int, default -1
        The last step that is over; -1 starts anew.  `load_state_dict` is the safer way
        to continue.
    **settings
        The hyper-parameters.

    Attributes
    ----------
    last_epoch : int
        How often `step` was called.
    base_lrs : list of float
        What the rates are computed from, one for each group.

    Raises
    ------
    TypeError
        If ``optimizer`` is not an optimiser.
    ValueError
        If a hyper-parameter is out of its range.

    Notes
    -----
    Call `step` after ``optimizer.step()``: once an epoch, or once a batch where the
    schedule counts batches.
    """

    ranges: ClassVar[Ranges] = {}

    def __init__(
        self, optimizer: Optimizer, last_epoch: int = -1, **settings: Any
    ) -> None:
        require_optimizer(self._owner, optimizer)
        vars(self).update(check_all(self._owner, self.ranges, settings))
        self.check()
        if isinstance(last_epoch, bool) or not isinstance(last_epoch, int):
            raise TypeError(f"{self._owner}: last_epoch must be an int.")
        if last_epoch < -1:
            raise ValueError(f"{self._owner}: last_epoch must be from -1.")
        self.optimizer = optimizer
        self.base_lrs = self.first_rates(last_epoch >= 0)
        self._last_lr: list[float] = []
        self._go_to(last_epoch + 1)
        for group, rate in zip(optimizer.param_groups, self.base_lrs, strict=True):
            group.setdefault("initial_lr", rate)

    # ---- what a schedule defines -----------------------------------------------------

    def check(self) -> None:
        """Raise ValueError if hyper-parameters do not go together."""

    def rate(self, t: int, base_lr: float) -> float:
        """Return the learning rate after t steps of a group that had ``base_lr``."""
        raise NotImplementedError

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of every group after t steps."""
        return [self.rate(t, base_lr) for base_lr in self.base_lrs]

    def momenta(self, t: int) -> list[float] | None:
        """Return the momentum of every group after t steps; None leaves it alone."""
        return None

    def first_rates(self, resumed: bool) -> list[float]:
        """Return the rates to begin from, one for each group."""
        groups = self.optimizer.param_groups
        if resumed and not all("initial_lr" in group for group in groups):
            raise ValueError(
                f"{self._owner}: last_epoch >= 0 continues a schedule, but a group has "
                f"no 'initial_lr'. Load the optimiser's state first, or start with "
                f"last_epoch=-1 and call load_state_dict."
            )
        rates: list[Any] = [group.get("initial_lr", group["lr"]) for group in groups]
        return rates

    # ---- what its user calls ---------------------------------------------------------

    def step(self) -> None:
        """Set the learning rates of the next step.

        Raises
        ------
        RuntimeError
            If a learning rate was changed by somebody else since this schedule set it,
            or groups were added; nothing was changed.
        """
        self._require_undisturbed()
        self._go_to(self.last_epoch + 1)

    def get_last_lr(self) -> list[float]:
        """Return the learning rates that were set last, one for each group."""
        return list(self._last_lr)

    def state_dict(self) -> dict[str, Any]:
        """Return the step number, the rates it began from and the hyper-parameters.

        Functions are not part of it.
        """
        settings = {name: getattr(self, name) for name in self.ranges}
        return {
            "last_epoch": self.last_epoch,
            "base_lrs": list(self.base_lrs),
            **{k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where a state was taken; this sets the learning rates as well.

        Raises
        ------
        CheckpointError
            If the state does not fit; nothing was changed.
        """
        self._adopt(self._loaded(state))
        self._go_to(self.last_epoch)

    def __repr__(self) -> str:
        return shown_schedule(self)

    # ---- how it is done --------------------------------------------------------------

    def shown_settings(self) -> list[str]:
        """Return the hyper-parameters as `repr` shows them."""
        return [f"{name}={getattr(self, name)!r}" for name in self.ranges]

    @property
    def _owner(self) -> str:
        return type(self).__name__

    def _go_to(self, t: int) -> None:
        """Set learning rates and momenta of step t."""
        rates, momenta = self._checked(t), self.momenta(t)
        groups = self.optimizer.param_groups
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate
        for group, momentum in zip(groups, momenta or [], strict=False):
            _set_momentum(group, momentum)
        self.last_epoch = t
        self._last_lr = rates

    def _checked(self, t: int) -> list[float]:
        return [non_negative(self._owner, "the rate", rate) for rate in self.rates(t)]

    def _require_undisturbed(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self._last_lr):
            raise RuntimeError(
                f"{self._owner}.step: the optimiser has {len(groups)} groups, but had "
                f"{len(self._last_lr)} when the schedule was made. Make the schedule "
                f"after add_param_group."
            )
        for position, (group, lr) in enumerate(zip(groups, self._last_lr, strict=True)):
            if group["lr"] != lr:
                raise RuntimeError(
                    f"{self._owner}.step: the learning rate of group {position} was "
                    f"set to {group['lr']}, after this schedule had set it to {lr}; "
                    f"the change would be lost. After loading an optimiser call the "
                    f"schedule's load_state_dict as well; join schedules with "
                    f"SequentialLR, or change base_lrs."
                )

    def _loaded(self, state: Any) -> Self:
        """Return a copy that continues from a state; the optimiser is not touched."""
        twin = copy.copy(self)
        problems = key_problems("the state", state, self.state_dict())
        try:
            if not problems:
                twin._read(state)
                twin._checked(twin.last_epoch)
        except (TypeError, ValueError) as error:
            problems = [str(error)]
        if problems:
            raise CheckpointError(
                f"load_state_dict: the state does not fit {self._owner} (nothing was "
                f"loaded): {'; '.join(problems)}"
            )
        return twin

    def _read(self, state: Mapping[str, Any]) -> None:
        """Take over what a state holds, or raise TypeError or ValueError."""
        given = {name: state[name] for name in self.ranges}
        vars(self).update(check_all(self._owner, self.ranges, given))
        self.check()
        self.last_epoch = self._checked_epoch(state["last_epoch"])
        rates = state["base_lrs"]
        if not isinstance(rates, list) or len(rates) != len(self.base_lrs):
            raise ValueError(
                f"base_lrs must be {len(self.base_lrs)} numbers, one for each group, "
                f"got {rates!r}."
            )
        self.base_lrs = [non_negative(self._owner, "base_lrs", rate) for rate in rates]

    def _checked_epoch(self, t: Any) -> int:
        return whole(self._owner, "last_epoch", t)

    def _adopt(self, twin: Self) -> None:
        """Become what a copy is."""
        vars(self).update(vars(twin))


def shown_schedule(schedule: Any) -> str:
    """Return class, hyper-parameters and learning rates of a schedule in one line.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> schedule = optim.StepLR(optim.SGD([Tensor(1.0)], lr=0.1), step_size=2)
    >>> schedule.step()
    >>> schedule
    StepLR(step_size=2, gamma=0.1; after 1 step: lr=0.1)
    """
    steps = schedule.last_epoch
    settings = ", ".join(schedule.shown_settings())
    rates = ", ".join(f"{rate:.6g}" for rate in schedule.get_last_lr())
    position = f"after {steps} step{'s' * (steps != 1)}: lr={rates}"
    return f"{type(schedule).__name__}({'; '.join(filter(None, [settings, position]))})"


def require_optimizer(owner: str, optimizer: Any) -> None:
    """Raise TypeError if something is not an optimiser."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{owner}: the first argument must be an optimiser, got a "
            f"{type(optimizer).__name__}."
        )


def per_group(
    owner: str, name: str, value: Any, optimizer: Optimizer, check: Check
) -> list[Any]:
    """Return one checked value for each group, from one value or a list of them."""
    number = len(optimizer.param_groups)
    values = list(value) if isinstance(value, list | tuple) else [value] * number
    if len(values) != number:
        raise ValueError(
            f"{owner}: {name} has {len(values)} values, the optimiser has {number} "
            f"groups. Give one number, or one for each group."
        )
    return [check(owner, name, one) for one in values]


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum
