"""Colours, dashes and text of the training pictures: nothing is told by colour alone.

The line styles differ in colour, dash pattern and marker; text is dark enough to read.
"""

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from viz.numbers import number, power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "BACKGROUND",
    "DIVERGED",
    "GRID",
    "GROUND",
    "QUIET",
    "SERIES",
    "TEXT",
    "TRAIN",
    "VALIDATION",
    "WRONG",
    "Series",
    "contrast",
    "is_share",
    "log_axis",
    "picture",
    "plain_axes",
    "readable",
    "score_text",
    "series",
]

GROUND = "#ffffff"
TEXT = "#1a1a1a"
QUIET = "#555555"
GRID = "#dddddd"
WRONG = "#b3261e"

_CONTRAST = 4.5  # WCAG 2, level AA, for text

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Series(NamedTuple):
    """How one of several lines is drawn: colour, dash pattern and marker differ.

    Attributes
    ----------
    colour : str
        Of the line.
    dash : str or tuple
        A line style of matplotlib.
    marker : str
        For points.
    """

    colour: str
    dash: Any
    marker: str

    @property
    def ink(self) -> str:
        """The colour for text, dark enough to read on white."""
        return readable(self.colour)


# The colours of Okabe and Ito, the two that are too pale for lines on white left out.
SERIES = (
    Series("#0072b2", "-", "o"),  # blue
    Series("#d55e00", (0, (5, 2)), "D"),  # vermilion
    Series("#009e73", (0, (1, 1.2)), "^"),  # bluish green
    Series("#cc79a7", (0, (6, 1.5, 1, 1.5)), "s"),  # reddish purple
    Series("#000000", (0, (9, 2)), "v"),
    Series("#56b4e9", (0, (3, 1, 1, 1, 1, 1)), "P"),  # sky blue
    Series("#e69f00", (0, (2, 2)), "X"),  # orange
)
TRAIN, VALIDATION = SERIES[0], SERIES[1]
DIVERGED = "#a63c00"  # for words
BACKGROUND = "#bdbdbd"  # lines that are not told apart

_SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same everywhere
    "font.size": 9.0,
    "text.color": TEXT,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.xmargin": 0.0,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "lines.dash_capstyle": "butt",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "xtick.minor.size": 0.0,
    "ytick.minor.size": 0.0,
    "figure.facecolor": GROUND,
    "savefig.facecolor": GROUND,
    "image.interpolation": "nearest",
}


def picture(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a function draw in our style, whatever matplotlib is set to, and restore."""

    @functools.wraps(function)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        import matplotlib.style

        with matplotlib.style.context(["default", _SETTINGS]):
            return function(*args, **kwargs)

    return drawn


def series(k: int) -> Series:
    """Return the k-th line style; colours come again with other dash patterns."""
    again, k = divmod(k, len(SERIES))
    chosen = SERIES[k]
    if not again:
        return chosen
    dash = SERIES[(k + again) % len(SERIES)].dash
    marker = SERIES[(k + again) % len(SERIES)].marker
    return chosen._replace(dash=dash, marker=marker)


# ---- colour -------------------------------------------------------------------------


def _channels(colour: str) -> list[float]:
    """Return linear red, green and blue, from 0 to 1."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    return [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, ground: str = GROUND) -> float:
    """Return the contrast ratio of two colours ``#rrggbb``, from 1 to 21 (WCAG 2).

    Examples
    --------
    >>> contrast("#000000"), round(contrast("#777777"), 2)
    (21.0, 4.48)
    """
    dark, light = sorted([_luminance(colour), _luminance(ground)])
    return (light + 0.05) / (dark + 0.05)


@functools.cache
def readable(colour: str, ground: str = GROUND) -> str:
    """Return a colour, darkened until text in it has a contrast of 4.5 : 1.

    Examples
    --------
    >>> readable("#0072b2"), readable("#cc79a7")
    ('#0072b2', '#a36186')
    """
    channels = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    for percent in range(100, 0, -1):
        shade = "#" + "".join(f"{round(c * percent / 100):02x}" for c in channels)
        if contrast(shade, ground) >= _CONTRAST:
            return shade
    return TEXT


# ---- axes ---------------------------------------------------------------------------


def plain_axes(axes: "Axes", title: str = "", xlabel: str = "") -> None:
    """Set title and label, and draw horizontal guide lines."""
    axes.set_title(title)
    axes.set_xlabel(xlabel)
    axes.grid(axis="y")


def log_axis(axes: "Axes", low: float, high: float) -> None:
    """Make y logarithmic, from one power of ten to another around the numbers."""
    from matplotlib.ticker import FixedLocator, NullLocator

    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    last = max(last, first + 1)
    # Python's powers: NumPy's may differ in the last digit from one machine to another.
    axes.set_yscale("log")
    axes.set_ylim(10.0**first, 10.0**last)
    every = -(-(last - first) // 7)
    powers = list(range(first, last + 1, every))
    axes.yaxis.set_major_locator(FixedLocator([10.0**k for k in powers]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_yticklabels([power_of_ten(k) for k in powers])


def score_text(name: str, value: float) -> str:
    """Return a score as people say it: accuracies in percent.

    Examples
    --------
    >>> score_text("val_accuracy", 0.94), score_text("loss", 0.1239)
    ('94.0%', '0.124')
    """
    return f"{100 * value:.1f}%" if is_share(name) else number(value)


_SHARES = ("accuracy", "precision", "recall", "f1")


def is_share(name: str) -> bool:
    """Return whether a metric, by its name, is a share between 0 and 1."""
    return any(word in name for word in _SHARES)
