"""What every step of a lesson refers to: names, arrays, and nodes of the drawing."""

from typing import Any

from autograd import Tensor
from autograd.tracing import Trace
from viz.arrangement import Arrangement
from viz.edges import EdgeText
from viz.model import Role, Scope, Vertex
from viz.names import clean
from viz.numbers import number, shape_text
from viz.picture import Picture
from viz.step.equation import Equation, Item, Matrix, Side

__all__ = ["Context", "shapes_of", "with_result"]


class Context:
    """The graph, as it is drawn, and its backward pass.

    Parameters
    ----------
    arrangement : Arrangement
        What is drawn.
    picture : Picture
        The drawing.
    text : EdgeText
        Gives the names in it.
    trace : Trace
        The backward pass.
    """

    def __init__(
        self, arrangement: Arrangement, picture: Picture, text: EdgeText, trace: Trace
    ) -> None:
        self.vertices = arrangement.model.vertices
        self.root = arrangement.model.root
        self.trace = trace
        self.loss = picture.loss
        self.makers = picture.places.makers
        self.holders = picture.places.holders
        self._arrows = picture.places.arrows
        self._boxes = arrangement.boxes
        titles = {f"v{v.index}": text.title(v) for v in self.vertices}
        self.titles = {word: title for word, title in titles.items() if title}
        self.arrays = {f"v{v.index}": v.tensor.data for v in self.vertices}
        self.side = Side(self.arrays, self.titles)
        # Constants that hold the same array are one vertex.
        self._index = {
            id(x): k
            for v in self.vertices
            for x, k in zip(v.tensor.inputs, v.inputs, strict=True)
        } | {id(v.tensor): v.index for v in self.vertices}

    def vertex(self, tensor: Tensor) -> Vertex:
        """Return the vertex of a tensor."""
        return self.vertices[self._index[id(tensor)]]

    def word(self, tensor: Tensor) -> str:
        """Return what a formula calls a tensor; a constant stands for itself."""
        vertex = self.vertex(tensor)
        return "" if vertex.role is Role.CONSTANT else f"v{vertex.index}"

    def called(self, vertex: Vertex) -> str:
        """Return the name of a value; a constant is called by its number."""
        name = self.titles.get(f"v{vertex.index}")
        return name or number(float(vertex.tensor.data))

    def gradient_name(self, vertex: Vertex) -> str:
        """Return the name of the gradient of a value."""
        return f"∂{self.loss}/∂{self.called(vertex)}"

    def matrix(self, label: str, array: Any) -> Matrix:
        """Return an array with a label."""
        return self.side.matrix(label, array)

    def arrows(self, vertex: Vertex, position: int | None = None) -> tuple[int, ...]:
        """Return the links into an operation, or that of one argument."""
        which = range(len(vertex.inputs)) if position is None else (position,)
        found = [self._arrows.get((vertex.index, k)) for k in which]
        return tuple(k for k in found if k is not None)

    def is_drawn(self, user: int, source: int) -> bool:
        """Return whether a use of a value is drawn, not hidden inside a box."""
        box = self._boxes[user]
        return box is None or self._boxes[source] != box

    def with_own_step(self) -> set[int]:
        """Return the results that leave their box, or are in none."""
        outside = {self.root.index}
        for vertex in self.vertices:
            outside.update(k for k in vertex.inputs if self.is_drawn(vertex.index, k))
            if self._boxes[vertex.index] is None:
                outside.add(vertex.index)
        return outside

    def about_box(self, vertex: Vertex) -> str:
        """Return that an operation is inside a box; nothing if it is not."""
        box: Scope | None = self._boxes[vertex.index]
        if box is None:
            return ""
        inside = sum(
            other == box and v.tensor.op is not None
            for v, other in zip(self.vertices, self._boxes, strict=True)
        )
        return (
            f"Inside “{clean(box[-1])}”, a collapsed group of {inside} operations: "
            f"only the steps that lead out of it are shown."
        )


def with_result(equation: Equation, result: Matrix) -> tuple[Item, ...]:
    """Append the result, which stands upright if the factor before it does."""
    last = equation.items[-1]
    upright = isinstance(last, Matrix) and last.upright
    sign = () if last == "→" else ("=",)
    return (*equation.items, *sign, Matrix(result.label, result.value, upright))


def shapes_of(equation: Equation, result: Matrix) -> str:
    """Return the equation with shapes in place of matrices; nothing for numbers."""
    if result.value.size == 1 and all(m.value.size == 1 for m in equation.matrices):
        return ""
    text = ""
    for item in equation.items:
        if isinstance(item, Matrix):
            shape = shape_text(item.value.shape)
            text += shape if text.endswith(("(", ", ")) else f" ({shape})"
        else:
            text += item if item.startswith((",", ")", "[")) else f" {item}"
    return f"{text.removesuffix('→').strip()} → ({shape_text(result.value.shape)})"
