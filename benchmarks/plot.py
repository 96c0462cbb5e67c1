"""The picture of the results: how it compares, and how time grows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.contestants import FLOOR, NAMES
from benchmarks.tables import label, present, ratio

# One color for each contestant in all pictures (Okabe and Ito), and its marker.
_COLORS = (
    "#000000", "#0072B2", "#D55E00", "#56B4E9", "#009E73",
    "#009E73", "#CC79A7", "#E69F00", "#999999", "#B8A800", "#7B4FA3",
)  # fmt: skip
_MARKERS = "oos^o^sDvXP"
STYLES: dict[str, dict[str, Any]] = {
    name: {"color": color, "marker": marker}
    for name, color, marker in zip(NAMES, _COLORS, _MARKERS, strict=True)
}


def draw(
    rows: Sequence[dict[str, Any]], curves: Sequence[dict[str, Any]], path: Path
) -> None:
    """Write an SVG: the ratios of all rows with one thread above, curves below."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    rows = [result for result in rows if result["threads"] == 1]
    drawn = {*present(rows), *(name for curve in curves for name in curve["seconds"])}
    names = [name for name in NAMES if name in drawn]
    lines = -(-len(curves) // 3)
    settings: Any = {"svg.hashsalt": "benchmarks", "svg.fonttype": "path"}
    with mpl.rc_context({**settings, "font.size": 9}):
        figure = Figure(figsize=(11, 4.4 + 3.2 * lines), layout="constrained")
        grid = figure.add_gridspec(1 + lines, 3, height_ratios=[4.4, *[3.2] * lines])
        _all_ratios(figure, grid[0, :], rows, names)
        for number, curve in enumerate(curves):
            _curve(figure.add_subplot(grid[1 + number // 3, number % 3]), curve)
        handles = [Line2D([], [], linestyle="", label=n, **STYLES[n]) for n in names]
        figure.legend(handles=handles, loc="outside upper center", ncols=6)
        figure.savefig(path, metadata={"Date": None})


def _all_ratios(
    figure: Any, place: Any, rows: Sequence[dict[str, Any]], names: Sequence[str]
) -> None:
    """Draw scalars on a scale of their own: they are thousands of times slower."""
    scalars = [result for result in rows if result["row"].startswith("S")]
    arrays = [result for result in rows if result not in scalars]
    kinds = [kind for kind in (scalars, arrays) if kind]
    widths = [len(kind) for kind in kinds]
    columns = place.subgridspec(1, len(kinds), width_ratios=widths)
    for column, kind in enumerate(kinds):
        raced = [n for n in names if n in present(kind) and n != FLOOR.name]
        axes = figure.add_subplot(columns[column])
        _ratios(axes, kind, raced)
        if column == 0:
            axes.set_ylabel("time of a step / by hand, one thread")


def _ratios(axes: Any, rows: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    """Draw a group of points for each row; bars are the middle half."""
    from matplotlib.ticker import LogLocator

    axes.axhline(1, color="black", linewidth=1)
    for place, name in enumerate(names):
        offset = 0.8 * ((place + 0.5) / len(names) - 0.5)
        spreads = {x: ratio(result, name, FLOOR.name) for x, result in enumerate(rows)}
        found = {x: s for x, s in spreads.items() if s is not None}
        middles = [s.median for s in found.values()]
        bars = [
            [s.median - s.lower for s in found.values()],
            [s.upper - s.median for s in found.values()],
        ]
        axes.errorbar(
            [x + offset for x in found], middles, bars,
            linestyle="none", markersize=5, **STYLES[name],
        )  # fmt: skip
    axes.set_yscale("log", subs=[])
    if not rows[0]["row"].startswith("S"):
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xticks(range(len(rows)), [label(r).replace(", ", "\n") for r in rows])
    axes.set_xlim(-0.6, len(rows) - 0.4)
    for x in range(1, len(rows)):
        axes.axvline(x - 0.5, color="black", alpha=0.1)
    axes.grid(axis="y", alpha=0.3)


def _curve(axes: Any, curve: dict[str, Any]) -> None:
    """Draw the time of a step against its size, both logarithmic."""
    from matplotlib.ticker import LogLocator

    for name, times in curve["seconds"].items():
        points = [
            (size, 1e3 * time)
            for size, time in zip(curve["sizes"], times, strict=True)
            if time is not None
        ]
        if points:
            axes.plot(*zip(*points, strict=True), markersize=4, **STYLES[name])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    collector = "" if curve["collector"] == "on" else ", collector off"
    axes.set_xlabel(curve["what"] + collector)
    axes.set_ylabel("ms a step")
    axes.grid(alpha=0.3)
