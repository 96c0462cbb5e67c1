"""The table of mistakes: each one as a change to the recomputed step.

The order is that in which a teacher would ask: a factor, the derivative of the
activation, a matrix product, a sum, a value from elsewhere, a path that is missing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product as pairs
from typing import Any

import numpy as np

from autograd.check.mistakes import Candidate, Evidence
from autograd.check.segments import Segment, find_segments, wrong_derivatives
from autograd.check.steps import Edge, Jump, LocalStep
from autograd.check.verdicts import ratio

__all__ = ["SOURCES"]

Group = tuple[Edge, ...]
_PRODUCTS = ("matmul", "dot")


def nothing(evidence: Evidence) -> Iterator[Candidate]:
    """No contribution at all."""
    words = "nothing is added up here: every path is missing"
    yield Candidate(
        "missing_path", words, lambda k: np.zeros_like(evidence.expected(k))
    )


def whole_step(evidence: Evidence) -> Iterator[Candidate]:
    """A factor on the whole step, its transpose, a lost axis."""
    for mistake, words, factor in _factors(evidence):
        yield Candidate(
            mistake, words, lambda k, f=factor: f(k) * evidence.expected(k)
        )
    expected = evidence.expected(0)
    if expected.ndim > 1:
        words = f"it is the transpose of the gradient of {evidence.name}"
        yield Candidate(
            "result_transposed", words, lambda k: evidence.expected(k).T
        )
    if evidence.values[0].size == expected.size:
        words = f"shape {evidence.values[0].shape} in place of {expected.shape}"
        yield Candidate(
            "missing_keepdims",
            f"keepdims=True is missing: {words}",
            lambda k: evidence.expected(k).reshape(evidence.values[k].shape),
        )


def _factors(
    evidence: Evidence,
) -> Iterator[tuple[str, str, Callable[[int], float]]]:
    """Yield the constants that are lost or doubled: mistake, words, constant."""
    yield "sign", "the sign is wrong", lambda k: -1.0
    for index, size in enumerate(evidence.sizes(0)):
        more, less = f"1/m is missing (m = {size})", f"1/m is applied twice (m = {size})"
        names = ["missing_batch_mean", "batch_mean_twice"]
        # One and the same formula: the name follows what the student writes elsewhere.
        if evidence.uses_mean:
            names[0] = "sum_for_mean"
            more = f"a sum over the {size} samples stands in place of a mean"
        if "mean(" in evidence.line:
            names[1] = "mean_for_sum"
            less = f"a mean over the {size} samples stands in place of a sum"
        yield names[0], more, lambda k, i=index: evidence.sizes(k)[i]
        yield names[1], less, lambda k, i=index: 1 / evidence.sizes(k)[i]
    yield "constant_factor", "a factor 2 too much", lambda k: 2.0
    yield "constant_factor", "a factor 2 is lost", lambda k: 0.5
    for index, size in enumerate(evidence.sizes(0)):
        words = f"a variance with n for n-1, or the reverse (n = {size})"
        yield (
            "biased_variance",
            words,
            lambda k, i=index: 1 - 1 / evidence.sizes(k)[i],
        )
        yield (
            "biased_variance",
            words,
            lambda k, i=index: 1 / (1 - 1 / evidence.sizes(k)[i]),
        )


def regularisation(evidence: Evidence) -> Iterator[Candidate]:
    """The term that the penalty on a parameter adds: missing, or with another factor."""
    if not evidence.is_parameter:
        return
    for group in _groups(evidence.local[0]):
        terms = [_through(local, group) for local in evidence.local]
        if not all(_is_penalty(local, t) for local, t in zip(evidence.local, terms, strict=True)):
            continue
        rest = [evidence.expected(k) - term for k, term in enumerate(terms)]
        name = evidence.name
        yield Candidate(
            "missing_regularization",
            f"the term of the penalty on {name} is missing",
            lambda k, rest=rest: rest[k],
        )
        if any(r.shape != v.shape for r, v in zip(rest, evidence.values, strict=True)):
            continue
        factors = [
            ratio(value - r, term, 1.0, 1.0)
            for value, r, term in zip(evidence.values, rest, terms, strict=True)
        ]
        if None not in factors and np.allclose(factors, factors[0], 1e-9):  # type: ignore[arg-type]
            factor = float(factors[0])  # type: ignore[arg-type]
            yield Candidate(
                "wrong_regularization_factor",
                f"the term of the penalty on {name} is {factor:.6g} times what it must be",
                lambda k, rest=rest, terms=terms, f=factor: rest[k] + f * terms[k],
            )


def _through(local: LocalStep, group: Group) -> Any:
    """Return the part of a step that comes through some edges."""
    return local.sweep() - _without(local, group)


def _is_penalty(local: LocalStep, term: Any) -> bool:
    value = local.reference.nodes[local.target].data
    if not np.any(term) or not np.shape(value):
        return False
    return any(ratio(term, x, 1.0, 1.0) is not None for x in (value, np.sign(value)))


def activations(evidence: Evidence) -> Iterator[Candidate]:
    """The derivative of an activation: missing, another one, in the wrong place."""
    local = evidence.local
    for segment in find_segments(local[0]):
        options = [list(_wrong(segment, part)) for part in local]
        for index, (mistake, words, _) in enumerate(options[0]):

            def compute(k: int, index: int = index, segment: Segment = segment) -> Any:
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
    """The right formula with another layer's value, everywhere or in one place."""
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
    """Say that a value stands in place of a node's: of another layer, or another time."""
    named = local.reference.named
    base, _, index = other[:-1].rpartition("[")
    for shift in (-1, 1) if base else ():
        if named.get(f"{base}[{int(index) + shift}]") == node:
            return "time_step_off_by_one", f"{other} is used, one time step off"
    return "wrong_layer", f"{other} is used in the derivative, the value of another layer"


