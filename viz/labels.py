"""The inside of a node: HTML-like labels of Graphviz.

The colours behind a header are painted as a two-coloured fill of the whole node, so
that its corners stay round.  The fill needs the header's share of the node's size;
therefore heights and widths are given in points, larger than the text needs.
"""

import textwrap
import unicodedata
from dataclasses import dataclass

import numpy as np

from viz.gauges import fixed, small_columns
from viz.model import Role
from viz.names import html
from viz.numbers import NumberFormat, number, shape_text
from viz.picture import Mark, Node
from viz.theme import MONO, Theme, mix
from viz.values import Value

__all__ = ["HEADER", "Label", "card_label", "constant_label", "pill_label"]

HEADER = 20  # points
_ROW, _GAP, _PAD = 14, 1, 4
_CHARACTER = 5.5  # width of a monospace character of 9 points
_REASON = 32  # characters in a line of a reason
_TABLE = 'TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
_SPACE = "&#160;"


@dataclass(frozen=True)
class Label:
    """A label, and the share of the node that is painted as its header."""

    text: str
    share: float


def card_label(node: Node, theme: Theme, loss: str, statistics: bool) -> Label:
    """Return a card: a header, its mark, a grid of values, and a grid of gradients.

    Parameters
    ----------
    node : Node
        What is drawn.
    theme : Theme
        The colours.
    loss : str
        The name of what the gradients are gradients of.
    statistics : bool
        Whether mean, deviation and range stand in place of the numbers.
    """
    colour = _header_colour(node, theme)
    parts = [] if node.mark is None else _mark(node.mark, theme)
    factor = ""
    if node.value is not None:
        form = NumberFormat.of(node.value.cells)
        factor = "" if statistics or not form.factor else f", {form.factor}"
        beside = ""
        if statistics and node.histogram is not None:
            colour = theme.quiet if node.role is Role.DATA else theme.histogram
            columns = small_columns(node.histogram, colour, theme.line, 34, 3)
            beside = fixed(columns, 60, 35)
        parts.append(_numbers(node.value, form, theme, statistics, beside))
    if node.differentiable:
        parts.extend(_gradient(node, theme, loss, statistics))
    right = f"{shape_text(node.shape)}{factor}"
    header = (
        f'<TR><TD HEIGHT="{HEADER}" ALIGN="LEFT"><FONT COLOR="{colour}">'
        f"<B>{_SPACE * 2}{html(node.title)}</B>{_SPACE * 3}</FONT></TD>"
        f'<TD ALIGN="RIGHT"><FONT COLOR="{colour}" POINT-SIZE="8">'
        f"{right}{_SPACE * 2}</FONT></TD></TR>"
    )
    total = HEADER + sum(height for _, height in parts)
    text = f"<{_TABLE}>{header}{''.join(row for row, _ in parts)}</TABLE>"
    return Label(text, HEADER / total)


def pill_label(node: Node, theme: Theme, values: bool) -> Label:
    """Return a scalar node: ``[operation | name = value / ∂ gradient]``."""
    lines = [_value_line(node, values)]
    colours = [theme.text]
    if node.differentiable:
        shown = "—" if node.gradient is None else _number_or_shape(node.gradient)
        lines.append(f"∂ {shown}")
        colours.append(theme.gradient)
    width = round(max(map(_width, lines)) * _CHARACTER + 12)
    rows = [
        f'<FONT FACE="{MONO}" COLOR="{colour}">{_SPACE}{html(line)}{_SPACE}</FONT>'
        for line, colour in zip(lines, colours, strict=True)
    ]
    if len(rows) == 2:
        rows[1] = f"<I>{rows[1]}</I>"
    badge = _badge_width(node)
    cell = ""
    if badge:
        sign = f'<FONT COLOR="{theme.on_operation}"><B>{html(node.symbol)}</B></FONT>'
        cell = f'<TD WIDTH="{badge}">{sign if node.symbol else ""}</TD>'
    text = (
        f'<{_TABLE}><TR>{cell}<TD WIDTH="{width}" HEIGHT="{13 * len(rows) + 6}" '
        f'ALIGN="LEFT" BALIGN="LEFT">{"<BR/>".join(rows)}</TD></TR></TABLE>'
    )
    return Label(text, badge / (badge + width))


def constant_label(node: Node) -> Label:
    """Return a number that is part of the formula."""
    text = "" if node.value is None else _number_or_shape(node.value)
    return Label(f'<FONT FACE="{MONO}">{_SPACE}{html(text)}{_SPACE}</FONT>', 0)


def _header_colour(node: Node, theme: Theme) -> str:
    if node.role is Role.PARAMETER:
        return theme.on_parameter
    return theme.on_operation if node.role is Role.RESULT else theme.text


def _mark(mark: Mark, theme: Theme) -> list[tuple[str, int]]:
    """Return the rows of a mark, with their heights: headlines, and reasons below."""
    colour = theme.on_wrong if "wrong" in mark.verdict else theme.text
    parts = []
    for headline, reason in mark.rows:
        parts.append(_mark_row(f"<B>{html(headline)}</B>", colour, 9, 16))
        for line in textwrap.wrap(reason, _REASON):
            parts.append(_mark_row(html(line), colour, 8, 12))
    return [*parts, ('<TR><TD COLSPAN="2" HEIGHT="3"></TD></TR>', 3)]


