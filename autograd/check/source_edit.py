"""Change one statement of a function and compile it again; line numbers stay."""

import ast
import copy
import inspect
import linecache
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from autograd.check.tracing import source_of

__all__ = ["calls", "expression", "recompiled", "replaced"]

_serial = count(1)


def recompiled(
    function: Callable[..., Any], statement: ast.stmt, source: str
) -> Callable[..., Any]:
    """Return the function with one statement replaced by one line of source.

    Parameters
    ----------
    function : callable
        A function written in Python; decorators are left out of the new one.
    statement : ast.stmt
        A statement of the tree of its source, as `source_of` gives it.
    source : str
        What takes its place.
    """
    function = inspect.unwrap(function)
    text, first = source_of(function)
    lines = text.splitlines()
    start, end = statement.lineno - 1, statement.end_lineno or statement.lineno
    lines[start:end] = [" " * statement.col_offset + source, *[""] * (end - start - 1)]
    definition = next(k for k, line in enumerate(lines) if line.startswith("def "))
    lines[:definition] = [""] * definition
    text = "\n" * (first - 1) + "\n".join(lines) + "\n"
    filename = f"<version {next(_serial)} of {function.__name__}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    exec(compile(text, filename, "exec"), scope)
    changed: Callable[..., Any] = scope[function.__name__]
    return changed


def expression(text: str) -> ast.expr:
    """Parse an expression."""
    return ast.parse(text, mode="eval").body


def replaced(tree: ast.expr, old: ast.AST, new: ast.expr) -> ast.expr:
    """Return a copy of an expression with one node replaced.

    Examples
    --------
    >>> tree = expression("a + b.T")
    >>> ast.unparse(replaced(tree, tree.right, tree.right.value))
    'a + b'
    """

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(_shallow(node))

    result = Replace().visit(tree)
    assert isinstance(result, ast.expr)
    return result


def _shallow(node: ast.AST) -> ast.AST:
    """Copy a node and its lists, so that a transformer leaves the original alone."""
    twin = copy.copy(node)
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(twin, name, list(value))
    return twin


def calls(tree: ast.expr, *names: str) -> Iterator[ast.Call]:
    """Yield the calls ``np.sum(x)`` and ``x.sum()`` with one of the names."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in names
        ):
            yield node
