"""`Monitor`: a callback that watches a training run and changes nothing in it."""

import math
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from viz.training.layers import Layer, layer_names, layers_of
from viz.training.live import notebook_frame, write_page
from viz.training.look import Look, joint_norm
from viz.training.record import Failure, Record
from viz.training.statistics import WeightHistory

__all__ = ["Monitor"]

_LOOKS = 50  # in a whole run
_EVERY = 50  # steps, between two looks at least
_SECONDS = 2.0  # between two pages
_SHARE = 0.005  # of the time, that writing pages may take


class Monitor:
    """Record gradients, updates, activations and weights while a `Trainer` runs.

    Parameters
    ----------
    live : str or path, optional
        A file such as ``run.html``.  Open it in a browser: it shows the run so far, and
        loads itself anew until the training is over.
    every : int, optional
        After how many steps to look again.  By default about 50 times in the whole
        run, but not more often than at every 50th step; the first and the last step in
        any case.

    Attributes
    ----------
    record : Record
        What was seen, as plain data; ``record.verdicts`` says in words which layers
        get no gradient, or too much, and which units are dead or saturated.
    model : object
        The model of the trainer.

    Raises
    ------
    ValueError
        If ``every`` is below 1, or ``live`` does not end in ``.html``.

    Notes
    -----
    Weights are bit for bit those of a run without it: it only reads, draws no random
    numbers, and its forward hook is on the model only during the steps that it looks
    at.  Looking takes about as long as a step of a small network; large arrays are
    represented by 4,096 evenly spaced elements, except for gradient norms.  Gradients
    are those of the optimiser's step, so after clipping.

    Activation functions are found in the recorded graph: modules, and functions that
    ``forward`` calls.  Those inside the loss are not seen.

    In a notebook one display shows the page and follows the run.  A resumed run has the
    whole history, and the rest from where it went on.

    Examples
    --------
    >>> import viz
    >>> viz.Monitor(live="run.html")
    Monitor(live='run.html')
    """

    def __init__(
        self,
        *,
        live: str | os.PathLike[str] | None = None,
        every: int | None = None,
    ) -> None:
        if every is not None and every < 1:
            raise ValueError(f"Monitor: every must be at least 1, got {every}.")
        if live is not None and Path(live).suffix.lower() != ".html":
            raise ValueError(
                f"Monitor: live is one HTML file, and the suffix of "
                f"{str(live)!r} is not .html."
            )
        self.live = None if live is None else Path(live)
        self.every = every
        self.record = Record()
        self.model: Any = None
        self._layers: list[Layer] = []
        self._names: dict[str, str] = {}
        self._interval = self._last = self._due = 1
        self._look: Look | None = None
        self._display: Any = None
        self._next_page = 0.0

    # ---- what the trainer calls ------------------------------------------------------

    def on_fit_start(self, trainer: Any) -> None:
        """Find the layers, and plan when to look."""
        self.model = trainer.model
        self._layers = [
            layer
            for layer in layers_of(trainer.model)
            if any(p.requires_grad for p in layer.parameters)
        ]
        self._names = layer_names(trainer.model)
        if list(self.record.gradients) != [layer.name for layer in self._layers]:
            self.record = Record()  # of another model, or with other layers frozen
        record = self.record
        record.title = _title(trainer)
        record.status, record.failure = "running", None
        record.epochs, record.batches = trainer.epochs, trainer.batches
        for layer in self._layers:
            record.gradients.setdefault(layer.name, [])
            record.updates.setdefault(layer.name, [])
            record.weights.setdefault(layer.name, WeightHistory())
        self._last = trainer.epochs * trainer.batches
        planned = (self._last - trainer.step) // _LOOKS
        self._interval = self.every or max(_EVERY, planned)
        self._due = trainer.step + 1
        self._start_display()
        self._show(trainer)

    def on_epoch_start(self, trainer: Any) -> None:
        """Prepare for the first step, if it is to be looked at."""
        self._prepare(trainer)

    def on_batch_end(self, trainer: Any) -> None:
        """Look at the step, if it is one of those, and prepare for the next."""
        if not math.isfinite(trainer.batch_loss) and self.record.failure is None:
            reason = f"the loss is {trainer.batch_loss}"
            self._fail(trainer, reason, self._broken_layer())
        if self._look is not None:
            with np.errstate(all="ignore"):  # what is not finite is recorded
                self._finish(trainer)
        if trainer.step + 1 >= self._due and trainer.batch < trainer.batches:
            self._prepare(trainer)
        if time.monotonic() >= self._next_page:
            self._show(trainer)

    def on_epoch_end(self, trainer: Any) -> None:
        """Copy the history."""
        self._copy_history(trainer)

    def on_fit_end(self, trainer: Any) -> None:
        """Write the last page: it says that the run is done."""
        stopped = trainer.stopped
        self.record.status = "done" if stopped is None else f"stopped: {stopped}"
        self._end(trainer)

    def on_fit_error(self, trainer: Any, error: BaseException) -> None:
        """Write the last page: it says what went wrong, and where."""
        self.record.status = "failed"
        if isinstance(error, FloatingPointError):
            self._fail(trainer, *_explained(str(error), self._names))
        else:
            self.record.status += f": {type(error).__name__}"
        self._end(trainer)

    # ---- looking ---------------------------------------------------------------------

    def _prepare(self, trainer: Any) -> None:
        step = trainer.step + 1
        if step >= self._due:
            self._drop()
            self._look = Look(trainer.model, self._layers, self._names)
            following = step + self._interval - step % self._interval
            self._due = min(following, self._last) if step < self._last else following

    def _finish(self, trainer: Any) -> None:
        assert self._look is not None
        look, record = self._look, self.record
        self._drop()
        when = _position(trainer)
        record.when.append(when)
        record.activations.append(look.activations)
        for layer, update in zip(self._layers, look.updates(), strict=True):
            gradient = joint_norm([p.grad for p in layer.parameters])
            record.gradients[layer.name].append(gradient)
            record.updates[layer.name].append(update)
            record.weights[layer.name].add(when, layer.weight.data)
            if not math.isfinite(gradient) and record.failure is None:
                self._fail(trainer, "a gradient is not finite", self._broken_layer())

    def _drop(self) -> None:
        if self._look is not None:
            self._look.handle.remove()
            self._look = None

    def _broken_layer(self) -> str:
        """Return the first layer, from the loss back, whose gradient is not finite."""
        for layer in reversed(self._layers):
            if not math.isfinite(joint_norm([p.grad for p in layer.parameters])):
                return layer.name
        return ""

    def _fail(self, trainer: Any, reason: str, place: str) -> None:
        self.record.failure = Failure(_position(trainer), reason, place)

    # ---- showing ---------------------------------------------------------------------

    def _copy_history(self, trainer: Any) -> None:
        history = trainer.history
        self.record.history = {name: list(history[name]) for name in history}

    def _end(self, trainer: Any) -> None:
        self._drop()
        self._copy_history(trainer)
        self._show(trainer)

    def _show(self, trainer: Any) -> None:
        start = time.monotonic()
        if self.live is not None:
            self._write(self.live, _position(trainer))
        if self._display is not None:
            frame = notebook_frame(self.record, _position(trainer))
            self._display.update(frame, raw=True)
        now = time.monotonic()
        self._next_page = now + max(_SECONDS, (now - start) / _SHARE)

    def _write(self, path: Path, position: float) -> None:
        """Write the page; a full disk must not end the training."""
        try:
            write_page(path, self.record, position)
        except OSError as error:
            self.live = None
            warnings.warn(
                f"Monitor: {path} cannot be written, and is no longer: {error}.",
                UserWarning,
                stacklevel=2,
            )

    def _start_display(self) -> None:
        """Open a display, if this is a Jupyter kernel; IPython is not imported."""
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython is not None else None
        if self._display is None and shell is not None and hasattr(shell, "kernel"):
            assert ipython is not None
            self._display = ipython.display.display(
                {"text/plain": repr(self)}, raw=True, display_id=True
            )

    def __repr__(self) -> str:
        parts = [] if self.live is None else [f"live={str(self.live)!r}"]
        parts += [] if self.every is None else [f"every={self.every}"]
        return f"Monitor({', '.join(parts)})"


def _position(trainer: Any) -> float:
    """Return where training is, in epochs."""
    return float(trainer.epoch + trainer.batch / max(trainer.batches, 1))


def _title(trainer: Any) -> str:
    model, optimizer = trainer.model, trainer.optimizer
    count = sum(p.size for layer in layers_of(model) for p in layer.parameters)
    rate = optimizer.param_groups[0]["lr"]
    return (
        f"{type(model).__name__} with {count:,} parameters, "
        f"{type(optimizer).__name__}, learning rate {rate:g}"
    )


def _explained(message: str, names: dict[str, str]) -> tuple[str, str]:
    """Return reason and place from what the trainer says about a number.

    Its lines are ``fit: REASON in epoch ...`` and ``First: PATH: OPERATION ...``.
    """
    head, _, rest = message.partition("\n")
    reason = head.removeprefix("fit: ").partition(" in epoch")[0].rstrip(";")
    first = rest.strip().partition("\n")[0].removeprefix("First: ")
    if not rest.strip().startswith("First: "):
        return reason, ""
    path, _, after = first.partition(": ")
    operation = after.partition(" at ")[0].rpartition(": ")[2]
    place = names.get(path, path)
    return reason, f"{place}, operation {operation}" if after else place
