"""The backward pass: one step per vector-Jacobian product, in the engine's order."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograd.formula import formula
from autograd.primitive import Primitive
from autograd.tracing import Product
from viz.model import Vertex
from viz.notation import notation
from viz.step import wording
from viz.step.context import Context, shapes_of, with_result
from viz.step.equation import Equation, Item, Matrix, Side, equation_of
from viz.step.lesson import Step

__all__ = ["backward_steps", "start_step"]


def start_step(context: Context) -> Step:
    """Return the step that gives the result its own gradient, 1."""
    holder = context.holders[context.root.index]
    name, loss = context.gradient_name(context.root), context.loss
    seed = context.trace.cotangents[context.root.tensor]
    return Step(
        phase="start",
        title="The backward pass starts at the result",
        formula=f"{name} = 1",
        equation=(context.matrix(name, seed),),
        notes=(
            f"How much does {loss} change when {loss} changes? By the same amount: "
            f"this 1 is what the chain rule carries back through every operation.",
        ),
        target=holder,
        gradient_of=holder,
    )


@dataclass(frozen=True)
class _Arrival:
    """One product, and what its target has received before it and with it."""

    product: Product
    node: Vertex
    target: Vertex
    op: Primitive
    number: int
    count: int
    before: Any
    now: Any


def backward_steps(context: Context) -> Iterator[Step]:
    """Give the steps of the backward pass."""
    for arrival in _arrivals(context):
        if context.is_drawn(arrival.node.index, arrival.target.index):
            yield _step(context, arrival)


def _arrivals(context: Context) -> Iterator[_Arrival]:
    """Give the products of the sweep, each with the sum that it is added to."""
    products = context.trace.products
    targets = [context.vertex(product.target) for product in products]
    counts = Counter(target.index for target in targets)
    seen: Counter[int] = Counter()
    sums: dict[int, Any] = {}
    for product, target in zip(products, targets, strict=True):
        k, op = target.index, product.node.op
        assert op is not None  # it has been differentiated
        seen[k] += 1
        before = sums.get(k)
        sums[k] = product.value if before is None else before + product.value
        node = context.vertex(product.node)
        yield _Arrival(product, node, target, op, seen[k], counts[k], before, sums[k])


def _step(context: Context, arrival: _Arrival) -> Step:
    node, target = arrival.node, arrival.target
    name, through = context.called(target), context.called(node)
    position, number, count = arrival.product.position, arrival.number, arrival.count
    text = formula(node.tensor, position, context.word)
    titles = {**context.titles, "G": context.gradient_name(node)}
    gradient = context.gradient_name(target)
    label = "this path" if count > 1 else gradient
    result = context.matrix(label, arrival.product.value)
    equation = _equation(context, arrival, text, titles, result)
    items = with_result(equation, result)
    sign = "=" if arrival.before is None else "+="
    holder = context.holders[target.index]
    return Step(
        phase="backward",
        title=f"{arrival.op.name} passes a gradient to {name}",
        chain=wording.chain_rule(context.loss, name, through, number, count),
        formula=f"{gradient} {sign} {notation(text, titles, node.tensor.ndim)}",
        shapes=shapes_of(equation, result),
        equation=items + _sum(context, arrival),
        result=len(items) - 1,
        cells=equation.cells,
        notes=tuple(filter(None, _notes(context, arrival, text))),
        contribution=(number, count),
        operation=context.makers[node.index],
        target=holder,
        sources=(context.holders[node.index],),
        arrows=context.arrows(node, position),
        gradient_of=holder if number == count else "",
    )


def _equation(
    context: Context,
    arrival: _Arrival,
    text: str,
    titles: dict[str, str],
    result: Matrix,
) -> Equation:
    """Return the rule as an equation, or only what goes in, where it is opaque."""
    arrived = context.trace.cotangents[arrival.node.tensor]
    side = Side({**context.arrays, "G": arrived}, titles, context.side.values)
    equation = equation_of(text, side, result)
    return equation or Equation((side.matrix(titles["G"], arrived), "→"), "")


def _sum(context: Context, arrival: _Arrival) -> tuple[Item, ...]:
    """Return ``+ so far = now``, where something has arrived before."""
    if arrival.before is None:
        return ()
    so_far = context.matrix("so far", arrival.before)
    label = f"{context.gradient_name(arrival.target)} now"
    return ("+", so_far, "=", context.matrix(label, arrival.now))


def _notes(context: Context, arrival: _Arrival, text: str) -> Iterator[str]:
    """Give what there is to say about one vector-Jacobian product."""
    name, through = context.called(arrival.target), context.called(arrival.node)
    x, y = arrival.target.tensor, arrival.node.tensor
    elementwise = arrival.op.elementwise
    if arrival.count > 1:
        yield wording.contribution(name, arrival.number, arrival.count)
    if elementwise:
        yield wording.repeated_backward(name, x.shape, y.shape)
    if text == "G":
        yield "The local derivative is 1: what arrives is passed on unchanged."
    elif x.shape == y.shape or not elementwise:
        sizes = (y.size, x.size)
        yield wording.jacobian(context.loss, name, through, sizes, elementwise)
    yield context.about_box(arrival.node)
