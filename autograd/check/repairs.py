"""Name a mistake by mending it: change the student's line until the step is right.

What a mistake does inside a loop or inside a formula of the student's own is not always
a change to the recomputed step.  Here the wrong line itself is changed in one place,
the function is run again, and if the step then is what it must be, at every point and
to nine digits, that change is the mistake.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from autograd.check.agreement import is_close
from autograd.check.mistakes import EXACT, Evidence, Finding
from autograd.check.reading import Step, read_steps
from autograd.check.reference import Reference
from autograd.check.source_edit import calls, expression, recompiled, replaced
from autograd.check.tracing import Trace, source_of

__all__ = ["repaired"]

Run = Callable[[Callable[..., Any], Reference], Trace]
Repair = tuple[str, ast.stmt]


def repaired(
    evidence: Evidence, step: Step, function: Callable[..., Any], run: Run
) -> Finding | None:
    """Return the mistake whose repair makes a step right, or None.

    Parameters
    ----------
    evidence : Evidence
        About the step.
    step : Step
        The wrong step.
    function : callable
        The student's function.
    run : callable
        ``run(function, reference)`` runs a version of it at a point.
    """
    text, first = source_of(function)
    if not text or not inspect.isfunction(inspect.unwrap(function)):
        return None
    for statement in ast.walk(ast.parse(text)):
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
            continue
        end = statement.end_lineno if isinstance(statement, ast.Return) else None
        lines = range(statement.lineno, (end or statement.lineno) + 1)
        if statement.value is None or step.line - first + 1 not in lines:
            continue
        others = _other_values(text, evidence)
        for mistake, changed in _repairs(statement, others):
            version = recompiled(function, statement, ast.unparse(changed))
            if _is_right(evidence, step, version, run):
                return Finding(mistake, f"right would be: {ast.unparse(changed)}")
    return None


def _is_right(
    evidence: Evidence, step: Step, version: Callable[..., Any], run: Run
) -> bool:
    for k, local in enumerate(evidence.local):
        seen = run(version, local.reference)
        if seen.failure:
            return False
        reading = read_steps(version, [seen], [local.reference], None)
        values = [s.values[0] for s in reading.steps if s.of == step.of]
        # In a loop the repair changes the rounds before this one as well.
        right = (evidence.expected(k), local.reference.truth[step.of])
        scale = evidence.scales[k]
        if not values or not any(is_close(values[0] / scale, x, EXACT) for x in right):
            return False
    return True


def _other_values(text: str, evidence: Evidence) -> list[str]:
    """Return the variables that hold values of the forward pass, or the data."""
    definition = ast.parse(text).body[0]
    arguments = [a.arg for a in definition.args.args[2:]]  # type: ignore[attr-defined]
    stored = (
        node.id
        for node in ast.walk(definition)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    values = evidence.local[0].reference.values
    return arguments + [name for name in dict.fromkeys(stored) if name in values]


def _repairs(
    statement: ast.Assign | ast.AugAssign | ast.Return, others: list[str]
) -> Iterator[Repair]:
    """Yield mended versions of a statement, with the mistake that each one mends."""
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
        if isinstance(target, ast.Name | ast.Subscript):
            yield "overwritten", ast.AugAssign(target, ast.Add(), statement.value)

    def put(value: ast.expr) -> ast.stmt:
        if isinstance(statement, ast.Assign):
            return ast.Assign(statement.targets, value, lineno=statement.lineno)
        if isinstance(statement, ast.Return):
            return ast.Return(value)
        return ast.AugAssign(statement.target, statement.op, value)

    assert statement.value is not None
    for mistake, value in _mended(statement.value):
        yield mistake, put(value)
    for node in ast.walk(statement.value):
        if isinstance(node, ast.Name) and node.id in others:
            for other in others:
                name = ast.Name(other, ast.Load())
                yield "wrong_layer", put(replaced(statement.value, node, name))


def _mended(tree: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            for text in ("{} - 1", "{} + 1"):
                index = expression(text.format(ast.unparse(node.slice)))
                other = ast.Subscript(node.value, index, ast.Load())
                yield "time_step_off_by_one", replaced(tree, node, other)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            product = ast.BinOp(node.left, ast.Mult(), node.right)
            yield "matmul_for_elementwise", replaced(tree, node, product)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            product = ast.BinOp(node.left, ast.MatMult(), node.right)
            yield "elementwise_for_matmul", replaced(tree, node, product)
    for call in calls(tree, "sum", "mean", "max"):
        yield from _mended_sums(tree, call)
    if not isinstance(tree, ast.Dict | ast.Tuple):
        yield "result_transposed", ast.Attribute(tree, "T", ast.Load())


def _mended_sums(tree: ast.expr, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    axes = {**given, "keepdims": ast.Constant(True)}
    if "keepdims" not in given:
        yield "missing_keepdims", replaced(tree, call, _with_keywords(call, axes))
    for axis in (0, 1, 2):
        keywords = {**given, "axis": ast.Constant(axis)}
        yield "wrong_axis", replaced(tree, call, _with_keywords(call, keywords))


def _with_keywords(call: ast.Call, keywords: dict[str | None, ast.expr]) -> ast.Call:
    listed = [ast.keyword(name, value) for name, value in keywords.items()]
    return ast.Call(call.func, call.args, listed)
