"""The scale of every step: of which multiple of the gradient it is.

The scale of a step is the one under which most of the steps computed from it come out
right; the scale of a parameter's gradient is 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.check.agreement import ROUNDING, RTOL, equals_truth, ratio
from autograd.check.probes import batch_sizes
from autograd.check.reading import Step
from autograd.check.reference import Reference, Sweep
from autograd.check.steps import LocalStep

__all__ = ["Outcome", "Scales"]


@dataclass
class Outcome:
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
        """Whether the step is its scale times what it follows from."""
        return self.ratio is not None and bool(
            np.allclose(self.ratio, self.scale, RTOL)
        )


class Scales:
    """Find the scales of the steps.

    Parameters
    ----------
    references : sequence of Reference
        The forward pass, per point.
    steps : sequence of Step
        What the student computed.
    is_complete : bool
        Whether the function ran to its end.

    Attributes
    ----------
    order : list of str
        The names of the steps, those next to the cost first.
    upstream : dict of str to set of str
        For every step the steps from which it follows directly.
    """

    def __init__(
        self, references: Sequence[Reference], steps: Sequence[Step], is_complete: bool
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

    def best(self) -> dict[str, Outcome]:
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

    def equals(self, name: str, scale: Any) -> bool:
        """Return whether a step is a multiple of the true gradient, at every point."""
        values = self.steps[name].values
        return all(
            equals_truth(value, name, reference, s)
            for value, s, reference in zip(values, scale, self.references, strict=True)
        )

    def fits(self, name: str) -> bool:
        """Return whether a step has the shape of the gradient."""
        values = self.steps[name].values
        return all(
            value.shape == reference.truth[name].shape
            for value, reference in zip(values, self.references, strict=True)
        )

    def normalised(self, name: str, point: int, scale: Any) -> Any:
        """Return what a step stands for: its value divided by its scale."""
        return self.steps[name].values[point] / scale[point]

    def is_parameter(self, name: str) -> bool:
        """Return whether a name is one of the parameters."""
        return name in self.references[0].parameters

    def _is_zero(self, name: str) -> bool:
        """Return whether a gradient is zero but for rounding, and has no scale."""
        r = self.references[0]
        largest = np.abs(r.truth[name]).max(initial=0)
        return bool(largest <= ROUNDING * r.term_size(name))

    def _upstream(self) -> dict[str, set[str]]:
        """Return for every step the steps from which it follows directly."""
        reference = self.references[0]
        upstream = {}
        for name in self.order:
            seeds = LocalStep(
                reference, name, dict.fromkeys(n for n in self.order if self.fits(n))
            ).seeds
            upstream[name] = {
                other for other in self.order if reference.named[other] in seeds
            }
        return upstream

    def _pass(self, chosen: Mapping[str, Any]) -> dict[str, Outcome]:
        """Sweep once, going on from the student's own values; scales as chosen."""
        sweeps = [Sweep(reference) for reference in self.references]
        outcomes: dict[str, Outcome] = {}
        for name in self.order:
            arrived = [sweep.arrived(name) for sweep in sweeps]
            outcome = self._outcome(name, arrived, outcomes, chosen)
            outcomes[name] = outcome
            if self.fits(name):
                for k, sweep in enumerate(sweeps):
                    sweep.replace(name, self.normalised(name, k, outcome.scale))
        return outcomes

    def _outcome(
        self,
        name: str,
        arrived: Sequence[Any],
        outcomes: Mapping[str, Outcome],
        chosen: Mapping[str, Any],
    ) -> Outcome:
        carried = self._carried(name, outcomes)
        if not self.fits(name):
            scale = self.ones if self.is_parameter(name) else carried
            return Outcome(None, None, carried, scale, introduces=False)
        local = self._ratio(name, arrived, carried)
        found = self._true_ratio(name, carried) if local is None else local
        is_gradient = self.equals(name, self.ones) and not self._is_zero(name)
        if self.is_parameter(name) or is_gradient:
            return Outcome(local, found, carried, self.ones, introduces=False)
        if name in chosen:
            return Outcome(local, found, carried, chosen[name], introduces=False)
        scale = carried if found is None else found
        changes = found is None or not np.allclose(found, carried, RTOL)
        return Outcome(local, found, carried, scale, introduces=changes)

    def _carried(self, name: str, outcomes: Mapping[str, Outcome]) -> Any:
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
        scales = (scale for scale in (self.ones, carried) if self.equals(name, scale))
        return next(scales, None)

    def _is_constant(self, ratios: Any) -> bool:
        """Return whether a ratio is the same everywhere, or the same multiple of m."""
        factors = [self.ones, *self.sizes, *(1 / size for size in self.sizes)]
        return any(np.allclose(ratios / f, (ratios / f)[0], RTOL, 0) for f in factors)

    def _rounds(self, name: str, outcomes: Mapping[str, Outcome]) -> list[str]:
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
        outcomes: Mapping[str, Outcome],
        chosen: Mapping[str, Any],
    ) -> tuple[Any, bool]:
        """Return the scale with which most steps below follow, and whether all do."""
        outcome = outcomes[name]
        below = self._downstream(rounds)
        best, most = outcome.scale, self._count_following(below, outcomes)
        has_parameters = any(self.is_parameter(other) for other in below)
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
        self, names: Sequence[str], outcomes: Mapping[str, Outcome]
    ) -> int:
        """Count the steps that follow; intermediates may bring factors of their own."""
        found = {name: outcomes[name].local for name in names}
        return sum(
            ratio is not None
            and (not self.is_parameter(name) or np.allclose(ratio, 1, RTOL))
            for name, ratio in found.items()
        )

    def _candidates(self, outcome: Outcome) -> list[Any]:
        """Return the scales that texts use: without 1/m, or for half of a square."""
        sizes = [self.ones, *self.sizes, *(1 / size for size in self.sizes)]
        found = [outcome.carried * size * c for c in (1.0, 0.5, 2.0) for size in sizes]
        distinct: list[Any] = []
        for scale in found:
            if not any(np.allclose(scale, s, RTOL) for s in [outcome.scale, *distinct]):
                distinct.append(scale)
        return distinct

    def _seems_negated(
        self, outcome: Outcome, below: Sequence[str], outcomes: Mapping[str, Outcome]
    ) -> bool:
        """Return whether a step is negative, or two lines below expect it negated.

        One line alone that has the other sign is itself the one to blame.
        """
        lines = {
            self.steps[name].line
            for name in below
            if self.is_parameter(name)
            and outcomes[name].local is not None
            and np.all(outcomes[name].local < 0)
        }
        return len(lines) > 1 or bool(np.all(outcome.scale * outcome.carried < 0))

    def _is_known(self, outcome: Outcome) -> bool:
        relative = outcome.scale / outcome.carried
        return any(np.allclose(relative, size, RTOL) for size in self.sizes)

    def _downstream(self, rounds: Sequence[str]) -> list[str]:
        """Return what follows from any round of a line, later rounds included."""
        reached: set[str] = set()
        for other in self.order:
            if self.upstream[other] & {*rounds, *reached}:
                reached.add(other)
        return [other for other in self.order if other in reached]
