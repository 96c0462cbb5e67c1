"""`boundary`: what a model says in each point of the plane."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd.errors import ShapeError
from viz.names import clean
from viz.theme import mix
from viz.training.layers import outputs_of, values_of
from viz.training.sheet import Sheet
from viz.training.style import GROUND, TEXT, Series, picture, readable, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["boundary", "draw_boundary"]

_STEPS = 160  # points of the grid in each direction
_COARSE = 8  # of these, one in so many is a place for a label
_MOST = 400  # points that a label keeps its distance from
_PALE, _STRONG = 0.08, 0.62  # how much colour: undecided, certain
# Neighbours in this order differ most in brightness: orange, blue, green, ...
_ORDER = (6, 0, 2, 3, 5, 1, 4)
_MARKERS = ("D", "o", "^", "s", "v", "P", "*")

Array = npt.NDArray[Any]


@picture
def boundary(
    model: Any, X: Any, y: Any, *, title: str = "Decision boundary"
) -> "TrainingFigure":
    """Draw the classes that a model predicts in the plane, and labelled points.

    Parameters
    ----------
    model : callable
        Takes an array of shape (n, 2) and returns class scores of shape (n, C), or for
        two classes one number each, of shape (n,) or (n, 1): a probability if all are
        from 0 to 1, else a logit.  It is called in evaluation mode, without recording.
    X : array_like, shape (n, 2)
        Points.
    y : array_like, shape (n,) or (n, 1)
        Their classes.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        The stronger the colour, the more certain the model is.  Points that it gets
        wrong are crossed out.

    Raises
    ------
    ShapeError
        If X is not of shape (n, 2), or y has not n classes.

    Examples
    --------
    >>> import viz
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> figure = viz.boundary(lambda X: X[:, 0] - 0.5, X, [0, 1])
    >>> figure.axes[0].get_title(loc="left")
    'all 2 points right'
    """
    sheet = Sheet(6.0, 4.9)
    top = sheet.heading(clean(title))
    axes = sheet.axes(0.5, top + 0.3, 5.3, 3.85)
    told = draw_boundary(axes, model, X, y)
    axes.set_title(told, weight="normal", size=8.5)
    return sheet.figure


def draw_boundary(axes: "Axes", model: Any, X: Any, y: Any) -> str:
    """Draw predicted classes and points, and return how many are right, in words."""
    points, labels = _checked(X, y)
    xs, ys = (np.linspace(*_range(points[:, k]), _STEPS) for k in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    scores = outputs_of(model, np.concatenate([grid, points]))
    shares = _probabilities(scores, len(grid) + len(points))
    names, classes = _classes(labels, shares.shape[1])
    field = shares[: len(grid)].reshape(_STEPS, _STEPS, -1)
    _paint(axes, field, xs, ys)
    wrong = np.argmax(shares[len(grid) :], axis=1) != classes
    for k, name in enumerate(names):
        style = _style(k)
        mine = classes == k
        _scatter(axes, points[mine], wrong[mine], style)
        _label_region(axes, field, (xs, ys), points, k, f"class {clean(name)}")
    axes.set_xlim(xs[0], xs[-1])
    axes.set_ylim(ys[0], ys[-1])
    count = int(np.count_nonzero(wrong))
    if not count:
        return f"all {len(points)} points right"
    return f"{count} of {len(points)} points wrong (crossed out)"


def _checked(X: Any, y: Any) -> tuple[Array, Array]:
    points, labels = values_of(X), values_of(y)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ShapeError(
            f"boundary: X must have shape (n, 2), got {points.shape}. For more inputs "
            f"draw viz.embedding of a hidden layer."
        )
    if labels.size != len(points):
        raise ShapeError(
            f"boundary: y must have one class for each of {len(points)} points, got "
            f"shape {labels.shape}."
        )
    return points, labels.reshape(-1)


def _range(column: Array) -> tuple[float, float]:
    low, high = float(column.min()), float(column.max())
    margin = 0.15 * (high - low) or 1.0
    return low - margin, high + margin


def _probabilities(scores: Array, rows: int) -> Array:
    """Return probabilities of shape (rows, C) from scores, logits or probabilities."""
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim not in (1, 2) or len(scores) != rows or not scores.size:
        raise ShapeError(
            f"boundary: for {rows} points the model must return shape ({rows}, C) or "
            f"({rows},), got {scores.shape}."
        )
    scores = scores.reshape(rows, -1)
    are_shares = bool(np.all((scores >= 0) & (scores <= 1)))
    if scores.shape[1] == 1:
        p = scores if are_shares else 0.5 * (1 + np.tanh(scores / 2))  # the sigmoid
        return np.concatenate([1 - p, p], axis=1)
    if are_shares and np.allclose(scores.sum(axis=1), 1):
        return scores
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _classes(labels: Array, count: int) -> tuple[list[str], Array]:
    """Return the names of all classes, and the index of each label."""
    names, inverse = np.unique(labels, return_inverse=True)
    if len(names) == count:
        return [_name(n) for n in names], inverse.reshape(-1)
    indices = labels.astype(np.intp) if labels.dtype.kind in "iufb" else None
    if (
        indices is None
        or not np.array_equal(indices, labels)
        or (indices.min() < 0 or indices.max() >= count)
    ):
        raise ShapeError(
            f"boundary: y has the classes {', '.join(map(_name, names))}, but the "
            f"model tells {count} classes apart."
        )
    return [str(k) for k in range(count)], indices


def _name(label: Any) -> str:
    is_whole = isinstance(label, np.floating) and float(label).is_integer()
    return str(int(label) if is_whole else label)


def _style(k: int) -> Series:
    place = k % len(_ORDER)
    return series(_ORDER[place])._replace(marker=_MARKERS[place])


def _paint(axes: "Axes", field: Array, xs: Array, ys: Array) -> None:
    """Colour each point by its class, and draw the border between classes."""
    count = field.shape[2]
    winner, share = np.argmax(field, axis=2), np.max(field, axis=2)
    strength = _PALE + (_STRONG - _PALE) * (share - 1 / count) / (1 - 1 / count)
    image = np.ones((*winner.shape, 3))
    for k in range(count):
        full = np.array(_rgb(mix(GROUND, _style(k).colour, 1.0)))
        mine = winner == k
        image[mine] = 1 + (full - 1) * strength[mine][:, None]
    extent = (xs[0], xs[-1], ys[0], ys[-1])
    axes.imshow(image, origin="lower", extent=extent, aspect="auto")
    for k in range(count):
        others = np.max(np.delete(field, k, axis=2), axis=2)
        lead = field[:, :, k] - others
        if k < count - 1 and lead.min() < 0 < lead.max():
            axes.contour(xs, ys, lead, levels=[0.0], colors=[TEXT], linewidths=1.6)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _rgb(colour: str) -> list[float]:
    return [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]


def _scatter(axes: "Axes", points: Array, wrong: Array, style: Series) -> None:
    axes.plot(
        points[:, 0], points[:, 1], style.marker, ms=5.5, mec=TEXT, mew=0.8,
        color=style.colour, ls="",
    )  # fmt: skip
    if wrong.any():
        axes.plot(
            points[wrong, 0], points[wrong, 1], "x", ms=11, mec=TEXT, mew=2, ls=""
        )


def _label_region(
    axes: "Axes",
    field: Array,
    lines: tuple[Array, Array],
    points: Array,
    k: int,
    text: str,
) -> None:
    """Write the name of a class in its region, as far from all else as can be."""
    inner = slice(_COARSE // 2, None, _COARSE)
    places = np.stack(np.meshgrid(lines[0][inner], lines[1][inner]), axis=-1)
    mine = np.argmax(field, axis=2)[inner, inner] == k
    if not mine.any():
        return
    # Text is wider than high.
    scale = np.ptp(lines[0]), 0.5 * np.ptp(lines[1])
    some = points[:: -(-len(points) // _MOST)]
    others = np.concatenate([some, places[~mine]])
    apart = np.min(
        np.sum(((places[:, :, None] - others) / scale) ** 2, axis=-1), axis=-1
    )
    middle = (places - places.mean(axis=(0, 1))) / np.array(scale)
    edge = np.min(0.5 * np.array([1.0, 2.0]) - np.abs(middle), axis=-1) ** 2
    room = np.where(mine, np.minimum(apart, edge), -1)
    x, y = places[np.unravel_index(np.argmax(room), mine.shape)].tolist()
    ground = mix(GROUND, _style(k).colour, _STRONG)
    axes.text(
        x, y, text, ha="center", va="center", weight="bold",
        color=readable(mix(_style(k).colour, "#000000", 0.55), ground),
    )  # fmt: skip
