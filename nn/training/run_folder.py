"""`RunFolder`: a callback that leaves a training run as files.

They are plain text and arrays, for ``python -m viz report FOLDER`` and for any other
program.  This is their format, version 1; every file is UTF-8.

``run.json``, written when the training starts, and again when it ends::

    {"format": 1,
     "status": "running" | "done" | "stopped" | "interrupted" | "failed",
     "reason": why it was stopped or has failed, else "",
     "epochs": how many were asked for,
     "architecture": the model as `repr` shows it,
     "configuration": {name: str | int | float | bool | null},
     "settings": what the user has added, of the same form,
     "generators": [{"used_by": [path, ...], "kind": "PCG64", "seed": decimal digits,
                     "spawn_key": [int, ...], "state": at the start of training}],
     "versions": {name: str},
     "classes": [name of class 0, ...] | null}

``history.csv``: a column ``epoch``, counted from 1, and those of `History`.

``gradients.csv``: a column ``epoch`` and one for each layer with parameters, called
``PATH: CLASS``.  It has the norm of the gradient of all parameters of the layer, as the
optimiser got it, so after clipping: the mean over every 16th step of the epoch, the
first and the last step among them.

``results.json``, written when the training ends::

    {"weights": [HISTOGRAM of each parameter, ...],
     "activations": [HISTOGRAM of what each layer gives, ...],
     "predictions": null | {"kind": "classes", "scores": "probabilities" | "outputs"}
                         | {"kind": "values"} | {"left_out": why}}

A HISTOGRAM is ``{"name", "size", "not_finite", "mean", "std", "low", "high",
"counts"}``: ``counts`` of finite values in equal bins from ``low`` to ``high``; numbers
that do not exist are null.  That of an activation function has ``function``, the name
of its class, and may have ``saturated``, the share of values where the slope is below
5 % of the steepest (sigmoid, tanh), or ``dead``, the share of units that are 0 for
every sample (ReLU).  Activations are those of the first batches of the validation
data, until they have 256 samples, in evaluation mode.

``predictions.npz``, of the validation data at the end, in the order of the loader:

- ``targets`` and ``predicted``, shape (n,) for classes, (n, ...) for values;
- ``scores``, shape (n, C), or (n,) for one score of class 1; only for classes;
- ``worst``, shape (k,): the rows that were predicted worst, the worst first.  For
  classes: the smallest score of the true class; for values: the largest mean squared
  error;
- ``worst_inputs``, shape (k, ...), if a sample has at most 12,288 numbers.

Each file is replaced as a whole: a reader sees the old one or the new one.
"""

import csv
import io
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import CheckpointError, ShapeError
from nn.data import TensorDataset
from nn.early_stopping import EarlyStopping
from nn.saving.atomic import write_atomically
from nn.training.gradient_norms import GradientNorms
from nn.training.run_predictions import predict_validation
from nn.training.run_settings import (
    Plain,
    configuration,
    initial_generators,
    plain,
    versions,
)
from nn.training.run_statistics import activation_histograms, weight_histograms

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["RunFolder"]

_FORMAT = 1
_SECONDS = 1.0  # between two versions of the growing files, at least
_SHARE = 0.01  # of the time, that writing them may take
_RESULTS = ("results.json", "predictions.npz")


