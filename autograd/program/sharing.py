"""Which lines a program needs: dead ones go, short ones move into their readers."""

import ast
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from autograd.program.lines import Line, names_in, parse, replaced

__all__ = ["inlined", "live", "ordered", "shared", "without_views"]

_WIDTH = 76  # of a line, without its indentation
_BROADCAST = "np.broadcast_to"
_LIGHT = 1  # operations that are rather written twice than given a name


def live(lines: Sequence[Line], results: Collection[str]) -> list[Line]:
    """Return the lines that the results depend on."""
    needed = set(results)
    kept = []
    for line in reversed(lines):
        if line.target in needed:
            kept.append(line)
            needed.update(names_in(line.expression))
    return kept[::-1]


def without_views(lines: Sequence[Line]) -> list[Line]:
    """Write ``K.T`` wherever it is read, in both passes, if it has no name."""
    views: dict[str, ast.expr] = {}
    kept = []
    for line in lines:
        line = Line(line.target, replaced(line.expression, views), line.known)
        if not line.known and _is_transposed_variable(line.expression):
            views[line.target] = line.expression
        kept.append(line)
    return kept


def _is_transposed_variable(expression: ast.expr) -> bool:
    is_view = isinstance(expression, ast.Attribute) and expression.attr == "T"
    return is_view and isinstance(expression.value, ast.Name)  # type: ignore[attr-defined]


def inlined(lines: Sequence[Line], keep: Collection[str]) -> list[Line]:
    """Write short expressions that have no name of the user's where they are read.

    Parameters
    ----------
    lines : sequence of Line
        In order.
    keep : collection of str
        Variables that need a line of their own.
    """
    uses = Counter(name for line in lines for name in names_in(line.expression))
    waiting: dict[str, Line] = {}  # without a line of their own so far
    result: list[Line] = []
    for line in lines:
        names = dict.fromkeys(names_in(line.expression))
        read = [waiting[name] for name in names if name in waiting]
        full = replaced(line.expression, {w.target: w.expression for w in read})
        long = len(f"{line.target} = {ast.unparse(full)}") > _WIDTH
        for candidate in read:
            if long and not _is_light(candidate.expression):
                result.append(waiting.pop(candidate.target))
        values = {n: w.expression for n, w in waiting.items()}
        line = Line(line.target, replaced(line.expression, values), line.known)
        short = uses[line.target] == 1 or _is_light(line.expression)
        given = line.known and not _is_number(line.expression)
        if short and not given and line.target not in keep:
            waiting[line.target] = line
        else:
            result.append(line)
    return result


def _is_number(expression: ast.expr) -> bool:
    return not any(
        isinstance(node, ast.Name | ast.Call) for node in ast.walk(expression)
    )


def _is_light(expression: ast.expr) -> bool:
    if isinstance(expression, ast.Call) and ast.unparse(expression.func) == _BROADCAST:
        return _is_light(expression.args[0])  # most readers broadcast anyway
    if _is_number(expression):
        return True
    nodes = list(ast.walk(expression))
    if any(isinstance(node, ast.Call | ast.MatMult) for node in nodes):
        return False
    operators = ast.operator | ast.unaryop | ast.cmpop
    return sum(isinstance(node, operators) for node in nodes) <= _LIGHT


def shared(lines: Sequence[Line], taken: Collection[str]) -> list[Line]:
    """Compute what several lines need only once.

    Parameters
    ----------
    lines : sequence of Line
        In order.
    taken : collection of str
        Names that are in use.
    """
    counts = Counter(
        ast.dump(node) for line in lines for node in _parts(line.expression)
    )
    named: dict[str, str] = {}
    result: list[Line] = []
    for line in lines:
        finder = _Sharing(counts, named, {*taken, *named.values()})
        expression = finder.visit(parse(ast.unparse(line.expression)))
        result += finder.new
        result.append(Line(line.target, expression, line.known))
        named.setdefault(ast.dump(line.expression), line.target)
    return result


def _parts(expression: ast.expr) -> list[ast.expr]:
    """Return the parts of an expression that cost something, itself included."""
    return [
        node
        for node in ast.walk(expression)
        if isinstance(node, ast.expr) and _is_worth_a_name(node)
    ]


def _is_worth_a_name(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return True
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)


class _Sharing(ast.NodeTransformer):
    """Replaces parts of one line that have a name, or deserve one."""

    def __init__(
        self, counts: Counter[str], named: dict[str, str], taken: Collection[str]
    ) -> None:
        self.counts = counts
        self.named = named
        self.taken = taken
        self.new: list[Line] = []

    def visit(self, node: ast.AST) -> Any:
        if not _is_worth_a_name(node):
            return self.generic_visit(node)
        key = ast.dump(node)
        if key in self.named:
            return ast.Name(self.named[key], ast.Load())
        inner: Any = self.generic_visit(node)
        if self.counts[key] < 2:
            return inner
        name = self._free()
        self.named[key] = name
        self.new.append(Line(name, inner))
        return ast.Name(name, ast.Load())

    def _free(self) -> str:
        count = 1
        while f"t{count}" in self.taken or f"t{count}" in self.named.values():
            count += 1
        return f"t{count}"


def ordered(lines: Sequence[Line], early: Collection[str]) -> list[Line]:
    """Move some lines up to right after the last line that they read.

    The gradients of a layer's parameters then stand together with those of the layer.
    """
    result: list[Line] = []
    waiting = [line for line in lines if line.target in early]
    defined = {line.target for line in lines}
    done: set[str] = set()
    for line in [*(x for x in lines if x.target not in early), None]:
        if line is not None:
            result.append(line)
            done.add(line.target)
        for other in list(waiting):
            if {n for n in names_in(other.expression) if n in defined} <= done:
                result.append(other)
                done.add(other.target)
                waiting.remove(other)
    return result
