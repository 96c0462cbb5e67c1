"""Mistakes in activations, in products and in the sums that broadcasting calls for."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product as pairs
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
from autograd.check.segments import Segment, find_segments, wrong_derivatives
from autograd.check.steps import Edge, Jump, LocalStep

__all__ = ["activations", "elementwise_products", "products", "sums"]


def activations(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the derivative of an activation missing, another, or in the wrong place."""
    local = evidence.local
    for segment in find_segments(local[0]):
        options = [list(_wrong(segment, part)) for part in local]
        for index, (mistake, words, _) in enumerate(options[0]):

            def compute(
                k: int,
                index: int = index,
                segment: Segment = segment,
                options: Any = options,
            ) -> Any:
                return local[k].sweep(jump=segment.jump(options[k][index][2]))

            yield Candidate(mistake, words, compute)
        yield from _matmul_for_elementwise(evidence, segment)
        yield from _derivative_of_another_layer(evidence, segment)


def _wrong(segment: Segment, local: LocalStep) -> Iterator[tuple[str, str, Any]]:
    nodes = local.reference.nodes
    with np.errstate(all="ignore"):
        right = segment.derivative(local.reference)
        z, a = nodes[segment.end].data, nodes[segment.begin].data
        yield from wrong_derivatives(z, a, right)


def _derivative_of_another_layer(
    evidence: Evidence, segment: Segment
) -> Iterator[Candidate]:
    """Yield the right formula with another layer's value, or with it in one place."""
    forms = (
        lambda a, other: other * (1 - other),
        lambda a, other: other * (1 - a),
        lambda a, other: a * (1 - other),
        lambda a, other: 1 - other**2,
        lambda a, other: other > 0,
    )
    for name, form in pairs(evidence.local[0].reference.values, forms):

        def compute(k: int, name: str = name, form: Any = form) -> Any:
            local = evidence.local[k]
            a = local.reference.nodes[segment.begin].data
            factor = form(a, local.reference.values[name])
            return local.sweep(jump=segment.jump(factor))

        mistake, words = _say_other(evidence.local[0], segment.begin, name)
        yield Candidate(mistake, words, compute)


def _say_other(local: LocalStep, node: int, other: str) -> tuple[str, str]:
    """Say that a value is that of another layer, or of another time."""
    named = local.reference.named
    base, _, index = other[:-1].rpartition("[")
    for shift in (-1, 1) if base else ():
        if named.get(f"{base}[{int(index) + shift}]") == node:
            return "time_step_off_by_one", f"{other} is used, one time step off"
    return (
        "wrong_layer",
        f"{other} is used in the derivative, the value of another layer",
    )


def _matmul_for_elementwise(
    evidence: Evidence, segment: Segment
) -> Iterator[Candidate]:
    words = "a matrix product stands in place of an elementwise one"
    for form in (
        lambda g, d: g @ d,
        lambda g, d: g @ d.T,
        lambda g, d: g.T @ d,
        lambda g, d: d @ g,
        lambda g, d: d @ g.T,
        lambda g, d: d.T @ g,
    ):

        def compute(k: int, form: Any = form) -> Any:
            local = evidence.local[k]
            d = segment.derivative(local.reference)
            rule = lambda g: form(g, d)  # noqa: E731
            return local.sweep(jump=Jump(segment.begin, segment.end, rule))

        yield Candidate("matmul_for_elementwise", words, compute)


