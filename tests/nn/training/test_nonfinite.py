"""A loss, a gradient or weights that are not finite: what is said, and what is left."""

import numpy as np
import pytest

import nn
from autograd import NonFiniteError, Tensor
from nn import optim
from tests.nn.training.runs import Recorder, build, data, different

ERRORS = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def finite(trainer):
    return all(np.isfinite(v).all() for v in trainer.model.state_dict().values())


class Keep:
    """Keeps the weights after every step."""

    def __init__(self):
        self.weights = []

    def on_batch_end(self, trainer):
        self.weights.append(trainer.model.state_dict())


def equal(a, b):
    return all(np.array_equal(a[name], b[name]) for name in a)


def spoilt_data(row, column):
    x, y = data()
    x[row, column] = np.nan
    return x, y


def test_a_nan_in_the_data_is_traced_to_its_row():
    """TRAPS 3, message 14: one NaN would spoil every weight within an epoch."""
    keep = Keep()
    trainer, arguments = build(callbacks=[keep])
    arguments["train"] = spoilt_data(19, 2)
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit(**arguments, epochs=1)
    message = str(caught.value)
    step = trainer.step + 1
    assert f"the loss is nan in epoch 1, step {step} (batch {step} of 5" in message
    assert "First: 0: Linear(3, 6)" in message
    assert "not finite in 1 of" in message
    assert "row 19 of the data" in message
    assert f"The weights are those after step {trainer.step}." in message
    assert finite(trainer)
    assert not keep.weights or equal(keep.weights[-1], trainer.model.state_dict())


def test_the_rows_of_the_batch_are_named():
    trainer, arguments = build(shuffle=False)
    arguments["train"] = spoilt_data(11, 0)
    with pytest.raises(NonFiniteError, match=r"rows 10, 11, 12, 13, 14 of the data"):
        trainer.fit(**arguments, epochs=1)
    arguments["batch_size"] = 20
    trainer.restart_epoch()
    with pytest.raises(NonFiniteError, match=r"rows 0, 1, .*, 7 and 12 more of"):
        trainer.fit(**arguments, epochs=1)


class LogOfNegative(nn.Module):
    """The logarithm of what is negative after some calls."""

    def __init__(self, calls):
        self.calls = calls
        self.scale = nn.Parameter([1.0])

    def forward(self, x):
        self.calls -= self.training
        return np.log(self.scale * (1.0 + x * x) * (1 if self.calls >= 0 else -1))


@ERRORS
def test_the_layer_and_the_operation_are_named():
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(3, 4, rng=rng),
        nn.BatchNorm1d(4),
        LogOfNegative(7),
        nn.Linear(4, 2, rng=rng),
    )
    keep = Keep()
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        optim.Adam(model.parameters(), lr=0.01),
        callbacks=[keep],
        rng=rng,
    )
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit(data(), epochs=9, batch_size=5, progress=False)
    message = str(caught.value)
    assert "epoch 2, step 8 (batch 3 of 5" in message
    assert "First: 2: LogOfNegative(): log" in message
    assert "gave nan" in message
    assert trainer.step == 7
    assert equal(keep.weights[-1], trainer.model.state_dict())  # running averages too


@ERRORS
def test_a_gradient_that_is_not_finite_is_traced_to_its_layer():
    class Root(nn.Module):
        def forward(self, x):
            return np.sqrt(x * x)

    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(3, 2, rng=rng), Root())
    trainer = nn.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    before = model.state_dict()
    x, y = np.zeros((4, 3)), np.ones((4, 2))
    model[0].bias.data = np.zeros(2)
    before = model.state_dict()
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit((x, y), epochs=1, shuffle=False, progress=False)
    message = str(caught.value)
    assert "the gradient is not finite: that of 0.weight in 6 of 6" in message
    assert "; in epoch 1, step 1 (batch 1 of 1" in message
    assert "First: 1: first " in message
    assert "sqrt" in message
    assert equal(before, model.state_dict())


@ERRORS
def test_weights_that_overflow_are_put_back():
    keep = Keep()
    trainer, arguments = build("SGD", "none", callbacks=[keep], batch_norm=False)

    class Explode:
        def on_batch_end(self, trainer):
            if trainer.step == 7:
                trainer.optimizer.param_groups[0]["lr"] = 1e39

    trainer.callbacks.append(Explode())
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit(**arguments, epochs=9)
    assert finite(trainer)
    message = str(caught.value)
    assert "The weights were not finite any more: they are again those after" in message
    assert "Lower the learning rate." in message
    # Copies are taken in the first step of an epoch, the 6th of all: after the 5th.
    assert "after step 5." in message
    assert equal(keep.weights[4], trainer.model.state_dict())


@ERRORS
def test_the_end_of_an_epoch_does_not_hide_weights_that_are_not_finite():
    trainer, arguments = build("SGD", "none", batch_norm=False)

    class Explode:
        def on_batch_end(self, trainer):
            if trainer.step == 4:
                trainer.optimizer.param_groups[0]["lr"] = 1e39

    trainer.callbacks.append(Explode())
    with pytest.raises(NonFiniteError, match="at the end of epoch 1, after step 5"):
        trainer.fit(**arguments, epochs=1)
    assert finite(trainer)
    assert len(trainer.history) == 0


@ERRORS
def test_a_checkpoint_never_gets_weights_that_are_not_finite(tmp_path):
    path = tmp_path / "run"
    trainer, arguments = build("SGD", "none", batch_norm=False)
    trainer.fit(**arguments, epochs=1)
    trainer.save(path)
    content = path.read_bytes()
    trainer.model[0].weight.data = np.full((6, 3), np.inf)
    with pytest.raises(NonFiniteError, match="save: the weights are not finite"):
        trainer.save(path)
    assert path.read_bytes() == content


def test_clipping_does_not_hide_it():
    trainer, arguments = build(clip=1.0)
    arguments["train"] = spoilt_data(0, 0)
    with pytest.raises(NonFiniteError, match="the loss is nan"):
        trainer.fit(**arguments, epochs=1)


@ERRORS
def test_a_penalty_that_is_not_finite():
    trainer, arguments = build(regularizer=lambda model: Tensor(np.inf))
    with pytest.raises(NonFiniteError, match="the penalty is inf in epoch 1, step 1"):
        trainer.fit(**arguments, epochs=1)


def test_what_a_function_did_to_gradients():
    def spoil(parameters):
        parameters[0].grad = parameters[0].grad * np.nan

    trainer, arguments = build(clip=spoil)
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit(**arguments, epochs=1)
    assert "First: no operation made it: clipping" in str(caught.value)
    assert "that of 0.weight in 18 of 18 places; in epoch 1" in str(caught.value)


def test_the_run_goes_on_when_the_data_are_mended():
    """The failed step left no trace: no averages, no random numbers, no position."""
    whole, arguments = build()
    whole.fit(**arguments, epochs=2)
    recorder = Recorder()
    trainer, arguments = build(callbacks=[recorder])
    with pytest.raises(NonFiniteError):
        trainer.fit(**arguments | {"train": spoilt_data(3, 0)}, epochs=2)
    trainer.fit(**arguments, epochs=2)
    assert different(whole.state_dict(), trainer.state_dict()) == []


def test_errors_are_told_to_callbacks():
    told = []

    class Listener:
        def on_fit_error(self, trainer, error):
            told.append(type(error))

        def on_fit_end(self, trainer):
            told.append("end")

    trainer, arguments = build(callbacks=[Listener()])
    with pytest.raises(NonFiniteError):
        trainer.fit(**arguments | {"train": spoilt_data(3, 0)}, epochs=1)
    assert told == [NonFiniteError]
