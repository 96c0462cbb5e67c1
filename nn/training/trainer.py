"""`Trainer`: the loop over epochs and batches, with all that belongs to it."""

import math
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import NonFiniteError, Tensor
from nn.checks import require_size
from nn.module import Module
from nn.parameter import require_rng
from nn.saving import read_state, write_state
from nn.training.arguments import (
    Metric,
    as_loader,
    checked_callbacks,
    named_metrics,
    require_fitting,
    schedule_interval,
)
from nn.training.callbacks import Checkpoint
from nn.training.classes import classes, probabilities
from nn.training.evaluation import evaluate, outputs
from nn.training.forward import Forward
from nn.training.history import History
from nn.training.loop import Fit
from nn.training.position import DataPosition
from nn.training.progress import progress_for
from nn.training.state import load_training_state, take_training_state
from nn.training.step import joint_norm
from nn.training.sums import EpochSums

__all__ = ["Trainer"]

Data = Any  # a DataLoader, or a tuple of arrays with the target last


class Trainer:
    """Train a model, keep the history, and continue to the bit after a stop.

    Parameters
    ----------
    model : Module
        Called with all arrays of a batch but the last, the target.
    loss : callable
        ``loss(prediction, target)`` is one number: a loss module such as
        `CrossEntropyLoss`, or a function.
    optimizer : Optimizer
        Changes the parameters it was made with.
    metrics : mapping of str to callable, or sequence of callable, optional
        ``metric(predictions, targets)`` is one number.  They are given the outputs of
        the model and the targets of the whole validation set at once, as arrays; in
        training those of one batch, and the history has the mean over the samples.
    schedule : object, optional
        A learning rate schedule of `nn.optim`.  It takes a step after every epoch,
        `CyclicLR` and `OneCycleLR` after every batch; `ReduceLROnPlateau` looks at the
        loss of the validation, or of the training where there is none.
    schedule_every : {"epoch", "batch"}, optional
        After what the schedule takes a step, if not as said above.
    regularizer : callable, optional
        ``regularizer(model)`` is added to the loss in training, such as ``L2(0.01)``.
    clip : float or callable, optional
        The largest joint norm of the gradients; or a function that is given the list
        of parameters and changes their gradients.
    callbacks : iterable, optional
        Objects with any of the methods ``on_fit_start(trainer)``, ``on_epoch_start``,
        ``on_batch_end``, ``on_epoch_end``, ``on_fit_end``, and
        ``on_fit_error(trainer, error)``.  Those with ``state_dict`` and
        ``load_state_dict`` are part of the state.  Each `Checkpoint` comes last.
    rng : Generator, optional
        Shuffles training data that are given as arrays.
    compile : bool, default False
        Whether loss and gradients of a step are computed by plans of
        `autograd.compile`, one for each shape of batch (see Notes).

    Attributes
    ----------
    history : History
        What `fit` returns.
    epoch, step : int
        How many epochs and how many batches are done.
    epochs, batches : int
        How many epochs `fit` was asked for; how many batches an epoch has.
    batch_loss : float
        The loss of the last batch, before its step.
    stopped : str or None
        Why a callback has stopped the training.

    Raises
    ------
    TypeError
        If an argument is not what it must be, such as a class instead of an object, or
        a callback has none of the methods.
    ValueError
        If the loss has ``reduction="none"``, ``clip`` is not positive,
        ``schedule_every`` is another word, two metrics have one name or that of another
        column of the history, or the schedule belongs to another optimiser.

    Warns
    -----
    UserWarning
        Once, if ``compile`` is asked for and impossible; or if a metric has no value
        for some training batches, which then do not count in its mean.

    Notes
    -----
    Samples are counted along the first axis of the first array of a batch.

    In a notebook or a script, Ctrl-C takes effect after the running step and raises
    KeyboardInterrupt.  After it, and after an exception of a callback, the next `fit`
    continues exactly where it stopped.  A second Ctrl-C is raised at once, perhaps in
    the middle of a step.

    Gradients stay in ``.grad`` until the next step, where callbacks may read them.

    With ``compile=True`` the first step with a shape of batch takes longer, because
    the model is run several times; what that changes is put back.  Losses are those of
    the eager step to the bit for equal weights, gradients agree to rtol 1e-12
    (float64) or 1e-5 (float32), so that weights drift apart as they do between two
    machines; two compiled runs are equal to the bit, resumed or not.  Up to 16 shapes
    have a plan.  Layers that draw random numbers or keep running averages in training,
    such as `Dropout` and `BatchNorm1d`, cannot be compiled: then one warning says so,
    and every step is eager.  Validation and `predict` are always eager: without
    gradients a plan saves little.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((200, 2))
    >>> y = (x[:, 0] * x[:, 1] > 0).astype(int)
    >>> model = nn.Sequential(
    ...     nn.Linear(2, 16, rng=rng), nn.Tanh(), nn.Linear(16, 2, rng=rng)
    ... )
    >>> trainer = nn.Trainer(
    ...     model,
    ...     nn.CrossEntropyLoss(),
    ...     nn.optim.Adam(model.parameters(), lr=0.03),
    ...     metrics=[nn.metrics.accuracy],
    ...     rng=rng,
    ... )
    >>> train, validation = (x[:150], y[:150]), (x[150:], y[150:])
    >>> history = trainer.fit(train, validation, epochs=30, progress=False)
    >>> history["val_accuracy"][-1] > 0.9
    True
    >>> trainer
    Trainer(Sequential, CrossEntropyLoss, Adam; 82 numbers trained; 30 epochs, 150 steps
    done)
    >>> trainer.predict(np.array([[1.0, 1.0], [-1.0, 1.0]])).tolist()
    [1, 0]

    The same steps by plans, from where it stands:

    >>> compiled = nn.Trainer(
    ...     model, trainer.loss, trainer.optimizer, rng=rng, compile=True
    ... )
    >>> more = compiled.fit(train, epochs=1, progress=False)
    >>> more["loss"][0] < history["loss"][0]
    True
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[..., Any],
        optimizer: Any,
        *,
        metrics: Mapping[str, Metric] | Sequence[Metric] = (),
        schedule: Any = None,
        schedule_every: str | None = None,
        regularizer: Callable[[Module], Tensor] | None = None,
        clip: float | Callable[[list[Tensor]], Any] | None = None,
        callbacks: Iterable[Any] = (),
        rng: np.random.Generator | None = None,
        compile: bool = False,
    ) -> None:
        require_fitting(model, loss, optimizer, schedule, clip)
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.metrics = named_metrics(metrics)
        self.schedule = schedule
        self.schedule_every = schedule_interval(schedule, schedule_every)
        self.regularizer = regularizer
        self.clip = clip
        # Sorting is stable: the order of all others is kept.
        self.callbacks = sorted(
            checked_callbacks(callbacks), key=lambda c: isinstance(c, Checkpoint)
        )
        self.rng = None if rng is None else require_rng("Trainer", rng)
        self.forward = Forward(compile)
        self.history = History()
        self.epoch = self.step = self.epochs = self.batches = 0
        self.stopped: str | None = None
        self.batch_loss = math.nan
        self.sums = EpochSums()
        self.position = DataPosition(
            {
                "model": model,
                "loss": loss,
                "regularizer": regularizer,
                "clip": clip,
                "trainer": rng,
            }
        )

    # ---- training ------------------------------------------------------------------

    def fit(
        self,
        train: Data,
        validation: Data | None = None,
        *,
        epochs: int,
        batch_size: int = 32,
        shuffle: bool = True,
        resume: str | os.PathLike[str] | None = None,
        progress: bool = True,
    ) -> History:
        """Train until ``epochs`` epochs are complete, or a callback stops.

        Parameters
        ----------
        train : DataLoader or tuple of array_like
            Batches, or whole arrays: ``(X, Y)``.
        validation : DataLoader or tuple of array_like, optional
            Evaluated after every epoch, in evaluation mode and without recording.
        epochs : int
            The number of epochs in all, those of earlier calls included.
        batch_size : int, default 32
            Of data that are given as arrays.
        shuffle : bool, default True
            Whether training data given as arrays get a new order each epoch.
        resume : str or path, optional
            A checkpoint to continue from, if the file exists: the same program can be
            started over and over, and after the last epoch does nothing.
        progress : bool, default True
            Whether to show a bar, or one line for each epoch where the output is not a
            terminal.

        Returns
        -------
        History
            Of all epochs, those of earlier calls included.

        Raises
        ------
        NonFiniteError
            If the loss, a gradient or the weights are not finite.  The message says
            which layer, step and rows; the last finite weights are in place.
        CheckpointError
            If a checkpoint is damaged, or does not fit this trainer or the data.
        ValueError
            If ``epochs`` is below 1, or arrays are to be shuffled without ``rng``.

        Notes
        -----
        A model in evaluation mode is trained in training mode and put back after; a
        single layer that is in evaluation mode stays so, such as a frozen batch norm.
        """
        epochs = require_size("fit", "epochs", epochs)
        loader = as_loader(train, batch_size, shuffle=shuffle, rng=self.rng)
        if validation is not None:
            validation = as_loader(validation, batch_size)
        if resume is not None and Path(resume).exists():
            self.load(resume)
        self.epochs, self.batches = epochs, len(loader)
        self.position.loader, self.position.validation = loader, validation
        if self.is_finished and not self.position.is_held:
            self._warn_of_nothing_to_do()
        shown = [progress_for(sys.stdout)] if progress else []
        Fit(self, validation, [*shown, *self.callbacks]).run()
        return self.history

    @property
    def batch(self) -> int:
        """How many batches of the running epoch are done."""
        return self.sums.steps

    @property
    def is_finished(self) -> bool:
        """Whether all epochs are complete, or a callback has stopped the training."""
        return self.epoch >= self.epochs or self.stopped is not None

    def stop(self, reason: str) -> None:
        """Make `fit` return after this epoch; for callbacks.

        Parameters
        ----------
        reason : str
            Why, for the user.
        """
        self.stopped = reason

    def restart_epoch(self) -> None:
        """Forget the position in the data: `fit` begins the epoch anew, with any data.

        Weights, optimiser and history stay as they are.
        """
        self.sums = EpochSums()
        self.position.forget()

    def __repr__(self) -> str:
        """Return the parts and the position in one line."""
        names = [type(x).__name__ for x in (self.model, self.loss, self.optimizer)]
        if hasattr(self.loss, "__name__"):  # a function
            names[1] = self.loss.__name__
        size = sum(p.size for g in self.optimizer.param_groups for p in g["params"])
        done = f"{self.epoch} epoch{'s' * (self.epoch != 1)}, {self.step} steps done"
        return f"Trainer({', '.join(names)}; {size:,} numbers trained; {done})"

    def _warn_of_nothing_to_do(self) -> None:
        why = f"{self.epoch} epochs are complete; epochs= counts all of them"
        if self.stopped is not None:
            why = f"{self.stopped}. To go on, set trainer.stopped = None"
        warnings.warn(f"fit: nothing to do: {why}.", UserWarning, stacklevel=3)

    # ---- using the model -----------------------------------------------------------

    def evaluate(self, data: Data, *, batch_size: int = 256) -> dict[str, float]:
        """Return the mean loss and the metrics of data, in evaluation mode.

        Parameters
        ----------
        data : DataLoader or tuple of array_like
            Batches, or whole arrays: ``(X, Y)``.
        batch_size : int, default 256
            Of data that are given as arrays.

        Returns
        -------
        dict of str to float
            ``loss`` is the mean over all samples, whatever batch they were in (over all
            targets that count, each with its weight, where the loss is a
            `CrossEntropyLoss` or `NLLLoss`); every metric is that of all outputs at
            once.

        Notes
        -----
        Nothing is recorded, and no running average changes.
        """
        loader = as_loader(data, batch_size)
        return evaluate(self.model, self.loss, self.metrics, loader)

    def predict(self, x: Any, *, batch_size: int = 256) -> npt.NDArray[Any]:
        """Return the most likely class of each sample, or what the model gives.

        Parameters
        ----------
        x : array_like, shape (N, ...), or tuple of them
            The samples; a tuple for a model with several inputs.
        batch_size : int, default 256
            How many samples to compute at a time.

        Returns
        -------
        ndarray
            The loss decides: after `CrossEntropyLoss`, `NLLLoss` and `MultiMarginLoss`
            the index of the largest output along axis 1; after `BCEWithLogitsLoss` and
            `BCELoss` 1 where the probability is at least 0.5, else 0; after
            `HingeLoss` 1 or -1; otherwise the outputs themselves.
        """
        found: npt.NDArray[Any] = classes(self.loss, outputs(self.model, x, batch_size))
        return found

    def predict_proba(self, x: Any, *, batch_size: int = 256) -> npt.NDArray[Any]:
        """Return the probability of each class.

        Parameters
        ----------
        x, batch_size
            As in `predict`.

        Returns
        -------
        ndarray
            After `CrossEntropyLoss` the softmax of the outputs along axis 1, after
            `NLLLoss` their exponential, after `BCEWithLogitsLoss` their sigmoid, after
            `BCELoss` the outputs.

        Raises
        ------
        TypeError
            After any other loss, whose outputs are no probabilities.
        """
        found: npt.NDArray[Any] = probabilities(
            self.loss, outputs(self.model, x, batch_size)
        )
        return found

    # ---- state ---------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the next step depends on, as JSON values and arrays.

        Parameters, buffers, optimiser, schedule, every random generator that attributes
        lead to (of layers, loss, regulariser, clipping, loaders, data sets, collating
        functions, the trainer), the position in the data, the history, and the state of
        callbacks.

        Notes
        -----
        Not in it: what no attribute leads to, such as a generator in a list or a global
        variable, buffers with ``persistent=False``, and settings, which the program
        gives again.
        """
        return take_training_state(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state: the next `fit` does what the saved one would have.

        Parameters
        ----------
        state : mapping
            From `state_dict` of a trainer built in the same way.

        Raises
        ------
        CheckpointError
            If anything does not fit; nothing was changed then.
        """
        load_training_state(self, state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `state_dict` to one file, at once or not at all.

        Raises
        ------
        NonFiniteError
            If a parameter is not finite; the file is as before.
        CheckpointError
            If it cannot be written; the file is as before.
        """
        groups = self.optimizer.param_groups
        if not math.isfinite(joint_norm(p.data for g in groups for p in g["params"])):
            raise NonFiniteError(
                f"save: the weights are not finite after step {self.step}; {path} was "
                f"not written. Lower the learning rate."
            )
        write_state(path, self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Read a file of `save` and continue from it, as `load_state_dict`."""
        self.load_state_dict(read_state(path))
