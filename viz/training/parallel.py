"""Parallel coordinates: one line for each run of a sweep, across all its settings."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from viz.names import clean
from viz.training.sheet import EndLabel, Sheet, label_ends
from viz.training.style import BACKGROUND, DIVERGED, QUIET, series
from viz.training.trials import Trial, is_number, key_of, value_text, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["draw_parallel"]


def draw_parallel(
    trials: Sequence[Trial],
    varied: Mapping[str, list[Any]],
    best: Sequence[int],
    results: Any,
    title: str,
) -> "TrainingFigure":
    """Draw all trials as lines across the axes of their hyper-parameters.

    Parameters
    ----------
    trials : sequence of Trial
        The runs.
    varied : mapping
        Hyper-parameter -> its values.
    best : sequence of int
        The numbers of the best, the best first.
    results : object
        With ``score`` and ``mode``.
    title : str
        The heading.
    """
    sheet = Sheet(9.5, 4.9)
    better = {"min": "smallest", "max": "largest"}[results.mode]
    top = sheet.heading(
        clean(title),
        f"one line for each of {len(trials)} configurations; in colour the best three, "
        f"by {better} {words(results.score)}",
    )
    axes = sheet.axes(0.9, top + 0.5, 7.0, 3.3)
    scales = [_Axis(name, values) for name, values in varied.items()]
    scores = [t.score for t in trials if t.score is not None]
    ends = _Axis(results.score, sorted(set(scores)), plain=True)
    for place, scale in enumerate([*scales, ends]):
        _draw_axis(axes, place, scale, results.score if scale is ends else None)
    labels = []
    for trial in sorted(trials, key=lambda t: (t.number in best, t.number)):
        ys = [scale.place(trial.config[scale.name]) for scale in scales]
        end = -0.12 if trial.score is None else ends.place(trial.score)
        rank = best.index(trial.number) if trial.number in best else None
        axes.plot(range(len(ys) + 1), [*ys, end], clip_on=False, **_line(trial, rank))
        if rank is not None:
            text = f"{rank + 1}: {trial.label(results.score)}"
            labels.append(EndLabel(end, text, series(rank).ink))
    bad = sum(trial.score is None for trial in trials)
    if bad:
        kinds = sorted({t.status.split()[-1] for t in trials if t.score is None})
        labels.append(EndLabel(-0.12, f"{bad} {' or '.join(kinds)}", DIVERGED))
    axes.set_xlim(0, len(scales))
    axes.set_ylim(-0.14, 1.0)
    axes.axis("off")
    label_ends(axes, labels)
    return sheet.figure


def _line(trial: Trial, rank: int | None) -> dict[str, Any]:
    """Return how the line of a trial is drawn: the best three stand out."""
    if rank is not None:
        style = series(rank)
        return {"color": style.colour, "ls": style.dash, "lw": 2.4, "zorder": 4}
    if trial.score is None:
        return {"color": DIVERGED, "ls": (0, (1, 2)), "lw": 1.0, "zorder": 2}
    return {"color": BACKGROUND, "ls": "-", "lw": 1.0, "zorder": 2}


class _Axis:
    """Where the values of one hyper-parameter stand, from 0 to 1."""

    def __init__(self, name: str, values: Sequence[Any], plain: bool = False) -> None:
        self.name = name
        self.values = list(values)
        self.is_number = all(map(is_number, values)) and bool(values)
        low, high = (min(values), max(values)) if self.is_number else (0, 1)
        self.is_log = self.is_number and not plain and low > 0 and high >= 20 * low

    def place(self, value: Any) -> float:
        if not self.is_number:
            keys = [key_of(v) for v in self.values]
            return keys.index(key_of(value)) / max(len(keys) - 1, 1)
        low, high, x = min(self.values), max(self.values), value
        if self.is_log:
            low, high, x = math.log10(low), math.log10(high), math.log10(x)
        return float((x - low) / (high - low)) if high > low else 0.5

    def ticks(self) -> list[Any]:
        """Return the values to write: all if they are few, else three."""
        if not self.is_number or len(self.values) <= 5:
            return self.values
        low, high = min(self.values), max(self.values)
        if self.is_log:
            middle = 10 ** ((math.log10(low) + math.log10(high)) / 2)
        else:
            middle = (low + high) / 2
        return [low, middle, high]


def _draw_axis(axes: "Axes", place: int, scale: _Axis, score: str | None) -> None:
    axes.plot([place, place], [0, 1], color=QUIET, lw=1, zorder=1, clip_on=False)
    text = (clean(scale.name) if score is None else words(score)) + (
        " (log)" if scale.is_log else ""
    )
    axes.text(place, 1.1, text, ha="center", va="bottom", weight="bold")
    if score is not None:
        return  # the best are labelled beside it
    for value in scale.ticks():
        y = scale.place(value)
        axes.plot([place - 0.015, place], [y, y], color=QUIET, lw=1)
        axes.text(
            place - 0.03, y, value_text(value), ha="right", va="center", size=8,
            color=QUIET,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
            zorder=5,
        )  # fmt: skip
