"""A term together with what a larger formula must know about it."""

from dataclasses import dataclass

from autograd.derivation.terms import Below, Fenced, Row, Sign, Term

__all__ = [
    "ATOM",
    "COMPARISON",
    "MATMUL",
    "POWER",
    "PRODUCT",
    "SUM",
    "Expression",
]

# How tightly the outermost operation of a term binds: A ⊙ B C is A ⊙ (B C).
COMPARISON, SUM, PRODUCT, MATMUL, POWER, ATOM = range(6)


@dataclass(frozen=True)
class Expression:
    """A term, and what a larger formula needs to know about it.

    Attributes
    ----------
    term : Term
        How it looks, without a minus before it.
    binds : int
        How tightly its outermost operation binds.
    shape : tuple of int or None
        The shape of its value, where that is known.
    negative : bool
        Whether a minus belongs before it.
    is_open : bool
        Whether it ends with the body of a Σ: what followed would look like a part of
        that body.
    is_gradient : bool
        Whether it is a partial derivative of the result.
    is_marked : bool
        Whether the shapes of its factors stand below them already.
    """

    term: Term
    binds: int = ATOM
    shape: tuple[int, ...] | None = None
    negative: bool = False
    is_open: bool = False
    is_gradient: bool = False
    is_marked: bool = False

    def whole(self) -> Term:
        """Return the term with its minus."""
        return Row((Sign("−"), self.term)) if self.negative else self.term

    def within(self, needed: int, *, last: bool = True) -> Term:
        """Return the term, in parentheses if it binds less tightly than needed."""
        fits = self.binds >= needed and not self.negative
        if fits and (last or not self.is_open):
            return self.term
        return Fenced("(", self.whole(), ")")

    def marked(self, term: Term) -> Term:
        """Return a form of the term with the shape of its value below it."""
        return Below(term, self.shape) if self.shape and not self.is_marked else term

    @property
    def is_number(self) -> bool:
        """Whether its value has one element."""
        return self.shape is not None and all(n == 1 for n in self.shape)
