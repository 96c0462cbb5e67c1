"""Line charts of numbers that may be anything."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viz.training.chart import Line, line_chart

__all__ = ["chart", "is_wide"]

_WIDE = 2.0  # powers of ten


def chart(title: str, lines: Sequence[Line], epochs: int, **settings: Any) -> str:
    """Return a chart over the epochs.

    Parameters
    ----------
    title, lines, **settings
        As for `viz.training.chart.line_chart`.
    epochs : int
        How many there are.
    """
    return line_chart(title, lines, float(max(epochs, 1)), **settings)


def is_wide(column: npt.NDArray[np.float64]) -> bool:
    """Return whether numbers differ so much that they need a logarithmic axis.

    Examples
    --------
    >>> is_wide(np.array([1.0, 0.0, 1000.0])), is_wide(np.array([1.0, 2.0]))
    (True, False)
    """
    powers = np.log10(column[np.isfinite(column) & (column > 0)])
    return bool(powers.size > 1 and powers.max() - powers.min() > _WIDE)
