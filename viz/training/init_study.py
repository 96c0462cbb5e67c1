"""`init_study`: whether the gradient reaches the first layer, before any training."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.errors import ShapeError
from viz.names import clean
from viz.numbers import number
from viz.training.chart import highlighted
from viz.training.health import HEALTHY, gradient_verdicts
from viz.training.layers import activations_behind, layer_names, layers_of, values_of
from viz.training.sheet import EndLabel, Sheet, label_ends
from viz.training.statistics import ActivationStatistics, describe
from viz.training.style import QUIET, TEXT, log_axis, picture, plain_axes, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["init_study"]

_FLOOR, _CEILING = 1e-12, 1e12  # gradients outside are drawn there
# Gradients that hardly move weights of the usual size, or throw them far away.
_TOO_SMALL, _TOO_LARGE = 1e-6, 1e3
_DEPTHS = 5  # of the layers whose activations are drawn
_PER_ROW = 3
_WIDTH, _TALL, _DOWN = 2.3, 2.3, 3.35  # of a plot; from one row to the next

Maker = Callable[[Any], Any]


@picture
def init_study(
    make_model: Maker | Mapping[str, Maker],
    X: Any,
    Y: Any,
    inits: Mapping[str, Any],
    *,
    loss: Callable[[Any, Any], Any] | None = None,
    detail: str | None = None,
    title: str = "Initialisation: does the gradient reach the first layer?",
) -> "TrainingFigure":
    """Draw the gradient of each layer right after initialisation, for several of them.

    Parameters
    ----------
    make_model : callable, or mapping of str to callable
        ``make_model(init)`` returns a new model.  A mapping has one for each activation
        function, and each gets a plot of its own.
    X, Y : array_like
        One batch.
    inits : mapping
        Name -> what ``make_model`` is called with.
    loss : callable, optional
        ``loss(prediction, Y)``; by default the mean squared error.
    detail : str, optional
        Of which entry of ``make_model`` the activations are drawn; by default the
        first.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        The norm of each layer's weight gradient, on a logarithmic axis, and the
        activations of five layers with their standard deviation and the share that is
        saturated or dead.  Below a plot stands in words which gradients vanish: in the
        first layer less than 1/1000 of that in the last, or below 10⁻⁶; and which
        explode: over 1000 times as much, or above 1000 anywhere.

    Raises
    ------
    ShapeError
        If there is no ``loss`` and the prediction has another shape than Y.
    ValueError
        If there is nothing to compare, or ``detail`` is unknown.

    Examples
    --------
    >>> import viz
    >>> class Net:
    ...     def __init__(self, scale):
    ...         self.W = [Tensor(scale * np.eye(4), name=f"W{k}") for k in range(3)]
    ...
    ...     def named_parameters(self):
    ...         return [(f"{k}.W", W) for k, W in enumerate(self.W)]
    ...
    ...     def __call__(self, x):
    ...         for W in self.W:
    ...             x = np.tanh(x @ W)
    ...         return x
    >>> X, Y = np.ones((2, 4)), np.zeros((2, 4))
    >>> figure = viz.init_study(Net, X, Y, {"tiny": 0.01, "one": 1.0})
    >>> [line.get_label() for line in figure.axes[0].lines[1:]]
    ['tiny', 'one']
    """
    makers = dict(make_model) if isinstance(make_model, Mapping) else {"": make_model}
    detail = next(iter(makers), None) if detail is None else detail
    if not inits or detail not in makers:
        raise ValueError(
            f"init_study: there are {len(inits)} initialisations and the models "
            f"{list(makers)}; detail is {detail!r}."
        )
    measure = loss or _squared_error
    found = {
        kind: {name: _study(maker(init), X, Y, measure) for name, init in inits.items()}
        for kind, maker in makers.items()
    }
    return _draw(found, detail, title)


@dataclass(frozen=True)
class _Study:
    """What one model shows after one forward and one backward pass."""

    gradients: list[float]  # of the weights, first layer first
    activations: list[ActivationStatistics]

    @property
    def verdict(self) -> str:
        """Return one word, or nothing if all is well."""
        if not all(g <= _TOO_LARGE for g in self.gradients):  # also if one is NaN
            return "exploding"
        if self.gradients and self.gradients[0] < _TOO_SMALL:
            return "vanishing"
        named = {str(k): g for k, g in enumerate(self.gradients)}
        verdict = gradient_verdicts(named).get("0", HEALTHY)
        return "" if verdict == HEALTHY else verdict.partition(":")[0]


def _study(model: Any, X: Any, Y: Any, loss: Callable[[Any, Any], Any]) -> _Study:
    layers = layers_of(model)
    with np.errstate(all="ignore"):
        out = model(np.asarray(X))
        seen = activations_behind(out, layer_names(model))
        activations = [describe(activation) for activation in seen]
        loss(out, Y).backward()
    weights = [layer.weight for layer in layers]
    gradients = [
        0.0 if w.grad is None else float(np.linalg.norm(np.asarray(w.grad, np.float64)))
        for w in weights
        if w.ndim > 1
    ]
    return _Study(gradients, activations)


def _squared_error(out: Tensor, Y: Any) -> Any:
    target = values_of(Y)
    if out.shape != target.shape:
        raise ShapeError(
            f"init_study: the model returns shape {out.shape}, Y has {target.shape}. "
            f"Give Y that shape, or pass loss=."
        )
    return np.mean((out - target) ** 2)


# ---- drawing ------------------------------------------------------------------------


def _draw(
    found: Mapping[str, Mapping[str, _Study]], detail: str, title: str
) -> "TrainingFigure":
    studies = found[detail]
    shown = {name: study for name, study in studies.items() if study.activations}
    rows = -(-len(found) // _PER_ROW)
    columns = min(len(found), _PER_ROW)
    width = 11.6 if shown else 0.7 + 3.8 * columns
    height = 0.85 + _DOWN * rows
    sheet = Sheet(width, height + (0.75 + 0.62 * len(shown) if shown else 0.0))
    top = sheet.heading(
        clean(title),
        "size of ∂L/∂W per layer right after initialisation; a flat line is healthy, "
        "falling to the left = vanishing, rising to the left = exploding",
    )
    limits = _limits(found)
    for k, (kind, of_kind) in enumerate(found.items()):
        row, column = divmod(k, _PER_ROW)
        place = 0.6 + 3.8 * column, top + 0.35 + _DOWN * row
        axes = sheet.axes(*place, _WIDTH, _TALL)
        _draw_gradients(axes, clean(kind), of_kind, limits)
    if shown:
        _draw_activations(sheet, height + 0.1, detail, studies)
    return sheet.figure


def _limits(found: Mapping[str, Mapping[str, _Study]]) -> tuple[float, float]:
    """Return the axis for all plots: from 1 or below to 1 or above."""
    values = [
        min(max(g, _FLOOR), _CEILING)
        for studies in found.values()
        for study in studies.values()
        for g in study.gradients
        if not math.isnan(g)
    ]
    return min([1.0, *values]), max([1.0, *values])


def _draw_gradients(
    axes: "Axes",
    kind: str,
    studies: Mapping[str, _Study],
    limits: tuple[float, float],
) -> None:
    plain_axes(axes, kind, "layer (1 = first)")
    log_axis(axes, *limits)
    low, high = axes.get_ylim()
    depth = max(len(study.gradients) for study in studies.values())
    axes.set_xlim(1, max(depth, 2))
    axes.locator_params(axis="x", integer=True)
    axes.axhline(1, color=TEXT, ls=(0, (1, 1.5)), lw=1)
    labels = []
    for k, (name, study) in enumerate(studies.items()):
        style = series(k)
        shown = [
            high if math.isnan(g) else min(max(g, low), high) for g in study.gradients
        ]
        axes.plot(
            range(1, len(shown) + 1), shown, color=style.colour, ls=style.dash, lw=1.8,
            clip_on=False, zorder=3, label=name,
        )  # fmt: skip
        labels.append(EndLabel(shown[-1], clean(name), style.ink))
    label_ends(axes, labels)
    axes.set_xlabel("\n".join(["layer (1 = first)", *_verdicts(studies)]))


def _verdicts(studies: Mapping[str, _Study]) -> list[str]:
    """Return a line for each kind of trouble, with the names that have it."""
    lines = []
    for word in dict.fromkeys(study.verdict for study in studies.values()):
        names = [
            clean(name) for name, study in studies.items() if study.verdict == word
        ]
        if word:
            lines.append(f"{word}: {', '.join(names)}")
    return lines


def _draw_activations(
    sheet: Sheet, top: float, kind: str, studies: Mapping[str, _Study]
) -> None:
    """Draw a row of histograms for each initialisation, the first layer at the left."""
    longest = max((s.activations for s in studies.values()), key=len)
    depths = [str(k) for k in range(len(longest))]
    places = [int(k) for k in highlighted(depths, _DEPTHS)]
    of_kind = f" of {clean(kind)}" if kind else ""
    listed = ", ".join(str(k + 1) for k in places)
    sheet.text(
        0.12, top, f"Activations{of_kind}, layers {listed}", size=9.5, weight="bold"
    )
    for row, (name, study) in enumerate(studies.items()):
        upper = top + 0.42 + 0.62 * row
        style = series(row)
        sheet.text(
            0.12, upper + 0.12, clean(name), color=style.ink, weight="bold", size=9
        )
        for column, k in enumerate(places):
            if k < len(study.activations):
                axes = sheet.axes(1.35 + 2.04 * column, upper + 0.02, 1.85, 0.36)
                _draw_histogram(axes, k, study.activations[k], style.colour)


def _draw_histogram(
    axes: "Axes", k: int, found: ActivationStatistics, colour: str
) -> None:
    edges = np.linspace(found.low, found.high, len(found.counts) + 1)
    axes.bar(
        edges[:-1], found.counts, width=0.9 * np.diff(edges), align="edge", color=colour
    )
    axes.set_xlim(found.low, found.high)
    axes.set_ylim(0, max([*found.counts, 1]))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    notes = f", {found.notes}" if found.notes else ""
    axes.set_title(
        f"{k + 1}: std {number(found.std)}{notes}", size=7.5, weight="normal",
        color=QUIET, pad=2,
    )  # fmt: skip
