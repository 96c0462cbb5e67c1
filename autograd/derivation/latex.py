"""Terms as LaTeX, for papers and slides: amsmath is all that it needs."""

import re

from autograd.derivation.terms import (
    GREEK,
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

__all__ = ["escaped", "latex_of"]

_SIGNS = {
    "−": "-", "⊙": r"\odot", "·": r"\cdot", "×": r"\times", "⊤": r"\top",
    "∑": r"\sum", "∏": r"\prod", " ": r"\,", "∞": r"\infty", "mod": r"\bmod",
    "𝟏": r"\mathbf{1}", "≠": r"\neq", "≤": r"\leq", "≥": r"\geq", "∧": r"\wedge",
    "∨": r"\vee", "⊕": r"\oplus", "¬": r"\lnot", "′": r"\prime", "_": r"\_",
}  # fmt: skip
_RELATIONS = {"+", "−", "⊙", "=", "≠", "<", "≤", ">", "≥", "∧", "∨", "·", "×", "⊕"}
_FENCES = {"‖": r"\|", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil",
           "⌉": r"\rceil"}  # fmt: skip
_FUNCTIONS = {
    "log", "exp", "tanh", "sinh", "cosh", "sin", "cos", "tan", "arcsin", "arccos",
    "arctan", "max", "min", "det",
}  # fmt: skip
_LETTERS = {greek: f"\\{name}" for name, greek in GREEK.items()} | {"∂": r"\partial"}
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%",
    "&": r"\&", "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", "…": r"\ldots{}",
}  # fmt: skip
# Control characters, line ends, and what turns the direction of text.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def escaped(text: str) -> str:
    r"""Return text in which LaTeX finds no command.

    Examples
    --------
    >>> print(escaped(r"50% of \input{x}_1"))
    50\% of \textbackslash{}input\{x\}\_1
    """
    return "".join(_SPECIAL.get(c, c) for c in _UNPRINTABLE.sub(" ", text))


def latex_of(term: Term) -> str:
    r"""Return a term as LaTeX, to stand in mathematics.

    Examples
    --------
    >>> from autograd.derivation.terms import Fraction, Letter, Number
    >>> print(latex_of(Fraction(Number("1"), Letter("σ"))))
    \frac{1}{\sigma}
    """
    match term:
        case Letter(text):
            return _LETTERS.get(text, text)
        case Roman(text):
            return rf"\mathrm{{{escaped(text)}}}"
        case Function(text):
            known = text in _FUNCTIONS
            return f"\\{text}" if known else rf"\operatorname{{{escaped(text)}}}"
        case Number(text):
            return text
        case Sign(text):
            return _SIGNS.get(text, text)
        case Words(text):
            return rf"\text{{{escaped(text)}}}"
        case Row(parts):
            return _row(parts)
        case Fraction(above, below):
            return rf"\frac{{{latex_of(above)}}}{{{latex_of(below)}}}"
        case Power(base, exponent):
            return f"{_base(base, Power)}^{{{latex_of(exponent)}}}"
        case Index(base, subscript):
            return f"{_base(base, Index)}_{{{latex_of(subscript)}}}"
        case Root(body, degree):
            of = "" if degree is None else f"[{latex_of(degree)}]"
            return rf"\sqrt{of}{{{latex_of(body)}}}"
        case Below(body, shape):
            lengths = r" \times ".join(map(str, shape))
            return rf"\underset{{{lengths}}}{{{latex_of(body)}}}"
        case Big(sign, below, above):
            return f"{_SIGNS[sign]}_{{{latex_of(below)}}}^{{{latex_of(above)}}}"
        case Fenced(left, body, right):
            fences = _FENCES.get(left, left), _FENCES.get(right, right)
            return rf"\left{fences[0]}{_gap(fences[0])}{latex_of(body)}" + (
                rf"\right{fences[1]}"
            )


def _gap(fence: str) -> str:
    return " " if fence.startswith("\\") and fence[-1].isalpha() else ""


def _row(parts: tuple[Term, ...]) -> str:
    words: list[str] = []
    for k, part in enumerate(parts):
        text = latex_of(part)
        relation = isinstance(part, Sign) and part.text in _RELATIONS
        words.append(f" {text} " if relation and k else text)
        command = text.startswith("\\") and text[-1].isalpha()
        if command or (isinstance(part, Sign) and part.text == ","):
            words.append(" ")
    return "".join(words).replace("  ", " ").strip()


def _base(base: Term, script: type[Power | Index]) -> str:
    """Return a base; two scripts on the same side need braces between them."""
    text = latex_of(base)
    braces = isinstance(base, script | Row | Fraction | Below)
    return f"{{{text}}}" if braces else text
