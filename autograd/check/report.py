"""A marking as a table for the terminal, for notebooks, and as JSON."""

import json
from typing import TYPE_CHECKING

from autograd.check.table import html_table, text_table

if TYPE_CHECKING:
    from autograd.check.marks import MarkedStep, Marking

__all__ = ["html", "json_text", "text"]

_WORDS = {
    "right": "right",
    "convention": "right, by convention",
    "wrong": "WRONG",
    "inherited": "inherited",
    "shape": "WRONG SHAPE",
    "missing": "MISSING",
    "not_reached": "not reached",
}
_COLOURS = {"right": "right", "convention": "right", "inherited": "inherited"}


def text(marking: "Marking") -> str:
    """Return the table as text, with the first wrong line below it.

    Parameters
    ----------
    marking : Marking
        What to show.
    """
    rows = [_row(step) for step in marking.steps]
    parts = [
        _headline(marking),
        "",
        text_table(("step", "line", "verdict", "why"), rows),
    ]
    wrong = marking.first_wrong
    if wrong is not None and wrong.line:
        # Functions typed into an interpreter have lines, but no text that can be read.
        source = [f"    {wrong.source}"] if wrong.source else []
        parts += ["", f"First wrong line, {wrong.line}:", *source, f"    {_why(wrong)}"]
    parts += [f"Note: {note}" for note in marking.notes]
    return "\n".join(parts)


def html(marking: "Marking") -> str:
    """Return the table as HTML: green, amber and red, and the same in words.

    Parameters
    ----------
    marking : Marking
        What to show.
    """
    rows = [(*_row(step), step.source) for step in marking.steps]
    colours = [_COLOURS.get(step.verdict, "wrong") for step in marking.steps]
    header = ("step", "line", "verdict", "why", "source")
    return html_table(header, rows, colours, _headline(marking))


def json_text(marking: "Marking") -> str:
    """Return the marking as JSON.

    Parameters
    ----------
    marking : Marking
        What to write.
    """
    wrong = marking.first_wrong
    fields = ("name", "of", "line", "source", "verdict", "mistake", "detail")
    return json.dumps(
        {
            "correct": bool(marking),
            "first_wrong": wrong.name if wrong else None,
            "score": marking.score,
            "steps": [{f: getattr(step, f) for f in fields} for step in marking.steps],
        }
    )


def _headline(marking: "Marking") -> str:
    if marking:
        return f"{marking.function}: all {len(marking.steps)} steps are right."
    wrong = marking.first_wrong
    where = f" First wrong: {wrong.name}." if wrong else ""
    return f"{marking.function}: score {marking.score:.0%}.{where}"


def _row(step: "MarkedStep") -> tuple[str, str, str, str]:
    line = str(step.line) if step.line else "-"
    return step.name, line, _WORDS[step.verdict], _why(step)


def _why(step: "MarkedStep") -> str:
    if step.mistake is None or step.mistake == "unknown":
        return step.detail
    return f"{step.mistake.replace('_', ' ')}: {step.detail}"
