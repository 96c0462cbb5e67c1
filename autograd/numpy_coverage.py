"""The table of all NumPy functions and what they do on tensors.

    python -m autograd.numpy_coverage > docs/numpy_coverage.md

NumPy itself lists the functions that arguments may override; every one of them has a
gradient here, is computed on the values, or is refused with a hint.
"""

import importlib
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.testing import overrides

import autograd
from autograd.numpy_protocol import DIFFERENTIABLE
from autograd.numpy_without_gradient import is_plain, numpy_name, refusal

__all__ = ["Row", "coverage", "table"]

# NumPy loads these on demand, and lists their functions only then.
_ON_DEMAND = ("numpy.char", "numpy.fft", "numpy.polynomial", "numpy.strings")

_HEADINGS = {
    "gradient": "recorded, with a gradient of any order",
    "plain": "computed on the values: a boolean, a position, a shape, text",
    "refused": "raises, and says what to write instead",
}


class Row(NamedTuple):
    """What one NumPy function does on tensors.

    Attributes
    ----------
    name : str
        How it is called, such as ``np.linalg.inv``.
    is_ufunc : bool
        Whether it is a universal function.
    kind : {"gradient", "plain", "refused", ""}
        What happens; empty if nobody has decided.
    note : str
        Our function, or what to write instead.
    """

    name: str
    is_ufunc: bool
    kind: str
    note: str


def coverage() -> list[Row]:
    """Return one row for every function that NumPy lets its arguments override.

    Examples
    --------
    >>> from autograd.numpy_coverage import coverage
    >>> next(row for row in coverage() if row.name == "np.linalg.inv")
    Row(name='np.linalg.inv', is_ufunc=False, kind='gradient',
    note='autograd.linalg.inv')
    """
    for module in _ON_DEMAND:
        importlib.import_module(module)
    listed: set[Callable[..., Any]] = {
        *overrides.get_overridable_numpy_ufuncs(),
        *overrides.get_overridable_numpy_array_functions(),
    }
    rows = {_row(function) for function in listed}
    return sorted(rows, key=lambda row: (not row.is_ufunc, row.name.lower(), row.name))


def _row(function: Callable[..., Any]) -> Row:
    is_ufunc = isinstance(function, np.ufunc)
    name = numpy_name(function).replace("ufunc ", "np.")
    if function in DIFFERENTIABLE:
        return Row(name, is_ufunc, "gradient", _our_name(DIFFERENTIABLE[function]))
    if is_plain(function):
        return Row(name, is_ufunc, "plain", "")
    reason = refusal(function)
    return Row(name, is_ufunc, "refused" if reason else "", reason)


def _our_name(function: Callable[..., Any]) -> str:
    name = function.__name__.lstrip("_")
    for room, prefix in ((autograd.linalg, "autograd.linalg"), (autograd, "autograd")):
        if getattr(room, name, None) is function:
            return f"{prefix}.{name}"
    return ""


def table() -> str:
    """Return the table in Markdown."""
    rows = coverage()
    lines = [
        "# NumPy functions on tensors",
        "",
        f"Every function that NumPy {np.__version__} lets its arguments override. Made "
        f"by `python -m autograd.numpy_coverage > docs/numpy_coverage.md`.",
        "",
    ]
    for title, is_ufunc in (("Universal functions", True), ("Array functions", False)):
        chosen = [row for row in rows if row.is_ufunc == is_ufunc]
        counts = Counter(row.kind for row in chosen)
        lines += [f"## {title}: {len(chosen)}", ""]
        for kind, meaning in _HEADINGS.items():
            lines += [f"- {counts[kind]} **{kind}**: {meaning}"]
        lines += ["", "| NumPy | on tensors | |", "| --- | --- | --- |"]
        for row in chosen:
            note = f"`{row.note}`" if row.kind == "gradient" and row.note else row.note
            note = note.replace("|", "\\|")
            lines.append(f"| `{row.name}` | {row.kind} | {note} |")
        lines.append("")
    lines += [
        "## Methods and settings of universal functions",
        "",
        "- `reduce` and `accumulate` work for every function of two numbers, with "
        "`axis`, `keepdims`, `initial`, `where` and `dtype`; `outer` too. `at` and "
        "`reduceat` raise.",
        "- `dtype=` converts the operands first; it must be a floating-point dtype.",
        "- `out=` raises, and so does `a += t` for an array `a` and a tensor `t`.",
        "- `where=` of a call raises, because without `out=` NumPy leaves the other "
        "elements to chance.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
