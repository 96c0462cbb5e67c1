"""Reading and choosing elements, sorting, and positions."""

import numpy as np
import pytest

import autograd as ag
from autograd import OutOfRangeError, ShapeError, Tensor, gradcheck

V = np.array([0.7, -1.2, 2.5, 0.3])
A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 2.5]])
B = (np.arange(24.0) * 7 % 24).reshape(2, 3, 4) / 5 - 2.3

INDICES = {
    "integer": (A, 1),
    "negative": (A, -1),
    "numpy-integer": (A, np.int64(0)),
    "slice": (A, np.s_[:, 1:]),
    "steps": (B, np.s_[::-1, ::2, 3:0:-2]),
    "newaxis": (A, np.s_[:, None, 1]),
    "ellipsis": (B, np.s_[..., 0]),
    "ellipsis-none": (B, np.s_[None, ..., 1:2, None]),
    "true": (V, True),
    "false": (V, False),
    "numpy-true": (V, np.True_),
    "empty-tuple": (A, ()),
    "list": (V, [0, 0, 1]),
    "array": (A, np.array([[1, 0], [1, 1]])),
    "pairs": (A, (np.array([0, 1, 1]), np.array([2, 2, 2]))),
    "negative-repeats": (V, np.array([-1, 3, -4])),
    "mask": (A, A > 0),
    "mask-of-rows": (A, np.array([False, True])),
    "mask-and-slice": (B, (np.array([True, True]), slice(None), 1)),
    "mask-and-array": (B, (np.array([True, False]), np.array([2, 2]))),
    "separated": (B, (np.array([0, 1]), slice(None), np.array([0, 0]))),
    "array-and-newaxis": (A, (None, np.array([1, 1]))),
    "nothing": (V, np.zeros(0, dtype=int)),
    "empty-mask": (V, V > 99),
    "0d-mask": (np.float64(2.5), np.True_),
    "ellipsis-of-0d": (np.float64(2.5), Ellipsis),
}


@pytest.mark.parametrize("name", INDICES)
def test_index(name):
    x, index = INDICES[name]
    found = Tensor(x)[index]
    assert found.shape == np.shape(np.asarray(x)[index])
    np.testing.assert_array_equal(found.data, np.asarray(x)[index])
    assert gradcheck(lambda t: t[index] ** 2, x)


def test_a_tensor_of_integers_is_an_index():
    x = Tensor(V)
    x[Tensor(np.array([1, 1]))].sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 2, 0, 0])


def test_iteration_reads_rows():
    x = Tensor(A)
    first, second = x
    (first * second).sum().backward()
    np.testing.assert_array_equal(x.grad, A[::-1])


# ---- rows E of the table of traps ----------------------------------------------------


def test_e01_repeated_index():
    x = Tensor([1.0, 2.0, 3.0])
    x[[0, 0, 1]].sum().backward()
    np.testing.assert_array_equal(x.grad, [2, 1, 0])


def test_e02_empty_mask():
    x = Tensor([1.0, 2.0])
    y = x[np.array([False, False])]
    y.sum().backward()
    assert y.shape == (0,)
    np.testing.assert_array_equal(x.grad, [0, 0])


def test_e03_backwards():
    x = Tensor([1.0, 2.0, 3.0])
    (x[::-1] * np.array([1.0, 10.0, 100.0])).sum().backward()
    np.testing.assert_array_equal(x.grad, [100, 10, 1])


def test_e04_two_paths_of_one_tensor():
    x = Tensor([1.0, 2.0, 3.0])
    (x[-1] * x[None]).sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 3, 9])


def test_e05_separated_index_arrays():
    x = Tensor(np.arange(8.0).reshape(2, 2, 2))
    y = x[[0, 1], :, [0, 0]]
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [[0, 2], [4, 6]])
    np.testing.assert_array_equal(x.grad, [[[1, 0], [1, 0]], [[1, 0], [1, 0]]])


def test_e06_index_out_of_range():
    x = Tensor([1.0, 2.0, 3.0], name="W1")
    with pytest.raises(IndexError, match=r"(?s)index 5 .*axis 0 .*size 3.*W1 \(3,\)"):
        x[5]


def test_e07_true_adds_an_axis():
    x = Tensor([1.0, 2.0])
    y = x[True]
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [[1, 2]])
    np.testing.assert_array_equal(x.grad, [1, 1])


# ---- functions that choose -----------------------------------------------------------

ROWS = np.array([[2, 0], [1, 1]])

