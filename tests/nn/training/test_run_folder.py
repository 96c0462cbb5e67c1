"""The files that a training run leaves: whole, equal to what happened, harmless."""

import csv
import json

import numpy as np
import pytest

import nn
from autograd import CheckpointError, NonFiniteError, ShapeError
from nn.training.gradient_norms import layers_with_parameters
from tests.nn.training.runs import STEPS_PER_EPOCH, Recorder, Stopped, build, different

FILES = {"run.json", "history.csv", "gradients.csv", "results.json", "predictions.npz"}


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch):
    """Do not wait until the disk has the bytes: no power fails here."""
    monkeypatch.setattr("os.fsync", lambda file: None)


def read_json(path):
    return json.loads(path.read_text())


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row.pop("epoch") for row in rows] == [str(k + 1) for k in range(len(rows))]
    return {name: [float(row[name]) for row in rows] for name in (rows or [{}])[0]}


def read_npz(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def left(folder, epochs=2, options=None, **settings):
    """Train, and return the trainer and its arguments."""
    run = nn.RunFolder(folder, **(options or {}))
    trainer, arguments = build(callbacks=[run], **settings)
    trainer.fit(**arguments, epochs=epochs)
    return trainer, arguments


def trained(folder, model, loss, train, validation, **options):
    """Train a model for an epoch, and return the trainer."""
    trainer = nn.Trainer(
        model,
        loss,
        nn.optim.SGD(model.parameters(), lr=0.1),
        callbacks=[nn.RunFolder(folder, **options)],
    )
    trainer.fit(train, validation, epochs=1, shuffle=False, progress=False)
    return trainer


class Norms:
    """Measures what ``gradients.csv`` should have, in its own way."""

    def __init__(self):
        self.epochs = []

    def on_epoch_start(self, trainer):
        self.epochs.append([])

    def on_batch_end(self, trainer):
        self.epochs[-1].append(
            {
                name: np.sqrt(sum(np.sum(p.grad.astype(np.float64) ** 2) for p in own))
                for name, own in layers_with_parameters(trainer.model).items()
            }
        )


def test_all_files_are_there_and_no_others(tmp_path):
    left(tmp_path / "a" / "run")
    assert {path.name for path in (tmp_path / "a" / "run").iterdir()} == FILES


def test_history_has_all_digits(tmp_path):
    trainer, _ = left(tmp_path, epochs=3)
    assert read_csv(tmp_path / "history.csv") == trainer.history.to_dict()


def test_gradients_are_means_of_the_measured_steps(tmp_path):
    norms = Norms()
    callbacks = [norms, nn.RunFolder(tmp_path)]
    trainer, arguments = build(callbacks=callbacks, batch_norm=False)
    trainer.fit(**arguments | {"batch_size": 1}, epochs=2)
    found = read_csv(tmp_path / "gradients.csv")
    assert list(found) == ["0: Linear", "3: Linear"]
    steps = len(norms.epochs[0])
    measured = sorted({*range(0, steps, 16), steps - 1})
    for epoch, seen in enumerate(norms.epochs):
        for name, column in found.items():
            expected = np.mean([seen[k][name] for k in measured])
            assert column[epoch] == pytest.approx(expected, rel=1e-5)


def test_predictions_are_those_of_the_trained_model(tmp_path):
    trainer, arguments = left(tmp_path)
    x, y = arguments["validation"]
    found = read_npz(tmp_path / "predictions.npz")
    assert np.array_equal(found["targets"], y)
    assert np.array_equal(found["predicted"], trainer.predict(x))
    np.testing.assert_allclose(found["scores"], trainer.predict_proba(x), rtol=1e-6)
    confidence = found["scores"][np.arange(len(y)), y]
    assert np.array_equal(found["worst"], np.argsort(confidence, kind="stable"))
    assert np.array_equal(found["worst_inputs"], x[found["worst"]])
    kind = read_json(tmp_path / "results.json")["predictions"]
    assert kind == {"kind": "classes", "scores": "probabilities"}


def test_the_worst_of_many_batches(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 3)).astype(np.float32)
    y = rng.integers(0, 2, 300)
    model = nn.Sequential(nn.Linear(3, 2, rng=rng))
    trainer = trained(tmp_path, model, nn.CrossEntropyLoss(), (x, y), (x, y))
    found = read_npz(tmp_path / "predictions.npz")
    confidence = trainer.predict_proba(x)[np.arange(300), y]
    assert set(found["worst"]) == set(np.argsort(confidence, kind="stable")[:24])
    assert np.all(np.diff(confidence[found["worst"]]) >= -1e-6)
    assert np.array_equal(found["worst_inputs"], x[found["worst"]])


