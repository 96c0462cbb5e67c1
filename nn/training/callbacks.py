"""Callbacks that write files: the state of the run, and its history."""

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

from nn.checks import require_size

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["CSVLogger", "Checkpoint"]

# The methods that a callback can have.
EVENTS = (
    "on_fit_start",
    "on_epoch_start",
    "on_batch_end",
    "on_epoch_end",
    "on_fit_end",
    "on_fit_error",
)


class Checkpoint:
    """Save the whole state of a training run, so that it survives a kill.

    Parameters
    ----------
    path : str or path
        The file; the one before it is kept as ``NAME.previous``.
    every : int, default 1
        After how many epochs to save; the last epoch is saved in any case.
    every_batches : int, optional
        After how many steps to save as well, in the middle of epochs.

    Raises
    ------
    ValueError
        If a number is below 1.

    Notes
    -----
    `Trainer` calls checkpoints after all other callbacks, so that they save what those
    have changed.  ``trainer.fit(..., resume=path)`` continues to the bit.

    Examples
    --------
    >>> import nn
    >>> nn.Checkpoint("run.safetensors", every=5)
    Checkpoint('run.safetensors', every=5)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        every: int = 1,
        every_batches: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.every = require_size("Checkpoint", "every", every)
        self.every_batches = every_batches
        if every_batches is not None:
            require_size("Checkpoint", "every_batches", every_batches)

    def on_batch_end(self, trainer: "Trainer") -> None:
        """Save if it is time to."""
        if self.every_batches is not None and trainer.step % self.every_batches == 0:
            trainer.save(self.path)

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Save if it is time to, or if this was the last epoch."""
        if trainer.epoch % self.every == 0 or trainer.is_finished:
            trainer.save(self.path)

    def __repr__(self) -> str:
        parts = [repr(str(self.path)), f"every={self.every}"]
        if self.every_batches is not None:
            parts.append(f"every_batches={self.every_batches}")
        return f"Checkpoint({', '.join(parts)})"


class CSVLogger:
    """Write the history to a CSV file, one row as each epoch ends.

    Parameters
    ----------
    path : str or path
        The file.  When a fit starts it is written anew from the history so far; a
        resumed run therefore has each epoch once.

    Notes
    -----
    The columns are ``epoch``, counted from 1, and those of `History`.  Numbers are
    written with all their digits.

    Examples
    --------
    >>> import nn
    >>> nn.CSVLogger("run.csv")
    CSVLogger('run.csv')
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._columns: list[str] = []

    def on_fit_start(self, trainer: "Trainer") -> None:
        """Write the epochs so far."""
        self._write_all(trainer)

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Add the epoch, or write all of them if there is a new column."""
        if list(trainer.history) != self._columns:
            self._write_all(trainer)
            return
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(self._row(trainer, len(trainer.history) - 1))

    def _write_all(self, trainer: "Trainer") -> None:
        self._columns = list(trainer.history)
        with self.path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["epoch", *self._columns])
            for epoch in range(len(trainer.history)):
                writer.writerow(self._row(trainer, epoch))

    def _row(self, trainer: "Trainer", epoch: int) -> list[float]:
        return [epoch + 1, *trainer.history.row(epoch).values()]

    def __repr__(self) -> str:
        return f"CSVLogger({str(self.path)!r})"
