"""The lesson as data: forward, then backward, one operation at a time."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.formula import expression, formula
from autograd.symbol import index_text
from autograd.tracing import Product, Trace
from viz.arrangement import Arrangement
from viz.edges import EdgeText
from viz.model import Role, Scope, Vertex
from viz.names import clean
from viz.notation import notation
from viz.numbers import number, shape_text
from viz.picture import Picture
from viz.step import wording
from viz.step.equation import Equation, Item, Matrix, Side, equation_of

__all__ = ["Norm", "Step", "write_steps"]


@dataclass(frozen=True)
class Norm:
    """One line of the summary: the sizes of a value and of its gradient."""

    name: str
    role: str
    shape: tuple[int, ...]
    gradient: float
    value: float
    node: str


@dataclass(frozen=True)
class Step:
    """One step of the lesson.

    Attributes
    ----------
    phase : {"ready", "forward", "start", "backward", "summary"}
        Where in the lesson it is.
    title : str
        What happens.
    chain : str
        The chain rule in symbols, in the backward pass.
    formula : str
        What is computed, with the names of the values.
    shapes : str
        The same with shapes in place of names.
    equation : tuple of Matrix or str
        The formula with numbers.
    result : int
        Which item of the equation is the result of the operation; -1 if there is none.
    cells : {"matmul", "cells", "sum", ""}
        How a cell of the result is made, see `Equation`.
    notes : tuple of str
        What else there is to say.
    contribution : (int, int)
        Which of how many gradients that the target receives.
    operation, target : str
        The nodes of the drawing that compute and that receive something.
    sources : tuple of str
        The nodes that are read.
    arrows : tuple of int
        The links of the drawing that are followed.
    value_of, gradient_of : str
        The node whose value, or complete gradient, is known from this step on.
    norms : tuple of Norm
        The summary.
    """

    phase: str
    title: str
    chain: str = ""
    formula: str = ""
    shapes: str = ""
    equation: tuple[Item, ...] = ()
    result: int = -1
    cells: str = ""
    notes: tuple[str, ...] = ()
    contribution: tuple[int, int] = (1, 1)
    operation: str = ""
    target: str = ""
    sources: tuple[str, ...] = ()
    arrows: tuple[int, ...] = ()
    value_of: str = ""
    gradient_of: str = ""
    norms: tuple[Norm, ...] = ()


def write_steps(
    arrangement: Arrangement, picture: Picture, text: EdgeText, trace: Trace
) -> list[Step]:
    """Return all steps of a lesson.

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
    return _Writer(arrangement, picture, text, trace).write()


