"""One call of `Trainer.fit`: epochs, steps, validation, and what callbacks are told."""

import math
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import NonFiniteError
from nn.optim import ReduceLROnPlateau
from nn.training.batch_metrics import BatchMetrics
from nn.training.callbacks import EVENTS
from nn.training.diagnosis import describe_batch, first_non_finite
from nn.training.evaluation import evaluate, loss_sum
from nn.training.interrupt import DeferredInterrupt
from nn.training.step import NonFiniteStep, Step, joint_norm
from nn.training.sums import EpochSums

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["Fit"]

# Norms are measured once in so many steps: it takes a copy of all weights, which also
# is what is left if the weights stop being finite.
_MEASURED_EVERY = 8


class Fit:
    """Train until a `Trainer` is finished.

    Parameters
    ----------
    trainer : Trainer
        Whose counters and history are carried on.
    validation : DataLoader or None
        What is evaluated after every epoch.
    callbacks : iterable
        Objects with any of the ``on_...`` methods.
    """

    def __init__(
        self, trainer: "Trainer", validation: Any, callbacks: Iterable[Any]
    ) -> None:
        self._trainer = trainer
        self._step = Step(
            trainer.model,
            trainer.loss,
            trainer.optimizer,
            trainer.regularizer,
            trainer.clip,
            BatchMetrics(trainer.metrics),
            trainer.forward,
        )
        self._validation = validation
        listed = list(callbacks)
        self._hooks: dict[str, list[Callable[..., Any]]] = {
            event: [getattr(c, event) for c in listed if hasattr(c, event)]
            for event in EVENTS
        }
        self._interrupt = DeferredInterrupt()
        self._good: tuple[int, list[Any]] | None = None  # after which step; weights

    def run(self) -> None:
        """Train; after an exception the trainer can go on from where it stopped."""
        trainer = self._trainer
        was_training = trainer.model.training
        if not was_training:
            trainer.model.train()
        try:
            with self._interrupt:
                self._call("on_fit_start")
                while not trainer.is_finished:
                    self._run_epoch()
                self._call("on_fit_end")
        except BaseException as error:
            if isinstance(error, NonFiniteError):
                error.args = (f"{error}\n  {self._keep_good_weights()}",)
            trainer.position.hold(trainer.batch)
            for hook in self._hooks["on_fit_error"]:
                hook(trainer, error)
            raise
        finally:
            if not was_training:
                trainer.model.eval()

    def _call(self, event: str) -> None:
        for hook in self._hooks[event]:
            hook(self._trainer)

    def _run_epoch(self) -> None:
        trainer = self._trainer
        batches = trainer.position.batches(trainer.batch)
        self._started = time.perf_counter() - trainer.sums.seconds
        self._call("on_epoch_start")
        for batch in batches:
            self._run_step(batch)
            self._call("on_batch_end")
            self._interrupt.check()
        with trainer.position.kept_if_it_fails():  # it comes again then
            self._end_epoch()
        self._call("on_epoch_end")
        self._interrupt.check()

    def _run_step(self, batch: Any) -> None:
        trainer, step = self._trainer, self._step
        sums = trainer.sums
        is_measured = sums.steps % _MEASURED_EVERY == 0
        before = [np.array(p.data) for p in step.parameters] if is_measured else []
        try:
            step.take(batch, measure=is_measured)
        except NonFiniteStep as failure:
            raise self._non_finite(failure, batch) from failure
        if is_measured:
            self._good = (trainer.step, before)
            pairs = zip(step.parameters, before, strict=True)
            sums.update_norm += joint_norm([p.data - old for p, old in pairs])
            sums.grad_norm += step.grad_norm
            sums.measured += 1
        rows = len(batch[0])
        share, weight = loss_sum(trainer.loss, step.loss_value, batch[-1], rows)
        sums.loss += share
        sums.weight += weight
        sums.penalty += step.penalty_value * rows
        sums.add_metrics(step.metric_values, rows)
        sums.samples += rows
        sums.steps += 1
        trainer.batch_loss = step.loss_value
        sums.lr = float(trainer.optimizer.param_groups[0]["lr"])
        trainer.step += 1
        if trainer.schedule is not None and trainer.schedule_every == "batch":
            trainer.schedule.step()
        sums.seconds = time.perf_counter() - self._started

    def _end_epoch(self) -> None:
        trainer = self._trainer
        self._require_finite_weights()
        row = trainer.sums.row(with_penalty=trainer.regularizer is not None)
        if self._validation is not None:
            found = evaluate(
                trainer.model,
                trainer.loss,
                trainer.metrics,
                self._validation,
                self._interrupt.check,
            )
            row |= {f"val_{name}": value for name, value in found.items()}
        if isinstance(trainer.schedule, ReduceLROnPlateau):
            trainer.schedule.step(row.get("val_loss", row["loss"]))
        elif trainer.schedule is not None and trainer.schedule_every == "epoch":
            trainer.schedule.step()
        row["seconds"] = time.perf_counter() - self._started
        trainer.history.append(row)
        trainer.epoch += 1
        trainer.sums = EpochSums()

    # ---- what is not finite --------------------------------------------------------

    def _non_finite(self, failure: NonFiniteStep, batch: Any) -> NonFiniteError:
        trainer = self._trainer
        undo = self._step.snapshot()
        try:
            first = first_non_finite(self._step, batch)
        finally:
            undo()
        lines = [
            f"fit: {failure} in epoch {trainer.epoch + 1}, step {trainer.step + 1} "
            f"(batch {trainer.batch + 1} of {trainer.batches} in the epoch).",
            f"First: {first}",
            *describe_batch(trainer, batch),
        ]
        return NonFiniteError("\n  ".join(lines))

    def _require_finite_weights(self) -> None:
        trainer = self._trainer
        if not self._weights_are_finite():
            raise NonFiniteError(
                f"fit: the weights are not finite at the end of epoch "
                f"{trainer.epoch + 1}, after step {trainer.step}."
            )

    def _weights_are_finite(self) -> bool:
        return math.isfinite(joint_norm([p.data for p in self._step.parameters]))

    def _keep_good_weights(self) -> str:
        """Put the last finite weights back, and say which weights there are now."""
        trainer = self._trainer
        if self._weights_are_finite():
            return f"The weights are those after step {trainer.step}."
        if self._good is None:
            return "The weights were not finite when fit began."
        step, weights = self._good
        for parameter, array in zip(self._step.parameters, weights, strict=True):
            parameter.data = array
        return (
            f"The weights were not finite any more: they are again those after step "
            f"{step}. Lower the learning rate."
        )