def _matmul_for_elementwise(evidence: Evidence, segment: Segment) -> Iterator[Candidate]:
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
    """A matrix product: operands not transposed, swapped, multiplied cell by cell."""
    for group in _groups(evidence.local[0]):
        if not _is_product(evidence.local[0], group[0]):
            continue
        for mistake, words, form in _PRODUCT_FORMS:

            def compute(k: int, form: Any = form, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(
                    _changing(group, lambda edge, g: form(g, _operand(local, edge), edge))
                )

            yield Candidate(mistake, words, compute)


def _t(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


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
        lambda g, o, e: _t(g) @ o if e.position else o @ _t(g),
    ),
    (
        "operands_swapped",
        "the operands of the matrix product are swapped",
        lambda g, o, e: g @ _t(o) if e.position else _t(o) @ g,
    ),
    (
        "weight_not_transposed",
        "the gradient in the matrix product is transposed the wrong way round",
        lambda g, o, e: _t(o) @ _t(g) if e.position else _t(g) @ _t(o),
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
        lambda g, o, e: g * _t(o),
    ),
    (
        "missing_path",
        "the other operand of the matrix product is missing",
        lambda g, o, e: g,
    ),
)


def elementwise_products(evidence: Evidence) -> Iterator[Candidate]:
    """A product cell by cell that became a matrix product."""
    words = "a matrix product stands in place of an elementwise one"
    for group in _groups(evidence.local[0]):
        if _node(evidence.local[0], group[0]).op.name != "multiply":
            continue
        for form in (
            lambda g, o: g @ o,
            lambda g, o: g @ _t(o),
            lambda g, o: _t(g) @ o,
            lambda g, o: o @ g,
            lambda g, o: _t(o) @ g,
        ):

            def compute(k: int, form: Any = form, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(
                    _changing(group, lambda edge, g: form(g, _operand(local, edge)))
                )

            yield Candidate("matmul_for_elementwise", words, compute)


def sums(evidence: Evidence) -> Iterator[Candidate]:
    """The sum that a broadcast calls for: missing, over another axis, a mean."""
    for group in _groups(evidence.local[0]):
        local = evidence.local[0]
        node = _node(local, group[0])
        child = node.inputs[group[0].position]
        is_batched = _is_batched_product(local, group[0])
        if not is_batched and (child.shape == node.shape or not node.op.broadcasts):
            continue
        for mistake, words, form in _sum_forms(node.ndim, "sum(" in evidence.line):

            def compute(k: int, form: Any = form, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(
                    _changing(group, lambda edge, g: form(_unsummed(local, edge, g)))
                )

            yield Candidate(mistake, words, compute)
        count = node.size // max(child.size, 1)
        words = f"a mean over {count} values stands in place of a sum"

        def mean(k: int, group: Group = group) -> Any:
            local = evidence.local[k]
            return local.sweep(_changing(group, lambda e, g: _mean(local, e, g)))

        yield Candidate("mean_for_sum", words, mean)


def _is_batched_product(local: LocalStep, edge: Edge) -> bool:
    """Return whether a weight meets a stack of matrices, ``(n, p, i) @ (i, o)``."""
    node = _node(local, edge)
    inputs = node.inputs
    return (
        node.op.name == "matmul"
        and edge.position == 1
        and inputs[0].ndim > 2
        and inputs[1].ndim == 2
    )


def _unsummed(local: LocalStep, edge: Edge, g: Any) -> Any:
    if _is_batched_product(local, edge):
        return _t(_operand(local, edge)) @ g
    return local.unsummed(edge, g)


def _mean(local: LocalStep, edge: Edge, g: Any) -> Any:
    right = local.product(edge, g)
    return right * right.size / np.size(_unsummed(local, edge, g))


def _sum_forms(
    ndim: int, mentions_sum: bool
) -> Iterator[tuple[str, str, Callable[[Any], Any]]]:
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


def values_from_elsewhere(evidence: Evidence) -> Iterator[Candidate]:
    """Another layer's activation or weight, a gradient for a weight, the wrong gradient."""
    if evidence.is_parameter:
        yield from _other_bias(evidence)
    for group in _groups(evidence.local[0]):
        if len(_node(evidence.local[0], group[0]).inputs) != 2:
            continue
        for mistake, words, find in _others(evidence):

            def compute(k: int, find: Any = find, group: Group = group) -> Any:
                local = evidence.local[k]
                return local.sweep(_changing(group, lambda e, g: _with(local, e, g, find(k))))

            yield Candidate(mistake, words, compute)
        yield from _other_gradients(evidence, group)


def _others(evidence: Evidence) -> Iterator[tuple[str, str, Callable[[int], Any]]]:
    for name in evidence.raw:
        words = f"the gradient of {name} is used in place of {name}"
        yield "gradient_for_weight", words, lambda k, n=name: evidence.raw[n][k]
    reference = evidence.local[0].reference
    for name in reference.values:
        words = f"{name} is used, the value of another layer"
        yield "wrong_layer", words, lambda k, n=name: evidence.local[k].reference.values[n]
    for index, value in enumerate(reference.point.data):
        if isinstance(value, np.ndarray):
            words = f"the data (argument {index + 1}) is used in place of a layer's value"
            yield (
                "wrong_layer",
                words,
                lambda k, i=index: evidence.local[k].reference.point.data[i],
            )


def _with(local: LocalStep, edge: Edge, g: Any, other: Any) -> Any:
    """Return the product along an edge with another value for the other operand."""
    right = _operand(local, edge)
    if other.shape == right.shape:
        if np.array_equal(other, right):
            raise ValueError("the same value")
        return local.product(edge, g, {1 - edge.position: other})
    if other.T.shape == right.shape:
        return local.product(edge, g, {1 - edge.position: other.T})
    if not _is_product(local, edge):
        raise ValueError("no product")
    return _t(other) @ g if edge.position else g @ _t(other)


def _other_gradients(evidence: Evidence, group: Group) -> Iterator[Candidate]:
    """Another step's gradient in the place of the one that arrives."""
    for name in evidence.local[0].upstream:
        words = f"the gradient of {name} is used, which belongs to another layer"

        def compute(k: int, name: str = name) -> Any:
            local = evidence.local[k]
            other = local.upstream[name]
            return local.sweep(_changing(group, lambda e, g: local.product(e, other)))

        yield Candidate("wrong_layer", words, compute)


def _other_bias(evidence: Evidence) -> Iterator[Candidate]:
    """A bias gradient summed up from another layer's gradient."""
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
    """Values of the step before or after, in a network that runs through time."""
    for group in _groups(evidence.local[0]):
        for shift, words in ((1, "one time step too late"), (-1, "one time step too early")):
            for source in (_shifted_operand, _shifted_gradient):

                def compute(
                    k: int,
                    source: Any = source,
                    group: Group = group,
                    shift: int = shift,
                ) -> Any:
                    local = evidence.local[k]
                    change = source(local, group, shift)
                    return local.sweep(_changing(group, change))

                yield Candidate("time_step_off_by_one", f"a value is taken {words}", compute)


def _shifted_operand(
    local: LocalStep, group: Group, shift: int
) -> Callable[[Edge, Any], Any]:
    """Replace the other operand, an item of a list, by its neighbour in the list."""

    def change(edge: Edge, g: Any) -> Any:
        other = _neighbour(local, _operand(local, edge), shift)
        return local.product(edge, g, {1 - edge.position: other})

    return change


def _neighbour(local: LocalStep, value: Any, shift: int) -> Any:
    """Return the item after or before a value in its list; -1 is the last, as in Python."""
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


def paths(evidence: Evidence) -> Iterator[Candidate]:
    """One of the ways on which a value acts: missing, or alone."""
    local = evidence.local[0]
    last = [edge for edge in local.edges if edge.child == local.target]
    for edge in last if len(last) > 2 else ():
        others = tuple(e for e in last if e != edge)
        yield Candidate(
            "overwritten",
            f"only one of {len(last)} contributions is left: it is overwritten where it "
            "must accumulate",
            lambda k, e=others: _without(evidence.local[k], e),
        )
    for group in _groups(local):
        words = f"the path through {_name(local, group[0])} is missing"
        mistake = "overwritten" if evidence.is_rebound else "missing_path"
        yield Candidate(
            mistake, words, lambda k, e=group: _without(evidence.local[k], e)
        )


def factors_of_paths(evidence: Evidence) -> Iterator[Candidate]:
    """A wrong constant on one of the ways only."""
    for group in _groups(evidence.local[0]):
        for mistake, words, factor in _factors(evidence):

            def compute(k: int, group: Group = group, factor: Any = factor) -> Any:
                local = evidence.local[k]
                c = factor(k)
                return local.sweep(_changing(group, lambda e, g: c * local.product(e, g)))

            yield Candidate(mistake, f"in one of its terms {words}", compute)


def _groups(local: LocalStep) -> Iterator[Group]:
    """Yield the edges, those of one line of the forward pass together and then alone.

    In a loop one line makes many nodes, and a mistake in the line that differentiates it
    is made many times.
    """
    together: dict[Any, list[Edge]] = {}
    for edge in local.edges:
        node = _node(local, edge)
        shapes = tuple(x.shape for x in node.inputs)
        place = (node.created_at, node.op.name, edge.position, shapes)
        key = place if node.created_at else edge
        together.setdefault(key, []).append(edge)
    for group in together.values():
        yield tuple(group)
    for group in together.values():
        if 1 < len(group) <= 8:
            yield from ((edge,) for edge in group)


def _changing(
    group: Group, change: Callable[[Edge, Any], Any]
) -> Callable[[Edge, Any], Any]:
    return lambda edge, g: change(edge, g) if edge in group else None


def _dropping(local: LocalStep, group: Group) -> Callable[[Edge, Any], Any]:
    nodes = local.reference.nodes
    return _changing(group, lambda edge, g: np.zeros(nodes[edge.child].shape))


def _without(local: LocalStep, group: Group) -> Any:
    """Return what a step would be without some edges."""
    return local.sweep(_dropping(local, group))


def _node(local: LocalStep, edge: Edge) -> Any:
    return local.node(edge)


def _operand(local: LocalStep, edge: Edge) -> Any:
    """Return the value of the other operand of a product."""
    return _node(local, edge).inputs[1 - edge.position].data


def _is_product(local: LocalStep, edge: Edge) -> bool:
    node = _node(local, edge)
    return node.op.name in _PRODUCTS and all(x.ndim >= 2 for x in node.inputs)


def _name(local: LocalStep, edge: Edge) -> str:
    names: Mapping[int, str] = {k: name for name, k in local.reference.named.items()}
    return names.get(edge.node, f"`{_node(local, edge).op.name}`")


SOURCES: tuple[Callable[[Evidence], Iterator[Candidate]], ...] = (
    nothing,
    whole_step,
    regularisation,
    activations,
    products,
    sums,
    paths,
    factors_of_paths,
    time_steps,
    values_from_elsewhere,
    elementwise_products,
)
