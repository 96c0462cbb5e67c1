"""Line charts and histograms as SVG text, for the live page.

A figure of matplotlib takes about a second, these a millisecond: while a network trains
that is the difference between watching and waiting.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from viz.numbers import number, power_of_ten
from viz.training.sheet import spread
from viz.training.style import SERIES, series

__all__ = ["Line", "bar_chart", "highlighted", "line_chart"]

# The chart and the plot inside it, in pixels.
_WIDTH, _HEIGHT = 380, 210
_LEFT, _TOP, _RIGHT, _BOTTOM = 44, 30, 262, 178
_GAP = 14.0  # between labels
_POINTS = 300  # of a line; more cannot be seen
_DASHES = ("", "7 3", "2 2", "8 2 2 2", "12 3", "4 2 1 2 1 2", "3 3")


class Line(NamedTuple):
    """A line of a chart.

    Attributes
    ----------
    name : str
        Written at its end; empty for a line in the background.
    xs, ys : sequence of float
        Its points; a number that is not finite breaks it.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]


def highlighted(names: Sequence[str], most: int = 6) -> list[str]:
    """Return which of many lines are told apart: first, last, and some in between.

    Examples
    --------
    >>> highlighted(["a", "b", "c", "d", "e"], most=3)
    ['a', 'c', 'e']
    """
    if len(names) <= most:
        return list(names)
    places = [round(k * (len(names) - 1) / (most - 1)) for k in range(most)]
    return [names[k] for k in places]


def line_chart(
    title: str,
    lines: Sequence[Line],
    end: float,
    *,
    log: bool = False,
    guide: float | None = None,
    ring: tuple[float, float] | None = None,
    failure: float | None = None,
) -> str:
    """Return a chart with time on the horizontal axis.

    Parameters
    ----------
    title : str
        The heading.
    lines : sequence of Line
        The lines.
    end : float
        The last epoch of the axis.
    log : bool, default False
        Whether the vertical axis is logarithmic; numbers that are not positive are left
        out then.
    guide : float, optional
        Where a rule of thumb is drawn.
    ring : (float, float), optional
        A point to mark.
    failure : float, optional
        The epoch at which something was not finite.
    """
    scale = _Scale(lines, end, log, guide)
    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><text class="title" x="0" y="14">'
        f"{escape(title)}</text>",
        *scale.drawn(),
    ]
    ends: list[tuple[float, str, str]] = []
    for k, line in enumerate(sorted(lines, key=lambda x: x.name != "")):
        style = series(sum(bool(x.name) for x in lines[: lines.index(line)]))
        points = scale.points(line)
        parts.extend(_path(points, k, line, style.colour, lines))
        if line.name and points:
            ends.append((points[-1][-1][1], line.name, style.ink))
    if guide is not None:
        parts.append(_guide(scale, guide))
    if ring is not None:
        parts.append(
            f'<circle class="ring" cx="{scale.x(ring[0]):.1f}" '
            f'cy="{scale.y(ring[1]):.1f}" r="5"/>'
        )
    if failure is not None:
        parts.append(_failure(scale.x(failure)))
    return "".join([*parts, *_labels(ends), "</svg>"])


def _path(
    pieces: list[list[tuple[float, float]]],
    k: int,
    line: Line,
    colour: str,
    lines: Sequence[Line],
) -> Iterator[str]:
    named = [x for x in lines if x.name]
    dash = _DASHES[named.index(line) % len(_DASHES)] if line.name else ""
    stroke = colour if line.name else "#cccccc"
    for piece in pieces:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in piece)
        yield (
            f'<polyline points="{path}" fill="none" stroke="{stroke}" '
            f'stroke-width="1.7" stroke-dasharray="{dash}"/>'
        )
