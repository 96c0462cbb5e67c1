"""What a `Trainer` refuses before it does anything, and how it says so."""

import functools
import re

import numpy as np
import pytest

import nn
from tests.nn.training.runs import build, data

MODEL = nn.Linear(3, 2, rng=np.random.default_rng(0))
OPTIMIZER = nn.optim.SGD(MODEL.parameters(), lr=0.1)
OTHER = nn.optim.SGD(MODEL.parameters(), lr=0.1)
SETTINGS = {"model": MODEL, "loss": nn.CrossEntropyLoss(), "optimizer": OPTIMIZER}


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("model", len, TypeError, "the model must be a Module, got <built-in"),
        ("model", nn.ReLU, TypeError, "must be a Module, got the class ReLU"),
        ("loss", nn.MSELoss, TypeError, "like nn.MSELoss(), or a function, got the cl"),
        ("loss", "mse", TypeError, "or a function, got 'mse'"),
        ("loss", nn.MSELoss(reduction="none"), ValueError, "not reduction='none'"),
        ("optimizer", nn.optim.Adam, TypeError, "got the class Adam"),
        ("optimizer", "adam", TypeError, "nn.optim.Adam(model.parameters()), got 'ad"),
        ("schedule", nn.optim.StepLR, TypeError, "got the class StepLR"),
        ("schedule", nn.optim.StepLR(OTHER, 1), ValueError, "for another optimiser"),
        ("schedule", nn.optim.ReduceLROnPlateau(OTHER), ValueError, "another optimis"),
        ("schedule_every", "step", ValueError, "'epoch' or 'batch', got 'step'"),
        ("clip", -1, ValueError, "clip must be positive, got -1"),
        ("clip", float("nan"), ValueError, "clip must be positive, got nan"),
        ("clip", True, TypeError, "a positive number, or a function, got True"),
        ("clip", "1", TypeError, "a positive number, or a function, got '1'"),
        ("callbacks", nn.EarlyStopping(), TypeError, "Write [callback]"),
        ("callbacks", [nn.EarlyStopping], TypeError, "got the class EarlyStopping"),
        ("callbacks", [print], TypeError, "one of the methods on_fit_start, on_epoch"),
        ("metrics", nn.metrics.accuracy, TypeError, "Write [metric]"),
        ("metrics", "accuracy", TypeError, "must be a list or a dict, got 'accuracy'"),
        ("metrics", ["accuracy"], TypeError, "functions with a name"),
        ("metrics", [object()], TypeError, "functions with a name"),
        ("metrics", {"f1": "f1"}, TypeError, "metric 'f1' must be a function"),
        ("metrics", {"loss": nn.metrics.mse}, ValueError, "the name 'loss' is taken"),
        ("metrics", [nn.metrics.mse] * 2, ValueError, "the name 'mse' is taken"),
        ("rng", 0, TypeError, "Trainer: it needs random numbers, but got rng=0"),
    ],
)
def test_what_a_trainer_refuses(name, value, error, message):
    with pytest.raises(error, match=re.escape(message)):
        nn.Trainer(**SETTINGS | {name: value})


def test_a_plateau_is_one_of_epochs():
    plateau = nn.optim.ReduceLROnPlateau(OPTIMIZER)
    with pytest.raises(ValueError, match="it can only step after epochs"):
        nn.Trainer(**SETTINGS, schedule=plateau, schedule_every="batch")


def test_what_fits():
    named = functools.partial(nn.metrics.top_k, k=2)
    trainer = nn.Trainer(
        **SETTINGS,
        metrics=(nn.metrics.accuracy, named),
        schedule=nn.optim.StepLR(OPTIMIZER, 1),
        clip=np.float32(0.5),
        callbacks=(c for c in [nn.EarlyStopping()]),
    )
    assert list(trainer.metrics) == ["accuracy", "top_k"]
    assert len(trainer.callbacks) == 1
    assert nn.Trainer(**SETTINGS, clip=float("inf")).clip == float("inf")


@pytest.mark.parametrize(
    ("epochs", "error", "message"),
    [
        (0, ValueError, "fit: epochs must be at least 1, got 0"),
        (1.5, TypeError, "fit: epochs must be an integer, got 1.5"),
        ("3", TypeError, "fit: epochs must be an integer, got '3'"),
    ],
)
def test_epochs_are_whole(epochs, error, message):
    trainer, arguments = build()
    with pytest.raises(error, match=message):
        trainer.fit(**arguments, epochs=epochs)
    assert trainer.step == 0


def test_data_that_are_no_batches():
    x, y = data()
    trainer, _ = build()
    with pytest.raises(TypeError, match=r"DataLoader or a tuple \(X, Y\), got list"):
        trainer.fit([x, y], epochs=1)
    with pytest.raises(TypeError, match="got type"):
        trainer.fit(nn.DataLoader, epochs=1)
    with pytest.raises(TypeError, match=r"a batch must be \(input, target\)"):
        trainer.fit((x,), epochs=1, progress=False)