class _Writer:
    def __init__(
        self, arrangement: Arrangement, picture: Picture, text: EdgeText, trace: Trace
    ) -> None:
        self.boxes = arrangement.boxes
        self.vertices = arrangement.model.vertices
        self.root = arrangement.model.root
        self.places = picture.places
        self.trace = trace
        self.loss = picture.loss
        self.shown = {v.index: text.title(v) for v in self.vertices}
        self.titles = {f"v{k}": title for k, title in self.shown.items() if title}
        self.arrays = {f"v{v.index}": v.tensor.data for v in self.vertices}
        self.index = {
            id(x): k
            for v in self.vertices
            for x, k in zip(v.tensor.inputs, v.inputs, strict=True)
        } | {id(v.tensor): v.index for v in self.vertices}
        self.side = Side(self.arrays, self.titles)

    def write(self) -> list[Step]:
        forward = list(self._forward())
        backward = list(self._backward())
        return [
            self._ready(len(forward), len(backward)),
            *forward,
            self._start(),
            *backward,
            self._summary(),
        ]

    def _ready(self, forward: int, backward: int) -> Step:
        return Step(
            phase="ready",
            title="Inputs and parameters are known",
            notes=(
                f"Forward: {forward} operation{'' if forward == 1 else 's'} up to "
                f"{self.loss}. Backward: {backward} vector-Jacobian "
                f"product{'' if backward == 1 else 's'}, in the order in which the "
                f"engine computes them. Values and gradients appear when they are "
                f"computed.",
            ),
        )

    def _forward(self) -> Iterator[Step]:
        used_outside = self._used_outside()
        for vertex in self.vertices:
            if vertex.tensor.op is not None and vertex.index in used_outside:
                yield self._operation(vertex)

    def _used_outside(self) -> set[int]:
        """Return what has a step of its own: all that is not hidden inside a box."""
        outside = {self.root.index}
        for v in self.vertices:
            outside.update(k for k in v.inputs if self._visible(v.index, k))
            if self.boxes[v.index] is None:
                outside.add(v.index)
        return outside

    def _visible(self, user: int, source: int) -> bool:
        """Return whether a use of a value is drawn, or fills a parameter's gradient."""
        box = self.boxes[user]
        leaf = self.vertices[source].tensor.op is None
        return box is None or self.boxes[source] != box or leaf

    def _operation(self, vertex: Vertex) -> Step:
        node, op = vertex.tensor, vertex.tensor.op
        name = self._called(vertex)
        text = self._text(node)
        result = self._matrix(name, node.data)
        equation = equation_of(text, self.side, result)
        if equation is None:
            equation = self._plain_equation(vertex)
        broadcasts = op is not None and op.elementwise
        notes = [self._collapsed(vertex)]
        for k in dict.fromkeys(vertex.inputs) if broadcasts else ():
            source = self.vertices[k]
            if source.role is not Role.CONSTANT:
                called = self._called(source)
                shape = source.tensor.shape
                notes.append(wording.repeated(called, shape, node.shape))
        items, position = _with_result(equation, result)
        return Step(
            phase="forward",
            title=f"{op.name if op is not None else ''} computes {name}",
            formula=f"{name} = {notation(text, self.titles, node.ndim)}",
            shapes=_shapes(equation, result),
            equation=items,
            result=position,
            cells=equation.cells,
            notes=tuple(filter(None, notes)),
            operation=self.places.makers[vertex.index],
            target=self.places.holders[vertex.index],
            sources=tuple(self._holder(k) for k in vertex.inputs),
            arrows=self._arrows(vertex),
            value_of=self.places.holders[vertex.index],
        )

    def _text(self, node: Tensor) -> str:
        """Return what an operation computes, as Python text."""
        op = node.op
        assert op is not None
        words = [self._word(x) or repr(x.item()) for x in node.inputs]
        if (
            op.symbol == "@"
            and len(words) == 2
            and max(x.ndim for x in node.inputs) < 3
        ):
            return " @ ".join(words)  # np.dot and its like
        if op.name == "getitem":
            return f"{words[0]}[{index_text((node.settings or {})['index'])}]"
        return expression(node, self._word) or f"{op.name}({', '.join(words)})"

    def _start(self) -> Step:
        holder = self.places.holders[self.root.index]
        name = self._gradient_name(self.root)
        gradient = self._matrix(name, self.trace.cotangents[self.root.tensor])
        complete = not self._count()[self.root.index]
        return Step(
            phase="start",
            title="The backward pass starts at the result",
            formula=f"{name} = 1",
            equation=(gradient,),
            notes=(
                f"If {self.loss} grows by a little, {self.loss} grows by just as much. "
                f"From here the chain rule goes back through every operation.",
            ),
            target=holder,
            gradient_of=holder if complete else "",
        )

    def _backward(self) -> Iterator[Step]:
        counts, seen = self._count(), Counter[int]()
        sums: dict[int, Any] = {}
        for product in self.trace.products:
            target = self.index[id(product.target)]
            seen[target] += 1
            before = sums.get(target)
            sums[target] = product.value if before is None else before + product.value
            user = self.index[id(product.node)]
            if self._visible(user, target):
                number_of = (seen[target], counts[target])
                yield self._product(product, number_of, before, sums[target])

    def _count(self) -> Counter[int]:
        """Return how many gradients each vertex receives."""
        return Counter(self.index[id(p.target)] for p in self.trace.products)

    def _product(
        self, product: Product, which: tuple[int, int], before: Any, now: Any
    ) -> Step:
        node = self.vertices[self.index[id(product.node)]]
        target = self.vertices[self.index[id(product.target)]]
        position = product.position
        name, through = self._called(target), self._called(node)
        gradient = self._gradient_name(target)
        text = formula(product.node, position, self._word)
        titles = {**self.titles, "G": self._gradient_name(node)}
        arrived = self.trace.cotangents[product.node]
        side = Side({**self.arrays, "G": arrived}, titles, self.side.values)
        several = which[1] > 1
        result = self._matrix("this path" if several else gradient, product.value)
        equation = equation_of(text, side, result)
        if equation is None:
            equation = Equation((side.matrix(titles["G"], arrived), "→"), "")
        items, place = _with_result(equation, result)
        if before is not None:
            so_far = self._matrix("so far", before)
            items = (*items, "+", so_far, "=", self._matrix(f"{gradient} now", now))
        sign = "+=" if before is not None else "="
        op = product.node.op
        return Step(
            phase="backward",
            title=f"{op.name if op is not None else ''} passes a gradient to {name}",
            chain=wording.chain_rule(self.loss, name, through, *which),
            formula=f"{gradient} {sign} {notation(text, titles, product.node.ndim)}",
            shapes=_shapes(equation, result),
            equation=items,
            result=place,
            cells=equation.cells,
            notes=tuple(filter(None, self._remarks(node, target, text, which))),
            contribution=which,
            operation=self.places.makers[node.index],
            target=self._holder(target.index),
            sources=(self.places.holders[node.index],),
            arrows=self._arrows(node, position),
            gradient_of=self._holder(target.index) if which[0] == which[1] else "",
        )

    def _remarks(
        self, node: Vertex, target: Vertex, text: str, which: tuple[int, int]
    ) -> Iterator[str]:
        """Give what there is to say about one vector-Jacobian product."""
        name, through, op = self._called(target), self._called(node), node.tensor.op
        x, y = target.tensor, node.tensor
        if which[1] > 1:
            yield wording.contribution(name, *which)
        elementwise = op is not None and op.elementwise
        if elementwise:
            yield wording.repeated_backward(name, x.shape, y.shape)
        if text == "G":
            yield "The local derivative is 1: what arrives is passed on unchanged."
        elif x.shape == y.shape or not elementwise:
            sizes = (y.size, x.size)
            yield wording.jacobian(self.loss, name, through, sizes, elementwise)
        yield self._collapsed(node)

    def _summary(self) -> Step:
        rows = [v for v in self.vertices if v.role is Role.PARAMETER]
        rows += [
            v for v in reversed(self.vertices)
            if v.role is Role.INTERMEDIATE and v.name is not None
        ]  # fmt: skip
        norms = (self._norm(v) for v in rows)
        return Step(
            phase="summary",
            title=f"Every parameter knows how {self.loss} changes with it",
            formula="W ← W − learning rate × ∂L/∂W".replace("L", self.loss),
            notes=(
                "The norm of a gradient is the root of the sum of its squares. A step "
                "against the gradient makes the result smaller.",
            ),
            norms=tuple(row for row in norms if row is not None),
        )

    def _norm(self, vertex: Vertex) -> Norm | None:
        cotangent = self.trace.cotangents.get(vertex.tensor)
        if cotangent is None:
            return None
        return Norm(
            self._called(vertex), vertex.role.value, vertex.tensor.shape,
            _norm(cotangent), _norm(vertex.tensor.data), self._holder(vertex.index),
        )  # fmt: skip

    def _word(self, tensor: Tensor) -> str:
        """Return the name of a value in a formula; a constant stands for itself."""
        k = self.index[id(tensor)]
        return "" if self.vertices[k].role is Role.CONSTANT else f"v{k}"

    def _called(self, vertex: Vertex) -> str:
        if self.shown[vertex.index]:
            return self.shown[vertex.index]
        return number(float(vertex.tensor.data))

    def _gradient_name(self, vertex: Vertex) -> str:
        return f"∂{self.loss}/∂{self._called(vertex)}"

    def _matrix(self, label: str, array: Any) -> Matrix:
        return self.side.matrix(label, array)

    def _holder(self, vertex: int) -> str:
        return self.places.holders[vertex]

    def _arrows(self, vertex: Vertex, position: int | None = None) -> tuple[int, ...]:
        which = range(len(vertex.inputs)) if position is None else (position,)
        arrows = self.places.arrows
        found = [arrows.get((vertex.index, k)) for k in which]
        return tuple(k for k in found if k is not None)

    def _plain_equation(self, vertex: Vertex) -> Equation:
        """Return the inputs side by side, where the formula has no matrices to show."""
        op = vertex.tensor.op
        items: list[Item] = [f"{op.symbol if op is not None else ''}("]
        for position, k in enumerate(vertex.inputs[:3]):
            source = self.vertices[k]
            matrix = self._matrix(self._called(source), source.tensor.data)
            items += [", "] * bool(position) + [matrix]
        more = ", …" if len(vertex.inputs) > 3 else ""
        return Equation((*items, f"{more})"), "")

    def _collapsed(self, vertex: Vertex) -> str:
        box: Scope | None = self.boxes[vertex.index]
        if box is None:
            return ""
        inside = sum(
            other == box and v.tensor.op is not None
            for v, other in zip(self.vertices, self.boxes, strict=True)
        )
        return (
            f"Inside “{clean(box[-1])}”, a collapsed group of {inside} operations: "
            f"only steps that lead out of it, or to its parameters, are shown."
        )


def _with_result(equation: Equation, result: Matrix) -> tuple[tuple[Item, ...], int]:
    """Append the result; beside a matrix times an upright vector it is upright too."""
    last = equation.items[-1]
    if isinstance(last, Matrix) and last.upright:
        result = replace(result, upright=True)
    sign = () if last == "→" else ("=",)
    return (*equation.items, *sign, result), len(equation.items) + len(sign)


def _shapes(equation: Equation, result: Matrix) -> str:
    """Return the equation with shapes in place of matrices."""
    if result.value.size == 1 and all(m.value.size == 1 for m in equation.matrices):
        return ""
    words = [
        f"({shape_text(item.value.shape)})" if isinstance(item, Matrix) else item
        for item in equation.items
    ]
    text = " ".join(words).replace("( ", "(").replace(" )", ")").replace(" ,", ",")
    return f"{text} → ({shape_text(result.value.shape)})"


def _norm(array: Any) -> float:
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(np.asarray(array, dtype=np.float64)))
    return norm if math.isfinite(norm) else math.nan
