"""The live page: one file that shows a run, and loads itself anew until it is over."""

import base64
import functools
import hashlib
from html import escape
from importlib.resources import files
from pathlib import Path

from viz.names import clean
from viz.numbers import number
from viz.training.chart import (
    Line,
    bar_chart,
    highlighted,
    label_colours,
    line_chart,
)
from viz.training.health import HEALTHY
from viz.training.record import Record, best_epoch, headline, metrics_of
from viz.whole_file import write_whole

__all__ = ["notebook_frame", "page", "write_page"]

_SECONDS = 2  # until the page loads itself anew
_MOST_HISTOGRAMS = 12
_HEIGHT = 900  # of the frame in a notebook


def write_page(path: Path, record: Record, position: float) -> None:
    """Write the page to a file, whole or not at all: a reader never sees half of it.

    Parameters
    ----------
    path : Path
        The file.  Missing folders are made.
    record : Record
        The run so far.
    position : float
        Where training is, in epochs.
    """
    write_whole(path, page(record, position))


def notebook_frame(record: Record, position: float) -> dict[str, str]:
    """Return what a notebook displays: the page in a frame in which nothing can run."""
    content = escape(page(record, position, reload=False))
    frame = (
        f'<iframe sandbox="" title="Training monitor" width="100%" height="{_HEIGHT}" '
        f'srcdoc="{content}"></iframe>'
    )
    return {"text/html": frame, "text/plain": f"Training monitor: {record.status}"}


def page(record: Record, position: float, *, reload: bool = True) -> str:
    """Return the page.

    There is no script in it, and its content security policy allows none; names are
    escaped.  The element that makes a browser load it anew is left out when the run is
    over.
    """
    style, digest = _style()
    again = f'<meta http-equiv="refresh" content="{_SECONDS}">\n' if reload else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\">\n"
        f"{'' if record.is_over else again}"
        f"<title>{_word(record)}: training monitor</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n{_body(record, position)}</body>\n"
        "</html>\n"
    )


@functools.cache
def _style() -> tuple[str, str]:
    """Return the style and its digest for the policy."""
    style = files(__package__).joinpath("live.css").read_text(encoding="utf-8")
    style += label_colours()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return style, digest


def _word(record: Record) -> str:
    """Return running, done or failed; a run that a callback has stopped is done."""
    word = record.status.partition(":")[0]
    return "done" if word == "stopped" else word


def _body(record: Record, position: float) -> str:
    kind = _word(record)
    reason = record.status.partition(": ")[2]
    progress = f"after {number(round(position, 1))} of {record.epochs} epochs"
    parts = [
        f'<header><h1>Training monitor</h1> <span id="status" class="{kind}">'
        f"{kind}</span> <span>{_text(reason)} {progress}</span></header>\n"
        f'<p class="quiet">{_text(record.title)}</p>\n'
        f'<p id="numbers">{_text(headline(record.history, record.epochs))}</p>\n'
    ]
    if record.failure is not None:
        parts.append(f'<p id="failure">{_text(record.failure.sentence)}</p>\n')
    parts.append(_charts(record, position))
    if record.when:
        parts.append(_layers(record) + _activations(record))
    return "".join(parts)


def _charts(record: Record, position: float) -> str:
    """Return two rows: the columns of the history, and what happens in the layers."""
    end = max(position, 1.0)
    failure = None if record.failure is None else record.failure.epoch
    layers = [
        line_chart(
            title,
            _layer_lines(columns, record.when),
            end,
            log=True,
            guide=guide,
            failure=failure,
        )
        for title, columns, guide in (
            ("Gradient norm per layer (log scale)", record.gradients, None),
            ("Update size ÷ weight size (log scale)", record.updates, 1e-3),
        )
    ]
    rows = (_history_charts(record.history, end, failure), layers)
    return "".join(f'<div class="charts">\n{"".join(row)}</div>\n' for row in rows)


def _history_charts(
    history: dict[str, list[float]], end: float, failure: float | None
) -> list[str]:
    if "loss" not in history:
        return []
    best = best_epoch(history)
    column = history.get("val_loss", history["loss"])
    ring = None if best is None else (best + 1.0, column[best])
    lines = _columns(history, {"train": "loss", "validation": "val_loss"})
    charts = [line_chart("Loss", lines, end, ring=ring, failure=failure)]
    for name in metrics_of(history):
        lines = _columns(history, {"train": name, "validation": f"val_{name}"})
        title = clean(name.replace("_", " ")).capitalize()
        charts.append(line_chart(title, lines, end, failure=failure))
    return charts


def _columns(history: dict[str, list[float]], names: dict[str, str]) -> list[Line]:
    return [
        Line(name, range(1, len(history[column]) + 1), history[column], k)
        for k, (name, column) in enumerate(names.items())
        if column in history
    ]


def _layer_lines(columns: dict[str, list[float]], when: list[float]) -> list[Line]:
    told = highlighted(list(columns))
    return [
        Line(clean(name), when, column, told.index(name) if name in told else None)
        for name, column in columns.items()
    ]


def _layers(record: Record) -> str:
    verdicts = record.verdicts
    rows = "".join(
        f"<tr><td>{_text(name)}</td>"
        f'<td class="number">{number(record.gradients[name][-1])}</td>'
        f'<td class="number">{number(record.updates[name][-1])}</td>'
        f"{_verdict(verdicts[name])}</tr>\n"
        for name in record.gradients
    )
    return (
        '<h2>Gradient flow</h2>\n<table id="layers">\n<tr><th>layer</th>'
        "<th>gradient norm</th><th>update ÷ weight</th><th>verdict</th></tr>\n"
        f"{rows}</table>\n"
    )


def _activations(record: Record) -> str:
    found = record.activations[-1]
    if not found:
        return ""
    verdicts = record.verdicts
    shown = highlighted([a.name for a in found], _MOST_HISTOGRAMS)
    rows = "".join(
        f"<tr><td>{_text(a.name)}</td>"
        f"<td>{bar_chart(clean(a.name), a.counts, a.low, a.high)}</td>"
        f'<td class="number">mean {number(a.mean)}, std {number(a.std)}</td>'
        f"<td>{a.notes}</td>{_verdict(verdicts[a.name])}</tr>\n"
        for a in found
        if a.name in shown
    )
    return f'<h2>Activations</h2>\n<table id="activations">\n{rows}</table>\n'


def _verdict(text: str) -> str:
    return f'<td class="{"healthy" if text == HEALTHY else "wrong"}">{text}</td>'


def _text(text: str) -> str:
    return escape(clean(text))
