"""Spaces of configurations: listed, drawn, described."""

from typing import Any

import numpy as np
import pytest

import nn
from nn.tuning.space import Space


def rng():
    return np.random.default_rng(0)


def test_a_grid_varies_the_last_name_fastest():
    space = {"lr": [0.1, 0.01], "batch": (16, 32), "epochs": 5}
    assert Space(space).grid() == [
        {"lr": 0.1, "batch": 16, "epochs": 5},
        {"lr": 0.1, "batch": 32, "epochs": 5},
        {"lr": 0.01, "batch": 16, "epochs": 5},
        {"lr": 0.01, "batch": 32, "epochs": 5},
    ]


@pytest.mark.parametrize(
    ("value", "choices"),
    [
        (range(1, 4), [1, 2, 3]),
        (np.array([0.5, 1.5]), [0.5, 1.5]),
        ([np.float64(0.5), np.int32(3), np.True_], [0.5, 3, True]),
        ([[8, 4], (2,)], [(8, 4), (2,)]),
        ("adam", ["adam"]),
        (None, [None]),
        ([1, 1.0, True, "1"], [1, 1.0, True, "1"]),
    ],
)
def test_choices(value, choices):
    found = [config["x"] for config in Space({"x": value}).grid()]
    assert found == choices
    assert list(map(type, found)) == list(map(type, choices))


def test_an_empty_space_has_one_configuration():
    assert Space({}).grid() == [{}]


def test_drawn_configurations_differ_and_a_larger_n_adds_to_them():
    space = Space({"depth": nn.integers(1, 4), "width": [8, 16], "lr": 0.1})
    all_six = space.draw(6, rng())
    assert len({(c["depth"], c["width"]) for c in all_six}) == 6
    assert {c["depth"] for c in all_six} == {1, 2, 3}
    assert space.draw(4, rng()) == all_six[:4]
    with pytest.raises(ValueError, match=r"n=7 .* the space has only 6"):
        space.draw(7, rng())


def test_distributions_stay_within_their_bounds():
    generator = rng()
    rates = [nn.log_uniform(1e-4, 1.0).draw(generator) for _ in range(2000)]
    assert min(rates) >= 1e-4
    assert max(rates) <= 1.0
    assert 0.45 < np.mean(np.array(rates) < 1e-2) < 0.55  # half the decades
    flat = [nn.uniform(-1.0, 3.0).draw(generator) for _ in range(2000)]
    assert min(flat) >= -1.0
    assert max(flat) < 3.0
    assert 0.45 < np.mean(np.array(flat) < 1.0) < 0.55
    assert type(flat[0]) is type(rates[0]) is float
    assert type(nn.integers(0, 3).draw(generator)) is int


NOT_A_SPACE = "must be a dict from names to choices"
WRONG_KINDS: list[Any] = [1.5, [1, 2], {1: [2]}]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.uniform(1.0, 1.0), ValueError, "low below high, got 1.0 and 1.0"),
        (lambda: nn.uniform(0.0, np.inf), ValueError, "must be finite"),
        (lambda: nn.log_uniform(0.0, 1.0), ValueError, "low must be positive, got 0.0"),
        (lambda: nn.integers(3, 3), ValueError, "low below high"),
        (lambda: nn.integers(WRONG_KINDS[0], 3), TypeError, "integer"),
        (lambda: Space(WRONG_KINDS[1]), TypeError, NOT_A_SPACE),
        (lambda: Space(WRONG_KINDS[2]), TypeError, NOT_A_SPACE),
        (lambda: Space({"x": []}), ValueError, "'x' has no values"),
        (lambda: Space({"x": [1, 2, 1]}), ValueError, "value 1 more than once"),
        (lambda: Space({"x": [np.nan]}), ValueError, "'x' can be nan"),
        (lambda: Space({"x": [nn.ReLU]}), TypeError, "'x' can be a type; .* its name"),
        (lambda: Space({"x": [{}]}), TypeError, "'x' can be a dict"),
        (
            lambda: Space({"x": nn.uniform(0, 1)}).grid(),
            ValueError,
            r"a grid needs the values of 'x' as a list.*strategy=\"random\"",
        ),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error, match=message):
        make()
