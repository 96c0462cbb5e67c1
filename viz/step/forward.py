"""The forward pass: one step for each operation, in reading order."""

from collections.abc import Iterator

from autograd import Tensor
from autograd.formula import expression
from autograd.primitive import Primitive
from autograd.symbol import index_text
from viz.model import Role, Vertex
from viz.notation import notation
from viz.step.context import Context, shapes_of, with_result
from viz.step.equation import Equation, Item, equation_of
from viz.step.lesson import Step
from viz.step.wording import repeated

__all__ = ["forward_steps"]


def forward_steps(context: Context) -> Iterator[Step]:
    """Give the steps of the forward pass."""
    shown = context.with_own_step()
    for vertex in context.vertices:
        op = vertex.tensor.op
        if op is not None and vertex.index in shown:
            yield _step(context, vertex, op)


def _step(context: Context, vertex: Vertex, op: Primitive) -> Step:
    node, name = vertex.tensor, context.called(vertex)
    text = _text(context, node, op)
    result = context.matrix(name, node.data)
    equation = equation_of(text, context.side, result)
    if equation is None:
        equation = _inputs_only(context, vertex, op)
    items = with_result(equation, result)
    holder = context.holders[vertex.index]
    return Step(
        phase="forward",
        title=f"{op.name} computes {name}",
        formula=f"{name} = {notation(text, context.titles, node.ndim)}",
        shapes=shapes_of(equation, result),
        equation=items,
        result=len(items) - 1,
        cells=equation.cells,
        notes=tuple(filter(None, _notes(context, vertex, op))),
        operation=context.makers[vertex.index],
        target=holder,
        sources=tuple(context.holders[k] for k in vertex.inputs),
        arrows=context.arrows(vertex),
        value_of=holder,
    )


def _text(context: Context, node: Tensor, op: Primitive) -> str:
    """Return what an operation computes, as Python text."""
    words = [context.word(x) or repr(x.item()) for x in node.inputs]
    if op.symbol == "@" and len(words) == 2 and max(x.ndim for x in node.inputs) < 3:
        return " @ ".join(words)  # np.dot and its like
    if op.name == "getitem":
        return f"{words[0]}[{index_text((node.settings or {})['index'])}]"
    return expression(node, context.word) or f"{op.name}({', '.join(words)})"


def _notes(context: Context, vertex: Vertex, op: Primitive) -> Iterator[str]:
    """Give what there is to say: which inputs are broadcast, and the group around."""
    for k in dict.fromkeys(vertex.inputs) if op.elementwise else ():
        source = context.vertices[k]
        if source.role is not Role.CONSTANT:
            shape = source.tensor.shape
            yield repeated(context.called(source), shape, vertex.tensor.shape)
    yield context.about_box(vertex)


def _inputs_only(context: Context, vertex: Vertex, op: Primitive) -> Equation:
    """Return the inputs side by side, where the formula has no matrices to show."""
    items: list[Item] = [f"{op.symbol}("]
    for position, k in enumerate(vertex.inputs[:3]):
        source = context.vertices[k]
        matrix = context.matrix(context.called(source), source.tensor.data)
        items += [", "] * bool(position) + [matrix]
    more = ", …" if len(vertex.inputs) > 3 else ""
    return Equation((*items, f"{more})"), "")
