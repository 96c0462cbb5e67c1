"""`attention`: how much each token looks at each other one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd.errors import ShapeError
from viz.names import clean
from viz.training.layers import values_of
from viz.training.sheet import Sheet
from viz.training.style import GROUND, SERIES, TEXT, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from viz.training.figure import TrainingFigure

__all__ = ["attention"]

_MOST_HEADS = 12

Array = npt.NDArray[Any]


@picture
def attention(
    weights: Any,
    tokens: Sequence[Any],
    *,
    keys: Sequence[Any] | None = None,
    title: str = "Attention",
) -> "TrainingFigure":
    """Draw attention weights: how much each token looks at each other one.

    Parameters
    ----------
    weights : array_like, shape (queries, keys) or (heads, queries, keys)
        From 0 to 1; each row sums to 1.
    tokens : sequence
        The names of the queries, and of the keys unless these are given.
    keys : sequence, optional
        The names of the keys, in attention from one sequence to another.
    title : str, optional
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        One matrix for each head, a row for each query; the darker, the more weight.
        The largest of each row is written out.  At most 12 heads are drawn.

    Raises
    ------
    ShapeError
        If the shape does not fit the tokens.

    Examples
    --------
    >>> import viz
    >>> figure = viz.attention([[1.0, 0.0], [0.25, 0.75]], ["the", "cat"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1.00', '0.75']
    """
    array = values_of(weights)
    array = array[None] if array.ndim == 2 else array
    columns_named = tokens if keys is None else keys
    wanted = (len(tokens), len(columns_named))
    if array.ndim != 3 or array.shape[1:] != wanted or not array.size:
        raise ShapeError(
            f"attention: for {wanted[0]} queries and {wanted[1]} keys the weights must "
            f"have shape {wanted} or (heads, {wanted[0]}, {wanted[1]}), got "
            f"{np.shape(weights)}. Of a batch pass one sample."
        )
    heads = array[:_MOST_HEADS]
    names = [[clean(x) for x in seq] for seq in (tokens, columns_named)]
    above = 0.25 + 0.075 * max(map(len, names[1]))  # room for the names of the keys
    size = min(max(0.38 * max(wanted), 1.5), 4.2)
    columns = max(1, min(len(heads), int(10.0 // (size + 1.1))))
    rows = -(-len(heads) // columns)
    step = size + 0.4 + above
    sheet = Sheet(max(0.4 + (size + 1.1) * columns, 5.0), 0.75 + step * rows)
    told = "a row: where one token looks; darker is more, the largest written out"
    top = sheet.heading(clean(title), told)
    for k, head in enumerate(heads):
        row, column = divmod(k, columns)
        place = (1.1 + (size + 1.1) * column, top + above + step * row)
        axes = sheet.axes(*place, size, size)
        _draw_attention(axes, head, *names)
        if len(heads) > 1:
            axes.set_xlabel(f"head {k + 1}", weight="bold", color=TEXT)
    return sheet.figure


def _draw_attention(
    axes: "Axes", head: Array, queries: list[str], keys: list[str]
) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    blues = LinearSegmentedColormap.from_list("blues", [GROUND, SERIES[0].colour])
    axes.imshow(head, cmap=blues, vmin=0, vmax=1, aspect="auto")
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(keys)), keys, rotation=90 if len(keys) > 2 else 0)
    axes.set_yticks(range(len(queries)), queries)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(True)
    if len(keys) > 14:
        return
    for row, column in enumerate(np.argmax(head, axis=1)):
        value = float(head[row, column])
        axes.text(
            column, row, f"{value:.2f}", ha="center", va="center", size=7.5,
            color=GROUND if value > 0.9 else TEXT,
        )  # fmt: skip
