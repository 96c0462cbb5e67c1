"""`activation`: a function, its derivative, and where the derivative vanishes."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, enable_grad
from autograd.errors import ShapeError
from viz.names import clean
from viz.numbers import number
from viz.training.sheet import EndLabel, Sheet, label_ends
from viz.training.statistics import SATURATION
from viz.training.style import QUIET, SERIES, picture, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["activation"]

_POINTS = 1201
_PER_ROW = 2
_GREY = "#e6e6e6"

Array = npt.NDArray[Any]


@picture
def activation(
    *functions: Any, span: tuple[float, float] = (-5.0, 5.0), title: str | None = None
) -> "TrainingFigure":
    """Draw activation functions, and their derivatives from automatic differentiation.

    Parameters
    ----------
    *functions : callable
        Elementwise functions of a Tensor, such as ``np.tanh``, ``autograd.relu`` or a
        module.
    span : (float, float), default (-5, 5)
        Between which inputs.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        One plot for each function.  Grey: the slope is below 5 % of the steepest, where
        hardly any gradient passes.

    Raises
    ------
    ShapeError
        If a function does not return the shape of its input.
    ValueError
        If there is no function, or the span is empty.

    Notes
    -----
    The gradient of a layer is that of the next one times this slope, so a network of
    many layers learns only where slopes are not small.

    Examples
    --------
    >>> import viz
    >>> figure = viz.activation(np.tanh)
    >>> figure.axes[0].get_title(loc="left")
    'tanh'
    """
    if not functions or not span[0] < span[1]:
        raise ValueError(
            f"activation: give at least one function and a span that is not empty, got "
            f"{len(functions)} and {span}."
        )
    names = [_name(function) for function in functions]
    rows = -(-len(functions) // _PER_ROW)
    sheet = Sheet(9.5 if len(functions) > 1 else 5.4, 0.75 + 3.1 * rows)
    told = "grey: the slope is below 5% of the steepest, hardly any gradient passes"
    top = sheet.heading(clean(title or "Activation and derivative"), told)
    for k, (function, name) in enumerate(zip(functions, names, strict=True)):
        row, column = divmod(k, _PER_ROW)
        axes = sheet.axes(0.55 + 4.75 * column, top + 0.4 + 3.1 * row, 3.3, 2.1)
        _draw(axes, function, name, span)
    return sheet.figure


def _draw(axes: "Axes", function: Any, name: str, span: tuple[float, float]) -> None:
    x = np.linspace(*span, _POINTS)
    y, slope = _differentiated(function, x, name)
    flat = np.abs(slope) < SATURATION * np.max(np.abs(slope))
    plain_axes(axes, clean(name), _told(x, slope, flat))
    axes.set_xlim(*span)
    both = np.concatenate([y, slope])
    margin = 0.08 * (np.ptp(both) or 1.0)
    axes.set_ylim(both.min() - margin, both.max() + margin)
    for left, right in _intervals(x, flat):
        axes.axvspan(left, right, color=_GREY, lw=0, zorder=0)
    axes.axvline(0, color=QUIET, lw=0.8)
    axes.axhline(0, color=QUIET, lw=0.8)
    axes.plot(x, y, color=SERIES[0].colour, ls=SERIES[0].dash, lw=2)
    # A jump of the derivative is no line.
    jumps = np.abs(np.diff(slope, append=slope[-1])) > 0.2 * (np.ptp(slope) or np.inf)
    broken = np.where(jumps, np.nan, slope)
    axes.plot(x, broken, color=SERIES[1].colour, ls=SERIES[1].dash, lw=2)
    label_ends(
        axes,
        [
            EndLabel(float(y[-1]), "function", SERIES[0].ink),
            EndLabel(float(slope[-1]), "derivative", SERIES[1].ink),
        ],
    )


def _differentiated(function: Any, x: Array, name: str) -> tuple[Array, Array]:
    tensor = Tensor(x)
    with enable_grad():
        out = function(tensor)
        if np.shape(out) != x.shape or not isinstance(out, Tensor):
            raise ShapeError(
                f"activation: {name} must be elementwise, but of shape {x.shape} it "
                f"made {type(out).__name__} {np.shape(out)}."
            )
        np.sum(out).backward()
    slope = np.zeros_like(x) if tensor.grad is None else np.asarray(tensor.grad)
    return np.asarray(out.data), slope


def _told(x: Array, slope: Array, flat: Array) -> str:
    """Return the steepest slope, and where it is small, in words."""
    steepest = np.abs(slope)
    best = np.flatnonzero(steepest > steepest.max() - 1e-9)
    told = f"steepest slope {number(float(slope[best[0]]))}"
    if len(best) == 1:
        told += f" at {number(round(float(x[best[0]]), 3))}"
    parts = []
    for left, right in _intervals(x, flat):
        if left == x[0]:
            parts.append(f"below {number(round(right, 2))}")
        elif right == x[-1]:
            parts.append(f"above {number(round(left, 2))}")
    word = "no gradient" if flat.any() and not slope[flat].any() else "saturated"
    return f"{told}; {word} {', '.join(parts)}" if parts else told


def _intervals(x: Array, mask: Array) -> list[tuple[float, float]]:
    """Return where a mask is true, as intervals."""
    steps = np.diff(np.concatenate([[0], mask.astype(int), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1
    return [(float(x[a]), float(x[b])) for a, b in zip(starts, ends, strict=True)]


def _name(function: Any) -> str:
    name = getattr(function, "__name__", None)
    return str(name) if name else repr(function)
