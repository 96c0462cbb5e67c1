"""Products and quotients, sorted: sign, numbers, gradients, arrays, one fraction."""

import ast
from dataclasses import dataclass, field, replace
from fractions import Fraction as Rational
from typing import TYPE_CHECKING

import numpy as np

from autograd.derivation.calls import arguments, called, is_same_but_for_ones
from autograd.derivation.expressions import (
    MATMUL,
    POWER,
    PRODUCT,
    Expression,
)
from autograd.derivation.terms import (
    Fraction,
    Index,
    Number,
    Power,
    Sign,
    Term,
    number,
    row,
    size,
)

if TYPE_CHECKING:
    from autograd.derivation.reading import Reader

__all__ = ["Product"]

_ONE = Sign("𝟏")


@dataclass
class Product:
    """The factors of a product.

    Attributes
    ----------
    negative : bool
        Whether it has a minus.
    above, below : int
        The whole numbers that it is multiplied with, and divided by.
    decimals : list of Term
        Numbers that are no fractions of small whole numbers.
    gradients, factors, divisors : list of Expression
        Partial derivatives, other factors, and what it is divided by.
    ones : list of tuple of int
        The shapes to which the product was broadcast.
    shapes : bool
        Whether shapes are to stand below the factors.
    shape : tuple of int or None
        The shape of the product.
    """

    negative: bool = False
    above: int = 1
    below: int = 1
    decimals: list[Term] = field(default_factory=list)
    gradients: list[Expression] = field(default_factory=list)
    factors: list[Expression] = field(default_factory=list)
    divisors: list[Expression] = field(default_factory=list)
    ones: list[tuple[int, ...]] = field(default_factory=list)
    shapes: bool = False
    shape: tuple[int, ...] | None = None

    @classmethod
    def of(cls, node: ast.expr, reader: "Reader", shapes: bool = False) -> "Product":
        """Take a syntax tree apart."""
        product = cls(shapes=shapes, shape=reader.shape(node))
        product._multiply(node, reader, inverse=False)
        return product

    def _multiply(self, node: ast.expr, reader: "Reader", *, inverse: bool) -> None:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            self.negative ^= isinstance(node.op, ast.USub)
            self._multiply(node.operand, reader, inverse=inverse)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            self._multiply(node.left, reader, inverse=inverse)
            divided = isinstance(node.op, ast.Div)
            self._multiply(node.right, reader, inverse=inverse != divided)
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            self._number(float(node.value), inverse)
        elif _is_power_of_zero(node, reader):
            self.ones.append(reader.shape(node) or ())
        elif isinstance(node, ast.Call) and called(node) == "broadcast_to":
            self._multiply(node.args[0], reader, inverse=inverse)
            self.ones.append(ast.literal_eval(node.args[1]))
        elif isinstance(node, ast.Call) and is_same_but_for_ones(node, reader):
            inner = _reshaped_factors(node, reader)
            if inner is node:
                self._factor(node, reader, inverse)
            else:
                self._multiply(inner, reader, inverse=inverse)
        else:
            self._factor(node, reader, inverse)

    def _number(self, value: float, inverse: bool) -> None:
        self.negative ^= value < 0
        size_of = abs(value)
        near = Rational(size_of).limit_denominator(1000) if size_of < 1e12 else None
        if near is None or abs(near - Rational(size_of)) > 1e-15 * size_of:
            term, _ = number(size_of)
            if inverse:
                self.divisors.append(Expression(term, shape=()))
            else:
                self.decimals.append(term)
            return
        up, down = near.numerator, near.denominator
        self.above *= down if inverse else up
        self.below *= up if inverse else down

    def _factor(self, node: ast.expr, reader: "Reader", inverse: bool) -> None:
        inner = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
        inner = inner or (isinstance(node, ast.Call) and called(node) == "sum")
        found = reader.amount(node, shapes=self.shapes and inner and not inverse)
        self.negative ^= found.negative
        found = replace(found, negative=False)
        if inverse:
            self.divisors.append(found)
        elif found.is_gradient:
            self.gradients.append(found)
        else:
            self.factors.append(found)

    # ---- putting it together ---------------------------------------------------------

    def expression(self) -> Expression:
        """Return the product as one expression."""
        if not self.above:
            return Expression(Number("0"), shape=self.shape, is_marked=True)
        self._settle_ones()
        parts = [*self.gradients, *self._fraction()]
        parts.sort(key=lambda part: not part.is_number)
        terms = self._coefficient()
        if not terms and len(parts) == 1:
            term = self._marked(parts[0], parts[0].term)
            return replace(
                parts[0], term=term, negative=self.negative, is_marked=self.shapes
            )
        scalar = True
        for k, part in enumerate(parts):
            if terms:
                terms.append(Sign(" " if scalar or part.is_number else "⊙"))
            scalar = part.is_number
            last = k == len(parts) - 1
            if last and part.is_open:
                terms.append(part.term)
            else:
                terms.append(self._marked(part, part.within(MATMUL, last=last)))
        is_open = bool(parts) and parts[-1].is_open
        return Expression(
            row(*(terms or [Number("1")])),
            PRODUCT if len(terms) > 1 else POWER,
            self.shape,
            self.negative,
            is_open,
            is_marked=self.shapes,
        )

    def _marked(self, part: Expression, term: Term) -> Term:
        return part.marked(term) if self.shapes and not part.is_open else term

    def _settle_ones(self) -> None:
        """Write 𝟏 for broadcasting, unless a factor has that shape anyway."""
        present = [x.shape for x in (*self.gradients, *self.factors, *self.divisors)]
        for shape in dict.fromkeys(self.ones):
            if shape not in present and any(n != 1 for n in shape):
                ones = Index(_ONE, size(shape))
                self.factors.append(Expression(ones, shape=shape, is_marked=True))

    def _coefficient(self) -> list[Term]:
        above, below = self.above, self.below
        if above % below == 0:
            above, below = above // below, 1
        terms: list[Term] = []
        if below != 1:
            terms.append(Fraction(Number(str(above)), Number(str(below))))
        elif above != 1:
            terms.append(Number(str(above)))
        for decimal in self.decimals:
            terms += [Sign("·"), decimal] if terms else [decimal]
        return terms

    def _fraction(self) -> list[Expression]:
        """Return the factors; if there are divisors, as one fraction."""
        factors = _with_powers(self.factors)
        if not self.divisors:
            return factors
        above = _chain(factors) if factors else Number("1")
        if not factors and not self.gradients and self.below == 1:  # 8/π, not 8 1/π
            above, self.above = Number(str(self.above)), 1
        divisors = sorted(_with_powers(self.divisors), key=lambda x: not x.is_number)
        below = _chain(divisors)
        shape = _common_shape([*factors, *self.divisors])
        return [Expression(Fraction(above, below), POWER, shape)]


