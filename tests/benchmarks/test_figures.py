"""Quartiles, ratios and exponents."""

import doctest
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import curves, figures, mathematics
from benchmarks.contestants import COMPILED, FLOOR
from benchmarks.curves import CURVES, exponents, measure
from benchmarks.figures import Spread, exponent, ratios, rounded, spread
from benchmarks.race import Rules


def test_quartiles():
    assert spread([5.0]) == Spread(5.0, 5.0, 5.0)
    assert spread([4.0, 1.0, 3.0, 2.0]) == Spread(1.75, 2.5, 3.25)
    assert str(spread([0.5, 1.0, 150.0])) == "1.00 (0.75 to 75.5)"


def test_ratios_are_of_neighbours():
    assert ratios([1.0, 4.0, None, 9.0], [2.0, 2.0, 1.0, None]) == [0.5, 2.0]


def test_rounded():
    assert [rounded(x) for x in (0.00996, 9.994, 99.94, 123.4)] == [
        "0.01", "9.99", "99.9", "123",
    ]  # fmt: skip


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5])
def test_exponent_of_a_power_law(power):
    sizes = np.array([1, 3, 10, 100])
    assert exponent(sizes, 7 * sizes**power) == pytest.approx(power, abs=1e-9)


def test_exponents_of_a_curve_that_bends():
    sizes = [1, 2, 4, 8, 16, 32]
    whole, upper = exponents(sizes, [3, 3, 3, 3, 6, 12])
    assert upper == pytest.approx(1)
    assert 0 < whole < 1


def test_exponents_need_two_points():
    assert exponents([1, 10, 100, 1000], [1.0, 10.0, None, None]) == (
        pytest.approx(1),
        None,
    )
    assert exponents([1, 10], [None, 1.0]) == (None, None)


@pytest.mark.parametrize("module", [curves, figures, mathematics])
def test_examples(module):
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0


def test_a_curve_measures_every_size():
    said = []
    curve = replace(
        CURVES["nodes"],
        sizes=(10, 100),
        collectors=("on",),
        ends={"compiled": (10, "made up")},
    )
    rules = Rules(rounds=1, turn=0.0)
    [result] = measure(curve, [FLOOR, COMPILED], said.append, rules)
    assert said == ["scalar nodes: 10", "scalar nodes: 100"]
    assert [s is None for s in result["seconds"]["by hand"]] == [False, False]
    assert [s is None for s in result["seconds"]["compiled"]] == [False, True]
    assert result["notes"] == ["compiled ends at 10: made up"]
