"""What a box tells about the layer, or the group of operations, that it stands for."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.arrangement import Arrangement
from viz.histogram import Histogram
from viz.model import Role, Scope, Vertex
from viz.names import clean

__all__ = ["Box", "axis_of", "heading", "is_function", "look_into", "of_function"]

# Where the values of these functions lie, whatever their input is.
_RANGES = {
    "sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "erf": (-1.0, 1.0),
}


@dataclass(frozen=True)
class Box:
    """The contents of a box.

    Attributes
    ----------
    path : str
        Where the layer is in the model, if the title does not say it; may be empty.
    outputs : tuple of tuple of int
        The shapes of the values that leave it.
    parameters : int
        How many trainable numbers it holds.
    differentiable : bool
        Whether the size of its gradient is shown; before `backward` as a dash.
    norm : float or None
        The root of the sum of squares of the gradients of all its parameters.
    histogram : Histogram or None
        What leaves a box without parameters.
    """

    path: str = ""
    outputs: tuple[tuple[int, ...], ...] = ()
    parameters: int = 0
    differentiable: bool = False
    norm: float | None = None
    histogram: Histogram | None = None


def heading(label: str) -> tuple[str, str]:
    """Return what is written over a group, and its path if that says more.

    Examples
    --------
    >>> from autograd import scope
    >>> heading(scope("encoder.0", "Linear 4 → 2").label)
    ('Linear 4 → 2', 'encoder.0')
    >>> heading(scope("Net", "Net").label), heading("layer 1")
    (('Net', ''), ('layer 1', ''))
    """
    caption = clean(getattr(label, "caption", ""))
    path = clean(label)
    if not caption.strip():
        return path, ""
    return caption, "" if caption.startswith(path) else path


def look_into(
    arrangement: Arrangement,
    values: bool,
    gradient: Callable[[Vertex], Any] | None,
) -> dict[Scope, Box]:
    """Return the contents of every box of a module drawing, by its group.

    At the other levels a box tells its title only.

    Parameters
    ----------
    arrangement : Arrangement
        What is drawn.
    values : bool
        Whether what leaves a box is summarised.
    gradient : callable or None
        Gives the gradient of a vertex, None where there is none yet; None in place of
        it hides all gradients.
    """
    inside: dict[Scope, list[Vertex]] = {}
    for vertex, box in zip(arrangement.model.vertices, arrangement.boxes, strict=True):
        if box is not None:
            inside.setdefault(box, []).append(vertex)
    if arrangement.level != "module":
        return {box: Box(path=_path(arrangement, box)) for box in inside}
    leaving = _leaving(arrangement)
    return {
        box: _contents(
            vertices, leaving.get(box, []), values, gradient, _path(arrangement, box)
        )
        for box, vertices in inside.items()
    }


def is_function(vertex: Vertex) -> bool:
    """Return whether it is an activation: a function of one array, such as relu."""
    op = vertex.tensor.op
    return (
        op is not None
        and (op.name in _RANGES or (op.elementwise and len(op.symbol) > 2))
        and len(vertex.inputs) == 1
        and vertex.tensor.size > 1
    )


def of_function(vertex: Vertex, values: bool) -> Box:
    """Return the contents of the box of an activation outside all groups."""
    return _contents([vertex], [vertex], values, None, "")


def axis_of(vertices: list[Vertex]) -> tuple[float, float] | None:
    """Return where values of these lie for certain, if one function made them all."""
    names = {v.tensor.op.name if v.tensor.op is not None else "" for v in vertices}
    return _RANGES.get(names.pop()) if len(names) == 1 else None


def _path(arrangement: Arrangement, box: Scope) -> str:
    return "" if box in arrangement.titles else heading(box[-1])[1]


def _leaving(arrangement: Arrangement) -> dict[Scope, list[Vertex]]:
    """Return the values of each box that something outside uses, and the result."""
    vertices, boxes = arrangement.model.vertices, arrangement.boxes
    used = {vertices[-1].index}
    for vertex in vertices:
        used.update(k for k in vertex.inputs if boxes[k] != boxes[vertex.index])
    leaving: dict[Scope, list[Vertex]] = {}
    for vertex in vertices:
        box = boxes[vertex.index]
        if box is not None and vertex.index in used and vertex.tensor.op is not None:
            leaving.setdefault(box, []).append(vertex)
    return leaving


def _contents(
    inside: list[Vertex],
    leaving: list[Vertex],
    values: bool,
    gradient: Callable[[Vertex], Any] | None,
    path: str,
) -> Box:
    parameters = [v for v in inside if v.role is Role.PARAMETER]
    norm = None
    if gradient is not None:
        found = [g for v in parameters if (g := gradient(v)) is not None]
        norm = _norm(found) if found else None
    histogram = None
    if values and not parameters and any(v.tensor.size > 1 for v in leaving):
        histogram = Histogram.of([v.tensor.data for v in leaving], axis_of(leaving))
    return Box(
        path=path,
        outputs=tuple(v.tensor.shape for v in leaving),
        parameters=sum(v.tensor.size for v in parameters),
        differentiable=bool(parameters) and gradient is not None,
        norm=norm,
        histogram=histogram,
    )


def _norm(gradients: list[Any]) -> float:
    """Return the root of the sum of all squares, without overflow or underflow."""
    parts = []
    for gradient in gradients:
        numbers = np.asarray(gradient, dtype=np.float64).ravel()
        largest = float(np.max(np.abs(numbers), initial=0.0))
        if largest == 0 or not math.isfinite(largest):
            parts.append(largest)
        else:
            scaled = numbers / largest
            parts.append(largest * math.sqrt(float(np.sum(scaled * scaled))))
    if any(map(math.isnan, parts)):  # math.hypot would let an infinity win
        return math.nan
    return math.hypot(*parts)
