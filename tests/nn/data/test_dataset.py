"""Datasets, subsets, and putting samples together."""

import numpy as np
import pytest

import nn
from autograd import DTypeError, OutOfRangeError, ShapeError, Tensor

X = np.arange(12.0).reshape(6, 2)
Y = np.arange(6)


def test_a_sample_is_one_row_of_every_array():
    dataset = nn.TensorDataset(X, Y)
    assert len(dataset) == 6
    x, y = dataset[-1]
    np.testing.assert_array_equal(x, [10.0, 11.0])
    assert y == 5
    assert [int(y) for _, y in dataset] == list(range(6))
    assert repr(dataset) == "TensorDataset((6, 2) float64, (6,) int64)"


def test_arrays_are_not_copied_and_rows_are():
    dataset = nn.TensorDataset(X, Y)
    assert dataset.arrays[0] is X
    rows = dataset.rows(np.array([0, 1]))
    assert not np.shares_memory(rows[0], X)


def test_tensors_without_gradient_are_taken_as_arrays():
    (array,) = nn.TensorDataset(Tensor(X, requires_grad=False)).arrays
    assert type(array) is np.ndarray


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ((), TypeError, "at least one array"),
        ((X, Y[:5]), ShapeError, r"as many rows .*\(6, 2\), \(5,\)"),
        ((X, 3.0), ShapeError, "array 1 is 0-d"),
        (([[1.0], [1.0, 2.0]],), ShapeError, "array 0 is ragged"),
        (([None, 1],), DTypeError, "Python objects"),
        ((Tensor(X, requires_grad=True),), DTypeError, "requires a gradient"),
    ],
)
def test_what_is_no_dataset(arrays, error, message):
    with pytest.raises(error, match=message):
        nn.TensorDataset(*arrays)


@pytest.mark.parametrize("index", [6, -7, [0, 6], "a"])
def test_an_index_that_does_not_exist(index):
    with pytest.raises(OutOfRangeError, match="TensorDataset of 6 rows"):
        nn.TensorDataset(X, Y)[index]


def test_subsets_of_subsets():
    dataset = nn.TensorDataset(X, Y)
    subset = nn.Subset(nn.Subset(dataset, [5, 3, 1]), [-1, 0])
    assert len(subset) == 2
    assert subset.indices.tolist() == [2, 0]
    assert [int(y) for _, y in subset] == [1, 5]
    np.testing.assert_array_equal(subset[[1, 0]][1], [5, 1])
    assert "Subset(2 of Subset(3 of TensorDataset" in repr(subset)
    with pytest.raises(OutOfRangeError, match="Subset of 2 samples"):
        subset[2]


def test_a_subset_passes_integers_on():
    words = ["a", "b", "c"]
    assert list(nn.Subset(words, [2, 0])) == ["c", "a"]


@pytest.mark.parametrize(
    ("indices", "error", "message"),
    [
        ([[0]], ShapeError, "one axis"),
        ([0.0], DTypeError, "integers"),
        ([True, False], DTypeError, "flatnonzero"),
        ([0, 6], OutOfRangeError, "index 6 does not exist in a dataset of 6"),
        ([-7], OutOfRangeError, "index -7"),
    ],
)
def test_what_is_no_subset(indices, error, message):
    with pytest.raises(error, match=message):
        nn.Subset(nn.TensorDataset(X, Y), indices)


def test_an_empty_subset():
    assert len(nn.Subset(nn.TensorDataset(X, Y), [])) == 0


def test_collate_keeps_the_form_of_samples():
    samples = [({"a": 1, "b": X[0]}, True), ({"b": X[1], "a": 2}, False)]
    parts, flags = nn.collate(samples)
    assert parts["a"].tolist() == [1, 2]
    assert parts["a"].dtype == np.int64
    np.testing.assert_array_equal(parts["b"], X[:2])
    assert flags.tolist() == [True, False]
    assert nn.collate([np.float32(1.0)]).dtype == np.float32


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        ([], ValueError, "no samples"),
        ([X[0], X], ShapeError, r"shape \(2,\), but sample 1 has shape \(6, 2\)"),
        ([(1, 2), (1,)], ShapeError, "tuple of 2, but sample 1"),
        ([(1, 2), 3], ShapeError, "tuple of 2, but sample 1"),
        ([{"a": 1}, {"b": 1}], ShapeError, "keys"),
        ([[1, [2, 3]]], ShapeError, "ragged"),
        (["text"], DTypeError, "collate_fn"),
        ([None], DTypeError, "collate_fn"),
        ([Tensor(1.0)], DTypeError, "requires a gradient"),
    ],
)
def test_what_cannot_be_put_together(samples, error, message):
    with pytest.raises(error, match=message):
        nn.collate(samples)
