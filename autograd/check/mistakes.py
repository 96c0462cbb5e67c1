"""Name the mistake in a wrong step: by recomputing the step with that mistake in it.

Every candidate is the right step with one change.  It names the mistake only if it
reproduces the student's values to nine digits at every point, and there are at least
two. A ratio that merely looks like m proves nothing: at small weights many formulas
agree.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from autograd.check.agreement import is_close, ratio
from autograd.check.probes import batch_sizes
from autograd.check.steps import LocalStep
from autograd.check.verdicts import Judgement

__all__ = ["Candidate", "Evidence", "Finding", "name_mistake"]

EXACT = 1e-9
MINIMUM_POINTS = 2


class Finding(NamedTuple):
    """The name of a mistake, and what to say about it."""

    mistake: str
    detail: str


class Candidate(NamedTuple):
    """A mistake, and what the step would be with it, per point."""

    mistake: str
    detail: str
    compute: Callable[..., Any]  # of the point


@dataclass(frozen=True)
class Evidence:
    """What is known about a wrong step.

    Attributes
    ----------
    name : str
        The tensor whose gradient it is.
    local : sequence of LocalStep
        What it must follow from, per point.
    values : sequence of ndarray
        What the student has, divided by the step's scale, per point.
    scales : sequence of float
        The scale of the step, per point.
    raw : mapping of str to sequence of ndarray
        All gradients of the student, as they are.
    is_rebound : bool
        Whether an earlier value of the variable was thrown away.
    uses_mean : bool
        Whether the student takes means elsewhere, rather than dividing sums by m.
    line : str
        The source of the step.
    """

    name: str
    local: Sequence[LocalStep]
    values: Sequence[Any]
    scales: Sequence[float]
    raw: Mapping[str, Sequence[Any]]
    is_rebound: bool
    uses_mean: bool
    line: str

    def with_scale(self, factor: float) -> "Evidence":
        """Return the same for a step whose scale is so many times as large."""
        values = [value / factor for value in self.values]
        return replace(self, values=values, scales=[s * factor for s in self.scales])

    @property
    def is_parameter(self) -> bool:
        """Whether the gradient is that of a parameter."""
        return self.name in self.local[0].reference.parameters

    def sizes(self, point: int) -> tuple[int, ...]:
        """Return the possible numbers of samples."""
        return batch_sizes(self.local[point].reference.point.data)

    def expected(self, point: int) -> Any:
        """Return what the step must be."""
        return self.local[point].sweep()


def gather(
    judgement: Judgement, judgements: Sequence[Judgement], text: str, line: str
) -> Evidence:
    """Collect what is known about a wrong step.

    Parameters
    ----------
    judgement : Judgement
        Of the wrong step.
    judgements : sequence of Judgement
        Of all steps.
    text, line : str
        The source of the function, and of the step.
    """
    step = judgement.step
    return Evidence(
        step.of,
        judgement.local,
        [value / s for value, s in zip(step.values, judgement.scale, strict=True)],
        judgement.scale,
        {j.step.of: j.step.values for j in judgements},
        step.is_rebound and _throws_away(line, step.name),
        uses_mean="mean(" in text.replace(line, ""),
        line=line,
    )


def _throws_away(line: str, name: str) -> bool:
    """Return whether a line assigns to a variable without using its value."""
    target, _, value = line.partition("=")
    return target.strip() in (name, name.partition(",")[0]) and name not in value


def name_mistake(
    evidence: Evidence, sources: Sequence[Callable[[Evidence], Iterator[Candidate]]]
) -> Finding | None:
    """Return the first mistake that reproduces the step at every point, or None.

    Parameters
    ----------
    evidence : Evidence
        About the step.
    sources : sequence of callable
        Each yields candidates.
    """
    if len(evidence.values) < MINIMUM_POINTS:
        return None
    for source in sources:
        for candidate in source(evidence):
            if all(
                _reproduces(candidate, evidence, k) for k in range(len(evidence.values))
            ):
                return Finding(candidate.mistake, candidate.detail)
    return None


def _reproduces(candidate: Candidate, evidence: Evidence, point: int) -> bool:
    try:
        with np.errstate(all="ignore"):
            computed = candidate.compute(point)
    except (ValueError, IndexError, TypeError, ArithmeticError, KeyError):
        return False  # with this change the shapes do not fit: it is not this one
    value = evidence.values[point]
    if value.ndim == np.ndim(computed) and value.size < np.size(computed):
        with contextlib.suppress(ValueError):  # a column that stands for equal columns
            value = np.broadcast_to(value, np.shape(computed))
    return is_close(value, np.asarray(computed), EXACT)


def describe_unknown(evidence: Evidence) -> Finding:
    """Say what can be seen of a step that matches no known mistake.

    Parameters
    ----------
    evidence : Evidence
        About the step.
    """
    value, expected = evidence.values[0], evidence.expected(0)
    if value.shape != expected.shape:
        detail = f"It has shape {value.shape}, but {evidence.name} has {expected.shape}"
        return Finding("unknown", f"{detail}. Not a known pattern.")
    difference = np.where(np.isfinite(value), np.abs(value - expected), np.inf)
    worst = np.unravel_index(int(np.argmax(difference)), value.shape)
    cell = f"[{', '.join(str(int(k)) for k in worst)}]"
    facts = [
        f"worst cell {cell}: {float(value[worst]):.6g} in place of "
        f"{float(expected[worst]):.6g}"
    ]
    c = ratio(value, expected, 1.0, 1.0)
    if c is not None:
        facts.append(f"it is {c:.6g} times what it must be")
    elif value.ndim == 2 and is_close(value, expected.T):
        facts.append("it is the transpose of what it must be")
    elif value.ndim == 2 and min(value.shape) > 1:
        spectrum = np.linalg.svd(value - expected, compute_uv=False)
        if np.isfinite(spectrum).all() and spectrum[1] < EXACT * spectrum[0]:
            facts.append("the difference has rank one")
    return Finding("unknown", f"Not a known pattern; {'; '.join(facts)}.")
