"""Right code, written with NumPy: the linter must find nothing in it."""

import numpy as np
import pytest

import autograd as ag
import viz
from autograd import Tensor
from demos.article import compute_cost, forward_propagation, initialize_parameters
from tests.viz.lint.cases import blobs, generator, line, one_hot

CLEAN: list = []


def clean(script):
    CLEAN.append(script)
    return script


def article(hidden=8):
    X, y = blobs(classes=2)
    drawn = initialize_parameters(X.shape[1], hidden, 1, rng=generator())
    return X.T, y[None, :], {k: Tensor(v, name=k) for k, v in drawn.items()}


@clean
def the_article_before_training():
    X, Y, parameters = article()
    return compute_cost(forward_propagation(X, parameters)[0], Y)


@clean
def the_article_after_training():
    X, Y, parameters = article()
    for _ in range(150):
        cost = compute_cost(forward_propagation(X, parameters)[0], Y)
        for p in parameters.values():
            p.zero_grad()
        cost.backward()
        for p in parameters.values():
            p.data -= 1.0 * p.grad
    return cost


@clean
def softmax_regression_from_zeros():
    X, y = blobs()
    W, b = Tensor(np.zeros((6, 3))), Tensor(np.zeros(3))
    return ag.cross_entropy(X @ W + b, y)


@clean
def logistic_regression_from_zeros():
    X, y = blobs(classes=2)
    w, b = Tensor(np.zeros(6)), Tensor(0.0)
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@clean
def log_softmax_by_hand():
    X, y = blobs()
    W = Tensor(generator().standard_normal((6, 3)))
    Z = X @ W
    Z = Z - Z.max(axis=1, keepdims=True)
    logs = Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    return -np.mean(logs[np.arange(len(y)), y])


@clean
def cross_entropy_with_a_small_number_in_the_logarithm():
    X, y = blobs()
    W = Tensor(generator().standard_normal((3, 6)) * 0.1)
    Z = W @ X.T
    E = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    A = E / np.sum(E, axis=0, keepdims=True)
    return -np.mean(np.sum(one_hot(y, 3).T * np.log(A + 1e-9), axis=0))


@clean
def linear_regression_of_columns():
    X, y = line()
    w, b = Tensor(np.zeros((3, 1))), Tensor(0.0)
    return np.mean((X @ w + b - y) ** 2)


@clean
def linear_regression_of_vectors():
    X, y = line()
    w, b = Tensor(np.zeros(3)), Tensor(0.0)
    return ((X @ w + b - y[:, 0]) ** 2).mean()


@clean
def one_sample():
    W, b = Tensor([[0.3]], name="W"), Tensor([0.1], name="b")
    return np.mean((np.array([[2.0]]) @ W + b - np.array([1.0])) ** 2)


@clean
def ranking_of_all_pairs():
    X, y = line()
    w = Tensor(generator().standard_normal(3))
    scores = X @ w
    ahead = scores[:, None] - scores[None, :]
    first = (y[:, 0][:, None] > y[:, 0][None, :]).astype(float)
    return np.sum(first * np.log(1 + np.exp(-ahead))) / first.sum()


@clean
def energy_distance():
    rng = generator()
    scale = Tensor(1.5)
    x, y = scale * rng.standard_normal(20), rng.standard_normal(20)
    within = np.mean(np.abs(x[:, None] - x[None, :]))
    return 2 * np.mean(np.abs(x[:, None] - y[None, :])) - within


@clean
def radial_basis_network_with_a_centre_for_each_sample():
    X, y = line(12, features=1)
    centres, weights = Tensor(np.linspace(-2, 2, 12)), Tensor(np.ones(12) * 0.1)
    hidden = np.exp(-((X - centres) ** 2))
    return np.mean((hidden @ weights - y[:, 0]) ** 2)


@clean
def scalar_network_with_hinge_loss():
    rng = generator()
    W1 = ag.scalars(rng.standard_normal((4, 2)), name="W1")
    b1 = ag.scalars(np.zeros((4, 1)), name="b1")
    W2 = ag.scalars(rng.standard_normal((1, 4)), name="W2")
    X = rng.standard_normal((2, 10))
    scores = np.dot(W2, np.maximum(np.dot(W1, X) + b1, 0))
    signs = np.where(X[:1] * X[1:] > 0, 1.0, -1.0)
    return np.sum(np.maximum(1 - scores * signs, 0)) / 10


@clean
def scalar_neuron():
    w, x, b = Tensor(0.5, name="w"), Tensor(2.0, name="x"), Tensor(-1.0, name="b")
    return (np.tanh(w * x + b) - 0.3) ** 2


