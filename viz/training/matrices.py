"""`weights`, `filters`: matrices as coloured cells, and how they are spread."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd.errors import ShapeError
from viz.names import clean
from viz.numbers import number, shape_text
from viz.training.chart import highlighted
from viz.training.layers import layers_of, values_of
from viz.training.panels import draw_histogram
from viz.training.sheet import Sheet
from viz.training.statistics import histogram
from viz.training.style import QUIET, SERIES, TEXT, WRONG, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["filters", "weights"]

_BINS = 40
_ROOM = 7  # pixels of a cell that has room for a sign
_MOST_LAYERS = 6
_MOST_FILTERS = 32
_MOST_CHANNELS, _MOST_ROWS = 8, 12  # where channels stand side by side

Array = npt.NDArray[Any]


# ---- weights ------------------------------------------------------------------------


@picture
def weights(model: Any, *, title: str = "Weights") -> "TrainingFigure":
    """Draw the weights of each layer as a matrix, and how they are spread.

    Parameters
    ----------
    model : object or array_like
        A model with ``named_parameters()``, or one array of at least one axis.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        For each layer its weight: blue positive, orange negative, with a minus sign
        where there is room; the darker the larger the magnitude; red what is not
        finite.  Axes after the first are joined.  Below, a histogram.  Of many layers,
        six are drawn.

    Raises
    ------
    TypeError, ShapeError
        If it is neither a model nor an array with elements.

    Examples
    --------
    >>> import viz
    >>> figure = viz.weights(np.array([[0.5, -0.5], [1.0, 0.0]]))
    >>> figure.axes[0].get_title(loc="left")
    'array, 2×2'
    """
    named = _named_weights(model)
    told = highlighted([name for name, _ in named], _MOST_LAYERS)
    shown = [(name, array) for name, array in named if name in told]
    columns = min(len(shown), 3)
    rows = -(-len(shown) // columns)
    sheet = Sheet(max(3.15 * columns + 0.4, 4.0), 0.75 + 3.95 * rows)
    note = "blue positive, orange (and −) negative; rows are units"
    if len(shown) < len(named):
        note += f"; {len(shown)} of {len(named)} layers"
    top = sheet.heading(clean(title), note)
    for k, (name, array) in enumerate(shown):
        row, column = divmod(k, columns)
        left, upper = 0.55 + 3.15 * column, top + 0.4 + 3.95 * row
        axes = sheet.axes(left, upper, 2.45, 1.9)
        axes.set_title(f"{clean(name)}, {shape_text(array.shape)}")
        _draw_signed(axes, array.reshape(len(array), -1))
        _draw_spread(sheet.axes(left, upper + 2.35, 2.45, 0.7), array)
    return sheet.figure


def _named_weights(model: Any) -> list[tuple[str, Array]]:
    if hasattr(model, "named_parameters"):
        layers = layers_of(model)
        return [(layer.name, values_of(layer.weight)) for layer in layers]
    array = values_of(model)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"weights: pass a model with named_parameters() or an array of numbers, "
            f"got {type(model).__name__}."
        )
    if not array.ndim or not array.size:
        raise ShapeError(f"weights: there are none in an array of shape {array.shape}.")
    return [("array", array)]


def _draw_signed(axes: "Axes", matrix: Array) -> None:
    """Draw a matrix with colours for the signs."""
    axes.imshow(_signed_colours(matrix), aspect="auto")
    _mark_negative(axes, matrix)
    axes.set_xticks([0, matrix.shape[1] - 1] if matrix.shape[1] > 1 else [0])
    axes.set_yticks([0, matrix.shape[0] - 1] if matrix.shape[0] > 1 else [0])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(True)


def _mark_negative(axes: "Axes", matrix: Array) -> None:
    """Draw a minus sign on negative cells, where there is room: for greyscale."""
    box = axes.get_window_extent()
    size = min(box.height / matrix.shape[0], box.width / matrix.shape[1])
    if size >= _ROOM:
        rows, columns = np.nonzero(matrix < 0)
        axes.plot(
            columns, rows, "_", color=TEXT, ms=min(0.35 * size, 6), mew=0.7, alpha=0.8
        )


def _signed_colours(matrix: Array, scale: float | None = None) -> Array:
    """Return an image: white 0, blue positive, orange negative, red not finite.

    Examples
    --------
    >>> _signed_colours(np.array([[0.0]])).tolist()
    [[[1.0, 1.0, 1.0]]]
    """
    finite = np.isfinite(matrix)
    sizes = np.abs(np.where(finite, matrix, 0.0))
    largest = scale or float(np.max(sizes, initial=0.0)) or 1.0
    strength = np.minimum(sizes / largest, 1.0)[..., None]
    # Of equal strength blue is darker than orange, so signs differ in grey as well.
    blue, orange = np.array(_rgb("#004c84")), np.array(_rgb("#e08200"))
    full = np.where(matrix[..., None] >= 0, blue, orange)
    image = 1 + (full - 1) * strength
    image[~finite] = _rgb(WRONG)
    return image


def _rgb(colour: str) -> list[float]:
    return [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]


def _draw_spread(axes: "Axes", array: Array) -> None:
    """Draw a histogram that is symmetric around 0, and its numbers in words."""
    values = array[np.isfinite(array)].astype(np.float64).ravel()
    limit = float(np.max(np.abs(values), initial=0.0)) or 1.0
    counts = histogram(values, -limit, limit, _BINS)
    draw_histogram(axes, counts, -limit, limit, SERIES[0].colour)
    axes.axvline(0, color=QUIET, lw=0.8)
    told = "no finite value"
    if values.size:
        told = f"mean {number(float(values.mean()))}, std {number(float(values.std()))}"
    broken = array.size - values.size
    axes.set_xlabel(told + (f", {broken} not finite" if broken else ""))


# ---- filters ------------------------------------------------------------------------


@picture
def filters(kernels: Any, *, title: str = "Filters") -> "TrainingFigure":
    """Draw the kernels of a convolution.

    Parameters
    ----------
    kernels : array_like or layer, shape (out, in, height, width)
        The weight of a convolution, or a layer with one.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        With one input channel, a grid of kernels.  With three, the same in red, green
        and blue: grey is 0.  Otherwise a row for each output and a column for each
        input channel.  At most 32 kernels and 8 channels are drawn.

    Raises
    ------
    ShapeError
        If there are not four axes, with elements.

    Examples
    --------
    >>> import viz
    >>> figure = viz.filters(np.eye(3).reshape(1, 1, 3, 3))
    >>> len(figure.axes)
    1
    """
    array = values_of(getattr(kernels, "weight", kernels))
    if array.ndim != 4 or not array.size:
        raise ShapeError(
            f"filters: kernels must have shape (out, in, height, width), got "
            f"{array.shape}."
        )
    outs, ins = array.shape[:2]
    scale = float(np.max(np.abs(array[np.isfinite(array)]), initial=0.0)) or 1.0
    if ins in (1, 3):
        shown = [(str(k), array[k]) for k in range(min(outs, _MOST_FILTERS))]
        columns, left_out = min(outs, 8), outs - len(shown)
    else:
        columns, rows = min(ins, _MOST_CHANNELS), min(outs, _MOST_ROWS)
        places = np.ndindex(rows, columns)
        shown = [(f"{k}, {c}", array[k, c][None]) for k, c in places]
        left_out = outs * ins - len(shown)
    hues = "channels are red, green, blue; grey is 0"
    told = hues if ins == 3 else "blue positive, orange (and −) negative"
    told += f"; largest magnitude {number(scale)}"
    told += f"; {left_out} more are not shown" if left_out else ""
    rows = -(-len(shown) // columns)
    sheet = Sheet(max(0.75 + 0.95 * columns, 5.5), 0.95 + 1.1 * rows)
    top = sheet.heading(clean(title), told)
    for k, (name, kernel) in enumerate(shown):
        row, column = divmod(k, columns)
        axes = sheet.axes(0.6 + 0.95 * column, top + 0.3 + 1.1 * row, 0.8, 0.8)
        _draw_kernel(axes, kernel, scale)
        axes.set_title(name, size=8, weight="normal", pad=2)
    return sheet.figure


def _draw_kernel(axes: "Axes", kernel: Array, scale: float) -> None:
    if len(kernel) == 3:
        image = np.clip(0.5 + 0.5 * kernel.transpose(1, 2, 0) / scale, 0, 1)
        axes.imshow(np.where(np.isfinite(image), image, _rgb(WRONG)))
    else:
        axes.imshow(_signed_colours(kernel[0], scale))
        _mark_negative(axes, kernel[0])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
