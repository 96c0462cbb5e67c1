"""What happened in each epoch, one column for each number."""

import math
from collections.abc import Iterator, Mapping

__all__ = ["History"]

# What `Trainer.fit` writes besides metrics; those of the validation begin with "val_".
COLUMNS = ("epoch", "loss", "penalty", "lr", "grad_norm", "update_norm", "seconds")


class History:
    """A table with one row for each epoch.

    ``history["val_loss"]`` is a column, a list of floats.  A number that an epoch did
    not have is NaN there.

    Parameters
    ----------
    columns : mapping of str to list of float, optional
        Columns of one length, as from `to_dict`.

    Raises
    ------
    ValueError
        If the columns differ in length.

    Notes
    -----
    Columns that `Trainer.fit` writes:

    - ``loss``: the mean over the samples of the epoch, each with the weights it was
      trained with; without the penalty of a regulariser, which is ``penalty``.
    - ``NAME`` for each metric: the mean over the training batches, each with the
      weights it was trained with and as it was in that step (dropout included), and
      with its number of samples as its weight.
    - ``val_loss`` and ``val_NAME`` for each metric, with the weights at the end of the
      epoch, over the whole validation set.
    - ``lr``: the learning rate of the last step, of the first parameter group.
    - ``grad_norm``: the joint norm of all gradients, before clipping.
    - ``update_norm``: by how much a step changed the weights, as a joint norm.  This
      and ``grad_norm`` are means over every 8th step, the first of the epoch included.
    - ``seconds``: wall time, with validation.

    Examples
    --------
    >>> import nn
    >>> history = nn.History({"loss": [0.9, 0.5, 0.3], "val_loss": [0.8, 0.6, 0.7]})
    >>> history["loss"]
    [0.9, 0.5, 0.3]
    >>> history.best_epoch
    1
    >>> history
    History(3 epochs, the last: loss 0.3, val_loss 0.7)
    """

    def __init__(self, columns: Mapping[str, list[float]] | None = None) -> None:
        self._columns = {name: list(c) for name, c in (columns or {}).items()}
        lengths = {name: len(column) for name, column in self._columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"History: columns differ in length: {lengths}.")

    def append(self, row: Mapping[str, float]) -> None:
        """Add the numbers of one more epoch."""
        epochs = len(self)
        for name in row:
            self._columns.setdefault(name, [math.nan] * epochs)
        for name, column in self._columns.items():
            column.append(float(row.get(name, math.nan)))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self._columns:
            raise KeyError(
                f"History has no column {name!r}; it has {', '.join(self) or 'none'}."
            )
        return self._columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), []))

    @property
    def best_epoch(self) -> int | None:
        """The index of the lowest ``val_loss``, or ``loss`` if there is none.

        NaN is never the lowest; None if there is no other number.
        """
        column = self._columns.get("val_loss", self._columns.get("loss", []))
        numbers = [k for k, value in enumerate(column) if not math.isnan(value)]
        return min(numbers, key=column.__getitem__, default=None)

    def row(self, epoch: int) -> dict[str, float]:
        """Return the numbers of one epoch by name; ``-1`` is the last one."""
        return {name: column[epoch] for name, column in self._columns.items()}

    def to_dict(self) -> dict[str, list[float]]:
        """Return a copy of the columns by name."""
        return {name: list(column) for name, column in self._columns.items()}

    def __repr__(self) -> str:
        if not len(self):
            return "History(0 epochs)"
        last = [f"{name} {value:.4g}" for name, value in self.row(-1).items()]
        epochs = f"{len(self)} epoch{'s' if len(self) > 1 else ''}"
        return f"History({epochs}, the last: {', '.join(last)})"
