"""An interpreter of mathematical notation: what a reader would compute from a formula.

It knows nothing of the Python text that a formula was read from, so a lost sign or a
missing parenthesis shows.  For a formula with a word that it does not know it raises
`Unknown`.
"""

import itertools

import numpy as np

import autograd
from autograd.derivation.terms import (
    Below,
    Big,
    Fenced,
    Fraction,
    Function,
    Index,
    Letter,
    Number,
    Power,
    Root,
    Row,
    Sign,
)

FUNCTIONS = {
    "log": np.log, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "arctan": np.arctan, "sign": np.sign,
    "max": np.maximum, "min": np.minimum, "rint": np.rint, "erf": autograd.erf,
    "isfinite": np.isfinite,
}  # fmt: skip
RELATIONS = {
    "=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal,
    ">": np.greater, "≥": np.greater_equal, "∧": np.logical_and, "∨": np.logical_or,
}  # fmt: skip
LETTERS = "ijklpqrs"


class Unknown(Exception):
    """A formula uses notation that has no value here."""


class Evaluator:
    """Evaluates terms; ``values`` maps the terms of the variables to arrays."""

    def __init__(self, values):
        self.values = values

    def __call__(self, term):
        if term in self.values:
            return self.values[term]
        match term:
            case Number(text):
                return float(text)
            case Letter("π"):
                return np.pi
            case Letter("e"):
                return np.e
            case Below(body, shape):
                return np.reshape(self(body), shape)  # axes of length 1 are not written
            case Fraction(above, below):
                return self(above) / self(below)
            case Root(body, None):
                return np.sqrt(self(body))
            case Root(body, degree):
                assert self(degree) == 3
                return np.cbrt(self(body))
            case Power(base, exponent):
                return self.power(base, exponent)
            case Index(Letter("I"), Number(n)):
                return np.eye(int(n))
            case Index(Sign("𝟏"), lengths):
                return np.ones(shape_of(lengths))
            case Fenced("(", body, ")"):
                return self(body)
            case Fenced("|", body, "|"):
                return np.abs(self(body))
            case Fenced("⌊", body, "⌋"):
                return np.floor(self(body))
            case Row(parts):
                return self.row(list(parts))
        raise Unknown(term)

    def power(self, base, exponent):
        if exponent == Sign("⊤"):
            return np.swapaxes(np.atleast_2d(self(base)), -1, -2)
        if exponent == Row((Sign("−"), Number("1"))) and np.ndim(self(base)) > 1:
            return np.linalg.inv(self(base))
        return self(base) ** self(exponent)

    def row(self, parts):
        for k, part in enumerate(parts):
            if isinstance(part, Sign) and part.text in RELATIONS:
                return RELATIONS[part.text](
                    self.row(parts[:k]), self.row(parts[k + 1 :])
                )
        return self.sum(parts)

    def sum(self, parts):
        total, sign, start = None, 1, 0
        for k, part in enumerate([*parts, Sign("+")]):
            if not isinstance(part, Sign) or part.text not in "+−":
                continue
            if k > start:
                value = sign * self.product(parts[start:k])
                total = value if total is None else total + value
            sign, start = (1 if part.text == "+" else -1), k + 1
        return total

    def product(self, parts):
        """Multiply what ⊙ separates; what stands side by side binds tighter."""
        result = None
        for separated, group in itertools.groupby(parts, lambda p: p == Sign("⊙")):
            if not separated:
                value = self.side_by_side(list(group))
                result = value if result is None else result * value
        return result

    def side_by_side(self, parts):
        result = None
        while parts:
            first, *parts = parts
            if first in (Sign(" "), Sign("·")):
                continue
            if isinstance(first, Big):
                value, parts = self.big_sum([first, *parts]), []
            elif first == Sign("𝟏"):
                bracket, *parts = parts
                value = np.asarray(self(bracket.body), dtype=float)
            elif isinstance(first, Function) or first in (Letter("σ"), Letter("Φ")):
                argument, *parts = parts
                value = self.applied(first, argument)
            else:
                value = self(first)
            result = value if result is None else matmul(result, value)
        return result

    def applied(self, function, argument):
        if not isinstance(argument, Fenced):
            raise Unknown(function)
        greek = {Letter("σ"): autograd.sigmoid, Letter("Φ"): autograd.ndtr}
        known = greek.get(function) or FUNCTIONS.get(getattr(function, "text", ""))
        if known is None:
            raise Unknown(function)
        body = argument.body
        inner = list(body.parts) if isinstance(body, Row) else [body]
        pieces = [[]]
        for part in inner:
            pieces.append([]) if part == Sign(",") else pieces[-1].append(part)
        return known(*(self.row(piece) for piece in pieces))

    def big_sum(self, parts):
        letters = []
        while isinstance(parts[0], Big):
            letters.append(parts.pop(0).below.parts[0].text)
        (indexed,) = parts
        assert isinstance(indexed, Index), indexed
        value = np.asarray(self(indexed.base))
        place = indexed.subscript
        marks = place.parts if isinstance(place, Row) else (place,)
        assert len(marks) == value.ndim
        axes = [k for k, mark in enumerate(marks) if mark != Sign("·")]
        assert [LETTERS[k] for k in axes if value.shape[k] != 1] == letters
        return np.sum(value, axis=tuple(axes), keepdims=True)


def shape_of(lengths):
    parts = lengths.parts if isinstance(lengths, Row) else (lengths,)
    return tuple(int(part.text) for part in parts if isinstance(part, Number))


def matmul(a, b):
    """Multiply two factors that stand side by side: matrices, or a number and any."""
    if np.size(a) == 1 or np.size(b) == 1:
        return a * b
    return a @ b
