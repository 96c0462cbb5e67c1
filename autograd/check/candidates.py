"""The table of mistakes: each one as a change to the recomputed step.

The order is that in which a teacher would ask: a factor, the derivative of the
activation, a matrix product, a sum, a path that is missing, a value from elsewhere.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.check.agreement import ratio
from autograd.check.candidate_products import (
    activations,
    elementwise_products,
    products,
    sums,
)
from autograd.check.candidate_values import time_steps, values_from_elsewhere
from autograd.check.edges import Group, changing, groups, name_of, through, without
from autograd.check.mistakes import Candidate, Evidence
from autograd.check.steps import LocalStep

__all__ = ["SOURCES"]


def nothing(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the step without any contribution."""
    mistake = "overwritten" if evidence.is_rebound else "missing_path"
    words = "nothing arrives here: every contribution is missing"
    yield Candidate(mistake, words, lambda k: np.zeros_like(evidence.expected(k)))


def whole_step(evidence: Evidence) -> Iterator[Candidate]:
    """Yield a factor on the whole step, its transpose, a lost axis."""
    for mistake, words, factor in _factors(evidence):
        yield Candidate(mistake, words, lambda k, f=factor: f(k) * evidence.expected(k))
    expected = evidence.expected(0)
    if expected.ndim > 1:
        words = f"it is the transpose of the gradient of {evidence.name}"
        scale = _factor_of_transpose(evidence)
        yield Candidate(
            "result_transposed", words, lambda k: scale * evidence.expected(k).T
        )
    if evidence.values[0].size == expected.size:
        words = f"shape {evidence.values[0].shape} in place of {expected.shape}"
        yield Candidate(
            "missing_keepdims",
            f"keepdims=True is missing: {words}",
            lambda k: evidence.expected(k).reshape(evidence.values[k].shape),
        )


def _factor_of_transpose(evidence: Evidence) -> float:
    """Return the scale of a transposed step: its shape left the scale undecided."""
    if evidence.is_parameter or evidence.values[0].shape == evidence.expected(0).shape:
        return 1.0
    pairs_of = zip(evidence.values, map(evidence.expected, range(9)), strict=False)
    found = [ratio(v.T, e, 1.0, 1.0) for v, e in pairs_of if v.T.shape == e.shape]
    is_one = None not in found and len(found) == len(evidence.values)
    return float(found[0]) if is_one else 1.0  # type: ignore[arg-type]


def _factors(
    evidence: Evidence,
) -> Iterator[tuple[str, str, Callable[..., float]]]:
    """Yield the constants that are lost or doubled: mistake, words, constant."""
    yield "sign", "the sign is wrong", lambda k: -1.0
    for index, size in enumerate(evidence.sizes(0)):
        more, less = (
            f"1/m is missing (m = {size})",
            f"1/m is applied twice (m = {size})",
        )
        names = ["missing_batch_mean", "batch_mean_twice"]
        # One and the same formula: the name follows what the student writes elsewhere.
        if evidence.uses_mean and "sum(" in evidence.line:
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
    """Yield the term of the penalty on a parameter missing, or with another factor."""
    if not evidence.is_parameter:
        return
    for group in groups(evidence.local[0]):
        terms = [through(local, group) for local in evidence.local]
        if not all(
            _is_penalty(local, t)
            for local, t in zip(evidence.local, terms, strict=True)
        ):
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
                f"the penalty on {name} gives {factor:.6g} times the term that it must",
                lambda k, rest=rest, terms=terms, f=factor: rest[k] + f * terms[k],
            )


def _is_penalty(local: LocalStep, term: Any) -> bool:
    value = local.reference.nodes[local.target].data
    if not np.any(term) or not np.shape(value):
        return False
    return any(ratio(term, x, 1.0, 1.0) is not None for x in (value, np.sign(value)))


def paths(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the step with one of its paths missing, or with one path alone."""
    local = evidence.local[0]
    last = [edge for edge in local.edges if edge.child == local.target]
    for edge in last if len(last) > 2 else ():
        others = tuple(e for e in last if e != edge)
        yield Candidate(
            "overwritten",
            f"only one of {len(last)} contributions is left: the variable is "
            "overwritten where it must accumulate",
            lambda k, e=others: without(evidence.local[k], e),
        )
    for group in groups(local):
        words = f"the path through {name_of(local, group[0])} is missing"
        mistake = "overwritten" if evidence.is_rebound else "missing_path"
        yield Candidate(
            mistake, words, lambda k, e=group: without(evidence.local[k], e)
        )


def factors_of_paths(evidence: Evidence) -> Iterator[Candidate]:
    """Yield a wrong constant on one of the paths only."""
    for group in groups(evidence.local[0]):
        for mistake, words, factor in _factors(evidence):

            def compute(k: int, group: Group = group, factor: Any = factor) -> Any:
                local = evidence.local[k]
                c = factor(k)
                return local.sweep(
                    changing(group, lambda e, g: c * local.product(e, g))
                )

            yield Candidate(mistake, f"in one of its terms {words}", compute)


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
