"""A sigmoid is recognised in every form that people write, and nowhere else."""

from collections import Counter

import numpy as np
import pytest

import autograd
from autograd import Tensor, latex, source
from autograd.graph_order import inputs_first
from autograd.recognition import as_sigmoid

X = np.array([[0.5, -1.0, 2.0]])
Y = np.array([[1.0, 0.0, 1.0]])


def powers_twice(z):
    return np.exp(z) / (1 + np.exp(z))


def one_power(z):
    e = np.exp(z)
    return e / (e + 1)


FORMS = {
    "by name": (autograd.sigmoid, 1),
    "divide": (lambda z: 1 / (1 + np.exp(-z)), 1),
    "1 last": (lambda z: 1.0 / (np.exp(-z) + 1.0), 1),
    "times -1": (lambda z: 1 / (1 + np.exp(-1 * z)), 1),
    "reciprocal": (lambda z: np.reciprocal(1 + np.exp(-z)), 1),
    "times the inverse": (lambda z: 1 * (1 / (1 + np.exp(-z))), 1),
    "powers twice": (powers_twice, 1),
    "one power": (one_power, 1),
    "of minus z": (lambda z: 1 / (1 + np.exp(z)), -1),
    "of minus z, powers": (lambda z: np.exp(-z) / (1 + np.exp(-z)), -1),
}
OTHERS = {
    "2 above": lambda z: 2 / (1 + np.exp(-z)),
    "2 below": lambda z: 1 / (2 + np.exp(-z)),
    "difference": lambda z: 1 / (1 - np.exp(-z)),
    "another power": lambda z: np.exp(z) / (1 + np.exp(2 * z)),
    "power of 2": lambda z: 1 / (1 + np.exp2(-z)),
    "square": lambda z: 1 / (1 + np.square(z)),
    "broadcast": lambda z: np.ones((2, 3)) / (1 + np.exp(-z)),
    "a parameter that is 1": lambda z: Tensor(1.0) / (1 + np.exp(-z)),
}
forms = pytest.mark.parametrize(("form", "sign"), FORMS.values(), ids=FORMS)


def uses_of(root):
    return Counter(x for tensor in inputs_first(root) for x in tensor.inputs)


@forms
def test_form(form, sign):
    z = Tensor(X)
    a = form(z)
    found = as_sigmoid(a)
    assert found.logits is z
    assert found.sign == sign
    expected = 1 / (1 + np.exp(-sign * X))
    np.testing.assert_allclose(a.data, expected, rtol=1e-15)
    assert found.is_hidden(uses_of(np.sum(a)))


@pytest.mark.parametrize("form", OTHERS.values(), ids=OTHERS)
def test_what_is_no_sigmoid(form):
    assert as_sigmoid(form(Tensor(X))) is None


def test_a_step_that_something_else_reads_is_not_hidden():
    z = Tensor(X)
    e = np.exp(-z)
    a = 1 / (1 + e)
    assert not as_sigmoid(a).is_hidden(uses_of(np.sum(a) + np.sum(e)))
    assert as_sigmoid(a).is_hidden(uses_of(np.sum(a)))


def test_logits_that_were_computed_twice_cannot_be_passed_over():
    w = Tensor(X)
    a = np.exp(w * 2) / (1 + np.exp(w * 2))
    found = as_sigmoid(a)
    assert found is not None
    assert not found.is_hidden(uses_of(np.sum(a)))


@forms
def test_the_source_steps_straight_to_the_logits(form, sign):
    z = Tensor(X, name="Z")
    cost = np.sum(form(z) * Y)
    cost.backward()
    text = source(cost, names={"Y": Y})
    scope = {}
    exec(text, scope)
    backward = text[text.index("def backward") :]
    assert "exp" not in backward
    _, cache = scope["forward"]({"Z": X}, Y)
    found = scope["backward"]({"Z": X}, cache, Y)
    np.testing.assert_allclose(found["dZ"], z.grad, rtol=1e-12)


def test_the_source_of_logits_computed_twice():
    z = Tensor(X, name="Z")
    cost = np.sum(powers_twice(z * z) + np.exp(z * z) / (1 + np.exp(z * z)))
    cost.backward()
    scope = {}
    exec(source(cost), scope)
    _, cache = scope["forward"]({"Z": X})
    found = scope["backward"]({"Z": X}, cache)
    np.testing.assert_allclose(found["dZ"], z.grad, rtol=1e-12)


@pytest.mark.parametrize("name", [n for n, (_, sign) in FORMS.items() if sign == 1])
def test_the_derivation_writes_sigma(name):
    form, _ = FORMS[name]
    z = Tensor(X, name="Z")
    text = str(latex(np.sum(form(z) * Y)))
    assert r"\sigma" in text
    assert r"\exp" not in text
