"""Run a student's function and watch it: every value of every variable, with its line.

The function runs unmodified, on copies, in a thread of its own with a time limit; what
it prints is kept, and an exception in it is a finding, not a crash.  It *is* executed,
with all the rights of this process: this is no sandbox.
"""

import ast
import contextlib
import inspect
import io
import linecache
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Assignment", "Failure", "Trace", "source_of", "trace"]


class Assignment(NamedTuple):
    """A value that a variable, or an entry of a dict or list, took at a line.

    Attributes
    ----------
    tick : int
        Counts the assignments of one run.
    line : int
        The line in the file.
    value : ndarray
        A copy of the value.
    replaces : bool
        Whether another array stood in the variable before.
    changes : int
        How many arrays stood in it before in the same round of a loop.
    """

    tick: int
    line: int
    value: Any
    replaces: bool = False
    changes: int = 0


class Failure(NamedTuple):
    """An exception in the function, and the line that raised it."""

    kind: str
    message: str
    line: int


@dataclass
class Trace:
    """What was seen of one run.

    Attributes
    ----------
    returned : object
        What the function returned; None after a failure.
    history : dict of str to list of Assignment
        Per variable, one entry per round of the loop it stands in.  The entries of a
        dict go under their key, the items of a list under ``name[0]``, ``name[1]``, ...
    failure : Failure or None
        The exception that ended the run.
    output : str
        What it printed.
    """

    returned: Any = None
    history: dict[str, list[Assignment]] = field(default_factory=dict)
    failure: Failure | None = None
    output: str = ""


class _TimeIsUp(BaseException):
    """Raised inside the function when its time is up; `except Exception` lets it by."""


def source_of(function: Callable[..., Any]) -> tuple[str, int]:
    """Return the source text of a function and the line at which it starts.

    Examples
    --------
    >>> import textwrap
    >>> source_of(textwrap.indent)[0].splitlines()[0]
    'def indent(text, prefix, predicate=None):'

    Notes
    -----
    Functions whose source is unknown give an empty text.
    """
    try:
        lines, first = inspect.getsourcelines(inspect.unwrap(function))
    except (OSError, TypeError):
        return "", 1
    return textwrap.dedent("".join(lines)), max(first, 1)


def trace(
    function: Callable[..., Any], arguments: tuple[Any, ...], time_limit: float
) -> Trace:
    """Run ``function(*arguments)`` and return what was seen.

    Parameters
    ----------
    function : callable
        The student's function.
    arguments : tuple
        Passed as they are; the caller makes the copies.
    time_limit : float
        Seconds.  A run that takes longer ends with a `Failure`.
    """
    watcher = _Watcher(function, time.monotonic() + time_limit)
    printed = io.StringIO()
    runner = threading.Thread(target=watcher.run, args=(arguments,), daemon=True)
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner.start()
        # The watcher stops Python code by itself; the grace is for one long NumPy call.
        runner.join(time_limit + 0.5)
    if runner.is_alive():
        watcher.result = Trace(failure=_out_of_time(time_limit, watcher.line))
    elif watcher.is_late:
        watcher.result.failure = _out_of_time(time_limit, watcher.line)
    watcher.result.output = printed.getvalue()
    return watcher.result


def _out_of_time(limit: float, line: int) -> Failure:
    message = f"it was still running after {limit:g} s. Is there a loop without an end?"
    return Failure("TimeoutError", message, line)


class _Watcher:
    """Looks at the local variables each time a line of the function has run."""

    def __init__(self, function: Callable[..., Any], deadline: float) -> None:
        self.function = function
        self.deadline = deadline
        self.code = _code_of(function)
        text, first = source_of(function)
        self.statements = dict(_statements(text, first))
        self.result = Trace()
        self.line = self.code.co_firstlineno if self.code else 1
        self.is_late = False
        self.tick = 0
        self._identity: dict[str, int] = {}

    def run(self, arguments: tuple[Any, ...]) -> None:
        sys.settrace(self._on_call)
        try:
            self.result.returned = self.function(*arguments)
        except _TimeIsUp:
            self.is_late = True
        except BaseException as error:
            sys.settrace(None)
            self.result.failure = self._failure(error)
        finally:
            sys.settrace(None)

    def _failure(self, error: BaseException) -> Failure:
        line, step = self.line, error.__traceback__
        while step is not None:
            if step.tb_frame.f_code is self.code:
                line = step.tb_lineno
            step = step.tb_next
        return Failure(type(error).__name__, str(error), line)

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is self.code:
            return self._on_line
        same_file = self.code and frame.f_code.co_filename == self.code.co_filename
        return self._on_helper_line if same_file else None

    def _on_helper_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        self._check_time()
        return self._on_helper_line

    def _on_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line" or event == "return":
            self._check_time()
            line, names = self.statements.get(self.line, (self.line, None))
            if event == "return":
                names = None
            self._look(frame.f_locals, names, line)
            self.line = frame.f_lineno
        return self._on_line

    def _check_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise _TimeIsUp

    def _look(self, values: dict[str, Any], names: Any, line: int) -> None:
        """Note which of the named variables (None: all) have a new value."""
        for name in values if names is None else names:
            if name in values:
                for label, value in _parts(name, values[name]):
                    self._note(label, value, line)

    def _note(self, label: str, value: Any, line: int) -> None:
        rounds = self.result.history.setdefault(label, [])
        rebound = self._identity.get(label) != id(value)
        replaces, changes = rebound and bool(rounds), 0
        if rounds:
            last = rounds[-1]
            if np.array_equal(last.value, value, equal_nan=True):
                return
            # The same line again is a new round of a loop; a line further down, or a
            # change inside the same array, is still the same round.
            if not (rebound and line <= last.line):
                changes = rounds.pop().changes + rebound
        self.tick += 1
        self._identity[label] = id(value)
        rounds.append(Assignment(self.tick, line, np.array(value), replaces, changes))


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays in a variable: itself, or the items of a dict or list."""
    if isinstance(value, dict):
        for key, item in value.items():
            label = key if isinstance(key, str) else f"{name}[{key}]"
            if _is_array(item):
                yield label, item
            elif isinstance(item, list | tuple) and isinstance(key, str):
                yield from _parts(key, item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            if _is_array(item):
                yield f"{name}[{index}]", item
    elif _is_array(value):
        yield name, value


def _is_array(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float | np.floating):
        return True
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def _code_of(function: Callable[..., Any]) -> CodeType | None:
    return getattr(inspect.unwrap(function), "__code__", None)


def _statements(text: str, first: int) -> Iterator[tuple[int, tuple[int, list[str]]]]:
    """Yield per line of the source: where its statement starts, and the names in it."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef):
            continue
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        header = (
            [node]
            if not body
            else [
                child
                for child in ast.iter_child_nodes(node)
                if isinstance(child, ast.expr)
            ]
        )
        names = sorted(
            {n.id for part in header for n in ast.walk(part) if isinstance(n, ast.Name)}
        )
        for line in range(node.lineno, last + 1):
            yield line + first - 1, (node.lineno + first - 1, names)


def line_text(function: Callable[..., Any], line: int) -> str:
    """Return the text of a line of the file in which a function stands."""
    code = _code_of(function)
    return linecache.getline(code.co_filename, line).strip() if code else ""
