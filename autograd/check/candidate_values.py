"""Mistakes in which a value is that of another layer, or of another time step."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.check.edges import (
    Group,
    changing,
    groups,
    is_product,
    node_of,
    operand,
    transposed,
)
from autograd.check.mistakes import Candidate, Evidence
from autograd.check.steps import Edge, LocalStep

__all__ = ["time_steps", "values_from_elsewhere"]


def values_from_elsewhere(evidence: Evidence) -> Iterator[Candidate]:
    """Yield another layer's value, a gradient for a weight, or the wrong gradient."""
    if evidence.is_parameter:
        yield from _other_bias(evidence)
    for group in groups(evidence.local[0]):
        if len(node_of(evidence.local[0], group[0]).inputs) != 2:
            continue
        for mistake, words, find in _others(evidence):

            def compute(k: int, find: Any = find, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(
                    changing(group, lambda e, g: _with(local, e, g, find(k)))
                )

            yield Candidate(mistake, words, compute)
        yield from _other_gradients(evidence, group)


def _others(evidence: Evidence) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for name in evidence.raw:
        words = f"the gradient of {name} is used in place of {name}"
        yield "gradient_for_weight", words, lambda k, n=name: evidence.raw[n][k]
    reference = evidence.local[0].reference
    for name in reference.values:
        words = f"{name} is used, the value of another layer"
        yield (
            "wrong_layer",
            words,
            lambda k, n=name: evidence.local[k].reference.values[n],
        )
    for index, value in enumerate(reference.point.data):
        if isinstance(value, np.ndarray):
            words = (
                f"the data (argument {index + 1}) is used in place of a layer's value"
            )
            yield (
                "wrong_layer",
                words,
                lambda k, i=index: evidence.local[k].reference.point.data[i],
            )


def _with(local: LocalStep, edge: Edge, g: Any, other: Any) -> Any:
    """Return the product along an edge with another value for the other operand."""
    right = operand(local, edge)
    if other.shape == right.shape:
        if np.array_equal(other, right):
            raise ValueError("the same value")
        return local.product(edge, g, {1 - edge.position: other})
    if other.T.shape == right.shape:
        return local.product(edge, g, {1 - edge.position: other.T})
    if not is_product(local, edge):
        raise ValueError("no product")
    return transposed(other) @ g if edge.position else g @ transposed(other)


def _other_gradients(evidence: Evidence, group: Group) -> Iterator[Candidate]:
    """Yield another step's gradient in the place of the one that arrives."""
    for name in evidence.local[0].upstream:
        words = f"the gradient of {name} is used, which belongs to another layer"

        def compute(k: int, name: str = name) -> Any:
            local = evidence.local[k]
            other = local.upstream[name]
            return local.sweep(changing(group, lambda e, g: local.product(e, other)))

        yield Candidate("wrong_layer", words, compute)


def _other_bias(evidence: Evidence) -> Iterator[Candidate]:
    """Yield a bias gradient summed up from another layer's gradient."""
    for name in evidence.local[0].upstream:
        words = f"it is the bias gradient of another layer: made from that of {name}"
        for axis in (None, 0, 1, (0, 1), (0, 2, 3)):
            yield Candidate(
                "bias_from_wrong_layer",
                words,
                lambda k, n=name, a=axis: _like(
                    evidence.local[k].upstream[n].sum(axis=a), evidence.values[k]
                ),
            )


def _like(total: Any, value: Any) -> Any:
    return total.reshape(value.shape)


def time_steps(evidence: Evidence) -> Iterator[Candidate]:
    """Yield values of the step before or after, in a network through time."""
    for group in groups(evidence.local[0]):
        for shift, words in (
            (1, "one time step too late"),
            (-1, "one time step too early"),
        ):
            for source in (_shifted_operand, _shifted_gradient):

                def compute(
                    k: int,
                    source: Any = source,
                    group: Group = group,
                    shift: int = shift,
                ) -> Any:
                    local = evidence.local[k]
                    change = source(local, group, shift)
                    return local.sweep(changing(group, change))

                yield Candidate(
                    "time_step_off_by_one", f"a value is taken {words}", compute
                )


def _shifted_operand(
    local: LocalStep, group: Group, shift: int
) -> Callable[[Edge, Any], Any]:
    """Replace the other operand, an item of a list, by its neighbour in the list."""

    def change(edge: Edge, g: Any) -> Any:
        other = _neighbour(local, operand(local, edge), shift)
        return local.product(edge, g, {1 - edge.position: other})

    return change


def _neighbour(local: LocalStep, value: Any, shift: int) -> Any:
    """Return a neighbour of a value in its list; -1 is the last, as in Python."""
    for items in _lists(local):
        for k, item in enumerate(items):
            if item.shape == value.shape and np.array_equal(item, value):
                return items[k + shift]
    raise KeyError("the value is not in a list")


def _lists(local: LocalStep) -> Iterator[list[Any]]:
    lists: dict[str, list[Any]] = {}
    for name, item in local.reference.values.items():
        if name.endswith("]"):
            lists.setdefault(name.rpartition("[")[0], []).append(item)
    yield from lists.values()
    for data in local.reference.point.data:
        if isinstance(data, np.ndarray) and data.ndim > 1:
            yield list(data)


def _shifted_gradient(
    local: LocalStep, group: Group, shift: int
) -> Callable[[Edge, Any], Any]:
    """Replace the gradient that arrives, of an item of a list, by its neighbour's."""
    names = {local.reference.named[name]: name for name in local.upstream}

    def change(edge: Edge, g: Any) -> Any:
        base, index = names[edge.node][:-1].rsplit("[", 1)
        return local.product(edge, local.upstream[f"{base}[{int(index) + shift}]"])

    return change
