"""Exact resume: stop anywhere, build everything anew, load, continue: equal bits."""

import copy
import itertools
import os
import signal

import numpy as np
import pytest

import nn
from autograd import CheckpointError, NonFiniteError
from tests.nn.training.runs import (
    EPOCHS,
    OPTIMIZERS,
    SAMPLES,
    SCHEDULES,
    STEPS_PER_EPOCH,
    Recorder,
    Stopped,
    build,
    different,
    resume,
    run_whole,
    stop_at,
)

SWITCHES = list(itertools.product([False, True], repeat=3))


@pytest.fixture(autouse=True)
def listens_to_ctrl_c():
    """A process that a shell has put in the background starts with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def assert_resumes(step, **settings):
    """Compare a run that is stopped after a step with one that is not."""
    whole, losses = run_whole(**settings)
    state, before = stop_at(step, **settings)
    resumed, after = resume(state, **settings)
    assert [x.hex() for x in before + after] == [x.hex() for x in losses]
    assert different(whole, resumed) == []


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer(optimizer):
    assert_resumes(7, optimizer=optimizer, schedule="ExponentialLR")


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule(schedule):
    assert_resumes(8, optimizer="momentum", schedule=schedule)


@pytest.mark.parametrize(("dropout", "batch_norm", "shuffle"), SWITCHES)
def test_every_source_of_state(dropout, batch_norm, shuffle):
    assert_resumes(7, dropout=dropout, batch_norm=batch_norm, shuffle=shuffle)


@pytest.mark.slow
def test_every_optimizer_with_every_schedule_and_source_of_state():
    """Rows I28 and I31 of the catalogue of traps, for every pair."""
    runs = 0
    for optimizer, schedule in itertools.product(OPTIMIZERS, SCHEDULES):
        for dropout, batch_norm, shuffle in SWITCHES:
            settings = {
                "optimizer": optimizer,
                "schedule": schedule,
                "dropout": dropout,
                "batch_norm": batch_norm,
                "shuffle": shuffle,
                "epochs": 2,
            }
            recorder = Recorder(copy_at=7)
            whole, losses = run_whole(recorder=recorder, **settings)
            resumed, after = resume(recorder.copied, **settings)
            assert losses[7:] == after, settings
            assert different(whole, resumed) == [], settings
            runs += 1
    assert runs == len(OPTIMIZERS) * len(SCHEDULES) * 8


@pytest.mark.parametrize("step", range(1, EPOCHS * STEPS_PER_EPOCH))
def test_every_step(step):
    assert_resumes(step)


@pytest.mark.parametrize(
    "draws", [np.random.MT19937, np.random.Philox, np.random.SFC64]
)
def test_every_kind_of_generator(draws, monkeypatch, tmp_path):
    monkeypatch.setattr(
        np.random, "default_rng", lambda seed: np.random.Generator(draws(seed))
    )
    whole, _ = run_whole()
    state, _ = stop_at(7)
    nn.saving.write_state(tmp_path / "run", state)
    resumed, _ = resume(nn.saving.read_state(tmp_path / "run"))
    assert different(whole, resumed) == []


def test_the_same_trainer_goes_on_after_an_exception():
    whole, losses = run_whole()
    recorder = Recorder(7)
    trainer, arguments = build(callbacks=[recorder])
    with pytest.raises(Stopped):
        trainer.fit(**arguments, epochs=EPOCHS)
    trainer.fit(**arguments, epochs=EPOCHS)
    assert recorder.losses == losses
    assert (
        different(whole, {**trainer.state_dict(), "last epoch": recorder.state}) == []
    )


@pytest.mark.parametrize("failing_call", [1, 5, 6, 9])
def test_a_step_that_fails_comes_again(failing_call):
    """The batch, the dropout mask and the running averages are those of the step."""
    whole, losses = run_whole()
    recorder = Recorder()
    trainer, arguments = build(callbacks=[recorder])
    calls = itertools.count(1)
    loss = trainer.loss

    class FailsOnce(nn.CrossEntropyLoss):
        def forward(self, input, target):
            if self.training and next(calls) == failing_call:
                raise Stopped
            return super().forward(input, target)

    trainer.loss = FailsOnce()
    with pytest.raises(Stopped):
        trainer.fit(**arguments, epochs=EPOCHS)
    trainer.loss = loss
    state = trainer.state_dict()
    trainer.fit(**arguments, epochs=EPOCHS)
    assert recorder.losses == losses
    assert (
        different(whole, {**trainer.state_dict(), "last epoch": recorder.state}) == []
    )
    resumed, _ = resume(state)
    assert different(whole, resumed) == []


class Interrupts:
    """Presses Ctrl-C, in a step or in the validation after it."""

    def __init__(self, step):
        self.step = step

    def on_batch_end(self, trainer):
        if trainer.step == self.step:
            self.step = None
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("step", [1, 7, 10])
def test_ctrl_c_stops_between_steps(step):
    whole, losses = run_whole()
    recorder = Recorder()
    trainer, arguments = build(callbacks=[recorder, Interrupts(step)])
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(**arguments, epochs=EPOCHS)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    state = trainer.state_dict()
    assert state["position"]["step"] == step
    trainer.fit(**arguments, epochs=EPOCHS)
    assert recorder.losses == losses
    assert (
        different(whole, {**trainer.state_dict(), "last epoch": recorder.state}) == []
    )
    resumed, _ = resume(state)
    assert different(whole, resumed) == []


def test_ctrl_c_in_the_validation():
    whole, _ = run_whole()
    trainer, arguments = build(callbacks=[Recorder()])
    accuracy = trainer.metrics["accuracy"]
    pressed = []

    def pressing(predictions, targets):
        if not pressed and trainer.batch == trainer.batches:  # the validation
            pressed.append(True)
            os.kill(os.getpid(), signal.SIGINT)
            raise KeyboardInterrupt  # as the second Ctrl-C would
        return accuracy(predictions, targets)

    trainer.metrics["accuracy"] = pressing
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(**arguments, epochs=EPOCHS)
    state = trainer.state_dict()
    assert state["position"]["sums"]["steps"] == STEPS_PER_EPOCH
    assert state["history"] == {}
    resumed, _ = resume(state)
    assert different(whole, resumed) == []


def test_a_second_ctrl_c_is_raised_at_once():
    reached = []

    class Twice:
        def on_batch_end(self, trainer):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            reached.append(True)

    trainer, arguments = build(callbacks=[Twice()])
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(**arguments, epochs=1)
    assert reached == []


def test_a_state_of_a_finished_run_has_nothing_left_to_do():
    trainer, arguments = build()
    trainer.fit(**arguments, epochs=EPOCHS)
    whole = trainer.state_dict()
    resumed, losses = resume(whole)
    assert losses == []
    assert different({**whole, "last epoch": {}}, resumed) == []


def test_more_epochs_after_the_last():
    longer, losses = run_whole(epochs=EPOCHS + 2, schedule="none")
    state = run_whole(schedule="none")[0]["last epoch"]
    resumed, after = resume(state, epochs=EPOCHS + 2, schedule="none")
    assert losses[-len(after) :] == after
    assert different(longer, resumed) == []


def test_early_stopping_resumes_with_its_counters_and_weights():
    def stopping():
        return nn.EarlyStopping(patience=2, monitor="val_accuracy", mode="max")

    settings = {"epochs": 12, "schedule": "none", "optimizer": "Adam"}
    whole, losses = run_whole(callbacks=[stopping()], **settings)
    assert whole["position"]["stopped"]
    for step in (3, len(losses) - 3):
        state, before = stop_at(step, callbacks=[stopping()], **settings)
        resumed, after = resume(state, callbacks=[stopping()], **settings)
        assert before + after == losses
        assert different(whole, resumed) == []


# ---- nothing may be missing ----------------------------------------------------------


def paths_of(state, path=()):
    """Yield the path of every item of a state, inner ones as well."""
    items = state.items() if isinstance(state, dict) else enumerate(state)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths_of(value, (*path, key))


def changed(state, path, change):
    """Return a copy of a state with one item changed."""
    state = copy.deepcopy(state)
    holder = state
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return state


STOPPING = {"patience": 9, "monitor": "val_accuracy", "mode": "max"}


def rich_settings():
    """Return settings with every kind of state."""
    return {
        "callbacks": [nn.EarlyStopping(**STOPPING)],
        "optimizer": "NAdam",
        "regularizer": nn.L2(0.01),
    }


def remove(holder, key):
    del holder[key]


def test_every_item_is_needed():
    """An item that is taken out is an error, or the run ends with other bits."""
    whole, _ = run_whole(**rich_settings())
    state, _ = stop_at(7, **rich_settings())
    paths = list(paths_of(state))
    assert len(paths) > 100
    unnoticed = []
    for path in paths:
        try:
            resumed, _ = resume(changed(state, path, remove), **rich_settings())
        except CheckpointError:
            continue
        if not different(whole, resumed):
            unnoticed.append("/".join(map(str, path)))
    assert unnoticed == []


def other_value(value):
    """Return a value of the same kind that is not the same."""
    if isinstance(value, np.ndarray):
        return np.asarray(value + 1).astype(value.dtype)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return type(value)(value == 0)
    return None if isinstance(value, str) else "something"


def replace(holder, key):
    holder[key] = other_value(holder[key])


def is_leaf(state, path):
    for key in path:
        state = state[key]
    return not isinstance(state, dict | list) and "seconds" not in path


# Values that a state has twice: the trainer's own generators are set after the
# loader's, and a schedule sets the learning rate.
TWICE = ("loader/rng_now", "param_groups/0/lr")


def unnoticed_values(step, paths=None):
    """Yield the items whose value can be changed after a step without an effect."""
    whole, _ = run_whole(**rich_settings())
    state, _ = stop_at(step, **rich_settings())
    for path in paths or paths_of(state):
        name = "/".join(map(str, path))
        if not is_leaf(state, path) or any(part in name for part in TWICE):
            continue
        try:
            resumed, _ = resume(changed(state, path, replace), **rich_settings())
        except (CheckpointError, NonFiniteError):
            continue
        if not different(whole, resumed):
            yield path


# The learning rate for the history is that of the last step of the epoch.
LAST_RATE = ("position", "sums", "lr")


def test_every_value_matters():
    """A value that is changed is an error, or the run ends with other bits."""
    assert list(unnoticed_values(7)) == [LAST_RATE]


def test_the_last_rate_matters_after_the_last_step_of_an_epoch():
    assert list(unnoticed_values(10, [LAST_RATE])) == []


@pytest.mark.parametrize("key", ["model", "optimizer", "generators", "callbacks"])
def test_a_state_that_does_not_fit_changes_nothing(key):
    trainer, arguments = build(callbacks=[nn.EarlyStopping(**STOPPING)])
    trainer.fit(**arguments, epochs=1)
    before = trainer.state_dict()
    state, _ = stop_at(7, seed=3, **rich_settings() | {"optimizer": "Adam"})
    state[key] = {"wrong": 1} if isinstance(state[key], dict) else [{"class": "X"}]
    with pytest.raises(CheckpointError):
        trainer.load_state_dict(state)
    assert different(before, trainer.state_dict()) == []


def test_other_data_are_refused_in_the_middle_of_an_epoch():
    state, _ = stop_at(7)
    trainer, arguments = build()
    trainer.load_state_dict(state)
    arguments["batch_size"] = 4
    with pytest.raises(CheckpointError, match=r"batch_size.*restart_epoch\(\)"):
        trainer.fit(**arguments, epochs=EPOCHS)
    trainer.restart_epoch()
    trainer.fit(**arguments, epochs=EPOCHS)
    assert trainer.epoch == EPOCHS


def test_after_a_refused_resume_the_epoch_can_begin_anew(tmp_path):
    path = tmp_path / "run.safetensors"
    stopped, arguments = build(callbacks=[Recorder(stop_at=7)])
    with pytest.raises(Stopped):
        stopped.fit(**arguments, epochs=EPOCHS)
    stopped.save(path)
    trainer, arguments = build(callbacks=[Recorder()])
    arguments["batch_size"] = 4
    with pytest.raises(CheckpointError, match=r"fit\(\) without resume="):
        trainer.fit(**arguments, epochs=EPOCHS, resume=path)
    trainer.restart_epoch()
    trainer.fit(**arguments, epochs=EPOCHS)
    assert trainer.step == 7 + 2 * -(-SAMPLES // 4)


@pytest.mark.parametrize("history", [None, {}, {"loss": [0.5, 0.4]}])
def test_a_history_of_other_epochs_is_refused(history):
    state, _ = stop_at(7)
    assert state["position"]["epoch"] == 1
    trainer, _ = build(callbacks=[Recorder()])
    with pytest.raises(CheckpointError, match=r"its history has .* epochs of 1"):
        trainer.load_state_dict(state | {"history": history})
    assert trainer.epoch == 0


def test_generators_must_be_shared_as_before():
    """Drawn from two generators, the same seeds would give other numbers."""
    state, _ = stop_at(7)
    trainer, _ = build()
    trainer.model[3].rng = np.random.default_rng(5)
    with pytest.raises(CheckpointError, match=r"drew from that of model\.3\.rng"):
        trainer.load_state_dict(state)


def test_a_missing_schedule_is_an_error():
    state, _ = stop_at(7)
    trainer, _ = build(schedule="none")
    with pytest.raises(CheckpointError, match="schedule"):
        trainer.load_state_dict(state)
