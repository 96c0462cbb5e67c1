"""Vanishing gradients: each combination does what theory says."""

import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from demos import vanishing_gradients as demo


def test_verdicts(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "draw", lambda *_: "drawn in the slow test")
    verdicts, _ = demo.main(epochs=1, n_train=200, out=tmp_path)
    assert len(verdicts) == 12
    assert capsys.readouterr().out.count("%") == 12
    for activation in demo.ACTIVATIONS:
        assert verdicts[activation, "0.01 randn"] == "vanishes"
    for init in ("xavier", "kaiming"):
        assert verdicts["sigmoid", init] == "vanishes"
        assert verdicts["tanh", init] == "arrives"
        assert verdicts["relu", init] == "arrives"
    for activation in ("tanh", "relu"):
        assert verdicts[activation, "randn"] == "explodes"


def test_gradients_come_first_layer_first():
    train, _ = demo.load_data(demo.np.random.default_rng(0), 50)
    model = demo.make_model("sigmoid", "xavier", depth=4)
    norms = demo.gradient_norms(model, *train)
    assert len(norms) == 5
    assert norms == sorted(norms)


@pytest.mark.slow
def test_what_arrives_learns_and_what_vanishes_does_not(tmp_path):
    _, accuracies = demo.main(out=tmp_path)
    picture = tmp_path / "vanishing_gradients.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    for activation in demo.ACTIVATIONS:
        assert accuracies[activation, "0.01 randn"] < 0.2
    for activation in ("tanh", "relu"):
        assert accuracies[activation, "xavier"] > 0.85
        assert accuracies[activation, "kaiming"] > 0.85
        assert accuracies[activation, "randn"] < 0.8
