"""Terms as one line of plain text."""

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

__all__ = ["text_of"]

_SPACED = {"+", "−", "⊙", "=", "≠", "<", "≤", ">", "≥", "∧", "∨", "×"}
_RAISED = {"⊤": "ᵀ", "2": "²", "3": "³", "−1": "⁻¹", "′": "′"}


def text_of(term: Term) -> str:
    """Return a term as text; shapes are left out.

    Examples
    --------
    >>> from autograd.derivation.terms import named, partial_of
    >>> text_of(partial_of(named("cost"), named("W1")))
    '∂cost/∂W1'
    """
    match term:
        case Letter() | Roman() | Function() | Number() | Words() | Sign():
            return term.text
        case Row(parts):
            return _row(parts)
        case Fraction(above, below):
            return f"{_operand(above)}/{_operand(below)}"
        case Power(base, exponent):
            raised = text_of(exponent)
            mark = _RAISED.get(raised, f"^{_operand(exponent)}")
            return f"{_operand(base)}{mark}"
        case Index(base, subscript):
            place = text_of(subscript)
            if isinstance(subscript, Fenced):
                return f"{text_of(base)}{place}"
            plain = isinstance(subscript, Number) and isinstance(base, Letter | Roman)
            return f"{text_of(base)}{place}" if plain else f"{text_of(base)}[{place}]"
        case Root(body, degree):
            of = "" if degree is None else f"[{text_of(degree)}]"
            return f"√{of}({text_of(body)})"
        case Below(body, _):
            return text_of(body)
        case Big(sign, below, above):
            first = text_of(below).replace(" ", "")
            return f"{sign}[{first}..{text_of(above)}] "
        case Fenced(left, body, right):
            return f"{left}{text_of(body)}{right}"


def _row(parts: tuple[Term, ...]) -> str:
    words: list[str] = []
    for k, part in enumerate(parts):
        text = text_of(part)
        if isinstance(part, Sign) and text in _SPACED and k:
            text = f" {text} "
        if isinstance(part, Function) and k and not isinstance(parts[k - 1], Sign):
            text = f" {text}"
        after = parts[k + 1] if k + 1 < len(parts) else None
        apart = text in (",", "mod") or isinstance(part, Fraction)
        apart = apart or (isinstance(part, Function) and not isinstance(after, Fenced))
        words.append(f"{text} " if apart and after is not None else text)
    return "".join(words).replace("  ", " ")


def _operand(term: Term) -> str:
    """Return a term in parentheses, unless it is of one piece."""
    inner = term.body if isinstance(term, Below) else term
    text = text_of(inner)
    pieces = isinstance(inner, Row) and not text.startswith("∂")
    return f"({text})" if pieces or isinstance(inner, Fraction) else text