def test_histograms(tmp_path):
    trainer, _ = left(tmp_path)
    results = read_json(tmp_path / "results.json")
    weights = {h["name"]: h for h in results["weights"]}
    for name, parameter in trainer.model.named_parameters():
        h, values = weights.pop(name), parameter.data
        assert sum(h["counts"]) == h["size"] == values.size
        assert h["mean"] == pytest.approx(np.mean(values), rel=1e-5)
        assert h["std"] == pytest.approx(np.std(values), rel=1e-5)
        assert (h["low"], h["high"]) == (values.min(), values.max()) or values.size == 1
    assert not weights
    shown = [h["name"] for h in results["activations"]]
    assert shown == ["0: Linear", "1: BatchNorm1d", "2: Tanh", "4: Linear"]
    tanh = results["activations"][2]
    assert tanh["function"] == "Tanh"
    assert 0 <= tanh["saturated"] <= 1


@pytest.mark.parametrize(
    ("layer", "key"),
    [(nn.Sigmoid, "saturated"), (nn.Tanh, "saturated"), (nn.ReLU, "dead")],
)
def test_dead_and_saturated_units(tmp_path, layer, key):
    """Half of the units get −100, so they are 0 or flat; the others get 0.1."""
    model = nn.Sequential(
        nn.Linear(1, 4, rng=np.random.default_rng(0)),
        layer(),
        nn.Linear(4, 1, rng=np.random.default_rng(0)),
    )
    first = next(model.children())
    first.weight.data = np.zeros_like(first.weight.data)
    first.bias.data = np.array([0.1, -100, 0.1, -100], dtype=np.float32)
    x, y = np.ones((6, 1), np.float32), np.zeros((6, 1), np.float32)
    trained(tmp_path, model, nn.MSELoss(), (x[:1], y[:1]), (x, y))
    found = read_json(tmp_path / "results.json")["activations"][1]
    assert found[key] == 0.5
    assert {"saturated", "dead"} & set(found) == {key}


def test_the_configuration(tmp_path):
    left(
        tmp_path,
        options={"classes": ["no", "yes"], "settings": {"data": "xor", "seed": 7}},
        regularizer=nn.L2(0.5),
        clip=1.0,
    )
    run = read_json(tmp_path / "run.json")
    assert (run["format"], run["status"], run["reason"]) == (1, "done", "")
    assert run["classes"] == ["no", "yes"]
    assert run["settings"] == {"data": "xor", "seed": 7}
    assert run["architecture"].startswith("Sequential(\n  (0): Linear(3, 6)")
    found = run["configuration"]
    assert found["optimizer"] == "Adam"
    assert found["regularizer"] == "L2(0.5)"
    assert found["clip"] == 1.0
    assert found["schedule"].startswith("StepLR(step_size=")
    assert found["batches per epoch"] == STEPS_PER_EPOCH
    assert found["validation samples"] == 7
    assert "RunFolder" not in str(found)
    assert set(run["versions"]) == {"chalkgrad", "Python", "NumPy", "BLAS", "system"}


def test_seeds_are_those_of_the_user(tmp_path):
    left(tmp_path, seed=1234)
    (generator,) = read_json(tmp_path / "run.json")["generators"]
    assert generator["seed"] == "1234"
    assert generator["used_by"] == ["model.3.rng", "trainer", "loader.rng"]
    again, _ = build(seed=1234)
    assert generator["state"] == again.rng.bit_generator.state


