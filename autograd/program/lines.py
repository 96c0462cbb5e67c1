"""One assignment a line, in Python's own syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Line", "names_in", "parse", "replaced", "same"]


@dataclass
class Line:
    """``target = expression``.

    Attributes
    ----------
    target : str
        The variable.
    expression : ast.expr
        What it is set to.
    known : bool
        Whether the user has a name for it, so that the line stays.
    """

    target: str
    expression: ast.expr
    known: bool = False

    def __str__(self) -> str:
        return f"{self.target} = {ast.unparse(self.expression)}"


def parse(text: str) -> ast.expr:
    """Return an expression as a tree.

    Examples
    --------
    >>> ast.unparse(parse("(a) @ b.T"))
    'a @ b.T'
    """
    return ast.parse(text, mode="eval").body


def names_in(expression: ast.AST) -> Iterator[str]:
    """Yield the variables that an expression reads, from left to right."""
    if isinstance(expression, ast.Name):
        yield expression.id
    for node in ast.iter_child_nodes(expression):
        yield from names_in(node)


def same(a: ast.AST, b: ast.AST) -> bool:
    """Return whether two expressions are written alike."""
    return ast.dump(a) == ast.dump(b)


class _Replacement(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def replaced(expression: ast.expr, values: dict[str, ast.expr]) -> ast.expr:
    """Return an expression with variables replaced by other expressions.

    Examples
    --------
    >>> ast.unparse(replaced(parse("a * b"), {"b": parse("1 + c")}))
    'a * (1 + c)'
    """
    fresh = parse(ast.unparse(expression))  # a tree of its own
    result: ast.expr = _Replacement(values).visit(fresh)
    return result
