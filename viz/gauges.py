"""Small charts inside a node, as cells of an HTML-like table: bars and histograms.

Graphviz draws them alike in SVG, PNG and PDF, and places text around them.
"""

import math

from viz.histogram import BINS, Histogram
from viz.names import html
from viz.numbers import number
from viz.theme import Theme

__all__ = ["BAR_WIDTH", "DECADES", "axis_row", "fixed", "log_bar", "small_columns"]

DECADES = 6  # the bar goes from 10⁻⁶ to 1
_DECADE = 17  # points
_AXIS_FONT = 7  # points
_SPACE = "&#160;"
BAR_WIDTH = DECADES * _DECADE + 1


def log_bar(norm: float | None, theme: Theme, height: int) -> str:
    """Return a bar whose length is the logarithm of a number from 10⁻⁶ to 1.

    A tick stands at every power of ten.  What is larger fills the bar; what is smaller,
    zero or NaN leaves it empty.

    Parameters
    ----------
    norm : float or None
        The number; None if there is none yet.
    theme : Theme
        The colours.
    height : int
        In points.
    """
    filled = round(_share(norm) * DECADES * _DECADE)
    cells = []
    for decade in range(DECADES):
        start, width = decade * _DECADE, _DECADE - 1
        inside = min(max(filled - start, 0), width)
        cells.append(_cell(inside, height - 2, theme.gradient))
        cells.append(_cell(width - inside, height - 2))
        if decade < DECADES - 1:
            under = filled > start + width
            cells.append(_cell(1, height - 2, theme.card if under else theme.line))
    cells = [cell for cell in cells if cell]
    edge = _cell(BAR_WIDTH, 1, theme.line, f' COLSPAN="{len(cells) + 2}"')
    side = _cell(1, height - 2, theme.line)
    return _table(f"{edge}</TR><TR>{side}{''.join(cells)}{side}</TR><TR>{edge}")


def small_columns(
    histogram: Histogram, colour: str, line: str, height: int, width: int
) -> str:
    """Return the columns of a histogram on a line.

    A bin that holds anything has a column of at least one point.

    Parameters
    ----------
    histogram : Histogram
        What is drawn.
    colour, line : str
        The colours of the columns and of the line below them.
    height : int
        Of the tallest column, in points.
    width : int
        Of every column and the gap after it, in points.
    """
    most = max(histogram.counts)
    cells = []
    for count in histogram.counts:
        tall = max(1, round(height * count / most)) if count else 0
        rows = [_cell(width - 1, height - tall), _cell(width - 1, tall, colour)]
        column = _table("</TR><TR>".join(filter(None, rows)))
        cells.append(f"<TD>{column}</TD>{_cell(1, height)}")
    floor = _cell(BINS * width, 1, line, f' COLSPAN="{2 * BINS}"')
    return _table(f"{''.join(cells)}</TR><TR>{floor}")


def axis_row(
    histogram: Histogram, theme: Theme, width: int, height: int, indent: int
) -> str:
    """Return the numbers below a histogram: the ends of its axis, and the range.

    They end where the histogram ends, unless they need more space.
    """
    texts = _axis_texts(histogram)
    font = f'FONT POINT-SIZE="{_AXIS_FONT}" COLOR="{theme.quiet}"'
    if sum(map(_width, texts)) <= width:
        return fixed(_axis_table(texts, font, ""), width, height, indent)
    return _axis_table(texts, font, _SPACE)


def _axis_texts(histogram: Histogram) -> tuple[str, str, str]:
    low, high = number(histogram.low), number(histogram.high)
    least, most = number(histogram.least), number(histogram.most)
    middle = f"{least} … {most}" if least != most else least
    if (least, most) == (low, high):
        middle = ""
    if not any(histogram.counts):
        low = middle = high = ""
    elif low == high:  # all the same number
        low, middle, high = "", low, ""
    if histogram.unusual:
        middle = f"{histogram.unusual:,} not finite"
    return low, middle, high


def _axis_table(texts: tuple[str, str, str], font: str, space: str) -> str:
    sides = ("LEFT", "CENTER", "RIGHT")
    cells = (
        f'<TD ALIGN="{side}"><{font}>{space}{html(text)}{space}</FONT></TD>'
        if text
        else "<TD></TD>"
        for side, text in zip(sides, texts, strict=True)
    )
    return _table("".join(cells))


def _width(text: str) -> float:
    """Return at least the width of a number: digits are wide, signs wider."""
    return sum(1.0 if c in "−×…" else 0.65 for c in text) * _AXIS_FONT


def fixed(content: str, width: int, height: int, indent: int = 0) -> str:
    """Return a chart that keeps its size, at the left of a cell that may be wider.

    Graphviz stretches a table in a cell unless its size is fixed.  (It then draws the
    border and ground of the table wrongly, so this one has none.)
    """
    space = _cell(indent, height)
    cells = f"{space}{_cell(width, height, content=content)}{space}"
    size = f'FIXEDSIZE="TRUE" WIDTH="{width + 2 * indent}" HEIGHT="{height}"'
    return _table(cells, f' ALIGN="LEFT" {size}')


def _share(norm: float | None) -> float:
    """Return which part of the bar is filled."""
    if norm is None or math.isnan(norm) or norm <= 0:
        return 0.0
    if math.isinf(norm):
        return 1.0
    return min(max(1 + math.log10(norm) / DECADES, 0.0), 1.0)


def _table(cells: str, more: str = "") -> str:
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"{more}>'
        f"<TR>{cells}</TR></TABLE>"
    )


def _cell(
    width: int, height: int, colour: str = "", more: str = "", content: str = ""
) -> str:
    if width <= 0 or height <= 0:
        return ""
    ground = f' BGCOLOR="{colour}"' if colour else ""
    size = f'WIDTH="{width}" HEIGHT="{height}" FIXEDSIZE="TRUE"'
    return f"<TD {size}{ground}{more}>{content}</TD>"
