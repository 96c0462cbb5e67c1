"""A formula as an equation of matrices: ``G @ v2.T`` is [∂cost/∂Z1] @ [Xᵀ].

The formula is Python text, as the engine's rules print it.  Its outermost operators
stay operators between matrices; a factor that is itself an expression, ``1 - A1``,
becomes one matrix with that label.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import PRIMITIVES
from viz.notation import FUNCTIONS, notation
from viz.numbers import number
from viz.step.evaluation import called, evaluate
from viz.values import Value

__all__ = ["Equation", "Item", "Matrix", "Side", "equation_of"]

_LONGEST_LABEL = 40  # characters
_MOST_MATRICES = 4  # in one equation, before its result

_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "/", ast.MatMult: "@",
}  # fmt: skip
_AXES = {0: "rows", 1: "columns"}
_SAME_NUMBERS = {"reshape", "ravel", "expand_dims", "squeeze"}


@dataclass(frozen=True)
class Matrix:
    """An array in an equation.

    Attributes
    ----------
    label : str
        What stands above it.
    value : Value
        Its numbers.
    upright : bool
        Whether an array with one axis stands as a column.
    """

    label: str
    value: Value
    upright: bool = False

    @property
    def displayed(self) -> tuple[int, int]:
        """Rows and columns, of an array with more axes of its first matrix."""
        rows, columns = (1, 1, *self.value.shape)[-2:]
        return (columns, rows) if self.upright else (rows, columns)


Item = Matrix | str


@dataclass(frozen=True)
class Equation:
    """Matrices and the signs between them.

    Attributes
    ----------
    items : tuple of Matrix or str
        What is read from left to right.
    cells : {"matmul", "cells", "sum", ""}
        How one cell of the result is made: from a row and a column, from the cells at
        the same place, from a row or column; empty if that cannot be written out.
    """

    items: tuple[Item, ...]
    cells: str

    @property
    def matrices(self) -> list[Matrix]:
        """The matrices, in order."""
        return [item for item in self.items if isinstance(item, Matrix)]


@dataclass
class Side:
    """What an expression may name: arrays, and how each is called for the reader."""

    arrays: Mapping[str, Any]
    titles: Mapping[str, str]
    values: dict[int, tuple[Any, Value]] = field(default_factory=dict)

    def matrix(self, label: str, array: Any) -> Matrix:
        """Return an array with a label; the same array gives the same value."""
        if id(array) not in self.values:
            self.values[id(array)] = (array, Value.of(array))
        if len(label) > _LONGEST_LABEL:
            label = label[: _LONGEST_LABEL - 1] + "…"
        return Matrix(label, self.values[id(array)][1])


def equation_of(text: str, side: Side, result: Matrix) -> Equation | None:
    """Return the equation whose result is a matrix; None if it cannot be shown.

    Parameters
    ----------
    text : str
        A Python expression of the names in ``side``.
    side : Side
        The arrays.
    result : Matrix
        What the expression gives.
    """
    try:
        tree = ast.parse(text, mode="eval").body
        with np.errstate(all="ignore"):
            equation = _Reader(side).read(tree)
    except Exception:  # syntax, shapes or functions that only the rule itself knows
        return None
    matrices = equation.matrices
    if not 1 <= len(matrices) <= _MOST_MATRICES:
        return None
    if all(m.value.size == 1 for m in matrices):
        return Equation(equation.items, "")  # it says all itself
    if equation.cells == "matmul":
        return _upright(equation)
    if equation.cells == "cells" and not _fit(matrices, result):
        return Equation(equation.items, "")
    return equation


def _fit(matrices: Sequence[Matrix], result: Matrix) -> bool:
    """Return whether each matrix has one cell, or a repeated one, for each result."""
    if any(len(m.value.shape) > 2 for m in matrices):
        return False
    return all(
        n in (1, m)
        for matrix in matrices
        for n, m in zip(matrix.displayed, result.displayed, strict=True)
    )


def _upright(equation: Equation) -> Equation:
    """Stand a vector to the right of ``@`` upright, so that it has rows."""
    *others, right = equation.items
    if isinstance(right, Matrix) and len(right.value.shape) == 1:
        right = Matrix(right.label, right.value, upright=True)
    return Equation((*others, right), equation.cells)


class _Reader:
    """Takes an expression apart."""

    def __init__(self, side: Side) -> None:
        self._side = side

    def read(self, node: ast.expr) -> Equation:
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            indexed = ast.Subscript(ast.Name("x"), node.slice)
            index = self._text(indexed).removeprefix("x")
            return Equation((*self._factor(node.value), index), "")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            items = (*self._factor(node.left), "@", *self._factor(node.right))
            return Equation(items, "matmul")
        items = tuple(self._sum(node))
        plain = len(items) == 1 or "@" in items
        return Equation(items, "" if plain else "cells")

    def _sum(self, node: ast.expr) -> list[Item]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            sign = _SIGNS[type(node.op)]
            return [*self._sum(node.left), sign, *self._product(node.right)]
        return self._product(node)

    def _product(self, node: ast.expr) -> list[Item]:
        if isinstance(node, ast.BinOp) and isinstance(
            node.op, ast.Mult | ast.Div | ast.MatMult
        ):
            sign = _SIGNS[type(node.op)]
            return [*self._product(node.left), sign, *self._factor(node.right)]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return ["−", *self._factor(node.operand)]
        return self._factor(node)

    def _factor(self, node: ast.expr) -> list[Item]:
        value = self._value(node)
        if isinstance(value, int | float) and not isinstance(value, np.generic):
            return [number(float(value))]
        return [self._matrix(node, value)]

    def _matrix(self, node: ast.expr, value: Any) -> Matrix:
        return self._side.matrix(self._text(node, np.ndim(value)), value)

    def _text(self, node: ast.expr, ndim: int = 0) -> str:
        return notation(ast.unparse(node), self._side.titles, ndim)

    def _call(self, node: ast.Call) -> Equation:
        function, arguments = node.func, node.args
        if isinstance(function, ast.Attribute) and function.attr in _SAME_NUMBERS:
            same = (
                arguments[0] if ast.unparse(function.value) == "np" else function.value
            )
            return Equation(tuple(self._factor(same)), "")
        name = called(node)
        if name == "sum":
            return self._sum_over(node)
        if name == "broadcast_to":
            return Equation((*self._factor(arguments[0]), "to every cell"), "")
        items: list[Item] = [f"{FUNCTIONS.get(name, name)}("]
        for k, argument in enumerate(arguments):
            items += [", "] * bool(k) + self._factor(argument)
        elementwise = name in PRIMITIVES and PRIMITIVES[name].elementwise
        settings = [f", {k.arg} = {self._text(k.value)}" for k in node.keywords]
        items += [*settings, ")"]
        return Equation(tuple(items), "cells" if elementwise else "")

    def _sum_over(self, node: ast.Call) -> Equation:
        array = self._value(node.args[0])
        axis = next((k.value for k in node.keywords if k.arg == "axis"), None)
        axis = None if axis is None else self._value(axis)
        if isinstance(axis, tuple) and len(axis) == 1:
            (axis,) = axis
        if isinstance(axis, int) and np.ndim(array) == 2:
            sign = f"Σ over {_AXES[axis % 2]}"
        else:
            sign = "Σ" if axis is None else f"Σ over axis {axis}"
        plain = np.ndim(array) <= 2 and (axis is None or np.ndim(array) == 2)
        cells = "sum" if plain and not isinstance(axis, tuple) else ""
        return Equation((sign, self._matrix(node.args[0], array)), cells)

    def _value(self, node: ast.expr) -> Any:
        return evaluate(node, self._side.arrays)
