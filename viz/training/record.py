"""What was seen of a training run, as plain data: for pictures, pages and files."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from viz.numbers import number
from viz.training.health import verdicts
from viz.training.statistics import ActivationStatistics, WeightHistory
from viz.training.style import score_text

__all__ = [
    "Columns",
    "Failure",
    "Record",
    "best_epoch",
    "columns_of",
    "headline",
    "metrics_of",
]

Columns = dict[str, npt.NDArray[Any]]

# Columns of a history that are no metrics.
_OTHER = {"loss", "lr", "grad_norm", "update_norm", "penalty", "seconds", "epoch"}


@dataclass(frozen=True)
class Failure:
    """Where training met a number that is not finite.

    Attributes
    ----------
    epoch : float
        When, in epochs since the start.
    reason : str
        What was not finite.
    place : str
        The first layer, or function, where it was; empty if unknown.
    """

    epoch: float
    reason: str
    place: str

    @property
    def sentence(self) -> str:
        """Return reason and place in words."""
        return f"{self.reason}; first in {self.place}" if self.place else self.reason


@dataclass
class Record:
    """A training run, as far as a `Monitor` has seen it.

    Attributes
    ----------
    title : str
        Model, optimiser and learning rate.
    status : str
        ``running``, ``done``, ``stopped: ...`` or ``failed``.
    epochs, batches : int
        How many epochs are planned, and batches in each.
    history : dict of str to list of float
        The columns of the trainer's history.
    when : list of float
        The epochs, with fractions, at which a step was looked at.
    gradients, updates : dict of str to list of float
        Layer -> norm of the gradient, and size of the update over size of the weights,
        one number for each time in ``when``.
    weights : dict of str to WeightHistory
        Layer -> histograms over time.
    activations : list of list of ActivationStatistics
        One list for each time in ``when``.
    failure : Failure or None
        What was not finite.
    """

    title: str = ""
    status: str = "running"
    epochs: int = 0
    batches: int = 0
    history: dict[str, list[float]] = field(default_factory=dict)
    when: list[float] = field(default_factory=list)
    gradients: dict[str, list[float]] = field(default_factory=dict)
    updates: dict[str, list[float]] = field(default_factory=dict)
    weights: dict[str, WeightHistory] = field(default_factory=dict)
    activations: list[list[ActivationStatistics]] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.status != "running"

    @property
    def verdicts(self) -> dict[str, str]:
        """What is to be said about each layer and activation, when last looked at."""
        if not self.when:
            return {}
        return verdicts(
            {name: column[-1] for name, column in self.gradients.items()},
            {name: column[-1] for name, column in self.updates.items()},
            self.activations[-1],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values; NaN is among the numbers."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the record that `to_dict` described."""
        record = cls(**data)
        record.weights = {k: WeightHistory(**w) for k, w in data["weights"].items()}
        record.activations = [
            [ActivationStatistics(**a | {"counts": tuple(a["counts"])}) for a in found]
            for found in data["activations"]
        ]
        failure = data["failure"]
        record.failure = None if failure is None else Failure(**failure)
        return record


# ---- histories ----------------------------------------------------------------------


def columns_of(history: Any) -> Columns:
    """Return the columns of a history as arrays.

    Raises
    ------
    TypeError
        If it is not a mapping of columns.
    ValueError
        If it has no column ``loss``.
    """
    try:
        columns = {
            str(name): np.asarray(history[name], dtype=np.float64) for name in history
        }
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise TypeError(
            f"a history maps names of columns to lists of numbers, one for each epoch, "
            f"got {type(history).__name__}. Pass what trainer.fit returned."
        ) from error
    if "loss" not in columns:
        names = ", ".join(columns) or "none"
        raise ValueError(f"the history has no column 'loss'; it has {names}.")
    return columns


def metrics_of(columns: Mapping[str, Any]) -> list[str]:
    """Return the names of the metrics, without ``val_``, in their order."""
    names = [name.removeprefix("val_") for name in columns]
    return [name for name in dict.fromkeys(names) if name not in _OTHER]


def best_epoch(columns: Mapping[str, Any]) -> int | None:
    """Return the index of the lowest validation loss, or loss; never that of a NaN."""
    column = columns.get("val_loss", columns["loss"])
    finite = [k for k, value in enumerate(column) if math.isfinite(value)]
    return min(finite, key=lambda k: float(column[k]), default=None)


def headline(columns: Mapping[str, Any], total: int) -> str:
    """Return the numbers of the last epoch in a sentence."""
    epochs = len(columns.get("loss", ()))
    if not epochs:
        return "no epoch is complete yet"
    parts = [f"train loss {number(columns['loss'][-1])}"]
    best = best_epoch(columns)
    if "val_loss" in columns and best is not None:
        parts.append(
            f"validation loss {number(columns['val_loss'][-1])} (best "
            f"{number(columns['val_loss'][best])} at epoch {best + 1})"
        )
    for name in metrics_of(columns):
        for kind, words in (("", "train"), ("val_", "validation")):
            if f"{kind}{name}" in columns:
                value = score_text(name, columns[f"{kind}{name}"][-1])
                parts.append(f"{words} {name.replace('_', ' ')} {value}")
    of = f" of {total}" if total > epochs else ""
    return f"epoch {epochs}{of}: {', '.join(parts)}"
