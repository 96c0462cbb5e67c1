"""One run of the training function, and the row that it leaves."""

import math
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple, Self

import numpy as np

from autograd import Tensor
from nn.tuning.space import Configuration, plain, text_of

__all__ = ["SweepRow"]

TrainFunction = Callable[..., Mapping[str, Any]]
Budget = int | float | None

_STATUSES = ("ok", "diverged", "failed")
_FRAMES = 4  # of a traceback: the innermost ones
_LONGEST = 2000  # characters of an error message that are kept


class Trial(NamedTuple):
    """What to run: one configuration with one seed, and in halving one budget."""

    configuration: int  # its number
    config: Configuration
    seed: int
    budget: Budget = None

    @property
    def key(self) -> str:
        """Text that is equal for equal runs."""
        return text_of([self.config, self.seed, self.budget])


class Outcome(NamedTuple):
    """What came of a trial."""

    status: str
    metrics: dict[str, int | float]
    error: str | None = None
    traceback: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class SweepRow:
    """What one run of the training function gave.

    Attributes
    ----------
    configuration : int
        The number of the configuration, in the order of the sweep.
    config : dict
        The hyper-parameters.
    seed : int
        The seed.
    budget : int, float or None
        The budget, in a sweep by halving.
    status : {"ok", "diverged", "failed"}
        Diverged: the score is NaN or infinite, or training stopped with a
        `FloatingPointError` because something else was.  Failed: it raised any other
        exception, did not return numbers, or its process died.
    metrics : dict
        The numbers that it returned.
    error : str or None
        Type and message of the exception, or what else went wrong.
    traceback : str or None
        The innermost lines of code behind it.
    seconds : float
        How long it took; two rows are equal whatever this is.
    """

    configuration: int
    config: Configuration
    seed: int
    budget: Budget
    status: str
    metrics: dict[str, int | float]
    error: str | None = None
    traceback: str | None = None
    seconds: float = field(default=0.0, compare=False)

    @classmethod
    def of(cls, trial: Trial, outcome: Outcome) -> Self:
        """Join a trial and its outcome."""
        # Numbers pass through `_number` again: a NaN may come from another process.
        metrics = {name: _number(name, x) for name, x in outcome.metrics.items()}
        return cls(**trial._asdict(), **outcome._replace(metrics=metrics)._asdict())

    @property
    def key(self) -> str:
        """Text that is equal for equal runs."""
        return Trial(self.configuration, self.config, self.seed, self.budget).key

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON knows it: a number that is not finite is a string."""
        metrics = {
            name: value if math.isfinite(value) else repr(value)
            for name, value in self.metrics.items()
        }
        return self.to_dict() | {"metrics": metrics}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the row that `to_json` described; ValueError if it is not one."""
        try:
            row = cls(**data)
            config = {name: plain(name, value) for name, value in row.config.items()}
            metrics = {
                name: _number(name, float(value) if isinstance(value, str) else value)
                for name, value in row.metrics.items()
            }
        except (AttributeError, TypeError) as error:
            raise ValueError(str(error)) from None
        row = replace(row, config=config, metrics=metrics)
        if not row._is_sound():
            raise ValueError("a value of the wrong kind")
        return row

    def _is_sound(self) -> bool:
        return (
            self.status in _STATUSES
            and isinstance(self.configuration, int)
            and isinstance(self.seed, int)
            and isinstance(self.budget, Budget)
            and isinstance(self.error, str | None)
            and isinstance(self.traceback, str | None)
            and isinstance(self.seconds, int | float)
        )


def run_trial(
    train_fn: TrainFunction,
    config: Configuration,
    seed: int,
    budget: Budget,
    score: str,
) -> Outcome:
    """Call the training function; this is what worker processes execute."""
    start = time.perf_counter()
    extra = {} if budget is None else {"budget": budget}
    try:
        metrics = _numbers(train_fn(dict(config), seed, **extra), score)
    except (Exception, SystemExit) as error:
        outcome = outcome_of(error)
    else:
        finite = math.isfinite(metrics[score])
        why = None if finite else f"{score} is {metrics[score]}"
        outcome = Outcome("ok" if finite else "diverged", metrics, why)
    return outcome._replace(seconds=round(time.perf_counter() - start, 3))


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome of a trial that ended with an exception."""
    status = "diverged" if isinstance(error, FloatingPointError) else "failed"
    # The outermost frame is `run_trial`, the same for all.
    inner = error.__traceback__ and error.__traceback__.tb_next
    frames = "".join(traceback.format_tb(inner, limit=-_FRAMES))
    return Outcome(status, {}, reason_of(error), frames or None)


def reason_of(error: BaseException) -> str:
    """Return type and message of an exception."""
    return "".join(traceback.format_exception_only(error)).strip()[:_LONGEST]


def _numbers(metrics: Any, score: str) -> dict[str, int | float]:
    """Return what a training function returned as Python numbers by name."""
    if not isinstance(metrics, Mapping):
        raise TypeError(
            f"the training function must return a dict of numbers, got "
            f"{type(metrics).__name__}."
        )
    if score not in metrics:
        raise KeyError(
            f"the training function must return the score {score!r}, got "
            f"{sorted(map(str, metrics))}"
        )
    return {str(name): _number(str(name), value) for name, value in metrics.items()}


def _number(name: str, value: Any) -> int | float:
    """Return a Python number; every NaN as one object, so that rows can be equal."""
    if isinstance(value, Tensor | np.ndarray | np.generic) and np.size(value) == 1:
        value = value.item()
    if not isinstance(value, int | float):
        raise TypeError(f"{name!r} must be a number, got {type(value).__name__}.")
    return math.nan if math.isnan(value) else value
