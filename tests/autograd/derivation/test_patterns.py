"""Known simplifications appear where they hold, and nowhere else."""

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.derivation.plain import text_of
from autograd.derivation.working import work_out
from demos.article import compute_cost, forward_propagation, initialize_parameters

X = np.random.default_rng(1).standard_normal((2, 5))
Y = np.array([[0.0, 1.0, 1.0, 0.0, 1.0]])
CLASSES = np.array([0, 2, 1, 1, 0])
HOT = np.eye(3)[:, CLASSES]


def named(**values):
    """Return the function that finds names by identity, also those of plain arrays."""
    found = {id(v): k for k, v in values.items()}
    found |= {id(v.data): k for k, v in values.items() if isinstance(v, Tensor)}
    found["kept alive"] = values
    return lambda t: found.get(id(t)) or found.get(id(t.data)) or t.name


def simplified(cost, /, **values):
    working = work_out(cost, named(**values))
    return [
        f"{text_of(line.left)} = {text_of(line.parts[0].whole())}"
        for block in working.backward
        for line in block.lines
        if line.is_simplified
    ]


def article(dtype=np.float64):
    rng = np.random.default_rng(0)
    parameters = {
        key: Tensor(rng.standard_normal(value.shape).astype(dtype), name=key)
        for key, value in initialize_parameters(2, 3, 1, rng=rng).items()
    }
    A2, cache = forward_propagation(X.astype(dtype), parameters)
    truth = Y.astype(dtype)
    cost = compute_cost(A2, truth)
    return cost, {"cost": cost, "Y": truth, **cache}


def test_the_article_by_hand():
    cost, names = article()
    assert simplified(cost, **names) == ["∂cost/∂Z2 = 1/5 (A2 − Y)"]


def test_the_article_in_single_precision():
    cost, names = article(np.float32)
    assert simplified(cost, **names) == ["∂cost/∂Z2 = 1/5 (A2 − Y)"]


@pytest.mark.parametrize("m", [1, 2, 5])
def test_binary_cross_entropy(m):
    """Five samples: 1/5 is a mean and 1 a sum, but 1/2 is no form that people know."""
    Z = Tensor(X[:1], name="Z")
    A = autograd.sigmoid(Z)
    logs = Y * np.log(A) + (1 - Y) * np.log(1 - A)
    short = {1: ["∂L/∂Z = A − Y"], 2: [], 5: ["∂L/∂Z = 1/5 (A − Y)"]}
    assert simplified(-np.sum(logs) / m, A=A, Y=Y) == short[m]


def test_the_fused_forms():
    Z = Tensor(X[:1], name="Z")
    A = autograd.sigmoid(Z)
    loss = np.mean(autograd.binary_cross_entropy(A, Y))
    assert simplified(loss, A=A, Y=Y) == ["∂L/∂Z = 1/5 (A − Y)"]


def softmax(Z):
    powers = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    return powers / np.sum(powers, axis=0, keepdims=True)


def test_softmax_by_hand():
    Z = Tensor(np.sin(np.arange(15.0)).reshape(3, 5), name="Z")
    P = softmax(Z)
    cost = -np.sum(HOT * np.log(P)) / 5
    lines = simplified(cost, P=P, Y=HOT)
    assert lines == ["∂L/∂U1 = 1/5 (P − Y)", "∂L/∂Z = 1/5 (P − Y)"]


def test_cross_entropy_of_classes_replaces_a_rule_without_a_formula():
    Z = Tensor(np.sin(np.arange(15.0)).reshape(5, 3), name="Z")
    cost = autograd.cross_entropy(Z, CLASSES)
    working = work_out(cost, named(y=CLASSES))
    (line,) = working.backward[0].lines[1:]
    assert text_of(line.parts[0].whole()) == "1/5 (softmax[j](Z) − onehot(y))"
    assert not line.is_simplified


def test_a_pattern_that_the_numbers_refute_is_not_shown():
    """The same operations with another weight: the form A - Y would be wrong."""
    Z = Tensor(X[:1], name="Z")
    A = autograd.sigmoid(Z)
    logs = 2 * Y * np.log(A) + (1 - Y) * np.log(1 - A)
    assert simplified(-np.sum(logs) / 5, A=A, Y=Y) == []


def test_squared_errors_after_a_sigmoid_have_no_such_form():
    Z = Tensor(X[:1], name="Z")
    A = autograd.sigmoid(Z)
    assert simplified(np.mean((A - Y) ** 2), A=A, Y=Y) == []


def lines(cost, /, **values):
    working = work_out(cost, named(**values))
    return {
        text_of(line.left): text_of(line.parts[0].whole())
        for block in working.backward
        for line in block.lines
        if len(line.parts) == 1
    }


def test_rules_that_are_short_already():
    Z = Tensor(X, name="Z")
    A = np.tanh(Z)
    target = X[::-1].copy()
    found = lines(np.mean((A - target) ** 2), A=A, Y=target)
    assert found["∂L/∂A"] == "2/10 (A − Y)"
    assert found["∂L/∂Z"] == "∂L/∂A ⊙ (1 − A²)"
    S = 1 / (1 + np.exp(-Z))
    found = lines(np.sum(S), S=S)
    assert found["∂L/∂Z"] == "∂L/∂S ⊙ S ⊙ (1 − S)"


def test_a_sigmoid_with_a_named_step_is_not_recognised():
    Z = Tensor(X, name="Z")
    E = np.exp(-Z)
    S = 1 / (1 + E)
    assert "∂L/∂E" in lines(np.sum(S), S=S, E=E)


def test_after_a_step_of_training_the_form_is_confirmed_anew():
    cost, names = article()
    leaf = names["Z1"].inputs[0].inputs[0]
    leaf.data += 0.25
    assert simplified(cost, **names) == ["∂cost/∂Z2 = 1/5 (A2 − Y)"]


def test_a_constant_that_is_used_twice():
    Z = Tensor(X[:1], name="Z")
    A = autograd.sigmoid(Z)
    half = np.full((1, 5), 0.5)
    loss = -np.sum(half * np.log(A) + half * np.log(1 - A))
    assert simplified(loss, A=A) == []
    assert simplified(loss, A=A, Y=half) == ["∂L/∂Z = A − Y"]


def test_a_leaf_that_is_used_twice_in_single_precision():
    """Both uses count in the repetition that confirms a form."""
    Z = Tensor(X[:1].astype(np.float32), name="Z")
    A = autograd.sigmoid(Z)
    truth = Y.astype(np.float32)
    entropy = -np.sum(truth * np.log(A) + (1 - truth) * np.log(1 - A))
    assert simplified(entropy, A=A, Y=truth) == ["∂L/∂Z = A − Y"]
    assert simplified(entropy + np.sum(Z * Z), A=A, Y=truth) == []
