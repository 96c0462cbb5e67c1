"""Verdicts in words, and the statistics behind them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.training.health import gradient_verdicts, summary, verdicts
from viz.training.layers import Activation
from viz.training.statistics import WeightHistory, describe, histogram, thinned


def test_vanishing_and_exploding_are_told_by_the_last_layer():
    found = gradient_verdicts({"a": 1e-9, "b": 1e-2, "c": 1e4, "d": 1.0, "e": 0.5})
    assert found == {
        "a": "vanishing: 2×10⁻⁹ of the last",
        "b": "healthy",
        "c": "exploding: 20000 times the last",
        "d": "healthy",
        "e": "healthy",
    }


def test_no_gradient_and_none_that_is_finite():
    found = gradient_verdicts({"a": 0.0, "b": np.nan, "c": np.inf, "d": 1.0})
    assert list(found.values()) == [
        "no gradient at all",
        "gradient not finite",
        "gradient not finite",
        "healthy",
    ]
    assert gradient_verdicts({"a": 0.0}) == {"a": "no gradient at all"}
    assert gradient_verdicts({}) == {}


def test_large_updates_are_told():
    found = verdicts({"a": 1.0, "b": 1.0}, {"a": 0.5, "b": 1e-3}, [])
    assert found == {"a": "updates too large: 0.5 of the weights", "b": "healthy"}
    assert summary(found) == "a: updates too large: 0.5 of the weights"


def test_dead_units_are_columns_that_are_zero_for_all_samples():
    values = np.array([[0.0, 1, 0, 0], [0, 0, 0, 2], [0, 0, 3, 0]])
    found = describe(Activation("relu", "relu", values))
    assert found.dead == 0.25
    assert found.notes == "dead units 25%"
    assert verdicts({}, {}, [found]) == {"relu": "dead units 25%"}
    images = np.zeros((2, 4, 3, 3))
    images[0, 1, 2, 2] = 1.0
    assert describe(Activation("relu", "relu", images)).dead == 0.75


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        ("sigmoid", lambda a: a * (1 - a) / 0.25),
        ("tanh", lambda a: 1 - a**2),
        ("softsign", lambda a: (1 - np.abs(a)) ** 2),
    ],
)
def test_saturated_means_a_slope_below_5_percent_of_the_steepest(function, slope):
    low = 0.0 if function == "sigmoid" else -1.0
    values = np.linspace(low + 1e-9, 1 - 1e-9, 2000)[:, None]
    share = np.mean(slope(values) < 0.05)
    assert 0 < share < 1
    assert describe(Activation("a", function, values)).saturated == pytest.approx(
        share, abs=1e-9
    )


def test_what_is_not_finite_is_left_out():
    values = np.array([[0.5, np.nan], [np.inf, -0.5]])
    found = describe(Activation("a", "tanh", values))
    assert (found.mean, sum(found.counts)) == (0.0, 2)
    nothing = describe(Activation("a", "tanh", np.full((2, 2), np.nan)))
    assert sum(nothing.counts) == 0


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=50), st.integers(1, 20))
def test_the_histogram_is_numpys(values, bins):
    # On the border between two bins rounding decides.
    values = np.array([v for v in values if (v + 3) * bins / 6 % 1 > 1e-9])
    expected, _ = np.histogram(values, bins, (-3, 3))
    assert histogram(values, -3.0, 3.0, bins) == tuple(expected)


@given(st.integers(0, 10_000), st.integers(1, 500))
def test_thinned_is_evenly_spaced(size, most):
    found = thinned(np.arange(size), most)
    assert len(found) <= most
    assert size == 0 or found[0] == 0
    assert len(set(np.diff(found).tolist())) <= 1
    assert size > most or len(found) == size


def test_the_bins_of_a_weight_history_double_and_lose_nothing():
    history = WeightHistory()
    rng = np.random.default_rng(0)
    small, large = rng.uniform(-1, 1, 500), rng.uniform(-9, 9, 500)
    history.add(1.0, small)
    first = history.limit
    history.add(2.0, large)
    assert history.limit == first * 2 ** round(np.log2(history.limit / first))
    assert history.limit >= np.abs(large).max()
    for row, values in zip(history.counts, (small, large), strict=True):
        limits = (-history.limit, history.limit)
        assert row == np.histogram(values, history.bins, limits)[0].tolist()


def test_weights_that_are_all_zero_or_not_finite():
    history = WeightHistory()
    history.add(1.0, np.zeros(3))
    history.add(2.0, np.array([np.nan, 1.0, np.inf]))
    assert [sum(row) for row in history.counts] == [3, 1]
