"""A schedule that looks at how training goes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autograd import CheckpointError, Tensor
from nn.optim.optimizer import Optimizer
from nn.optim.ranges import (
    Ranges,
    check_all,
    choice,
    fraction,
    non_negative,
    whole,
)
from nn.optim.schedule import per_group, require_optimizer, shown_schedule
from nn.optim.state import key_problems

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau:
    """Lower the learning rate when a number no longer improves.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    mode : {"min", "max"}, default "min"
        Whether smaller (a loss) or larger (an accuracy) is better.
    factor : float, default 0.1
        What the rate is multiplied by, from 0 to below 1.
    patience : int, default 10
        How many steps in a row without improvement are borne; one more lowers the rate.
    threshold : float, default 1e-4
        By how much a number must be better than the best one to count.
    threshold_mode : {"rel", "abs"}, default "rel"
        Whether the threshold is a fraction of the best number, or a difference.
    cooldown : int, default 0
        For how many steps after lowering the rate nothing is counted.
    min_lr : float or list of float, default 0
        The smallest rate, or one for each group.
    eps : float, default 1e-8
        A rate that would change by no more than this is left alone.

    Attributes
    ----------
    best : float
        The best number so far.
    num_bad_epochs : int
        How many steps in a row did not improve on it.
    last_epoch : int
        How often `step` was called.

    Raises
    ------
    TypeError
        If ``optimizer`` is not an optimiser.
    ValueError
        If a hyper-parameter is out of its range.

    Notes
    -----
    NaN is never an improvement.  Unlike other schedules it starts from the rate that is
    set, so that it can follow a warm-up.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=8.0)
    >>> schedule = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (1.0, 0.9, 0.9, 0.9):
    ...     schedule.step(loss)
    ...     print(schedule.get_last_lr())
    [8.0]
    [8.0]
    [8.0]
    [4.0]
    """

    ranges: ClassVar[Ranges] = {
        "mode": choice("min", "max"),
        "factor": fraction,
        "patience": whole,
        "threshold": non_negative,
        "threshold_mode": choice("rel", "abs"),
        "cooldown": whole,
        "eps": non_negative,
    }
    mode: str
    factor: float
    patience: int
    threshold: float
    threshold_mode: str
    cooldown: int
    eps: float

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        require_optimizer("ReduceLROnPlateau", optimizer)
        settings = {
            "mode": mode,
            "factor": factor,
            "patience": patience,
            "threshold": threshold,
            "threshold_mode": threshold_mode,
            "cooldown": cooldown,
            "eps": eps,
        }
        vars(self).update(check_all("ReduceLROnPlateau", self.ranges, settings))
        self.optimizer = optimizer
        self.min_lrs = per_group(
            "ReduceLROnPlateau", "min_lr", min_lr, optimizer, non_negative
        )
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self.last_epoch = 0

    def __repr__(self) -> str:
        return shown_schedule(self)

    def shown_settings(self) -> list[str]:
        """Return the hyper-parameters as `repr` shows them."""
        return [f"{name}={getattr(self, name)!r}" for name in self.ranges]

    def step(self, metrics: float | Tensor) -> None:
        """Take the number of one more epoch, and lower the rates if it is time.

        Parameters
        ----------
        metrics : float or Tensor
            The validation loss, for example.
        """
        value = float(metrics.item() if isinstance(metrics, Tensor) else metrics)
        self._require_groups()
        self.last_epoch += 1
        if self._improves(value):
            self.best = value
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._lower()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0

    def _improves(self, value: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "rel":
            needed = self.best * (1 - sign * self.threshold)
        else:
            needed = self.best - sign * self.threshold
        return value < needed if self.mode == "min" else value > needed

    def _lower(self) -> None:
        for group, smallest in zip(
            self.optimizer.param_groups, self.min_lrs, strict=True
        ):
            lower = max(group["lr"] * self.factor, smallest)
            if group["lr"] - lower > self.eps:
                group["lr"] = lower

    def _require_groups(self) -> None:
        number = len(self.optimizer.param_groups)
        if number != len(self.min_lrs):
            raise RuntimeError(
                f"ReduceLROnPlateau.step: the optimiser has {number} groups, but had "
                f"{len(self.min_lrs)} when the schedule was made. Make the schedule "
                f"after add_param_group."
            )

    def get_last_lr(self) -> list[float]:
        """Return the learning rates, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return the counts, the best number, the rates and the hyper-parameters."""
        return {
            "last_epoch": self.last_epoch,
            "best": self.best,
            "num_bad_epochs": self.num_bad_epochs,
            "cooldown_counter": self.cooldown_counter,
            "min_lrs": list(self.min_lrs),
            "last_lr": self.get_last_lr(),
            **{name: getattr(self, name) for name in self.ranges},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where a state was taken; this sets the learning rates as well.

        Raises
        ------
        CheckpointError
            If the state does not fit; nothing was changed.
        """
        problems = key_problems("the state", state, self.state_dict())
        try:
            found = {} if problems else self._checked(state)
        except (TypeError, ValueError) as error:
            problems = [str(error)]
        if problems:
            raise CheckpointError(
                f"load_state_dict: the state does not fit ReduceLROnPlateau (nothing "
                f"was loaded): {'; '.join(problems)}"
            )
        rates = found.pop("last_lr")
        vars(self).update(found)
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate

    def _checked(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a state, checked."""
        owner = "ReduceLROnPlateau"
        found = check_all(owner, self.ranges, {k: state[k] for k in self.ranges})
        for name in ("last_epoch", "num_bad_epochs", "cooldown_counter"):
            found[name] = whole(owner, name, state[name])
        for name in ("min_lrs", "last_lr"):
            if not isinstance(state[name], list):
                raise TypeError(f"{name} must be a list, got {state[name]!r}.")
            found[name] = per_group(
                owner, name, state[name], self.optimizer, non_negative
            )
        if type(state["best"]) is not float or math.isnan(state["best"]):
            raise ValueError(f"best must be a number, got {state['best']!r}.")
        return found | {"best": state["best"]}
