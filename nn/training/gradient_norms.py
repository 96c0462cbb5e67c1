"""The norm of the gradient of each layer, one number for each epoch."""

import math
from typing import Any

from autograd import CheckpointError, Tensor
from nn.module import Module
from nn.training.step import joint_norm

__all__ = ["GradientNorms", "layers_with_parameters"]

# A look costs as much as the joint norm that the trainer takes in every step.
_MEASURED_EVERY = 16
_STATE = ("columns", "sums", "looks")


def layers_with_parameters(model: Module) -> dict[str, list[Tensor]]:
    """Return ``PATH: CLASS`` -> own parameters of each module that has any.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> model = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.ReLU())
    >>> [(name, len(own)) for name, own in layers_with_parameters(model).items()]
    [('0: Linear', 2)]
    """
    found = {}
    for path, module in model.named_modules():
        own = [p for _, p in module.own_parameters() if p.requires_grad]
        if own:
            kind = type(module).__name__
            found[f"{path}: {kind}" if path else kind] = own
    return found


class GradientNorms:
    """Mean norms over the measured steps of each epoch.

    Attributes
    ----------
    columns : dict of str to list of float
        Layer -> one number for each epoch; NaN if it was not measured.
    """

    def __init__(self) -> None:
        self.columns: dict[str, list[float]] = {}
        self._layers: dict[str, list[Tensor]] = {}
        self._sums: dict[str, float] = {}
        self._looks = 0

    def watch(self, model: Module, epochs: int) -> None:
        """Find the layers of a model of which some epochs are done."""
        self._layers = layers_with_parameters(model)
        old = self.columns
        self.columns = {
            name: (old.get(name, [])[:epochs] + [math.nan] * epochs)[:epochs]
            for name in self._layers
        }

    def look(self, batch: int, batches: int) -> None:
        """Measure the gradients of a step, the first being 1, if it is its turn."""
        if batch % _MEASURED_EVERY != 1 and batch != batches:
            return
        for name, parameters in self._layers.items():
            norm = joint_norm([p.grad for p in parameters])
            self._sums[name] = self._sums.get(name, 0.0) + norm
        self._looks += 1

    def end_epoch(self) -> None:
        """Add the means of the epoch to the columns."""
        for name, column in self.columns.items():
            measured = self._looks and name in self._sums
            column.append(self._sums[name] / self._looks if measured else math.nan)
        self._sums, self._looks = {}, 0

    def state_dict(self) -> dict[str, Any]:
        """Return all numbers so far."""
        columns = {name: list(column) for name, column in self.columns.items()}
        values = (columns, dict(self._sums), self._looks)
        return dict(zip(_STATE, values, strict=True))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` returned.

        Raises
        ------
        CheckpointError
            If a key is missing or unknown.
        """
        if set(state) != set(_STATE):
            raise CheckpointError(
                f"GradientNorms.load_state_dict: the keys must be {sorted(_STATE)}, "
                f"got {sorted(state)}; nothing was loaded."
            )
        self.columns = {name: list(c) for name, c in state["columns"].items()}
        self._sums, self._looks = dict(state["sums"]), state["looks"]
