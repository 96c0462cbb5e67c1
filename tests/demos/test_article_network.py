"""The main job: it trains, its gradients are right, its pictures exist."""

from xml.etree import ElementTree

import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from demos import article_network


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    validation_accuracy, comparison = article_network.main(epochs=200, out=out)
    return validation_accuracy, comparison, out


def test_reaches_95_percent_on_unseen_samples(lesson):
    assert lesson[0] >= 0.95


def test_hand_derived_gradients_are_right(lesson):
    comparison = lesson[1]
    verdicts = {row.name: row.verdict for row in comparison.rows}
    assert comparison
    assert set(verdicts) == {"dW1", "db1", "dW2", "db2", "dZ1", "dA1", "dZ2"}
    for name in ("dZ2", "dA1", "dZ1"):
        assert verdicts[name] == "convention"
    for name in ("dW1", "db1", "dW2", "db2"):
        assert verdicts[name] in ("exact", "close")


def test_pictures_are_written(lesson):
    out = lesson[2]
    for name in ("graph_tensor.svg", "graph_scalar.svg"):
        assert ElementTree.parse(out / name).getroot().tag.endswith("svg")
    for name in ("graph_tensor.png", "curves.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_output_explains_the_convention(tmp_path, capsys):
    article_network.main(epochs=2, out=tmp_path)
    printed = capsys.readouterr().out
    assert "dZ2 = A2 - Y" in printed
    assert str(tmp_path / "curves.png") in printed
    assert printed.count("\n") < 50, "more than one screen"


def test_a_planted_mistake_is_marked(capsys, tmp_path):
    article_network.main(epochs=2, out=tmp_path)
    printed = capsys.readouterr().out
    assert "First wrong: dZ1" in printed
    assert "it is the derivative of tanh" in printed
