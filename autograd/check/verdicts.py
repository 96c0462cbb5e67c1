"""Two verdicts per step: whether it equals the gradient, and whether it follows.

A step may be a constant multiple of the gradient and still be right, if the steps after
it put that right: the article's ``dZ2 = A2 - Y`` is m times the gradient of the cost,
and ``dW2`` divides by m.  That constant is the step's *scale*.  The scale of a step is
the one under which most of the steps computed from it come out right; the scale of a
parameter's gradient is 1.

A step *follows* if it is its scale times what the student's own upstream steps, each
divided by its scale, give.  A step that follows from a wrong one is inherited; the
first one that does not follow is the first wrong line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.check.probes import batch_sizes
from autograd.check.reading import Step
from autograd.check.reference import Reference, Sweep
from autograd.check.segments import segment_below
from autograd.check.steps import LocalStep

__all__ = ["Judgement", "Judges", "equals_truth", "is_close", "ratio"]

# Students leave out the small constants that keep logarithms finite: those are no
# errors.
RTOL = 1e-6
ATOL = 1e-13
# Of the terms that a gradient adds up: where they cancel, that much may be left.
ROUNDING = 1e-10


@dataclass
class Judgement:
    """What was found about a step.

    Attributes
    ----------
    step : Step
        The step.
    verdict : str
        ``right convention wrong inherited shape``.
    scale : ndarray
        Its multiple of the gradient, per point.
    local : list of LocalStep
        What it must follow from, per point; for a step that is wrong.
    """

    step: Step
    verdict: str
    scale: Any
    local: list[LocalStep] = field(default_factory=list)


@dataclass
class _Outcome:
    """One step in one pass: its ratio to what follows, what it carries, its scale.

    ``local`` is the ratio to what follows from the student's own values, ``ratio`` the
    same or, where there is none, that to the truth.
    """

    local: Any
    ratio: Any
    carried: Any
    scale: Any
    introduces: bool

    @property
    def follows(self) -> bool:
        return self.ratio is not None and bool(
            np.allclose(self.ratio, self.scale, RTOL)
        )


class Judges:
    """Give every step its verdict.

    Parameters
    ----------
    references : sequence of Reference
        The forward pass, per point.
    steps : sequence of Step
        What the student computed.
    is_complete : bool
        Whether the function ran to its end.
    """

    def __init__(
        self,
        references: Sequence[Reference],
        steps: Sequence[Step],
        is_complete: bool = True,
    ) -> None:
        self.references = references
        self.is_complete = is_complete
        self.steps = {step.of: step for step in steps}
        self.ones = np.ones(len(references))
        self.sizes = [
            np.array(sizes, dtype=float)
            for sizes in zip(
                *(batch_sizes(r.point.data) for r in references), strict=False
            )
        ]
        self.order = [
            name
            for name in references[0].in_order()
            if name in self.steps and all(name in r.named for r in references)
        ]
        self.upstream = self._upstream()

    def judge(self) -> list[Judgement]:
        """Return the judgements, in the student's order."""
        outcomes = self._with_best_scales()
        found = []
        for name, step in self.steps.items():
            outcome = outcomes.get(name)
            scale = self.ones if outcome is None else outcome.scale
            verdict = self._verdict(name, outcome)
            local = []
            if verdict in ("wrong", "shape") and outcome is not None:
                local = self.local_steps(name, outcomes)
            found.append(Judgement(step, verdict, scale, local))
        return found

    def local_steps(
        self, name: str, outcomes: Mapping[str, _Outcome]
    ) -> list[LocalStep]:
        """Return the parts of the graphs from which a step must follow."""
        return [
            LocalStep(
                reference,
                name,
                {
                    other: self._normalised(other, k, outcomes[other].scale)
                    for other in self.order
                    if other != name and self._fits(other)
                },
            )
            for k, reference in enumerate(self.references)
        ]

    def dependents(self, name: str) -> list[str]:
        """Return the steps that are computed directly from a step."""
        return [other for other in self.order if name in self.upstream[other]]

    def find_helper(self, judgements: Sequence[Judgement]) -> Step | None:
        """Return a variable that is only named like a gradient, if there is one.

        ``dA1 = 1 - A1**2`` is the derivative of an activation, not a gradient.  Such a
        variable is wrong as a gradient, but what is computed next is right.
        """
        verdicts = {j.step.of: j.verdict for j in judgements}
        for judgement in judgements:
            name = judgement.step.of
            if judgement.verdict not in ("wrong", "shape") or self._is_parameter(name):
                continue
            after = self.dependents(name)
            if after and all(verdicts[x] in ("right", "convention") for x in after):
                return judgement.step
            if judgement.local and self._is_derivative(judgement):
                return judgement.step
        return None

    def _is_derivative(self, judgement: Judgement) -> bool:
        """Return whether a step is the derivative of an activation."""
        name = judgement.step.of
        for reference, value in zip(
            self.references, judgement.step.values, strict=True
        ):
            segment = segment_below(reference, reference.named[name])
            if segment is None or not is_close(value, segment.derivative(reference)):
                return False
        return True

    def _verdict(self, name: str, outcome: _Outcome | None) -> str:
        if not self._fits(name):
            return "shape"
        values, truths = (
            self.steps[name].values,
            [r.truth[name] for r in self.references],
        )
        if outcome is None:  # the cost does not depend on it
            is_zero = all(is_close(v, t) for v, t in zip(values, truths, strict=True))
            return "right" if is_zero else "wrong"
        if self._equals(name, self.ones):
            return "right"
        if self._equals(name, outcome.scale):
            return "convention"
        return "inherited" if outcome.follows else "wrong"

    def _equals(self, name: str, scale: Any) -> bool:
        values = self.steps[name].values
        return all(
            equals_truth(value, name, reference, s)
            for value, s, reference in zip(values, scale, self.references, strict=True)
        )

    def _is_zero(self, name: str) -> bool:
        """Return whether a gradient is zero but for rounding, and has no scale."""
        r = self.references[0]
        largest = np.abs(r.truth[name]).max(initial=0)
        return bool(largest <= ROUNDING * r.term_size(name))

    def _fits(self, name: str) -> bool:
        values = self.steps[name].values
        return all(
            value.shape == reference.truth[name].shape
            for value, reference in zip(values, self.references, strict=True)
        )

    def _normalised(self, name: str, point: int, scale: Any) -> Any:
        return self.steps[name].values[point] / scale[point]

    def _is_parameter(self, name: str) -> bool:
        return name in self.references[0].parameters

    def _upstream(self) -> dict[str, set[str]]:
        """Return for every step the steps from which it follows directly."""
        reference = self.references[0]
        upstream = {}
        for name in self.order:
            seeds = LocalStep(
                reference, name, dict.fromkeys(n for n in self.order if self._fits(n))
            ).seeds
            upstream[name] = {
                other for other in self.order if reference.named[other] in seeds
            }
        return upstream

    def _pass(self, chosen: Mapping[str, Any]) -> dict[str, _Outcome]:
        """Sweep once, going on from the student's own values; scales as chosen."""
        sweeps = [Sweep(reference) for reference in self.references]
        outcomes: dict[str, _Outcome] = {}
        for name in self.order:
            arrived = [sweep.arrived(name) for sweep in sweeps]
            outcome = self._outcome(name, arrived, outcomes, chosen)
            outcomes[name] = outcome
            if self._fits(name):
                for k, sweep in enumerate(sweeps):
                    sweep.replace(name, self._normalised(name, k, outcome.scale))
        return outcomes

    def _outcome(
        self,
        name: str,
        arrived: Sequence[Any],
        outcomes: Mapping[str, _Outcome],
        chosen: Mapping[str, Any],
    ) -> _Outcome:
        carried = self._carried(name, outcomes)
        if not self._fits(name):
            scale = self.ones if self._is_parameter(name) else carried
            return _Outcome(None, None, carried, scale, introduces=False)
        local = self._ratio(name, arrived, carried)
        found = self._true_ratio(name, carried) if local is None else local
        is_gradient = self._equals(name, self.ones) and not self._is_zero(name)
        if self._is_parameter(name) or is_gradient:
            return _Outcome(local, found, carried, self.ones, introduces=False)
        if name in chosen:
            return _Outcome(local, found, carried, chosen[name], introduces=False)
        scale = carried if found is None else found
        changes = found is None or not np.allclose(found, carried, RTOL)
        return _Outcome(local, found, carried, scale, introduces=changes)

    def _carried(self, name: str, outcomes: Mapping[str, _Outcome]) -> Any:
        """Return the scale of the steps from which this one follows, if it is one."""
        scales = [outcomes[other].scale for other in sorted(self.upstream[name])]
        if scales and all(np.allclose(s, scales[0], RTOL) for s in scales):
            return scales[0]
        return self.ones

    def _ratio(self, name: str, arrived: Sequence[Any], carried: Any) -> Any:
        """Return the constant ratio to what follows from the student's values."""
        values = self.steps[name].values
        sizes = [reference.term_size(name) for reference in self.references]
        ratios = [
            ratio(*pair) for pair in zip(values, arrived, sizes, carried, strict=True)
        ]
        if None not in ratios and self._is_constant(np.array(ratios)):
            return np.array(ratios)
        return None

    def _true_ratio(self, name: str, carried: Any) -> Any:
        """Return the scale with which a step equals the gradient, or None."""
        scales = (scale for scale in (self.ones, carried) if self._equals(name, scale))
        return next(scales, None)

    def _is_constant(self, ratios: Any) -> bool:
        """Return whether a ratio is the same everywhere, or the same multiple of m."""
        factors = [self.ones, *self.sizes, *(1 / size for size in self.sizes)]
        return any(np.allclose(ratios / f, (ratios / f)[0], RTOL, 0) for f in factors)

    def _with_best_scales(self) -> dict[str, _Outcome]:
        """Choose the scales of the steps that introduce one, the last ones first.

        So a step that spoils the scale is blamed before one that it follows from.
        """
        chosen: dict[str, Any] = {}
        outcomes = self._pass(chosen)
        for must_be_full in (True, False):
            tried: set[str] = set()
            for name in reversed(self.order):
                if name in chosen or name in tried or not outcomes[name].introduces:
                    continue
                rounds = self._rounds(name, outcomes)
                tried.update(rounds)
                scale, is_full = self._best_scale(name, rounds, outcomes, chosen)
                if must_be_full and not is_full:
                    continue  # a step above may explain more
                changes = not np.array_equal(outcomes[name].scale, scale)
                chosen.update(dict.fromkeys(rounds, scale))
                if changes:
                    outcomes = self._pass(chosen)
        return outcomes

    def _rounds(self, name: str, outcomes: Mapping[str, _Outcome]) -> list[str]:
        """Return the steps that one line makes in a loop, all with the same scale."""
        return [
            other
            for other in self.order
            if self.steps[other].line == self.steps[name].line
            and outcomes[other].introduces
            and np.allclose(outcomes[other].scale, outcomes[name].scale, RTOL)
        ]

    def _best_scale(
        self,
        name: str,
        rounds: Sequence[str],
        outcomes: Mapping[str, _Outcome],
        chosen: Mapping[str, Any],
    ) -> tuple[Any, bool]:
        """Return the scale with which most steps below follow, and whether all do."""
        outcome = outcomes[name]
        below = self._downstream(rounds)
        best, most = outcome.scale, self._count_following(below, outcomes)
        has_parameters = any(self._is_parameter(other) for other in below)
        if most == len(below) and has_parameters:
            return best, True
        candidates = self._candidates(outcome)
        if self._seems_negated(outcome, below, outcomes):
            candidates.append(-outcome.scale)
        for scale in candidates:
            trial = self._pass({**chosen, **dict.fromkeys(rounds, scale)})
            count = self._count_following(below, trial)
            if count > most:
                best, most = scale, count
            if count == len(below):
                break
        if not has_parameters and self.is_complete and not self._is_known(outcome):
            return outcome.carried, False
        return best, most == len(below)

    def _count_following(
        self, names: Sequence[str], outcomes: Mapping[str, _Outcome]
    ) -> int:
        """Count the steps that follow; intermediates may bring factors of their own."""
        found = {name: outcomes[name].local for name in names}
        return sum(
            ratio is not None
            and (not self._is_parameter(name) or np.allclose(ratio, 1, RTOL))
            for name, ratio in found.items()
        )

    def _candidates(self, outcome: _Outcome) -> list[Any]:
        """Return the scales that texts use: without 1/m, or for half of a square."""
        sizes = [self.ones, *self.sizes, *(1 / size for size in self.sizes)]
        found = [outcome.carried * size * c for c in (1.0, 0.5, 2.0) for size in sizes]
        distinct: list[Any] = []
        for scale in found:
            if not any(np.allclose(scale, s, RTOL) for s in [outcome.scale, *distinct]):
                distinct.append(scale)
        return distinct

    def _seems_negated(
        self, outcome: _Outcome, below: Sequence[str], outcomes: Mapping[str, _Outcome]
    ) -> bool:
        """Return whether a step is negative, or two lines below expect it negated.

        One line alone that has the other sign is itself the one to blame.
        """
        lines = {
            self.steps[name].line
            for name in below
            if self._is_parameter(name)
            and outcomes[name].local is not None
            and np.all(outcomes[name].local < 0)
        }
        return len(lines) > 1 or bool(np.all(outcome.scale * outcome.carried < 0))

    def _is_known(self, outcome: _Outcome) -> bool:
        relative = outcome.scale / outcome.carried
        return any(np.allclose(relative, size, RTOL) for size in self.sizes)

    def _downstream(self, rounds: Sequence[str]) -> list[str]:
        """Return what follows from any round of a line, later rounds included."""
        reached: set[str] = set()
        for other in self.order:
            if self.upstream[other] & {*rounds, *reached}:
                reached.add(other)
        return [other for other in self.order if other in reached]


