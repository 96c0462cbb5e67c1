"""The learning curves of a run: pictures, sentences, and all the numbers."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viz.names import clean
from viz.report.drawing import chart, is_wide
from viz.report.markup import figure, fold, shown, table, text, value
from viz.report.run import Run
from viz.training.chart import Line
from viz.training.record import Columns, best_epoch, metrics_of

__all__ = ["curves_section", "ends", "title_of"]

_MOST_ROWS = 200  # of the table

Column = npt.NDArray[np.float64]


def curves_section(run: Run) -> str:
    """Return loss, metrics, learning rate and norms over the epochs."""
    if not run.history or not len(run.history["loss"]):
        return "<p>No epoch is complete.</p>\n"
    history = run.history
    best = best_epoch(history)
    parts = [_pair(history, name, best) for name in ["loss", *metrics_of(history)]]
    parts += [
        _single(title, history[name])
        for name, title in (
            ("lr", "Learning rate"),
            ("penalty", "Penalty of the regulariser"),
            ("grad_norm", "Norm of the gradient, all layers"),
            ("update_norm", "Size of an update"),
        )
        if name in history
    ]
    return f'<div class="charts">\n{"".join(parts)}</div>\n{_history_table(history)}'


def title_of(name: str) -> str:
    """Return the name of a column as a heading."""
    return clean(name.replace("_", " ")).capitalize()


def _pair(history: Columns, name: str, best: int | None) -> str:
    """Return training and validation in one chart."""
    pairs = [("train", name), ("validation", f"val_{name}")]
    lines, told = [], []
    for k, (kind, key) in enumerate(pairs):
        if key in history:
            column = history[key]
            lines.append(Line(kind, range(1, len(column) + 1), column.tolist(), k))
            told.append(f"{kind} {ends(column, key)}")
    ring = None
    if best is not None and lines and math.isfinite(lines[-1].ys[best]):
        ring = (best + 1.0, lines[-1].ys[best])
        told.append(
            f"ringed: epoch {best + 1}, where the {_watched(history)} is lowest"
        )
    drawing = chart(
        title_of(name),
        lines,
        len(history["loss"]),
        ring=ring,
        failure=_first_broken(lines),
    )
    return figure(drawing, f"{text(title_of(name))}: {'; '.join(told)}.")


def _watched(history: Columns) -> str:
    return "validation loss" if "val_loss" in history else "loss"


def _first_broken(lines: Sequence[Line]) -> float | None:
    """Return the first epoch with a number that is not finite, after a finite one.

    Columns that begin later have NaN before.
    """
    for line in lines:
        finite = np.isfinite(line.ys)
        broken = np.flatnonzero(~finite)
        late = broken[broken > np.argmax(finite)] if finite.any() else broken
        if late.size:
            return float(late[0] + 1)
    return None


def ends(column: Column, name: str = "") -> str:
    """Return where a column begins and ends, in words."""
    finite = column[np.isfinite(column)]
    if not finite.size:
        return "never a finite number"
    if np.all(finite == finite[0]):
        return f"{value(finite[0], name)}{' throughout' * (finite.size > 1)}"
    return f"from {value(finite[0], name)} to {value(finite[-1], name)}"


def _single(title: str, column: Column) -> str:
    log = is_wide(column)
    heading = f"{title} (log scale)" if log else title
    line = Line(_end_label(column), range(1, len(column) + 1), column.tolist(), 0)
    drawing = chart(heading, [line], len(column), log=log)
    return figure(drawing, f"{title}: {ends(column)}.")


def _end_label(column: Column) -> str:
    finite = column[np.isfinite(column)]
    return shown(finite[-1]) if finite.size else ""


def _history_table(history: Columns) -> str:
    """Return all columns as a table; of many epochs some, the best among them."""
    count = len(history["loss"])
    best = best_epoch(history)
    rows = range(count)
    caption = "Every epoch"
    if count > _MOST_ROWS:
        chosen = np.linspace(0, count - 1, _MOST_ROWS).round().astype(int).tolist()
        rows = sorted({*chosen, *([] if best is None else [best])})  # type: ignore[assignment]
        caption = f"{len(rows)} of {count} epochs; all are in history.csv"
    body = [
        [
            f"{k + 1}{' (best)' if k == best else ''}",
            *(value(history[name][k], name) for name in history),
        ]
        for k in rows
    ]
    return fold(
        "All numbers", table(caption, ["epoch", *history], body, kind="numbers")
    )