def products(evidence: Evidence) -> Iterator[Candidate]:
    """Yield a matrix product not transposed, swapped, or taken cell by cell."""
    for group in groups(evidence.local[0]):
        if not is_product(evidence.local[0], group[0]):
            continue
        for mistake, words, form in _PRODUCT_FORMS:

            def compute(k: int, form: Any = form, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(
                    changing(group, lambda edge, g: form(g, operand(local, edge), edge))
                )

            yield Candidate(mistake, words, compute)


# The right forms are g @ other.T for the left operand, other.T @ g for the right one.
_PRODUCT_FORMS: Sequence[tuple[str, str, Callable[[Any, Any, Edge], Any]]] = (
    (
        "weight_not_transposed",
        "the other operand of the matrix product is not transposed",
        lambda g, o, e: o @ g if e.position else g @ o,
    ),
    (
        "result_transposed",
        "the matrix product is the transpose of what it must be",
        lambda g, o, e: transposed(g) @ o if e.position else o @ transposed(g),
    ),
    (
        "operands_swapped",
        "the operands of the matrix product are swapped",
        lambda g, o, e: g @ transposed(o) if e.position else transposed(o) @ g,
    ),
    (
        "weight_not_transposed",
        "the gradient in the matrix product is transposed the wrong way round",
        lambda g, o, e: (
            transposed(o) @ transposed(g)
            if e.position
            else transposed(g) @ transposed(o)
        ),
    ),
    (
        "operands_swapped",
        "the operands of the matrix product are swapped, and one is not transposed",
        lambda g, o, e: g @ o if e.position else o @ g,
    ),
    (
        "elementwise_for_matmul",
        "an elementwise product stands in place of a matrix product",
        lambda g, o, e: g * o,
    ),
    (
        "elementwise_for_matmul",
        "an elementwise product stands in place of a matrix product",
        lambda g, o, e: g * transposed(o),
    ),
    (
        "missing_path",
        "the other operand of the matrix product is missing",
        lambda g, o, e: g,
    ),
)


def elementwise_products(evidence: Evidence) -> Iterator[Candidate]:
    """Yield a product cell by cell that became a matrix product."""
    words = "a matrix product stands in place of an elementwise one"
    for group in groups(evidence.local[0]):
        if node_of(evidence.local[0], group[0]).op.name != "multiply":
            continue
        for form in (
            lambda g, o: g @ o,
            lambda g, o: g @ transposed(o),
            lambda g, o: transposed(g) @ o,
            lambda g, o: o @ g,
            lambda g, o: transposed(o) @ g,
        ):

            def compute(k: int, form: Any = form, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(
                    changing(group, lambda edge, g: form(g, operand(local, edge)))
                )

            yield Candidate("matmul_for_elementwise", words, compute)


def sums(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the sum of a broadcast missing, over another axis, or as a mean."""
    for group in groups(evidence.local[0]):
        local = evidence.local[0]
        node = node_of(local, group[0])
        child = node.inputs[group[0].position]
        is_batched = _is_batched_product(local, group[0])
        if not is_batched and (child.shape == node.shape or not node.op.broadcasts):
            continue
        for mistake, words, form in _sum_forms(node.ndim, "sum(" in evidence.line):

            def compute(k: int, form: Any = form, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(
                    changing(group, lambda edge, g: form(_unsummed(local, edge, g)))
                )

            yield Candidate(mistake, words, compute)
        count = node.size // max(child.size, 1)
        words = f"a mean over {count} values stands in place of a sum"

        def mean(k: int, group: Group = group) -> Any:
            local = evidence.local[k]
            return local.sweep(changing(group, lambda e, g: _mean(local, e, g)))

        yield Candidate("mean_for_sum", words, mean)


def _is_batched_product(local: LocalStep, edge: Edge) -> bool:
    """Return whether a weight meets a stack of matrices, ``(n, p, i) @ (i, o)``."""
    node = node_of(local, edge)
    inputs = node.inputs
    return (
        node.op.name == "matmul"
        and edge.position == 1
        and inputs[0].ndim > 2
        and inputs[1].ndim == 2
    )


def _unsummed(local: LocalStep, edge: Edge, g: Any) -> Any:
    if _is_batched_product(local, edge):
        return transposed(operand(local, edge)) @ g
    return local.unsummed(edge, g)


def _mean(local: LocalStep, edge: Edge, g: Any) -> Any:
    right = local.product(edge, g)
    return right * right.size / np.size(_unsummed(local, edge, g))


def _sum_forms(
    ndim: int, mentions_sum: bool
) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    missing = "missing_batch_sum", "the sum over the samples is missing", lambda x: x
    if not mentions_sum:
        yield missing
    for axis, keepdims in pairs(range(ndim), (True, False)):
        words = f"the sum runs over the wrong axis, {axis}"
        yield (
            "wrong_axis",
            words,
            lambda x, a=axis, keep=keepdims: x.sum(axis=a, keepdims=keep),
        )
    words = "the sum runs over all axes"
    for keepdims in (False, True):
        yield "wrong_axis", words, lambda x, keep=keepdims: x.sum(keepdims=keep)
    if mentions_sum:
        yield missing
