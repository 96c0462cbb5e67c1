"""Rows of a table, and sums of rows."""

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, OutOfRangeError, ShapeError, Tensor
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

F = torch.nn.functional
rng = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("padding_idx", [None, 1, -1])
@pytest.mark.parametrize("rows", [4, 700], ids=["few-rows", "many-rows"])
@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (0,)], ids=str)
def test_like_torch(shape, rows, padding_idx, dtype):
    index = rng.integers(0, 4, shape)
    assert_like_torch(
        lambda w: ag.embedding(index, w, padding_idx),
        lambda w: F.embedding(torch.tensor(index), w, padding_idx),
        rng.standard_normal((rows, 3)),
        dtype=dtype,
        order=2 if index.size else 1,  # PyTorch itself fails at order 2 of nothing
    )


def test_an_infinite_gradient_stays_in_its_row():
    """The product with one-hot vectors would multiply it by 0 for the other rows."""
    table = Tensor(np.zeros((3, 2)))
    g = np.array([[1.0, np.inf], [2.0, 3.0]])
    ag.embedding(np.array([2, 0]), table).backward(g)
    np.testing.assert_array_equal(table.grad, [[2.0, 3.0], [0.0, 0.0], [1.0, np.inf]])


@pytest.mark.parametrize("count", [3, 600])
def test_segment_sum(count):
    rows, index = rng.standard_normal((7, 2)), rng.integers(0, 3, 7)
    expected = np.zeros((count, 2))
    np.add.at(expected, index, rows)
    np.testing.assert_allclose(ag.segment_sum(rows, index, count), expected)


@pytest.mark.parametrize("index", [-1, 3], ids=["I07", "I07-above"])
def test_index_out_of_range(index):
    table = Tensor(np.zeros((3, 2)), name="table")
    with pytest.raises(IndexError) as error:
        ag.embedding(np.array([[0, index]]), table)
    assert isinstance(error.value, OutOfRangeError)
    for part in [f"input[0, 1] = {index}", "0 ... 2", "table (3, 2)"]:
        assert part in str(error.value)


def test_other_errors():
    with pytest.raises(DTypeError, match="must hold integers"):
        ag.embedding(np.array([0.0]), np.zeros((3, 2)))
    with pytest.raises(ShapeError, match=r"\(rows, features\): weight \(3,\)"):
        ag.embedding(np.array([0]), np.zeros(3))
    with pytest.raises(OutOfRangeError, match="padding_idx=3"):
        ag.embedding(np.array([0]), np.zeros((3, 2)), padding_idx=3)
