"""What is seen of one training step: weights before it, activations during it."""

import math
from typing import Any

import numpy as np

from autograd import Tensor
from viz.training.layers import Layer, activations_behind
from viz.training.statistics import ActivationStatistics, describe, thinned

__all__ = ["Look", "joint_norm"]


class Look:
    """Remember the weights before a step, and see the activations during it.

    Parameters
    ----------
    model : callable
        If it has ``register_forward_hook``, its activations are seen.
    layers : list of Layer
        Its layers.
    names : dict of str to str
        Path -> name.

    Attributes
    ----------
    handle : object
        Its ``remove()`` ends the look.
    activations : list of ActivationStatistics
        Of the first forward pass after this was made.
    """

    def __init__(self, model: Any, layers: list[Layer], names: dict[str, str]) -> None:
        self._before = [
            [np.array(thinned(p.data)) for p in layer.parameters] for layer in layers
        ]
        self._layers = layers
        self.activations: list[ActivationStatistics] = []
        self._names = names
        self.handle: Any = _NoHandle()
        if hasattr(model, "register_forward_hook"):
            self.handle = model.register_forward_hook(self._after_forward)

    def updates(self) -> list[float]:
        """Return the size of each layer's update over that of its weights."""
        return [
            _ratio(before, [thinned(p.data) for p in layer.parameters])
            for layer, before in zip(self._layers, self._before, strict=True)
        ]

    def _after_forward(self, model: Any, args: Any, out: Any) -> None:
        self.handle.remove()  # an optimiser with a closure calls the model again
        found = activations_behind(_first_tensor(out), self._names)
        self.activations = [describe(activation) for activation in found]


class _NoHandle:
    def remove(self) -> None:
        """Do nothing: there is no hook."""


def _first_tensor(out: Any) -> Any:
    """Return an output, or the first of several that is a tensor."""
    if isinstance(out, tuple | list):
        return next((x for x in out if isinstance(x, Tensor)), None)
    return out


def joint_norm(arrays: list[Any]) -> float:
    """Return the joint norm of arrays; None counts as 0."""
    found = [np.ravel(a) for a in arrays if a is not None]
    total = sum([float(np.dot(a, a)) for a in found])
    if math.isfinite(total):
        return math.sqrt(total)
    # The squares of large float32 numbers overflow, though the numbers are finite.
    return math.hypot(*[float(np.linalg.norm(a.astype(np.float64))) for a in found])


def _ratio(before: list[Any], after: list[Any]) -> float:
    """Return the size of a change over the size before; 0 if that was 0."""
    size = joint_norm(before)
    change = joint_norm([a - b for a, b in zip(after, before, strict=True)])
    return change / size if size else 0.0
