"""`checkpoint`: the same gradients, computed with less memory."""

import numpy as np
import pytest

import autograd as ag
from autograd import GradientError, InPlaceError, Tensor, checkpoint, grad, hessian

X = np.array([0.3, -0.8, 1.2])


def both(build):
    """Return the gradients of two equal graphs, one of them with checkpoints."""
    found = []
    for wrap in (checkpoint, lambda f: f):
        tensors, loss = build(wrap)
        loss.backward()
        found.append((loss.item(), [t.grad for t in tensors]))
    return found


def assert_equal(build):
    (value, gradients), (expected, exact) = both(build)
    assert value == expected
    for a, b in zip(gradients, exact, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_arguments_and_parameters_from_outside():
    def build(wrap):
        x, W, b = Tensor(X), Tensor(np.eye(3) + 0.1), Tensor(np.ones(3))
        layer = wrap(lambda h: np.tanh(W @ h + b))
        return [x, W, b], np.sum(layer(layer(layer(x))) ** 2)

    assert_equal(build)


def test_intermediate_from_outside_that_shares_history():
    """W reaches the result inside directly, and outside through h: no path twice."""

    def build(wrap):
        x, W = Tensor(X), Tensor(np.full(3, 2.0))
        h = W * x
        return [x, W], np.sum(wrap(lambda a: a * h * W)(x * x) * h)

    assert_equal(build)


def test_argument_that_is_used_from_outside_as_well():
    def build(wrap):
        x = Tensor(X)
        return [x], np.sum(wrap(lambda a: a * x)(x))

    assert_equal(build)


def test_nested():
    def build(wrap):
        x, w, v = Tensor(X), Tensor(1.5), Tensor(0.7)
        inner = wrap(lambda a: np.sin(a * w))
        outer = wrap(lambda a: inner(inner(a)) * v + w)
        return [x, w, v], np.sum(outer(outer(x)))

    assert_equal(build)


def test_structures_and_keywords():
    def build(wrap):
        x, y = Tensor(X), Tensor(X + 1)
        cell = wrap(lambda p, *, k: {"h": p["a"] * k, "c": [p["b"][0] ** 2, 3.0]})
        out = cell({"a": x, "b": (y,)}, k=y)
        assert out["c"][1] == 3.0
        return [x, y], np.sum(out["h"] * out["c"][0])

    assert_equal(build)


def test_results_of_two_dtypes():
    def build(wrap):
        x, y = Tensor(X), Tensor(X.astype(np.float32))
        a, b = wrap(lambda p, q: (p * p, q * q))(x, y)
        assert (a.dtype, b.dtype) == (np.float64, np.float32)
        return [x, y], np.sum(a) + np.sum(b)

    assert_equal(build)


def test_argument_returned_as_it_is():
    def build(wrap):
        x, w = Tensor(X), Tensor(2.0)
        a, b = wrap(lambda p: (p, w))(x)
        return [x, w], np.sum(a * a) * b

    assert_equal(build)


def test_inside_is_forgotten_and_run_again():
    calls = []

    def function(a):
        calls.append(1)
        return np.exp(np.sin(a))

    x = Tensor(X)
    y = checkpoint(function)(x)
    assert y.inputs == (x,)
    assert y.op.name == "checkpoint"
    assert len(calls) == 1
    y.sum().backward()
    assert len(calls) == 2
    np.testing.assert_allclose(x.grad, np.exp(np.sin(X)) * np.cos(X), rtol=1e-14)


@pytest.mark.parametrize("wrap", [checkpoint, lambda f: checkpoint(checkpoint(f))])
def test_second_order(wrap):
    w = np.array([2.0, 3.0, 0.5])

    def plain(x, w):
        return np.sum(np.sin(x * w) ** 2)

    def split(x, w):
        square = wrap(lambda a: np.sin(a * w) ** 2)
        return np.sum(square(x))

    for argnum in (0, 1, (0, 1)):
        a = hessian(split, argnum)(X, w)
        b = hessian(plain, argnum)(X, w)
        np.testing.assert_allclose(np.array(a), np.array(b), rtol=1e-12)


def test_without_recording_it_is_the_function():
    with ag.no_grad():
        y = checkpoint(np.exp)(Tensor(X))
    assert not y.requires_grad
    assert checkpoint(np.exp)(0.0) == 1.0


def test_random_function_is_refused():
    rng = np.random.default_rng(0)
    x = Tensor(X)
    y = checkpoint(lambda a: a * rng.normal(size=3))(x)
    with pytest.raises(GradientError, match=r"gave another value .* random"):
        y.sum().backward()
    assert x.grad is None


def test_step_of_a_parameter_from_outside_is_noticed():
    x, w = Tensor(X), Tensor(2.0, name="w")
    y = checkpoint(lambda a: a * w)(x)
    w.data -= 1.0
    with pytest.raises(InPlaceError, match=r"checkpoint.*used w "):
        y.sum().backward()


def test_gradient_of_a_checkpointed_function_of_arrays():
    found = grad(checkpoint(lambda p: np.sum(p["w"] ** 3)))({"w": X})
    np.testing.assert_allclose(found["w"], 3 * X**2, rtol=1e-14)
    assert type(found["w"]) is np.ndarray