@pytest.mark.parametrize("kind", ["MT19937", "Philox", "SFC64", "PCG64DXSM"])
def test_states_of_every_bit_generator(tmp_path, kind):
    made = np.random.Generator(getattr(np.random, kind)(5))
    model = nn.Sequential(nn.Linear(1, 1, rng=made), nn.Dropout(0.5, rng=made))
    x = np.ones((2, 1), np.float32)
    before = made.bit_generator.state
    trained(tmp_path, model, nn.MSELoss(), (x, x), None)
    (generator,) = read_json(tmp_path / "run.json")["generators"]
    assert (generator["kind"], generator["seed"]) == (kind, "5")
    other = np.random.Generator(getattr(np.random, kind)(0))
    other.bit_generator.state = generator["state"] | (
        {"state": _arrays(generator["state"]["state"])} if kind != "PCG64DXSM" else {}
    )
    made.bit_generator.state = before
    assert np.array_equal(other.random(3), made.random(3))


def _arrays(state):
    kinds = {list: lambda numbers: np.array(numbers, dtype=np.uint64)}
    return {k: kinds.get(type(v), lambda x: x)(v) for k, v in state.items()}


def test_no_address_of_an_object(tmp_path):
    """It would differ from run to run."""
    model = nn.Sequential(nn.Linear(1, 1, rng=np.random.default_rng(0)))
    trainer = nn.Trainer(
        model,
        lambda prediction, target: np.mean((prediction - target) ** 2),
        nn.optim.SGD(model.parameters(), lr=0.1),
        clip=lambda parameters: None,
        callbacks=[Norms(), nn.RunFolder(tmp_path)],
    )
    x = np.ones((2, 1), np.float32)
    trainer.fit((x, x), epochs=1, shuffle=False, progress=False)
    text = (tmp_path / "run.json").read_text()
    assert "0x" not in text
    assert "<lambda>" in text
    assert '"callbacks": "Norms"' in text


# ---- nothing in the training changes -------------------------------------------------


def test_weights_are_those_of_a_run_without_it(tmp_path):
    """Also after the first fit, and with validation data that draw random numbers."""
    states = []
    for callbacks in ([], [nn.RunFolder(tmp_path)]):
        trainer, arguments = build(callbacks=callbacks, schedule="none")
        x, y = arguments["validation"]
        arguments["validation"] = nn.DataLoader(
            nn.TensorDataset(x, y), 3, shuffle=True, rng=trainer.rng
        )
        for epochs in (2, 4):
            trainer.fit(**arguments, epochs=epochs)
        states.append({**trainer.state_dict(), "callbacks": []})
    assert different(*states) == []
    found = read_npz(tmp_path / "predictions.npz")
    assert sorted(found["targets"]) == sorted(y)


def test_modes_and_hooks_are_as_before(tmp_path):
    trainer, _ = left(tmp_path)
    assert all(module.training for module in trainer.model.modules())
    assert not any(module._hooks for module in trainer.model.modules())


# ---- starting, stopping, continuing --------------------------------------------------


def test_files_while_the_training_runs(tmp_path):
    """Results of an earlier run are gone, so that nobody takes them for these."""
    left(tmp_path)
    seen = {}

    class Look:
        def on_epoch_end(self, trainer):
            seen[trainer.epoch] = read_json(tmp_path / "run.json")["status"]
            names = {path.name for path in tmp_path.iterdir()}
            assert names == {"run.json", "history.csv", "gradients.csv"}

    trainer, arguments = build(callbacks=[nn.RunFolder(tmp_path), Look()])
    trainer.fit(**arguments, epochs=2)
    assert seen == {1: "running", 2: "running"}
    assert read_json(tmp_path / "run.json")["status"] == "done"


def test_a_resumed_run_has_all_epochs_and_the_first_seeds(tmp_path):
    whole, _ = left(tmp_path / "whole", epochs=3)
    path = tmp_path / "run.safetensors"
    for stop_at in (STEPS_PER_EPOCH + 2, None):
        callbacks = [nn.RunFolder(tmp_path / "parts"), nn.Checkpoint(path, 1, 1)]
        trainer, arguments = build(callbacks=callbacks)
        trainer.callbacks.append(Recorder(stop_at))
        try:
            trainer.fit(**arguments, epochs=3, resume=path)
        except Stopped:
            run = read_json(tmp_path / "parts" / "run.json")
            assert (run["status"], run["reason"]) == ("failed", "Stopped: ")
    names = ["gradients.csv", "results.json"]
    for name in names:
        parts = (tmp_path / "parts" / name).read_bytes()
        assert parts == (tmp_path / "whole" / name).read_bytes()
    first, second = (
        read_json(tmp_path / kind / "run.json")["generators"]
        for kind in ("whole", "parts")
    )
    assert first == second
    history = read_csv(tmp_path / "parts" / "history.csv")
    assert history["loss"] == whole.history["loss"]


