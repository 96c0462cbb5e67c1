"""A picture as DOT text, written with the ``graphviz`` package.

The identifiers are ``n12``, never user text, and every label is escaped HTML: no name
can break the text, or be taken for an instruction.
"""

import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import graphviz

from viz.box_labels import box_label
from viz.boxes import heading
from viz.labels import Label, card_label, constant_label, pill_label
from viz.legend import legend_label, mark_colours
from viz.model import Role, Scope
from viz.names import html
from viz.picture import Link, Node, Picture
from viz.theme import SANS, Theme
from viz.values import COLUMNS, ROWS

__all__ = ["Style", "write"]

_SPACE = "&#160;"
_DENSE = 1_000  # ranks that all arrows together cross


@dataclass(frozen=True)
class Style:
    """How a picture is drawn, apart from its direction."""

    theme: Theme
    values: str
    edges: str
    legend: bool


def write(picture: Picture, style: Style, direction: str) -> str:
    """Return the DOT text of a picture.

    Parameters
    ----------
    picture : Picture
        What is drawn.
    style : Style
        Colours and options.
    direction : {"LR", "TB"}
        Where the computation runs to.
    """
    return _Writer(picture, style, direction).write()


class _Writer:
    def __init__(self, picture: Picture, style: Style, direction: str) -> None:
        self.picture = picture
        self.style = style
        self.theme = style.theme
        self.direction = direction
        self.nodes = {node.id: node for node in picture.nodes}
        self.pairs = _pairs(picture)

    def write(self) -> str:
        graph = graphviz.Digraph("graph")
        self._set_defaults(graph)
        if self.style.legend:
            text = legend_label(
                self.picture, self.theme, self.style.edges, self.direction
            )
            graph.attr(label=f"<{text}>", labelloc="b", labeljust="l")
        tree = _tree(self.picture.nodes)
        if self.picture.title is None:
            self._fill(graph, (), tree)
        else:
            # The graph's own label is the legend: a group around all carries the title.
            with graph.subgraph(name="cluster_title") as inner:
                text = f"<B>{_SPACE}{html(self.picture.title)}</B>"
                inner.attr(label=f'<<FONT POINT-SIZE="14">{text}</FONT>>')
                inner.attr(labelloc="t", labeljust="l", penwidth="0", margin="4")
                self._fill(inner, (), tree)
        for link in self.picture.links:
            self._edge(graph, link)
        return str(graph.source)

    def _set_defaults(self, graph: graphviz.Digraph) -> None:
        theme = self.theme
        text = {"fontname": SANS, "fontsize": "9", "fontcolor": theme.text}
        between = {"scalar": "0.3", "tensor": "0.35", "module": "0.04"}
        ranksep = between[self.picture.level] if self.direction == "LR" else "0.3"
        graph.attr(**text, rankdir=self.direction, bgcolor=theme.ground, pad="0.15")
        graph.attr(nodesep="0.22", ranksep=ranksep)
        if _crossed_ranks(self.picture) > _DENSE:
            # Graphviz would search long for a good layout where there is none.
            graph.attr(nslimit="1", nslimit1="1", mclimit="0.1", splines="line")
        box = {"shape": "box", "style": "rounded,filled", "margin": "0"}
        size = {"width": "0", "height": "0"}
        colours = {"color": theme.text, "fillcolor": theme.card}
        graph.attr("node", **text, **box, **size, **colours)
        points = "7.5" if self.picture.level == "module" else "8"
        text |= {"fontsize": points, "fontcolor": theme.gradient}
        graph.attr("edge", **text, color=theme.line, arrowsize="0.6")

    def _fill(
        self, graph: graphviz.Digraph, scope: Scope, tree: dict[Scope, list[Node]]
    ) -> None:
        """Write the nodes of a group, then the groups inside it."""
        for node in tree.get(scope, []):
            self._node(graph, node)
        for node in tree.get(scope, []):
            partners = [link.tail for link in self.pairs.get(node.id, [])]
            if partners:
                with graph.subgraph() as row:
                    row.attr(rank="same")
                    for id in (*partners, node.id):
                        row.node(id)
        for inner in tree:
            if inner and inner[:-1] == scope:
                name = f"cluster_{list(tree).index(inner)}"
                with graph.subgraph(name=name) as cluster:
                    label = _cluster_label(inner)
                    cluster.attr(label=label, labeljust="l", labelloc="t", margin="10")
                    cluster.attr(style="rounded,filled", penwidth="1")
                    cluster.attr(
                        color=self.theme.cluster_line,
                        fillcolor=self.theme.cluster,
                        fontcolor=self.theme.quiet,
                    )
                    self._fill(cluster, inner, tree)

    def _node(self, graph: graphviz.Digraph, node: Node) -> None:
        theme = self.theme
        if node.kind == "operation":
            graph.node(node.id, f"<<B>{html(node.symbol)}</B>>", **_operation(node))
        elif node.kind == "constant":
            label = constant_label(node)
            style = "rounded,filled,dotted"
            graph.node(
                node.id,
                f"<{label.text}>",
                style=style,
                height="0.25",
                width="0.3",
                penwidth="1.4",
            )
        elif node.kind == "box":
            label = box_label(node, theme, self.picture.loss)
            graph.node(node.id, f"<{label.text}>", **self._frame(label))
        elif node.kind == "pill":
            label = pill_label(node, theme, self.style.values != "none")
            graph.node(node.id, f"<{label.text}>", **self._dress(node, label, "0"))
        else:
            label = card_label(node, theme, self.picture.loss, self._summarised(node))
            graph.node(node.id, f"<{label.text}>", **self._dress(node, label, "270"))

    def _frame(self, label: Label) -> dict[str, str]:
        """Return border and fill of a box; a layer with parameters has a header."""
        if not label.share:
            return {"penwidth": "1.5", "height": "0.42"}
        theme = self.theme
        fill = _fill_colour(theme.parameter, label.share, theme.card)
        border = {"color": theme.parameter, "penwidth": "2"}
        return border | {"fillcolor": fill, "gradientangle": "270"}

    def _summarised(self, node: Node) -> bool:
        if math.prod(node.shape) == 1:
            return False
        if self.style.values == "auto":
            rows, columns = (1, 1, *node.shape)[-2:]
            return len(node.shape) > 2 or rows > ROWS or columns > COLUMNS
        return self.style.values == "stats"

    def _dress(self, node: Node, label: Label, angle: str) -> dict[str, str]:
        """Return border and fill of a card or pill, by its role."""
        theme = self.theme
        attributes = {"gradientangle": angle}
        colour = theme.operation
        if node.role is Role.DATA:
            attributes["style"] = "rounded,filled,dashed"
            colour = theme.data
        elif node.role is Role.PARAMETER:
            attributes |= {"color": theme.parameter, "penwidth": "2"}
            colour = theme.parameter
        elif node.role is Role.RESULT:
            attributes |= {"peripheries": "2", "penwidth": "1.5"}
        elif node.kind == "card" and node.mark is None:
            return {}
        ground = theme.card
        if node.mark is not None:
            ground, line = mark_colours(node.mark.verdict, theme)
            first = node.mark.verdict == "first wrong"
            attributes |= {"color": line, "penwidth": "4" if first else "2"}
            if node.role is Role.INTERMEDIATE:
                colour = theme.card
        attributes["fillcolor"] = _fill_colour(colour, label.share, ground)
        if node.kind == "pill" and node.role is Role.DATA:
            attributes["fillcolor"] = theme.data
        return attributes

    def _edge(self, graph: graphviz.Digraph, link: Link) -> None:
        attributes = {}
        if link.text:
            attributes["label"] = self._edge_label(link)
        tail, head = link.tail, link.head
        pair = self.pairs.get(link.head, [])
        if any(link is other for other in pair):
            if link is not pair[0]:  # the second parameter stands on the other side
                tail, head = head, tail
                attributes["dir"] = "back"
        elif self.nodes[tail].kind != "constant" and self.picture.level != "scalar":
            attributes["weight"] = "8"
        graph.edge(tail, head, **attributes)

    def _edge_label(self, link: Link) -> str:
        lines = textwrap.wrap(link.text, 34, max_lines=3, placeholder=" …")
        narrow = self.picture.level == "module" and self.direction == "LR"
        space = "" if narrow else _SPACE
        text = "<BR/>".join(f"{space}{html(line)}{space}" for line in lines)
        if link.is_shape:
            text = f'<FONT COLOR="{self.theme.quiet}">{text}</FONT>'
        else:
            text = f"<I>{text}</I>"
        # Between nodes of one group the ground is known: the text may hide the line.
        scopes = {self.nodes[link.tail].scope, self.nodes[link.head].scope}
        inside = len(scopes) == 1 and scopes != {()}
        ground = self.theme.cluster if inside else self.theme.ground
        flat = any(link is other for other in self.pairs.get(link.head, []))
        fill = f' BGCOLOR="{ground}"' if flat else ""
        return (
            f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"{fill}>'
            f"<TR><TD>{text}</TD></TR></TABLE>>"
        )


