"""Gradients whose terms cancel: rounding is no mistake, and a mistake no rounding."""

import numpy as np
import pytest

from autograd import Tensor, compare
from autograd.check import check_backward
from autograd.check.term_sizes import TermSizes

EPS = 1e-8


def forward(parameters, x, y):
    """Return the cost of a linear layer, a batch normalisation and a tanh."""
    z = x @ parameters["w"] + parameters["b"]
    mean = np.mean(z, axis=0)
    variance = np.mean((z - mean) ** 2, axis=0)
    h = (z - mean) / np.sqrt(variance + EPS)
    a = np.tanh(h * parameters["g"])
    cache = {"z": z, "variance": variance, "h": h, "a": a}
    return np.mean((a - y) ** 2), cache


def backward(parameters, cache, x, y):
    da = 2 * (cache["a"] - y) / y.size
    dt = da * (1 - cache["a"] ** 2)
    dg = np.sum(dt * cache["h"], axis=0)
    dh = dt * parameters["g"]
    centred = dh - np.mean(dh, axis=0) - cache["h"] * np.mean(dh * cache["h"], axis=0)
    dz = centred / np.sqrt(cache["variance"] + EPS)
    dw = x.T @ dz
    db = np.sum(dz, axis=0)
    return {"dz": dz, "dg": dg, "dw": dw, "db": db}


def backward_without_mean(parameters, cache, x, y):
    da = 2 * (cache["a"] - y) / y.size
    dt = da * (1 - cache["a"] ** 2)
    dg = np.sum(dt * cache["h"], axis=0)
    dh = dt * parameters["g"]
    centred = dh - cache["h"] * np.mean(dh * cache["h"], axis=0)
    dz = centred / np.sqrt(cache["variance"] + EPS)
    dw = x.T @ dz
    db = np.sum(dz, axis=0)
    return {"dz": dz, "dg": dg, "dw": dw, "db": db}


def point(scale=1.0, dtype=np.float64, m=200):
    rng = np.random.default_rng(3)
    shapes = {"w": (5, 4), "b": (4,), "g": (4,)}
    parameters = {
        name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()
    }
    x = (scale * rng.normal(size=(m, 5))).astype(dtype)
    return parameters, x, (scale * rng.normal(size=(m, 4))).astype(dtype)


def compared(change=lambda db: db, **where):
    parameters, x, y = point(**where)
    tensors = {name: Tensor(array, name=name) for name, array in parameters.items()}
    cost, cache = forward(tensors, x, y)
    values = {name: tensor.data for name, tensor in cache.items()}
    hand = backward(parameters, values, x, y)
    hand["db"] = change(hand["db"])
    return compare(cost, hand, [tensors, cache])


def row_of_b(comparison):
    return next(row for row in comparison.rows if row.name == "db")


@pytest.mark.parametrize(
    ("scale", "dtype"),
    [
        (1e-3, np.float64),
        (1.0, np.float64),
        (1e3, np.float64),
        (1.0, np.float32),
        (1e3, np.float32),
    ],
)
def test_bias_before_a_batch_normalisation(scale, dtype):
    comparison = compared(scale=scale, dtype=dtype)
    assert comparison
    row = row_of_b(comparison)
    assert row.verdict == "close"
    assert row.worst_relative < (1e-5 if dtype == np.float32 else 1e-12)
    assert "cancel" in row.hint


def test_a_zero_written_by_hand_is_right():
    assert row_of_b(compared(np.zeros_like)).is_right


@pytest.mark.parametrize("wrong", [1.0, 1e-7])
def test_a_value_in_place_of_zero_is_wrong(wrong):
    row = row_of_b(compared(lambda db: db + wrong))
    assert row.verdict == "differs"
    assert row.hint.startswith("the true gradient is zero: its terms of size")


def test_zero_because_it_is_multiplied_by_zero():
    x = Tensor([1.0, 2.0], name="x")
    row = compare(np.sum(x * 0), {"dx": [1e-30, 0.0]}).rows[0]
    assert (row.verdict, row.hint) == ("differs", "")


def test_key_bias_of_an_attention():
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 6, 4))
    b = Tensor(rng.normal(size=4), name="b")
    scores = q @ (k + b).T
    powers = np.exp(scores - np.max(scores.data, axis=1, keepdims=True))
    weights = powers / np.sum(powers, axis=1, keepdims=True)
    cost = np.sum((weights @ v) ** 2)
    p = weights.data
    dp = 2 * (p @ v) @ v.T
    ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    db = np.sum(ds.T @ q, axis=0)
    assert np.any(db)
    assert compare(cost, {"db": db})
    assert not compare(cost, {"db": db + 1e-6})


@pytest.mark.parametrize("scale", [1e-7, 1e3])
def test_marking_at_ones_own_values(scale):
    assert check_backward(forward, backward, *point(scale=scale))


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e3])
def test_a_missing_term_is_found_in_spite_of_it(scale):
    marking = check_backward(forward, backward_without_mean, *point(scale=scale))
    assert marking.first_wrong.name == "dz"


def test_a_mistake_in_tiny_gradients_is_no_rounding():
    def tiny(parameters, x):
        return 1e-20 * np.sum(parameters["w"] * x), {}

    def wrong(parameters, cache, x):
        return {"dw": 2e-20 * x}

    parameters, x = {"w": np.ones(3)}, np.array([1.0, 2.0, 3.0])
    assert not check_backward(tiny, wrong, parameters, x)


def test_sizes_are_those_of_the_terms():
    """The root of the sum of squares, and never less than the gradient itself."""
    rng = np.random.default_rng(1)
    factors = rng.normal(size=1000)
    b = Tensor(0.5)
    sizes = TermSizes(np.sum((b + np.zeros(1000)) * (factors - factors.mean())))
    assert 0.3 < sizes[b] / np.linalg.norm(factors) < 3
    x = Tensor(np.ones(1000))
    assert TermSizes(np.sum(np.mean(x) * np.ones(1000)))[x] >= 1


def test_a_tensor_that_the_cost_does_not_depend_on():
    x, other = Tensor(2.0), Tensor(3.0)
    assert TermSizes(x * x)[other] == 0
