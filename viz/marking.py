"""The picture of a marking: the graph of the cost, with a verdict on every step."""

import glob

from autograd.check import MarkedStep, Marking, register_drawer
from viz.arrangement import HARD_LIMIT, arrange
from viz.dot import Style
from viz.graph import Graph
from viz.model import read
from viz.names import Names, clean
from viz.painting import paint
from viz.picture import Mark
from viz.theme import THEMES

__all__ = ["draw"]

# The verdict of a step -> the colour of its card, and what is said in words.
_VERDICTS = {
    "right": ("right", "✓", "right"),
    "convention": ("right", "✓", "right by convention"),
    "inherited": ("inherited", "↳", "inherited"),
    "wrong": ("wrong", "✗", "wrong"),
    "shape": ("wrong", "✗", "wrong shape"),
    "missing": ("wrong", "✗", "missing"),
    "not_reached": ("open", "○", "not reached"),
}
# A card that carries several steps has the colour of the gravest.
_GRAVEST = ("first wrong", "wrong", "inherited", "open", "right")


def draw(marking: Marking, *, theme: str = "light") -> Graph:
    """Draw what was marked: right steps green, inherited amber, the first wrong red.

    Every card says the same in words.  The formulas on the arrows are what the backward
    pass ought to compute.  `Marking.graph` draws with this function.

    Parameters
    ----------
    marking : Marking
        As from `autograd.check_backward`.
    theme : {"light", "dark"}
        The colours.

    Returns
    -------
    Graph
        Without numbers: they are those of the points where the function was tried.

    Raises
    ------
    ValueError
        If the marking holds no recorded cost, the theme is unknown, or the graph has
        more nodes than can be placed.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd
    >>> import viz
    >>> def forward(parameters, x):
    ...     y = parameters["w"] * x
    ...     return np.sum(y * y), {"y": y}
    >>> def backward(parameters, cache, x):
    ...     dy = cache["y"]
    ...     dw = dy * x
    ...     return {"dw": dw}
    >>> w, x = np.array([1.0, 3.0, 4.0]), np.array([2.0, 5.0, 6.0])
    >>> marking = autograd.check_backward(forward, backward, {"w": w}, x)
    >>> print(marking.graph().table())
    w  (parameter, 3)
      ↳ dw: inherited: line 3
    x  (data, 3)
    y  (intermediate, 3)
      ✗ dy: first wrong: line 2: constant factor: a factor 2 is lost
    cost  (result, scalar)
    """
    if marking.cost is None:
        raise ValueError(
            "Marking.graph: this marking holds no recorded cost, so there is nothing "
            "to draw. Markings made by check_backward hold one."
        )
    if theme not in THEMES:
        allowed = ", ".join(map(repr, THEMES))
        raise ValueError(f"draw: theme must be one of {allowed}, got {theme!r}.")
    model = read(
        marking.cost, Names([marking.tensors, marking.data, {"cost": marking.cost}])
    )
    by_tensor = _marks(marking)
    marks = {
        vertex.index: by_tensor[id(vertex.tensor)]
        for vertex in model.vertices
        if id(vertex.tensor) in by_tensor
    }
    # No group may hide a step; a loss function without one stays collapsed.
    judged = {model.vertices[index].scope for index in marks}
    expand = [
        glob.escape("/".join(scope))
        for scope in model.scopes()
        if any(inner[: len(scope)] == scope for inner in judged)
    ]
    arrangement = arrange(model, "tensor", [], expand, HARD_LIMIT)
    picture = paint(
        arrangement,
        edges="backward",
        values=False,
        grads=False,
        title=_title(marking),
        marks=marks,
    )
    return Graph(picture, Style(THEMES[theme], "none", "backward", True), "auto")


def _marks(marking: Marking) -> dict[int, Mark]:
    """Return the mark of every tensor that a step is the gradient of, by its id."""
    steps: dict[int, list[MarkedStep]] = {}
    for step in marking.steps:
        if step.of in marking.tensors:
            steps.setdefault(id(marking.tensors[step.of]), []).append(step)
    first = marking.first_wrong
    return {key: _mark(several, first) for key, several in steps.items()}


def _mark(steps: list[MarkedStep], first: MarkedStep | None) -> Mark:
    verdicts = []
    rows = []
    for step in steps:
        verdict, sign, words = _VERDICTS[step.verdict]
        if step is first:
            verdict = "first wrong"
            words = verdict if step.verdict == "wrong" else f"{verdict}: {words}"
        verdicts.append(verdict)
        rows.append((clean(f"{sign} {step.name}: {words}"), clean(_reason(step))))
    return Mark(min(verdicts, key=_GRAVEST.index), tuple(rows))


def _reason(step: MarkedStep) -> str:
    """Return where the step stands and, unless it is plainly right, why so judged."""
    mistake = "" if step.mistake in (None, "unknown") else step.mistake
    parts = [
        f"line {step.line}" if step.line else "",
        mistake.replace("_", " ") if mistake else "",
        "" if step.verdict == "inherited" else step.detail,
    ]
    return ": ".join(filter(None, parts))


def _title(marking: Marking) -> str:
    if marking:
        return f"{marking.function}: all steps are right"
    first = marking.first_wrong
    if first is None:
        return f"{marking.function}: not all steps were reached"
    drawn = first.of in marking.tensors
    return f"{marking.function}: first wrong is {first.name}" + (
        "" if drawn else f" ({_reason(first)})"
    )


register_drawer(draw)
