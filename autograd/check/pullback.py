"""A function and its gradient, both as functions of arrays that can be checked.

A `Level` is a vector-valued function of several arrays.  Level 1 is the function
itself.  Its gradient depends on the inputs x and the cotangents u, so level 2 is

    (x, u)  ->  u^T J(x),

and the gradient of that is level 3.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine import differentiate
from autograd.tensor import Tensor

__all__ = ["Level", "PullBack"]

Array = Any  # float64: an ndarray, or a NumPy scalar for a 0-d value


class Level:
    """A function of ``inputs`` arrays with ``outputs`` results.

    Attributes
    ----------
    inputs, outputs : int
        How many arrays go in and come out.
    record : callable
        Takes a list of leaf tensors and returns the list of recorded results.
    values : callable
        Takes a list of arrays and returns the list of result arrays.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        record: Callable[[Sequence[Tensor]], list[Tensor]],
        values: Callable[[Sequence[Array]], list[Array]],
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.record = record
        self.values = values

    @classmethod
    def of(cls, function: Callable[[Sequence[Tensor]], Tensor], inputs: int) -> "Level":
        """Return level 1: a function from a list of tensors to one tensor."""

        def values(points: Sequence[Array]) -> list[Array]:
            return [function([Tensor(point) for point in points]).data]

        return cls(inputs, 1, lambda leaves: [function(leaves)], values)

    def gradient(self) -> "Level":
        """Return the next level: the gradient of inputs and cotangents."""
        n = self.inputs

        def record(arguments: Sequence[Tensor]) -> list[Tensor]:
            leaves, cotangents = arguments[:n], arguments[n:]
            gradients: list[Tensor | None] = [None] * n
            for result, u in zip(self.record(leaves), cotangents, strict=True):
                if not result.requires_grad:
                    continue
                for k, d in enumerate(differentiate(result, u, leaves, record=True)):
                    if d is not None:
                        sum_so_far = gradients[k]
                        gradients[k] = d if sum_so_far is None else sum_so_far + d
            return [
                Tensor(np.zeros(x.shape), requires_grad=False) if d is None else d
                for d, x in zip(gradients, leaves, strict=True)
            ]

        def values(points: Sequence[Array]) -> list[Array]:
            return PullBack(self, points[:n], points[n:]).gradients

        return Level(n + self.outputs, n, record, values)


class PullBack:
    """One vector-Jacobian product, computed from scratch on copies.

    Attributes
    ----------
    leaves : list of Tensor
        The inputs.
    results : list of Tensor
        What was recorded from them.
    cotangents : list of ndarray
        What the sweep started from.
    gradients : list of ndarray
        One for each leaf; zeros where no result depends on it.
    """

    def __init__(
        self, level: Level, points: Sequence[Array], cotangents: Sequence[Array]
    ) -> None:
        self.leaves = [Tensor(point) for point in points]
        self.results = level.record(self.leaves)
        self.cotangents = [np.array(u)[()] for u in cotangents]
        found = [
            differentiate(result, u, self.leaves, record=False)
            for result, u in zip(self.results, self.cotangents, strict=True)
            if result.requires_grad
        ]
        self.gradients = [
            _total([gradients[k] for gradients in found], leaf)
            for k, leaf in enumerate(self.leaves)
        ]


def _total(parts: Sequence[Array | None], leaf: Tensor) -> Array:
    """Add up the gradients of several results; a single one is returned as it is."""
    total: Array | None = None
    for part in parts:
        if part is not None:
            total = part if total is None else total + part
    return np.zeros(leaf.shape)[()] if total is None else total
