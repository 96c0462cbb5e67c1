"""`confusion`: which classes are taken for which."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd.errors import ShapeError
from viz.names import clean
from viz.theme import mix
from viz.training.layers import values_of
from viz.training.sheet import Sheet
from viz.training.style import GROUND, QUIET, SERIES, TEXT, contrast, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["confusion"]

_CELL = 0.55  # inches
_LARGEST = 6.0  # inches, of the whole matrix
_WITH_NUMBERS = 20  # classes; more leave no room

Array = npt.NDArray[Any]


@picture
def confusion(
    predictions: Any,
    targets: Any = None,
    *,
    labels: Sequence[Any] | None = None,
    title: str = "Confusion matrix",
) -> "TrainingFigure":
    """Draw a confusion matrix: how often each class was taken for each.

    Parameters
    ----------
    predictions : array_like
        The predicted classes, shape (n,); or, without ``targets``, the counts, shape
        (C, C), with a row for each true class, as `nn.metrics.confusion_matrix` gives
        them.
    targets : array_like, shape (n,), optional
        The true classes.  They come second, as everywhere in `nn.metrics`.
    labels : sequence, optional
        The names of the classes, in their order.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        Counts; blue, the darker the larger the share of its row, on the diagonal, and
        orange beside it.  At the right how many of each class are found (recall), below
        how many of each prediction are right (precision).

    Raises
    ------
    ShapeError
        If the shapes do not fit each other.
    ValueError
        If counts are negative or not whole, or the labels do not fit.

    Examples
    --------
    >>> import viz
    >>> predictions, targets = [0, 1, 1, 1], [0, 0, 1, 1]
    >>> figure = viz.confusion(predictions, targets, labels=["cat", "dog"])
    >>> [text.get_text() for text in figure.axes[0].texts][:4]
    ['1', '1', '0', '2']
    """
    counts, names = _counts(predictions, targets, labels)
    size = min(_LARGEST, _CELL * len(counts))
    sheet = Sheet(max(size + 2.4, 4.4), size + 2.0)
    right = int(np.trace(counts))
    total = int(counts.sum())
    share = f", {100 * right / total:.1f}%" if total else ""
    top = sheet.heading(clean(title), f"{right} of {total} right{share}")
    axes = sheet.axes(1.3, top + 0.65, size, size)
    _draw(axes, counts, [clean(name) for name in names])
    return sheet.figure


def _counts(predictions: Any, targets: Any, labels: Any) -> tuple[Array, list[str]]:
    predictions = values_of(predictions)
    if targets is None:
        counts, names = _checked(predictions), list(range(len(predictions)))
    else:
        predictions, targets = predictions.reshape(-1), values_of(targets).reshape(-1)
        if targets.shape != predictions.shape:
            raise ShapeError(
                f"confusion: {predictions.size} predictions, but {targets.size} "
                f"targets. Predictions are classes, and come first."
            )
        names = np.unique(np.concatenate([targets, predictions])).tolist()
        if labels is not None and set(names) <= set(range(len(labels))):
            names = list(range(len(labels)))  # some class may not occur
        places = {name: k for k, name in enumerate(names)}
        counts = np.zeros((len(names), len(names)), dtype=np.int64)
        rows = [places[name] for name in targets.tolist()]
        columns = [places[name] for name in predictions.tolist()]
        np.add.at(counts, (rows, columns), 1)
    if labels is not None and len(labels) != len(counts):
        raise ValueError(
            f"confusion: {len(labels)} labels for {len(counts)} classes: {names}."
        )
    return counts, [str(name) for name in (names if labels is None else labels)]


def _checked(matrix: Array) -> Array:
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ShapeError(
            f"confusion: the counts must have shape (C, C), got {matrix.shape}. For "
            f"classes pass the targets as well: confusion(predictions, targets)."
        )
    if np.any(matrix < 0) or np.any(matrix != np.round(matrix)):
        raise ValueError("confusion: counts must be whole numbers, and not negative.")
    return matrix.astype(np.int64)


def _draw(axes: "Axes", counts: Array, names: list[str]) -> None:
    size = len(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.set_xlim(-0.5, size - 0.5)
    axes.set_ylim(size - 0.5, -0.5)
    _paint(axes, counts, shares)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    longest = max(map(len, names))
    rotation = 90 if longest > 6 and size > 4 else 0
    axes.set_xticks(range(size), names, rotation=rotation)
    axes.set_yticks(range(size), names)
    axes.tick_params(length=0)
    axes.set_xlabel("predicted", weight="bold")
    axes.set_ylabel("true", weight="bold")
    for spine in axes.spines.values():
        spine.set_visible(False)
    if size <= _WITH_NUMBERS:
        _write_shares(axes, counts)


def _paint(axes: "Axes", counts: Array, shares: Array) -> None:
    """Colour the cells, and write the counts in a colour that can be read."""
    from matplotlib.patches import Rectangle

    size = len(counts)
    for row, column in np.ndindex(counts.shape):
        hue = SERIES[0 if row == column else 1].colour
        ground = mix(GROUND, hue, float(shares[row, column]) ** 0.7)
        axes.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=ground, edgecolor="w")
        )
        if size <= _WITH_NUMBERS:
            is_dark = contrast(TEXT, ground) < contrast(GROUND, ground)
            axes.text(
                column, row, str(counts[row, column]), ha="center", va="center",
                color=GROUND if is_dark else TEXT, size=9 if size <= 12 else 7,
                weight="bold" if row == column else "normal",
            )  # fmt: skip


def _write_shares(axes: "Axes", counts: Array) -> None:
    """Write recall at the right, precision below."""
    size = len(counts)
    found, predicted = counts.sum(axis=1), counts.sum(axis=0)
    for k in range(size):
        recall, precision = (
            f"{100 * counts[k, k] / total:.0f}%" if total else "none"
            for total in (found[k], predicted[k])
        )
        style = {"color": QUIET, "size": 8}
        axes.text(size - 0.4, k, recall, style, ha="left", va="center")
        axes.text(k, size - 0.35, precision, style, ha="center", va="top")
    axes.text(size - 0.4, -0.6, "found", color=QUIET, size=8, va="bottom")
    axes.text(-0.6, size - 0.35, "right", color=QUIET, size=8, ha="right", va="top")
