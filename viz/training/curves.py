"""`curves`: loss and metrics over the epochs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.names import clean
from viz.numbers import number
from viz.training.record import (
    Columns,
    Failure,
    best_epoch,
    columns_of,
    headline,
    metrics_of,
)
from viz.training.sheet import EndLabel, Sheet, label_ends
from viz.training.style import (
    TRAIN,
    VALIDATION,
    WRONG,
    Series,
    is_share,
    picture,
    plain_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["curves", "draw_columns", "mark_failure"]

_PER_ROW = 2


@picture
def curves(history: Any, *, title: str = "Learning curves") -> "TrainingFigure":
    """Draw loss and metrics over the epochs, training against validation.

    Parameters
    ----------
    history : mapping
        Columns of one number for each epoch: ``loss``, and any of ``val_loss``,
        ``accuracy``, ``val_accuracy`` and other metrics.  What ``trainer.fit`` returns
        is one.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        One plot for the loss and one for each metric.  The epoch with the lowest
        validation loss is ringed.  A loss that is not finite breaks the line, and is
        marked in red.

    Raises
    ------
    TypeError, ValueError
        If it is not a mapping of columns with a ``loss``.

    Examples
    --------
    >>> import viz
    >>> figure = viz.curves({"loss": [0.9, 0.5, 0.3], "val_loss": [0.8, 0.6, 0.7]})
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Loss']
    """
    columns = columns_of(history)
    metrics = metrics_of(columns)
    rows = -(-(1 + len(metrics)) // _PER_ROW)
    sheet = Sheet(9.5, 0.75 + 2.9 * rows)
    top = sheet.heading(clean(title), headline(columns, 0))
    for k, name in enumerate(["loss", *metrics]):
        row, column = divmod(k, _PER_ROW)
        axes = sheet.axes(0.55 + 4.75 * column, top + 0.35 + 2.9 * row, 3.2, 2.05)
        draw_columns(axes, columns, name)
    return sheet.figure


def draw_columns(
    axes: "Axes", columns: Columns, name: str, failure: Failure | None = None
) -> None:
    """Draw one column and its validation over the epochs.

    Parameters
    ----------
    axes : Axes
        Where.
    columns : dict of str to ndarray
        The history.
    name : str
        The column, without ``val_``.
    failure : Failure, optional
        Where training ended with a number that is not finite.
    """
    shown = [(name, TRAIN, "train"), (f"val_{name}", VALIDATION, "validation")]
    shown = [entry for entry in shown if entry[0] in columns]
    plain_axes(axes, clean(name.replace("_", " ")).capitalize(), "epoch")
    _draw_lines(axes, columns, shown, failure)
    if name != "lr":
        _ring(axes, columns, shown[-1][0], VALIDATION.colour)
    broken = _first_broken(columns[name]) if name in columns else None
    if failure is not None:
        mark_failure(axes, failure.epoch, failure.reason)
    elif broken is not None:
        value = number(float(columns[name][broken]))
        mark_failure(axes, broken + 1, f"{name} is {value}")
    ends = [
        EndLabel(_last(columns[key]), text, style.ink)
        for key, style, text in shown
        if np.isfinite(columns[key]).any()
    ]
    label_ends(axes, ends)


def _draw_lines(
    axes: "Axes",
    columns: Columns,
    shown: Sequence[tuple[str, Series, str]],
    failure: Failure | None,
) -> None:
    count = len(columns["loss"])
    end = max(count, failure.epoch if failure else 1.5)
    axes.set_xlim(0 if count > 1 else 0.5, end)
    for key, style, _ in shown:
        finite = np.where(np.isfinite(columns[key]), columns[key], np.nan)
        marker = style.marker if count == 1 else None
        epochs = np.arange(1, count + 1)
        axes.plot(epochs, finite, color=style.colour, ls=style.dash, marker=marker)
    _set_range(axes, [columns[key] for key, _, _ in shown], is_share(shown[0][0]))
    axes.locator_params(axis="x", integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: number(value))


def mark_failure(axes: "Axes", epoch: float, reason: str) -> None:
    """Mark in red, and in words, where a number was not finite."""
    left, right = axes.get_xlim()
    axes.axvline(epoch, color=WRONG, lw=1.4)
    axes.plot(
        [epoch], [0.97], "X", color=WRONG, ms=7, clip_on=False,
        transform=axes.get_xaxis_transform(),
    )  # fmt: skip
    is_late = epoch > (left + right) / 2
    axes.annotate(
        clean(reason).partition(":")[0],
        (epoch, 0.97),
        xycoords=axes.get_xaxis_transform(),
        xytext=(-8 if is_late else 8, 0),
        textcoords="offset points",
        ha="right" if is_late else "left",
        va="center",
        color=WRONG,
        size=8.5,
        weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )


def _set_range(axes: "Axes", columns: Sequence[Any], share: bool) -> None:
    """Start at 0 unless the numbers are far from it; shares end at 1."""
    values = np.concatenate([c[np.isfinite(c)] for c in columns])
    if not values.size:
        axes.set_ylim(0, 1)
        return
    low, high = float(values.min()), float(values.max())
    margin = 0.06 * (high - low or abs(high) or 1.0)
    bottom = 0.0 if 0 <= low < 0.5 * (high + margin) else low - margin
    axes.set_ylim(bottom, 1.0 if share and high <= 1 and bottom < 1 else high + margin)


def _ring(axes: "Axes", columns: Columns, key: str, colour: str) -> None:
    """Ring the best epoch on the last line that is drawn."""
    best = best_epoch(columns)
    if best is not None and np.isfinite(columns[key][best]):
        axes.plot(
            [best + 1], [columns[key][best]], "o", ms=9, mfc="none", mec=colour,
            mew=1.8, clip_on=False, label="best epoch",
        )  # fmt: skip


def _first_broken(column: Any) -> int | None:
    broken = np.flatnonzero(~np.isfinite(column))
    return int(broken[0]) if broken.size else None


def _last(column: Any) -> float:
    """Return the last finite number."""
    return float(column[np.isfinite(column)][-1])
