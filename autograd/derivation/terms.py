"""Mathematical notation as a tree, from which LaTeX, MathML and plain text are written.

Only what derivations need: letters, fractions, sums with their limits, shapes written
below a factor.  A tree says how a formula looks, not what it means.
"""

import re
from dataclasses import dataclass
from typing import Any

__all__ = [
    "GREEK",
    "Below",
    "Big",
    "Fenced",
    "Fraction",
    "Function",
    "Index",
    "Letter",
    "Number",
    "Power",
    "Roman",
    "Root",
    "Row",
    "Sign",
    "Term",
    "Words",
    "named",
    "number",
    "parenthesized",
    "partial_of",
    "row",
    "size",
]

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

_GREEK_LETTERS = set(GREEK.values())


@dataclass(frozen=True, slots=True)
class Letter:
    """A variable of one letter, in italics; ``"∂"`` and Greek letters as well."""

    text: str


@dataclass(frozen=True, slots=True)
class Roman:
    """A variable of several letters, upright: ``cost``."""

    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """The name of a function, upright: ``tanh``."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as it is written; not negative."""

    text: str


@dataclass(frozen=True, slots=True)
class Sign:
    """An operator, a relation or punctuation: ``"+"``, ``"⊙"``, ``","``, ``" "``."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text, in which nothing is mathematics."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Terms side by side."""

    parts: "tuple[Term, ...]"


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator above a denominator."""

    above: "Term"
    below: "Term"


@dataclass(frozen=True, slots=True)
class Power:
    """A base with an exponent."""

    base: "Term"
    exponent: "Term"


@dataclass(frozen=True, slots=True)
class Index:
    """A base with a subscript."""

    base: "Term"
    subscript: "Term"


@dataclass(frozen=True, slots=True)
class Root:
    """A root; without a degree, the square root."""

    body: "Term"
    degree: "Term | None" = None


@dataclass(frozen=True, slots=True)
class Below:
    """A factor with the lengths of its axes below."""

    body: "Term"
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Big:
    """A sign with limits: ``"∑"`` from ``j = 1`` to ``4``."""

    sign: str
    below: "Term"
    above: "Term"


@dataclass(frozen=True, slots=True)
class Fenced:
    """A term between two fences that grow with it."""

    left: str
    body: "Term"
    right: str


Term = (
    Letter
    | Roman
    | Function
    | Number
    | Sign
    | Words
    | Row
    | Fraction
    | Power
    | Index
    | Root
    | Below
    | Big
    | Fenced
)


def row(*parts: Term) -> Term:
    """Return terms side by side; one term stays as it is."""
    return parts[0] if len(parts) == 1 else Row(parts)


def parenthesized(body: Term) -> Term:
    """Return a term in parentheses."""
    return Fenced("(", body, ")")


_NAME = re.compile(r"([^\W\d_]+)(?:_?([0-9]+)|_([^\W_]+))?('*)(\[[\d, ]+\])?")


def named(name: str) -> Term:
    """Return the name of a variable as mathematicians write it.

    A number at its end is a subscript, Greek letters are recognised; what is no such
    name is written as it is.

    Examples
    --------
    >>> named("W1")
    Index(base=Letter(text='W'), subscript=Number(text='1'))
    >>> named("cost")
    Roman(text='cost')
    >>> named("layer1.weight")
    Words(text='layer1.weight')
    """
    match = _NAME.fullmatch(name)
    if match is None or not (name.isascii() or match[1] in _GREEK_LETTERS):
        return Words(name)
    base, digits, word, primes, place = match.groups()
    term = _letters(base)
    if digits:
        term = Index(term, Number(digits))
    elif word:
        term = Index(term, _letters(word))
    if primes:
        term = Power(term, row(*[Sign("′")] * len(primes)))
    return row(term, Words(place)) if place else term


def _letters(text: str) -> Term:
    text = GREEK.get(text, text)
    return Letter(text) if len(text) == 1 else Roman(text)


def number(value: Any) -> tuple[Term, bool]:
    """Return the magnitude of a number, and whether the number is negative.

    Examples
    --------
    >>> number(-2.0)
    (Number(text='2'), True)
    >>> number(0.5)
    (Number(text='0.5'), False)
    """
    negative = bool(value < 0)
    size = abs(value)
    if size != size:
        return Roman("NaN"), False
    if size == float("inf"):
        return Sign("∞"), negative
    if size == int(size) and size < 1e6:
        return Number(str(int(size))), negative
    mantissa, _, exponent = f"{size:.6g}".partition("e")
    if not exponent:
        return Number(mantissa), negative
    power = _signed(*number(int(exponent)))
    return Row((Number(mantissa), Sign("·"), Power(Number("10"), power))), negative


def _signed(magnitude: Term, negative: bool) -> Term:
    return Row((Sign("−"), magnitude)) if negative else magnitude


def size(shape: tuple[int, ...]) -> Term:
    """Return the lengths of axes: 3×4."""
    parts: list[Term] = []
    for n in shape:
        parts += [Sign("×"), Number(str(n))] if parts else [Number(str(n))]
    return row(*parts)


def partial_of(of: Term, by: Term) -> Term:
    """Return a partial derivative."""
    d = Letter("∂")
    return Fraction(Row((d, of)), Row((d, by)))
