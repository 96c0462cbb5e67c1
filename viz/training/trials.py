"""The runs of a sweep: one trial for each configuration, averaged over its seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.names import clean
from viz.numbers import number
from viz.training.record import Columns, columns_of
from viz.training.style import score_text

__all__ = [
    "Trial",
    "best_of",
    "is_number",
    "key_of",
    "trials_of",
    "value_text",
    "varied_in",
    "words",
]

_SHOWN = 3  # of the best


@dataclass(frozen=True)
class Trial:
    """One configuration, averaged over its seeds."""

    number: int
    config: Mapping[str, Any]
    score: float | None  # None: not all of its runs are ok
    spread: float | None
    status: str
    curves: tuple[Columns, ...]

    def label(self, name: str) -> str:
        """Return the score as text, or what happened."""
        if self.score is None:
            return self.status
        text = score_text(name, self.score)
        return text if self.spread is None else f"{text} ± {number(self.spread)}"


def trials_of(results: Any, histories: Mapping[Any, Any]) -> list[Trial]:
    """Return the configurations, each at its largest budget."""
    groups: dict[int, list[Any]] = {}
    for row in results.rows:
        groups.setdefault(row.configuration, []).append(row)
    return [
        _trial(number, rows, results.score, histories)
        for number, rows in sorted(groups.items())
    ]


def _trial(
    number: int, rows: Sequence[Any], score: str, histories: Mapping[Any, Any]
) -> Trial:
    largest = max(row.budget or 0 for row in rows)
    rows = [row for row in rows if (row.budget or 0) == largest]
    keys = dict.fromkeys([number, *((number, row.seed) for row in rows)])
    curves = tuple(columns_of(histories[key]) for key in keys if key in histories)
    statuses = [row.status for row in rows]
    wrong = [status for status in statuses if status != "ok"]
    if wrong:
        kind = "failed" if "failed" in wrong else "diverged"
        status = kind if len(wrong) == len(rows) else f"{len(wrong)}/{len(rows)} {kind}"
        return Trial(number, rows[0].config, None, None, status, curves)
    values = [float(row.metrics[score]) for row in rows]
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
    mean = float(np.mean(values))
    return Trial(number, rows[0].config, mean, spread, "ok", curves)


def varied_in(trials: Sequence[Trial]) -> dict[str, list[Any]]:
    """Return the hyper-parameters that vary, and their values in order."""
    varied = {}
    for name in trials[0].config:
        values = list({key_of(t.config[name]): t.config[name] for t in trials}.values())
        if len(values) > 1:
            varied[name] = sorted(values) if all(map(is_number, values)) else values
    return varied


def key_of(value: Any) -> str:
    """Return text that is equal for equal values of one type."""
    return repr(value)


def is_number(value: Any) -> bool:
    """Return whether a value has a place on an axis of numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def best_of(trials: Sequence[Trial], mode: str) -> list[int]:
    """Return the numbers of the best three, the best first."""
    sign = -1 if mode == "max" else 1
    sound = [t for t in trials if t.score is not None]
    sound.sort(key=lambda t: sign * (t.score or 0.0))
    return [t.number for t in sound[:_SHOWN]]


def words(name: str) -> str:
    """Return the name of a score as words."""
    whole = f"validation {name[4:]}" if name.startswith("val_") else name
    return clean(whole.replace("_", " "))


def value_text(value: Any) -> str:
    """Return a value of a hyper-parameter for people."""
    return clean(number(value) if isinstance(value, float) else value)
