"""What `Trainer.fit` computes, against the same loop written out."""

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import ShapeError, Tensor
from nn import optim
from tests.nn.training.runs import BATCH, SAMPLES, Recorder, build, data


def perceptron(rng, dtype=np.float64):
    return nn.Sequential(
        nn.Linear(3, 5, rng=rng, dtype=dtype),
        nn.Tanh(),
        nn.Linear(5, 2, rng=rng, dtype=dtype),
    )


def norm_of(arrays):
    return np.linalg.norm([np.linalg.norm(a) for a in arrays])


def weights(model):
    return [np.array(p.data) for p in model.parameters()]


def test_a_fit_is_the_loop_written_out():
    x, y = data()
    rng = np.random.default_rng(3)
    model = perceptron(rng)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    loader = nn.DataLoader(nn.TensorDataset(x, y), 2, shuffle=True, rng=rng)
    epoch_losses, lrs, grad_norms, update_norms = [], [], [], []
    schedule = optim.StepLR(optimizer, step_size=2, gamma=0.1)
    for _ in range(4):
        losses, norms, moves = [], [], []
        for a, b in loader:
            before = weights(model)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(a), b)
            loss.backward(keep="leaves")
            norms.append(norm_of([p.grad for p in model.parameters()]))
            optimizer.step()
            losses.append((loss.item(), len(a)))
            pairs = zip(weights(model), before, strict=True)
            moves.append(norm_of([u - v for u, v in pairs]))
        epoch_losses.append(sum(v * n for v, n in losses) / SAMPLES)
        grad_norms.append((norms[0] + norms[8]) / 2)  # of every 8th step
        update_norms.append((moves[0] + moves[8]) / 2)
        lrs.append(optimizer.param_groups[0]["lr"])
        schedule.step()

    rng = np.random.default_rng(3)
    ours = perceptron(rng)
    made = optim.Adam(ours.parameters(), lr=0.01)
    trainer = nn.Trainer(
        ours,
        nn.CrossEntropyLoss(),
        made,
        schedule=optim.StepLR(made, step_size=2, gamma=0.1),
        rng=rng,
    )
    history = trainer.fit((x, y), epochs=4, batch_size=2, progress=False)
    for a, b in zip(weights(model), weights(ours), strict=True):
        assert np.array_equal(a, b)
    np.testing.assert_allclose(history["loss"], epoch_losses, rtol=1e-12)
    assert history["lr"] == lrs
    np.testing.assert_allclose(history["grad_norm"], grad_norms, rtol=1e-12)
    np.testing.assert_allclose(history["update_norm"], update_norms, rtol=1e-9)


def test_the_loss_is_averaged_over_samples_and_metrics_see_all_at_once():
    """The last batch is smaller: a mean over batches would count it too much."""
    x, y = data()
    trainer, _ = build(dropout=False, batch_norm=False)
    seen = []

    def count(predictions, targets):
        seen.append(len(targets))
        return float(np.mean(predictions.argmax(1) == targets))

    trainer.metrics = {"share": count}
    found = trainer.evaluate((x, y), batch_size=BATCH)
    outputs = trainer.model(x).data
    loss = nn.functional.cross_entropy(Tensor(outputs), y).item()
    assert seen == [SAMPLES]
    assert SAMPLES % BATCH
    assert found["loss"] == pytest.approx(loss, rel=1e-6)
    assert found["share"] == np.mean(outputs.argmax(1) == y)


@pytest.mark.parametrize("weight", [None, [1.0, 5.0]])
@pytest.mark.parametrize("of_log", [False, True])
def test_targets_count_as_the_loss_counts_them(weight, of_log):
    """Batches differ in how many targets are ignored, and in the weights of classes."""
    x, y = data()
    y[[0, 1, 2, 7, 21]] = -1
    kind = nn.NLLLoss if of_log else nn.CrossEntropyLoss
    loss = kind(weight=weight, ignore_index=-1)
    trainer, arguments = build("SGD", "none", dropout=False, batch_norm=False)
    trainer.metrics = {}
    if of_log:
        trainer.model.append(nn.LogSoftmax(1))
    trainer.loss = loss
    trainer.optimizer.param_groups[0]["lr"] = 0.0
    expected = pytest.approx(loss(trainer.model(x), y).item(), rel=1e-6)
    assert trainer.evaluate((x, y), batch_size=BATCH)["loss"] == expected
    arguments["train"] = arguments["validation"] = (x, y)
    history = trainer.fit(**arguments, epochs=1)
    assert history["loss"][0] == expected
    assert history["val_loss"][0] == expected


def test_a_loss_that_sums_gives_the_mean_over_samples_as_well():
    x, y = data()
    trainer, arguments = build("SGD", "none", dropout=False, batch_norm=False)
    mean = trainer.evaluate((x, y), batch_size=BATCH)["loss"]
    trainer.loss = nn.CrossEntropyLoss(reduction="sum")
    assert trainer.evaluate((x, y), batch_size=BATCH)["loss"] == pytest.approx(mean)
    trainer.optimizer.param_groups[0]["lr"] = 0.0
    history = trainer.fit(**arguments, epochs=1)
    assert history["loss"][0] == pytest.approx(mean)


