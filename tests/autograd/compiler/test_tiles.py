"""Runs of elementwise operations on large arrays, tile by tile."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

SHAPE = (300, 457)  # more than a tile, and no multiple of one


def draw(dtype, count=3):
    rng = np.random.default_rng(0)
    return [Tensor(rng.uniform(0.5, 1.5, SHAPE).astype(dtype)) for _ in range(count)]


def shared(a, b, c):
    x = a * b - c
    y = np.tanh(x) + x * a
    z = -(y - b) / (c + 2.0)
    return z * z + abs(x)


RUNS = {
    "shared": shared,
    "mean": lambda a, b, c: shared(a, b, c).mean(),
    "two runs": lambda a, b, c: shared(a, b, c) - shared(b, c, a).sum() * a,
    "kept inside": lambda a, b, c: (lambda x: (x + 1) * x.sum())(a * b + c),
    "same twice": lambda a, b, c: (a + a) * (a + a) + b - c,
    "arrives twice": lambda a, b, c: a * b + c + (a * b + c).T.sum(),
    "functions": lambda a, b, c: np.exp(-a) * np.log(b) + np.sqrt(c) ** 2,
    "passed on": lambda a, b, c: (+(a * b) - (+c)) * np.maximum(a, b) + ag.relu(c - 1),
    "number": lambda a, b, c: (a * b + c) * (a[0, 0] + 0.5),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", RUNS)
def test_equals_eager(name, dtype):
    compiled = ag.compile(RUNS[name])
    expected, found = draw(dtype), draw(dtype)
    for _ in range(2):
        right, ours = RUNS[name](*expected), compiled(*found)
        assert ours.op.name == "compiled"
        assert "run1" in compiled.source
        np.testing.assert_array_equal(ours.data, right.data)
        seed = np.random.default_rng(1).normal(size=right.shape).astype(dtype)
        right.backward(seed)
        ours.backward(seed)
    rtol = 1e-5 if dtype == np.float32 else 1e-12
    for a, b in zip(expected, found, strict=True):
        scale = np.max(np.abs(a.grad))
        assert b.grad.dtype == dtype
        np.testing.assert_allclose(b.grad, a.grad, rtol=rtol, atol=rtol * scale)


def test_arrays_with_other_strides():
    compiled = ag.compile(lambda a, b: a * b + a)
    for make in (np.ascontiguousarray, np.asfortranarray, lambda x: x[::-1]):
        a, b = (Tensor(make(x.data), copy=False) for x in draw(np.float32, 2))
        out = compiled(a, b)
        np.testing.assert_array_equal(out.data, a.data * b.data + a.data)
        out.sum().backward()
        np.testing.assert_array_equal(a.grad, b.data + 1)