def ratio(value: Any, expected: Any, size: float, nothing: float) -> float | None:
    """Return c with ``value = c * expected`` in every cell, or None.

    Parameters
    ----------
    value, expected : ndarray
        Of one shape.
    size : float
        How large the terms of ``expected`` are: it is zero if it is rounding of them.
    nothing : float
        What to return if both are zero.
    """
    if not np.isfinite(value).all():
        return None
    square = float(np.sum(expected * expected))
    if np.sqrt(square) <= ROUNDING * size:
        is_zero = np.abs(value).max(initial=0) <= ROUNDING * size
        return nothing if is_zero else None
    c = float(np.sum(value * expected)) / square
    return c if c != 0 and is_close(value, c * expected) else None


def equals_truth(
    value: Any, name: str, reference: Reference, scale: float = 1.0
) -> bool:
    """Return whether an array is a multiple of the true gradient of a named value.

    Where the terms of the gradient cancel, what is left of them is no difference.
    """
    rounding = ROUNDING * abs(scale) * reference.term_size(name)
    return is_close(value, scale * reference.truth[name], atol=rounding)


def is_close(value: Any, expected: Any, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Return whether two arrays agree, measured by the largest cell."""
    if np.shape(value) != np.shape(expected):
        return False
    size = float(np.abs(expected).max(initial=0))
    return bool((np.abs(value - expected) <= rtol * size + atol).all())
