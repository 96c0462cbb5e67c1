"""``import autograd.numpy as np``: the whole of NumPy, and lists of tensors."""

import importlib

import numpy
import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import Tensor, grad, gradcheck, no_grad


def test_every_name_of_numpy():
    offered = dir(np)
    for name in numpy.__all__:
        assert name in offered
        if name not in ("array", "asarray", "full", "full_like", "linalg", "random"):
            assert getattr(np, name) is getattr(numpy, name)


def test_star_import():
    names: dict[str, object] = {}
    exec("from autograd.numpy import *", names)
    assert names["exp"] is numpy.exp
    assert names["array"] is np.array


@pytest.mark.parametrize("name", ["linalg", "random"])
def test_every_name_of_a_part(name):
    ours = importlib.import_module(f"autograd.numpy.{name}")
    theirs = importlib.import_module(f"numpy.{name}")
    assert getattr(np, name) is ours
    assert set(theirs.__all__) <= set(dir(ours))
    for each in theirs.__all__:
        assert getattr(ours, each) is getattr(theirs, each)
    with pytest.raises(AttributeError):
        ours.no_such_name  # noqa: B018


def test_unknown_name():
    with pytest.raises(AttributeError, match="no_such_name"):
        np.no_such_name  # noqa: B018


def test_array_of_tensors():
    def call(x, y):
        return np.array([[x[0], 1.0], [y, x[1] * y]]) ** 2

    assert gradcheck(call, numpy.array([0.5, -1.5]), 2.0)


def test_array_of_rows():
    x = Tensor([1.0, 2.0])
    result = np.array([x, [3.0, 4.0], (x[0], 5.0)])
    numpy.testing.assert_array_equal(result.data, [[1, 2], [3, 4], [1, 5]])
    result.sum().backward()
    numpy.testing.assert_array_equal(x.grad, [2, 1])


def test_array_without_tensors_is_numpys():
    result = np.array([[1, 2]], dtype=numpy.float32, ndmin=3)
    assert type(result) is numpy.ndarray
    assert result.dtype == numpy.float32
    assert result.shape == (1, 1, 2)


def test_array_with_a_dtype():
    x = Tensor(1.5)
    assert np.array([x, 2.0], dtype=numpy.float32).dtype == numpy.float32
    assert np.array(x) is x


def test_full():
    x = Tensor(3.0)
    np.full((2, 2), x).sum().backward()
    assert x.grad == 4
    assert type(np.full(2, 7.0)) is numpy.ndarray


def test_lesson_code():
    """The logistic regression of HIPS autograd's tutorial, written anew."""
    rng = npr.default_rng(0)
    inputs = rng.normal(size=(20, 3))
    targets = inputs @ np.array([1.0, -2.0, 0.5]) > 0

    def loss(weights):
        predictions = 0.5 * (np.tanh(np.dot(inputs, weights)) + 1)
        likelihoods = predictions * targets + (1 - predictions) * (1 - targets)
        return -np.sum(np.log(likelihoods))

    slope = grad(loss)
    weights = np.zeros(3)
    first = loss(weights)
    for _ in range(50):
        weights = weights - 0.05 * slope(weights)
    assert loss(weights) < 0.3 * first


def test_no_grad_gives_constants():
    with no_grad():
        assert not np.array([Tensor(1.0), 2.0]).requires_grad
