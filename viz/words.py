"""A drawing in words: one sentence for screen readers, and all numbers as text."""

import math
from collections.abc import Iterable

from viz.box_labels import output_text
from viz.boxes import Box
from viz.histogram import Histogram
from viz.model import Role
from viz.numbers import magnitude, number, shape_text
from viz.picture import Node, Picture

__all__ = ["alt_text", "contents", "table_text"]


def alt_text(picture: Picture) -> str:
    """Return one sentence that says what a drawing shows."""
    nodes = picture.nodes
    result = next(n for n in reversed(nodes) if n.role is Role.RESULT)
    value = result.value
    ending = ""
    if value is not None and value.size == 1:
        ending = f" = {number(float(value.cells.reshape(-1)[0]))}"
    gradients = any(n.gradient is not None for n in nodes)
    state = "with gradients" if gradients else "without gradients"
    return (
        f"Computation graph of {result.title}{ending}, {state}: "
        f"{contents(picture)}.{_sizes(picture)}{_marked(nodes)}"
    )


def contents(picture: Picture) -> str:
    """Return what a drawing holds, without any number of the computation."""
    nodes = picture.nodes
    shown = [n for n in nodes if n.kind in ("card", "pill")]
    operations = sum(
        n.kind == "operation" or (n.kind == "pill" and n.symbol != "") for n in nodes
    )
    boxes = [n for n in nodes if n.kind == "box"]
    parts = [] if boxes and not operations else [_plural(operations, "operation")]
    if boxes:
        noun = "box" if picture.level == "module" else "collapsed group"
        parts.append(f"{_plural(len(boxes), noun)}{_listed(boxes)}")
    for role, noun in ((Role.PARAMETER, "parameter"), (Role.DATA, "data array")):
        found = [n for n in shown if n.role is role]
        if found:
            parts.append(f"{_plural(len(found), noun)}{_listed(found)}")
    return f"{', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]}"


def table_text(picture: Picture) -> str:
    """Return name, role, shape, value and gradient of everything that has a value."""
    blocks = []
    for node in picture.nodes:
        if node.box is not None and picture.level == "module":
            blocks.append(_box(node.title, node.box, picture.loss))
            continue
        if node.kind not in ("card", "pill") or not (node.title or node.value):
            continue
        name = node.title or node.id
        lines = [f"{name}  ({node.role.value}, {shape_text(node.shape)})"]
        if node.value is not None:
            lines.append(_indented("value", node.value.text()))
        if node.differentiable:
            gradient = "—" if node.gradient is None else node.gradient.text()
            lines.append(_indented(f"∂{picture.loss}/∂{name}", gradient))
        if node.histogram is not None:
            lines.append(_counts(node.histogram))
        if node.mark is not None:
            lines += [f"  {': '.join(filter(None, row))}" for row in node.mark.rows]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def _box(title: str, box: Box, loss: str) -> str:
    """Return what a box tells, as lines."""
    facts = [box.path, output_text(box)]
    if box.parameters:
        facts.append(_plural(box.parameters, "parameter"))
    told = ", ".join(filter(None, facts))
    lines = [f"{title}  ({told})" if told else title]
    if box.differentiable:
        size = "—" if box.norm is None else f"{box.norm:.6g}"
        lines.append(f"  ‖∂{loss}/∂W‖ = {size}")
    if box.histogram is not None:
        lines.append(f"  range [{box.histogram.least:.6g}, {box.histogram.most:.6g}]")
        lines.append(_counts(box.histogram))
    return "\n".join(lines)


def _counts(histogram: Histogram) -> str:
    counts = ", ".join(map(str, histogram.counts))
    unusual = f"; {histogram.unusual} not finite" if histogram.unusual else ""
    return (
        f"  histogram from {histogram.low:.6g} to {histogram.high:.6g}: "
        f"{counts}{unusual}"
    )


def _sizes(picture: Picture) -> str:
    """Return between which sizes the gradients of the layers are, as a sentence."""
    layers = [n for n in picture.nodes if n.box is not None and n.box.norm is not None]
    norms = [n.box.norm for n in layers if n.box is not None and n.box.norm is not None]
    if not norms:
        return ""
    if not all(map(math.isfinite, norms)):
        pairs = zip(layers, norms, strict=True)
        bad = [layer for layer, norm in pairs if not math.isfinite(norm)]
        count = _plural(len(bad), "layer")
        return f" The gradient is not finite in {count}{_listed(bad)}."
    return (
        f" Gradients of the layers have sizes from {magnitude(min(norms))} to "
        f"{magnitude(max(norms))}."
    )


def _marked(nodes: Iterable[Node]) -> str:
    """Return the marks that are not right, as a sentence."""
    marks = [node.mark for node in nodes if node.mark is not None]
    if not marks:
        return ""
    notable = [
        headline
        for mark in marks
        if mark.verdict != "right"
        for headline, _ in mark.rows
    ]
    return f" Marked: {'; '.join(notable) or 'all right'}."


def _plural(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith('x') else 's'}"


def _listed(nodes: Iterable[Node]) -> str:
    names = [node.title for node in nodes if node.title]
    if not names:
        return ""
    return f" ({', '.join(names[:8])}{', …' if len(names) > 8 else ''})"


def _indented(label: str, text: str) -> str:
    head = f"  {label} = "
    return head + text.replace("\n", "\n" + " " * len(head))
