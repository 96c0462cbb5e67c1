r"""The ``latex=`` of an operation, read as a tree: ``\tanh {0}`` with a hole.

Only the LaTeX that such templates use is understood; a test reads all of them.
"""

import functools
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograd.derivation.expressions import ATOM, POWER, PRODUCT, SUM, Expression
from autograd.derivation.terms import (
    GREEK,
    Fenced,
    Fraction,
    Function,
    Index,
    Letter,
    Number,
    Power,
    Root,
    Sign,
    Term,
    row,
)

__all__ = ["fill"]

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[0-9]+|\s+|.", re.DOTALL)
_SIGNS = {
    r"\odot": "⊙", r"\cdot": "·", r"\times": "×", r"\bmod": "mod", r"\sum": "∑",
    r"\prod": "∏", r"\,": " ", r"\ ": " ", r"\top": "⊤", "-": "−",
}  # fmt: skip
_FENCES = {
    r"\lVert": "‖", r"\rVert": "‖", r"\lvert": "|", r"\rvert": "|", r"\lfloor": "⌊",
    r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉",
}  # fmt: skip
_CLOSING = {"(": ")", "|": "|"} | {
    left: left.replace("l", "r", 1) for left in _FENCES if left.startswith(r"\l")
}


def fill(latex: str, inputs: list[Expression], words: Mapping[str, Term]) -> Expression:
    r"""Return what an operation computes, from the template of its block.

    Parameters
    ----------
    latex : str
        With ``{0}``, ``{1}``, ``{inputs}`` and the names of settings, as in a block.
    inputs : list of Expression
        For the holes.
    words : mapping
        The settings.

    Examples
    --------
    >>> from autograd.derivation.terms import Letter
    >>> fill(r"\tanh {0}", [Expression(Letter("x"))], {}).term.parts[0]
    Function(text='tanh')
    """
    fields = {name for _, name, _, _ in string.Formatter().parse(latex) if name}
    places = [rf"\hole{{{k}}}" for k in range(len(inputs))]
    settings = sorted(name for name in fields - {"inputs"} if not name.isdecimal())
    known = {
        name: rf"\hole{{{k}}}" for k, name in enumerate(settings, start=len(inputs))
    }
    known["inputs"] = ",".join(places)
    # An input that was left out, such as a bias, has no hole.
    places += [""] * (1 + max((int(n) for n in fields if n.isdecimal()), default=0))
    values = [*inputs, *(Expression(words[name]) for name in settings)]
    parts = list(_parse(_tokens(latex.format(*places, **known))))
    return Expression(_Filler(values).group(parts), _binds(parts))


def _binds(parts: "list[Part]") -> int:
    """Return how tightly a template binds: σ(x) is an atom, x tanh(x) a product."""
    signs = [p.text for p in parts if isinstance(p, Sign)]
    if any(s in "+−" for s in signs):
        return SUM
    values = [p for p in parts if not isinstance(p, Sign) and not _is_function(p)]
    called = len(parts) == 2 and isinstance(parts[1], _Fences)
    if any(s != "," for s in signs) or (len(values) > 1 and not called):
        return PRODUCT
    return POWER if any(isinstance(p, _Script) for p in values) else ATOM


@dataclass(frozen=True)
class _Hole:
    place: int


@dataclass(frozen=True)
class _Group:
    parts: "list[Part]"


@dataclass(frozen=True)
class _Script:
    base: "Part"
    raised: bool
    script: "Part"


@dataclass(frozen=True)
class _Command:
    name: str
    arguments: "list[Part]"


@dataclass(frozen=True)
class _Fences:
    left: str
    body: "list[Part]"
    right: str


Part = Term | _Hole | _Group | _Script | _Command | _Fences


@functools.lru_cache(maxsize=1000)
def _tokens(latex: str) -> tuple[str, ...]:
    return tuple(t for t in _TOKEN.findall(latex) if not t.isspace())


def _parse(tokens: tuple[str, ...]) -> "Iterator[Part]":
    yield from _Parser(tokens).sequence(None)


