"""`sweep`: what hyper-parameters do, all runs on one page."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.names import clean
from viz.numbers import number
from viz.training.record import Columns, columns_of
from viz.training.sheet import EndLabel, Sheet, label_ends
from viz.training.style import (
    GRID,
    QUIET,
    SERIES,
    TEXT,
    TRAIN,
    VALIDATION,
    picture,
    plain_axes,
    readable,
    score_text,
    series,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["sweep"]

_BEST = 3
_MOST_CELLS = 49  # of a grid of small plots
_DIVERGED = readable(VALIDATION.colour)
_LEFT, _WIDE, _ACROSS = 1.55, 1.65, 2.15  # of a small plot, and to the next, in inches
_TALL, _DOWN = 1.2, 1.8
_FLAT, _DOWN_FLAT = 0.5, 0.75  # without curves


@dataclass(frozen=True)
class _Trial:
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


@picture
def sweep(
    results: Any,
    histories: Mapping[Any, Any] | None = None,
    *,
    title: str | None = None,
) -> "TrainingFigure":
    """Draw the runs of a sweep over hyper-parameters.

    Parameters
    ----------
    results : object
        What ``nn.sweep`` returns: ``rows`` with ``configuration``, ``config``,
        ``seed``, ``status`` and ``metrics``, the name of the ``score``, and ``mode``,
        ``"min"`` or ``"max"``.
    histories : mapping, optional
        Configuration number, or (configuration number, seed) -> history, whose loss is
        drawn.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        For one or two hyper-parameters that vary on a grid, small plots with the same
        axes; for more, or values drawn at random, parallel coordinates.  The best three
        are framed, or drawn in colour.  Runs with a score that is not finite are called
        diverged, and those that raised, failed.

    Raises
    ------
    ValueError
        If there are no rows.

    Examples
    --------
    >>> import viz
    >>> from types import SimpleNamespace as Row
    >>> rows = [
    ...     Row(
    ...         configuration=k,
    ...         config={"lr": lr},
    ...         seed=0,
    ...         status=status,
    ...         metrics={"loss": loss},
    ...         budget=None,
    ...     )
    ...     for k, (lr, loss, status) in enumerate(
    ...         [(0.01, 0.4, "ok"), (0.1, 0.2, "ok"), (10.0, np.nan, "diverged")]
    ...     )
    ... ]
    >>> figure = viz.sweep(Row(rows=rows, score="loss", mode="min"))
    >>> [text.get_text() for axes in figure.axes for text in axes.texts]
    ['0.4', '0.2', 'diverged']
    """
    trials = _trials(results, histories or {})
    if not trials:
        raise ValueError("sweep: the results have no rows.")
    varied = _varied(trials)
    best = _best(trials, results.mode)
    heading = title or f"Sweep: {' × '.join(varied) or 'one configuration'}"
    shape = math.prod(len(values) for values in varied.values())
    if len(varied) <= 2 and shape <= min(_MOST_CELLS, 2 * len(trials)):
        return _draw_grid(trials, varied, best, results.score, heading)
    return _draw_parallel(trials, varied, best, results, heading)


# ---- data ------------------------------------------------------------------------------


def _trials(results: Any, histories: Mapping[Any, Any]) -> list[_Trial]:
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
) -> _Trial:
    largest = max(row.budget or 0 for row in rows)
    rows = [row for row in rows if (row.budget or 0) == largest]
    keys = dict.fromkeys([number, *((number, row.seed) for row in rows)])
    curves = tuple(columns_of(histories[key]) for key in keys if key in histories)
    statuses = [row.status for row in rows]
    wrong = [status for status in statuses if status != "ok"]
    if wrong:
        kind = "failed" if "failed" in wrong else "diverged"
        status = kind if len(wrong) == len(rows) else f"{len(wrong)}/{len(rows)} {kind}"
        return _Trial(number, rows[0].config, None, None, status, curves)
    values = [float(row.metrics[score]) for row in rows]
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
    mean = float(np.mean(values))
    return _Trial(number, rows[0].config, mean, spread, "ok", curves)


def _varied(trials: Sequence[_Trial]) -> dict[str, list[Any]]:
    """Return the hyper-parameters that vary, and their values in order."""
    varied = {}
    for name in trials[0].config:
        values = list({_key(t.config[name]): t.config[name] for t in trials}.values())
        if len(values) > 1:
            varied[name] = sorted(values) if all(map(_is_number, values)) else values
    return varied


def _key(value: Any) -> str:
    return repr(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _best(trials: Sequence[_Trial], mode: str) -> list[int]:
    """Return the numbers of the best three, the best first."""
    sign = -1 if mode == "max" else 1
    sound = [t for t in trials if t.score is not None]
    sound.sort(key=lambda t: sign * (t.score or 0.0))
    return [t.number for t in sound[:_BEST]]


def _words(name: str) -> str:
    """Return the name of a score as words."""
    whole = f"validation {name[4:]}" if name.startswith("val_") else name
    return clean(whole.replace("_", " "))


def _text(value: Any) -> str:
    return clean(number(value) if isinstance(value, float) else value)


# ---- a grid of small plots -------------------------------------------------------------


def _draw_grid(
    trials: Sequence[_Trial],
    varied: Mapping[str, list[Any]],
    best: Sequence[int],
    score: str,
    title: str,
) -> "TrainingFigure":
    names = list(varied)
    # One below the other for the first, side by side for the second.
    down = varied[names[0]] if len(names) == 2 else [None]
    across = varied[names[-1]] if names else [None]
    has_curves = any(trial.curves for trial in trials)
    tall, step = (_TALL, _DOWN) if has_curves else (_FLAT, _DOWN_FLAT)
    sheet = Sheet(max(_LEFT + _ACROSS * len(across), 6.5), 1.0 + step * len(down))
    measured = f"the number is {_words(score)}, the frame marks the best three"
    told = f"blue solid = train loss, orange dashed = validation loss, same axes; {measured}"
    top = sheet.heading(clean(title), told if has_curves else measured) + 0.4
    for k, value in enumerate(across):
        if names:
            x = _LEFT + _ACROSS * k + _WIDE / 2
            text = f"{clean(names[-1])} {_text(value)}"
            sheet.text(x, top - 0.32, text, ha="center", weight="bold")
    limits = _limits(trials)
    for row, above in enumerate(down):
        if len(names) == 2:
            text = f"{clean(names[0])}\n{_text(above)}"
            middle = top + step * row + tall / 2
            sheet.text(0.12, middle, text, weight="bold", va="center")
        for column, beside in enumerate(across):
            wanted = dict(zip(names, (above, beside)[-len(names) :], strict=True))
            place = _LEFT + _ACROSS * column, top + step * row
            for trial in trials:
                if all(_key(trial.config[n]) == _key(v) for n, v in wanted.items()):
                    axes = sheet.axes(*place, _WIDE, tall)
                    _draw_cell(axes, trial, score, limits)
                    if trial.number in best:
                        _frame(sheet, *place, tall, has_curves)
    return sheet.figure


def _limits(trials: Sequence[_Trial]) -> tuple[float, float]:
    """Return the last epoch, and a loss above which curves of sound runs do not start."""
    curves = [c for trial in trials for c in trial.curves]
    epochs = max((len(c["loss"]) for c in curves), default=1)
    sound = [c for t in trials if t.score is not None for c in t.curves] or curves
    firsts = [
        float(c[name][0])
        for c in sound
        for name in ("loss", "val_loss")
        if name in c and len(c[name]) and np.isfinite(c[name][0])
    ]
    # One run that starts far above all others must not press them flat.
    return epochs, 1.3 * min(
        max(firsts, default=1.0), 3 * float(np.median(firsts or [1]))
    )


def _draw_cell(
    axes: "Axes", trial: _Trial, score: str, limits: tuple[float, float]
) -> None:
    epochs, high = limits
    for columns in trial.curves:
        for name, style in (("loss", TRAIN), ("val_loss", VALIDATION)):
            if name in columns:
                shown = np.where(np.isfinite(columns[name]), columns[name], np.inf)
                shown = np.minimum(shown, high)  # what is higher runs along the top
                steps = np.arange(1, len(shown) + 1)
                axes.plot(steps, shown, color=style.colour, ls=style.dash, lw=1.4)
    if trial.curves:
        axes.set_xlim(0, max(epochs, 2))
        axes.set_ylim(0, 1.02 * high)
        axes.grid(axis="y")
        axes.locator_params(axis="x", nbins=4, integer=True)
        axes.locator_params(axis="y", nbins=4)
    else:
        _empty(axes)
    is_sound = trial.score is not None
    place = (0.97, 0.95) if trial.curves else (0.5, 0.5)
    axes.text(
        *place,
        trial.label(score),
        transform=axes.transAxes,
        ha="right" if trial.curves else "center",
        va="top" if trial.curves else "center",
        size=9.5 if trial.curves else 11,
        weight="bold",
        color=TEXT if is_sound else _DIVERGED,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.85},
    )


def _empty(axes: "Axes") -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(GRID)


def _frame(sheet: Sheet, left: float, top: float, tall: float, ticks: bool) -> None:
    """Draw a frame around a small plot and the numbers on its axes."""
    from matplotlib.patches import FancyBboxPatch

    beside, below = (0.36, 0.27) if ticks else (0.05, 0.05)
    patch = FancyBboxPatch(
        (left - beside, sheet.height - top - tall - below),
        _WIDE + beside + (0.1 if ticks else 0.05),
        tall + below + 0.09,
        boxstyle="round,pad=0,rounding_size=0.06",
        transform=sheet.figure.dpi_scale_trans,
        fill=False,
        edgecolor=TEXT,
        lw=1.8,
        gid="best",
    )
    sheet.figure.add_artist(patch)


# ---- parallel coordinates --------------------------------------------------------------


def _draw_parallel(
    trials: Sequence[_Trial],
    varied: Mapping[str, list[Any]],
    best: Sequence[int],
    results: Any,
    title: str,
) -> "TrainingFigure":
    sheet = Sheet(9.5, 4.9)
    better = {"min": "smallest", "max": "largest"}[results.mode]
    top = sheet.heading(
        clean(title),
        f"one line for each of {len(trials)} configurations; in colour the best three, by "
        f"{better} {_words(results.score)}",
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
        style = None if rank is None else series(rank)
        axes.plot(
            range(len(ys) + 1),
            [*ys, end],
            color=style.colour
            if style
            else _DIVERGED
            if trial.score is None
            else "#b8b8b8",
            ls=style.dash if style else (0, (1, 2)) if trial.score is None else "-",
            lw=2.4 if style else 1.0,
            zorder=4 if style else 2,
            clip_on=False,
        )
        if style and rank is not None:
            text = f"{rank + 1}: {trial.label(results.score)}"
            labels.append(EndLabel(end, text, style.ink))
    bad = sum(trial.score is None for trial in trials)
    if bad:
        kinds = sorted({t.status.split()[-1] for t in trials if t.score is None})
        labels.append(EndLabel(-0.12, f"{bad} {' or '.join(kinds)}", _DIVERGED))
    axes.set_xlim(0, len(scales))
    axes.set_ylim(-0.14, 1.0)
    axes.axis("off")
    label_ends(axes, labels)
    return sheet.figure


class _Axis:
    """Where the values of one hyper-parameter stand, from 0 to 1."""

    def __init__(self, name: str, values: Sequence[Any], plain: bool = False) -> None:
        self.name = name
        self.values = list(values)
        self.is_number = all(map(_is_number, values)) and bool(values)
        low, high = (min(values), max(values)) if self.is_number else (0, 1)
        self.is_log = self.is_number and not plain and low > 0 and high >= 20 * low

    def place(self, value: Any) -> float:
        if not self.is_number:
            keys = [_key(v) for v in self.values]
            return keys.index(_key(value)) / max(len(keys) - 1, 1)
        low, high, x = min(self.values), max(self.values), value
        if self.is_log:
            low, high, x = math.log10(low), math.log10(high), math.log10(x)
        return float((x - low) / (high - low)) if high > low else 0.5

    def ticks(self) -> list[Any]:
        """Return the values to write: all if they are few, else the ends and between."""
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
    text = (clean(scale.name) if score is None else _words(score)) + (
        " (log)" if scale.is_log else ""
    )
    axes.text(place, 1.1, text, ha="center", va="bottom", weight="bold")
    if score is not None:
        return  # the best are labelled beside it
    for value in scale.ticks():
        y = scale.place(value)
        axes.plot([place - 0.015, place], [y, y], color=QUIET, lw=1)
        axes.text(
            place - 0.03, y, _text(value), ha="right", va="center", size=8, color=QUIET,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
            zorder=5,
        )  # fmt: skip