class RunFolder:
    """Leave a folder of files from which a report of the training run can be made.

    Parameters
    ----------
    path : str or path
        The folder; it is made if it does not exist.  Files of an earlier run in it are
        replaced.
    classes : sequence of str, optional
        The names of the classes, from class 0.
    image_shape : sequence of int, optional
        The shape of one input as an image, (height, width) or (channels, height,
        width), where the rows of the data are flat.
    settings : mapping of str to str, int, float, bool or None, optional
        What else belongs to the configuration, and what no object knows any more: the
        name of the data set, the seed with which weights were initialised.

    Raises
    ------
    TypeError
        If a setting has another type.
    ValueError
        When the training starts, if an `EarlyStopping` comes after it in the list of
        callbacks: it would put other weights in place after the results were written.
    ShapeError
        When the training starts, if inputs do not fit into ``image_shape``.
    CheckpointError
        If a file cannot be written.

    Notes
    -----
    The files and their format are described in `nn.training.run_folder`.  There is no
    time and no path of this machine in them, except what a ``repr`` shows.

    The results are those of the validation data that `Trainer.fit` was given.
    Computing them draws no random number that the training would have drawn: the
    weights are bit for bit those of a run without the folder.

    Examples
    --------
    >>> import nn
    >>> nn.RunFolder("runs/digits", classes=["cat", "dog"])
    RunFolder('runs/digits')
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        classes: Sequence[str] | None = None,
        image_shape: Sequence[int] | None = None,
        settings: Mapping[str, Plain] | None = None,
    ) -> None:
        self.path = Path(path)
        self.classes = None if classes is None else [str(name) for name in classes]
        self.image_shape = None if image_shape is None else tuple(image_shape)
        self.settings = {name: plain(name, v) for name, v in (settings or {}).items()}
        self._forget()

    def _forget(self) -> None:
        self._norms = GradientNorms()
        self._generators: list[dict[str, Any]] | None = None
        self._is_open = False

    # ---- as a callback -------------------------------------------------------------

    def on_fit_start(self, trainer: "Trainer") -> None:
        """Write the configuration, and remove the results of an earlier run."""
        self._is_open = False
        self._require_last_word(trainer)
        self._require_image_shape(trainer)
        if trainer.step == 0:
            self._forget()
        if self._generators is None:
            self._generators = initial_generators(trainer)
        self._norms.watch(trainer.model, len(trainer.history))
        self.path.mkdir(parents=True, exist_ok=True)
        for name in _RESULTS:
            (self.path / name).unlink(missing_ok=True)
        self._next_write = 0.0
        self._write_tables(trainer)
        self._write_run(trainer, "running")
        self._is_open = True

    def on_batch_end(self, trainer: "Trainer") -> None:
        """Look at the gradients, if it is one of the steps for that."""
        self._norms.look(trainer.batch, trainer.batches)

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Write the tables, unless they were written a moment ago."""
        self._norms.end_epoch()
        if time.monotonic() >= self._next_write:
            self._write_tables(trainer)

    def on_fit_end(self, trainer: "Trainer") -> None:
        """Write everything: the training is over."""
        self._write_tables(trainer)
        self._write_results(trainer)
        stopped = trainer.stopped
        self._write_run(trainer, "done" if stopped is None else "stopped", stopped)

    def on_fit_error(self, trainer: "Trainer", error: BaseException) -> None:
        """Write how far the training came, and why it ended."""
        if not self._is_open:  # it ended before it began
            return
        self._write_tables(trainer)
        if isinstance(error, KeyboardInterrupt):
            self._write_run(trainer, "interrupted")
        else:
            reason = f"{type(error).__name__}: {error}"
            self._write_run(trainer, "failed", reason)

    def _require_last_word(self, trainer: "Trainer") -> None:
        after = trainer.callbacks[trainer.callbacks.index(self) + 1 :]
        if any(isinstance(callback, EarlyStopping) for callback in after):
            raise ValueError(
                "RunFolder: put it after EarlyStopping in callbacks=[...]: the results "
                "are to be those of the weights that EarlyStopping restores."
            )

    def _require_image_shape(self, trainer: "Trainer") -> None:
        dataset = getattr(trainer.position.validation, "dataset", None)
        if self.image_shape is None or not isinstance(dataset, TensorDataset):
            return
        given, shape = self.image_shape, dataset.arrays[0].shape[1:]
        if math.prod(shape) != math.prod(given):
            raise ShapeError(
                f"RunFolder: image_shape={given} has {math.prod(given)} numbers, but "
                f"an input has shape {shape}."
            )

    # ---- state ---------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run cannot know: earlier gradients, first states."""
        return {"norms": self._norms.state_dict(), "generators": self._generators}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` returned.

        Raises
        ------
        CheckpointError
            If a key is missing or unknown.
        """
        if set(state) != {"norms", "generators"}:
            raise CheckpointError(
                f"RunFolder.load_state_dict: the keys must be ['generators', 'norms'], "
                f"got {sorted(state)}; nothing was loaded."
            )
        self._norms.load_state_dict(state["norms"])
        self._generators = state["generators"]

    # ---- files ---------------------------------------------------------------------

    def _write_run(
        self, trainer: "Trainer", status: str, reason: str | None = None
    ) -> None:
        record = {
            "format": _FORMAT,
            "status": status,
            "reason": reason or "",
            "epochs": trainer.epochs,
            "architecture": repr(trainer.model),
            "configuration": configuration(trainer, self),
            "settings": self.settings,
            "generators": self._generators,
            "versions": versions(),
            "classes": self.classes,
        }
        self._write("run.json", _json(record))

    def _write_tables(self, trainer: "Trainer") -> None:
        start = time.monotonic()
        self._write("history.csv", _csv(trainer.history.to_dict()))
        self._write("gradients.csv", _csv(self._norms.columns))
        now = time.monotonic()
        self._next_write = now + max(_SECONDS, (now - start) / _SHARE)

    def _write_results(self, trainer: "Trainer") -> None:
        predictions, arrays = predict_validation(trainer, self.image_shape)
        if arrays:
            self._write("predictions.npz", _npz(arrays))
        results = {
            "weights": weight_histograms(trainer.model),
            "activations": activation_histograms(trainer),
            "predictions": predictions,
        }
        self._write("results.json", _json(results))

    def _write(self, name: str, content: bytes) -> None:
        write_atomically(str(self.path / name), content, previous=False)

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False, default=_listed).encode()


def _listed(value: Any) -> Any:
    """Return arrays and NumPy scalars in the state of a generator as plain numbers."""
    return value.tolist()


def _npz(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _csv(columns: Mapping[str, Sequence[float]]) -> bytes:
    """Return columns as a table with all digits, rows counted from 1."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["epoch", *columns])
    rows = zip(*columns.values(), strict=True)
    writer.writerows([k, *map(_digits, row)] for k, row in enumerate(rows, start=1))
    return text.getvalue().encode("utf-8", "backslashreplace")


def _digits(value: float) -> str:
    return "nan" if math.isnan(value) else repr(float(value))