def test_a_second_run_starts_afresh(tmp_path):
    callback = nn.RunFolder(tmp_path)
    for seed in (1, 2):
        trainer, arguments = build(callbacks=[callback], seed=seed)
        trainer.fit(**arguments, epochs=2)
        (generator,) = read_json(tmp_path / "run.json")["generators"]
        assert generator["seed"] == str(seed)
        assert len(read_csv(tmp_path / "gradients.csv")["0: Linear"]) == 2


def test_a_run_that_is_stopped(tmp_path):
    stopping = nn.EarlyStopping(patience=1, min_delta=100.0)
    trainer, arguments = build(callbacks=[stopping, nn.RunFolder(tmp_path)])
    trainer.fit(**arguments, epochs=9)
    run = read_json(tmp_path / "run.json")
    assert run["status"] == "stopped"
    assert run["reason"] == "val_loss has not improved for 1 epoch"
    found = read_npz(tmp_path / "predictions.npz")
    best = trainer.predict_proba(arguments["validation"][0])  # restored
    np.testing.assert_allclose(found["scores"], best, rtol=1e-6)


def test_early_stopping_comes_first(tmp_path):
    callbacks = [nn.RunFolder(tmp_path / "run"), nn.EarlyStopping()]
    trainer, arguments = build(callbacks=callbacks)
    with pytest.raises(ValueError, match="put it after EarlyStopping"):
        trainer.fit(**arguments, epochs=1)
    assert not (tmp_path / "run").exists()


def test_a_run_that_fails(tmp_path):
    trainer, arguments = build(callbacks=[nn.RunFolder(tmp_path)])
    x, y = arguments["train"]
    x = x.copy()
    x[4] = np.nan
    with pytest.raises(NonFiniteError):
        trainer.fit(**arguments | {"train": (x, y)}, epochs=1)
    run = read_json(tmp_path / "run.json")
    assert run["status"] == "failed"
    assert run["reason"].startswith("NonFiniteError: fit: the loss is nan in epoch 1")


