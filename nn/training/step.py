"""One step of training, forward to update; or nothing at all, if it goes wrong."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd import NonFiniteError, Tensor
from nn.module import Module
from nn.optim import LBFGS
from nn.regularizers import clip_grad_norm
from nn.training.batch_metrics import BatchMetrics
from nn.training.evaluation import split_batch
from nn.training.forward import Forward, Outcome
from nn.training.generators import find_generators

__all__ = ["NonFiniteStep", "Step", "joint_norm"]

# What is measured in each step.
_MEASURED = ("loss_value", "penalty_value", "grad_norm", "metric_values")
_SAFE = (1e-24, 1e24)  # sums of squares in float32 that neither overflow nor vanish


class NonFiniteStep(Exception):
    """A step met a loss or a gradient that is not finite; the weights are as before.

    Attributes
    ----------
    what : str
        Which number, for a message.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Step:
    """The work on one batch, and what is needed to take it back.

    Parameters
    ----------
    model, loss, optimizer, regularizer, clip
        As in `Trainer`.
    metrics : BatchMetrics
        What is to be known of each batch.
    forward : Forward
        Computes loss and penalty.

    Attributes
    ----------
    parameters : list of Tensor
        Those that the optimiser changes.
    loss_value, penalty_value : float
        Of the last step.
    grad_norm : float
        The joint norm of the gradients before clipping, where it was last measured.
    metric_values : dict of str to float
        Of the last step.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[..., Any],
        optimizer: Any,
        regularizer: Callable[[Module], Tensor] | None,
        clip: float | Callable[[list[Tensor]], Any] | None,
        metrics: BatchMetrics,
        forward: Forward,
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.regularizer = regularizer
        self.clip = clip
        self.metrics = metrics
        self.forward = forward
        self.metric_values: dict[str, float] = {}
        groups = optimizer.param_groups
        self.parameters = [p for group in groups for p in group["params"]]
        self.loss_value = self.penalty_value = self.grad_norm = math.nan
        # What a step may change besides the parameters.
        modules = [m for m in (model, loss) if isinstance(m, Module)]
        owners = {
            "model": model,
            "loss": loss,
            "regularizer": regularizer,
            "clip": clip,
        }
        self._generators = list(dict.fromkeys(find_generators(owners).values()))
        self._buffers = [
            (module, name)
            for top in modules
            for module in top.modules()
            for name, _, persistent in module.own_buffers()
            if persistent
        ]

    def take(self, batch: Any, *, measure: bool) -> None:
        """Change the parameters; after an exception everything is as before.

        Parameters
        ----------
        batch : tuple
            Inputs and target.
        measure : bool
            Whether ``grad_norm`` is needed.

        Raises
        ------
        NonFiniteStep
            If the loss or a gradient is not finite.
        """
        inputs, target = split_batch(batch)
        undo = self.snapshot()
        try:
            if isinstance(self.optimizer, LBFGS):
                self._take_with_closure(inputs, target)
            else:
                self.differentiate(inputs, target, measure)
                self.optimizer.step()
        except BaseException as error:
            undo()
            if isinstance(error, NonFiniteError):  # of the optimiser or the clipping
                raise NonFiniteStep(self._gradients_in_words()) from error
            raise

    def _take_with_closure(self, inputs: tuple[Any, ...], target: Any) -> None:
        """Let the optimiser evaluate as often as it wants; the first counts."""
        first: list[dict[str, Any]] = []

        def closure() -> float:
            self.differentiate(inputs, target, measure=True)
            first.append({name: getattr(self, name) for name in _MEASURED})
            return self.loss_value + self.penalty_value

        self.optimizer.step(closure)
        vars(self).update(first[0])

    def differentiate(
        self, inputs: tuple[Any, ...], target: Any, measure: bool
    ) -> None:
        """Set the gradients of one batch, clipped."""
        self.optimizer.zero_grad()
        loss, penalty, output = self.cost(inputs, target)
        self.loss_value = float(loss.item())
        self.penalty_value = 0.0 if penalty is None else float(penalty.item())
        if not math.isfinite(self.loss_value):
            raise NonFiniteStep(f"the loss is {self.loss_value}")
        if not math.isfinite(self.penalty_value):
            raise NonFiniteStep(f"the penalty is {self.penalty_value}")
        if self.metrics:
            self.metric_values = self.metrics(output, target)
        total = loss if penalty is None else loss + penalty
        total.backward(keep="leaves")
        if measure:
            self.grad_norm = joint_norm([p.grad for p in self.parameters])
        if callable(self.clip):
            self.clip(self.parameters)
        elif self.clip is not None:
            clip_grad_norm(self.parameters, self.clip)

    def cost(self, inputs: tuple[Any, ...], target: Any) -> Outcome:
        """Return loss, penalty and output as they are recorded."""
        return self.forward(
            self.model,
            self.loss,
            self.regularizer,
            (inputs, target),
            with_output=bool(self.metrics),
        )

    def _gradients_in_words(self) -> str:
        """Return which gradients are not finite."""
        named = [
            f"{name} in {np.sum(~np.isfinite(p.grad))} of {p.size} places"
            for group in self.optimizer.param_groups
            for name, p in zip(group["names"], group["params"], strict=True)
            if p.grad is not None and not np.all(np.isfinite(p.grad))
        ]
        return f"the gradient is not finite: that of {', of '.join(named)};"

    def snapshot(self) -> Callable[[], None]:
        """Return a function that puts buffers and generators back as they are now."""
        buffers = [np.array(getattr(m, name)) for m, name in self._buffers]
        states = [g.bit_generator.state for g in self._generators]

        def undo() -> None:
            for (module, name), array in zip(self._buffers, buffers, strict=True):
                setattr(module, name, array)
            for generator, state in zip(self._generators, states, strict=True):
                generator.bit_generator.state = state

        return undo


def joint_norm(arrays: Iterable[Any]) -> float:
    """Return the Euclidean norm of all elements of all arrays; None counts as 0.

    Not finite if and only if an element is not.
    """
    found = [np.ravel(a) for a in arrays if a is not None]
    with np.errstate(over="ignore"):
        total = sum([float(np.dot(a, a)) for a in found])
    if not _SAFE[0] < total < _SAFE[1]:
        return _scaled_norm(found)
    return math.sqrt(total)


def _scaled_norm(arrays: list[Any]) -> float:
    """Return the joint norm by way of the largest value, without overflow."""
    largest = float(np.max([np.max(np.abs(a)) for a in arrays if a.size], initial=0.0))
    if not math.isfinite(largest) or largest == 0:
        return largest
    scaled = [a.astype(np.float64) / largest for a in arrays]
    return largest * math.sqrt(sum([float(np.dot(a, a)) for a in scaled]))
