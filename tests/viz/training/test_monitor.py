"""`viz.Monitor`: it sees what there is, and changes nothing."""

import json
import sys
import types

import numpy as np
import pytest

import viz
from autograd import Tensor
from viz.training.record import Record

nn = pytest.importorskip("nn")


def bits(value):
    """Return nested state with every array as bytes, and no times."""
    if isinstance(value, dict):
        return {k: bits(v) for k, v in value.items() if k != "seconds"}
    if isinstance(value, list | tuple):
        return [bits(v) for v in value]
    return value.tobytes() if isinstance(value, np.ndarray) else repr(value)


# ---- it changes nothing: check 9 of the specification -------------------------------


@pytest.mark.parametrize("options", [{}, {"every": 1}, {"every": 2, "live": "r.html"}])
def test_training_is_the_same_to_the_bit(made, tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    states = []
    for callbacks in ([], [viz.Monitor(**options)]):
        trainer, train, validation = made(callbacks)
        trainer.fit(train, validation, epochs=4, progress=False)
        states.append(bits(trainer.state_dict()))
    assert states[0] == states[1]


def test_training_with_a_closure_is_the_same_to_the_bit():
    weights = []
    for callbacks in ([], [viz.Monitor(every=1)]):
        rng = np.random.default_rng(0)
        model = nn.Sequential(
            nn.Linear(3, 4, rng=rng), nn.Tanh(), nn.Linear(4, 1, rng=rng)
        )
        optimizer = nn.optim.LBFGS(model.parameters(), max_iter=3)
        trainer = nn.Trainer(model, nn.MSELoss(), optimizer, callbacks=callbacks)
        X = rng.standard_normal((20, 3))
        trainer.fit((X, X[:, :1]), epochs=3, shuffle=False, progress=False)
        weights.append(bits(model.state_dict()))
    assert weights[0] == weights[1]
    assert len(callbacks[0].record.activations[0]) == 1


def test_a_state_saved_without_it_is_resumed_with_it(made):
    trainer, train, validation = made()
    trainer.fit(train, validation, epochs=2, progress=False)
    watching = viz.Monitor(every=1)
    resumed, *_ = made([watching])
    resumed.load_state_dict(trainer.state_dict())
    resumed.fit(train, validation, epochs=4, progress=False)
    assert len(watching.record.history["loss"]) == 4
    assert watching.record.when == pytest.approx([2 + k / 3 for k in range(1, 7)])


def test_no_hook_is_left(made):
    trainer, train, _ = made([viz.Monitor(every=3)])
    trainer.fit(train, epochs=3, progress=False)
    assert not trainer.model._hooks


def test_no_hook_is_left_after_an_error(made):
    class Stop:
        def on_batch_end(self, trainer):
            if trainer.step == 2:
                raise KeyboardInterrupt

    watching = viz.Monitor(every=1)
    trainer, train, _ = made([Stop(), watching])
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(train, epochs=3, progress=False)
    assert not trainer.model._hooks
    assert watching.record.status == "failed: KeyboardInterrupt"


# ---- what it sees -------------------------------------------------------------------


class Spy:
    """Keeps what a monitor has to find, by other means."""

    def __init__(self):
        self.gradients, self.updates, self.weights = [], [], None

    def on_fit_start(self, trainer):
        self.weights = [p.data.copy() for p in trainer.model.parameters()]

    def on_batch_end(self, trainer):
        ps = list(trainer.model.parameters())
        self.gradients.append([p.grad.copy() for p in ps])
        self.updates.append(
            [(p.data - old, old) for p, old in zip(ps, self.weights, strict=True)]
        )
        self.weights = [p.data.copy() for p in ps]


def norm(arrays):
    return np.sqrt(sum(np.sum(a**2) for a in arrays))


def test_gradients_and_updates_of_each_layer(made):
    spy, watching = Spy(), viz.Monitor(every=2)
    trainer, train, _ = made([spy, watching])
    trainer.fit(train, epochs=2, progress=False)
    record = watching.record
    assert list(record.gradients) == ["Linear 0", "Linear 2", "Linear 5"]
    steps = [0, 1, 3, 5]  # the first one, then every second
    np.testing.assert_allclose(record.when, [(k + 1) / 3 for k in steps])
    for k, name in enumerate(record.gradients):
        two = slice(2 * k, 2 * k + 2)  # weight and bias
        np.testing.assert_allclose(
            record.gradients[name],
            [norm(spy.gradients[s][two]) for s in steps],
            rtol=1e-5,
        )
        ratios = [
            norm([d for d, _ in spy.updates[s][two]])
            / norm([old for _, old in spy.updates[s][two]])
            for s in steps
        ]
        np.testing.assert_allclose(record.updates[name], ratios, rtol=1e-5)
        counts = record.weights[name].counts
        size = list(trainer.model.parameters())[2 * k].size
        assert [sum(row) for row in counts] == [size] * 4


def test_by_default_it_looks_rarely(made):
    trainer, train, _ = made(callbacks := [viz.Monitor()])
    trainer.fit(train, epochs=40, batch_size=15, progress=False)  # 6 steps each
    steps = [round(6 * x) for x in callbacks[0].record.when]
    assert steps == [1, 50, 100, 150, 200, 240]


def test_activations(trained):
    last = trained.record.activations[-1]
    assert [a.name for a in last] == [
        "Linear 0 tanh",
        "Linear 2 relu",
        "Linear 5 sigmoid",
    ]
    assert [(a.low, a.high) for a in last[::2]] == [(-1, 1), (0, 1)]
    assert all(
        sum(a.counts) == 26 * width for a, width in zip(last, (8, 8, 1), strict=True)
    )
    assert last[0].saturated is not None
    assert last[0].dead is None
    assert last[1].dead is not None
    assert last[1].saturated is None


def test_activations_that_forward_calls_by_hand():
    class Net(nn.Module):
        def __init__(self, rng):
            self.fc1 = nn.Linear(2, 4, rng=rng)
            self.fc2 = nn.Linear(4, 1, rng=rng)

        def forward(self, x):
            return self.fc2(np.maximum(0, np.tanh(self.fc1(x))))

    rng = np.random.default_rng(0)
    watching = viz.Monitor(every=1)
    net = Net(rng)
    optimizer = nn.optim.SGD(net.parameters(), lr=0.1)
    trainer = nn.Trainer(net, nn.MSELoss(), optimizer, callbacks=[watching])
    X = rng.standard_normal((10, 2))
    trainer.fit((X, X[:, :1]), epochs=1, shuffle=False, progress=False)
    names = [a.name for a in watching.record.activations[0]]
    assert names == ["fc1 tanh", "fc1 relu"]
    assert list(watching.record.gradients) == ["fc1", "fc2"]


def test_parameters_of_the_outermost_module_are_layers():
    class Net(nn.Module):
        def __init__(self):
            self.W1, self.b1 = Tensor(np.eye(2)), Tensor(np.zeros(2))
            self.W2 = Tensor(np.eye(2))

    assert [layer.name for layer in viz.training.layers.layers_of(Net())] == [
        "W1",
        "b1",
        "W2",
    ]


def test_frozen_layers_are_left_out(made):
    watching = viz.Monitor(every=1)
    trainer, train, _ = made([watching])
    trainer.model[0].requires_grad_(False)
    trainer.optimizer = nn.optim.SGD(
        [p for p in trainer.model.parameters() if p.requires_grad], lr=0.1
    )
    trainer.fit(train, epochs=1, progress=False)
    assert list(watching.record.gradients) == ["Linear 2", "Linear 5"]


def test_a_second_fit_goes_on_and_another_model_begins_anew(made):
    watching = viz.Monitor(every=1)
    trainer, train, _ = made([watching])
    trainer.fit(train, epochs=1, progress=False)
    trainer.fit(train, epochs=2, progress=False)
    assert watching.record.when == pytest.approx([k / 3 for k in range(1, 7)])
    rng = np.random.default_rng(0)
    model = nn.Linear(2, 1, rng=rng)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    other = nn.Trainer(model, nn.MSELoss(), optimizer, callbacks=[watching], rng=rng)
    other.fit(train, epochs=1, progress=False)
    assert len(watching.record.when) == 3
    assert list(watching.record.gradients) == ["Linear"]


def test_a_record_is_plain_data(trained):
    text = json.dumps(trained.record.to_dict())
    assert Record.from_dict(json.loads(text)) == trained.record


# ---- what goes wrong ----------------------------------------------------------------


def test_a_run_that_diverges_is_explained(made):
    class Rise:
        def on_epoch_end(self, trainer):
            trainer.optimizer.param_groups[0]["lr"] = 1e300

    watching = viz.Monitor(every=1)
    trainer, train, _ = made([watching, Rise()])
    trainer.loss = nn.MSELoss()
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError):
        trainer.fit(train, epochs=5, progress=False)
    failure = watching.record.failure
    assert watching.record.status == "failed"
    assert failure.reason.startswith("the ")
    assert failure.epoch >= 1
    assert failure.place.startswith("Linear ")


