"""`embedding`: vectors of many numbers as points of the plane."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd.errors import NonFiniteError, ShapeError
from viz.names import clean
from viz.training.layers import values_of
from viz.training.sheet import Sheet, label_points
from viz.training.style import QUIET, TEXT, picture, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["embedding"]

_MOST_NAMED = 60  # points that have a name of their own

Array = npt.NDArray[Any]


@picture
def embedding(
    vectors: Any, labels: Sequence[Any] | None = None, *, title: str = "Embedding"
) -> "TrainingFigure":
    """Draw vectors in the plane in which they differ most.

    Parameters
    ----------
    vectors : array_like or layer, shape (n, d)
        The vectors; or an embedding layer, whose ``weight`` they are.
    labels : sequence of length n, optional
        Words, one for each vector, which are written beside the points; or classes,
        which are told apart by colour and shape.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        The first two principal components, with the share of the variance that each
        one has.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NonFiniteError
        If a vector is not finite.

    Notes
    -----
    With the singular value decomposition of the centred vectors, X - mean = U S Vᵀ, the
    components are the columns of U S; their variances are proportional to S².  The sign
    of a component is chosen so that its largest entry in V is positive.

    Examples
    --------
    >>> import viz
    >>> figure = viz.embedding([[0.0, 0, 0], [2, 0, 0], [1, 0, 1]], ["a", "b", "c"])
    >>> figure.axes[0].get_xlabel()
    'first component, 75% of the variance'
    """
    array = np.asarray(values_of(getattr(vectors, "weight", vectors)), dtype=np.float64)
    if array.ndim != 2 or not array.size:
        raise ShapeError(
            f"embedding: vectors must have shape (n, d), got {array.shape}."
        )
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array).all(axis=1)))
        raise NonFiniteError(f"embedding: vector {row} is not finite.")
    if labels is not None and len(labels) != len(array):
        raise ShapeError(f"embedding: {len(labels)} labels for {len(array)} vectors.")
    points, shares = principal_components(array)
    names = [] if labels is None else [_text(label) for label in labels]
    sheet = Sheet(7.4, 5.6)
    top = sheet.heading(
        clean(title), f"{len(array)} vectors of {array.shape[1]} numbers"
    )
    axes = sheet.axes(0.7, top + 0.15, 5.4, 4.2)
    axes.set_xlabel(f"first component, {100 * shares[0]:.0f}% of the variance")
    axes.set_ylabel(f"second component, {100 * shares[1]:.0f}% of the variance")
    axes.margins(0.08)
    axes.axhline(0, color="#dddddd", lw=0.8, zorder=0)
    axes.axvline(0, color="#dddddd", lw=0.8, zorder=0)
    if 0 < len(set(names)) == len(names) <= _MOST_NAMED:
        _draw_named(axes, points, names)
    else:
        _draw_classes(axes, points, names)
    return sheet.figure


def principal_components(array: Array) -> tuple[Array, list[float]]:
    """Return the first two components, shape (n, 2), and their shares of the variance.

    Examples
    --------
    >>> points, shares = principal_components(np.array([[0.0, 0], [4, 0], [2, 1]]))
    >>> shares
    [0.923, 0.077]
    """
    centred = array - array.mean(axis=0)
    U, S, Vt = np.linalg.svd(centred, full_matrices=False)
    largest = np.argmax(np.abs(Vt), axis=1)
    signs = np.where(Vt[np.arange(len(Vt)), largest] < 0, -1.0, 1.0)
    points = np.zeros((len(array), 2))
    count = min(2, len(S))
    points[:, :count] = (U * S * signs)[:, :count]
    variance = S**2 / (np.sum(S**2) or 1.0)
    shares = [round(float(x), 3) for x in variance[:2]]
    return points, shares + [0.0] * (2 - count)


def _text(label: Any) -> str:
    return clean(label.item() if isinstance(label, np.generic) else label)


def _draw_named(axes: "Axes", points: Array, names: list[str]) -> None:
    axes.plot(points[:, 0], points[:, 1], "o", color=series(0).colour, ms=5)
    # A label is centred, so its point is an obstacle, as an empty text would be.
    marks = [(x, y, "•") for x, y in points.tolist()]
    named = [(x, y, name) for (x, y), name in zip(points.tolist(), names, strict=True)]
    texts = label_points(axes, marks + named, size=8.5, color=TEXT)
    for mark in texts[: len(marks)]:
        mark.remove()


def _draw_classes(axes: "Axes", points: Array, names: list[str]) -> None:
    """Draw classes with colours and shapes, each with its name in its middle."""
    if not names:
        axes.plot(points[:, 0], points[:, 1], "o", ls="", color=series(0).colour, ms=4)
        return
    middles = []
    for k, name in enumerate(dict.fromkeys(sorted(names))):
        mine = points[[other == name for other in names]]
        style = series(k)
        axes.plot(
            mine[:, 0], mine[:, 1], style.marker, ls="", color=style.colour, ms=4.5,
            mec="white", mew=0.4, alpha=0.85,
        )  # fmt: skip
        x, y = np.median(mine, axis=0).tolist()
        middles.append((x, y, name))
    texts = label_points(
        axes, middles, weight="bold", size=11,
        bbox={"facecolor": "white", "edgecolor": QUIET, "pad": 1.8, "lw": 0.8},
    )  # fmt: skip
    for k, text in enumerate(texts):
        text.set_color(series(k).ink)
