"""Parameters that the loss does not train."""

from collections.abc import Iterator

from autograd import Tensor
from viz.lint.findings import Finding, describe, finding
from viz.lint.graph import Graph
from viz.lint.nodes import name_of
from viz.names import clean

__all__ = ["no_slope", "unused_parameters"]

_STEPS = frozenset(
    ["ceil", "floor", "floor_divide", "heaviside", "rint", "round", "sign", "trunc"]
)
_MOST_NAMED = 8


def unused_parameters(graph: Graph) -> Iterator[Finding]:
    """Report parameters of the model on which the loss does not depend."""
    if graph.model is None or graph.root.op is None:
        return
    behind = set(graph.nodes)
    unused = {
        clean(name): p
        for name, p in graph.model.named_parameters()
        if p.requires_grad and p not in behind
    }
    if unused:
        names = list(unused)
        more = len(names) - _MOST_NAMED
        shown = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" * (more > 0))
        yield finding(
            "unused-parameters",
            f"The loss does not depend on {shown}: no path of the graph leads there, "
            f"and they stay as they are.",
            "Use the layer in forward, on the right input, and let no detach(), .data "
            "or no_grad() cut the graph behind it; or freeze it with "
            "requires_grad_(False).",
            *unused.values(),
        )


def no_slope(graph: Graph) -> Iterator[Finding]:
    """Report parameters that act through rounding only, whose derivative is 0."""
    steps = list(graph.of(*sorted(_STEPS)))
    if not steps:
        return
    reached = {graph.root}
    stack = [graph.root]
    while stack:
        node = stack.pop()
        if name_of(node) in _STEPS:
            continue
        fresh = [x for x in node.inputs if x not in reached]
        reached.update(fresh)
        stack += fresh
    lost = [p for p in graph.parameters if p not in reached]
    if lost:
        step = _first_step_behind(graph, lost)
        yield finding(
            "no-slope",
            f"The loss depends on {', '.join(describe(p) for p in lost[:_MOST_NAMED])} "
            f"through {name_of(step)} only, which is flat almost everywhere: the "
            f"gradient is always 0.",
            f"Leave {name_of(step)} out of the loss, or let the gradient pass: "
            f"x + ({name_of(step)}(x) - x).detach().",
            step,
            *lost,
        )


def _first_step_behind(graph: Graph, lost: list[Tensor]) -> Tensor:
    """Return the first rounding that depends on one of the lost parameters."""
    behind = set(lost)
    for node in graph.nodes:
        if behind.intersection(node.inputs):
            if name_of(node) in _STEPS:
                return node
            behind.add(node)
    raise AssertionError("a lost parameter has a rounding behind it")