class Loop:
    """A training loop that somebody wrote, which goes on after a NaN."""

    def __init__(self, model, monitor, lr=0.1):
        self.model, self.monitor = model, monitor
        self.optimizer = nn.optim.SGD(model.parameters(), lr=lr)
        self.epoch = self.step = self.batch = 0
        self.epochs, self.batches = 3, 1
        self.stopped, self.history, self.batch_loss = None, {"loss": []}, 0.0

    def run(self, X, poison=None):
        self.monitor.on_fit_start(self)
        for _ in range(self.epochs):
            self.batch = 0
            self.monitor.on_epoch_start(self)
            self.model.zero_grad()
            loss = np.mean(self.model(X) ** 2)
            loss.backward()
            if self.epoch == 1 and poison is not None:
                poison(self.model)
            self.batch_loss = float(loss.data)
            self.batch = 1
            self.step += 1
            self.monitor.on_batch_end(self)
            self.history["loss"].append(self.batch_loss)
            self.epoch, self.batch = self.epoch + 1, 0
            self.monitor.on_epoch_end(self)
        self.monitor.on_fit_end(self)


def test_the_first_layer_without_a_finite_gradient_is_named():
    rng = np.random.default_rng(0)
    layers = [nn.Linear(3, 3, rng=rng) for _ in range(4)]

    def poison(model):
        for k in (0, 1, 2):  # the backward pass meets layer 2 first
            model[k].weight.grad[0, 0] = np.nan

    watching = viz.Monitor(every=1)
    Loop(nn.Sequential(*layers), watching).run(np.ones((2, 3)), poison)
    failure = watching.record.failure
    assert (failure.epoch, failure.reason) == (2, "a gradient is not finite")
    assert failure.place == "Linear 2"
    assert watching.record.status == "done"


