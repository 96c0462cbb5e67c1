"""When to stop: the validation loss has not improved for a while."""

import math

__all__ = ["EarlyStopping"]


class EarlyStopping:
    """Watch a number that should improve, and say when it no longer does.

    Parameters
    ----------
    patience : int, default 5
        After how many epochs in a row without improvement to stop.
    min_delta : float, default 0.0
        By how much a value must be better than the best one to count as improvement.
    mode : {"min", "max"}, default "min"
        Whether smaller (a loss) or larger (an accuracy) is better.

    Attributes
    ----------
    best : float or None
        The best value so far.
    best_epoch : int or None
        In which call it was seen, counted from 0.

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
        self, patience: int = 5, min_delta: float = 0.0, mode: str = "min"
    ) -> None:
        if patience < 1 or not min_delta >= 0 or mode not in ("min", "max"):
            raise ValueError(
                f"EarlyStopping: patience must be at least 1, min_delta not negative "
                f"and mode 'min' or 'max', got {patience}, {min_delta} and {mode!r}."
            )
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.epochs = 0

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
