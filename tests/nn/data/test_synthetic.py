"""Synthetic problems lie where their formulas say."""

import numpy as np
import pytest

import nn
from autograd import ShapeError

PROBLEMS = [nn.blobs, nn.circles, nn.moons, nn.spirals, nn.xor]


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda f: f.__name__)
def test_shapes_balance_and_seeds(problem):
    X, y = problem(100, noise=0.1, rng=rng())
    assert X.shape == (100, 2)
    assert X.dtype == np.float64
    assert y.shape == (100,)
    assert y.dtype == np.int64
    classes, counts = np.unique(y, return_counts=True)
    assert classes.tolist() == list(range(len(classes)))
    assert np.ptp(counts) <= 1
    again, _ = problem(100, noise=0.1, rng=rng())
    other, _ = problem(100, noise=0.1, rng=rng(1))
    np.testing.assert_array_equal(X, again)
    assert not np.array_equal(X, other)
    assert problem(1, rng=rng())[0].shape == (1, 2)


def test_moons_are_half_circles():
    X, y = nn.moons(200, rng=rng())
    upper = X[y == 0]
    lower = [1.0, 0.5] - X[y == 1]
    for points in (upper, lower):
        np.testing.assert_allclose(np.hypot(*points.T), 1)
        assert (points[:, 1] >= 0).all()


def test_circles_have_their_radii():
    X, y = nn.circles(200, factor=0.3, rng=rng())
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y, 0.3, 1.0))


def test_spirals_turn_with_their_radius():
    X, y = nn.spirals(300, classes=3, turns=1.5, rng=rng())
    radius = np.hypot(*X.T)
    angle = np.arctan2(X[:, 1], X[:, 0])
    expected = 2 * np.pi * (1.5 * radius + y / 3)
    np.testing.assert_allclose(np.cos(angle - expected), 1, atol=1e-9)


def test_xor_has_its_signs():
    X, y = nn.xor(200, rng=rng())
    np.testing.assert_array_equal(X.prod(axis=1) < 0, y == 1)
    assert (abs(X) <= 1).all()
    assert len(np.unique(np.sign(X), axis=0)) == 4


def test_blobs_lie_around_their_centres():
    X, y = nn.blobs(4000, noise=0.5, centers=4, rng=rng())
    for k in range(4):
        angle = np.pi * k / 2
        centre = [5 * np.cos(angle), 5 * np.sin(angle)]
        np.testing.assert_allclose(X[y == k].mean(axis=0), centre, atol=0.1)
        np.testing.assert_allclose(X[y == k].std(axis=0), 0.5, atol=0.05)
    assert nn.blobs(5, centers=[[0, 0, 0]], rng=rng())[0].shape == (5, 3)


def test_noise_is_the_standard_deviation():
    clean, _ = nn.moons(5000, rng=rng())
    noisy, _ = nn.moons(5000, noise=0.2, rng=rng())
    np.testing.assert_allclose((noisy - clean).std(), 0.2, rtol=0.05)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be at least 1"),
        ({"n": 2.5}, TypeError, "n must be an integer"),
        ({"noise": -1.0}, ValueError, "noise"),
        ({"noise": np.nan}, ValueError, "noise"),
        ({"noise": np.inf}, ValueError, "noise"),
        ({"rng": 0}, TypeError, "rng=0"),
    ],
)
def test_impossible_settings(problem, settings, error, message):
    with pytest.raises(error, match=f"{problem.__name__}: .*{message}"):
        problem(**{"n": 4, "rng": rng(), **settings})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.circles(4, factor=1.0, rng=rng()), ValueError, "factor"),
        (lambda: nn.spirals(4, classes=1, rng=rng()), ValueError, "classes"),
        (lambda: nn.spirals(4, turns=np.inf, rng=rng()), ValueError, "turns"),
        (lambda: nn.blobs(4, centers=0, rng=rng()), ValueError, "centers"),
        (lambda: nn.blobs(4, centers=[1.0, 2.0], rng=rng()), ShapeError, "centers"),
        (lambda: nn.blobs(4, centers=np.ones((0, 2)), rng=rng()), ShapeError, "(0, 2)"),
    ],
)
def test_impossible_settings_of_one_problem(call, error, message):
    with pytest.raises(error, match=message):
        call()
