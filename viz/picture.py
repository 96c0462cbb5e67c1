"""A drawing as plain data: nodes, links between them, and the groups around them.

Everything is copied here: later training does not change a picture.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from viz.arrangement import Arrangement
from viz.edges import EdgeText
from viz.model import Role, Scope, Vertex
from viz.names import clean
from viz.values import Value

__all__ = ["Link", "Mark", "Node", "Picture", "Places", "paint"]


@dataclass(frozen=True)
class Mark:
    """A judgement on a value.

    Attributes
    ----------
    verdict : {"right", "inherited", "wrong", "first wrong", "open"}
        Its colour; "open" has none.
    rows : tuple of (str, str)
        What is said in words: a headline such as ``"✗ dZ1: first wrong"``, and why.
    """

    verdict: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Node:
    """One node of a drawing.

    Attributes
    ----------
    id : str
        ``n0``, ``n1``, ... in the order of the computation.
    kind : {"card", "pill", "operation", "constant", "box"}
        How it is drawn.
    role : Role
        What its value is for the reader.
    title : str
        The name of the value or group; may be empty.
    symbol : str
        The sign of the operation; empty if there is none.
    scope : tuple of str
        The group it stands in.
    shape : tuple of int
        The shape of its value.
    value : Value or None
        The numbers, where they are shown.
    gradient : Value or None
        The gradient, where there is one.
    differentiable : bool
        Whether it can have a gradient; before `backward` that is drawn as a dash.
    parameters : int
        How many trainable numbers a box holds.
    mark : Mark or None
        The judgement on a hand-derived gradient of its value.
    """

    id: str
    kind: str
    role: Role
    title: str
    symbol: str = ""
    scope: Scope = ()
    shape: tuple[int, ...] = ()
    value: Value | None = None
    gradient: Value | None = None
    differentiable: bool = False
    parameters: int = 0
    mark: Mark | None = None


@dataclass(frozen=True)
class Link:
    """An arrow from one node to another, with the text on it."""

    tail: str
    head: str
    text: str = ""
    is_shape: bool = False


@dataclass(frozen=True)
class Places:
    """Where the vertices of the graph are in a picture.

    Attributes
    ----------
    makers : dict of int to str
        The node that computes a vertex: its operation, or the box that holds it.
    holders : dict of int to str
        The node that shows its value, from which arrows start.
    arrows : dict of (int, int) to int
        The link of one argument, by vertex and position; links inside a box are absent.
    """

    makers: dict[int, str] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)
    arrows: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """Nodes and links in drawing order; ``loss`` is what gradients are gradients of."""

    level: str
    nodes: list[Node]
    links: list[Link]
    loss: str
    title: str | None
    places: Places

    @functools.cached_property
    def ranks(self) -> dict[str, int]:
        """How many nodes lie before each node on the longest path to it."""
        ranks = {node.id: 0 for node in self.nodes}
        position = {node.id: k for k, node in enumerate(self.nodes)}
        for link in sorted(self.links, key=lambda link: position[link.tail]):
            if not self._goes_back(link):
                ranks[link.head] = max(ranks[link.head], ranks[link.tail] + 1)
        return ranks

    @property
    def has_cycles(self) -> bool:
        """Whether an arrow goes back to an earlier node: to a group that recurs."""
        return any(self._goes_back(link) for link in self.links)

    def _goes_back(self, link: Link) -> bool:
        return int(link.head[1:]) < int(link.tail[1:])


def paint(
    arrangement: Arrangement,
    *,
    edges: str,
    values: bool,
    grads: bool,
    title: str | None,
    marks: Mapping[int, Mark] = MappingProxyType({}),
    gradients: Mapping[int, Any] | None = None,
    numbered: bool = False,
) -> Picture:
    """Copy what an arrangement shows into a picture.

    Marks are found by vertex, and so are gradients that are not those in ``.grad``.
    Numbered, results without a name are called t1, t2, and so on.
    """
    text = EdgeText(arrangement, edges, numbered)
    painter = _Painter(arrangement, text, values, grads, marks, gradients)
    painter.run()
    return Picture(
        arrangement.level,
        painter.nodes,
        painter.links,
        painter.loss,
        None if title is None else clean(title),
        painter.places,
    )


class _Painter:
    """Makes nodes and links, one vertex after the other."""

    def __init__(
        self,
        arrangement: Arrangement,
        text: EdgeText,
        values: bool,
        grads: bool,
        marks: Mapping[int, Mark],
        gradients: Mapping[int, Any] | None,
    ) -> None:
        self.marks = marks
        self.gradients = gradients
        self.arrangement = arrangement
        self.vertices = arrangement.model.vertices
        self.values = values
        self.grads = grads
        self.nodes: list[Node] = []
        self.links: list[Link] = []
        self.text = text
        self.loss = self.text.title(arrangement.model.root)
        self.places = Places()
        self.boxes: dict[Scope, str] = {}
        self.drawn: dict[tuple[int, Scope], int] = {}  # arrows into boxes

    def run(self) -> None:
        for vertex, box in zip(self.vertices, self.arrangement.boxes, strict=True):
            if box is not None:
                self._boxed(vertex, box)
            elif vertex.tensor.op is None:
                self._place(vertex, self._leaf(vertex))
            elif self.arrangement.level == "scalar":
                pill = self._with_value(vertex, "pill")
                self._place(vertex, pill)
                self._arrows(vertex, pill)
            else:
                self._operation(vertex)

    def _add(self, **fields: Any) -> str:
        node = Node(id=f"n{len(self.nodes)}", **fields)
        self.nodes.append(node)
        return node.id

    def _place(self, vertex: Vertex, maker: str, holder: str | None = None) -> None:
        self.places.makers[vertex.index] = maker
        self.places.holders[vertex.index] = maker if holder is None else holder

    def _leaf(self, vertex: Vertex) -> str:
        if vertex.role is Role.CONSTANT:
            return self._with_value(vertex, "constant")
        scalar = self.arrangement.level == "scalar"
        return self._with_value(vertex, "pill" if scalar else "card")

    def _with_value(self, vertex: Vertex, kind: str, scope: Scope | None = None) -> str:
        tensor = vertex.tensor
        shown = self.values or kind == "constant"
        gradient = self._gradient(vertex) if self.grads else None
        return self._add(
            kind=kind,
            role=vertex.role,
            title=self.text.title(vertex),
            symbol=tensor.op.symbol if tensor.op is not None and kind == "pill" else "",
            scope=vertex.scope if scope is None else scope,
            shape=tensor.shape,
            value=Value.of(tensor.data) if shown else None,
            gradient=None if gradient is None else Value.of(gradient),
            differentiable=self.grads and tensor.requires_grad,
            mark=self.marks.get(vertex.index),
        )

    def _operation(self, vertex: Vertex) -> None:
        tensor = vertex.tensor
        circle = self._add(
            kind="operation",
            role=Role.INTERMEDIATE,
            title="",
            symbol=tensor.op.symbol if tensor.op is not None else "",
            scope=vertex.scope,
            shape=tensor.shape,
        )
        self._arrows(vertex, circle)
        self._place(vertex, circle)
        if self.arrangement.has_card(vertex):
            card = self._with_value(vertex, "card")
            self._place(vertex, circle, card)
            self.links.append(Link(circle, card))

    def _gradient(self, vertex: Vertex) -> Any:
        if self.gradients is None:
            return vertex.tensor.grad
        return self.gradients.get(vertex.index)

    def _arrows(self, vertex: Vertex, head: str) -> None:
        """Draw one arrow per argument, in their order; twice the same is two arrows."""
        for position, source in enumerate(vertex.inputs):
            text = self.text.of(vertex, position)
            is_shape = self.text.edges == "shape"
            self.places.arrows[vertex.index, position] = len(self.links)
            tail = self.places.holders[source]
            self.links.append(Link(tail, head, text, is_shape))

    def _boxed(self, vertex: Vertex, box: Scope) -> None:
        if box not in self.boxes:
            title = self.arrangement.titles.get(box, box[-1])
            self.boxes[box] = self._add(
                kind="box",
                role=Role.INTERMEDIATE,
                title=clean(title),
                scope=box[:-1] if box not in self.arrangement.titles else (),
            )
        self._place(vertex, self.boxes[box])
        if vertex.role is Role.PARAMETER:
            self._count(self.boxes[box], vertex.tensor.size)
        for position, source in enumerate(vertex.inputs):
            if self.arrangement.boxes[source] == box:
                continue
            if (source, box) not in self.drawn:
                self.drawn[source, box] = len(self.links)
                text = self.text.into_box(self.vertices[source])
                tail = self.places.holders[source]
                self.links.append(Link(tail, self.boxes[box], text, True))
            self.places.arrows[vertex.index, position] = self.drawn[source, box]
        if vertex.role is Role.RESULT:
            card = self._with_value(
                vertex,
                "pill" if self.arrangement.level == "scalar" else "card",
                box[:-1],
            )
            self._place(vertex, self.boxes[box], card)
            self.links.append(Link(self.boxes[box], card))

    def _count(self, id: str, parameters: int) -> None:
        k = int(id[1:])
        node = self.nodes[k]
        self.nodes[k] = replace(node, parameters=node.parameters + parameters)
