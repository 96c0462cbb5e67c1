"""Line charts and histograms as SVG text, for the live page.

A figure of matplotlib takes about a second, these a few milliseconds: while a network
trains that is the difference between watching and waiting.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from viz.numbers import number, power_of_ten
from viz.training.axis import LinearAxis, LogAxis
from viz.training.sheet import spread
from viz.training.style import BACKGROUND, SERIES, series

__all__ = ["Line", "bar_chart", "highlighted", "label_colours", "line_chart"]

# The chart and the plot inside it, in pixels.
_WIDTH, _HEIGHT = 380, 212
_LEFT, _TOP, _RIGHT, _BOTTOM = 46, 32, 262, 178
_GAP = 14.0  # between labels
_POINTS = 300  # of a line; more cannot be seen
_DASHES = ("", "7 3", "2 2", "8 2 2 2", "12 3", "4 2 1 2 1 2", "3 3")

Point = tuple[float, float]


class Line(NamedTuple):
    """A line of a chart.

    Attributes
    ----------
    name : str
        Written at its end.
    xs, ys : sequence of float
        Its points; a number that is not finite breaks it.
    style : int or None
        Which colour and dash pattern; None for a line in the background.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    style: int | None


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
    ring: Point | None = None,
    failure: float | None = None,
) -> str:
    """Return a chart with epochs on the horizontal axis.

    Parameters
    ----------
    title : str
        The heading.
    lines : sequence of Line
        The lines.
    end : float
        Where the axis of the epochs ends, above 0.
    log : bool, default False
        Whether the vertical axis is logarithmic; what is not positive is left out then.
    guide : float, optional
        A rule of thumb above 0, drawn across.
    ring : (float, float), optional
        A point to mark.
    failure : float, optional
        The epoch at which something was not finite.
    """
    values = [y for line in lines for y in line.ys]
    if guide is not None:
        values.append(guide)
    plot = _Plot(LinearAxis(0.0, end), (LogAxis if log else LinearAxis).of(values))
    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">',
        f'<text class="title" x="0" y="14">{escape(title)}</text>',
        *plot.drawn(),
    ]
    ends = []
    for line in sorted(lines, key=lambda line: line.style is not None):
        pieces = plot.pieces(line)
        parts += [_polyline(piece, line.style) for piece in pieces]
        if line.style is not None and pieces:
            ends.append((pieces[-1][-1][1], line))
    if guide is not None:
        parts.append(_guide(plot.y(guide), guide))
    if ring is not None and plot.up.shows(ring[1]):
        x, y = plot.x(ring[0]), plot.y(ring[1])
        parts.append(f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
    if failure is not None:
        parts.append(_failure(plot.x(failure)))
    return "".join([*parts, *_labels(ends), "</svg>"])


def bar_chart(title: str, counts: Sequence[int], low: float, high: float) -> str:
    """Return a small histogram, with the ends of its range below."""
    width, height = 220, 44
    tallest = max([*counts, 1])
    step = width / max(len(counts), 1)
    bars = "".join(
        f'<rect x="{k * step:.1f}" y="{height - size:.1f}" width="{step - 1:.1f}" '
        f'height="{size:.1f}"/>'
        for k, count in enumerate(counts)
        for size in [height * count / tallest]
    )
    return (
        f'<svg class="bars" viewBox="0 0 {width} {height + 16}" role="img" '
        f'aria-label="{escape(title)}">{bars}<line x1="0" x2="{width}" y1="{height}" '
        f'y2="{height}"/><text x="0" y="{height + 13}">{number(low)}</text>'
        f'<text class="end" x="{width}" y="{height + 13}">{number(high)}</text></svg>'
    )


class _Plot(NamedTuple):
    """The area inside a chart, with its two axes."""

    across: LinearAxis
    up: LinearAxis | LogAxis

    def x(self, value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * self.across.share(value)

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * self.up.share(value)

    def pieces(self, line: Line) -> list[list[Point]]:
        """Return the unbroken pieces of a line, in pixels."""
        points = [
            (self.x(x), self.y(y))
            if self.across.shows(x) and self.up.shows(y)
            else None
            for x, y in zip(line.xs, line.ys, strict=True)
        ]
        return [
            _decimated([p for p in group if p is not None])
            for is_there, group in itertools.groupby(points, lambda p: p is not None)
            if is_there
        ]

    def drawn(self) -> list[str]:
        """Return guide lines, numbers and the word on the axis."""
        parts = [
            f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="end" x="{_LEFT - 5}" y="{y + 4:.1f}">{text}</text>'
            for share, text in self.up.ticks()
            for y in [_BOTTOM - (_BOTTOM - _TOP) * share]
        ]
        parts.append(
            f'<path class="axis" d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}"/>'
            f'<text class="middle" x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 31}">epoch'
            f"</text>"
        )
        parts += [
            f'<text class="middle" x="{x:.1f}" y="{_BOTTOM + 16}">{text}</text>'
            for share, text in self.across.ticks()
            for x in [_LEFT + (_RIGHT - _LEFT) * share]
        ]
        return parts


def _decimated(points: list[Point]) -> list[Point]:
    """Return the highest and the lowest of each group of points, in their order."""
    size = -(-2 * len(points) // _POINTS)
    if size <= 2:
        return points
    groups = [points[k : k + size] for k in range(0, len(points), size)]
    kept = [
        sorted({min(group, key=lambda p: p[1]), max(group, key=lambda p: p[1])})
        for group in groups
    ]
    return [points[0], *itertools.chain.from_iterable(kept), points[-1]]


def _polyline(points: list[Point], style: int | None) -> str:
    colour = BACKGROUND if style is None else series(style).colour
    dash = "" if style is None else _DASHES[style % len(_DASHES)]
    if len(points) == 1:
        x, y = points[0]
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" stroke="{colour}" stroke-dasharray="{dash}"/>'


def _guide(y: float, value: float) -> str:
    power = power_of_ten(round(math.log10(value)))
    return (
        f'<line class="guide" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="end halo" x="{_RIGHT}" y="{y - 4:.1f}">rule of thumb {power}'
        f"</text>"
    )


def _failure(x: float) -> str:
    return (
        f'<line class="failure" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_BOTTOM}"/>'
        f'<text class="failure end" x="{x - 5:.1f}" y="{_TOP + 10}">not finite</text>'
    )


def _labels(ends: list[tuple[float, Line]]) -> list[str]:
    places = spread([y for y, _ in ends], _GAP)
    return [
        f'<text class="label s{(line.style or 0) % len(SERIES)}" x="{_RIGHT + 7}" '
        f'y="{y + 4:.1f}">{escape(line.name)}</text>'
        for y, (_, line) in zip(places, ends, strict=True)
    ]


@functools.cache
def label_colours() -> str:
    """Return the style of labels: a colour for each class."""
    return "".join(f"svg .s{k} {{ fill: {s.ink}; }}\n" for k, s in enumerate(SERIES))
