"""The plan of an array graph: lines of NumPy on arrays that are kept, and no graph.

The forward pass computes equal operations once.  The backward pass is that of the
engine with every decision taken beforehand: which rules run, in which order, what is
summed over broadcast axes, what must be copied.  The decisions are read off one run at
the recorded values.  Operations and rules that are made of NumPy's functions become
lines of these (lowering.py); all others are called.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.compiler.backward import BackwardWriter
from autograd.compiler.buffers import Buffers
from autograd.compiler.lines import Line
from autograd.compiler.operands import names_of
from autograd.compiler.trace import View
from autograd.compiler.watching import NotCompilable
from autograd.tensor import Tensor

__all__ = ["ArrayPlan"]

_MOST_LINES = 20_000


class ArrayPlan:
    """Computes a graph line by line.

    Parameters
    ----------
    order : sequence of Tensor
        The graph, inputs first, computed at some values.
    sources : sequence of Tensor or ndarray
        The leaves whose values are given in each call.
    wanted : sequence of bool
        Which of the sources get a gradient.
    views : mapping
        Constants and settings that are parts of a source: see `Trace.views`; the number
        of the argument is that of the source.

    Attributes
    ----------
    source : str
        The program: ``bind`` returns the two functions.
    """

    def __init__(
        self,
        order: Sequence[Tensor],
        sources: Sequence[Any],
        wanted: Sequence[bool],
        views: Mapping[Any, View],
    ) -> None:
        if len(order) > _MOST_LINES:
            raise NotCompilable(
                f"it records {len(order)} operations that do not form vectors"
            )
        writer = BackwardWriter(order, sources, wanted, views)
        self.source = _program(writer)
        names = writer.globals
        exec(compile(self.source, "<compiled graph>", "exec"), names)
        self._bind: Callable[[], Any] = names["bind"]

    def bind(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return a forward and a backward function that share what the first keeps."""
        return self._bind()  # type: ignore[no-any-return]


def _program(writer: BackwardWriter) -> str:
    """Return the text: the functions of runs, then both passes."""
    forward, backward = writer.forward, writer.backward
    # The results are read last.
    end = Line((), "", names_of(writer.found), ())
    handed_out = names_of([writer.result, *writer.found])
    buffers = Buffers(forward, [*backward, end], sorted(handed_out))
    bound, views = _views_of(buffers.kept, [*forward, *backward])
    crossing = [x for x in buffers.crossing if x not in bound]

    def body(lines: Sequence[Line]) -> list[str]:
        return [
            text
            for line in lines
            if line not in views
            for text in line.written(list(bound))
        ]

    results = ", ".join(writer.handed_out(buffers))
    declared = [f"nonlocal {', '.join(crossing)}"] if crossing else []
    blocks = [
        [*buffers.texts(), *[line.written(())[0] for line in views]],
        [f"{' = '.join(crossing)} = None"] if crossing else [],
        ["", "def forward(values):"],
        _indented([*declared, *body(forward), f"return {writer.returned(buffers)}"]),
        ["", "def backward(seed):"],
        _indented([*body(backward), f"return [{results}]"]),
        ["", "return forward, backward"],
    ]
    lines = _indented([line for block in blocks for line in block])
    functions = [f"{function}\n\n" for function in writer.functions]
    return "".join([*functions, "def bind():\n", *[f"{line}\n" for line in lines]])


def _views_of(
    kept: Mapping[str, Any], lines: Sequence[Line]
) -> tuple[dict[str, None], list[Line]]:
    """Return what can be made once: its names, and the lines that are views."""
    bound = dict.fromkeys(kept)
    views = []
    for line in lines:
        if line.is_view and line.reads <= bound.keys():
            views.append(line)
            bound.update(dict.fromkeys(line.targets))
    return bound, views


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
