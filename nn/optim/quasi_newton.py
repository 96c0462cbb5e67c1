"""What L-BFGS knows of the curvature: the inverse Hessian, from its latest steps."""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["InverseHessian", "dot"]

Array = npt.NDArray[Any]


def dot(a: Array, b: Array) -> float:
    """Return the scalar product; infinite, without a warning, if it overflows."""
    with np.errstate(all="ignore"):
        return float(np.dot(a, b))


class InverseHessian:
    """An approximation of the inverse Hessian from pairs of a move and what it changed.

    Attributes
    ----------
    moves, changes : list of ndarray
        s, how the parameters moved, and y, how the gradient changed; oldest first.
    curvatures : list of float
        1 / yᵀs of each pair.
    scale : float
        What the identity is multiplied by, from which the approximation starts.
    """

    def __init__(self) -> None:
        self.moves: list[Array] = []
        self.changes: list[Array] = []
        self.curvatures: list[float] = []
        self.scale = 1.0

    def copy(self) -> "InverseHessian":
        """Return a copy that can learn by itself."""
        twin = InverseHessian()
        twin.moves, twin.changes = list(self.moves), list(self.changes)
        twin.curvatures, twin.scale = list(self.curvatures), self.scale
        return twin

    def learn(self, move: Array, change: Array, size: int) -> None:
        """Add a pair, unless the curvature along it is not positive.

        Of more than ``size`` pairs the oldest is forgotten.
        """
        product = dot(change, move)
        if not product > 1e-10:
            return
        first = max(0, len(self.moves) - size + 1)
        self.moves = [*self.moves[first:], move]
        self.changes = [*self.changes[first:], change]
        self.curvatures = [*self.curvatures[first:], 1 / product]
        self.scale = product / dot(change, change)

    def times(self, gradient: Array) -> Array:
        """Return the product with a vector: the two-loop recursion.

        References
        ----------
        J. Nocedal and S. Wright, "Numerical optimization", 2nd edition, algorithm 7.4.
        """
        q = np.array(gradient)
        factors = []
        pairs = list(zip(self.moves, self.changes, self.curvatures, strict=True))
        for s, y, rho in reversed(pairs):
            factors.append(rho * dot(s, q))
            q -= factors[-1] * y
        r = self.scale * q
        for s, y, rho in pairs:
            r += (factors.pop() - rho * dot(y, r)) * s
        return r
