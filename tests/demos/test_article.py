"""The article's functions, unmodified: on arrays, on tensors and on scalar tensors."""

import ast
from pathlib import Path

import numpy as np
import pytest

from autograd import Tensor, scalars
from demos import article

EXACT = {"W1": "dW1", "b1": "db1", "W2": "dW2", "b2": "db2"}
SCALED_BY_M = {"Z2": "dZ2", "A1": "dA1", "Z1": "dZ1"}  # the article divides by m later


@pytest.fixture(params=[(4, 3, 7), (2, 3, 4), (5, 1, 2)], ids=str)
def problem(request):
    n_x, n_h, m = request.param
    rng = np.random.default_rng(n_x)
    drawn = article.initialize_parameters(n_x, n_h, 1, rng=rng)
    parameters = {
        name: rng.standard_normal(value.shape) for name, value in drawn.items()
    }
    X = rng.standard_normal((n_x, m))
    Y = (rng.random((1, m)) < 0.5).astype(float)
    return parameters, X, Y


def cost_and_steps(parameters, X, Y):
    A2, cache = article.forward_propagation(X, parameters)
    return article.compute_cost(A2, Y), cache


def on_tensors(problem):
    values, X, Y = problem
    parameters = {name: Tensor(value) for name, value in values.items()}
    cost, cache = cost_and_steps(parameters, X, Y)
    cost.backward()
    return cost, parameters | cache


def test_cost_equals_plain_numpy(problem):
    plain, _ = cost_and_steps(*problem)
    assert on_tensors(problem)[0].item() == plain


def test_gradients_equal_the_hand_formulas(problem):
    values, X, Y = problem
    _, tensors = on_tensors(problem)
    _, cache = cost_and_steps(*problem)
    hand = article.backward_propagation(values, cache, X, Y)
    m = X.shape[1]
    for name, key in EXACT.items():
        np.testing.assert_allclose(tensors[name].grad, hand[key], rtol=1e-10)
    for name, key in SCALED_BY_M.items():
        np.testing.assert_allclose(tensors[name].grad, hand[key] / m, rtol=1e-10)


def test_scalar_graph_gives_equal_gradients(problem):
    values, X, Y = problem
    _, tensors = on_tensors(problem)
    parameters = {name: scalars(value, name) for name, value in values.items()}
    cost, cache = cost_and_steps(parameters, X, Y)
    cost.backward()
    for name, array in (parameters | cache).items():
        found = np.vectorize(lambda t: t.grad, otypes=[float])(array)
        np.testing.assert_allclose(found, tensors[name].grad, rtol=1e-12)


def test_article_uses_numpy_alone():
    tree = ast.parse(Path(article.__file__).read_text(encoding="utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [alias.name for node in imported for alias in node.names] == ["numpy"]
