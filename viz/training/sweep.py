"""`sweep`: what hyper-parameters do, all runs on one page."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.names import clean
from viz.training.parallel import draw_parallel
from viz.training.sheet import Sheet
from viz.training.style import DIVERGED, GRID, TEXT, TRAIN, VALIDATION, picture
from viz.training.trials import (
    Trial,
    best_of,
    key_of,
    trials_of,
    value_text,
    varied_in,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["sweep"]

_MOST_ACROSS = 7  # small plots, side by side or one below the other
_LEFT, _WIDE, _ACROSS = 1.55, 1.65, 2.15  # of a small plot, and to the next, in inches
_TALL, _DOWN = 1.2, 1.8
_FLAT, _DOWN_FLAT = 0.5, 0.75  # without curves


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
    trials = trials_of(results, histories or {})
    if not trials:
        raise ValueError("sweep: the results have no rows.")
    varied = varied_in(trials)
    best = best_of(trials, results.mode)
    heading = title or f"Sweep: {' × '.join(varied) or 'one configuration'}"
    if _is_grid(varied, len(trials)):
        return _draw_grid(trials, varied, best, results.score, heading)
    return draw_parallel(trials, varied, best, results, heading)


# ---- a grid of small plots ----------------------------------------------------------


def _is_grid(varied: Mapping[str, list[Any]], trials: int) -> bool:
    """Return whether small plots show it: two names at most, few values, few gaps."""
    sizes = [len(values) for values in varied.values()]
    is_small = max(sizes, default=1) <= _MOST_ACROSS and len(sizes) <= 2
    return is_small and math.prod(sizes) <= 2 * trials


def _draw_grid(
    trials: Sequence[Trial],
    varied: Mapping[str, list[Any]],
    best: Sequence[int],
    score: str,
    title: str,
) -> "TrainingFigure":
    down, across = _rows_and_columns(varied)
    has_curves = any(trial.curves for trial in trials)
    tall, step = (_TALL, _DOWN) if has_curves else (_FLAT, _DOWN_FLAT)
    sheet = Sheet(max(_LEFT + _ACROSS * len(across), 6.5), 1.0 + step * len(down))
    measured = f"the number is {words(score)}, the frame marks the best three"
    lines = "blue solid = train loss, orange dashed = validation loss, same axes"
    told = f"{lines}; {measured}" if has_curves else measured
    top = sheet.heading(clean(title), told) + 0.4
    for k, settings in enumerate(across):
        text = " ".join(f"{clean(n)} {value_text(v)}" for n, v in settings.items())
        x = _LEFT + _ACROSS * k + _WIDE / 2
        sheet.text(x, top - 0.32, text, ha="center", weight="bold")
    limits = _limits(trials)
    for row, settings in enumerate(down):
        text = "".join(f"{clean(n)}\n{value_text(v)}" for n, v in settings.items())
        middle = top + step * row + tall / 2
        sheet.text(0.12, middle, text, weight="bold", va="center")
        for column, others in enumerate(across):
            place = _LEFT + _ACROSS * column, top + step * row
            for trial in _with(trials, settings | others):
                axes = sheet.axes(*place, _WIDE, tall)
                _draw_cell(axes, trial, score, limits)
                if trial.number in best:
                    _frame(sheet, *place, tall, has_curves)
    return sheet.figure


Settings = dict[str, Any]


def _rows_and_columns(
    varied: Mapping[str, list[Any]],
) -> tuple[list[Settings], list[Settings]]:
    """Return the settings of each row and of each column; the last name goes across."""
    nothing: Settings = {}
    settings = [[{name: x} for x in values] for name, values in varied.items()]
    down, across = [[nothing], [nothing], *settings][-2:]
    return down, across


def _with(trials: Sequence[Trial], settings: Settings) -> list[Trial]:
    """Return the trials that have these settings."""
    return [
        trial
        for trial in trials
        if all(key_of(trial.config[n]) == key_of(v) for n, v in settings.items())
    ]


def _limits(trials: Sequence[Trial]) -> tuple[float, float, float]:
    """Return the last epoch, and the losses where the axes begin and end."""
    curves = [c for trial in trials for c in trial.curves]
    epochs = max((len(c["loss"]) for c in curves), default=1)
    sound = [c for t in trials if t.score is not None for c in t.curves] or curves
    columns = [c[name] for c in sound for name in ("loss", "val_loss") if name in c]
    columns = [column[np.isfinite(column)] for column in columns]
    firsts = [float(column[0]) for column in columns if column.size] or [1.0]
    low = min([0.0, *(float(column.min()) for column in columns if column.size)])
    # One run that starts far above all others must not press them flat.
    usual = float(np.median(firsts))
    start = min(max(firsts), 3 * usual) if usual > 0 else max(firsts)
    high = start + 0.3 * abs(start)
    return epochs, low, high if high > low else low + 1.0


def _draw_cell(
    axes: "Axes", trial: Trial, score: str, limits: tuple[float, float, float]
) -> None:
    epochs, low, high = limits
    for columns in trial.curves:
        for name, style in (("loss", TRAIN), ("val_loss", VALIDATION)):
            if name in columns:
                shown = np.where(np.isfinite(columns[name]), columns[name], np.inf)
                shown = np.minimum(shown, high)  # what is higher runs along the top
                steps = np.arange(1, len(shown) + 1)
                axes.plot(steps, shown, color=style.colour, ls=style.dash, lw=1.4)
    if trial.curves:
        axes.set_xlim(0, max(epochs, 2))
        axes.set_ylim(low, high + 0.02 * (high - low))
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
        color=TEXT if is_sound else DIVERGED,
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
