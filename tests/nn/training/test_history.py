"""The table of what happened."""

import math

import pytest

import nn


def test_columns_grow_together():
    history = nn.History()
    history.append({"loss": 1.0})
    history.append({"loss": 0.5, "val_loss": 0.7})
    history.append({"val_loss": 0.6})
    assert len(history) == 3
    assert history["loss"][:2] == [1.0, 0.5]
    assert math.isnan(history["loss"][2])
    assert math.isnan(history["val_loss"][0])
    assert list(history) == ["loss", "val_loss"]
    assert history.row(1) == {"loss": 0.5, "val_loss": 0.7}


def test_best_epoch():
    nan = math.nan
    assert nn.History().best_epoch is None
    assert nn.History({"loss": [nan]}).best_epoch is None
    assert nn.History({"loss": [2.0, 1.0, 3.0]}).best_epoch == 1
    columns = {"loss": [3.0, 2.0, 1.0], "val_loss": [nan, 1.0, 1.0]}
    assert nn.History(columns).best_epoch == 1


def test_to_dict_is_a_copy():
    history = nn.History({"loss": [1.0]})
    history.to_dict()["loss"].append(2.0)
    assert history["loss"] == [1.0]
    assert nn.History(history.to_dict()).to_dict() == history.to_dict()


def test_what_is_refused():
    with pytest.raises(KeyError, match="no column 'val_loss'; it has loss"):
        nn.History({"loss": [1.0]})["val_loss"]
    with pytest.raises(ValueError, match="columns differ in length"):
        nn.History({"loss": [1.0], "lr": []})


def test_repr():
    assert repr(nn.History()) == "History(0 epochs)"
    assert repr(nn.History({"loss": [0.25]})) == "History(1 epoch, the last: loss 0.25)"