@clean
def low_rank_adaptation():
    X, y = line(features=8)
    rng = generator()
    W0 = rng.standard_normal((8, 1))
    A, B = Tensor(rng.standard_normal((8, 2))), Tensor(np.zeros((2, 8)))
    V = Tensor(rng.standard_normal((8, 1)), requires_grad=False)
    h = np.tanh(X @ (rng.standard_normal((8, 8))) + X @ A @ B)
    return np.mean((h @ V + X @ W0 - y) ** 2)


@clean
def linear_autoencoder():
    X, _ = blobs(features=10)
    rng = generator()
    down, up = (
        Tensor(rng.standard_normal((10, 2))),
        Tensor(rng.standard_normal((2, 10))),
    )
    return np.mean((X @ down @ up - X) ** 2)


@clean
def skip_gram():
    rng = generator()
    centre, context = rng.integers(0, 30, 64), rng.integers(0, 30, 64)
    V, U = (
        Tensor(rng.standard_normal((30, 8)) * 0.1),
        Tensor(rng.standard_normal((8, 30)) * 0.1),
    )
    return ag.cross_entropy(one_hot(centre, 30) @ V @ U, context)


@clean
def bag_of_words():
    rng = generator()
    words = one_hot(rng.integers(0, 20, 16), 20)
    V, W = Tensor(rng.standard_normal((20, 5))), Tensor(rng.standard_normal((5, 3)))
    return ag.cross_entropy(words @ V @ W, rng.integers(0, 3, 16))


@clean
def matrix_factorisation():
    rng = generator()
    R = rng.random((12, 9))
    U, V = Tensor(rng.random((12, 3))), Tensor(rng.random((9, 3)))
    return np.sum((R - U @ V.T) ** 2) + 0.01 * (np.sum(U**2) + np.sum(V**2))


@clean
def factorisation_in_three():
    rng = generator()
    R = rng.random((12, 9))
    U, S, V = (Tensor(rng.random(shape)) for shape in ((12, 3), (3, 3), (3, 9)))
    return np.mean((U @ S @ V - R) ** 2)


@clean
def recurrent_network():
    rng = generator()
    xs, y = rng.standard_normal((20, 6, 3)), rng.standard_normal((6, 1))
    Wx = Tensor(rng.standard_normal((3, 5)) * 0.4, name="Wx")
    Wh = Tensor(rng.standard_normal((5, 5)) * 0.4, name="Wh")
    b, Wy = Tensor(np.zeros(5)), Tensor(rng.standard_normal((5, 1)) * 0.4)
    h = np.zeros((6, 5))
    for x in xs:
        h = np.tanh(x @ Wx + h @ Wh + b)
    return np.mean((h @ Wy - y) ** 2)


@clean
def linear_state_space_model():
    rng = generator()
    A, B = Tensor(np.eye(4) * 0.9), Tensor(rng.standard_normal((2, 4)))
    C, h = Tensor(rng.standard_normal((4, 1))), Tensor(np.ones((3, 4)))
    for x in rng.standard_normal((15, 3, 2)):
        h = h @ A + x @ B
    return np.mean((h @ C - 1.0) ** 2)


@clean
def causal_attention():
    rng = generator()
    x = rng.standard_normal((7, 8))
    Wq, Wk, Wv, Wo = (Tensor(rng.standard_normal((8, 8)) / 3) for _ in range(4))
    scores = (x @ Wq) @ (x @ Wk).T / np.sqrt(8)
    scores = np.where(np.tri(7, dtype=bool), scores, -np.inf)
    out = ag.softmax(scores, axis=-1) @ (x @ Wv) @ Wo
    return np.mean((out - x) ** 2)


@clean
def attention_to_a_single_key():
    rng = generator()
    query, memory = rng.standard_normal((3, 4)), rng.standard_normal((1, 4))
    W = Tensor(rng.standard_normal((4, 4)))
    weights = ag.softmax((query @ W) @ memory.T, axis=-1)
    return np.mean((weights @ (memory @ W) - 1.0) ** 2)


@clean
def graph_convolution():
    rng = generator()
    X, y = blobs(12)
    adjacency = (rng.random((12, 12)) < 0.3) + np.eye(12)
    adjacency /= adjacency.sum(axis=1, keepdims=True)
    W1, W2 = Tensor(rng.standard_normal((6, 8))), Tensor(rng.standard_normal((8, 3)))
    h = ag.relu(adjacency @ X @ W1)
    return ag.cross_entropy(adjacency @ h @ W2, y)


@clean
def learned_adjacency():
    rng = generator()
    X, y = blobs(12)
    E, W = Tensor(rng.standard_normal((12, 4))), Tensor(rng.standard_normal((6, 3)))
    adjacency = ag.softmax(ag.relu(E @ E.T), axis=1)
    return ag.cross_entropy(adjacency @ X @ W, y)