def _cluster_label(scope: Scope) -> str:
    title, path = heading(scope[-1])
    beside = f'{_SPACE * 2}<FONT POINT-SIZE="7">{html(path)}</FONT>' if path else ""
    return f"<<B>{_SPACE}{html(title)}</B>{beside}>"


def _operation(node: Node) -> dict[str, str]:
    """Return the form of an operation: a circle, or a rounded box for a longer sign."""
    if len(node.symbol) <= 2:
        return {
            "shape": "circle",
            "style": "filled",
            "width": "0.36",
            "fixedsize": "true",
            "fontsize": "12",
            "penwidth": "1.5",
        }
    return {"penwidth": "1.5", "height": "0.36", "margin": "0.08,0"}


def _crossed_ranks(picture: Picture) -> int:
    """Return how many ranks all arrows together cross.

    Graphviz places what has no input itself right above its first use.
    """
    ranks = picture.ranks
    heads = {link.head for link in picture.links}
    first: dict[str, int] = {}
    for link in picture.links:
        if link.tail not in heads:
            first[link.tail] = min(
                first.get(link.tail, ranks[link.head]), ranks[link.head]
            )
    return sum(
        ranks[link.head] - first.get(link.tail, ranks[link.tail] + 1) + 1
        for link in picture.links
    )


