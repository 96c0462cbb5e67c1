"""Graphs of scalars become vectors; values and gradients stay."""

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.compiler import scalars as vectors
from autograd.scalar import scalars
from benchmarks.problems.moons import (
    every_scalar,
    moons,
    scalar_layers,
    scalar_loss,
)

KINDS = [
    lambda a, b, c, d, e: np.tanh(a + b),
    lambda a, b, c, d, e: np.tanh(a * b),
    lambda a, b, c, d, e: np.tanh(a + b + c + d),
    lambda a, b, c, d, e: np.tanh(a * b + c * d + e),
    lambda a, b, c, d, e: (a - b) * 0.5,
    lambda a, b, c, d, e: np.sin(a) / (2 + np.cos(b)),
    lambda a, b, c, d, e: ag.relu(a - 0.1) + ag.sigmoid(-b),
    lambda a, b, c, d, e: np.maximum(a, b) ** 2 * 0.25,
    lambda a, b, c, d, e: np.exp(-abs(a)) + np.sqrt(1 + b * b),
]


def assert_close(found, expected):
    scale = np.max(np.abs(expected))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * scale)


def gradients_of(leaves, result):
    for leaf in leaves:
        leaf.grad = None
    result.backward()
    return np.array([0.0 if leaf.grad is None else leaf.grad for leaf in leaves])


def assert_equals_eager(function, leaves, steps=3):
    compiled = ag.compile(function)
    for _ in range(steps):
        ours = compiled()
        assert ours.op.name == "compiled"
        assert "def bind" in compiled.source
        right = function()
        assert_close(ours.data, right.data)
        found, expected = gradients_of(leaves, ours), gradients_of(leaves, right)
        assert_close(found, expected)
        for leaf, gradient in zip(leaves, expected, strict=True):
            assert leaf.grad is None or isinstance(leaf.grad, np.float64)
            leaf.data -= 0.01 * gradient
    return compiled


def test_the_moons_network():
    problem = moons(samples=10, width=5)
    X, y = problem.data["X"].tolist(), problem.data["y"].tolist()
    layers = scalar_layers(problem, Tensor)
    parameters = every_scalar(layers)

    def loss():
        inputs = [[Tensor(v, requires_grad=False) for v in x] for x in X]
        return scalar_loss(layers, inputs, y)

    compiled = assert_equals_eager(loss, parameters)
    assert "np.add.reduce" in compiled.source  # the sums, each as one


@pytest.mark.parametrize("smallest", [0, 4])
@pytest.mark.parametrize("seed", range(3))
def test_random_graphs(seed, smallest, monkeypatch):
    """Every kind of sharing: a value used twice, by sums, by itself, and as a result.

    With groups of any size as vectors, and otherwise line by line.
    """
    monkeypatch.setattr(vectors, "_SMALLEST_GROUP", smallest)
    rng = np.random.default_rng(seed)
    leaves = [Tensor(v) for v in rng.uniform(0.5, 1.5, 6)]
    plan = rng.integers(0, 9, 100)
    places = rng.integers(0, 2**31, (100, 5))

    def function():
        known = [*leaves, Tensor(0.7, requires_grad=False)]
        for kind, place in zip(plan, places, strict=True):
            recent = known[-20:] + leaves
            a, b, c, d, e = (recent[k % len(recent)] for k in place)
            known.append(KINDS[kind](a, b, c, d, e))
        return sum(known[-30:]) * known[-1]

    compiled = assert_equals_eager(function, leaves, steps=2)
    assert ("v = initial.copy()" in compiled.source) == (smallest == 0)


def test_object_arrays_of_scalars_as_arguments():
    rng = np.random.default_rng(3)
    W, X = scalars(rng.standard_normal((4, 3))), rng.standard_normal((3, 9))

    @ag.compile
    def cost(W):
        return np.sum(np.tanh(np.dot(W, X)) ** 2)

    leaves = list(W.flat)
    ours = cost(W)
    assert ours.op.name == "compiled"
    found = gradients_of(leaves, ours)
    assert_close(found, gradients_of(leaves, cost.function(W)))


def test_small_and_narrow_graphs_are_compiled_as_well():
    a, b = Tensor(0.5), Tensor(-1.5)

    def chain():
        x = a
        for _ in range(70):
            x = np.tanh(x * b + a)
        return x

    assert_equals_eager(chain, [a, b])
    assert_equals_eager(lambda: a * b + b, [a, b])


def test_one_leaf_summed_many_times():
    a, b = Tensor(0.5), Tensor(1.5)
    assert_equals_eager(lambda: sum([a] * 100) * b, [a, b])
    assert_equals_eager(lambda: sum(a * b for _ in range(100)), [a, b])


def test_a_constant_that_is_changed():
    a, scale = Tensor(2.0), Tensor(3.0, requires_grad=False)
    compiled = ag.compile(lambda: a * (1 + scale))
    assert compiled().data == 8.0
    scale.data = np.float64(4.0)
    assert compiled().data == 10.0
