"""From an arrangement to a picture: one node or box after the other.

Everything is copied here: later training does not change a picture.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from viz.arrangement import Arrangement
from viz.boxes import axis_of, heading, is_function, look_into, of_function
from viz.edges import EdgeText
from viz.histogram import Histogram
from viz.model import Role, Scope, Vertex
from viz.names import clean
from viz.picture import Link, Mark, Node, Picture, Places
from viz.values import Value

__all__ = ["paint"]


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
    summaries: bool = True,
) -> Picture:
    """Copy what an arrangement shows into a picture.

    Marks are found by vertex, and so are gradients that are not those in ``.grad``.
    Numbered, results without a name are called t1, t2, and so on.  With summaries the
    boxes of a module drawing show gradients and distributions.
    """
    text = EdgeText(arrangement, edges, numbered)
    painter = _Painter(arrangement, text, values, grads, marks, gradients, summaries)
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
        summaries: bool,
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
        self.summarised = summaries and values and arrangement.level == "module"
        self.contents = look_into(
            arrangement,
            self.summarised,
            self._gradient if grads and self.summarised else None,
        )

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
            histogram=self._histogram(tensor.data, axis_of([vertex])),
            mark=self.marks.get(vertex.index),
        )

    def _histogram(
        self, data: Any, axis: tuple[float, float] | None = None
    ) -> Histogram | None:
        if not self.summarised or np.size(data) < 2:
            return None
        return Histogram.of([data], axis)

    def _operation(self, vertex: Vertex) -> None:
        tensor = vertex.tensor
        name = tensor.op.name if tensor.op is not None else ""
        symbol = tensor.op.symbol if tensor.op is not None else ""
        alone = self.arrangement.level == "module" and is_function(vertex)
        boxed = alone and not self.arrangement.has_card(vertex)
        circle = self._add(
            kind="box" if boxed else "operation",
            role=Role.INTERMEDIATE,
            title=clean(name) if boxed else "",
            symbol="" if boxed else symbol,
            scope=vertex.scope,
            shape=tensor.shape,
            box=of_function(vertex, self.summarised) if boxed else None,
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
            is_shape = self.text.edges == "shape" or self.arrangement.level == "module"
            self.places.arrows[vertex.index, position] = len(self.links)
            tail = self.places.holders[source]
            self.links.append(Link(tail, head, text, is_shape))

    def _boxed(self, vertex: Vertex, box: Scope) -> None:
        entering = self.arrangement.inputs.get(box, [])
        if box not in self.boxes:
            self._open(box, [self.vertices[k] for k in entering])
        if vertex.index in entering:
            return
        self._place(vertex, self.boxes[box])
        for position, source in enumerate(vertex.inputs):
            if self.arrangement.boxes[source] == box and source not in entering:
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

    def _open(self, box: Scope, entering: Sequence[Vertex]) -> None:
        """Add a box, and before it a card for the unnamed data that it begins with."""
        titles = self.arrangement.titles
        title = titles.get(box) or heading(box[-1])[0]
        scope = () if box in titles else box[:-1]
        card = self._input(box, entering) if entering else ""
        self.boxes[box] = self._add(
            kind="box",
            role=Role.INTERMEDIATE,
            title=clean(title),
            scope=scope,
            box=self.contents[box],
        )
        for vertex in entering:
            self._place(vertex, card)
            self.drawn[vertex.index, box] = len(self.links)
        if entering:
            shape = self.nodes[int(card[1:])].shape
            text = self.text.of_shape(shape)
            self.links.append(Link(card, self.boxes[box], text, True))

    def _input(self, box: Scope, entering: Sequence[Vertex]) -> str:
        """Add a card for the input of a model; the steps of a sequence are stacked."""
        arrays = [vertex.tensor.data for vertex in entering]
        data = arrays[0] if len(arrays) == 1 else np.stack(arrays)
        boxes = list(self.arrangement.inputs)
        return self._add(
            kind="card",
            role=Role.DATA,
            title="input" if len(boxes) == 1 else f"input {boxes.index(box) + 1}",
            shape=data.shape,
            value=Value.of(data) if self.values else None,
            histogram=self._histogram(data),
        )
