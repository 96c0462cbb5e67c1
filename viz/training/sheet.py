"""A page to draw on, measured in inches from the upper left corner."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from viz.training.style import QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from viz.training.figure import TrainingFigure

__all__ = ["EndLabel", "Sheet", "label_ends", "label_points", "spread"]

_DPI = 100  # a figure of 9.5 inches fills a notebook
_POINTS = 72.0
_LINE = 1.3  # from one line of text to the next, in font sizes
_BESIDE = 7.0  # points, from the axes to the labels at the ends of lines


class Sheet:
    """A figure and places on it.

    Parameters
    ----------
    width, height : float
        In inches.

    Attributes
    ----------
    figure : TrainingFigure
        The figure.
    """

    figure: "TrainingFigure"

    def __init__(self, width: float, height: float) -> None:
        from viz.training.figure import TrainingFigure

        self.width, self.height = width, height
        self.figure = TrainingFigure(figsize=(width, height), dpi=_DPI)

    def axes(self, left: float, top: float, width: float, height: float) -> "Axes":
        """Return new axes at a place."""
        bottom = self.height - top - height
        return self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                width / self.width,
                height / self.height,
            )
        )

    def text(self, left: float, top: float, text: str, **style: Any) -> "Text":
        """Write text whose upper left corner is at a place."""
        style = {"ha": "left", "va": "top"} | style
        return self.figure.text(left / self.width, 1 - top / self.height, text, **style)

    def heading(self, title: str, *lines: str) -> float:
        """Write a title and lines below it, and return where they end."""
        self.text(0.12, 0.1, title, size=12, weight="bold")
        top = 0.4
        for line in lines:
            self.text(0.12, top, line, size=8.5, color=QUIET)
            top += 0.2
        return top


class EndLabel(NamedTuple):
    """A label at the right end of a line.

    Attributes
    ----------
    y : float
        Where the line ends, in data coordinates.
    text : str
        The label.
    colour : str
        Of the text.
    """

    y: float
    text: str
    colour: str


def label_ends(
    axes: "Axes", labels: Sequence[EndLabel], *, size: float = 8.5, **style: Any
) -> list["Text"]:
    """Write labels beside the axes where lines end, moved apart so that none overlap.

    The limits of the axes must be final.  A ring around the end of a line has room.
    """
    from matplotlib.transforms import ScaledTranslation

    height = axes.get_position().height * axes.figure.get_figheight() * _POINTS  # type: ignore[union-attr]
    transform = axes.transData + axes.transAxes.inverted()
    x = axes.get_xlim()[1]
    wanted = [float(transform.transform((x, label.y))[1]) for label in labels]
    gap = _LINE * size / height
    places = spread([min(max(y, 0.0), 1.0) for y in wanted], gap)
    beside = ScaledTranslation(_BESIDE / _POINTS, 0, axes.figure.dpi_scale_trans)
    return [
        axes.text(
            1.0,
            y,
            label.text,
            transform=axes.transAxes + beside,
            color=label.colour,
            size=size,
            va="center",
            ha="left",
            **({"weight": "bold"} | style),
        )
        for y, label in zip(places, labels, strict=True)
    ]


def label_points(
    axes: "Axes", labels: Sequence[tuple[float, float, str]], **style: Any
) -> list["Text"]:
    """Write labels at points, each moved as little as needed so that none overlap.

    Parameters
    ----------
    axes : Axes
        Whose limits are kept from now on.
    labels : sequence of (x, y, text)
        In data coordinates.
    **style
        Of the texts.
    """
    axes.set_xlim(axes.get_xlim())  # limits that are set by the data are found here
    axes.set_ylim(axes.get_ylim())
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    texts: list[Text] = []
    taken: list[Any] = []
    for x, y, label in labels:
        text = axes.annotate(
            label, (x, y), xytext=(0, 0), textcoords="offset points",
            ha="center", va="center", **style,
        )  # fmt: skip
        for shift in _SHIFTS:
            text.set_position(shift)
            box = text.get_window_extent(renderer).padded(1.5)
            if not any(box.overlaps(other) for other in taken):
                break
        taken.append(box)
        texts.append(text)
    return texts


# Nearest first; sideways and up before down.
_SHIFTS = [(0.0, 0.0)] + [
    (round(radius * math.cos(angle), 3), round(radius * math.sin(angle), 3))
    for radius in range(8, 80, 6)
    for angle in [k * math.pi / 6 for k in range(12)]
]


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Move numbers apart by at least a gap, as little as possible in least squares.

    Pools neighbours that would overlap around their mean.

    Examples
    --------
    >>> [round(x, 6) for x in spread([0.5, 0.5, 0.9], 0.2)]
    [0.4, 0.6, 0.9]
    """
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    pools: list[tuple[float, int]] = []  # sum and count of what is left of the gaps
    for place, k in enumerate(order):
        total, count = wanted[k] - place * gap, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, many = pools.pop()
            total, count = total + before, count + many
        pools.append((total, count))
    means = [total / count for total, count in pools for _ in range(count)]
    result = [0.0] * len(wanted)
    for place, k in enumerate(order):
        result[k] = means[place] + place * gap
    return result
