"""Equal operations on equal inputs: computed once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.tensor import Tensor

__all__ = ["set_inputs", "without_repeats"]


def without_repeats(order: Sequence[Tensor], sources: set[Tensor]) -> list[Tensor]:
    """Return the graph with every operation once; who used a repeat uses the first.

    Parameters
    ----------
    order : sequence of Tensor
        A graph that nobody else uses, inputs first.  Its nodes are changed.
    sources : set of Tensor
        Where it begins.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.graph_order import inputs_first
    >>> a, b = Tensor(2.0), Tensor(3.0)
    >>> order = inputs_first(a * b + a * b)
    >>> len(order), len(without_repeats(order, {a, b}))
    (5, 4)
    """
    first: dict[Any, Tensor] = {}
    instead: dict[Tensor, Tensor] = {}
    kept = []
    for tensor in order:
        op = tensor.op
        if op is not None and tensor not in sources:
            inputs = tuple([instead.get(x, x) for x in tensor.inputs])
            set_inputs(tensor, inputs)
            key = (op.name, *map(id, inputs), _key(tensor.settings))
            found = first.setdefault(key, tensor)
            if found is not tensor and tensor is not order[-1]:
                instead[tensor] = found
                continue
        kept.append(tensor)
    return kept


def set_inputs(tensor: Tensor, inputs: tuple[Tensor, ...]) -> None:
    """Let a node have other inputs, as many as before."""
    tensor._a = inputs[0]
    if len(inputs) > 1:
        tensor._b = inputs[1]
    if len(inputs) > 2:
        tensor._details.more = inputs[2:]


def _key(settings: Any) -> Any:
    """Return something that equal settings have in common; of arrays, the identity."""
    if isinstance(settings, np.ndarray):
        return id(settings)
    if isinstance(settings, dict):
        return tuple([(name, _key(x)) for name, x in settings.items()])
    if isinstance(settings, list | tuple):
        return (type(settings), *map(_key, settings))
    return repr(settings)
