"""S2: a chain of scalar additions and products, one node of the graph each."""

import numpy as np

from .problem import FLOAT64_TOLERANCE, Problem


def scalar_chain(nodes: int = 1000) -> Problem:
    """Chain ``y = y * x + x`` for half of the nodes times, from ``y = 0``.

    ``x`` is a scalar; the loss is the last ``y``.
    """
    title = f"chain of {nodes} scalar operations"
    parameters = {"x": np.array(1.0000001)}
    return Problem(
        "S2", title, {}, parameters, FLOAT64_TOLERANCE, {"links": nodes // 2}
    )
