"""One-hot vectors and standardised columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn
from autograd import (
    AxisError,
    CheckpointError,
    DTypeError,
    NonFiniteError,
    OutOfRangeError,
    ShapeError,
    Tensor,
)

X = np.array([[1.0, 7.0, -3.0], [3.0, 7.0, 5.0], [8.0, 7.0, 1.0]])


@given(hnp.arrays(np.int64, hnp.array_shapes(), elements=st.integers(0, 4)))
def test_one_hot_and_back(labels):
    vectors = nn.one_hot(labels, 5)
    assert vectors.shape == (*labels.shape, 5)
    assert vectors.dtype == np.float64
    np.testing.assert_array_equal(vectors.argmax(axis=-1), labels)
    np.testing.assert_array_equal(vectors.sum(axis=-1), 1)


def test_one_hot_of_nothing():
    assert nn.one_hot([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "classes", "error", "message"),
    [
        ([0, 3], 3, OutOfRangeError, r"from 0 to 2, got 3 at \(1,\)"),
        ([0, -1], 3, OutOfRangeError, "got -1"),
        ([0.0, 1.0], 2, DTypeError, "astype"),
        ([True, False], 2, DTypeError, "bool"),
        ([0], 0, ValueError, "at least 1"),
        ([0], 2.0, TypeError, "integer"),
    ],
)
def test_what_has_no_one_hot(labels, classes, error, message):
    with pytest.raises(error, match=message):
        nn.one_hot(labels, classes)


def test_standardised_columns():
    standardizer = nn.Standardizer()
    assert standardizer.fit(X) is standardizer
    Z = standardizer.transform(X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(Z.std(axis=0), [1, 0, 1])
    np.testing.assert_allclose(standardizer.inverse(Z), X)
    np.testing.assert_allclose(standardizer.transform(X + 1)[:, 1], 1)


def test_equal_to_scikit_learn():
    preprocessing = pytest.importorskip("sklearn.preprocessing", exc_type=ImportError)
    X = np.random.default_rng(0).normal(3, 10, (50, 4))
    X[:, 2] = 5
    np.testing.assert_allclose(
        nn.Standardizer().fit(X).transform(X),
        preprocessing.StandardScaler().fit_transform(X),
        rtol=1e-12,
        atol=1e-14,
    )


def test_constant_columns_become_zero_exactly():
    X = np.full((1001, 1), 0.1)  # whose mean is not 0.1, and whose deviation is not 0
    assert X.std() > 0
    standardizer = nn.Standardizer().fit(X)
    Z = standardizer.transform(X)
    assert standardizer.scale.tolist() == [[1.0]]
    assert not Z.any()
    np.testing.assert_array_equal(standardizer.inverse(Z), X)


def test_differences_whose_squares_underflow():
    Z = nn.Standardizer().fit([[0.0], [1e-200]]).transform([[1.0]])
    assert np.isfinite(Z).all()


@pytest.mark.parametrize("axis", [(0, 2, 3), (-1, -2, 0)])
def test_channels_of_images(axis):
    images = np.random.default_rng(0).normal(2, 3, (5, 3, 4, 4))
    standardizer = nn.Standardizer(axis).fit(images)
    assert standardizer.mean.shape == (1, 3, 1, 1)
    Z = standardizer.transform(images)
    np.testing.assert_allclose(Z.mean(axis=(0, 2, 3)), 0, atol=1e-14)
    np.testing.assert_allclose(Z.std(axis=(0, 2, 3)), 1)
    assert standardizer.transform(images[:2, :, :1]).shape == (2, 3, 1, 4)
    with pytest.raises(ShapeError, match=r"\(any, 3, any, any\), got \(5, 2, 4, 4\)"):
        standardizer.transform(images[:, :2])


def test_dtypes():
    standardizer = nn.Standardizer().fit(np.array([[1], [3]]))
    assert standardizer.transform(np.ones((1, 1), np.float32)).dtype == np.float32
    assert standardizer.inverse(np.ones((1, 1), np.float32)).dtype == np.float32
    assert standardizer.transform(np.ones((1, 1), int)).dtype == np.float64
    x = Tensor(np.ones((1, 1)), requires_grad=False)
    assert type(standardizer.transform(x)) is np.ndarray
    # In float32 alone, a mean of 2²⁴ would swallow the differences.
    X = np.array([[2.0**24], [2.0**24 + 2]], np.float32)
    assert nn.Standardizer().fit(X).transform(X).tolist() == [[-1.0], [1.0]]


@pytest.mark.parametrize("method", ["transform", "inverse"])
def test_before_fit(method):
    with pytest.raises(RuntimeError, match=rf"{method}: .*fit\(training_data\) first"):
        getattr(nn.Standardizer(), method)(X)


@pytest.mark.parametrize("method", ["transform", "inverse"])
def test_other_shapes(method):
    standardizer = nn.Standardizer().fit(X)
    for other in (X[0], X[:, :2], X[None], X[:, :1]):
        with pytest.raises(ShapeError, match=r"\(any, 3\), got"):
            getattr(standardizer, method)(other)


@pytest.mark.parametrize(
    ("data", "axis", "error", "message"),
    [
        (X, 2, AxisError, "2 axes have no axis 2"),
        (np.ones((0, 3)), 0, ValueError, "no data"),
        ([[1.0], [np.nan]], 0, NonFiniteError, r"value at \(1, 0\) .* is nan"),
        ([[1.0], [np.inf]], 0, NonFiniteError, "inf"),
        ([[1e300], [-1e300]], 0, NonFiniteError, "deviation"),
        ([["a"]], 0, DTypeError, "real numbers"),
        (Tensor(X, requires_grad=True), 0, DTypeError, "requires a gradient"),
    ],
)
def test_what_cannot_be_fitted(data, axis, error, message):
    standardizer = nn.Standardizer(axis)
    with pytest.raises(error, match=message):
        standardizer.fit(data)
    assert standardizer.mean is None


def test_an_axis_is_an_integer():
    with pytest.raises(TypeError):
        nn.Standardizer("0")


def test_the_state_moves_to_another_standardizer():
    first = nn.Standardizer((0,)).fit(X)
    again = nn.Standardizer(1)
    again.load_state_dict(first.state_dict())
    np.testing.assert_array_equal(again.transform(X), first.transform(X))
    empty = nn.Standardizer(1).state_dict()
    again.load_state_dict(empty)
    assert again.mean is None


@pytest.mark.parametrize(
    "change",
    [
        {"axis": 0},
        {"axis": [2]},
        {"axis": [0.5]},
        {"mean": None},
        {"scale": None},
        {"mean": np.ones((1, 2))},
        {"mean": [[1.0, 2.0, 3.0]]},
        {"mean": np.full((1, 3), np.nan)},
        {"scale": np.zeros((1, 3))},
        {"scale": np.ones((1, 3), np.float32)},
        {"more": 1},
    ],
)
def test_damaged_states_change_nothing(change):
    standardizer = nn.Standardizer().fit(X)
    before = standardizer.transform(X)
    with pytest.raises(CheckpointError, match="nothing was loaded"):
        standardizer.load_state_dict(standardizer.state_dict() | change)
    for key in ("axis", "mean", "scale"):
        state = standardizer.state_dict()
        del state[key]
        with pytest.raises(CheckpointError):
            standardizer.load_state_dict(state)
    with pytest.raises(CheckpointError):
        standardizer.load_state_dict(None)
    np.testing.assert_array_equal(standardizer.transform(X), before)