@clean
def policy_gradient_with_entropy():
    rng = generator()
    states, actions = rng.standard_normal((16, 4)), rng.integers(0, 3, 16)
    advantages = rng.standard_normal(16)
    W = Tensor(rng.standard_normal((4, 3)))
    logs = ag.log_softmax(states @ W, axis=1)
    entropy = -np.mean(np.sum(np.exp(logs) * logs, axis=1))
    return -np.mean(logs[np.arange(16), actions] * advantages) - 0.01 * entropy


@clean
def distillation():
    rng = generator()
    X, y = blobs()
    teacher = X @ rng.standard_normal((6, 3))
    W = Tensor(rng.standard_normal((6, 3)))
    soft = ag.kl_div(
        ag.log_softmax(X @ W / 2, axis=1), ag.softmax(teacher / 2, 1), "batchmean"
    )
    return 4 * soft + ag.cross_entropy(X @ W, y)


@clean
def contrast_of_both_directions():
    rng = generator()
    a, b = rng.standard_normal((10, 6)), rng.standard_normal((10, 6))
    P, Q = Tensor(rng.standard_normal((6, 4))), Tensor(rng.standard_normal((6, 4)))
    logits, same = (a @ P) @ (b @ Q).T, np.arange(10)
    rows = ag.log_softmax(logits, axis=1)[same, same]
    columns = ag.log_softmax(logits, axis=0)[same, same]
    return -np.mean(rows + columns) / 2


@clean
def quantile_regression():
    X, y = line(40)
    W = Tensor(np.zeros((3, 5)))
    levels = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    error = y - X @ W
    return np.mean(np.maximum(levels * error, (levels - 1) * error))


@clean
def targets_that_are_partly_missing():
    X, y = line()
    y = np.where(generator(1).random(y.shape) < 0.2, np.nan, y)
    w = Tensor(np.ones((3, 1)))
    known = ~np.isnan(y)
    return np.sum(((X @ w)[known] - y[known]) ** 2) / known.sum()


@clean
def straight_through_rounding():
    X, y = line()
    w = Tensor(generator().standard_normal((3, 1)))
    z = X @ w
    rounded = z + (np.round(z) - z).detach()
    return np.mean((rounded - y) ** 2)


@clean
def few_steps_of_meta_learning():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="w")
    fast = w
    for _ in range(5):
        inner = np.mean((X[:20] @ fast - y[:20]) ** 2)
        inner.backward()
        fast = fast - 0.1 * fast.grad
    return np.mean((X[20:] @ fast - y[20:]) ** 2)


@clean
def prices_in_euros():
    X, y = line()
    W1, b1 = Tensor(generator().standard_normal((3, 16))), Tensor(np.zeros(16))
    W2, b2 = Tensor(generator(1).standard_normal((16, 1))), Tensor(2.5e5)
    return np.mean((ag.relu(X @ W1 + b1) @ W2 + b2 - (3e5 + 1e5 * y)) ** 2)


@clean
def sum_of_the_losses_of_parts_of_a_batch():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="w")
    parts = [slice(0, 10), slice(10, 20), slice(20, 30), slice(30, 40)]
    total = sum(np.mean((X[part] @ w - y[part]) ** 2) for part in parts) / 4
    total.backward()
    w.data -= 0.1 * w.grad
    return total


@clean
def a_penalty_on_the_gradient():
    X, y = line()
    w = Tensor(np.ones((3, 1)))
    slope = ag.grad(lambda v: np.mean((X @ v - y) ** 2))(w)
    return np.mean((X @ w - y) ** 2) + np.sum(slope**2)


@clean
def hinge_loss_of_a_solved_problem():
    X = np.concatenate([np.full((8, 2), 3.0), np.full((8, 2), -3.0)])
    signs = np.repeat([1.0, -1.0], 8)
    w = Tensor([1.0, 1.0])
    return np.mean(ag.relu(1 - (X @ w) * signs)) + 0.01 * np.sum(w * w)


@clean
def sigmoid_of_a_single_number():
    z = Tensor(0.5, name="w") * 2.0
    return -np.log(np.exp(z) / (1 + np.exp(z)))


@clean
def random_walk():
    x = Tensor(np.zeros(4), name="start")
    for step in generator().standard_normal((30, 4)):
        x = x - step
    return np.mean(x * x)


@clean
def small_values_that_are_normalised():
    X, y = blobs()
    rng = generator()
    h = X * 1e-6
    for k in range(7):
        W = Tensor(rng.standard_normal((6, 6)) / 2)
        h = h @ W
        h = ag.standardize(h, axes=(1,), eps=1e-12) if k == 3 else ag.relu(h)
    return ag.cross_entropy(h @ Tensor(rng.standard_normal((6, 3))), y)


@pytest.mark.parametrize("script", CLEAN, ids=lambda script: script.__name__)
def test_right_code_has_no_findings(script):
    found = viz.lint(script())
    assert not found, str(found)
