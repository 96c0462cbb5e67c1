"""Moons: a line cannot, a network can, and the boundary is shown."""

from xml.etree import ElementTree

import pytest

from demos import moons_boundary


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return moons_boundary.main(epochs=10, n=300, out=out), out


def test_a_network_is_better_than_a_line(lesson):
    line, network = lesson[0]
    assert 0.75 < line < 0.9
    assert network > line + 0.05


def test_pictures_are_written(lesson):
    out = lesson[1]
    for name in ("moons_line.png", "moons_network.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    svg = ElementTree.parse(out / "moons_graph.svg").getroot()
    assert svg.tag.endswith("svg")


class Halves:
    """Predicts class 1 on the right side, x > 0.5."""

    def predict(self, X):
        return (X[:, 0] > 0.5).astype(int)


def test_map_shows_the_predicted_classes(capsys):
    moons_boundary.print_map(Halves(), rows=2, columns=4)
    assert capsys.readouterr().out == "  ..##\n  ..##\n"


@pytest.mark.slow
def test_full_lesson(tmp_path):
    line, network = moons_boundary.main(out=tmp_path)
    assert line < 0.9
    assert network > 0.97