def test_a_run_that_is_interrupted(tmp_path):
    class Interrupt:
        def on_epoch_end(self, trainer):
            raise KeyboardInterrupt

    trainer, arguments = build(callbacks=[nn.RunFolder(tmp_path), Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(**arguments, epochs=2)
    assert read_json(tmp_path / "run.json")["status"] == "interrupted"
    assert len(read_csv(tmp_path / "history.csv")["loss"]) == 1


def test_the_state_is_checked():
    with pytest.raises(CheckpointError, match="nothing was loaded"):
        nn.RunFolder("run").load_state_dict({"norms": {}})
    with pytest.raises(CheckpointError, match="nothing was loaded"):
        nn.RunFolder("run").load_state_dict({"norms": {}, "generators": None})


# ---- other models and data -----------------------------------------------------------


def tiny(outputs):
    return nn.Sequential(nn.Linear(2, outputs, rng=np.random.default_rng(0)))


X = np.random.default_rng(0).standard_normal((10, 2)).astype(np.float32)
BIT = (X[:, :1] > 0).astype(np.float32)


def test_without_validation_data(tmp_path):
    trained(tmp_path, tiny(1), nn.MSELoss(), (X, BIT), None)
    results = read_json(tmp_path / "results.json")
    assert results["predictions"] is None
    assert results["activations"] == []
    assert len(results["weights"]) == 2
    assert not (tmp_path / "predictions.npz").exists()


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_one_score_for_two_classes(tmp_path, shape):
    model = nn.Sequential(tiny(1), nn.Flatten(0) if shape == (-1,) else nn.Identity())
    loss = nn.BCEWithLogitsLoss()
    data = (X, BIT.reshape(shape))
    trainer = trained(tmp_path, model, loss, data, data)
    found = read_npz(tmp_path / "predictions.npz")
    p = trainer.predict_proba(X).reshape(-1)
    np.testing.assert_allclose(found["scores"], p, rtol=1e-6)
    assert np.array_equal(found["targets"], BIT.reshape(-1))
    assert np.array_equal(found["predicted"], p >= 0.5)
    confidence = np.where(BIT.reshape(-1) == 1, p, 1 - p)
    assert np.array_equal(found["worst"], np.argsort(confidence, kind="stable"))


def test_values(tmp_path):
    y = X * 3
    trainer = trained(tmp_path, tiny(2), nn.MSELoss(), (X, y), (X, y))
    found = read_npz(tmp_path / "predictions.npz")
    assert "scores" not in found
    predicted = trainer.predict(X)
    np.testing.assert_allclose(found["predicted"], predicted, rtol=1e-6)
    error = np.mean((predicted - y) ** 2, axis=1)
    assert np.array_equal(found["worst"], np.argsort(-error, kind="stable"))
    assert read_json(tmp_path / "results.json")["predictions"] == {"kind": "values"}


def test_targets_that_a_loss_ignores_are_not_among_the_worst(tmp_path):
    y = np.array([0, 1, -100, 0, 1, -100, 0, 1, 0, 1])
    trained(tmp_path, tiny(2), nn.CrossEntropyLoss(), (X, y), (X, y))
    found = read_npz(tmp_path / "predictions.npz")
    assert len(found["targets"]) == 10
    assert sorted(found["worst"]) == [0, 1, 3, 4, 6, 7, 8, 9]


def test_predictions_that_are_left_out(tmp_path):
    """Several labels for each sample have no confusion matrix."""
    y = (X > 0).astype(np.float32)
    trained(tmp_path, tiny(2), nn.BCEWithLogitsLoss(), (X, y), (X, y))
    found = read_json(tmp_path / "results.json")["predictions"]
    assert found == {"left_out": "the targets are several numbers for each sample"}


def test_inputs_as_images(tmp_path):
    data = (np.tile(X, 2), BIT[:, 0].astype(int))
    model = nn.Sequential(nn.Linear(4, 2, rng=np.random.default_rng(0)))
    loss = nn.CrossEntropyLoss()
    trained(tmp_path, model, loss, data, data, image_shape=(2, 2))
    assert read_npz(tmp_path / "predictions.npz")["worst_inputs"].shape == (10, 2, 2)
    with pytest.raises(ShapeError, match=r"image_shape=\(3, 2\) has 6 numbers, but an"):
        trained(tmp_path, model, loss, data, data, image_shape=(3, 2))


def test_large_inputs_are_not_kept(tmp_path):
    x = np.ones((3, 12_289), np.float32)
    model = nn.Sequential(nn.Linear(12_289, 2, rng=np.random.default_rng(0)))
    data = (x, np.array([0, 1, 0]))
    trained(tmp_path, model, nn.CrossEntropyLoss(), data, data)
    assert "worst_inputs" not in read_npz(tmp_path / "predictions.npz")


def test_settings_are_plain(tmp_path):
    with pytest.raises(TypeError, match=r"'layers' is a list\. Write str\(layers\)"):
        nn.RunFolder(tmp_path, settings={"layers": [1, 2]})
    run = nn.RunFolder(tmp_path, settings={"lr": np.float64(0.5), "most": float("inf")})
    assert run.settings == {"lr": 0.5, "most": "inf"}
    assert repr(nn.RunFolder("runs/a")) == "RunFolder('runs/a')"


def test_names_that_try_to_break_out(tmp_path):
    """Commas, quotes, newlines and lone surrogates come back from the table."""
    names = ['a,b"c', "line\nbreak", "\ud800"]
    metrics = {name: lambda predictions, targets: 0.5 for name in names}
    model = tiny(2)
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        nn.optim.SGD(model.parameters(), lr=0.1),
        metrics=metrics,
        callbacks=[nn.RunFolder(tmp_path, classes=names)],
    )
    data = (X, BIT[:, 0].astype(int))
    trainer.fit(data, data, epochs=1, shuffle=False, progress=False)
    found = read_csv(tmp_path / "history.csv")
    assert [found[f"val_{name}"] for name in names[:2]] == [[0.5], [0.5]]
    assert found["val_\\ud800"] == [0.5]
    assert read_json(tmp_path / "run.json")["classes"] == names
