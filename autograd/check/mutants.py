"""Wrong versions of a right backward function: exercises, and a test of the marking.

Each rule of `autograd.check.rewriting` makes one mistake that students make, in one
statement of the function's syntax tree.  A version that is still right, such as the
transpose of a symmetric matrix, is left out.
"""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.check.agreement import is_close, ratio
from autograd.check.failures import unfinished_variables
from autograd.check.names import spelled
from autograd.check.probes import Point, default_probe
from autograd.check.reading import Step, read_steps
from autograd.check.reference import Reference, plain_copy
from autograd.check.rewriting import rewrites
from autograd.check.scene import Scene
from autograd.check.segments import activation_kind, segment_below
from autograd.check.source_edit import recompiled
from autograd.check.tracing import source_of, trace

__all__ = ["Mutant", "mutants"]

_TIME_LIMIT = 10.0


@dataclass(frozen=True)
class Mutant:
    """A backward function with one mistake, and what a marking must find.

    Attributes
    ----------
    backward : callable
        The wrong function.
    step : str
        The name of the first wrong step: ``"dZ1"``.
    line : int
        Its line.
    mistake : str
        The name of the mistake; ``"exception"`` if the function raises.
    planted : str
        The mistake that was made, also where it raises.
    original, source : str
        The statement before and after.
    """

    backward: Callable[..., Any]
    step: str
    line: int
    mistake: str
    planted: str
    original: str
    source: str


def mutants(
    backward: Callable[..., Any],
    forward: Callable[..., Any],
    parameters: Mapping[str, Any],
    *data: Any,
    names: Mapping[str, str] | None = None,
) -> Iterator[Mutant]:
    """Yield wrong versions of a right backward function.

    Parameters
    ----------
    backward, forward, parameters, *data, names
        As for `check_backward`.

    Yields
    ------
    Mutant
        One for each mistake, at each place that it fits.

    Raises
    ------
    ValueError
        If the source of ``backward`` cannot be found.

    Examples
    --------
    >>> import numpy as np
    >>> from textwrap import indent
    >>> from autograd.check import mutants
    >>> from autograd.check.marking import check_backward
    >>> x, y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.5, 2.0, 3.0])
    >>> def forward(parameters, x, y):
    ...     p = x @ parameters["w"]
    ...     return np.mean((p - y) ** 2), {"p": p}
    >>> def backward(parameters, cache, x, y):
    ...     m = len(x)
    ...     dp = 2 * (cache["p"] - y) / m
    ...     dw = x.T @ dp
    ...     return {"dw": dw}
    >>> for mutant in mutants(backward, forward, {"w": np.zeros(2)}, x, y):
    ...     if mutant.mistake == "missing_batch_mean":
    ...         print(mutant.step, mutant.source)
    dp dp = 2 * (cache['p'] - y)
    """
    text, first = source_of(backward)
    if not text:
        raise ValueError(
            "mutants: the source of backward cannot be found; define it in a file."
        )
    point = Point(dict(parameters), data)
    drawn, *rest = default_probe(point.parameters, data)(np.random.default_rng(0))
    reference = Reference(forward, Point(drawn, tuple(rest)))
    bench = _Bench(backward, reference, names, text, first)
    for statement, planted, changed in bench.rewritten():
        mutant = bench.mutant(statement, planted, changed)
        if mutant is not None:
            yield mutant


class _Bench:
    """Makes mutants of one function and runs them."""

    def __init__(
        self,
        backward: Callable[..., Any],
        reference: Reference,
        names: Mapping[str, str] | None,
        text: str,
        first: int,
    ) -> None:
        self.function = inspect.unwrap(backward)
        self.reference = reference
        self.names = names
        self.text = text
        self.first = first
        self.tree = ast.parse(text)
        self.right = {
            of: step
            for of, step in self._steps(backward)[0].items()
            if ratio(step.values[0], reference.truth[of], 1.0, 1.0) is not None
        }

    def rewritten(self) -> Iterator[tuple[ast.stmt, str, ast.stmt]]:
        """Yield statement, mistake, and the statement with the mistake in it."""
        scene = self._scene()
        seen: set[str] = set()
        for statement in ast.walk(self.tree):
            if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
                continue
            for planted, changed in rewrites(statement, scene):
                key = f"{statement.lineno} {ast.unparse(changed)}"
                if key not in seen:
                    seen.add(key)
                    yield statement, planted, changed

    def mutant(
        self, statement: ast.stmt, planted: str, changed: ast.stmt
    ) -> Mutant | None:
        """Build and run a version; None if it is not wrong."""
        source = ast.unparse(changed)
        wrong = recompiled(self.function, statement, source)
        steps, failure = self._steps(wrong)
        original = ast.unparse(statement)
        line = statement.lineno + self.first - 1
        if failure is not None:
            left_out = unfinished_variables(wrong, failure, list(steps.values()))
            steps = {of: s for of, s in steps.items() if s.name not in left_out}
        step = self._first_changed(steps)
        if failure is not None and failure.line == line:
            name = next((s.name for s in self.right.values() if s.line == line), "")
            if not name:
                return None
            return Mutant(wrong, name, line, "exception", planted, original, source)
        if step is None:
            return None
        return Mutant(wrong, step.name, step.line, planted, planted, original, source)

    def _first_changed(self, steps: Mapping[str, Step]) -> Step | None:
        changed = [
            step
            for of, step in steps.items()
            if of in self.right
            and not is_close(step.values[0], self.right[of].values[0])
        ]
        step = min(changed, key=lambda s: s.order, default=None)
        if step is None or is_close(step.values[0], self.reference.truth[step.of]):
            return None
        return step

    def _steps(self, function: Callable[..., Any]) -> tuple[dict[str, Step], Any]:
        reference = self.reference
        arguments = (
            plain_copy(reference.point.parameters),
            plain_copy(reference.cache),
            *(plain_copy(x) for x in reference.point.data),
        )
        seen = trace(function, arguments, _TIME_LIMIT)
        reading = read_steps(function, [seen], [reference], self.names)
        return {step.of: step for step in reading.steps}, seen.failure

    def _scene(self) -> Scene:
        """Collect what the rules need to know about the function."""
        arguments = self.tree.body[0].args.args  # type: ignore[attr-defined]
        activations = {}
        for name, k in self.reference.named.items():
            segment = segment_below(self.reference, k)
            ends = {j: other for other, j in self.reference.named.items()}
            if segment and segment.end in ends:
                kind = activation_kind(self.reference, segment)
                activations[ends[segment.end]] = (name, kind)
        known = {
            *self.reference.truth,
            *(n.partition("[")[0] for n in self.reference.truth),
        }
        return Scene(
            tree=self.tree,
            parameters=frozenset(
                n.partition("[")[0] for n in self.reference.parameters
            ),
            values=frozenset(n.partition("[")[0] for n in self.reference.values)
            | known,
            activations=activations,
            arguments=tuple(a.arg for a in arguments),
            gradients={s.name.partition("[")[0]: s.of for s in self.right.values()},
            meanings=lambda name: next(
                (x for x in spelled(name)[:-1] if x in known),
                (self.names or {}).get(name),
            ),
        )
