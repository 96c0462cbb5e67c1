"""Small training runs that tests build anew, stop, resume and compare by bits."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from nn import optim

SAMPLES, BATCH, EPOCHS = 22, 5, 3
STEPS_PER_EPOCH = -(-SAMPLES // BATCH)

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.05),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.05),
    "Adadelta": lambda p: optim.Adadelta(p, lr=0.5),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "amsgrad": lambda p: optim.Adam(p, lr=0.01, amsgrad=True),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
    "Adamax": lambda p: optim.Adamax(p, lr=0.01),
    "NAdam": lambda p: optim.NAdam(p, lr=0.01),
    "RAdam": lambda p: optim.RAdam(p, lr=0.01),
    "Lion": lambda p: optim.Lion(p, lr=0.001),
    "LBFGS": lambda p: optim.LBFGS(p, lr=0.1, max_iter=3, history_size=4),
}

SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "none": lambda o: None,
    "StepLR": lambda o: optim.StepLR(o, step_size=1, gamma=0.5),
    "MultiStepLR": lambda o: optim.MultiStepLR(o, milestones=[1, 2]),
    "ExponentialLR": lambda o: optim.ExponentialLR(o, gamma=0.8),
    "CosineAnnealingLR": lambda o: optim.CosineAnnealingLR(o, T_max=4),
    "CosineAnnealingWarmRestarts": lambda o: optim.CosineAnnealingWarmRestarts(
        o, T_0=2
    ),
    "LinearLR": lambda o: optim.LinearLR(o, total_iters=3),
    "OneCycleLR": lambda o: optim.OneCycleLR(
        o, max_lr=0.1, total_steps=EPOCHS * STEPS_PER_EPOCH, cycle_momentum=False
    ),
    "CyclicLR": lambda o: optim.CyclicLR(
        o, base_lr=0.001, max_lr=0.1, step_size_up=4, cycle_momentum=False
    ),
    "ReduceLROnPlateau": lambda o: optim.ReduceLROnPlateau(
        o, patience=0, threshold=1.0
    ),
    "LambdaLR": lambda o: optim.LambdaLR(o, lambda epoch: 0.9**epoch),
    "SequentialLR": lambda o: optim.SequentialLR(
        o,
        [optim.LinearLR(o, total_iters=1), optim.ExponentialLR(o, gamma=0.5)],
        milestones=[1],
    ),
}


class Recorder:
    """A callback that keeps the loss of every step, and stops the world at one.

    It also keeps the state at the end of the last epoch, before anything is restored.
    """

    def __init__(self, stop_at: int | None = None, copy_at: int | None = None) -> None:
        self.losses: list[float] = []
        self.stop_at = stop_at
        self.copy_at = copy_at
        self.copied: dict[str, Any] = {}
        self.state: dict[str, Any] = {}

    def on_batch_end(self, trainer):
        """Keep the loss."""
        self.losses.append(trainer.batch_loss)
        if trainer.step == self.copy_at:
            self.copied = trainer.state_dict()
        if trainer.step == self.stop_at:
            raise Stopped

    def on_epoch_end(self, trainer):
        """Keep the state of the last epoch."""
        if trainer.is_finished:
            self.state = trainer.state_dict()


class Stopped(Exception):
    """Raised by a callback in the middle of training."""


def data():
    """Return inputs and targets, the same every time."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal((SAMPLES, 3)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int64)


def build(
    optimizer="Adam",
    schedule="StepLR",
    *,
    dropout=True,
    batch_norm=True,
    shuffle=True,
    callbacks=(),
    seed=0,
    **settings,
):
    """Return a new trainer and the arguments of its fit, drawn from one generator."""
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = [nn.Linear(3, 6, rng=rng)]
    if batch_norm:
        layers.append(nn.BatchNorm1d(6))
    layers.append(nn.Tanh())
    if dropout:
        layers.append(nn.Dropout(0.3, rng=rng))
    layers.append(nn.Linear(6, 2, rng=rng))
    model = nn.Sequential(*layers)
    made = OPTIMIZERS[optimizer](model.named_parameters())
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        made,
        metrics=[nn.metrics.accuracy],
        schedule=SCHEDULES[schedule](made),
        callbacks=callbacks,
        rng=rng,
        **settings,
    )
    x, y = data()
    arguments = {
        "train": (x, y),
        "validation": (x[:7], y[:7]),
        "batch_size": BATCH,
        "shuffle": shuffle,
        "progress": False,
    }
    return trainer, arguments


def bits(state, path=""):
    """Return every leaf of a state by path, as text that differs if a bit does.

    Of wall time only counts whether it is there.
    """
    if "seconds" in path and isinstance(state, float):
        return {path: str(np.isnan(state))}
    if isinstance(state, dict | list | tuple):
        items = state.items() if isinstance(state, dict) else enumerate(state)
        leaves = {path: f"{type(state).__name__} of {len(state)}"}
        for key, value in items:
            leaves |= bits(value, f"{path}/{key}")
        return leaves
    if isinstance(state, np.ndarray | np.generic):
        value = np.asarray(state)
        return {path: f"{value.dtype} {value.shape} {value.tobytes().hex()}"}
    return {path: state.hex() if isinstance(state, float) else repr(state)}


def different(state, other):
    """Return the paths at which two states differ."""
    a, b = bits(state), bits(other)
    return sorted(path for path in a.keys() | b.keys() if a.get(path) != b.get(path))


def run_whole(epochs=EPOCHS, callbacks=(), recorder=None, **settings):
    """Train without a stop; return the final states and the losses."""
    recorder = recorder or Recorder()
    trainer, arguments = build(callbacks=[*callbacks, recorder], **settings)
    trainer.fit(**arguments, epochs=epochs)
    return {**trainer.state_dict(), "last epoch": recorder.state}, recorder.losses


def stop_at(step, epochs=EPOCHS, callbacks=(), **settings):
    """Train until a callback raises; return the state there and the losses."""
    recorder = Recorder(step)
    trainer, arguments = build(callbacks=[*callbacks, recorder], **settings)
    try:
        trainer.fit(**arguments, epochs=epochs)
    except Stopped:
        return trainer.state_dict(), recorder.losses
    raise AssertionError(f"there is no step {step}")


def resume(state, epochs=EPOCHS, callbacks=(), **settings):
    """Build everything anew, load a state and train; return final states and losses."""
    recorder = Recorder()
    trainer, arguments = build(callbacks=[*callbacks, recorder], **settings)
    trainer.load_state_dict(copy.deepcopy(state))
    trainer.fit(**arguments, epochs=epochs)
    return {**trainer.state_dict(), "last epoch": recorder.state}, recorder.losses
