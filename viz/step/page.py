"""`step`: a page that goes through a computation, one operation at a time."""

import functools
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from autograd import Tensor
from autograd.errors import ShapeError
from autograd.tracing import trace
from viz.arrangement import arrange, losses_to_open
from viz.edges import EdgeText
from viz.graph import check_root, patterns
from viz.model import Model, read
from viz.names import Names, clean
from viz.painting import paint
from viz.picture import Picture
from viz.step.context import Context
from viz.step.drawing import Drawing, draw
from viz.step.lesson import Step
from viz.step.steps import write_steps
from viz.step.writer import write_page
from viz.whole_file import write_whole

__all__ = ["StepPage", "step"]

_CHOICES = {
    "detail": ("auto", "scalar", "tensor", "module"),
    "theme": ("auto", "light", "dark"),
}


def step(
    root: Tensor,
    *,
    names: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    title: str | None = None,
    detail: str = "auto",
    collapse: str | Sequence[str] = (),
    theme: str = "auto",
    max_nodes: int = 400,
) -> "StepPage":
    """Make a page that goes forward and backward through a computation.

    The backward pass is run here, in the engine's own order, and no ``.grad`` is read
    or changed.  The numbers are copied: later training does not change the page.

    Parameters
    ----------
    root : Tensor
        A recorded tensor with one element, for example the cost.
    names : dict or sequence of dict, optional
        Name -> tensor or array, for example ``locals()``.
    title : str, optional
        The heading; by default it names the result.
    detail : {"auto", "scalar", "tensor", "module"}
        As for `viz.graph`, but "auto" draws every operation, and no loss is collapsed.
    collapse : str or sequence of str
        Groups (`autograd.scope`) to draw as one box; the steps inside are left out.
    theme : {"auto", "light", "dark"}
        The colours at the start; "auto" is what the reader's system prefers.
    max_nodes : int, default 400
        The most nodes that are drawn.

    Returns
    -------
    StepPage
        Shows itself in a notebook; ``.save("lesson.html")`` writes one file.

    Raises
    ------
    TypeError
        If ``root`` is no recorded tensor.
    ShapeError
        If ``root`` has more than one element.
    ValueError
        If an option has an unknown value, a pattern fits no group, or the drawing would
        have more than ``max_nodes`` nodes; the message names the ways out.

    Examples
    --------
    >>> import viz
    >>> from autograd import Tensor
    >>> a = Tensor(3.0, name="a")
    >>> page = viz.step(a * a)
    >>> for step in page.steps[-3:-1]:
    ...     print(step.formula, step.contribution)
    ∂L/∂a = ∂L/∂L × a (1, 2)
    ∂L/∂a += ∂L/∂L × a (2, 2)
    """
    check_root(root, "step")
    for option, value in {"detail": detail, "theme": theme}.items():
        if value not in _CHOICES[option]:
            allowed = ", ".join(map(repr, _CHOICES[option]))
            raise ValueError(f"step: {option} must be one of {allowed}, got {value!r}.")
    if root.size != 1:
        raise ShapeError(
            f"step: the lesson ends at a single number, and the root has shape "
            f"{root.shape}. Take a sum or a mean of it."
        )
    model = read(root, Names(names))
    if detail == "auto":
        detail = _detail(model)
    closed = patterns(collapse)
    opened = losses_to_open(model, closed) if detail == "tensor" else []
    arrangement = arrange(model, detail, closed, opened, max_nodes, caller="step")
    sweep = trace(root)
    picture = paint(
        arrangement,
        edges="backward",
        values=True,
        grads=True,
        title=None,
        gradients={
            v.index: sweep.cotangents[v.tensor]
            for v in model.vertices
            if v.tensor in sweep.cotangents
        },
        numbered=True,
        summaries=False,  # a number appears only once it is computed
    )
    text = EdgeText(arrangement, "backward", numbered=True)
    steps = write_steps(Context(arrangement, picture, text, sweep))
    labels = _labels(model, picture, text)
    heading = f"{picture.loss}: forward and backward, one operation at a time"
    return StepPage(steps, picture, labels, clean(title) if title else heading, theme)


class StepPage:
    """A page that goes through a computation, as `step` makes it.

    Parameters
    ----------
    steps : list of Step
        The lesson.
    picture : Picture
        The graph above it.
    labels : dict of str to str
        The names of results without a card, by the node of their operation.
    title : str
        The heading.
    theme : {"auto", "light", "dark"}
        The colours at the start.
    """

    def __init__(
        self,
        steps: list[Step],
        picture: Picture,
        labels: dict[str, str],
        title: str,
        theme: str,
    ) -> None:
        self._steps = tuple(steps)
        self._picture = picture
        self._labels = labels
        self._title = title
        self._theme = theme

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lesson as data."""
        return self._steps

    def html(self) -> str:
        """Return the page: one HTML document that needs nothing else."""
        return write_page(self._steps, self._drawing, self._title, self._theme)

    @functools.cached_property
    def _drawing(self) -> Drawing:
        return draw(self._picture, self._labels)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            With the suffix ``.html``.  Missing folders are made.

        Returns
        -------
        Path
            The path.

        Raises
        ------
        ValueError
            If the suffix is another one.
        """
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(
                f"save: a lesson is one HTML file, and the suffix {path.suffix!r} of "
                f"{path.name!r} is not .html."
            )
        return write_whole(path, self.html())

    def _repr_html_(self) -> str:
        # The frame may run the page's script, and reach nothing outside itself.
        return (
            f'<iframe sandbox="allow-scripts" title="{escape(self._title)}" '
            f'width="100%" height="720" srcdoc="{escape(self.html())}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<StepPage: {self._title} ({len(self._steps)} steps)>"


def _detail(model: Model) -> str:
    scalar = all(vertex.tensor.size == 1 for vertex in model.vertices)
    return "scalar" if scalar else "tensor"


def _labels(model: Model, picture: Picture, text: EdgeText) -> dict[str, str]:
    """Return the names of the results that are shown by their operation alone."""
    kinds = {node.id: node.kind for node in picture.nodes}
    holders = ((picture.places.holders[v.index], v) for v in model.vertices)
    return {id: text.title(v) for id, v in holders if kinds[id] == "operation"}
