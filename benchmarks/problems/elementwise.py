"""E1 and E1t: a long chain of elementwise operations on one large array, float32."""

import numpy as np

from .problem import Problem


def products(side: int = 1000, links: int = 8) -> Problem:
    """``x = x * b + a - 0.5 * x`` from ``x = a``, for each link; the loss is the mean.

    ``a`` and ``b`` are (side, side).
    """
    return _chain("E1", "products and sums", side, links)


def tanhs(side: int = 1000, links: int = 8) -> Problem:
    """``x = tanh(x * b) + a`` from ``x = a``, for each link; the loss is the mean."""
    return _chain("E1t", "tanh, products and sums", side, links)


def _chain(row: str, operations: str, side: int, links: int) -> Problem:
    rng = np.random.default_rng(0)
    shape = (side, side)
    parameters = {
        name: rng.uniform(0.5, 1.5, shape).astype(np.float32) for name in ("a", "b")
    }
    title = f"elementwise chain of {operations} on {side}x{side}, float32"
    return Problem(row, title, {}, parameters, sizes={"links": links})
