"""The nodes of a recorded graph: inputs first, and which depend on which."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["depending_on", "inputs_first"]


def inputs_first(*results: "Tensor") -> list["Tensor"]:
    """Return every tensor behind some results, each after its inputs.

    Equal graphs give equal orders: inputs are visited from left to right.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.graph_order import inputs_first
    >>> a, b = Tensor(2.0, name="a"), Tensor(3.0, name="b")
    >>> [t.name or t.op.name for t in inputs_first(a * b + a)]
    ['a', 'b', 'multiply', 'add']
    """
    order: list[Tensor] = []
    entered: set[Tensor] = set()
    for result in results:
        stack: list[tuple[Tensor, Iterator[Tensor]]] = []
        if result not in entered:
            entered.add(result)
            stack.append((result, iter(result.inputs)))
        while stack:
            tensor, inputs = stack[-1]
            x = next(inputs, None)
            if x is None:
                order.append(tensor)
                stack.pop()
            elif x not in entered:
                entered.add(x)
                stack.append((x, iter(x.inputs)))
    return order


def depending_on(order: Sequence["Tensor"], wanted: Iterable[Any]) -> set[Any]:
    """Return some tensors, and those of a graph, inputs first, that depend on them.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.graph_order import depending_on, inputs_first
    >>> a, b = Tensor(1.0), Tensor(2.0)
    >>> order = inputs_first((2 * a) * b)
    >>> [x.op.name for x in order if x.op and x in depending_on(order, [a])]
    ['multiply', 'multiply']
    """
    found = set(wanted)
    for tensor in order:
        if any([x in found for x in tensor.inputs]):
            found.add(tensor)
    return found
