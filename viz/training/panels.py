"""Plots that several pictures share: lines on a logarithmic axis, histograms."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.names import clean
from viz.numbers import number, power_of_ten
from viz.training.chart import highlighted
from viz.training.curves import mark_failure
from viz.training.record import Record
from viz.training.sheet import EndLabel, label_ends
from viz.training.statistics import WeightHistory
from viz.training.style import (
    BACKGROUND,
    GROUND,
    QUIET,
    SERIES,
    TEXT,
    log_axis,
    plain_axes,
    series,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_histogram", "draw_lines", "draw_weights"]

_DECADES = 10  # of a logarithmic axis
_MOST = 6  # lines that are told apart


def draw_lines(
    axes: "Axes",
    title: str,
    record: Record,
    lines: Mapping[str, Sequence[float]],
    guide: float | None = None,
) -> None:
    """Draw one line for each layer over time, on a logarithmic axis."""
    plain_axes(axes, title, "epoch")
    shown = {
        name: np.array([y if 0 < y < np.inf else np.nan for y in column])
        for name, column in lines.items()
    }
    everything = np.concatenate([*shown.values(), [guide or np.nan]])
    positive = everything[np.isfinite(everything)]
    high = float(positive.max()) if positive.size else 1.0
    low = float(positive.min()) if positive.size else 0.1
    log_axis(axes, max(low, high * 10.0**-_DECADES), high)
    failure = record.failure
    axes.set_xlim(0, max([*record.when, failure.epoch if failure else 1.0]))
    told = highlighted(list(shown), _MOST)
    for name in sorted(shown, key=lambda name: name in told):
        style = series(told.index(name)) if name in told else None
        axes.plot(
            record.when,
            shown[name],
            color=style.colour if style else BACKGROUND,
            ls=style.dash if style else "-",
        )
    if guide is not None:
        _draw_guide(axes, guide)
    if failure is not None:
        mark_failure(axes, failure.epoch, failure.reason)
    ends = [(_last(shown[name]), clean(name), series(k)) for k, name in enumerate(told)]
    label_ends(axes, [EndLabel(y, text, s.ink) for y, text, s in ends if y is not None])


def _draw_guide(axes: "Axes", value: float) -> None:
    axes.axhline(value, color=TEXT, ls=(0, (1, 1.5)), lw=1.2)
    power = power_of_ten(round(math.log10(value)))
    axes.annotate(
        f"rule of thumb {power}",
        (1, value),
        xycoords=axes.get_yaxis_transform(),
        xytext=(-2, 3),
        textcoords="offset points",
        ha="right",
        size=7.5,
        color=QUIET,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
    )


def draw_histogram(
    axes: "Axes", counts: Sequence[int], low: float, high: float, colour: str
) -> None:
    """Draw bars, with the ends of their range on the axis."""
    edges = np.linspace(low, high, len(counts) + 1)
    axes.bar(edges[:-1], counts, width=0.9 * np.diff(edges), align="edge", color=colour)
    axes.set_xlim(low, high)
    axes.set_ylim(0, max([*counts, 1]))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xticks([low, high], [number(low), number(high)], size=7)
    axes.tick_params(axis="x", length=0, pad=1.5)
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


def draw_weights(axes: "Axes", name: str, history: WeightHistory) -> None:
    """Draw how weights are spread over time: the darker, the more."""
    counts = np.array(history.counts, dtype=np.float64).T
    # The root: a single weight that leaves the others can be seen.
    shares = np.sqrt(counts / np.maximum(counts.max(axis=0, keepdims=True), 1))
    used = np.flatnonzero(counts.any(axis=1))
    middle = history.bins / 2
    reach = max(abs(used[0] - middle), abs(used[-1] + 1 - middle)) / middle
    limit = history.limit * float(min(1.0, 1.1 * reach))
    axes.set_title(f"Weights of {clean(name)} over time")
    axes.set_xlabel("epoch")
    edges = np.linspace(-history.limit, history.limit, history.bins + 1)
    axes.pcolormesh(
        _edges(history.epochs), edges, shares, cmap=_blues(), vmin=0, vmax=1,
        rasterized=True,
    )  # fmt: skip
    axes.set_ylim(-limit, limit)
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    for spine in axes.spines.values():
        spine.set_visible(True)


def _edges(epochs: Sequence[float]) -> list[float]:
    """Return borders between times; each look counts until the next one."""
    last = epochs[-1]
    step = last - epochs[-2] if len(epochs) > 1 else max(last, 1.0)
    return [0.0 if k == 0 else x for k, x in enumerate(epochs)] + [last + step]


def _blues() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("blues", [GROUND, SERIES[0].colour])


def _last(column: Any) -> float | None:
    finite = column[np.isfinite(column)]
    return float(finite[-1]) if finite.size else None
