"""The table that `compare` returns."""

from dataclasses import dataclass

from autograd.check.table import html_table, text_table
from autograd.errors import GradcheckError

__all__ = ["Comparison", "Row"]

HEADER = ("gradient", "verdict", "worst abs", "worst rel", "at", "hint")
RIGHT = ("exact", "close", "convention")


@dataclass(frozen=True)
class Row:
    """One hand-derived gradient beside the true one.

    Attributes
    ----------
    name : str
        The key under which it was given, such as ``dZ2``.
    verdict : {"exact", "close", "convention", "differs", "unknown"}
        "convention": a multiple of the true gradient that is made good later;
        "unknown": no tensor of the graph has this name.
    worst_absolute : float
        The largest difference of an element; NaN if the shapes differ.  For a
        convention it is measured against that multiple of the true gradient.
    worst_relative : float
        The same, divided by the largest element of the true gradient; where its terms
        cancel, by their size, which the hint names.
    index : tuple of int or None
        The element with the largest difference.
    hint : str
        What the values say about the difference.
    """

    name: str
    verdict: str
    worst_absolute: float = float("nan")
    worst_relative: float = float("nan")
    index: tuple[int, ...] | None = None
    hint: str = ""

    @property
    def is_right(self) -> bool:
        """Whether this gradient is right, perhaps by convention."""
        return self.verdict in RIGHT

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table."""
        if self.index is None:
            return (self.name, self.verdict, "-", "-", "-", self.hint)
        place = f"[{', '.join(map(str, self.index))}]" if self.index else "-"
        worst = f"{self.worst_absolute:.1e}", f"{self.worst_relative:.1e}"
        return (self.name, self.verdict, *worst, place, self.hint)


@dataclass(frozen=True, repr=False)
class Comparison:
    """The result of `compare`: a table to look at, true if every gradient is right.

    Attributes
    ----------
    rows : tuple of Row
        In backward order: from the cost towards the inputs.
    """

    rows: tuple[Row, ...]

    def __bool__(self) -> bool:
        return all(row.is_right for row in self.rows)

    def __str__(self) -> str:
        table = text_table(HEADER, [row.cells for row in self.rows])
        return f"{table}\n\n{self.summary}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colours = ["right" if row.is_right else "wrong" for row in self.rows]
        cells = [row.cells for row in self.rows]
        return html_table(HEADER, cells, colours, self.summary)

    @property
    def summary(self) -> str:
        """One sentence: how many are right, and the first that is not."""
        wrong = [row.name for row in self.rows if row.verdict == "differs"]
        unknown = sum(row.verdict == "unknown" for row in self.rows)
        scaled = sum(row.verdict == "convention" for row in self.rows)
        right = sum(row.is_right for row in self.rows)
        parts = [f"{right} of {len(self.rows)} gradients are right"]
        if scaled:
            parts.append(f"{scaled} of them by a convention of scale")
        if wrong:
            parts.append(f"the first wrong one on the way back is {wrong[0]}")
        if unknown:
            parts.append(f"{unknown} could not be compared")
        return f"{', '.join(parts)}."

    def assert_correct(self) -> None:
        """Raise `GradcheckError`, with the table, unless every gradient is right."""
        if not self:
            raise GradcheckError(f"compare:\n{self}")
