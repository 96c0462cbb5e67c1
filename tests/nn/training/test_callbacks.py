"""Early stopping, checkpoints, the CSV file, and the order of calls."""

import contextlib
import csv

import numpy as np
import pytest

import nn
from autograd import CheckpointError
from tests.nn.training.runs import STEPS_PER_EPOCH, Recorder, Stopped, build, different


class Scripted:
    """Gives the validation loss of each epoch, and keeps the weights."""

    def __init__(self, losses):
        self.losses = losses
        self.weights = []

    def on_epoch_end(self, trainer):
        trainer.history["val_loss"][-1] = self.losses[trainer.epoch - 1]
        self.weights.append(trainer.model.state_dict())


def equal(a, b):
    return all(np.array_equal(a[name], b[name]) for name in a)


def test_early_stopping_stops_and_restores_the_best():
    script = Scripted([0.9, 0.5, 0.6, 0.55, 0.1])
    stopping = nn.EarlyStopping(patience=2)
    trainer, arguments = build(callbacks=[script, stopping])
    history = trainer.fit(**arguments, epochs=5)
    assert len(history) == trainer.epoch == 4
    assert trainer.stopped == "val_loss has not improved for 2 epochs"
    assert history.best_epoch == stopping.best_epoch == 1
    assert stopping.best == 0.5
    assert equal(trainer.model.state_dict(), script.weights[1])
    assert not equal(script.weights[1], script.weights[3])


def test_the_best_is_restored_without_a_stop_as_well():
    script = Scripted([0.9, 0.5, 0.6])
    trainer, arguments = build(callbacks=[script, nn.EarlyStopping(patience=9)])
    trainer.fit(**arguments, epochs=3)
    assert trainer.stopped is None
    assert equal(trainer.model.state_dict(), script.weights[1])


def test_restoring_can_be_switched_off():
    script = Scripted([0.9, 0.5, 0.6])
    stopping = nn.EarlyStopping(patience=1, restore_best=False)
    trainer, arguments = build(callbacks=[script, stopping])
    trainer.fit(**arguments, epochs=9)
    assert len(trainer.history) == 3
    assert equal(trainer.model.state_dict(), script.weights[2])


def test_early_stopping_of_a_metric():
    stopping = nn.EarlyStopping(patience=2, mode="max", monitor="val_accuracy")
    trainer, arguments = build(callbacks=[stopping])
    history = trainer.fit(**arguments, epochs=30)
    assert stopping.best == max(history["val_accuracy"])
    found = trainer.evaluate(arguments["validation"])["accuracy"]
    assert found == stopping.best


def test_early_stopping_starts_afresh_in_another_run():
    stopping = nn.EarlyStopping(patience=1)
    for _ in range(2):
        trainer, arguments = build(callbacks=[Scripted([0.9, 1.0]), stopping])
        assert len(trainer.fit(**arguments, epochs=2)) == 2
        assert stopping.best == 0.9


def test_early_stopping_names_what_there_is_to_watch():
    trainer, arguments = build(callbacks=[nn.EarlyStopping()])
    with pytest.raises(ValueError, match=r"no 'val_loss', it has loss.*validation="):
        trainer.fit(**arguments | {"validation": None}, epochs=1)


def test_the_state_of_early_stopping_is_checked():
    with pytest.raises(CheckpointError, match="nothing was loaded"):
        nn.EarlyStopping().load_state_dict({"best": 1.0})


def test_checkpoints_come_after_all_others(tmp_path):
    """Otherwise they would save counters that are an epoch old."""
    path = tmp_path / "run.safetensors"
    stopping = nn.EarlyStopping(patience=9)
    trainer, arguments = build(callbacks=[nn.Checkpoint(path), stopping])
    assert isinstance(trainer.callbacks[-1], nn.Checkpoint)
    trainer.fit(**arguments, epochs=2)
    state = nn.saving.read_state(path)
    assert state["callbacks"][0]["state"]["epochs"] == 2


def test_checkpoints_at_epochs_and_at_the_end(tmp_path, monkeypatch):
    saved = []
    trainer, arguments = build(callbacks=[nn.Checkpoint(tmp_path / "run", every=2)])
    monkeypatch.setattr(trainer, "save", lambda path: saved.append(trainer.epoch))
    trainer.fit(**arguments, epochs=5)
    assert saved == [2, 4, 5]