def test_a_loss_that_is_not_finite_is_found_at_once_though_looks_are_rare():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(3, 3, rng=rng), nn.Linear(3, 1, rng=rng))
    watching = viz.Monitor(every=1000)
    Loop(model, watching).run(np.full((2, 3), np.nan))
    assert watching.record.failure.reason == "the loss is nan"
    assert watching.record.failure.epoch == 1
    assert watching.record.failure.place == "Linear 1"


def test_a_page_that_cannot_be_written_does_not_end_the_training(made, tmp_path):
    folder = tmp_path / "taken"
    folder.write_text("a file")
    trainer, train, _ = made([viz.Monitor(live=folder / "run.html")])
    with pytest.warns(UserWarning, match="cannot be written, and is no longer"):
        trainer.fit(train, epochs=1, progress=False)
    assert trainer.epoch == 1


def test_bad_arguments():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        viz.Monitor(every=0)
    with pytest.raises(ValueError, match=r"'run\.txt' is not \.html"):
        viz.Monitor(live="run.txt")


# ---- in a notebook, in a terminal ---------------------------------------------------


def in_a_notebook(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            assert raw
            shown.append(data)

    def display(data, raw, display_id):
        shown.append(data)
        return Handle()

    fake = types.SimpleNamespace(
        get_ipython=lambda: types.SimpleNamespace(kernel=object()),
        display=types.SimpleNamespace(display=display),
    )
    monkeypatch.setitem(sys.modules, "IPython", fake)
    return shown


def test_a_notebook_has_one_display_that_follows(made, monkeypatch):
    shown = in_a_notebook(monkeypatch)
    trainer, train, _ = made([viz.Monitor(every=1)])
    trainer.fit(train, epochs=2, progress=False)
    first, *updates = shown
    assert "text/html" not in first
    assert len(updates) >= 2
    assert 'sandbox=""' in updates[-1]["text/html"]
    assert updates[-1]["text/plain"] == "Training monitor: done"
    assert "refresh" not in updates[0]["text/html"]


def test_a_terminal_shows_nothing_of_it(made, capsys):
    trainer, train, _ = made([viz.Monitor(every=1)])
    trainer.fit(train, epochs=1, progress=False)
    assert capsys.readouterr() == ("", "")
