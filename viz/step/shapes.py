"""The elements that Graphviz draws, read and written in few characters."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

__all__ = [
    "NUMBER", "SVG", "colour_of", "extent", "form", "is_ground", "leaves", "short",
    "tag_of", "text_of",
]  # fmt: skip

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_RADIUS = 8  # of rounded corners


def leaves(group: Element) -> Iterator[Element]:
    """Give the shapes and texts of a group in drawing order."""
    for element in group:
        if tag_of(element) in ("g", "a", "defs"):
            yield from leaves(element)
        else:
            yield element


def tag_of(element: Element) -> str:
    """Return the name of an element, without its namespace."""
    return element.tag.removeprefix(SVG)


def text_of(element: Element | None) -> str:
    """Return all text inside an element."""
    return "" if element is None else "".join(element.itertext())


def is_ground(element: Element) -> bool:
    """Return whether this is the ground of a text, not the head of an arrow."""
    return tag_of(element) == "polygon" and element.get("stroke") == "none"


def colour_of(element: Element, kind: str) -> str:
    """Return the colour of an element's ``fill``, ``stroke`` or ``stop``."""
    if kind != "stop":
        return element.get(kind, "#000000")
    found = re.search(r"stop-color:(#\w+)", element.get("style", ""))
    return found[1] if found else "#000000"


def extent(element: Element) -> tuple[list[float], list[float]]:
    """Return coordinates of a shape whose extremes are its own."""
    if tag_of(element) == "ellipse":
        cx, cy, rx, ry = (float(element.get(k, "0")) for k in ("cx", "cy", "rx", "ry"))
        return [cx - rx * 0.7, cx + rx * 0.7], [cy - ry, cy + ry]
    coordinates = element.get("d") or element.get("points") or ""
    numbers = [float(x) for x in NUMBER.findall(coordinates)]
    return numbers[::2], numbers[1::2]


def form(element: Element) -> str:
    """Return a shape in as few characters as it needs: tag and coordinates."""
    tag = tag_of(element)
    if tag == "ellipse":
        cx, cy, r = (short(float(element.get(k, "0"))) for k in ("cx", "cy", "rx"))
        return f'circle cx="{cx}" cy="{cy}" r="{r}"'
    xs, ys = extent(element)
    is_closed = (xs[0], ys[0]) == (xs[-1], ys[-1])
    if tag == "path" and is_closed and len(xs) > 20:
        return f'{_rectangle(xs, ys)} rx="{_RADIUS}"'
    if tag == "path":
        d = NUMBER.sub(lambda found: short(float(found[0])), element.get("d", ""))
        return f'path d="{d}"'
    points = list(zip(xs, ys, strict=True))
    if is_ground(element) and len(set(points)) == 4:
        return _rectangle(xs, ys)
    written = " ".join(f"{short(x)},{short(y)}" for x, y in points)
    return f'{tag} points="{written}"'


def _rectangle(xs: list[float], ys: list[float]) -> str:
    x, y, width, height = (
        short(n) for n in (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    )
    return f'rect x="{x}" y="{y}" width="{width}" height="{height}"'


def short(x: float) -> str:
    """Return a coordinate to a tenth of a point."""
    return f"{x:.1f}".removesuffix(".0")