def _mark_row(text: str, colour: str, size: int, height: int) -> tuple[str, int]:
    return (
        f'<TR><TD COLSPAN="2" ALIGN="LEFT" HEIGHT="{height}"><FONT COLOR="{colour}" '
        f'POINT-SIZE="{size}">{_SPACE * 2}{text}{_SPACE * 2}</FONT></TD></TR>',
        height,
    )


def _gradient(
    node: Node, theme: Theme, loss: str, statistics: bool
) -> list[tuple[str, int]]:
    """Return the rows of the gradient, with their heights."""
    name = f"∂{html(loss)}/∂{html(node.title)}"
    parts = []
    note = f"{_SPACE}—"
    if node.gradient is not None:
        form = NumberFormat.of(node.gradient.cells)
        note = f"{_SPACE}{form.factor}" if form.factor and not statistics else ""
        parts.append(_numbers(node.gradient, form, theme, statistics))
    height = 13
    title = (
        f'<TR><TD COLSPAN="2" ALIGN="LEFT" VALIGN="BOTTOM" HEIGHT="{height}" '
        f'BORDER="1" SIDES="T" STYLE="dotted" COLOR="{theme.gradient}">'
        f'<FONT COLOR="{theme.gradient}" POINT-SIZE="8">{_SPACE * 2}<I>{name}{note}</I>'
        f"{_SPACE}</FONT></TD></TR>"
    )
    return [(title, height), *parts]


def _numbers(
    value: Value,
    form: NumberFormat,
    theme: Theme,
    statistics: bool,
    histogram: str = "",
) -> tuple[str, int]:
    if not value.size:
        rows, height = [_line("empty")], _ROW + 2
    elif statistics:
        texts = _statistics(value)
        rows = [_line(text, "" if histogram else _SPACE) for text in texts]
        height = (_ROW - 1) * len(texts) + 2
    else:
        rows = _grid(value, form, theme)
        height = len(rows) * (_ROW + _GAP) + _GAP
    spacing = _GAP if value.size and not statistics else 0
    table = (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="{spacing}" CELLPADDING="0">'
        f"{''.join(rows)}</TABLE>"
    )
    if histogram:
        table = f"<{_TABLE}><TR><TD>{table}</TD><TD>{histogram}</TD></TR></TABLE>"
    return (
        f'<TR><TD COLSPAN="2" CELLPADDING="{_PAD}">{table}</TD></TR>',
        height + 2 * _PAD,
    )


def _line(text: str, before: str = _SPACE) -> str:
    return (
        f'<TR><TD ALIGN="LEFT" HEIGHT="{_ROW - 1}"><FONT FACE="{MONO}" '
        f'POINT-SIZE="8">{before}{html(text)}{_SPACE}</FONT></TD></TR>'
    )


def _statistics(value: Value) -> list[str]:
    lines = [
        f"mean {number(value.mean)}",
        f"std {number(value.std)}",
        f"[{number(value.low)}, {number(value.high)}]",
    ]
    return lines + ([f"{value.unusual} not finite"] if value.unusual else [])


def _grid(value: Value, form: NumberFormat, theme: Theme) -> list[str]:
    """Return the rows of a grid: tinted cells of equal width."""
    cells = value.cells
    finite = cells[np.isfinite(cells)]
    largest = float(np.max(np.abs(finite), initial=0.0))
    texts = [[form.text(float(x)) for x in row] for row in cells]
    width = round(max(len(text) for row in texts for text in row) * _CHARACTER + 7)
    more_columns = len(value.shape) > 0 and value.shape[-1] > cells.shape[1]
    more_rows = value.size > cells.shape[0] * (value.shape[-1] if value.shape else 1)
    rows = []
    for numbers, words in zip(cells, texts, strict=True):
        line = "".join(
            _cell(text, width, _tint(float(x), largest, theme))
            for x, text in zip(numbers, words, strict=True)
        )
        rows.append(f"<TR>{line}{_cell('…', 12, '') if more_columns else ''}</TR>")
    if more_rows:
        rows.append(f'<TR><TD COLSPAN="{cells.shape[1]}" HEIGHT="{_ROW}">⋮</TD></TR>')
    return rows


def _cell(text: str, width: int, colour: str) -> str:
    ground = f' BGCOLOR="{colour}"' if colour else ""
    return (
        f'<TD WIDTH="{width}" HEIGHT="{_ROW}" ALIGN="RIGHT"{ground}>'
        f'<FONT FACE="{MONO}">{text}</FONT>{_SPACE}</TD>'
    )


def _tint(x: float, largest: float, theme: Theme) -> str:
    """Return the colour of a cell: its sign, and its share of the largest magnitude."""
    if not np.isfinite(x) or x == 0 or largest == 0:
        return ""
    colour = theme.positive if x > 0 else theme.negative
    return mix(theme.card, colour, 0.12 + 0.88 * abs(x) / largest)


def _value_line(node: Node, values: bool) -> str:
    shown = _number_or_shape(node.value) if values and node.value is not None else ""
    if node.title and shown:
        return f"{node.title} = {shown}"
    return node.title or shown


def _number_or_shape(value: Value) -> str:
    if value.size == 1:
        return number(float(value.cells.reshape(-1)[0]))
    return f"({shape_text(value.shape)})"


def _badge_width(node: Node) -> int:
    if node.symbol:
        return max(22, round(_width(node.symbol) * 7 + 9))
    return 7 if node.role is Role.PARAMETER else 0


def _width(text: str) -> int:
    """Return the width of a text in monospace columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
