"""When to stop: the validation loss has not improved for a while."""

import math
from typing import TYPE_CHECKING, Any

from autograd import CheckpointError
from nn.checks import require_size

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["EarlyStopping"]

_STATE = ("best", "best_epoch", "epochs", "best_weights")


class EarlyStopping:
    """Watch a number that should improve, and say when it no longer does.

    It is a callback of `Trainer`; in a loop of your own, call `update`.

    Parameters
    ----------
    patience : int, default 5
        After how many epochs in a row without improvement to stop.
    min_delta : float, default 0.0
        By how much a value must be better than the best one to count as improvement.
    mode : {"min", "max"}, default "min"
        Whether smaller (a loss) or larger (an accuracy) is better.
    monitor : str, default "val_loss"
        Which column of the `History` a `Trainer` watches.
    restore_best : bool, default True
        Whether a `Trainer` ends with the weights and buffers of the best epoch, also
        where the training was not stopped early.

    Attributes
    ----------
    best : float or None
        The best value so far.
    best_epoch : int or None
        In which call it was seen, counted from 0: the row in the history.

    Raises
    ------
    ValueError
        If ``patience`` is below 1, ``min_delta`` negative, or ``mode`` another word.

    References
    ----------
    L. Prechelt, "Early stopping — but when?", 1998.

    Examples
    --------
    >>> import nn
    >>> stopping = nn.EarlyStopping(patience=2)
    >>> [stopping.update(loss) for loss in (0.9, 0.5, 0.6, 0.7)]
    [False, False, False, True]
    >>> stopping.best, stopping.best_epoch
    (0.5, 1)
    """

    def __init__(
        self,
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "min",
        *,
        monitor: str = "val_loss",
        restore_best: bool = True,
    ) -> None:
        self.patience = require_size("EarlyStopping", "patience", patience)
        if not min_delta >= 0 or mode not in ("min", "max"):
            raise ValueError(
                f"EarlyStopping: min_delta must not be negative and mode 'min' or "
                f"'max', got {min_delta} and {mode!r}."
            )
        self.min_delta = min_delta
        self.mode = mode
        self.monitor = monitor
        self.restore_best = restore_best
        self._forget()

    def _forget(self) -> None:
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.epochs = 0
        self._best_weights: dict[str, Any] | None = None

    def update(self, value: float) -> bool:
        """Take the value of one more epoch; return whether it is time to stop.

        NaN is never an improvement.
        """
        if self._improves(value):
            self.best = value
            self.best_epoch = self.epochs
        self.epochs += 1
        last = -1 if self.best_epoch is None else self.best_epoch
        return self.epochs - 1 - last >= self.patience

    def _improves(self, value: float) -> bool:
        if math.isnan(value) or self.best is None:
            return not math.isnan(value)
        gain = self.best - value if self.mode == "min" else value - self.best
        return gain > self.min_delta

    # ---- as a callback -------------------------------------------------------------

    def on_fit_start(self, trainer: "Trainer") -> None:
        """Forget what was seen in another training run."""
        if trainer.step == 0:
            self._forget()

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Look at the epoch, and stop the training if it is time to.

        Raises
        ------
        ValueError
            If the history does not have the column.
        """
        if self.monitor not in trainer.history:
            raise ValueError(
                f"EarlyStopping: the history has no {self.monitor!r}, it has "
                f"{', '.join(trainer.history)}. Pass validation= to fit, or another "
                f"monitor= to EarlyStopping."
            )
        is_over = self.update(trainer.history[self.monitor][-1])
        if self.restore_best and self.best_epoch == self.epochs - 1:
            self._best_weights = trainer.model.state_dict()
        if is_over:
            trainer.stop(
                f"{self.monitor} has not improved for {self.patience} "
                f"epoch{'s' if self.patience > 1 else ''}"
            )

    def on_fit_end(self, trainer: "Trainer") -> None:
        """Put the best weights back."""
        if self._best_weights is not None:
            trainer.model.load_state_dict(self._best_weights)

    def state_dict(self) -> dict[str, Any]:
        """Return what was seen, and the best weights."""
        weights = self._best_weights
        copies = None if weights is None else {k: v.copy() for k, v in weights.items()}
        values = (self.best, self.best_epoch, self.epochs, copies)
        return dict(zip(_STATE, values, strict=True))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` returned.

        Raises
        ------
        CheckpointError
            If a key is missing or unknown.
        """
        if set(state) != set(_STATE):
            raise CheckpointError(
                f"EarlyStopping.load_state_dict: the keys must be {sorted(_STATE)}, "
                f"got {sorted(state)}; nothing was loaded."
            )
        self.best, self.best_epoch, self.epochs, self._best_weights = (
            state[name] for name in _STATE
        )
