"""Whether gradients reach every layer, and how weights and activations are spread."""

import math

import numpy as np

from viz.names import clean
from viz.report.drawing import chart
from viz.report.markup import figure, fold, table, text, value
from viz.report.records import Histogram
from viz.report.run import Run
from viz.training.chart import Line, bar_chart, highlighted
from viz.training.health import HEALTHY, activation_verdict, gradient_verdicts
from viz.training.record import Columns

__all__ = ["activations_section", "gradients_section", "weights_section"]

_MOST_SHOWN = 24  # histograms; the others are behind a click


def gradients_section(run: Run) -> str:
    """Return the norm of the gradient of every layer over the epochs, with verdicts."""
    columns = run.gradients
    if not columns or not len(next(iter(columns.values()))):
        return "<p>No gradients were recorded.</p>\n"
    told = highlighted(list(columns))
    count = len(next(iter(columns.values())))
    lines = [
        Line(
            _short(clean(name)),
            range(1, count + 1),
            column.tolist(),
            told.index(name) if name in told else None,
        )
        for name, column in columns.items()
    ]
    title = "Gradient norm per layer (log scale)"
    drawing = chart(title, lines, count, log=True)
    last = {name: _last(column) for name, column in columns.items()}
    verdicts = gradient_verdicts(last)
    wrong = [name for name, verdict in verdicts.items() if verdict != HEALTHY]
    sentence = (
        f"In the last epoch {len(wrong)} of {len(verdicts)} layers have a gradient "
        f"far from that of the last layer."
        if wrong
        else "In the last epoch every layer gets a gradient of healthy size."
    )
    return (
        f'<div class="halves">\n{figure(drawing, sentence)}'
        f"{_gradient_table(columns, last, verdicts)}</div>\n"
    )


def _short(name: str) -> str:
    """Return a name that has room at the end of a line."""
    return name if len(name) <= 16 else f"{name[:15]}…"


def _last(column: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Return the last number that was measured; NaN if none was."""
    known = column[~np.isnan(column)]
    return float(known[-1]) if known.size else math.nan


def _gradient_table(
    columns: Columns, last: dict[str, float], verdicts: dict[str, str]
) -> str:
    rows = [
        [text(name), value(column[0]), value(last[name]), _verdict(verdicts[name])]
        for name, column in columns.items()
    ]
    head = ["layer", "first epoch", "last epoch", "verdict"]
    return table("Norm of the gradient", head, rows)


def _verdict(words: str) -> str:
    return (
        f'<td class="{"healthy" if words == HEALTHY else "wrong"}">{text(words)}</td>'
    )


# ---- histograms ----------------------------------------------------------------


def weights_section(run: Run) -> str:
    """Return a histogram of every parameter at the end."""
    if run.results is None:
        return _no_results(run)
    return _cards([_card(h, "") for h in run.results.weights], "parameters")


def activations_section(run: Run) -> str:
    """Return a histogram of what every layer gives, with verdicts."""
    if run.results is None:
        return _no_results(run)
    if not run.results.activations:
        return "<p>There are none: the training had no validation data.</p>\n"
    cards = [
        _card(h, activation_verdict(h.statistics) if h.function else "")
        for h in run.results.activations
    ]
    return _cards(cards, "layers")


def _no_results(run: Run) -> str:
    if run.is_over:
        return "<p>The file with the results cannot be read.</p>\n"
    return "<p>Results are written when the training has come to its end.</p>\n"


def _cards(cards: list[str], what: str) -> str:
    shown = f'<div class="cards">\n{"".join(cards[:_MOST_SHOWN])}</div>\n'
    rest = cards[_MOST_SHOWN:]
    if rest:
        more = f'<div class="cards">\n{"".join(rest)}</div>\n'
        shown += fold(f"{len(rest)} more {what}", more)
    return shown


def _card(h: Histogram, verdict: str) -> str:
    """Return a histogram with its numbers."""
    name = text(h.name)
    if not h.counts or h.low is None or h.high is None:
        told = [f"{h.size:,} values, no histogram"]
        drawing = ""
    else:
        drawing = bar_chart(f"Histogram of {clean(h.name)}", h.counts, h.low, h.high)
        told = [f"{h.size:,} values from {value(h.low)} to {value(h.high)}"]
    if h.mean is not None and h.std is not None:
        told.append(f"mean {value(h.mean)}, std {value(h.std)}")
    if h.not_finite:
        told.append(f'<b class="wrong">{h.not_finite:,} not finite</b>')
    if h.saturated is not None:
        told.append(_share("saturated", h.saturated, verdict))
    if h.dead is not None:
        told.append(_share("dead units", h.dead, verdict))
    return (
        f"<figure><b>{name}</b>{drawing}<figcaption>{'; '.join(told)}</figcaption>"
        f"</figure>\n"
    )


def _share(words: str, share: float, verdict: str) -> str:
    percent = f'<data value="{share!r}">{100 * share:.1f}%</data>'
    if verdict == HEALTHY:
        return f"{words} {percent}: healthy"
    return f'<b class="wrong">{words} {percent}: too many</b>'
