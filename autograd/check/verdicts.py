"""Two verdicts per step: whether it equals the gradient, and whether it follows.

A step may be a constant multiple of the gradient and still be right, if the steps after
it put that right: the article's ``dZ2 = A2 - Y`` is m times the gradient of the cost,
and ``dW2`` divides by m.  That constant is the step's *scale*; see `scales`.

A step *follows* if it is its scale times what the student's own upstream steps, each
divided by its scale, give.  A step that follows from a wrong one is inherited; the
first one that does not follow is the first wrong line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.check.agreement import is_close
from autograd.check.reading import Step
from autograd.check.reference import Reference
from autograd.check.scales import Outcome, Scales
from autograd.check.segments import segment_below
from autograd.check.steps import LocalStep

__all__ = ["Judgement", "Judges"]


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
        self.steps = {step.of: step for step in steps}
        self.scales = Scales(references, steps, is_complete)

    def judge(self) -> list[Judgement]:
        """Return the judgements, in the student's order."""
        outcomes = self.scales.best()
        found = []
        for name, step in self.steps.items():
            outcome = outcomes.get(name)
            scale = self.scales.ones if outcome is None else outcome.scale
            verdict = self._verdict(name, outcome)
            local = []
            if verdict in ("wrong", "shape") and outcome is not None:
                local = self.local_steps(name, outcomes)
            found.append(Judgement(step, verdict, scale, local))
        return found

    def local_steps(
        self, name: str, outcomes: Mapping[str, Outcome]
    ) -> list[LocalStep]:
        """Return the parts of the graphs from which a step must follow."""
        return [
            LocalStep(
                reference,
                name,
                {
                    other: self.scales.normalised(other, k, outcomes[other].scale)
                    for other in self.scales.order
                    if other != name and self.scales.fits(other)
                },
            )
            for k, reference in enumerate(self.references)
        ]

    def dependents(self, name: str) -> list[str]:
        """Return the steps that are computed directly from a step."""
        return [
            other for other in self.scales.order if name in self.scales.upstream[other]
        ]

    def find_helper(self, judgements: Sequence[Judgement]) -> Step | None:
        """Return a variable that is only named like a gradient, if there is one.

        ``dA1 = 1 - A1**2`` is the derivative of an activation, not a gradient.  Such a
        variable is wrong as a gradient, but what is computed next is right.
        """
        verdicts = {j.step.of: j.verdict for j in judgements}
        for judgement in judgements:
            name = judgement.step.of
            is_wrong = judgement.verdict in ("wrong", "shape")
            if not is_wrong or self.scales.is_parameter(name):
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

    def _verdict(self, name: str, outcome: Outcome | None) -> str:
        if not self.scales.fits(name):
            return "shape"
        values, truths = (
            self.steps[name].values,
            [r.truth[name] for r in self.references],
        )
        if outcome is None:  # the cost does not depend on it
            is_zero = all(is_close(v, t) for v, t in zip(values, truths, strict=True))
            return "right" if is_zero else "wrong"
        if self.scales.equals(name, self.scales.ones):
            return "right"
        if self.scales.equals(name, outcome.scale):
            return "convention"
        return "inherited" if outcome.follows else "wrong"
