"""Terms as MathML Core, which browsers draw without any script."""

from xml.sax.saxutils import escape

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
    Roman,
    Root,
    Row,
    Sign,
    Term,
    Words,
)

__all__ = ["math", "mathml"]


def math(term: Term) -> str:
    """Return a term as a ``math`` element for a line of its own.

    Examples
    --------
    >>> from autograd.derivation.terms import Letter
    >>> math(Letter("x"))
    '<math displaystyle="true"><mi>x</mi></math>'
    """
    return f'<math displaystyle="true">{mathml(term)}</math>'


def mathml(term: Term) -> str:
    """Return a term as elements to stand in a ``math`` element.

    Examples
    --------
    >>> from autograd.derivation.terms import Fraction, Letter, Number
    >>> mathml(Fraction(Number("1"), Letter("m")))
    '<mfrac><mn>1</mn><mi>m</mi></mfrac>'
    """
    match term:
        case Letter(text) | Roman(text) | Function(text):
            return f"<mi>{escape(text)}</mi>"
        case Number(text):
            return f"<mn>{escape(text)}</mn>"
        case Words(text):
            return f"<mtext>{escape(text)}</mtext>"
        case Sign(text):
            return _sign(text)
        case Row(parts):
            return f"<mrow>{_row(parts)}</mrow>"
        case Fraction(above, below):
            return f"<mfrac>{mathml(above)}{mathml(below)}</mfrac>"
        case Power(Index(base, subscript), exponent):
            inner = mathml(base) + mathml(subscript) + mathml(exponent)
            return f"<msubsup>{inner}</msubsup>"
        case Power(base, exponent):
            return f"<msup>{mathml(base)}{mathml(exponent)}</msup>"
        case Index(base, subscript):
            return f"<msub>{mathml(base)}{mathml(subscript)}</msub>"
        case Root(body, degree):
            if degree is None:
                return f"<msqrt>{mathml(body)}</msqrt>"
            return f"<mroot>{mathml(body)}{mathml(degree)}</mroot>"
        case Below(body, shape):
            lengths = "×".join(map(str, shape))
            label = f'<mtext class="shape">{lengths}</mtext>'
            return f"<munder>{mathml(body)}{label}</munder>"
        case Big(sign, below, above):
            limits = mathml(below) + mathml(above)
            return f'<munderover><mo largeop="true">{sign}</mo>{limits}</munderover>'
        case Fenced(left, body, right):
            return (
                f'<mrow><mo fence="true" form="prefix">{escape(left)}</mo>'
                f"{mathml(body)}"
                f'<mo fence="true" form="postfix">{escape(right)}</mo></mrow>'
            )


def _row(parts: tuple[Term, ...]) -> str:
    words = []
    for k, part in enumerate(parts):
        called = k and isinstance(_bare(parts[k - 1]), Function)
        words.append("<mo>\u2061</mo>" if called else "")  # function application
        words.append(mathml(part))
    return "".join(words)


def _bare(term: Term) -> Term:
    return term.base if isinstance(term, Index) else term


def _sign(text: str) -> str:
    if text == " ":
        return '<mspace width="0.17em"></mspace>'
    if text == "𝟏":
        return "<mn>𝟏</mn>"
    infix = ' form="infix"' if text == "+" else ""  # also where a line begins with it
    return f"<mo{infix}>{escape(text)}</mo>"
