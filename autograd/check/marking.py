"""`check_backward`: mark a hand-derived backward pass, line by line."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.check.agreement import RTOL, equals_truth
from autograd.check.candidates import SOURCES
from autograd.check.failures import marks_after, unfinished_variables
from autograd.check.marks import MarkedStep, Marking
from autograd.check.mistakes import (
    Evidence,
    Finding,
    describe_unknown,
    gather,
    name_mistake,
)
from autograd.check.probes import Point, default_probe, warn_of_hiding_places
from autograd.check.reading import Reading, read_steps
from autograd.check.reference import Reference, plain_copy
from autograd.check.repairs import repaired
from autograd.check.tracing import Trace, line_text, source_of, trace
from autograd.check.verdicts import Judgement, Judges

__all__ = ["check_backward"]

Probe = Callable[[np.random.Generator], tuple[Any, ...]]


def check_backward(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    parameters: Mapping[str, Any],
    *data: Any,
    probe: Probe | None = None,
    names: Mapping[str, str] | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    time_limit: float = 10.0,
) -> Marking:
    """Mark a hand-derived backward pass: the first wrong line, and what is wrong in it.

    Parameters
    ----------
    forward : callable
        ``forward(parameters, *data) -> (cost, cache)`` in ordinary NumPy.  The cache is
        a dict of the intermediate values, lists of them included.
    backward : callable
        ``backward(parameters, cache, *data) -> dict`` of gradients, as a student wrote
        it.  Its local variables are read as well: ``dZ2``, ``d_Z2``, ``grad_Z2``.
    parameters : dict
        Float arrays by name.
    *data : object
        The other arguments.
    probe : callable, optional
        ``probe(rng) -> (parameters, *data)`` draws the points at which the function is
        tried.  By default they have the shapes of ``parameters`` and ``data``.
    names : dict, optional
        What a variable is the gradient of, where its name does not say so.
    seeds : sequence of int
        One point is drawn per seed; mistakes are named from two points on.
    time_limit : float
        Seconds for one run of ``backward``.

    Returns
    -------
    Marking
        Prints as a table; true if everything is right.

    Raises
    ------
    GradientError
        If ``forward`` does not return a cost that depends on the parameters.

    Warns
    -----
    UserWarning
        If mistakes could hide at the points: one sample, equal sizes, zero weights.

    Notes
    -----
    ``backward`` is executed, on copies of all arrays, with a time limit, in this
    process.  That protects your arrays, but it is **no sandbox**: code that you would
    not run, do not mark.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.check import check_backward
    >>> def forward(parameters, x, y):
    ...     p = x @ parameters["w"]
    ...     return np.mean((p - y) ** 2), {"p": p}
    >>> def backward(parameters, cache, x, y):
    ...     dp = 2 * (cache["p"] - y)
    ...     return {"dw": x.T @ dp}
    >>> x, y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.5, 2.0, 3.0])
    >>> marking = check_backward(forward, backward, {"w": np.zeros(2)}, x, y)
    >>> marking.first_wrong.name, marking.first_wrong.mistake
    ('dp', 'missing_batch_mean')
    """
    own = Point(dict(parameters), data)
    draw = probe or default_probe(own.parameters, data)
    points = [
        Point(p, tuple(d)) for p, *d in map(draw, map(np.random.default_rng, seeds))
    ]
    if not points:
        raise ValueError(
            "check_backward: seeds is empty; give at least two, as (0, 1)."
        )
    warn_of_hiding_places(points[0], _name_of(backward), stacklevel=3)
    references = [Reference(forward, point) for point in points]
    marker = _Marker(backward, references, names, time_limit)
    return marker.mark(Reference(forward, own))


def _name_of(function: Callable[..., Any]) -> str:
    return getattr(inspect.unwrap(function), "__name__", "the function")


def _last_round(judgement: Judgement, judgements: Sequence[Judgement]) -> Judgement:
    """Return the wrong step that the same line made last, in a loop."""
    family = judgement.step.of.partition("[")[0]
    return [
        other
        for other in judgements
        if other.local
        and other.step.line == judgement.step.line
        and other.step.of.partition("[")[0] == family
    ][-1]


class _Marker:
    """Runs the student's function, judges what it found, and writes the marks."""

    def __init__(
        self,
        backward: Callable[..., Any],
        references: Sequence[Reference],
        names: Mapping[str, str] | None,
        time_limit: float,
    ) -> None:
        self.backward = backward
        self.references = references
        self.names = names
        self.time_limit = time_limit
        self.notes: list[str] = []
        self.findings: dict[int, Finding] = {}

    def mark(self, own: Reference) -> Marking:
        traces = [self._run(self.backward, reference) for reference in self.references]
        failure = next((t.failure for t in traces if t.failure), None)
        reading = read_steps(self.backward, traces, self.references, self.names)
        if failure:
            unfinished = unfinished_variables(self.backward, failure, reading.steps)
            reading.steps = [s for s in reading.steps if s.name not in unfinished]
        judgements = self._judge(reading, is_complete=failure is None)
        judgements.sort(key=lambda j: j.step.order)
        steps = [self._marked(j, judgements) for j in judgements]
        if failure:
            steps += marks_after(self.backward, failure, self.references[0], steps)
        else:
            steps = self._at_own_point(steps, judgements, own)
            steps += [self._missing(of, why) for of, why in reading.missing.items()]
        return Marking(
            tuple(steps),
            _name_of(self.backward),
            tuple(self.notes),
            traces[0].output,
            self.references[0].cost,
            {
                name: self.references[0].tensor(name)
                for name in self.references[0].named
            },
            self.references[0].data,
        )

    def _run(self, function: Callable[..., Any], reference: Reference) -> Trace:
        arguments = (
            plain_copy(reference.point.parameters),
            plain_copy(reference.cache),
            *(plain_copy(x) for x in reference.point.data),
        )
        return trace(function, arguments, self.time_limit)

    def _judge(self, reading: Reading, is_complete: bool) -> list[Judgement]:
        """Judge the steps; leave out variables that only look like gradients."""
        steps = list(reading.steps)
        while True:
            judges = Judges(self.references, steps, is_complete)
            judgements = judges.judge()
            helper = judges.find_helper(judgements)
            if helper is None:
                return judgements
            self.notes.append(
                f"{helper.name} (line {helper.line}) is not the gradient of "
                f"{helper.of}, and nothing wrong follows from it: taken as a value of "
                f"the student's own."
            )
            steps.remove(helper)

    def _marked(
        self, judgement: Judgement, judgements: Sequence[Judgement]
    ) -> MarkedStep:
        step = judgement.step
        finding: tuple[str | None, str] = (None, "")
        if judgement.local:
            finding = self._named(judgement, judgements)
        elif judgement.verdict == "convention":
            finding = (None, self._convention(judgement))
        elif judgement.verdict == "inherited":
            finding = (None, "follows from an earlier step that is wrong")
        return MarkedStep(
            step.name,
            step.of,
            step.line or None,
            line_text(self.backward, step.line),
            judgement.verdict,
            *finding,
        )

    def _named(self, judgement: Judgement, judgements: Sequence[Judgement]) -> Finding:
        """Name the mistake in a wrong step; the rounds of a loop share one name.

        A name that only one round suggests is a coincidence: the last one decides too.
        """
        line = judgement.step.line
        if line not in self.findings:
            here = line_text(self.backward, line)
            text = source_of(self.backward)[0]
            last = _last_round(judgement, judgements)
            evidence, check = (
                gather(j, judgements, text, here) for j in (judgement, last)
            )
            found = by_value = self._by_value(evidence)
            if found and last is not judgement:
                other = self._by_value(check)
                found = found if other and other.mistake == found.mistake else None
            if found is None and not self.findings:
                found = repaired(evidence, judgement.step, self.backward, self._run)
            self.findings[line] = found or by_value or describe_unknown(evidence)
        return self.findings[line]

    def _by_value(self, evidence: Evidence) -> Finding | None:
        """Name a mistake by the values that it gives."""
        found = name_mistake(evidence, SOURCES)
        if found is None and not evidence.is_parameter:
            # A step of the wrong shape does not show whether 1/m is to come later.
            for size in self.references[0].batch_sizes:
                found = found or name_mistake(evidence.with_scale(size), SOURCES)
        return found

    def _convention(self, judgement: Judgement) -> str:
        factor = float(judgement.scale[0])
        sizes = self.references[0].batch_sizes
        if any(np.isclose(factor, size, RTOL) for size in sizes):
            return f"m = {factor:g} times the gradient; 1/m is applied later"
        return f"{factor:.6g} times the gradient; that is undone later"

    def _at_own_point(
        self,
        steps: list[MarkedStep],
        judgements: Sequence[Judgement],
        own: Reference,
    ) -> list[MarkedStep]:
        """Look once more at the user's own values, where everything must hold too."""
        seen = self._run(self.backward, own)
        if seen.failure:
            return steps + marks_after(self.backward, seen.failure, own, steps)
        found = {
            s.of: s.values[0]
            for s in read_steps(self.backward, [seen], [own], self.names).steps
        }
        return [
            self._also_right(step, judgement, found.get(step.of), own)
            for step, judgement in zip(steps, judgements, strict=True)
        ]

    def _also_right(
        self, step: MarkedStep, judgement: Judgement, value: Any, own: Reference
    ) -> MarkedStep:
        if step.verdict not in ("right", "convention") or value is None:
            return step
        scale = judgement.scale[0] if step.verdict == "convention" else 1.0
        is_finite = np.isfinite(own.truth[step.of]).all()
        if not is_finite or equals_truth(value, step.of, own, scale):
            return step
        return replace(
            step,
            verdict="wrong",
            mistake="unknown",
            detail="right at the points drawn, but not at the values you gave",
        )

    def _missing(self, of: str, why: str) -> MarkedStep:
        return MarkedStep(f"d{of}", of, None, "", "missing", None, why)
