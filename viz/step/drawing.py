"""The drawing inside the page: the SVG of `viz.graph`, made small and switchable.

Graphviz lays the graph out once per theme.  Both drawings are equal but for their
colours, so one is kept, and every colour becomes a class with one rule for light and
dark.  What a step reveals is wrapped: ``<g class="v">`` holds the value of a node, and
``<g class="d">`` its gradient.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from viz.dot import Style, write
from viz.numbers import NumberFormat
from viz.picture import Node, Picture
from viz.render import render
from viz.step.shapes import (
    NUMBER,
    SVG,
    colour_of,
    extent,
    form,
    is_ground,
    leaves,
    short,
    tag_of,
    text_of,
)
from viz.theme import THEMES
from viz.values import Value
from viz.words import contents

__all__ = ["Drawing", "draw"]

_SPACE = "\xa0"
_POINT = 4 / 3  # pixels
_SHAPES = {"path", "polygon", "ellipse", "polyline"}


@dataclass(frozen=True)
class Drawing:
    """An SVG element without colours of its own, and the style rules that give them."""

    svg: str
    css: str


def draw(picture: Picture, labels: Mapping[str, str]) -> Drawing:
    """Draw a picture from left to right, for both themes.

    Parameters
    ----------
    picture : Picture
        What is drawn.
    labels : mapping of str to str
        What to write beside operations, by node: the names of results without a card.
    """
    styles = (Style(THEMES[t], "auto", "backward", False) for t in ("light", "dark"))
    svgs = (render(write(picture, style, "LR"), "svg") for style in styles)
    light, dark = map(ElementTree.fromstring, svgs)
    return _Compressor(picture, labels, light, dark).run()


@dataclass
class _Rules:
    """Numbers the style rules of one kind: equal rules share a class."""

    prefix: str
    numbers: dict[str, int] = field(default_factory=dict)

    def name(self, rule: str) -> str:
        number = self.numbers.setdefault(rule, len(self.numbers))
        return f"{self.prefix}{number}"

    def css(self) -> Iterator[str]:
        for rule, number in self.numbers.items():
            yield f"#graph .{self.prefix}{number}{{{rule}}}"


class _Compressor:
    """Writes one SVG element for two drawings of the same layout."""

    def __init__(
        self,
        picture: Picture,
        labels: Mapping[str, str],
        light: Element,
        dark: Element,
    ) -> None:
        self.picture = picture
        self.labels = labels
        self.light = light
        self.pair = dict(zip(light.iter(), dark.iter(), strict=True))
        self.nodes = {node.id: node for node in picture.nodes}
        self.rules = {kind: _Rules(kind) for kind in ("f", "s", "t", "c")}
        self.gradients: dict[str, str] = {}  # ids of Graphviz -> short ones
        self.out: list[str] = []

    def run(self) -> Drawing:
        graph = self.light.find(f"{SVG}g")
        assert graph is not None
        for group in graph.findall(f"{SVG}g"):
            kind = group.get("class")
            if kind == "cluster":
                self.out.append('<g class="cluster">')
                self._children(group)
            elif kind == "edge":
                # Graphviz numbers the arrows from 1, in the order of the text.
                number = int(group.get("id", "").removeprefix("edge")) - 1
                self.out.append(f'<g class="edge" id="e{number}">')
                self._edge(group)
            else:
                id = text_of(group.find(f"{SVG}title"))
                self._node(group, self.nodes[id])
            self.out.append("</g>\n")
        rules = (line for rules in self.rules.values() for line in rules.css())
        return Drawing(self._wrapped(graph), "\n".join(rules))

    def _wrapped(self, graph: Element) -> str:
        box = self.light.get("viewBox", "")
        width, height = map(float, box.split()[2:])
        shift = ",".join(
            NUMBER.findall((graph.get("transform") or "").split("translate(")[1])
        )
        # Without numbers: they are what the lesson is about to compute.
        label = f"Computation graph of {self.picture.loss}: {contents(self.picture)}"
        return (
            f'<svg id="graph" role="img" aria-label={quoteattr(label)}'
            f' viewBox="0 0 {width:g} {height:g}" width="{width * _POINT:.0f}"'
            f' height="{height * _POINT:.0f}"><g transform="translate({shift})">\n'
            f"{''.join(self.out)}</g></svg>"
        )

    def _children(self, group: Element) -> None:
        for element in group:
            self._element(element)

    def _edge(self, group: Element) -> None:
        """Write an arrow: its line and head, then its text, which has a ground."""
        parts = [x for x in leaves(group) if tag_of(x) != "title"]
        first = next(
            (k for k, x in enumerate(parts) if tag_of(x) == "text" or is_ground(x)),
            len(parts),
        )
        line, label = parts[:first], parts[first:]
        for element in line:
            self._element(element)
        if label:
            self.out.append('<g class="l">')
            for element in label:
                self._element(element)
            self.out.append("</g>")

    def _node(self, group: Element, node: Node) -> None:
        """Write a node: its outline, then header, value and gradient."""
        self.out.append(f'<g class="node" id="{node.id}">')
        parts = [x for x in leaves(group) if tag_of(x) != "title"]
        if node.kind == "card":
            self._card(parts, node)
        elif node.kind == "pill":
            self._pill(parts, node)
        else:
            for element in parts:
                self._element(element)
            if node.id in self.labels:
                self._label(parts[0], self.labels[node.id])

    def _card(self, parts: list[Element], node: Node) -> None:
        """Write header, value and gradient; only the title of a gradient is italic."""
        texts = [x for x in parts if tag_of(x) == "text" and text_of(x).strip(_SPACE)]
        title = next((x for x in texts if x.get("font-style") == "italic"), None)
        part = ""
        for element in parts:
            if element is title:
                self._turn(part, "")
                self._text(element, _factor(node.gradient), "d")
                part = self._turn("", "d")
            elif element is texts[1]:
                self._text(element, f", {_factor(node.value)}", "v")
                part = self._turn("", "v")
            elif tag_of(element) == "polyline":  # the line above a gradient stays
                part = self._turn(part, "")
                self._element(element)
            else:
                self._element(element)
        self._turn(part, "")

    def _turn(self, before: str, now: str) -> str:
        """Close a wrapped part and open the next."""
        if before in ("v", "d"):
            self.out.append("</g>")
        if now in ("v", "d"):
            self.out.append(f'<g class="{now}">')
        return now

    def _pill(self, parts: list[Element], node: Node) -> None:
        for element in parts:
            text = text_of(element).rstrip(_SPACE)
            if tag_of(element) != "text" or text.strip(_SPACE) == node.symbol:
                self._element(element)
            elif element.get("font-style") == "italic":
                self._text(element, text.removeprefix(f"{_SPACE}∂"), "d")
            else:
                _, sign, value = text.rpartition(" = ")
                self._text(element, sign + value, "v")

    def _label(self, outline: Element, name: str) -> None:
        """Write the name of a result beside the operation that makes it."""
        xs, ys = extent(outline)
        self.out.append(
            f'<text class="n" x="{short(max(xs) - 2)}" y="{short(min(ys) - 1)}">'
            f"{escape(name)}</text>"
        )

    def _element(self, element: Element) -> None:
        tag = tag_of(element)
        if tag == "text":
            self._text(element)
        elif tag == "linearGradient":
            self._gradient(element)
        elif tag in _SHAPES:
            self._shape(element)
        elif tag in ("g", "defs", "a"):
            self._children(element)

    def _text(self, element: Element, ending: str = "", part: str = "") -> None:
        """Write a text; an ending that it has appears with a part of the node."""
        text = text_of(element).rstrip(_SPACE)
        if not text.strip(_SPACE):
            return
        style = [
            f"{key}:{value}"
            for key in ("font-family", "font-size", "font-weight", "font-style")
            if (value := element.get(key))
        ]
        rule = ";".join(style).replace(".00", "px")
        names = f"{self.rules['t'].name(rule)} {self._colour(element, 'fill')}"
        x, y = (short(float(element.get(key, "0"))) for key in "xy")
        inner = escape(text)
        if ending and text.endswith(ending):
            known = text.removesuffix(ending)
            inner = f'{escape(known)}<tspan class="{part}">{escape(ending)}</tspan>'
        self.out.append(f'<text class="{names}" x="{x}" y="{y}">{inner}</text>')

    def _gradient(self, element: Element) -> None:
        """Write the two-coloured fill of a card with a header."""
        id = self.gradients.setdefault(element.get("id", ""), f"g{len(self.gradients)}")
        ends = " ".join(
            f'{key}="{short(float(element.get(key, "0")))}"'
            for key in ("x1", "y1", "x2", "y2")
        )
        stops = "".join(
            f'<stop offset="{x.get("offset")}" class="{self._colour(x, "stop")}"/>'
            for x in element
        )
        self.out.append(
            f'<linearGradient id="{id}" gradientUnits="userSpaceOnUse" {ends}>{stops}'
            f"</linearGradient>"
        )

    def _shape(self, element: Element) -> None:
        # Cells are polygons: what else has a fill of its own is an outline.
        names = ["o"] if element.tag != f"{SVG}polygon" else []
        attributes = ""
        fill = element.get("fill", "none")
        if fill.startswith("url("):
            attributes += f' fill="url(#{self.gradients[fill[5:-1]]})"'
        else:
            names.append(self._colour(element, "fill"))
        if element.get("stroke", "none") != "none":
            names.append(self._colour(element, "stroke"))
            for key in ("stroke-width", "stroke-dasharray"):
                if element.get(key):
                    attributes += f' {key}="{element.get(key)}"'
        self.out.append(f'<{form(element)} class="{" ".join(names)}"{attributes}/>')

    def _colour(self, element: Element, kind: str) -> str:
        """Return the class of a colour that differs between the themes."""
        pair = (colour_of(x, kind) for x in (element, self.pair[element]))
        light, dark = pair
        name = "stop-color" if kind == "stop" else kind
        rule = f"{name}:{light}"
        if light != dark:
            rule += f";{name}:light-dark({light},{dark})"
        return self.rules[{"fill": "f", "stroke": "s", "stop": "c"}[kind]].name(rule)


def _factor(value: Value | None) -> str:
    """Return the power of ten that stands in the header of a grid."""
    return "" if value is None else NumberFormat.of(value.cells).factor
