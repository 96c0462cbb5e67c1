"""Names: the data are what they seem, and all three networks learn to spell."""

import numpy as np
import pytest

import nn
from autograd import Tensor
from demos import backprop_ninja, names, names_lstm, names_transformer

PNG = b"\x89PNG"
FAST = {"epochs": 4, "n_train": 300}


def test_names_are_short_distinct_and_spelled_with_the_characters():
    loaded = names.load_names()
    assert {"octopus", "sparkling heart", "white chess knight"} <= set(loaded)
    assert len(set(loaded)) == len(loaded) >= 1309
    assert max(map(len, loaded)) == names.LONGEST
    assert set("".join(loaded)) == set(names.CHARACTERS) - {"."}


def test_targets_are_the_inputs_one_place_on():
    X, Y = names.encode(["ant", "a" * names.LONGEST])
    np.testing.assert_array_equal(X[0, 1:4], Y[0, :3])
    assert Y[0, 3] == 0
    assert set(Y[0, 4:]) == {names.PADDING}
    assert Y[1, -1] == 0


def test_validation_names_are_not_trained_on():
    train, validation = names.load_data(np.random.default_rng(0))
    assert not set(train) & set(validation)
    assert set(train) | set(validation) == set(names.load_names())
    fewer, same = names.load_data(np.random.default_rng(0), n_train=300)
    assert fewer == train[:300]
    assert same == validation


def test_bits_do_not_count_padding():
    X, Y = names.encode(["ant", "skull and crossbones"])
    scores = np.zeros((*X.shape, len(names.CHARACTERS)))
    scores[Y == names.PADDING] = 99 * np.eye(len(names.CHARACTERS))[3]
    assert names.bits_per_character(scores, Y) == pytest.approx(np.log2(28))


class Always(nn.Module):
    """Spells one word whatever it reads: all else has a probability of 1e-40."""

    def __init__(self, word):
        self.spelling = [names.CHARACTERS.index(c) for c in f"{word}."]

    def forward(self, x):
        scores = np.zeros((*x.shape, len(names.CHARACTERS)))
        for place in range(x.shape[1]):
            scores[:, place, self.spelling[min(place, len(self.spelling) - 1)]] = 92.0
        return Tensor(scores)


def test_inventing_follows_the_probabilities():
    rng = np.random.default_rng(0)
    assert names.invent(Always("ant"), 3, rng) == ["ant"] * 3
    assert names.invent(Always("a" * 25), 1, rng) == ["a" * names.LONGEST]


def test_share_of_new_names(capsys):
    rng = np.random.default_rng(0)
    assert names.print_inventions(Always("ant"), ["ant"], rng) == 0
    assert names.print_inventions(Always(""), ["ant"], rng) == 0  # no name at all
    assert names.print_inventions(Always("bee"), ["ant"], rng) == 1
    assert "100% are not in the training set" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("demo", "sizes"),
    [
        (names_lstm, {"hidden": 32}),
        (names_transformer, {"width": 16, "blocks": 1}),
    ],
    ids=["lstm", "transformer"],
)
def test_network_learns_to_spell(demo, sizes, tmp_path, capsys):
    bits, share_new = demo.main(**FAST, **sizes, out=tmp_path)
    printed = capsys.readouterr().out
    assert bits < 4.25  # the frequencies of the characters alone give about that
    assert share_new > 0.5
    assert f"{bits:.2f}  this network" in printed
    assert "Invented names:" in printed
    picture = tmp_path / f"{demo.__name__.rpartition('.')[2]}.png"
    assert picture.read_bytes().startswith(PNG)


def test_same_seed_same_names():
    model = names_lstm.SpellingLSTM(8, np.random.default_rng(0))
    first = names.invent(model, 5, np.random.default_rng(1))
    assert names.invent(model, 5, np.random.default_rng(1)) == first
    assert names.invent(model, 5, np.random.default_rng(2)) != first


def test_looking_ahead_is_noticed(monkeypatch):
    model = names_transformer.SpellingTransformer(16, 1, np.random.default_rng(0))
    assert not names_transformer.looks_ahead(model)
    (block,) = model.blocks
    forward = type(block).forward
    monkeypatch.setattr(type(block), "forward", lambda self, x, **_: forward(self, x))
    assert names_transformer.looks_ahead(model)


# ---- backprop by hand --------------------------------------------------------------


@pytest.fixture(scope="module")
def ninja():
    return backprop_ninja.main(steps=300, n_train=300)


def test_every_gradient_by_hand_is_right(ninja):
    comparison, _, _ = ninja
    assert comparison
    assert len(comparison.rows) == 22
    assert {row.verdict for row in comparison.rows} <= {"exact", "close"}


def test_the_planted_mistake_is_found_and_nothing_else(ninja):
    _, mistaken, _ = ninja
    assert [row.name for row in mistaken.rows if not row.is_right] == ["dC"]


def test_training_by_hand_learns(ninja):
    assert ninja[2] < 4.25


def test_contexts_are_the_characters_before():
    X, Y = backprop_ninja.make_samples(["ant"])
    spelled = ["".join(names.CHARACTERS[i] for i in row) for row in X]
    assert spelled == ["...", "..a", ".an", "ant"]
    assert "".join(names.CHARACTERS[i] for i in Y) == "ant."


@pytest.mark.slow
def test_full_lstm(tmp_path):
    bits, share_new = names_lstm.main(out=tmp_path)
    assert bits < 2.85
    assert share_new > 0.8


@pytest.mark.slow
def test_full_transformer(tmp_path):
    bits, share_new = names_transformer.main(out=tmp_path)
    assert bits < 3.1
    assert share_new > 0.8


@pytest.mark.slow
def test_full_training_by_hand():
    assert backprop_ninja.main()[2] < 3.2
