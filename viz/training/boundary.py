"""`boundary`: what a model says in each point of the plane."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd.errors import ShapeError
from viz.names import clean
from viz.training.layers import outputs_of, values_of
from viz.training.sheet import Sheet
from viz.training.style import GROUND, Series, picture, series
from viz.theme import mix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["boundary", "draw_boundary"]

_STEPS = 160  # points of the grid in each direction
_PALE, _STRONG = 0.12, 0.75  # how much colour: undecided, certain
# The first class orange, the second blue, as far apart in brightness as can be.
_ORDER = (6, 0, 2, 3, 5, 1, 4)


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
    sheet = Sheet(6.2, 4.9)
    top = sheet.heading(clean(title))
    axes = sheet.axes(0.5, top + 0.3, 5.5, 3.75)
    draw_boundary(axes, model, X, y)
    return sheet.figure


def draw_boundary(axes: "Axes", model: Any, X: Any, y: Any) -> None:
    """Draw predicted classes and points into axes."""
    points, labels = _checked(X, y)
    names, classes = np.unique(labels, return_inverse=True)
    classes = classes.reshape(-1)
    lines = [np.linspace(*_range(points[:, k]), _STEPS) for k in (0, 1)]
    grid = np.stack(np.meshgrid(*lines), axis=-1).reshape(-1, 2)
    both = np.concatenate([grid, points])
    shares = _probabilities(outputs_of(model, both), len(both))
    if shares.shape[1] < len(names):
        raise ShapeError(
            f"boundary: y has {len(names)} classes, but the model returns "
            f"{shares.shape[1]}."
        )
    _paint(axes, shares[: len(grid)].reshape(_STEPS, _STEPS, -1), lines)
    predicted = np.argmax(shares[len(grid) :], axis=1)
    wrong = predicted != (classes if _are_indices(names) is False else labels)
    for k, name in enumerate(names):
        _scatter(axes, points[classes == k], wrong[classes == k], _style(k), name)
    count = int(np.count_nonzero(wrong))
    total = len(points)
    told = f"{count} of {total} points wrong (crossed out)" if count else (
        f"all {total} points right"
    )  # fmt: skip
    axes.set_title(told, weight="normal", size=8.5)