def _common_shape(factors: list[Expression]) -> tuple[int, ...] | None:
    """Return the shape of a product; None if axes of length 1 were left out of it."""
    shapes = [x.shape for x in factors if x.shape is not None]
    try:
        return np.broadcast_shapes(*shapes) if len(shapes) == len(factors) else None
    except ValueError:
        return None


def _chain(factors: list[Expression]) -> Term:
    if len(factors) == 1:
        return factors[0].whole()
    terms: list[Term] = []
    for k, part in enumerate(factors):
        if k:
            before = factors[k - 1].is_number or part.is_number
            terms.append(Sign(" " if before else "⊙"))
        terms.append(part.within(MATMUL, last=k == len(factors) - 1))
    return row(*terms)


def _with_powers(factors: list[Expression]) -> list[Expression]:
    """Write x ⊙ x as x²."""
    counts: dict[Expression, int] = {}
    for factor in factors:
        counts[factor] = counts.get(factor, 0) + 1
    return [
        factor
        if count == 1
        else Expression(
            Power(factor.within(POWER + 1), Number(str(count))), POWER, factor.shape
        )
        for factor, count in counts.items()
    ]


def _is_power_of_zero(node: ast.expr, reader: "Reader") -> bool:
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)):
        return False
    exponent = reader.value(node.right)
    return isinstance(exponent, int | float) and exponent == 0


def _reshaped_factors(node: ast.Call, reader: "Reader") -> ast.expr:
    """Move a reshaping of a product to its factors; anything else stays as it is."""
    subject, *rest = arguments(node)
    shape = reader.shape(subject)

    def reshaped(part: ast.expr) -> ast.expr:
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult | ast.Div):
            return ast.BinOp(reshaped(part.left), part.op, reshaped(part.right))
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            return ast.UnaryOp(part.op, reshaped(part.operand))
        if reader.shape(part) != shape:
            return part
        function = ast.Attribute(ast.Name("np", ast.Load()), called(node), ast.Load())
        return ast.Call(function, [part, *rest], node.keywords)

    product = isinstance(subject, ast.BinOp) and isinstance(
        subject.op, ast.Mult | ast.Div
    )
    if not product and not isinstance(subject, ast.UnaryOp | ast.Constant):
        return node
    if called(node) == "astype" or isinstance(subject, ast.Constant) or not shape:
        return subject
    return ast.fix_missing_locations(ast.copy_location(reshaped(subject), node))
