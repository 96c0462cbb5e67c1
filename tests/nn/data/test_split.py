"""Splits share no sample and lose none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn


def rng(seed=0):
    return np.random.default_rng(seed)


@given(
    lengths=st.lists(st.integers(0, 20), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_lengths_partition_the_data(lengths, seed):
    n = sum(lengths)
    parts = nn.random_split(range(n), lengths, rng(seed))
    assert [len(part) for part in parts] == lengths
    assert sorted(i for part in parts for i in part) == list(range(n))


@given(
    weights=st.lists(st.integers(1, 100), min_size=1, max_size=5),
    n=st.integers(500, 5000),
)
def test_fractions_partition_the_data(weights, n):
    fractions = [weight / sum(weights) for weight in weights]
    parts = nn.random_split(range(n), fractions, rng())
    assert sum(len(part) for part in parts) == n
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - fraction * n) < 1
    together = np.concatenate([part.indices for part in parts])
    np.testing.assert_array_equal(np.sort(together), np.arange(n))


@pytest.mark.parametrize(
    ("n", "fractions", "lengths"),
    [
        (100, [0.71, 0.29], [71, 29]),  # 0.29 * 100 is a little below 29
        (10, [0.25, 0.5, 0.25], [3, 5, 2]),
        (10, [1 / 3, 1 / 3, 1 / 3], [4, 3, 3]),
        (7, [1.0, 0.0], [7, 0]),
    ],
)
def test_fractions_worked_by_hand(n, fractions, lengths):
    parts = nn.random_split(range(n), fractions, rng())
    assert [len(part) for part in parts] == lengths


def test_the_same_seed_gives_the_same_split():
    one, two, other = (
        nn.random_split(range(50), [0.5, 0.5], rng(seed))[0].indices.tolist()
        for seed in (1, 1, 2)
    )
    assert one == two != other


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([5, 6], "sum to 10.*got .* with the sum 11"),
        ([11, -1], "must not be negative"),
        ([0.5, 0.4], "to 1 as fractions"),
        ([np.nan, 1.0], "must not be negative"),
        ([], "sum to 10"),
        ([0.99, 0.01], "part 1, the fraction 0.01 of 10 samples, would be empty"),
    ],
)
def test_impossible_lengths(lengths, message):
    with pytest.raises(ValueError, match=message):
        nn.random_split(range(10), lengths, rng())


def test_a_seed_is_no_generator():
    with pytest.raises(TypeError, match="rng=0"):
        nn.random_split(range(10), [5, 5], 0)
