"""Find the steps of a derivation in what was seen of a student's function.

A step is a gradient that the student has computed: a local variable or a returned entry
whose name says of what (``dZ2``, ``grad_Z2``), the line where, and the value at every
point.  The items of a list, and the rounds of a loop backwards through time, are steps
of their own.
"""

import ast
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.check.names import spelled
from autograd.check.reference import Reference
from autograd.check.tracing import Assignment, Trace, source_of

__all__ = ["Reading", "Step", "read_steps"]

_ITEM = re.compile(r"(.+)\[(-?\d+)\]$")


@dataclass
class Step:
    """One gradient that the student has computed.

    Attributes
    ----------
    name : str
        The student's name for it: ``"dZ2"``.
    of : str
        The name of the value it is the gradient of: ``"Z2"``.
    line : int
        Where it was computed.
    order : int
        Its place in the student's order.
    values : list of ndarray
        One per point.
    is_rebound : bool
        Whether the variable had another value before, which was thrown away.
    """

    name: str
    of: str
    line: int
    order: int
    values: list[Any]
    is_rebound: bool = False


@dataclass
class Reading:
    """The steps found, in the student's order, and the parameters left without one."""

    steps: list[Step]
    missing: dict[str, str]


@dataclass
class _Found:
    name: str
    assignment: Assignment


def read_steps(
    function: Callable[..., Any],
    traces: Sequence[Trace],
    references: Sequence[Reference],
    names: Mapping[str, str] | None,
) -> Reading:
    """Find the steps of a derivation.

    Parameters
    ----------
    function : callable
        The student's function, for the lines of a returned dict.
    traces, references : sequence
        One per point.
    names : mapping of str to str, optional
        What a variable is the gradient of, where its name does not say so:
        ``{"delta2": "Z2"}``.
    """
    keys = dict(_key_lines(*source_of(function)))
    found = [
        _found(trace, reference, names or {}, keys)
        for trace, reference in zip(traces, references, strict=True)
    ]
    steps = [
        Step(
            first.name,
            of,
            first.assignment.line,
            first.assignment.tick,
            [per_point[of].assignment.value for per_point in found],
            first.assignment.replaces,
        )
        for of, first in found[0].items()
        if all(of in per_point for per_point in found)
    ]
    steps.sort(key=lambda step: step.order)
    missing = {
        of: _why_missing(of, traces[0], found[0])
        for of in references[0].parameters
        if _is_missing(of, traces[0], found[0], names or {})
    }
    return Reading([step for step in steps if step.of not in missing], missing)


def _found(
    trace: Trace,
    reference: Reference,
    names: Mapping[str, str],
    keys: Mapping[str, int],
) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for label, rounds in trace.history.items():
        for of, assignment in _matched(label, rounds, reference, names):
            if of not in found or found[of].assignment.tick < assignment.tick:
                name = label if "[" in label or of == _base(of) else f"{label}, {of}"
                found[of] = _Found(name, assignment)
    returned = trace.returned if isinstance(trace.returned, dict) else {}
    latest = max((f.assignment.tick for f in found.values()), default=0)
    for count, (key, value) in enumerate(returned.items(), start=1):
        meant = _of(str(key), reference.truth, names, is_returned=True)
        known = found.get(meant) if meant else None
        if meant is None or not _is_number(value) or (known and _same(known, value)):
            continue
        line = keys.get(str(key)) or (known.assignment.line if known else 0)
        found[meant] = _Found(
            str(key), Assignment(latest + count, line, np.array(value))
        )
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.ndarray | np.generic)


def _same(found: _Found, value: Any) -> bool:
    return np.array_equal(found.assignment.value, value, equal_nan=True)


def _matched(
    label: str,
    rounds: Sequence[Assignment],
    reference: Reference,
    names: Mapping[str, str],
) -> Iterator[tuple[str, Assignment]]:
    """Yield what the values of a variable are the gradients of."""
    item = _ITEM.match(label)
    if item:
        base = _of(item[1], _bases(reference), names)
        of = f"{base}[{item[2]}]"
        if base and of in reference.truth:
            yield of, rounds[-1]
        return
    whole = _of(label, reference.truth, names)
    if whole:
        yield whole, rounds[-1]
        return
    base = _of(label, _bases(reference), names)
    family = [f"{base}[{k}]" for k in _bases(reference).get(base or "", [])]
    family = [of for of in family if of in reference.truth]
    if not family:
        return
    stacked = rounds[-1].value
    one = reference.truth[family[0]].shape
    if stacked.shape[1:] == one and stacked.shape[:1] == (len(family),):
        for k, of in enumerate(family):
            yield of, rounds[-1]._replace(value=stacked[k])
        return
    # A loop backwards through time: its first round belongs to the last item.
    # What stood in the variable before the loop counts as a change of the first round.
    if any(r.changes > (k == 0) for k, r in enumerate(rounds)):
        return  # it holds several things in turn
    for of, assignment in zip(reversed(family), rounds[-len(family) :], strict=False):
        yield of, assignment


def _bases(reference: Reference) -> dict[str, list[int]]:
    """Return the lists among the named values: name -> the indices of its items."""
    bases: dict[str, list[int]] = {}
    for name in reference.truth:
        item = _ITEM.match(name)
        if item:
            bases.setdefault(item[1], []).append(int(item[2]))
    return {base: sorted(indices) for base, indices in bases.items()}


def _base(name: str) -> str:
    item = _ITEM.match(name)
    return item[1] if item else name


def _of(
    label: str,
    known: Mapping[str, Any],
    names: Mapping[str, str],
    is_returned: bool = False,
) -> str | None:
    """Return what a variable is the gradient of, by its name.

    Among the returned gradients ``"W1"`` means that of W1; a local variable of that
    name is W1 itself.
    """
    if label in names:
        return names[label] if names[label] in known else None
    meanings = spelled(label)
    return next(
        (x for x in (meanings if is_returned else meanings[:-1]) if x in known), None
    )


def _key_lines(text: str, first: int) -> Iterator[tuple[str, int]]:
    """Yield the lines of the entries in dict displays: ``{"dW1": ...}``."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, key.lineno + first - 1


def _is_missing(
    of: str, trace: Trace, found: Mapping[str, _Found], names: Mapping[str, str]
) -> bool:
    if trace.failure is not None:
        return False
    if not isinstance(trace.returned, dict):
        return of not in found
    flat = dict.fromkeys(_flat_keys(trace.returned))
    return not any(_of(key, {of: None}, names, True) == of for key in flat)


def _flat_keys(returned: Mapping[Any, Any]) -> Iterator[str]:
    for key, value in returned.items():
        yield str(key)
        if isinstance(value, list | tuple):
            yield from (f"{key}[{k}]" for k in range(len(value)))


def _why_missing(of: str, trace: Trace, found: Mapping[str, _Found]) -> str:
    if not isinstance(trace.returned, dict):
        return "The function must return a dict of gradients."
    keys = [str(key) for key in trace.returned]
    near = next(iter(difflib.get_close_matches(f"d{of}", keys, n=1)), None)
    text = "It is not among the returned gradients."
    if of in found:
        known = found[of]
        text = (
            f"{known.name} is computed at line {known.assignment.line}, not returned."
        )
    return f"{text} Is the key {near!r} meant?" if near else text
