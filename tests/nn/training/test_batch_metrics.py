"""Metrics of the training data, batch by batch."""

import csv
import warnings

import numpy as np
import pytest

import nn
from autograd import CheckpointError, ShapeError
from tests.nn.training.runs import (
    BATCH,
    SAMPLES,
    STEPS_PER_EPOCH,
    Recorder,
    build,
    different,
    resume,
    run_whole,
    stop_at,
)


def fitted(metric, epochs=1, **settings):
    """Train with one metric; return the trainer."""
    trainer, arguments = build(dropout=False, batch_norm=False, **settings)
    trainer.metrics = {"metric": metric}
    trainer.fit(**arguments, epochs=epochs)
    return trainer


def test_the_mean_is_that_over_samples():
    sizes = []

    def size(predictions, targets):
        assert predictions.shape == (len(targets), 2)
        sizes.append(len(targets))
        return len(targets)

    history = fitted(size).history
    last = SAMPLES % BATCH
    assert sizes == [BATCH] * (STEPS_PER_EPOCH - 1) + [last, 7]
    assert history["metric"] == [((SAMPLES - last) * BATCH + last**2) / SAMPLES]
    assert history["val_metric"] == [7.0]
    assert list(history)[:2] == ["loss", "metric"]


def test_it_is_that_of_each_step_as_it_was_taken():
    """With a rate of 0 all steps see the same weights, and the whole data set as well.

    Without shuffling and dropout the mean is then that of the evaluation.
    """
    trainer, arguments = build(dropout=False, batch_norm=False)
    trainer.optimizer.param_groups[0]["lr"] = 0.0
    trainer.schedule = None
    trainer.fit(**arguments, epochs=1)
    found = trainer.evaluate(arguments["train"])
    np.testing.assert_allclose(trainer.history["accuracy"], [found["accuracy"]])
    np.testing.assert_allclose(trainer.history["loss"], [found["loss"]], rtol=1e-6)


def test_dropout_is_part_of_it():
    outputs = []

    def keep(predictions, targets):
        outputs.append(predictions)
        return 0.0

    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(3, 50, rng=rng), nn.Dropout(0.5, rng=rng))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.0)
    trainer = nn.Trainer(model, nn.MSELoss(), optimizer, metrics=[keep])
    x, y = np.ones((4, 3), np.float32), np.ones((4, 50), np.float32)
    trainer.fit((x, y), (x, y), epochs=1, shuffle=False, progress=False)
    in_training, in_validation = outputs
    assert np.any(in_training == 0)
    assert not np.any(in_validation == 0)


@pytest.mark.parametrize("optimizer", ["SGD", "LBFGS"])
def test_the_same_for_every_optimizer(optimizer):
    history = fitted(lambda predictions, targets: 1.0, optimizer=optimizer).history
    assert history["metric"] == [1.0]


def test_batches_without_a_value_do_not_count():
    def value_of_full_batches(predictions, targets):
        if len(targets) < BATCH:
            raise ValueError("too few targets.")
        return 0.25

    with pytest.warns(UserWarning, match="no value for some training batches: too few"):
        history = fitted(value_of_full_batches).history
    assert history["metric"] == [0.25]


def test_a_metric_without_any_value_is_nan_and_said_once():
    def never(predictions, targets):
        if len(targets) == 7:  # of the validation
            return 0.5
        raise ValueError("both classes are needed.")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fitted(never, epochs=2).history
    assert len(caught) == 1
    said = str(caught[0].message)
    assert "batches: both classes are needed. history['metric'] is the mean" in said
    assert np.isnan(history["metric"]).all()
    assert history["val_metric"] == [0.5, 0.5]


def test_auc_of_batches_of_one_class():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(2, 1, rng=rng), nn.Flatten(0))
    trainer = nn.Trainer(
        model,
        nn.BCEWithLogitsLoss(),
        nn.optim.SGD(model.parameters(), lr=0.1),
        metrics=[nn.metrics.auc],
    )
    x = rng.standard_normal((8, 2)).astype(np.float32)
    y = np.array([0, 1, 0, 1, 1, 1, 1, 1], np.float32)
    with pytest.warns(UserWarning, match="'auc' has no value"):
        trainer.fit((x, y), epochs=1, batch_size=4, shuffle=False, progress=False)
    assert 0 <= trainer.history["auc"][0] <= 1


def test_a_metric_that_does_not_fit_changes_nothing():
    trainer, arguments = build()
    before = [p.data.copy() for p in trainer.model.parameters()]
    trainer.metrics = {"per_class": lambda predictions, targets: predictions[0]}
    with pytest.raises(TypeError, match="metric 'per_class' must return one number"):
        trainer.fit(**arguments, epochs=1)

    def wrong(predictions, targets):
        raise ShapeError("these shapes do not fit.")

    trainer.metrics = {"wrong": wrong}
    with pytest.raises(ShapeError, match="do not fit"):
        trainer.fit(**arguments, epochs=1)
    assert trainer.step == 0
    for p, old in zip(trainer.model.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.data, old)


@pytest.mark.parametrize(
    "name", ["loss", "lr", "seconds", "grad_norm", "penalty", "epoch", "val_loss"]
)
def test_names_of_other_columns_are_taken(name):
    trainer, _ = build()
    with pytest.raises(ValueError, match=f"the name '{name}' is taken"):
        nn.Trainer(
            trainer.model,
            nn.CrossEntropyLoss(),
            trainer.optimizer,
            metrics={name: nn.metrics.accuracy},
        )


def test_resumed_in_the_middle_of_an_epoch():
    whole, _ = run_whole()
    state, _ = stop_at(STEPS_PER_EPOCH + 2)
    assert state["position"]["sums"]["metrics"]["accuracy"][1] == 2 * BATCH
    resumed, _ = resume(state)
    assert different(resumed, whole) == []
    assert len(resumed["history"]["accuracy"]) == 3


def test_other_metrics_cannot_go_on_within_an_epoch():
    state, _ = stop_at(2)
    trainer, _ = build(callbacks=[Recorder()])
    trainer.metrics["f1"] = nn.metrics.f1
    with pytest.raises(CheckpointError, match=r"\['accuracy'\] so far.*'f1'"):
        trainer.load_state_dict(state)
    between, _ = stop_at(STEPS_PER_EPOCH)
    assert "f1" not in between["position"]["sums"]["metrics"]


def test_the_file_and_the_lines_have_them(tmp_path, capsys):
    trainer, arguments = build(callbacks=[nn.CSVLogger(tmp_path / "history.csv")])
    trainer.fit(**{**arguments, "progress": True}, epochs=2)
    with (tmp_path / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    accuracy = trainer.history["accuracy"]
    assert [float(row["accuracy"]) for row in rows] == accuracy
    lines = capsys.readouterr().out.splitlines()
    assert f"accuracy {accuracy[0]:<7.4g}" in lines[0]
    assert lines[0].index(" accuracy") < lines[0].index("val_loss")
