"""What the linter returns: findings, in words, as text, HTML and data."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, overload

from autograd import Tensor
from viz.names import clean

__all__ = ["Finding", "Findings", "describe", "finding", "layer_of"]

_MOST_NAMED = 6


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes
    ----------
    kind : str
        Which mistake it is, such as ``"softmax-before-cross-entropy"``.
    message : str
        What was found, and why it is wrong.
    fix : str
        What to write instead.
    tensors : tuple of str
        The tensors it is about, by name or by operation.
    layers : tuple of str
        The `autograd.scope` blocks they were made in, such as the paths of layers.
    line : str
        ``file.py:12``, the line that made the first of them whose line is known; empty
        if none is.  Lines of results are recorded inside ``autograd.debug()`` only.
    """

    kind: str
    message: str
    fix: str
    tensors: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    line: str = ""

    def __str__(self) -> str:
        places = [f"in {', '.join(self.layers)}"] if self.layers else []
        places += [self.line] if self.line else []
        place = f" ({'; '.join(places)})" if places else ""
        return f"{self.kind}{place}\n  {self.message}\n  Fix: {self.fix}"


class Findings(Sequence[Finding]):
    """The findings of one call of `lint`, in a fixed order.

    It is a sequence: ``len(found)`` counts, and ``if found:`` is true if there is any
    finding.  ``print(found)`` shows them as text; a notebook shows a list.

    Parameters
    ----------
    items : sequence of Finding
        The findings.
    """

    def __init__(self, items: Sequence[Finding]) -> None:
        self._items = tuple(items)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> "Findings": ...
    def __getitem__(self, index: int | slice) -> "Finding | Findings":
        """Return one finding, or some of them."""
        if isinstance(index, slice):
            return Findings(self._items[index])
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the findings, each once, in their order."""
        return tuple(dict.fromkeys(item.kind for item in self._items))

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as JSON values: ``{"findings": [{"kind": ...}, ...]}``.

        Examples
        --------
        >>> found = Findings([Finding("broadcast", "What.", "Cure.", ("y",))])
        >>> found.to_dict()["findings"][0]["tensors"]
        ['y']
        """
        rows = [asdict(item) for item in self._items]
        for row in rows:
            row["tensors"], row["layers"] = list(row["tensors"]), list(row["layers"])
        return {"findings": rows}

    def __str__(self) -> str:
        if not self._items:
            return "No findings."
        heading = f"{len(self)} finding{'s' if len(self) > 1 else ''}:"
        return "\n".join(
            [heading, *(f"{k}. {item}" for k, item in enumerate(self._items, 1))]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self._items:
            return "<p>No findings.</p>"
        return f"<ol>{''.join(_as_html(item) for item in self._items)}</ol>"


def _as_html(item: Finding) -> str:
    heading, message, fix = (escape(line) for line in str(item).splitlines())
    return f"<li><b>{heading}</b><br>{message.strip()}<br><i>{fix.strip()}</i></li>"


def finding(kind: str, message: str, fix: str, *about: Tensor) -> Finding:
    """Return a finding about some tensors, with their names, layers and line."""
    layers = dict.fromkeys(layer_of(x) for x in about)
    layers.pop("", None)
    lines = [x.created_at for x in about if x.created_at]
    if message.startswith("the "):
        message = f"T{message[1:]}"
    return Finding(
        kind,
        message,
        fix,
        tuple(dict.fromkeys(_name(x) for x in about))[:_MOST_NAMED],
        tuple(layers)[:_MOST_NAMED],
        clean(lines[0]) if lines else "",
    )


def layer_of(x: Tensor) -> str:
    """Return the scopes a tensor was made in, joined by slashes."""
    return clean("/".join(x.scope))


def _name(x: Tensor) -> str:
    if x.name:
        return clean(x.name)
    if x.op is not None:
        return x.op.name
    return "parameter" if x.requires_grad else "array"


def describe(x: Tensor) -> str:
    """Return what a message says of a tensor: ``W1 (2, 3)``.

    Examples
    --------
    >>> describe(Tensor([1.0, 2.0], name="w"))
    'w (2,)'
    >>> describe(Tensor(1.0) * 2)
    'the result of multiply ()'
    """
    if x.op is not None and not x.name:
        return f"the result of {x.op.name} {x.shape}"
    if x.name:
        return f"{clean(x.name)} {x.shape}"
    return f"{'the parameter' if x.requires_grad else 'the array'} {x.shape}"
