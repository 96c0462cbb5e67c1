"""A student's function that raises: which line, why, and what was not reached."""

import ast
import builtins
import difflib
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.check.marks import MarkedStep
from autograd.check.names import spelled
from autograd.check.reading import Step
from autograd.check.reference import Reference
from autograd.check.scene import target_name
from autograd.check.tracing import Failure, line_text, source_of

__all__ = ["marks_after", "unfinished_variables"]


def marks_after(
    function: Callable[..., Any],
    failure: Failure,
    reference: Reference,
    found: Sequence[MarkedStep],
) -> list[MarkedStep]:
    """Return the marks of the line that raised and of the steps after it.

    Parameters
    ----------
    function : callable
        The student's function.
    failure : Failure
        The exception.
    reference : Reference
        For the names of the values.
    found : sequence of MarkedStep
        The steps before it.
    """
    text, first = source_of(function)
    tree = _parsed(text)
    unknown = dict(_undefined(tree, function, first)) if tree else {}
    done = {step.of for step in found}
    marks = [_failed(function, failure, tree, first, reference, unknown)]
    done.add(marks[0].of)
    for line, name, of in _gradients(tree, first, reference):
        if line > failure.line and of not in done:
            done.add(of)
            source = line_text(function, line)
            detail = "; ".join(
                [f"the function stopped at line {failure.line}", *unknown.get(line, [])]
            )
            marks.append(
                MarkedStep(name, of, line, source, "not_reached", None, detail)
            )
    for of in reference.parameters:
        if of not in done:
            detail = f"the function stopped at line {failure.line}"
            marks.append(
                MarkedStep(f"d{of}", of, None, "", "not_reached", None, detail)
            )
    return marks


def unfinished_variables(
    function: Callable[..., Any], failure: Failure, steps: Sequence[Step]
) -> set[str]:
    """Return the steps whose values were not complete when the function stopped.

    What is accumulated in the loop that failed, or was to be changed further down, must
    not be judged.

    Parameters
    ----------
    function : callable
        The student's function.
    failure : Failure
        The exception.
    steps : sequence of Step
        What was computed before it.
    """
    text, first = source_of(function)
    tree = _parsed(text)
    begin, end = _loop_around(tree, failure.line - first + 1) if tree else (0, 0)
    lines = {_variable(step): step.line - first + 1 for step in steps}
    unfinished = set()
    for statement, name in _assignments(tree):
        is_plain = _is_complete_at_once(statement, name)
        in_loop = begin <= statement.lineno <= end
        is_later = statement.lineno >= failure.line - first + 1
        has_run = begin <= lines.get(name, 0) <= end
        if (in_loop and not (is_plain and has_run)) or (is_later and not in_loop):
            unfinished.add(name)
    return {step.name for step in steps if _variable(step) in unfinished}


def _is_complete_at_once(statement: ast.stmt, name: str) -> bool:
    """Return whether a statement gives a variable a whole value, not a part of it."""
    if not isinstance(statement, ast.Assign):
        return False
    accumulates = any(
        isinstance(node, ast.Name) and node.id == name
        for node in ast.walk(statement.value)
    )
    return not accumulates and any(
        isinstance(target, ast.Name) for target in _single_targets(statement)
    )


def _variable(step: Step) -> str:
    """Return ``dh`` for ``dh[3]`` and for ``dh, h[3]``."""
    return step.name.partition(",")[0].partition("[")[0]


def _loop_around(tree: ast.Module, line: int) -> tuple[int, int]:
    """Return the lines of the outermost loop around a line, or (0, -1)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While):
            end = node.end_lineno or 0
            if node.lineno <= line <= end:
                return node.lineno, end
    return 0, -1


def _assignments(tree: ast.Module | None) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Assign | ast.AugAssign):
            for target in _single_targets(node):
                yield node, target_name(target)


def _single_targets(statement: ast.Assign | ast.AugAssign) -> Iterator[ast.expr]:
    """Yield what a statement assigns to, the parts of ``a, b = ...`` one by one."""
    if isinstance(statement, ast.AugAssign):
        yield statement.target
        return
    for target in statement.targets:
        yield from target.elts if isinstance(target, ast.Tuple | ast.List) else [target]


def _failed(
    function: Callable[..., Any],
    failure: Failure,
    tree: ast.Module | None,
    first: int,
    reference: Reference,
    unknown: dict[int, list[str]],
) -> MarkedStep:
    at_line = [x for x in _gradients(tree, first, reference) if x[0] == failure.line]
    _, name, of = at_line[0] if at_line else (0, f"line {failure.line}", "")
    detail = "; ".join(
        [f"{failure.kind}: {failure.message}", *unknown.get(failure.line, [])]
    )
    source = line_text(function, failure.line)
    return MarkedStep(name, of, failure.line, source, "wrong", "exception", detail)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _gradients(
    tree: ast.Module | None, first: int, reference: Reference
) -> Iterator[tuple[int, str, str]]:
    """Yield the assignments to gradients: line, name, what it is the gradient of."""
    bases = {name.partition("[")[0]: name for name in reference.truth}
    for node, name in _assignments(tree):
        meanings = [x for x in spelled(name)[:-1] if x in bases] if name else []
        if meanings:
            yield node.lineno + first - 1, name, bases[meanings[0]]


def _undefined(
    tree: ast.Module, function: Callable[..., Any], first: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield per line what is said about names that are nowhere defined."""
    known = set(dir(builtins)) | set(
        getattr(inspect.unwrap(function), "__globals__", {})
    )
    known |= set(inspect.getclosurevars(inspect.unwrap(function)).nonlocals)
    loads: dict[int, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            known.add(node.id)
        elif isinstance(node, ast.Name):
            loads.setdefault(node.lineno + first - 1, []).append(node.id)
    for line, names in loads.items():
        missing = [name for name in dict.fromkeys(names) if name not in known]
        if missing:
            yield line, [_say_undefined(name, known) for name in missing]


def _say_undefined(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"{name} is not defined" + (f"; is {near[0]} meant?" if near else "")
