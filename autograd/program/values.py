"""What every expression of a program computes at the point that was recorded."""

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
import autograd.engine
import autograd.ops
from autograd.primitive import PRIMITIVES

__all__ = ["Values", "vocabulary"]


def vocabulary() -> dict[str, Any]:
    """Return what generated lines may name beside their own variables."""
    words = {
        name: value
        for name, value in vars(autograd.ops).items()
        if callable(value) and not name.startswith("_")
    }
    operations = {op.name: op.function for op in PRIMITIVES.values()}
    return {
        **operations,
        **words,
        "np": np,
        "autograd": autograd,
        "PRIMITIVES": PRIMITIVES,
    }


class Values:
    """The values of variables and expressions at the recorded point.

    Parameters
    ----------
    variables : mapping
        The values of the variables that are known at first.
    dtype : dtype
        Of the result of the program.
    """

    def __init__(
        self, variables: Mapping[str, Any], dtype: np.dtype[Any] | None = None
    ) -> None:
        self.dtype = np.dtype(dtype or np.float64)
        self._variables = {**vocabulary(), **variables}
        self._found: dict[str, Any] = {}

    def __getitem__(self, expression: ast.expr) -> Any:
        """Return the value of an expression, computed once."""
        key = ast.dump(expression)
        if key not in self._found:
            code = compile(ast.Expression(_located(expression)), "<program>", "eval")
            with np.errstate(all="ignore"):
                self._found[key] = eval(code, self._variables)  # our own text
        return self._found[key]

    def set(self, name: str, expression: ast.expr) -> None:
        """Let a variable have the value of an expression."""
        self._variables[name] = self[expression]

    def add(self, variables: Mapping[str, Any]) -> None:
        """Let more variables have the values given."""
        self._variables.update(variables)

    def of(self, name: str) -> Any:
        """Return the value of a variable."""
        return self._variables[name]

    def shape(self, expression: ast.expr) -> tuple[int, ...]:
        """Return the shape of the value of an expression."""
        return np.shape(self[expression])


def _located(expression: ast.expr) -> ast.expr:
    return ast.fix_missing_locations(
        ast.parse(ast.unparse(expression), mode="eval").body
    )
