"""Mark the backward passes in files: ``python -m autograd.check FILE.py ...``.

A file defines ``forward(parameters, *data) -> (cost, cache)`` and
``backward(parameters, cache, *data) -> dict``, or the article's
``forward_propagation``, ``compute_cost`` and ``backward_propagation``; and values to
try them on, as the variables ``parameters`` and ``X``, ``Y`` (or a tuple ``data``). For
the article's functions the values may be left out.  With ``--task`` everything but the
backward pass comes from another file, the teacher's.

The files are executed, with all your rights: this is no sandbox.
"""

import argparse
import csv
import json
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.check.marking import check_backward
from autograd.check.marks import Marking
from autograd.check.tracing import trace

_LOAD_LIMIT = 30.0
_COLUMNS = ("file", "correct", "score", "first_wrong", "line", "mistake", "detail")


class Task(NamedTuple):
    """What a backward pass is marked against."""

    forward: Callable[..., Any]
    parameters: dict[str, Any]
    data: tuple[Any, ...]


class UnusableFile(Exception):
    """A file that does not hold what is needed; the text says what."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Mark the files named on the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit code: 0 if every backward pass is right, else 1.
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograd.check",
        description="Mark hand-derived backward passes. The files are executed.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE.py")
    parser.add_argument("--task", metavar="FILE.py", help="has forward and the values")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    results = [_mark_file(file, options.task) for file in options.files]
    if options.json:
        _print_json(options.files, results)
    elif len(results) > 1:
        _print_csv(options.files, results)
    else:
        print(results[0])
    return 0 if all(isinstance(r, Marking) and r for r in results) else 1


def _mark_file(path: str, task_path: str | None) -> Marking | str:
    """Return the marking of a file, or what is wrong with it."""
    try:
        student = _load(path)
        backward = student.get("backward") or student.get("backward_propagation")
        if backward is None:
            raise UnusableFile("no function backward or backward_propagation")
        task = _task(_load(task_path) if task_path else student)
    except UnusableFile as problem:
        return f"{path}: {problem}."
    return check_backward(task.forward, backward, task.parameters, *task.data)


def _load(path: str) -> Mapping[str, Any]:
    seen = trace(lambda: runpy.run_path(path), (), _LOAD_LIMIT)
    if seen.failure:
        raise UnusableFile(f"{seen.failure.kind}: {seen.failure.message}")
    scope: Mapping[str, Any] = seen.returned
    return scope


def _task(scope: Mapping[str, Any]) -> Task:
    forward = scope.get("forward") or _article_forward(scope)
    if forward is None:
        raise UnusableFile(
            "no function forward(parameters, *data), nor forward_propagation and "
            "compute_cost; name a file that has them with --task"
        )
    data = scope.get("data")
    if data is None and "X" in scope:
        data = tuple(scope[name] for name in ("X", "Y") if name in scope)
    if "parameters" in scope and data is not None:
        return Task(forward, scope["parameters"], tuple(data))
    if "forward" not in scope:
        return Task(forward, *_article_values())
    raise UnusableFile("no variables parameters and X, Y (or data) to try it on")


def _article_forward(scope: Mapping[str, Any]) -> Callable[..., Any] | None:
    propagate, cost = scope.get("forward_propagation"), scope.get("compute_cost")
    if propagate is None or cost is None:
        return None

    def forward(parameters: Any, X: Any, Y: Any) -> tuple[Any, Any]:
        A2, cache = propagate(X, parameters)
        return cost(A2, Y), cache

    return forward


def _article_values() -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Return values for the article's network; no two sizes are equal."""
    rng = np.random.default_rng(0)
    shapes = {"W1": (4, 3), "b1": (4, 1), "W2": (2, 4), "b2": (2, 1)}
    parameters = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return parameters, (rng.standard_normal((3, 7)), rng.integers(0, 2, (2, 7)))


def _print_json(files: Sequence[str], results: Sequence[Marking | str]) -> None:
    markings = [
        json.loads(r.json())
        if isinstance(r, Marking)
        else {"correct": False, "error": r}
        for r in results
    ]
    if len(files) == 1:
        print(json.dumps(markings[0]))
    else:
        print(json.dumps(dict(zip(files, markings, strict=True))))


def _print_csv(files: Sequence[str], results: Sequence[Marking | str]) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(_COLUMNS)
    for file, result in zip(files, results, strict=True):
        if isinstance(result, str):
            table.writerow([file, False, 0, "", "", "", result])
            continue
        wrong = result.first_wrong
        found = (
            (wrong.name, wrong.line, wrong.mistake, wrong.detail)
            if wrong
            else ("",) * 4
        )
        table.writerow([file, bool(result), round(result.score, 3), *found])


if __name__ == "__main__":
    sys.exit(main())