def test_validation_records_nothing_and_changes_nothing():
    x, y = data()
    trainer, _ = build()
    recording, training = [], []

    class Watch(nn.Module):
        def forward(self, x):
            recording.append(autograd.is_recording())
            training.append(self.training)
            return x * 1.0

    trainer.model = nn.Sequential(Watch(), trainer.model)
    rng = trainer.rng.bit_generator.state
    before = trainer.model.state_dict()
    found = trainer.evaluate((x, y))
    trainer.predict(x)
    assert recording == [False, False]
    assert training == [False, False]
    assert trainer.rng.bit_generator.state == rng
    for name, array in trainer.model.state_dict().items():
        assert np.array_equal(array, before[name]), name
    assert all(p.grad is None for p in trainer.model.parameters())
    assert all(module.training for module in trainer.model.modules())
    assert found == trainer.evaluate((x, y))


def test_training_goes_on_as_if_there_were_no_validation():
    with_it, arguments = build()
    with_it.fit(**arguments, epochs=2)
    without, arguments = build()
    without.fit(**arguments | {"validation": None}, epochs=2)
    for a, b in zip(weights(with_it.model), weights(without.model), strict=True):
        assert np.array_equal(a, b)
    assert "val_loss" not in without.history


def test_a_layer_in_evaluation_mode_stays_so():
    trainer, arguments = build()
    frozen = trainer.model[1].eval()
    trainer.fit(**arguments, epochs=1)
    assert not frozen.training
    assert frozen.num_batches_tracked == 0
    assert trainer.model[3].training


def test_a_model_in_evaluation_mode_is_trained_and_put_back():
    trainer, arguments = build()
    trainer.model.eval()
    trainer.fit(**arguments, epochs=1)
    assert trainer.model[1].num_batches_tracked > 0
    assert not any(module.training for module in trainer.model.modules())


def test_the_mode_is_restored_after_an_error_in_the_validation():
    trainer, arguments = build()

    def broken(predictions, targets):
        raise RuntimeError("broken metric")

    trainer.metrics = {"broken": broken}
    with pytest.raises(RuntimeError, match="broken metric"):
        trainer.fit(**arguments, epochs=1)
    assert all(module.training for module in trainer.model.modules())
    assert autograd.is_recording()


def test_a_regularizer_is_part_of_what_is_trained_but_not_of_the_loss():
    settings = {"dropout": False, "batch_norm": False, "schedule": "none"}
    plain, arguments = build(**settings)
    plain.fit(**arguments, epochs=1)
    penalised, arguments = build(**settings, regularizer=nn.L2(0.5))
    penalty = nn.L2(0.5)(penalised.model).item()
    penalised.fit(**arguments | {"batch_size": SAMPLES}, epochs=1)
    assert penalised.history["penalty"] == pytest.approx([penalty])
    assert "penalty" not in plain.history
    decayed, arguments = build(**settings, optimizer="SGD")
    decayed.optimizer.param_groups[0]["lr"] = 0.1
    decayed.regularizer = nn.L2(1.0)
    decayed.fit(**arguments, epochs=60)
    assert np.abs(decayed.model[0].weight.data).max() < 0.01


def test_clip_limits_the_norm_and_the_history_has_the_norm_before():
    settings = {"optimizer": "SGD", "schedule": "none", "dropout": False}
    norms = []

    class Watch:
        def on_batch_end(self, trainer):
            norms.append(nn.clip_grad_norm(trainer.model, np.inf))

    free, arguments = build(**settings)
    free.fit(**arguments | {"batch_size": SAMPLES}, epochs=1)
    clipped, arguments = build(**settings, clip=0.01, callbacks=[Watch()])
    clipped.fit(**arguments | {"batch_size": SAMPLES}, epochs=1)
    assert norms == pytest.approx([0.01], rel=1e-3)
    assert clipped.history["grad_norm"] == free.history["grad_norm"]
    assert clipped.history["update_norm"] == pytest.approx([0.01 * 0.05], rel=1e-3)


def test_clip_can_be_a_function():
    seen = []

    def clip(parameters):
        seen.append(len(parameters))
        nn.clip_grad_value(parameters, 1e-3)

    trainer, arguments = build(clip=clip, optimizer="SGD", schedule="none")
    trainer.fit(**arguments | {"batch_size": SAMPLES}, epochs=1)
    assert seen == [6]
    assert max(np.abs(p.grad).max() for p in trainer.model.parameters()) <= 1e-3