CASES = {
    "take": (lambda x: np.take(x, [3, 0, 3]), (V,)),
    "take-flat": (lambda x: np.take(x, ROWS), (A,)),
    "take-axis": (lambda x: np.take(x, ROWS, axis=-1), (B,)),
    "take-one": (lambda x: np.take(x, 1, axis=1), (B,)),
    "take-wrap": (lambda x: np.take(x, [5, -6], mode="wrap"), (V,)),
    "take-clip": (lambda x: np.take(x, [5, -6], mode="clip"), (V,)),
    "take-nothing": (lambda x: np.take(x, [], axis=0), (A,)),
    "take_along_axis": (lambda x: np.take_along_axis(x, ROWS, axis=1), (A,)),
    "take_along_axis-0": (
        lambda x: np.take_along_axis(x, np.array([[1, 0, 1]]), axis=0),
        (A,),
    ),
    "take_along_axis-flat": (
        lambda x: np.take_along_axis(x, np.array([4, 4, 0]), axis=None),
        (A,),
    ),
    "compress": (lambda x: np.compress([True, False, True], x, axis=1), (A,)),
    "compress-flat": (lambda x: np.compress(np.array([0, 1, 1, 0, 1]) > 0, x), (A,)),
    "extract": (lambda x: np.extract(A > 0, x), (A,)),
    "choose": (
        lambda x, y: np.choose(np.array([[0], [1]]), [x, y]),
        (A, A[0]),
    ),
    "choose-clip": (
        lambda x, y: np.choose(np.array([-1, 0, 9]), [x, y], mode="clip"),
        (A[0], A[1]),
    ),
    "choose-wrap": (
        lambda x, y: np.choose(np.array([-1, 0, 8]), [x, y], mode="wrap"),
        (A[0], A[1]),
    ),
    "select": (
        lambda x, y: np.select([A < 0, A > 1], [x, y], default=0.5),
        (A, A + 2),
    ),
    "select-default": (
        lambda x, y: np.select([A < 0, A > -1], [x, 3.0], default=y),
        (A, A[1]),
    ),
    "sort": (np.sort, (A,)),
    "sort-axis": (lambda x: np.sort(x, axis=0), (B,)),
    "sort-flat": (lambda x: np.sort(x, axis=None), (B,)),
}


@pytest.mark.parametrize("name", CASES)
def test_choosing(name):
    call, arrays = CASES[name]
    expected = call(*arrays)
    found = call(*(Tensor(x) for x in arrays))
    assert isinstance(found, Tensor)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found.data, expected)
    assert gradcheck(lambda *tensors: call(*tensors) ** 2, *arrays)


def test_a12_sort_is_stable():
    x = Tensor([2.0, 1.0, 2.0])
    y = np.sort(x) * np.array([1.0, 10.0, 100.0])
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [1, 20, 200])
    np.testing.assert_array_equal(x.grad, [10, 1, 100])


def test_sort_puts_nan_last():
    x = Tensor([np.nan, 1.0, -1.0])
    y = np.sort(x)
    np.testing.assert_array_equal(y.data, [-1, 1, np.nan])
    y.backward([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(x.grad, [3, 2, 1])


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (np.argmax, 5),
        (lambda x: np.argmin(x, axis=1), [0, 1]),
        (np.argsort, [[0, 1, 2], [1, 0, 2]]),
        (lambda x: np.searchsorted(np.sort(x[0]), x[1]), [2, 1, 3]),
        (lambda x: np.nonzero(x > 1), ([0, 1], [2, 2])),
        (np.flatnonzero, np.arange(6)),
        (np.count_nonzero, 6),
        (lambda x: np.argwhere(x > 2), [[1, 2]]),
    ],
)
def test_positions_are_plain(call, expected):
    found = call(Tensor(A))
    assert not isinstance(found, Tensor)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: np.take(x, 9), OutOfRangeError, "index 9 is out of bounds"),
        (lambda x: ag.take(x, 9, mode="no"), ValueError, '"raise", "wrap" or "clip"'),
        (lambda x: np.take_along_axis(x, ROWS[0], 1), ShapeError, r"\(2,\).*\(2, 3\)"),
        (lambda x: np.compress([[True]], x), ShapeError, "one axis"),
        (lambda x: np.choose([2], [x, x]), OutOfRangeError, "numbered 0 to 1.*2 to 2"),
        (lambda x: np.select([x > 0], [x, x]), ShapeError, "1 conditions for 2"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(Tensor(A))
