"""What the rules that plant mistakes need to know about a function."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograd.check.source_edit import expression

__all__ = ["Scene", "names_in", "target_name"]


@dataclass(frozen=True)
class Scene:
    """What the rules need to know about the function.

    Attributes
    ----------
    tree : ast.Module
        The function.
    parameters, values : frozenset of str
        The names of the parameters, and of all values of the forward pass.
    activations : mapping
        Pre-activation -> (activation, kind): ``{"Z1": ("A1", "sigmoid")}``.
    arguments : tuple of str
        The names of the function's arguments.
    gradients : mapping of str to str
        The student's name of every step -> what it is the gradient of.
    meanings : callable
        What a name is the gradient of, or None.
    """

    tree: ast.Module
    parameters: frozenset[str]
    values: frozenset[str]
    activations: Mapping[str, tuple[str, str]]
    arguments: tuple[str, ...]
    gradients: Mapping[str, str]
    meanings: Callable[[str], str | None]

    def holds_gradient(self, node: ast.AST) -> bool:
        """Return whether an expression mentions a gradient."""
        return any(self.meanings(name) for name in names_in(node))

    def is_count(self, node: ast.expr) -> bool:
        """Return whether an expression is a number of samples: a name like ``m``."""
        return isinstance(node, ast.Name) and node.id in self.counts

    @property
    def counts(self) -> set[str]:
        """The variables that were set from a shape."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and (
                "shape" in ast.dump(node.value) or "len" in ast.dump(node.value)
            ):
                for target in node.targets:
                    found |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        return found

    @property
    def accumulated(self) -> set[str]:
        """The variables that are changed in part: unfinished while a loop runs."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.AugAssign):
                found.add(target_name(node.target))
            elif isinstance(node, ast.Assign):
                parts = [t for t in node.targets if isinstance(t, ast.Subscript)]
                found |= {target_name(part.value) for part in parts}
        return found - {""}

    def local_names(self) -> set[str]:
        """Return the variables of the function."""
        return set(self.arguments) | {
            node.id
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }

    def access(self, name: str) -> ast.expr:
        """Return an expression for a value of the forward pass."""
        base, _, index = name.partition("[")
        text = base if base in self.local_names() else f"{self.arguments[1]}[{base!r}]"
        return expression(text + ("[" + index if index else ""))


def target_name(target: ast.expr) -> str:
    """Return the variable, or the key of a dict, that is assigned to; or nothing."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Subscript):
        key = target.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return key.value
        return target_name(target.value)
    return ""


def names_in(node: ast.AST) -> list[str]:
    """Return the variables and the string keys in an expression."""
    found = []
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.append(part.id)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.append(part.value)
    return found
