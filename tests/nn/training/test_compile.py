"""Training by plans: the numbers of the eager steps, and two compiled runs alike."""

import warnings

import numpy as np
import pytest

import nn
from autograd import NonFiniteError
from autograd.compiler.plan import Plan
from tests.nn.training.runs import (
    BATCH,
    EPOCHS,
    STEPS_PER_EPOCH,
    build,
    different,
    resume,
    run_whole,
    stop_at,
)

PLAIN = {"dropout": False, "batch_norm": False}


@pytest.fixture
def plans(monkeypatch):
    """Which plans were run, in order."""
    found = []
    run = Plan.run

    def noted(plan, arguments):
        found.append(plan)
        return run(plan, arguments)

    monkeypatch.setattr(Plan, "run", noted)
    return found


def without_time(history):
    return {name: column for name, column in history.items() if name != "seconds"}


def assert_like_eager(trained):
    """Train eagerly and compiled, and compare history and weights."""
    eager, compiled = trained(compile=False), trained(compile=True)
    columns = without_time(compiled.history.to_dict())
    expected = without_time(eager.history.to_dict())
    assert list(columns) == list(expected)
    for name, column in columns.items():
        np.testing.assert_allclose(column, expected[name], rtol=1e-4, err_msg=name)
    pairs = zip(compiled.model.parameters(), eager.model.parameters(), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours.data, theirs.data, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("has_metrics", [False, True])
def test_every_step_is_a_plan_and_each_shape_of_batch_has_one(plans, has_metrics):
    def trained(compile):
        trainer, arguments = build(**PLAIN, compile=compile)
        if not has_metrics:
            trainer.metrics = {}
        trainer.fit(**arguments, epochs=EPOCHS)
        return trainer

    assert_like_eager(trained)
    in_each_step = 2 if has_metrics else 1  # the model, then the loss
    assert len(plans) == in_each_step * EPOCHS * STEPS_PER_EPOCH
    assert len(set(plans)) == in_each_step * 2  # the last batch is smaller


@pytest.mark.parametrize(
    "settings",
    [
        {"clip": 0.1},
        {"regularizer": nn.L2(0.01)},
        {"regularizer": nn.L1(0.01), "clip": lambda p: nn.clip_grad_value(p, 0.01)},
        {"optimizer": "LBFGS"},
        {"schedule": "CyclicLR", "optimizer": "momentum"},
    ],
    ids=["clip", "L2", "L1 and a function", "LBFGS", "schedule"],
)
def test_everything_else_stays_as_it_is(plans, settings):
    def trained(compile):
        trainer, arguments = build(**PLAIN, **settings, compile=compile)
        trainer.fit(**arguments, epochs=2)
        return trainer

    assert_like_eager(trained)
    assert len(plans) >= 2 * STEPS_PER_EPOCH


def test_the_penalty_is_a_plan_as_well(plans):
    trainer, arguments = build(**PLAIN, regularizer=nn.L2(0.01), compile=True)
    trainer.metrics = {}
    trainer.fit(**arguments, epochs=1)
    assert len(plans) == 2 * STEPS_PER_EPOCH


@pytest.mark.parametrize("optimizer", ["Adam", "LBFGS"])
@pytest.mark.parametrize("stop", [1, STEPS_PER_EPOCH, STEPS_PER_EPOCH + 2])
def test_resumed_to_the_bit(optimizer, stop):
    settings = {**PLAIN, "optimizer": optimizer, "compile": True}
    whole, losses = run_whole(**settings)
    state, before = stop_at(stop, **settings)
    resumed, after = resume(state, **settings)
    assert different(resumed, whole) == []
    assert before + after == losses


def test_plans_are_kept_from_one_fit_to_the_next(plans):
    trainer, arguments = build(**PLAIN, compile=True)
    trainer.fit(**arguments, epochs=1)
    first = set(plans)
    plans.clear()
    trainer.fit(**arguments, epochs=3)
    assert set(plans) == first


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ({"dropout": True, "batch_norm": False}, "random numbers"),
        ({"dropout": False, "batch_norm": True}, "cannot be compiled"),
    ],
    ids=["dropout", "batch norm"],
)
def test_what_cannot_be_compiled_is_trained_eagerly(layers, reason):
    eager, _ = run_whole(**layers)
    trainer, arguments = build(**layers, compile=True)
    trainer.metrics = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit(**arguments, epochs=EPOCHS)
    messages = {str(warning.message) for warning in caught}
    assert len(caught) == len(messages) == 1
    assert reason in messages.pop()
    state = trainer.state_dict()
    assert different(state["model"], eager["model"]) == []
    assert different(state["generators"], eager["generators"]) == []


def test_a_loss_that_is_not_finite_is_explained(plans):
    trainer, arguments = build(**PLAIN, compile=True)
    x, y = arguments["train"]
    settings = {"batch_size": len(x), "progress": False}
    trainer.fit((x, y), epochs=1, **settings)
    before = [p.data.copy() for p in trainer.model.parameters()]
    x = x.copy()
    x[13, 1] = np.inf
    with (
        np.errstate(all="ignore"),
        pytest.raises(NonFiniteError, match="row 13 of the data"),
    ):
        trainer.fit((x, y), epochs=2, **settings)
    assert len(plans) == 4  # it was a plan that met the infinity
    for p, old in zip(trainer.model.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.data, old)


def test_metrics_may_keep_what_they_are_given():
    """The arrays of a plan are written again in the next step."""
    kept = []

    def keep(predictions, targets):
        kept.append((predictions, predictions.copy()))
        return 0.0

    trainer, arguments = build(**PLAIN, compile=True)
    trainer.metrics = {"kept": keep}
    trainer.fit(**arguments, epochs=1)
    assert len(kept) > STEPS_PER_EPOCH
    for given, copied in kept:
        np.testing.assert_array_equal(given, copied)


def test_an_error_of_the_model_is_the_users_to_read():
    trainer, _ = build(**PLAIN, compile=True)
    x = np.zeros((BATCH, 4), np.float32)
    with pytest.raises(ValueError, match=r"4.*3|3.*4"):
        trainer.fit((x, np.zeros(BATCH, int)), epochs=1, progress=False)