class _Parser:
    """Reads tokens into groups, scripts, fences and commands with their arguments."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self._tokens = tokens
        self._next = 0

    def sequence(self, end: str | None) -> "list[Part]":
        found: list[Part] = []
        while self._next < len(self._tokens):
            token = self._take()
            if token == end:
                return found
            if token in ("^", "_"):
                found.append(_Script(found.pop(), token == "^", self._one()))
            else:
                found.append(self._item(token))
        if end is not None:
            raise ValueError(f"the template ends before {end!r}: {self._tokens}.")
        return found

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1]

    def _one(self) -> "Part":
        return self._item(self._take())

    def _item(self, token: str) -> "Part":
        if token == "{":
            return _Group(self.sequence("}"))
        if token == r"\left":
            left = self._fence()
            body = self.sequence(r"\right")
            return _Fences(left, body, self._fence())
        if token in _CLOSING:
            end = _CLOSING[token]
            body = self.sequence(end)
            return _Fences(_FENCES.get(token, token), body, _FENCES.get(end, end))
        if token == r"\hole":
            name = self._one()
            assert isinstance(name, _Group)
            return _Hole(int("".join(_plain(name.parts))))
        if token in (r"\frac", r"\sqrt", r"\operatorname"):
            return self._command(token)
        return _leaf(token)

    def _fence(self) -> str:
        token = self._take()
        return _FENCES.get(token, token)

    def _command(self, token: str) -> "Part":
        degree: list[Part] = []
        if token == r"\sqrt" and self._tokens[self._next] == "[":
            self._next += 1
            degree = [_Group(self.sequence("]"))]
        count = 2 if token == r"\frac" else 1
        return _Command(token, [self._one() for _ in range(count)] + degree)


def _leaf(token: str) -> Term:
    if token in _SIGNS:
        return Sign(_SIGNS[token])
    if token.isdecimal():
        return Number(token)
    if token.startswith("\\") and token[1:] in GREEK:
        return Letter(GREEK[token[1:]])
    if token.startswith("\\") and token[1:].isalpha():
        return Function(token[1:])
    return Letter(token) if token.isalpha() else Sign(token.lstrip("\\"))


def _plain(parts: "list[Part]") -> Iterator[str]:
    for part in parts:
        yield part.text if isinstance(part, Letter | Number | Sign) else "_"


class _Filler:
    """Puts terms into holes; where a hole stands beside others, in parentheses."""

    def __init__(self, values: list[Expression]) -> None:
        self._values = values

    def group(self, parts: "list[Part]") -> Term:
        terms: list[Term] = []
        for k, part in enumerate(parts):
            before = parts[k - 1] if k else None
            terms.append(self._in_row(part, before, alone=_is_alone(parts, k)))
        return row(*terms) if terms else Sign(" ")

    def _in_row(self, part: "Part", before: "Part | None", alone: bool) -> Term:
        if isinstance(part, _Hole):
            return self._hole(part, called=_is_function(before), alone=alone)
        return self._term(part)

    def _hole(self, hole: _Hole, *, called: bool, alone: bool) -> Term:
        value = self._values[hole.place]
        if called:
            return Fenced("(", value.whole(), ")")
        return value.whole() if alone else value.within(ATOM)

    def _term(self, part: "Part") -> Term:
        if isinstance(part, _Group):
            return self.group(part.parts)
        if isinstance(part, _Fences):
            return Fenced(part.left, self.group(part.body), part.right)
        if isinstance(part, _Script):
            kind = Power if part.raised else Index
            base = self._in_row(part.base, None, alone=False)
            return kind(base, self._term(part.script))
        if isinstance(part, _Command):
            return self._command(part)
        if isinstance(part, _Hole):
            return self._hole(part, called=False, alone=True)
        return part

    def _command(self, command: _Command) -> Term:
        first, *others = command.arguments
        if command.name == r"\operatorname":
            assert isinstance(first, _Group)
            return Function("".join(_plain(first.parts)))
        if command.name == r"\sqrt":
            return Root(self._term(first), self._term(others[0]) if others else None)
        return Fraction(self._term(first), self._term(others[0]))


def _is_function(part: "Part | None") -> bool:
    """Return whether a part is the name of a function, perhaps with an index."""
    if isinstance(part, _Script):
        return not part.raised and _is_function(part.base)
    named = isinstance(part, _Command) and part.name == r"\operatorname"
    return named or isinstance(part, Function)


def _is_alone(parts: "list[Part]", k: int) -> bool:
    """Return whether nothing but commas stands beside a place in a row."""
    neighbours = parts[max(k - 1, 0) : k] + parts[k + 1 : k + 2]
    return all(isinstance(p, Sign) and p.text == "," for p in neighbours)
