"""Do two libraries compute the same? Asked before anything is said about time."""

from collections.abc import Mapping

import numpy as np


def disagreement(
    loss: float,
    gradients: Mapping[str, np.ndarray],
    right_loss: float,
    right: Mapping[str, np.ndarray],
    rtol: float,
) -> str | None:
    """Return in words what differs from the right numbers; None if nothing does.

    A gradient agrees if it has the name, shape and dtype, and if no number in it is
    further off than ``rtol`` times the largest number of the right one. Where that is
    next to nothing, as where everything cancels, a thousandth of the largest number of
    all gradients counts.

    Examples
    --------
    >>> right = {"w": np.array([1.0, 2.0])}
    >>> disagreement(3.0, {"w": np.array([1.0, 2.1])}, 3.0, right, 1e-4)
    'the gradient of w is off by 0.05'
    """
    if not abs(loss - right_loss) <= rtol * abs(right_loss):
        return f"the loss is {loss:.9g}, not {right_loss:.9g}"
    if set(gradients) != set(right):
        return f"gradients of {sorted(gradients)}, not of {sorted(right)}"
    least = 1e-3 * max(np.max(np.abs(expected)) for expected in right.values())
    for name, expected in right.items():
        found = gradients[name]
        if found.shape != expected.shape:
            return f"the gradient of {name} is {found.shape}, not {expected.shape}"
        if found.dtype != expected.dtype:
            return f"the gradient of {name} is {found.dtype}, not {expected.dtype}"
        scale = max(least, np.max(np.abs(expected)))
        off = float(np.max(np.abs(found - expected)) / scale)
        if not off <= rtol:
            return f"the gradient of {name} is off by {off:.2g}"
    return None
