"""How large the terms are whose sum is a gradient.

The gradient of a bias before a batch normalisation is zero, and so is that of the key
bias of an attention: their terms cancel.  What floating-point numbers leave is rounding
of the *terms*, so an error must be measured against these, not against a result that
is nothing but error itself.

A product J^T g adds up J_ij g_i over i.  With independent random factors of variance 1
the terms cannot cancel:  E[(sum_i J_ij g_i r_i)²] = sum_i (J_ij g_i)².  So the rules
themselves, given ``g * r``, measure their own terms.  What is found goes on in place of
the cotangent: terms that cancelled further up leave rounding further down.

Reference: N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition,
section 4.2: the error of a sum is bounded by the sum of the magnitudes.
"""

from typing import Any

import numpy as np

from autograd.check.vector_jacobian import vector_jacobian
from autograd.engine import differentiate
from autograd.graph_order import inputs_first
from autograd.tensor import Tensor

__all__ = ["TermSizes"]

_DRAWS = 4  # the mean of so many squares is of the right order


class TermSizes:
    """How large the terms of every gradient of a cost are.

    Parameters
    ----------
    cost : Tensor
        One number, recorded.

    Examples
    --------
    >>> import numpy as np
    >>> b, x = Tensor(3.0), np.array([1.0, 2.0, 6.0])
    >>> z = x + b
    >>> cost = np.sum((z - np.mean(z)) * np.array([5.0, -2.0, 1.0]))  # dcost/db is 0
    >>> 1 < TermSizes(cost)[b] < 50
    True
    """

    def __init__(self, cost: Tensor) -> None:
        nodes = [x for x in inputs_first(cost) if x.requires_grad]
        seed = np.ones_like(cost.data)[()]
        found = differentiate(cost, seed, nodes, record=False)
        self._squares: dict[Tensor, Any] = {cost: np.square(seed)}
        self._generator = np.random.default_rng(0)
        with np.errstate(all="ignore"):  # a size that is not finite excuses no error
            for node, g in zip(reversed(nodes), reversed(found), strict=True):
                if g is not None and node in self._squares:
                    # Terms of one sign add up to more than random ones.
                    terms = np.maximum(self._squares[node], np.square(g))
                    self._squares[node] = terms
                    self._hand_on(node)

    def __getitem__(self, tensor: Tensor) -> float:
        """Return the largest term of the gradient of a tensor, at least its size."""
        squares = self._squares.get(tensor, 0.0)
        return float(np.sqrt(np.max(squares, initial=0.0)))

    def _hand_on(self, node: Tensor) -> None:
        """Add the squares of the terms that a node hands on to those of its inputs."""
        size = np.sqrt(self._squares[node])
        for position, child in enumerate(node.inputs):
            if node.op is None or node.op.rule(position) is None:
                continue
            if child.requires_grad:
                for _ in range(_DRAWS):
                    g = size * self._generator.normal(size=node.shape)
                    square = np.square(vector_jacobian(node, position, g)) / _DRAWS
                    self._squares[child] = self._squares.get(child, 0.0) + square
