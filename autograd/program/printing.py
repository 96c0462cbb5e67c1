"""A program as the text of a Python module."""

import ast
import builtins
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

import autograd
from autograd.numpy_protocol import DIFFERENTIABLE
from autograd.primitive import PRIMITIVES
from autograd.program.lines import Line, names_in, parse

if TYPE_CHECKING:
    from autograd.program.source import Program

__all__ = ["assignments", "body", "printed", "taken"]

_WIDTH = 88

# Functions that NumPy lacks and that fit into a line.
_DEFINITIONS = {
    "sigmoid": (
        "def sigmoid(z):\n"
        "    # 1 / (1 + exp(-z)), which overflows nowhere in this form\n"
        "    return np.exp(-np.logaddexp(0, -z))\n"
    ),
}


def printed(program: "Program") -> str:
    """Return a program as the text of a module."""
    lines = [*program.forward, *program.backward]
    variables = {*program.parameters, *program.data, *(line.target for line in lines)}
    words = sorted({n for line in lines for n in names_in(line.expression)} - variables)
    data = "".join(f", {name}" for name in program.data)
    parts = [
        _imports(words),
        *(_DEFINITIONS[word] for word in words if word in _DEFINITIONS),
        f"def forward(parameters{data}):\n{_forward(program)}",
        f"def backward(parameters, cache{data}):\n{_backward(program)}",
    ]
    return "\n\n".join(parts)


def _imports(words: Iterable[str]) -> str:
    """Return the imports: NumPy, then what NumPy lacks, from `autograd`."""
    words = [w for w in words if w not in _DEFINITIONS and not hasattr(builtins, w)]
    algebra = [w for w in words if _is_in_linalg(w)]
    public = [w for w in words if hasattr(autograd, w) and w not in algebra]
    private = [w for w in words if w not in (*algebra, *public, "np", "autograd")]
    if private:
        public = sorted({*public, "PRIMITIVES"})
    text = "import numpy as np\n"
    if "autograd" in words:
        text += "\nimport autograd\n"
    if algebra:
        text += f"from numpy.linalg import {', '.join(algebra)}\n"
    if public:
        text += f"\nfrom autograd import {', '.join(public)}\n"
    for word in private:
        text += f"\n{word} = PRIMITIVES[{word!r}].function\n"
    return text


def _is_in_linalg(word: str) -> bool:
    """Return whether a function of ours computes what NumPy's of the name does."""
    theirs = getattr(np.linalg, word, None)
    op = PRIMITIVES.get(word)
    if theirs is None or op is None:
        return False
    return DIFFERENTIABLE.get(theirs) is op.function


def _forward(program: "Program") -> str:
    read = {name for line in program.forward for name in names_in(line.expression)}
    cache = _entries(f'"{name}": {name}' for name in program.cache)
    return body(
        taken("parameters", [p for p in program.parameters if p in read]),
        assignments(program.forward, program),
        [f"return {program.cost}, {cache}"],
    )


def _backward(program: "Program") -> str:
    read = {name for line in program.backward for name in names_in(line.expression)}
    lines = list(program.backward)
    computed = {line.target for line in lines}
    for name, gradient in program.gradients.items():
        if gradient not in computed:
            shape = program.parameters[name].shape
            lines.append(Line(gradient, parse(f"np.zeros({shape})")))
    results = _entries(f'"d{p}": {g}' for p, g in program.gradients.items())
    return body(
        [f"# {note}" for note in program.notes],
        taken("parameters", [p for p in program.parameters if p in read]),
        taken("cache", [name for name in (*program.cache,) if name in read]),
        assignments(lines, program),
        [f"return {results}"],
    )


def body(*groups: list[str]) -> str:
    """Return groups of lines as the body of a function."""
    lines = [line for group in groups for line in group]
    return "".join(f"    {line}\n" for line in lines)


def taken(mapping: str, names: list[str]) -> list[str]:
    """Return lines that take values out of a dict, some on each line."""
    rows: list[list[str]] = []
    for name in names:
        if rows and len(_row(mapping, [*rows[-1], name])) <= _WIDTH - 4:
            rows[-1].append(name)
        else:
            rows.append([name])
    return [_row(mapping, row) for row in rows]


def _row(mapping: str, names: list[str]) -> str:
    values = ", ".join(f'{mapping}["{name}"]' for name in names)
    return f"{', '.join(names)} = {values}"


def assignments(
    lines: Iterable[Line], program: "Program", *, shapes: bool = True
) -> list[str]:
    """Return assignments, with the shapes of their values as comments."""
    text: list[str] = []
    for line in lines:
        rows = _filled(line.target, line.expression)
        shape = np.shape(program.values[line.expression]) if shapes else ()
        if shape and len(rows[-1]) + len(f"  # {shape}") <= _WIDTH - 4:
            rows[-1] += f"  # {shape}"
        text += rows
    return text


def _filled(target: str, expression: ast.expr) -> list[str]:
    """Return an assignment, with the arguments of a long call on lines of their own."""
    line = f"{target} = {ast.unparse(expression)}"
    if len(line) <= _WIDTH - 4:
        return [line]
    if isinstance(expression, ast.Subscript):
        *rows, last = _filled(target, expression.value)
        return [*rows, f"{last}[{ast.unparse(expression.slice)}]"]
    if isinstance(expression, ast.Call):
        arguments = [ast.unparse(x) for x in (*expression.args, *expression.keywords)]
        opening = f"{target} = {ast.unparse(expression.func)}("
        return [opening, *(f"    {text}," for text in arguments), ")"]
    if isinstance(expression, ast.BinOp):
        return [f"{target} = (", *_sum_rows(expression), ")"]
    return [line]


def _sum_rows(expression: ast.BinOp) -> list[str]:
    """Return a sum on several lines, each as full as it can be."""
    rows: list[str] = []
    for term in _terms(expression):
        if rows and len(f"{rows[-1]} {term}") <= _WIDTH - 4:
            rows[-1] += f" {term}"
        else:
            rows.append(f"    {term}")
    return rows


def _terms(expression: ast.BinOp) -> list[str]:
    """Return the terms of a sum, or two operands: each with the operator before it."""
    whole = ast.unparse(expression)
    left = ast.unparse(ast.BinOp(expression.left, expression.op, ast.Constant(0)))
    left = left[: -len("0")].rstrip()
    split = len(left) - len(left.split()[-1])
    before = expression.left
    if isinstance(before, ast.BinOp) and _is_sum(before) and _is_sum(expression):
        return [*_terms(before), whole[split:]]
    return [whole[:split].rstrip(), whole[split:]]


def _is_sum(expression: ast.BinOp) -> bool:
    return isinstance(expression.op, ast.Add | ast.Sub)


def _entries(items: Iterable[str]) -> str:
    """Return a dict display, on several lines if it is long."""
    entries = list(items)
    short = f"{{{', '.join(entries)}}}"
    if len(short) <= _WIDTH - 24:
        return short
    return "{\n" + "".join(f"        {entry},\n" for entry in entries) + "    }"
