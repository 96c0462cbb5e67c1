"""The legend below a drawing: only what occurs in it."""

import textwrap

from viz.gauges import DECADES
from viz.model import Role
from viz.names import html
from viz.numbers import power_of_ten
from viz.picture import Picture
from viz.theme import Theme

__all__ = ["legend_label", "mark_colours"]

_TABLE = 'TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3"'


def legend_label(picture: Picture, theme: Theme, edges: str, direction: str) -> str:
    """Return the legend as an HTML-like label."""
    swatches = _swatches(picture, theme)
    items = [_item(swatch, text, theme) for swatch, text in swatches]
    # Wider than the signs, the note would pull them apart.
    columns = max(44, sum(len(text) + 8 for _, text in swatches))
    note = [
        line
        for text in (_note(picture, edges, direction), *_chart_notes(picture))
        for line in textwrap.wrap(text, columns)
    ]
    signs = f"<{_TABLE}><TR>{''.join(items)}</TR></TABLE>"
    rows = [f'<TR><TD ALIGN="LEFT">{signs}</TD></TR>']
    if note:
        text = "<BR/>".join(map(html, note))
        font = f'<FONT COLOR="{theme.gradient}" POINT-SIZE="8"><I>{text}</I></FONT>'
        rows.append(f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">{font}</TD></TR>')
    return f"<{_TABLE}>{''.join(rows)}</TABLE>"


def _swatches(picture: Picture, theme: Theme) -> list[tuple[str, str]]:
    """Return the form and the meaning of every sign that occurs."""
    valued = [node for node in picture.nodes if node.kind in ("card", "pill")]
    roles = {node.role for node in valued}
    kinds = {node.kind for node in picture.nodes}
    boxes = [node.box for node in picture.nodes if node.box is not None]
    layers = any(box.parameters for box in boxes)
    tinted = any(node.kind == "card" and node.value is not None for node in valued)
    table = [
        (Role.DATA in roles, _border("dashed", theme.text, theme.data), "data"),
        (
            Role.PARAMETER in roles,
            _border("solid", theme.parameter, theme.parameter),
            "trainable parameter",
        ),
        (
            Role.INTERMEDIATE in roles and "card" in kinds,
            _border("solid", theme.text, theme.card),
            "intermediate",
        ),
        ("constant" in kinds, _border("dotted", theme.text, theme.card), "constant"),
        (
            "operation" in kinds,
            _border("solid", theme.text, theme.card, 2),
            "operation",
        ),
        (
            "pill" in kinds,
            _border("solid", theme.text, theme.operation),
            "operation that made the value",
        ),
        (
            layers,
            _border("solid", theme.parameter, theme.parameter),
            "layer with parameters",
        ),
        (
            "box" in kinds and not all(box.parameters for box in boxes),
            _border("solid", theme.text, theme.card, 2),
            "group without parameters" if layers else "collapsed group",
        ),
        (tinted, f'BORDER="0" BGCOLOR="{theme.positive}"', "positive"),
        (tinted, f'BORDER="0" BGCOLOR="{theme.negative}"', "negative"),
    ]
    table += _mark_swatches(picture, theme)
    return [(form, text) for occurs, form, text in table if occurs]


def mark_colours(verdict: str, theme: Theme) -> tuple[str, str]:
    """Return the colours of a mark: ground and border."""
    if "wrong" in verdict:
        return theme.wrong, theme.wrong_line
    if verdict == "inherited":
        return theme.inherited, theme.inherited_line
    if verdict == "right":
        return theme.right, theme.right_line
    return theme.card, theme.text


def _mark_swatches(picture: Picture, theme: Theme) -> list[tuple[bool, str, str]]:
    verdicts = {node.mark.verdict for node in picture.nodes if node.mark is not None}
    swatches = []
    for verdict, text in (
        ("right", "✓ right"),
        ("inherited", "↳ inherited"),
        ("wrong", "✗ wrong"),
    ):
        ground, line = mark_colours(verdict, theme)
        occurs = any(verdict in found for found in verdicts)
        swatches.append((occurs, _border("solid", line, ground, 2), text))
    return swatches


def _border(style: str, line: str, ground: str, width: int = 1) -> str:
    return f'BORDER="{width}" STYLE="{style},rounded" COLOR="{line}" BGCOLOR="{ground}"'


def _item(form: str, text: str, theme: Theme) -> str:
    return (
        f'<TD><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>'
        f'<TD {form} WIDTH="18" HEIGHT="11"></TD></TR></TABLE></TD>'
        f'<TD ALIGN="LEFT"><FONT POINT-SIZE="8" COLOR="{theme.quiet}">{text}'
        f"&#160;&#160;</FONT></TD>"
    )


def _chart_notes(picture: Picture) -> list[str]:
    """Explain the bars and the histograms, if there are any."""
    boxes = [node.box for node in picture.nodes if node.box is not None]
    notes = []
    if any(box.differentiable for box in boxes):
        notes.append(
            f"bar: size of the gradient ‖∂{picture.loss}/∂W‖ (root of the sum of "
            f"squares over all parameters of the layer), log scale "
            f"{power_of_ten(-DECADES)} … 1, one tick = ×10"
        )
    if any(box.histogram is not None for box in boxes):
        notes.append(
            "histogram: the values that come out; below, the ends of its axis, and "
            "least … greatest value"
        )
    return notes


def _note(picture: Picture, edges: str, direction: str) -> str:
    """Explain the text on the arrows, if there is any."""
    if not any(link.text for link in picture.links) and picture.level != "scalar":
        return ""
    side = "from the right" if direction == "LR" else "from below"
    if picture.level == "scalar":
        if edges not in ("backward", "local"):
            return f"∂ = gradient of {picture.loss}"
        where = "to the right" if direction == "LR" else "below"
        return (
            f"∂ = gradient of {picture.loss}; number on an edge = local derivative. "
            f"Gradient here = (gradient {where}) × (edge), summed over outgoing edges"
        )
    if edges == "shape" or picture.level == "module":
        return "edge: the shape that flows along it"
    if edges == "local":
        return f"edge: the local derivative (G = gradient arriving {side})"
    return (
        "edge: what this input receives in the backward pass "
        f"(G = gradient arriving {side})"
    )