def test_schedules_step_after_epochs_or_batches():
    rates = []

    class Watch:
        def on_batch_end(self, trainer):
            rates.append(trainer.optimizer.param_groups[0]["lr"])

    by_epoch, arguments = build("SGD", "StepLR", callbacks=[Watch()])
    by_epoch.fit(**arguments, epochs=2)
    assert rates == [0.05] * 5 + [0.025] * 5
    assert by_epoch.history["lr"] == [0.05, 0.025]
    rates.clear()
    by_batch, arguments = build(
        "SGD", "StepLR", callbacks=[Watch()], schedule_every="batch"
    )
    by_batch.fit(**arguments, epochs=1)
    assert rates == [0.05 / 2**k for k in range(1, 6)]
    assert by_batch.history["lr"] == [0.05 / 2**4]
    one_cycle, _ = build("SGD", "OneCycleLR")
    assert one_cycle.schedule_every == "batch"


def test_a_plateau_is_that_of_the_validation():
    trainer, arguments = build("SGD", "none", dropout=False)
    seen = []

    class Plateau(optim.ReduceLROnPlateau):
        def step(self, metric):
            seen.append(metric)
            super().step(metric)

    trainer.schedule = Plateau(trainer.optimizer)
    trainer.fit(**arguments, epochs=2)
    assert seen == trainer.history["val_loss"]
    trainer.fit(**arguments | {"validation": None}, epochs=3)
    assert seen[2] == trainer.history["loss"][2]


def test_models_with_several_inputs():
    class Sum(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter([1.0])

        def forward(self, a, b):
            return (a + b) * self.weight

    x = np.arange(6.0, dtype=np.float32)
    model = Sum()
    trainer = nn.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.01))
    trainer.fit((x, x, 4 * x), epochs=30, shuffle=False, progress=False)
    assert model.weight.data == pytest.approx([2.0], rel=1e-3)
    assert trainer.predict((x, x)) == pytest.approx(4 * x, rel=1e-2)


def test_a_dataset_with_its_loader():
    x, y = data()
    recorder = Recorder()
    trainer, _ = build(callbacks=[recorder])
    loader = nn.DataLoader(nn.TensorDataset(x, y), batch_size=11)
    trainer.fit(loader, loader, epochs=2, progress=False)
    assert trainer.step == len(recorder.losses) == 4
    assert trainer.evaluate(loader)["loss"] == trainer.history["val_loss"][-1]


def test_epochs_counts_all_of_them():
    trainer, arguments = build(schedule="none")
    trainer.fit(**arguments, epochs=2)
    history = trainer.fit(**arguments, epochs=3)
    assert len(history) == trainer.epoch == 3
    with pytest.warns(UserWarning, match="3 epochs are complete; epochs= counts all"):
        trainer.fit(**arguments, epochs=3)
    trainer.stop("enough")
    with pytest.warns(UserWarning, match=r"enough\. To go on, set trainer\.stopped"):
        trainer.fit(**arguments, epochs=9)


def test_other_data_for_later_epochs():
    x, y = data()
    trainer, arguments = build(schedule="none")
    trainer.fit(**arguments, epochs=1)
    trainer.fit((x[:9], y[:9]), epochs=2, batch_size=3, progress=False)
    assert trainer.step == 5 + 3
    assert math.isnan(trainer.history["val_loss"][1])


def test_what_is_refused():
    trainer, arguments = build()
    trainer.rng = None
    with pytest.raises(ValueError, match=r"Trainer\(\.\.\., rng="):
        trainer.fit(**arguments, epochs=1)
    trainer.metrics = {"pair": lambda predictions, targets: np.zeros(2)}
    with pytest.raises(TypeError, match=r"metric 'pair' must return one number"):
        trainer.evaluate(data())


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (lambda prediction, target: 1.0, r"the loss must return a Tensor.*got float"),
        (lambda prediction, target: prediction, r"got a Tensor of shape \(5, 2\)"),
    ],
)
def test_a_loss_that_is_no_number(loss, text):
    trainer, arguments = build()
    trainer.loss = loss
    with pytest.raises(TypeError, match=text):
        trainer.fit(**arguments, epochs=1)


def test_an_epoch_whose_schedule_fails_is_not_in_the_history():
    trainer, arguments = build("SGD", "StepLR")
    trainer.optimizer.param_groups[0]["lr"] = 0.3  # which the schedule refuses
    with pytest.raises(RuntimeError, match="learning rate"):
        trainer.fit(**arguments, epochs=1)
    assert len(trainer.history) == trainer.epoch == 0


def test_empty_data_have_no_mean():
    trainer, _ = build()

    class Empty:
        def __iter__(self):
            return iter(())

        def __len__(self):
            return 0

        def state_dict(self):
            raise AssertionError("never called")

        def load_state_dict(self, state):
            raise AssertionError("never called")

    with pytest.raises(ShapeError, match="no samples"):
        trainer.evaluate(Empty())


def test_repr():
    trainer, arguments = build()
    start = "Trainer(Sequential, CrossEntropyLoss, Adam; 50 numbers trained; "
    assert repr(trainer) == f"{start}0 epochs, 0 steps done)"
    trainer.fit(**arguments, epochs=1)
    assert repr(trainer) == f"{start}1 epoch, 5 steps done)"
    trainer.loss = nn.functional.cross_entropy
    assert "Sequential, cross_entropy, Adam" in repr(trainer)
