"""The inside of a box: what a layer is, what leaves it, and its gradient."""

import math
from collections import Counter

from viz.boxes import Box
from viz.gauges import BAR_WIDTH, axis_row, fixed, log_bar, small_columns
from viz.histogram import BINS
from viz.labels import HEADER, Label
from viz.names import html
from viz.numbers import magnitude, shape_text
from viz.picture import Node
from viz.theme import Theme

__all__ = ["box_label", "output_text"]

_SPACE = "&#160;"
_LONGEST_TITLE = 48  # characters
_INDENT = 5  # points
_BAR, _HISTOGRAM, _AXIS = 8, 18, 10  # points
_TABLE = 'TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'


def box_label(node: Node, theme: Theme, loss: str) -> Label:
    """Return a box: its title, and below what there is to tell about a layer.

    Parameters
    ----------
    node : Node
        What is drawn.
    theme : Theme
        The colours.
    loss : str
        The name of what the gradients are gradients of.
    """
    box = node.box if node.box is not None else Box()
    parts = _parts(box, theme, loss)
    if not parts:
        return Label(_title_only(node.title, box.path, theme), 0)
    colour = theme.on_parameter if box.parameters else theme.text
    quiet = theme.on_parameter if box.parameters else theme.quiet
    header = (
        f'<TR><TD HEIGHT="{HEADER}" ALIGN="LEFT"><FONT COLOR="{colour}">'
        f"<B>{_SPACE * 2}{html(_cut(node.title))}</B>{_SPACE * 2}</FONT></TD>"
        f'<TD ALIGN="RIGHT"><FONT COLOR="{quiet}" POINT-SIZE="7">'
        f"{html(_cut(box.path))}{_SPACE * 2}</FONT></TD></TR>"
    )
    total = HEADER + sum(height for _, height in parts)
    rows = "".join(row for row, _ in parts)
    share = HEADER / total if box.parameters else 0
    return Label(f"<{_TABLE}>{header}{rows}</TABLE>", share)


def output_text(box: Box) -> str:
    """Return the shapes of what leaves a box, equal ones counted.

    Examples
    --------
    >>> output_text(Box(outputs=((16, 64),)))
    'out 16×64'
    >>> output_text(Box(outputs=((4, 8), (4, 8), (2, 4, 8))))
    'out 2 of 4×8, 2×4×8'
    """
    counts = Counter(box.outputs)
    texts = [
        shape_text(shape) if count == 1 else f"{count} of {shape_text(shape)}"
        for shape, count in counts.items()
    ]
    more = ", …" if len(texts) > 3 else ""
    return f"out {', '.join(texts[:3])}{more}" if texts else ""


def _parts(box: Box, theme: Theme, loss: str) -> list[tuple[str, int]]:
    """Return the rows below the header, with their heights."""
    scalar = all(math.prod(shape) == 1 for shape in box.outputs)
    if not box.parameters and scalar:
        return []
    count = f"{box.parameters:,} param" + ("" if box.parameters == 1 else "s")
    parts = [(_facts(output_text(box), count if box.parameters else "", theme), 14)]
    if box.differentiable:
        bar = log_bar(box.norm, theme, _BAR)
        parts.append((_norm_row(box, theme, loss), 13))
        parts.append(_chart(fixed(bar, BAR_WIDTH, _BAR, _INDENT), _BAR, 5))
    if box.histogram is not None:
        columns = small_columns(
            box.histogram, theme.histogram, theme.line, _HISTOGRAM, BAR_WIDTH // BINS
        )
        chart = fixed(columns, BAR_WIDTH, _HISTOGRAM + 1, _INDENT)
        axis = axis_row(box.histogram, theme, BAR_WIDTH, _AXIS, _INDENT)
        parts.append(_chart(chart, _HISTOGRAM + 1, 1))
        parts.append(_chart(axis, _AXIS, 2))
    return parts


def _facts(left: str, right: str, theme: Theme) -> str:
    font = f'FONT POINT-SIZE="7.5" COLOR="{theme.quiet}"'
    return (
        f'<TR><TD ALIGN="LEFT" HEIGHT="14"><{font}>{_SPACE * 2}{html(left)}{_SPACE * 2}'
        f'</FONT></TD><TD ALIGN="RIGHT"><{font}>{right}{_SPACE * 2}</FONT></TD></TR>'
    )


def _norm_row(box: Box, theme: Theme, loss: str) -> str:
    size = "—" if box.norm is None else f"= {magnitude(box.norm)}"
    return (
        f'<TR><TD COLSPAN="2" ALIGN="LEFT" HEIGHT="13"><FONT POINT-SIZE="8" '
        f'COLOR="{theme.gradient}">{_SPACE * 2}<I>‖∂{html(loss)}/∂W‖ {size}</I>'
        f"{_SPACE}</FONT></TD></TR>"
    )


def _chart(content: str, height: int, below: int) -> tuple[str, int]:
    """Return a row for a chart with some space below, and its height."""
    row = (
        f'<TR><TD COLSPAN="2" HEIGHT="{height}">{content}</TD></TR>'
        f'<TR><TD COLSPAN="2" HEIGHT="{below}"></TD></TR>'
    )
    return row, height + below


def _title_only(title: str, path: str, theme: Theme) -> str:
    text = f"<B>{_SPACE * 2}{html(_cut(title))}{_SPACE * 2}</B>"
    if not path:
        return text
    return (
        f'{text}<BR/><FONT POINT-SIZE="7" COLOR="{theme.quiet}">'
        f"{_SPACE * 2}{html(_cut(path))}{_SPACE * 2}</FONT>"
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"