def test_checkpoints_in_the_middle_of_epochs(tmp_path, monkeypatch):
    saved = []
    checkpoint = nn.Checkpoint(tmp_path / "run", every=9, every_batches=3)
    trainer, arguments = build(callbacks=[checkpoint])
    monkeypatch.setattr(trainer, "save", lambda path: saved.append(trainer.step))
    trainer.fit(**arguments, epochs=2)
    assert saved == [3, 6, 9, 2 * STEPS_PER_EPOCH]
    assert repr(checkpoint).endswith("every=9, every_batches=3)")
    with pytest.raises(ValueError, match="at least 1, got 0"):
        nn.Checkpoint("run", every=0)
    with pytest.raises(ValueError, match="every_batches must be at least 1, got 0"):
        nn.Checkpoint("run", every_batches=0)
    with pytest.raises(TypeError, match=r"every must be an integer, got 1\.5"):
        nn.Checkpoint("run", every=1.5)


def test_the_same_program_again_and_again(tmp_path):
    """``resume=path`` starts, continues, and at last has nothing to do."""
    path = tmp_path / "run.safetensors"
    whole, arguments = build()
    whole.fit(**arguments, epochs=3)
    for stop_at in (4, 9, None, None):
        recorder = Recorder(stop_at)
        checkpoint = nn.Checkpoint(path, every_batches=1)
        trainer, arguments = build(callbacks=[checkpoint])
        trainer.callbacks.append(recorder)  # after the checkpoint
        with contextlib.suppress(Stopped):
            trainer.fit(**arguments, epochs=3, resume=path)
    assert recorder.losses == []
    assert different(whole.state_dict(), trainer.state_dict()) == []


def test_the_previous_checkpoint_is_kept(tmp_path):
    path = tmp_path / "run.safetensors"
    trainer, arguments = build(callbacks=[nn.Checkpoint(path)])
    trainer.fit(**arguments, epochs=3)
    previous = nn.saving.read_state(f"{path}.previous")
    assert previous["position"]["epoch"] == 2


def test_csv(tmp_path):
    path = tmp_path / "run.csv"
    trainer, arguments = build(callbacks=[nn.CSVLogger(path)])
    trainer.fit(**arguments, epochs=2)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row.pop("epoch") for row in rows] == ["1", "2"]
    for epoch, row in enumerate(rows):
        assert {k: float(v) for k, v in row.items()} == trainer.history.row(epoch)


def test_csv_of_a_resumed_run_has_each_epoch_once(tmp_path):
    path = tmp_path / "run.csv"
    state = None
    for epochs in (1, 3):
        trainer, arguments = build(callbacks=[nn.CSVLogger(path)], schedule="none")
        if state is not None:
            trainer.load_state_dict(state)
        else:
            trainer.fit(**arguments, epochs=1)
            state = trainer.state_dict()
            trainer.fit(**arguments, epochs=2)  # lost: the state is older
            continue
        trainer.fit(**arguments, epochs=epochs)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [float(row["loss"]) for row in rows] == trainer.history["loss"]


def test_csv_gets_a_column_that_comes_later(tmp_path):
    path = tmp_path / "run.csv"
    trainer, arguments = build(callbacks=[nn.CSVLogger(path)], schedule="none")
    trainer.fit(**arguments | {"validation": None}, epochs=1)
    trainer.fit(**arguments, epochs=2)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["val_loss"] == "nan"
    assert float(rows[1]["val_loss"]) == trainer.history["val_loss"][1]


def test_the_order_of_calls():
    calls = []

    class Everything:
        def __getattr__(self, name):
            if not name.startswith("on_"):
                raise AttributeError(name)
            return lambda trainer: calls.append((name, trainer.epoch, trainer.batch))

    trainer, arguments = build(callbacks=[Everything()], schedule="none")
    trainer.fit(**arguments | {"batch_size": 11}, epochs=2)
    epochs = [
        [
            ("on_epoch_start", k, 0),
            ("on_batch_end", k, 1),
            ("on_batch_end", k, 2),
            ("on_epoch_end", k + 1, 0),
        ]
        for k in range(2)
    ]
    assert calls == [
        ("on_fit_start", 0, 0),
        *epochs[0],
        *epochs[1],
        ("on_fit_end", 2, 0),
    ]


def test_callbacks_read_gradients_and_losses():
    seen = []

    class Reader:
        def on_batch_end(self, trainer):
            gradients = [p.grad is not None for p in trainer.model.parameters()]
            seen.append((trainer.batch_loss, all(gradients)))

    trainer, arguments = build(callbacks=[Reader()])
    trainer.fit(**arguments, epochs=1)
    assert len(seen) == STEPS_PER_EPOCH
    assert all(loss > 0 and complete for loss, complete in seen)
