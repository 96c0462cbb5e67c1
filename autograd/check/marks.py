"""The result of marking: a table of steps, a score, a picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd.check import report
from autograd.errors import GradientError

__all__ = ["MarkedStep", "Marking", "register_drawer"]


@dataclass(frozen=True)
class MarkedStep:
    """One line of the table.

    Attributes
    ----------
    name, of : str
        The student's name, and what it is the gradient of: ``"dZ1"``, ``"Z1"``.
    line : int or None
        The line in the student's file.
    source : str
        Its text.
    verdict : str
        ``right convention wrong inherited shape missing not_reached``.
    mistake : str or None
        The name of the mistake, ``"unknown"`` if it has none.
    detail : str
        The verdict in words.
    """

    name: str
    of: str
    line: int | None
    source: str
    verdict: str
    mistake: str | None = None
    detail: str = ""

    @property
    def earns_marks(self) -> bool:
        """Whether the step is right, or follows from an earlier one that is not."""
        return self.verdict in ("right", "convention", "inherited")


# Who draws a marking: `viz` puts its function here when it is imported, because nothing
# in this package may import `viz`.
_DRAWERS: list[Callable[["Marking"], Any]] = []


def register_drawer(draw: Callable[["Marking"], Any]) -> None:
    """Make `Marking.graph` draw with a function; the last one registered is used.

    Parameters
    ----------
    draw : callable
        Takes a `Marking`, returns the picture.
    """
    _DRAWERS.append(draw)


@dataclass(frozen=True)
class Marking:
    """The marks of one backward function.

    Attributes
    ----------
    steps : tuple of MarkedStep
        In the student's order; parameters without a gradient at the end.
    function : str
        The name of the function.
    notes : tuple of str
        What else was noticed.
    output : str
        What the function printed.
    cost : Tensor
        The cost at the first point, for drawings.
    tensors : dict of str to Tensor
        The named tensors of its graph, for drawings.
    data : dict of str to object
        The data at the first point, for drawings.
    """

    steps: tuple[MarkedStep, ...]
    function: str
    notes: tuple[str, ...] = ()
    output: str = ""
    cost: Any = None
    tensors: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def first_wrong(self) -> MarkedStep | None:
        """The first step that is not right and does not follow, or None."""
        wrong = (s for s in self.steps if s.verdict in ("wrong", "shape"))
        missing = (s for s in self.steps if s.verdict == "missing")
        return next(wrong, None) or next(missing, None)

    @property
    def score(self) -> float:
        """The share of lines that earn marks: right, or following from a wrong one."""
        lines: dict[Any, bool] = {}
        for step in self.steps:
            key = step.line if step.line and step.verdict != "missing" else step.name
            lines[key] = lines.get(key, True) and step.earns_marks
        return sum(lines.values()) / len(lines) if lines else 0.0

    def __bool__(self) -> bool:
        return bool(self.steps) and all(
            step.verdict in ("right", "convention") for step in self.steps
        )

    def assert_correct(self) -> None:
        """Raise if the backward pass is not right.

        Raises
        ------
        AssertionError
            With the table as its text.
        """
        if not self:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        return report.text(self)

    def _repr_html_(self) -> str:
        return report.html(self)

    def json(self) -> str:
        """Return the marking as JSON text.

        The object holds ``correct``, ``first_wrong`` (a name or null), ``score`` (0..1)
        and ``steps``, each with ``name of line source verdict mistake detail``.
        """
        return report.json_text(self)

    def graph(self) -> Any:
        """Draw the computation graph: right green, inherited amber, first wrong red.

        Raises
        ------
        GradientError
            If `viz` is not imported.
        """
        if not _DRAWERS:
            raise GradientError(
                "Marking.graph: drawing needs the package viz. "
                "Write `import viz` first."
            )
        return _DRAWERS[-1](self)
