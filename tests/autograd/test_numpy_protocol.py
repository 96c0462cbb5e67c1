"""NumPy functions on tensors: recorded, computed on the values, or refused."""

import numpy as np
import pytest

from autograd import NotDifferentiableError, Tensor
from autograd.numpy_protocol import DIFFERENTIABLE, PLAIN

MATRIX = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]])

PLAIN_CALLS = {
    "argmax": lambda x: np.argmax(x, axis=1),
    "argmin": lambda x: np.argmin(x),
    "argsort": lambda x: np.argsort(x, axis=0),
    "isnan": lambda x: np.isnan(x),
    "isfinite": lambda x: np.isfinite(x),
    "less": lambda x: np.less(x, 2.0),
    "logical_and": lambda x: np.logical_and(x > 1, x),
    "all": lambda x: np.all(x),
    "any": lambda x: np.any(x, axis=0),
    "allclose": lambda x: np.allclose(x, x),
    "array_equal": lambda x: np.array_equal(x, MATRIX),
    "nonzero": lambda x: np.nonzero(x),
    "count_nonzero": lambda x: np.count_nonzero(x),
    "searchsorted": lambda x: np.searchsorted([1.0, 2.0], x[0]),
    "shape": lambda x: np.shape(x),
    "ndim": lambda x: np.ndim(x),
    "size": lambda x: np.size(x),
    "zeros_like": lambda x: np.zeros_like(x),
    "ones_like": lambda x: np.ones_like(x),
    "full_like": lambda x: np.full_like(x, 7.0),
    "result_type": lambda x: np.result_type(x, np.float32),
    "array_repr": lambda x: np.array_repr(x),
    "array2string": lambda x: np.array2string(x),
}


@pytest.mark.parametrize("name", PLAIN_CALLS)
def test_computed_on_the_values(name):
    result, expected = PLAIN_CALLS[name](Tensor(MATRIX)), PLAIN_CALLS[name](MATRIX)
    assert type(result) is type(expected)
    np.testing.assert_equal(result, expected)


def test_plain_and_recorded_do_not_overlap():
    assert not PLAIN & set(DIFFERENTIABLE)


RECORDED_CALLS = {
    "keyword-axis": lambda x: np.sum(x, axis=1),
    "positional-axis": lambda x: np.mean(x, 0),
    "keepdims": lambda x: np.max(x, axis=1, keepdims=True),
    "amin": lambda x: np.amin(x, axis=0),
    "var-ddof": lambda x: np.var(x, axis=1, ddof=1),
    "nested": lambda x: np.log(np.sum(np.exp(x), axis=1)),
    "ndarray-first": lambda x: np.dot(MATRIX.T, x),
    "ndarray-matmul": lambda x: MATRIX.T @ x,
    "ndarray-divide": lambda x: MATRIX / (x + 1),
    "ndarray-power": lambda x: (MATRIX + 1) ** x,
    "list-first": lambda x: [[1.0], [2.0]] * x,
    "numpy-scalar-first": lambda x: np.float64(3.0) - x,
    "where": lambda x: np.where(x > 2, x, -x),
    "where-with-array": lambda x: np.where(MATRIX > 2, MATRIX, x),
    "clip-keywords": lambda x: np.clip(x, a_min=0.5, a_max=None),
    "clip-min-max": lambda x: np.clip(x, min=0.5, max=4.5),
    "maximum": lambda x: np.maximum(1.5, x),
    "concatenate": lambda x: np.concatenate([MATRIX, x], axis=1),
    "concatenate-tuple": lambda x: np.concatenate((x, x)),
    "stack": lambda x: np.stack([x, MATRIX, x], axis=-1),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape-order": lambda x: np.reshape(x, (3, 2), order="F"),
    "transpose": lambda x: np.transpose(x),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "expand_dims": lambda x: np.expand_dims(x, (0, 3)),
    "squeeze": lambda x: np.squeeze(x[:1]),
    "ravel": lambda x: np.ravel(x),
    "broadcast_to": lambda x: np.broadcast_to(x, (4, 2, 3)),
    "prod": lambda x: np.prod(x, axis=1),
    "abs": lambda x: np.abs(x - 2.5),
    "square": lambda x: np.square(x),
    "reciprocal": lambda x: np.reciprocal(x + 1),
}


@pytest.mark.parametrize("name", RECORDED_CALLS)
def test_recorded(name):
    call = RECORDED_CALLS[name]
    x = Tensor(MATRIX)
    result = call(x)
    assert isinstance(result, Tensor)
    assert result.requires_grad
    np.testing.assert_allclose(result.data, call(MATRIX), rtol=1e-15)
    result.sum().backward()
    assert x.grad.shape == x.shape


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: np.linalg.eig(x), "eig"),
        (lambda x: np.fft.fft(x), "fft"),
        (lambda x: np.partition(x, 1), "partition"),
        (lambda x: np.nextafter(x, 2), "nextafter"),
        (lambda x: np.add.reduceat(x, [0, 1]), r"add\.reduceat"),
        (lambda x: np.add.at(x, 0, 1.0), r"add\.at"),
        (lambda x: np.unwrap(x), "unwrap"),
    ],
)
def test_refused_by_name(call, name):
    with pytest.raises(NotDifferentiableError, match=rf"np\.(\w+\.)?{name}"):
        call(Tensor(MATRIX))


def test_constant_tensor_becomes_an_array():
    constant = Tensor(MATRIX, requires_grad=False)
    array = np.asarray(constant)
    assert type(array) is np.ndarray
    np.testing.assert_array_equal(array, MATRIX)
    assert np.asarray(constant, dtype=np.float32).dtype == np.float32


def test_copy_of_a_constant_is_a_copy():
    constant = Tensor(MATRIX, requires_grad=False)
    array = np.array(constant)
    array[:] = 0
    np.testing.assert_array_equal(constant.data, MATRIX)


def test_tensor_in_an_index():
    x, index = Tensor(MATRIX), Tensor(np.array([1, 0]))
    np.testing.assert_array_equal(x[index].data, MATRIX[[1, 0]])
    np.testing.assert_array_equal(x[0, Tensor(np.array(2))].data, 2.0)
