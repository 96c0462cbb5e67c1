"""`monitor`: one page with everything about a training run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from viz.names import clean
from viz.numbers import number
from viz.training.boundary import draw_boundary
from viz.training.chart import highlighted
from viz.training.curves import draw_columns
from viz.training.health import HEALTHY, activation_verdict, summary
from viz.training.monitor import Monitor
from viz.training.panels import draw_histogram, draw_lines, draw_weights
from viz.training.record import Columns, Record, columns_of, headline, metrics_of
from viz.training.sheet import Sheet
from viz.training.statistics import ActivationStatistics
from viz.training.style import (
    QUIET,
    SERIES,
    picture,
)

if TYPE_CHECKING:
    from viz.training.figure import TrainingFigure

__all__ = ["monitor"]

_COLUMNS = 3
_RULE_OF_THUMB = 1e-3  # of the size of the weights, for the size of an update
# In inches: left border, from plot to plot, width with and without labels beside it.
_LEFT, _APART, _WIDTH, _WIDE = 0.5, 3.85, 2.4, 3.2
_ROW, _TALL = 2.6, 1.75


@picture
def monitor(
    run: Any,
    *,
    model: Any = None,
    data: tuple[Any, Any] | None = None,
    title: str = "Training monitor",
) -> "TrainingFigure":
    """Draw a page about a training run: curves, gradients, activations, weights.

    Parameters
    ----------
    run : Monitor, Record or mapping
        What a `Monitor` recorded; or only a history, and then the page has its columns.
    model : callable, optional
        For the decision boundary; by default the one that was monitored.
    data : (array_like, array_like), optional
        Points of shape (n, 2) and their classes, for the decision boundary.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        The loss and the first metric; the norm of each layer's gradient, and the size
        of updates over that of the weights, where 10⁻³ is a rule of thumb; histograms
        of activations; weights over time, darker where there are more.  Of many layers
        some are drawn in grey.

    Raises
    ------
    TypeError, ValueError
        If ``run`` is none of these, or has no epoch yet.

    Examples
    --------
    >>> import viz
    >>> figure = viz.monitor({"loss": [0.9, 0.5], "grad_norm": [2.0, 1.0]})
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Loss', 'Gradient norm, all layers (log scale)']
    """
    record = _record_of(run)
    if not any(record.history.values()):
        raise ValueError("monitor: no epoch is complete yet.")
    columns = columns_of(record.history)
    watched = model if model is not None else getattr(run, "model", None)
    layers = highlighted(list(record.weights), _COLUMNS) if record.when else []
    has_second = bool(record.when) or "grad_norm" in columns
    rows = 1 + has_second + bool(layers)
    told = _told(record, columns)
    sheet = Sheet(11.6, 0.55 + 0.2 * len(told) + _ROW * rows)
    top = sheet.heading(clean(title), *told) + 0.35
    places = [
        [(_LEFT + _APART * k, top + _ROW * row) for k in range(_COLUMNS)]
        for row in range(rows)
    ]
    _draw_history(sheet, places[0], record, columns, watched, data)
    if record.when:
        _draw_layers(sheet, places[1], record)
    elif has_second:
        _draw_norms(sheet, places[1], columns)
    for (left, upper), name in zip(places[-1], layers, strict=False):
        axes = sheet.axes(left, upper, _WIDE, _TALL)
        draw_weights(axes, name, record.weights[name])
    return sheet.figure


def _record_of(run: Any) -> Record:
    if isinstance(run, Monitor):
        return run.record
    if isinstance(run, Record):
        return run
    columns = {name: column.tolist() for name, column in columns_of(run).items()}
    return Record(history=columns, status="done", epochs=len(columns["loss"]))


def _told(record: Record, columns: Columns) -> list[str]:
    """Return the lines below the heading."""
    lines = [record.title] if record.title else []
    lines.append(headline(columns, record.epochs))
    if record.failure is not None:
        lines.append(record.failure.sentence)
    elif record.when:
        lines.append(f"gradient flow: {summary(record.verdicts)}")
    return [clean(line) for line in lines]


# ---- rows ---------------------------------------------------------------------------


def _draw_history(
    sheet: Sheet,
    places: Sequence[tuple[float, float]],
    record: Record,
    columns: Columns,
    model: Any,
    data: tuple[Any, Any] | None,
) -> None:
    """Draw loss, metrics and learning rate; the decision boundary in the last place."""
    names = ["loss", *metrics_of(columns)][:_COLUMNS]
    if "lr" in columns and len(names) < _COLUMNS:
        names.append("lr")
    has_boundary = data is not None and model is not None
    free = places[: _COLUMNS - has_boundary]
    for (left, upper), name in zip(free, names, strict=False):
        axes = sheet.axes(left, upper, _WIDTH, _TALL)
        draw_columns(axes, columns, name, record.failure)
        if name == "lr":
            axes.set_title("Learning rate")
    if data is not None and model is not None:
        axes = sheet.axes(*places[-1], _WIDE, _TALL)
        told = draw_boundary(axes, model, *data)
        axes.set_title("Decision boundary")
        axes.set_xlabel(told)


def _draw_layers(
    sheet: Sheet, places: Sequence[tuple[float, float]], record: Record
) -> None:
    """Draw what was seen of the layers."""
    left, middle, right = places
    axes = sheet.axes(*left, _WIDTH, _TALL)
    draw_lines(axes, "Gradient norm per layer (log scale)", record, record.gradients)
    axes = sheet.axes(*middle, _WIDTH, _TALL)
    title = "Update size ÷ weight size (log scale)"
    draw_lines(axes, title, record, record.updates, guide=_RULE_OF_THUMB)
    if record.activations[-1]:
        _draw_activations(sheet, *right, record.activations[-1])


def _draw_norms(
    sheet: Sheet, places: Sequence[tuple[float, float]], columns: Columns
) -> None:
    """Draw the norms of all layers together, which every history has."""
    epochs = [float(k + 1) for k in range(len(columns["loss"]))]
    titles = {"grad_norm": "Gradient norm", "update_norm": "Update size"}
    shown = [name for name in titles if name in columns]
    for place, name in zip(places, shown, strict=False):
        axes = sheet.axes(*place, _WIDTH, _TALL)
        record = Record(when=epochs, epochs=len(epochs))
        title = f"{titles[name]}, all layers (log scale)"
        draw_lines(axes, title, record, {"all": columns[name].tolist()})


def _draw_activations(
    sheet: Sheet, left: float, top: float, found: Sequence[ActivationStatistics]
) -> None:
    """Draw a histogram for each activation, with what it means beside it."""
    sheet.text(left, top - 0.08, "Activations of the last step", size=9.5,
               weight="bold", va="bottom")  # fmt: skip
    names = highlighted([a.name for a in found], 4)
    shown = [a for a in found if a.name in names]
    height = (_TALL + 0.3) / max(len(shown), 3)
    for k, a in enumerate(shown):
        upper = top + 0.05 + k * height
        sheet.text(left, upper, clean(a.name), size=8.5, weight="bold")
        sheet.text(left, upper + 0.17, _spread(a), size=7.5, color=QUIET)
        is_healthy = activation_verdict(a) == HEALTHY
        sheet.text(
            left, upper + 0.32, a.notes, size=7.5,
            color=QUIET if is_healthy else SERIES[1].ink,
            weight="normal" if is_healthy else "bold",
        )  # fmt: skip
        axes = sheet.axes(left + 1.35, upper, _WIDE - 1.35, height - 0.22)
        draw_histogram(axes, a.counts, a.low, a.high, SERIES[0].colour)


def _spread(found: ActivationStatistics) -> str:
    """Return mean and standard deviation as text, with two decimals."""
    return f"mean {number(round(found.mean, 2))}, std {number(round(found.std, 2))}"
