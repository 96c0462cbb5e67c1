"""What a sweep found: its rows in order, averages over seeds, the best, a table."""

import math
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from autograd import CheckpointError
from nn.tuning.journal import read_journal
from nn.tuning.space import Configuration
from nn.tuning.table import write_table
from nn.tuning.trial import Budget, SweepRow

__all__ = ["SweepAverage", "SweepResults", "averages", "rank", "read_sweep"]


@dataclass(frozen=True)
class SweepAverage:
    """One configuration at one budget, averaged over its seeds.

    Attributes
    ----------
    configuration : int
        The number of the configuration, in the order of the sweep.
    config : dict
        The hyper-parameters.
    budget : int, float or None
        The budget, in a sweep by halving.
    seeds : tuple of int
        The seeds it ran with.
    status : str
        ``"ok"``, or what happened: ``"diverged: loss is nan"``,
        ``"1 of 3 failed: ValueError: ..."``.
    metrics : dict
        The mean of each number over the runs that were ok.
    spread : dict
        Their standard deviations (n - 1 in the denominator), where there are two runs
        or more.
    """

    configuration: int
    config: Configuration
    budget: Budget
    seeds: tuple[int, ...]
    status: str
    metrics: dict[str, float]
    spread: dict[str, float]


class SweepResults:
    """The rows of a sweep, in the order of its configurations.

    The order in which runs finished leaves no trace, so a sweep gives the same results
    on any executor, and whether it was stopped in between or not.

    Parameters
    ----------
    rows : iterable of SweepRow
        The rows, in any order.
    score : str
        The number that decides.
    mode : {"min", "max"}
        Whether smaller or larger is better.

    Attributes
    ----------
    rows : tuple of SweepRow
        One row for each configuration, budget and seed, sorted by these.
    score, mode : str
        As given.

    Examples
    --------
    >>> import nn
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> def train(config, seed):
    ...     return {"loss": (config["lr"] - 0.1) ** 2 + 0.01 * seed}
    >>> with ThreadPoolExecutor() as executor:
    ...     found = nn.sweep(
    ...         train,
    ...         {"lr": [0.01, 0.1, 1.0], "epochs": 5},
    ...         seeds=[0, 1],
    ...         executor=executor,
    ...         results=None,
    ...     )
    >>> found
    SweepResults(6 rows: 6 ok)
    >>> print(found.table())
    3 configurations, seeds 0 1; best: smallest loss
    the same in all: epochs=5
         lr   loss
       0.01   0.0131 ± 0.00707
    *  0.1    0.005 ± 0.00707
       1      0.815 ± 0.00707
    >>> best = found.best()
    >>> best.config, best.seeds, round(best.metrics["loss"], 3)
    ({'lr': 0.1, 'epochs': 5}, (0, 1), 0.005)
    """

    def __init__(self, rows: Iterable[SweepRow], score: str, mode: str) -> None:
        self.rows = tuple(sorted(rows, key=_position))
        self.score = score
        self.mode = mode

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[SweepRow]:
        return iter(self.rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SweepResults):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # compared by value

    def __repr__(self) -> str:
        statuses = [row.status for row in self.rows]
        counts = [
            f"{statuses.count(status)} {status}"
            for status in ("ok", "diverged", "failed")
            if status in statuses
        ]
        return f"SweepResults({len(self)} rows: {', '.join(counts) or 'none'})"

    def __str__(self) -> str:
        return self.table()

    def averages(self) -> list[SweepAverage]:
        """Return the configurations at their largest budget, averaged over seeds."""
        last = {average.configuration: average for average in averages(self.rows)}
        return list(last.values())

    def best(self, key: str | None = None, mode: str | None = None) -> SweepAverage:
        """Return the best configuration, averaged over its seeds.

        A configuration of which any run diverged or failed cannot be the best.  In a
        sweep by halving, those of the largest budget compete.

        Parameters
        ----------
        key : str, optional
            The number that decides.  Default: the score of the sweep.
        mode : {"min", "max"}, optional
            Whether smaller or larger is better.  Default: that of the sweep.

        Returns
        -------
        SweepAverage
            The first of the best ones, in the order of the sweep.

        Raises
        ------
        ValueError
            If no configuration is ok in all its runs, if a run did not return ``key``,
            or if ``mode`` is another word.
        """
        key, mode = key or self.score, mode or self.mode
        require_mode(mode)
        largest = max((row.budget or 0 for row in self.rows), default=0)
        finalists = [a for a in self.averages() if (a.budget or 0) == largest]
        sound = [a for a in finalists if a.status == "ok"]
        if not sound:
            reasons = [row.error for row in self.rows if row.error]
            why = f" The first reason: {reasons[0]}" if reasons else ""
            raise ValueError(f"best: no configuration is ok in all its runs.{why}")
        if any(key not in average.metrics for average in sound):
            raise ValueError(
                f"best: not every run returned {key!r}; there are "
                f"{', '.join(sound[0].metrics)}."
            )
        return rank(sound, key, mode)[0]

    def table(self) -> str:
        """Return the averages as text, one line for each configuration."""
        return write_table(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the times as plain data, equal for equal results."""
        rows = [row.to_dict() for row in self.rows]
        for row in rows:
            del row["seconds"]
        return {"score": self.score, "mode": self.mode, "rows": rows}


def read_sweep(path: str | PathLike[str]) -> SweepResults:
    """Read the file of a sweep, also while it is being written.

    Parameters
    ----------
    path : str or path
        The file that was `sweep`'s ``results``.

    Returns
    -------
    SweepResults
        All rows in the file.

    Raises
    ------
    CheckpointError
        If it is not the file of a sweep, or damaged; an incomplete last line is not
        read, and no error.
    FileNotFoundError
        If there is no such file.
    """
    contents = read_journal(Path(path))
    if contents.header is None:
        raise CheckpointError(f"{path} is empty: the sweep has not begun.")
    rows = {row.key: row for row in contents.rows}  # the last attempt counts
    return SweepResults(
        rows.values(), str(contents.header["score"]), str(contents.header["mode"])
    )


def averages(rows: Iterable[SweepRow]) -> list[SweepAverage]:
    """Return one average for each configuration and budget, in order."""
    groups: dict[tuple[int, Budget], list[SweepRow]] = {}
    for row in sorted(rows, key=_position):
        groups.setdefault((row.configuration, row.budget), []).append(row)
    return [_average(group) for group in groups.values()]


def rank(candidates: list[SweepAverage], key: str, mode: str) -> list[SweepAverage]:
    """Return averages from best to worst; equal ones keep their order."""
    return sorted(candidates, key=lambda a: a.metrics[key], reverse=mode == "max")


def require_mode(mode: str) -> None:
    """Raise unless a mode is one of the two."""
    if mode not in ("min", "max"):
        raise ValueError(f"mode must be 'min' or 'max', got {mode!r}.")


def _position(row: SweepRow) -> tuple[int, float, int]:
    return row.configuration, row.budget or 0, row.seed


def _average(rows: list[SweepRow]) -> SweepAverage:
    first, sound = rows[0], [row for row in rows if row.status == "ok"]
    values: dict[str, list[float]] = {}
    for row in sound:
        for name, value in row.metrics.items():
            values.setdefault(name, []).append(value)
    return SweepAverage(
        configuration=first.configuration,
        config=first.config,
        budget=first.budget,
        seeds=tuple(row.seed for row in rows),
        status=_status(rows),
        metrics={name: _mean(numbers) for name, numbers in values.items()},
        spread={
            name: statistics.stdev(numbers)
            for name, numbers in values.items()
            if len(numbers) > 1 and all(map(math.isfinite, numbers))
        },
    )


def _mean(numbers: list[float]) -> float:
    return numbers[0] if len(numbers) == 1 else statistics.fmean(numbers)


def _status(rows: list[SweepRow]) -> str:
    """Return ``ok``, or what happened to how many, and the first reason."""
    bad = [row for row in rows if row.status != "ok"]
    if not bad:
        return "ok"
    share = "" if len(bad) == len(rows) else f"{len(bad)} of {len(rows)} "
    kind = "failed" if any(row.status == "failed" for row in bad) else "diverged"
    reason = next(row.error for row in bad if row.status == kind)
    return f"{share}{kind}: {reason}"
