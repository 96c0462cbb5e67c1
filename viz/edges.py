"""The text on an arrow: what an input receives going backward, or its derivative."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from autograd import Tensor
from autograd.formula import expression, formula
from viz.arrangement import Arrangement
from viz.model import Role, Vertex
from viz.names import clean
from viz.notation import derivative, notation
from viz.numbers import number, shape_text

__all__ = ["EdgeText"]

_LONGEST_NAME = 16  # characters of an expression that stands in for a name


class EdgeText:
    """Gives the text of every arrow of one drawing.

    Parameters
    ----------
    arrangement : Arrangement
        What is drawn.
    edges : {"backward", "local", "shape", "none"}
        What the arrows say.
    numbered : bool, default False
        Whether results without a name are called t1, t2, and so on.
    """

    def __init__(
        self, arrangement: Arrangement, edges: str, numbered: bool = False
    ) -> None:
        self._level = arrangement.level
        self.edges = edges
        self._vertices = arrangement.model.vertices
        self._position = {id(v.tensor): v.index for v in self._vertices}
        # How a formula refers to each value: Python text, names being v0, v1, ...
        self._words: dict[int, str] = {}
        self._shown = _titles(self._vertices, numbered)
        if edges in ("backward", "local") and self._level == "tensor":
            for vertex, box in zip(self._vertices, arrangement.boxes, strict=True):
                self._words[vertex.index] = self._word(vertex) if box is None else ""

    def title(self, vertex: Vertex) -> str:
        """Return the name that a value has in the drawing; it may be empty."""
        return self._shown.get(f"v{vertex.index}", "")

    def of(self, vertex: Vertex, position: int) -> str:
        """Return the text of the arrow into an operation, at an argument position."""
        source = self._vertices[vertex.inputs[position]].tensor
        if self.edges == "shape":
            return shape_text(source.shape)
        if self.edges == "none" or not source.requires_grad:
            return ""
        if self._level == "scalar":
            return _slope(vertex.tensor, position)
        if self._level == "module":
            return self.of_shape(source.shape)
        return self._formula(vertex, position)

    def into_box(self, source: Vertex) -> str:
        """Return the text of the arrow into a collapsed group."""
        return self.of_shape(source.tensor.shape)

    def of_shape(self, shape: tuple[int, ...]) -> str:
        """Return a shape, where arrows into collapsed groups tell it."""
        shown = self.edges == "shape" or (
            self._level == "module" and self.edges != "none"
        )
        return shape_text(shape) if shown else ""

    def _formula(self, vertex: Vertex, position: int) -> str:
        node = vertex.tensor
        parameters = list(node.op.signature.parameters) if node.op is not None else []

        def name(tensor: Tensor) -> str:
            if tensor is node:
                return self._words[vertex.index] or "out"
            k = next(k for k, x in enumerate(node.inputs) if x is tensor)
            source = vertex.inputs[k]
            if self._vertices[source].role is Role.CONSTANT:
                return ""
            return self._words[source] or parameters[min(k, len(parameters) - 1)]

        text = formula(node, position, name)
        elementwise = node.op is not None and node.op.elementwise
        if self.edges == "local":
            return derivative(text, self._shown, node.ndim, elementwise)
        return notation(text, self._shown, node.ndim)

    def _word(self, vertex: Vertex) -> str:
        """Return the name, or the expression of an unnamed value if that is short."""
        if f"v{vertex.index}" in self._shown:
            return f"v{vertex.index}"
        tensor = vertex.tensor
        words = {}
        for x, k in zip(tensor.inputs, vertex.inputs, strict=True):
            words[id(x)] = self._words[k]
            if not words[id(x)] and self._vertices[k].role is not Role.CONSTANT:
                return ""
        if tensor.op is None:
            return ""
        text = expression(tensor, lambda x: words[id(x)])
        shown = notation(text, self._shown, tensor.ndim)
        return f"({text})" if shown and len(shown) <= _LONGEST_NAME else ""


def _titles(vertices: Sequence[Vertex], numbered: bool) -> dict[str, str]:
    """Name what has a name; number the arrays that have none, so that formulas can."""
    titles = {f"v{v.index}": clean(v.name) for v in vertices if v.name is not None}
    titles.setdefault(f"v{vertices[-1].index}", "L")
    titles |= _complements(vertices, titles)
    for role in (Role.DATA, Role.PARAMETER):
        unnamed = [
            v for v in vertices if v.role is role and f"v{v.index}" not in titles
        ]
        for k, vertex in enumerate(unnamed, start=1):
            number = f" {k}" if len(unnamed) > 1 else ""
            titles[f"v{vertex.index}"] = f"{role.value}{number}"
    if numbered:
        taken = set(titles.values())
        free = (t for k in itertools.count(1) if (t := f"t{k}") not in taken)
        for vertex in vertices:
            if vertex.role is Role.INTERMEDIATE and vertex.name is None:
                titles[f"v{vertex.index}"] = next(free)
    return titles


def _complements(
    vertices: Sequence[Vertex], titles: Mapping[str, str]
) -> dict[str, str]:
    """Call unnamed data ``(1 − Y)`` where they are that, as in a cross-entropy."""
    data = [v for v in vertices if v.role is Role.DATA and v.tensor.dtype.kind in "fiu"]
    named = [v for v in data if f"v{v.index}" in titles]
    return {
        f"v{v.index}": f"(1 \N{MINUS SIGN} {titles[f'v{y.index}']})"
        for v in data
        if f"v{v.index}" not in titles
        for y in named
        if v.tensor.shape == y.tensor.shape
        and np.array_equal(v.tensor.data, 1 - y.tensor.data)
    }


def _slope(node: Tensor, position: int) -> str:
    """Return the derivative of a scalar operation with respect to one input."""
    rule = node.op.rule(position) if node.op is not None else None
    if rule is None:
        return ""
    values = [x.data for x in node.inputs]
    if node.size != 1 or node.inputs[position].size != 1:
        return ""
    with np.errstate(all="ignore"):
        g = np.ones_like(node.data)[()]
        slope = rule(g, node.data, *values, **(node.settings or {}))
    return f"×{number(float(np.sum(slope)))}"
