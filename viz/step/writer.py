"""The page itself: one HTML document with the drawing, the lesson, style and script.

Nothing in it is loaded, and only the script and the style whose digests stand in its
content security policy are run.  The lesson is data; the script puts every text in as
text.
"""

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import fields
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt

from viz.numbers import NumberFormat, number, shape_text
from viz.step.drawing import Drawing
from viz.step.equation import Item, Matrix
from viz.step.lesson import Norm, Step
from viz.theme import THEMES, Theme
from viz.values import Value

__all__ = ["write_page"]

_ROWS, _COLUMNS = 8, 10  # the largest matrix that is shown whole
_DIGITS = 6  # that are kept of a number
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def write_page(steps: Sequence[Step], drawing: Drawing, title: str, theme: str) -> str:
    """Return the page of a lesson.

    Parameters
    ----------
    steps : sequence of Step
        The lesson.
    drawing : Drawing
        The graph.
    title : str
        The heading.
    theme : {"auto", "light", "dark"}
        The colours at the start.
    """
    style = f"{_colours()}{_part('page.css')}{drawing.css}\n"
    script = _part("page.js")
    return Template(_part("page.html")).substitute(
        title=escape(title),
        theme=theme,
        script_digest=_digest(script),
        style_digest=_digest(style),
        style=style,
        script=script,
        drawing=drawing.svg,
        last=len(steps) - 1,
        lesson=_Encoder().json(steps),
    )


def _colours() -> str:
    """Return the colours of both themes as variables of the style."""
    pairs = {
        field.name: (getattr(THEMES["light"], field.name), dark)
        for field in fields(Theme)
        if (dark := getattr(THEMES["dark"], field.name))
    }
    rules = (f"--{n}:light-dark({light},{dark});" for n, (light, dark) in pairs.items())
    return f":root{{{''.join(rules)}}}\n"


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Encoder:
    """Writes a lesson as JSON; every array once, however many steps show it."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self.places: dict[tuple[int, bool], int] = {}

    def json(self, steps: Sequence[Step]) -> str:
        lesson = {"steps": [self._step(step) for step in steps], "arrays": self.arrays}
        text = json.dumps(
            lesson, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        return text.translate(_ESCAPED)

    def _step(self, step: Step) -> dict[str, Any]:
        entries = {
            "phase": step.phase,
            "title": step.title,
            "chain": step.chain,
            "formula": step.formula,
            "shapes": step.shapes,
            "equation": [self._item(item) for item in step.equation],
            "result": step.result if step.cells else -1,
            "cells": step.cells,
            "notes": step.notes,
            "part": "" if step.contribution == (1, 1) else step.contribution,
            "operation": step.operation,
            "target": step.target,
            "sources": step.sources,
            "arrows": step.arrows,
            "value": step.value_of,
            "gradient": step.gradient_of,
            "norms": [_norm(row) for row in step.norms],
        }
        return {
            key: value for key, value in entries.items() if value not in ("", [], ())
        }

    def _item(self, item: Item) -> str | list[Any]:
        if isinstance(item, str):
            return item
        key = (id(item.value), item.upright)
        if key not in self.places:
            self.places[key] = len(self.arrays)
            self.arrays.append(_array(item))
        return [item.label, self.places[key]]


def _array(matrix: Matrix) -> dict[str, Any] | float | int | str:
    """Return the cells that are shown, how to write them, and what is left out."""
    value = matrix.value
    cells = _cells(value)
    if not value.shape:
        return _json_number(float(cells[0, 0]))
    if matrix.upright:
        cells = cells.T
    form = NumberFormat.of(cells)
    rows, columns = matrix.displayed
    entries = {
        "shape": shape_text(value.shape),
        "columns": cells.shape[1],
        "cells": [_json_number(float(x)) for x in cells.ravel()],
        "power": form.exponent,
        "decimals": form.decimals,
        "rows": rows,
        "width": columns,
        "summary": _summary(value, cells.size),
    }
    return {key: x for key, x in entries.items() if x not in (0, "")}


def _cells(value: Value) -> npt.NDArray[Any]:
    """Return the whole matrix if it is small, else its first rows and columns."""
    rows, columns = (1, 1, *value.shape)[-2:]
    if value.whole is None or rows > _ROWS or columns > _COLUMNS or not value.size:
        return value.cells
    numbers: npt.NDArray[Any] = np.reshape(value.whole, (-1, rows, columns))[0]
    return numbers.astype(np.float64)


def _summary(value: Value, shown: int) -> str:
    if shown == value.size:
        return ""
    unusual = f", {value.unusual} not finite" if value.unusual else ""
    matrices = math.prod(value.shape[:-2])
    first = f"first of {matrices:,} matrices, " if matrices > 1 else ""
    return (
        f"{first}mean {number(value.mean)}, std {number(value.std)}, "
        f"{number(value.low)} to {number(value.high)}{unusual}"
    )


def _norm(row: Norm) -> list[Any]:
    return [
        row.name, row.role, shape_text(row.shape), number(row.gradient),
        number(row.value), _logarithm(row.gradient),
    ]  # fmt: skip


def _logarithm(x: float) -> float | None:
    return round(math.log10(x), 3) if 0 < x < math.inf else None


def _json_number(x: float) -> float | int | str:
    """Return a number with few digits; JSON has none for NaN and infinity."""
    if not math.isfinite(x):
        return "NaN" if math.isnan(x) else "inf" if x > 0 else "−inf"
    rounded = float(f"{x:.{_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e6 else rounded
