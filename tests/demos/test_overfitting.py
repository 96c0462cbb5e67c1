"""Overfitting: it happens, and each remedy helps."""

import numpy as np
import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from demos import overfitting


def test_every_remedy_is_trained_printed_and_drawn(tmp_path, capsys):
    histories = overfitting.main(epochs=2, hidden=32, n_train=600, out=tmp_path)
    printed = capsys.readouterr().out
    assert list(histories) == list(overfitting.REMEDIES)
    for remedy, history in histories.items():
        assert f"{history['val_accuracy'][-1]:.1%}" in printed
        picture = tmp_path / f"overfitting_{remedy.replace(' ', '_')}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
    assert histories["nothing"]["penalty"][-1] == 0
    assert histories["L2"]["penalty"][-1] > 0
    assert histories["dropout"]["loss"] != histories["nothing"]["loss"]


def test_a_share_of_the_labels_becomes_another_digit():
    labels = np.arange(10_000) % 10
    changed = overfitting.mislabel(labels, 0.2, np.random.default_rng(0))
    assert set(changed) == set(range(10))
    assert 0.18 < np.mean(changed != labels) < 0.22
    assert (overfitting.mislabel(labels, 1.0, np.random.default_rng(0)) != labels).all()


@pytest.mark.slow
def test_remedies_help(tmp_path):
    histories = overfitting.main(out=tmp_path)
    best = {remedy: max(h["val_accuracy"]) for remedy, h in histories.items()}
    last = {remedy: h["val_accuracy"][-1] for remedy, h in histories.items()}
    assert last["nothing"] < best["nothing"] - 0.08
    assert last["L2"] > last["nothing"] + 0.03
    assert last["dropout"] > last["nothing"] + 0.03
    assert last["L2 and dropout"] > max(last["L2"], last["dropout"])