def _fill_colour(first: str, share: float, second: str) -> str:
    if share <= 0:
        return second
    return first if share >= 1 else f"{first};{share:.4f}:{second}"


def _pairs(picture: Picture) -> dict[str, list[Link]]:
    """Choose which parameters stand beside an operation: up to two for each.

    Only the operation may use it, in the same group.  (A shared parameter pulls at
    other ranks as well; Graphviz then finds no ranks across groups that interleave.)
    """
    nodes = {node.id: node for node in picture.nodes}
    uses = Counter(link.tail for link in picture.links)
    pairs: dict[str, list[Link]] = {}
    for link in picture.links:
        tail, head = nodes[link.tail], nodes[link.head]
        if tail.kind != "card" or tail.role is not Role.PARAMETER:
            continue
        beside = pairs.setdefault(head.id, [])
        single = uses[tail.id] == 1 and len(beside) < 2
        if single and head.kind == "operation" and head.scope == tail.scope:
            beside.append(link)
    return pairs


def _tree(nodes: Sequence[Node]) -> dict[Scope, list[Node]]:
    """Return the nodes of every group, outer groups before inner ones."""
    tree: dict[Scope, list[Node]] = {(): []}
    for node in nodes:
        for depth in range(1, len(node.scope) + 1):
            tree.setdefault(node.scope[:depth], [])
        tree[node.scope].append(node)
    return tree
