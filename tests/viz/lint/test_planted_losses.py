"""Scripts with one mistake each, at the end of the network: the linter names it."""

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
import viz
from autograd import Tensor
from tests.viz.lint.cases import (
    blobs,
    generator,
    images,
    line,
    mlp,
    one_hot,
    planting,
    result,
)

PLANTED: list = []
planted = planting(PLANTED)


@planted("softmax-before-cross-entropy")
def softmax_layer_at_the_end():
    X, y = blobs()
    model = nn.Sequential(*mlp(6, 16, 3), nn.Softmax(axis=1))
    return nn.CrossEntropyLoss()(model(X), y), model


@planted("softmax-before-cross-entropy")
def softmax_by_hand_then_the_loss():
    X, y = blobs()
    W, b = Tensor(generator().standard_normal((6, 3)), name="W"), Tensor(np.zeros(3))
    E = np.exp(X @ W + b)
    return ag.cross_entropy(E / np.sum(E, axis=1, keepdims=True), y)


@planted("softmax-before-cross-entropy")
def shifted_softmax_of_columns():
    X, y = blobs()
    Z = Tensor(generator().standard_normal((3, 6)), name="W") @ X.T
    E = np.exp(Z - np.max(Z, axis=0))
    A = E / E.sum(axis=0)
    return ag.cross_entropy(A.T, y)


@planted("softmax-before-cross-entropy")
def softmax_of_pixels():
    X, _ = images()
    y = generator().integers(0, 3, (8, 6, 6))
    model = nn.Sequential(nn.Conv2d(1, 3, 3, rng=generator()), nn.Softmax(axis=1))
    return nn.CrossEntropyLoss()(model(X), y), model


@planted("softmax-before-cross-entropy")
def softmax_and_targets_of_probabilities():
    X, y = blobs()
    model = mlp(6, 10, 3)
    return F.cross_entropy(F.softmax(model(X), axis=1), one_hot(y, 3)), model


@planted("softmax-before-cross-entropy")
def softmax_of_the_last_state():
    rng = generator()
    cell, head = nn.LSTM(5, 8, rng=rng), nn.Linear(8, 3, rng=rng)
    outputs, _ = cell(rng.standard_normal((7, 6, 5)))
    p = F.softmax(head(outputs[-1]), axis=-1)
    return F.cross_entropy(p, rng.integers(0, 3, 6)), nn.ModuleList([cell, head])


@planted("softmax-before-cross-entropy")
def softmax_that_computes_its_powers_twice():
    X, y = blobs()
    W = Tensor(generator().standard_normal((6, 3)), name="W")
    p = np.exp(X @ W) / np.sum(np.exp(X @ W), axis=1)[:, None]
    return ag.cross_entropy(p, y)


@planted("sigmoid-before-bce-with-logits")
def sigmoid_layer_at_the_end():
    X, y = blobs(classes=2)
    model = nn.Sequential(*mlp(6, 16, 1), nn.Sigmoid())
    return nn.BCEWithLogitsLoss()(model(X), y[:, None].astype(float)), model


@planted("sigmoid-before-bce-with-logits")
def sigmoid_by_hand_then_the_loss():
    X, y = blobs(classes=2)
    w = Tensor(generator().standard_normal(6), name="w")
    p = 1 / (1 + np.exp(-(X @ w)))
    return ag.binary_cross_entropy_with_logits(p, y.astype(float))


@planted("sigmoid-before-bce-with-logits")
def sigmoid_and_a_weight_for_class_one():
    X, y = blobs(classes=2)
    model = mlp(6, 8, 1)
    p = F.sigmoid(model(X))[:, 0]
    return F.binary_cross_entropy_with_logits(p, y * 1.0, pos_weight=2.0), model


@planted("sigmoid-before-bce-with-logits")
def sigmoid_of_several_labels():
    X, _ = blobs()
    Y = (generator().random((4, 48)) < 0.3) * 1.0
    W = Tensor(generator().standard_normal((4, 6)), name="W")
    return np.mean(
        ag.binary_cross_entropy_with_logits(ag.sigmoid(W @ X.T), Y, reduction="none")
    )


@planted("log-of-softmax")
def logarithm_of_a_softmax():
    X, y = blobs()
    model = mlp(6, 10, 3)
    p = F.softmax(model(X), axis=1)
    return -np.mean(np.log(p)[np.arange(48), y]), model


@planted("log-of-softmax")
def logarithm_of_the_right_probability():
    X, y = blobs()
    model = mlp(6, 10, 3)
    p = F.softmax(model(X), axis=1)[np.arange(48), y]
    return -np.log(p).mean(), model


@planted("log-of-softmax")
def textbook_cross_entropy():
    X, y = blobs()
    W = Tensor(generator().standard_normal((3, 6)), name="W")
    E = np.exp(W @ X.T)
    A = E / np.sum(E, axis=0)
    return -np.sum(one_hot(y, 3).T * np.log(A)) / 48


@planted("log-of-softmax")
def entropy_of_a_policy():
    rng = generator()
    W = Tensor(rng.standard_normal((4, 3)))
    p = ag.softmax(rng.standard_normal((16, 4)) @ W, axis=1)
    return np.mean(np.sum(p * np.log(p), axis=1))


@planted("log-of-softmax")
def softmax_of_single_numbers():
    w = ag.scalars([0.5, -1.0, 2.0], name="w")
    powers = [np.exp(z) for z in w]
    total = powers[0] + powers[1] + powers[2]
    return -np.log(powers[1] / total)


@planted("log-of-softmax")
def powers_of_single_numbers_twice():
    a, b = Tensor(0.5, name="a"), Tensor(-1.0, name="b")
    return -np.log(np.exp(a) / (np.exp(a) + np.exp(b)))


@planted("softmax-twice")
def softmax_in_the_layer_and_in_the_loss():
    X, y = blobs()
    model = nn.Sequential(*mlp(6, 10, 3), nn.Softmax(axis=1))
    p = F.softmax(model(X), axis=1)
    return np.mean((p - one_hot(y, 3)) ** 2), model


@planted("softmax-twice")
def attention_with_two_softmaxes():
    rng = generator()
    x, W = rng.standard_normal((5, 4)), Tensor(rng.standard_normal((4, 4)))
    weights = ag.softmax(ag.softmax(x @ W @ x.T, axis=-1), axis=-1)
    return np.mean((weights @ x - 1.0) ** 2)


@planted("sigmoid-twice")
def sigmoid_in_the_model_and_outside():
    X, y = blobs(classes=2)
    model = nn.Sequential(*mlp(6, 10, 1), nn.Sigmoid())
    return F.binary_cross_entropy(F.sigmoid(model(X))[:, 0], y * 1.0), model


@planted("sigmoid-twice")
def sigmoid_by_hand_twice():
    X, Y = line()
    w = Tensor(np.ones((3, 1)), name="w")
    p = 1 / (1 + np.exp(-ag.sigmoid(X @ w)))
    return np.mean((p - (Y > 0)) ** 2)


@planted("bounded-logits")
def tanh_before_cross_entropy():
    X, y = blobs()
    model = nn.Sequential(*mlp(6, 10, 3), nn.Tanh())
    return F.cross_entropy(model(X), y), model


@planted("bounded-logits")
def sigmoid_before_cross_entropy():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=rng), nn.ReLU(), nn.Flatten(),
        nn.Linear(144, 4, rng=rng), nn.Sigmoid(),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@planted("bounded-logits")
def tanh_before_the_loss_of_two_classes():
    X, y = blobs(classes=2)
    w = Tensor(generator().standard_normal(6))
    return ag.binary_cross_entropy_with_logits(np.tanh(X @ w), y * 1.0)


@planted("relu-before-loss")
def relu_after_the_last_layer():
    X, y = blobs()
    model = nn.Sequential(*mlp(6, 16, 3), nn.ReLU())
    return F.cross_entropy(model(X), y), model


@planted("relu-before-loss")
def maximum_before_log_probabilities():
    X, y = blobs()
    W = Tensor(generator().standard_normal((6, 3)), name="W")
    return ag.nll_loss(ag.log_softmax(np.maximum(X @ W, 0), axis=1), y)


@planted("relu-before-loss")
def relu_before_the_sigmoid():
    X, y = blobs(classes=2)
    model = nn.Sequential(*mlp(6, 16, 1), nn.ReLU(), nn.Sigmoid())
    return F.binary_cross_entropy(model(X)[:, 0], y * 1.0), model


@planted("single-class")
def cross_entropy_of_one_output():
    X, _ = blobs()
    model = mlp(6, 10, 1)
    return F.cross_entropy(model(X), np.zeros(48, int)), model


@planted("single-class")
def softmax_of_one_output():
    X, y = line()
    model = nn.Sequential(*mlp(3, 10, 1), nn.Softmax(axis=1))
    return F.mse_loss(model(X), (y > 0) * 1.0), model


@planted("single-class")
def softmax_by_hand_of_one_output():
    X, y = blobs(classes=2)
    E = np.exp(X @ Tensor(generator().standard_normal((6, 1)), name="w"))
    p = E / E.sum(axis=1, keepdims=True)
    return np.mean((p - y[:, None]) ** 2)


@planted("softmax-axis")
def softmax_over_the_samples():
    X, y = blobs()
    model = mlp(6, 10, 3)
    logs = F.log_softmax(model(X), axis=0)
    return -np.mean(np.sum(one_hot(y, 3) * logs, axis=1)), model


@planted("softmax-axis")
def log_probabilities_over_the_samples():
    X, y = blobs()
    model = nn.Sequential(*mlp(6, 10, 3), nn.LogSoftmax(axis=0))
    return F.nll_loss(model(X), y), model


@planted("softmax-axis")
def columns_normalised_like_rows():
    X, y = blobs()
    W = Tensor(generator().standard_normal((3, 6)), name="W")
    A = ag.softmax(W @ X.T, axis=1)
    return np.mean((A - one_hot(y, 3).T) ** 2)


@planted("targets-outside-0-1")
def signs_as_targets():
    X, y = blobs(classes=2)
    model = mlp(6, 8, 1)
    signs = 2.0 * y[:, None] - 1
    return nn.BCEWithLogitsLoss()(model(X), signs), model


@planted("targets-outside-0-1")
def pixels_up_to_255():
    X = np.round(images()[0].reshape(8, 64) * 255)
    model = nn.Sequential(*mlp(64, 8, 64), nn.Sigmoid())
    return F.binary_cross_entropy(model(X / 255), X), model


@planted("targets-outside-0-1")
def classes_one_and_two_by_hand():
    X, y = blobs(classes=2)
    y = y + 1
    p = ag.sigmoid(X @ Tensor(np.zeros(6), name="w"))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@planted("probabilities-in-kl")
def divergence_of_probabilities():
    X, y = blobs()
    model = mlp(6, 10, 3)
    target = 0.8 * one_hot(y, 3) + 0.2 / 3
    return F.kl_div(F.softmax(model(X), axis=1), target, "batchmean"), model


@planted("probabilities-in-kl")
def divergence_of_a_softmax_by_hand():
    X, y = blobs()
    E = np.exp(X @ Tensor(generator().standard_normal((6, 3)), name="W"))
    return ag.kl_div(E / E.sum(axis=1, keepdims=True), one_hot(y, 3))


@planted("unreachable-target")
def sigmoid_for_standardised_targets():
    X, y = line()
    model = nn.Sequential(*mlp(3, 16, 1), nn.Sigmoid())
    return F.mse_loss(model(X), (y - y.mean()) / y.std()), model


@planted("unreachable-target")
def relu_for_targets_of_both_signs():
    X, y = line()
    W = Tensor(generator().standard_normal((3, 1)), name="W")
    return np.mean((ag.relu(X @ W + 0.1) - y) ** 2)


@planted("unreachable-target")
def tanh_for_prices():
    X, y = line()
    model = nn.Sequential(*mlp(3, 16, 1, activation=nn.Tanh), nn.Tanh())
    return F.l1_loss(model(X), 50 + 10 * y), model


@planted("compared-with-itself")
def prediction_as_its_own_target():
    X, _ = line()
    model = mlp(3, 8, 1)
    prediction = model(X)
    return F.mse_loss(prediction, prediction), model


@planted("broadcast")
def column_of_predictions_and_vector_of_targets():
    X, y = line()
    W, b = Tensor(np.zeros((3, 1)), name="W"), Tensor(0.0, name="b")
    return np.mean((X @ W + b - y[:, 0]) ** 2)


@planted("broadcast")
def vector_of_predictions_and_column_of_targets():
    X, y = line()
    w = Tensor(np.zeros(3), name="w")
    return np.mean(np.abs(y - X @ w))


@planted("broadcast")
def network_with_a_column_and_a_vector():
    X, y = line()
    model = mlp(3, 16, 1)
    return np.sum(np.square(model(X) - y.ravel())) / len(y), model


@planted("broadcast")
def weights_of_samples():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="w")
    importance = generator().random(40)
    return np.mean(importance * (X @ w - y) ** 2)


@planted("broadcast")
def cross_entropy_of_two_classes_by_hand():
    X, y = blobs(classes=2)
    p = ag.sigmoid(X @ Tensor(np.zeros((6, 1)), name="w"))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@planted("broadcast")
def targets_in_a_tensor():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="w")
    target = Tensor(y.ravel(), name="target")
    error = X @ w - target
    return (error * error).mean()


@planted("loss-not-scalar")
def mean_over_the_wrong_axis():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="w")
    return np.mean((X @ w - y) ** 2, axis=1)


@planted("loss-not-scalar")
def loss_without_a_mean():
    X, y = blobs()
    model = mlp(6, 8, 3)
    return F.cross_entropy(model(X), y, reduction="none"), model


@planted("loss-not-scalar")
def sum_over_the_samples_only():
    X, y = blobs()
    model = mlp(6, 8, 3)
    return np.sum((F.softmax(model(X), axis=1) - one_hot(y, 3)) ** 2, axis=0), model


@pytest.mark.parametrize(
    ("script", "kind"), PLANTED, ids=[script.__name__ for script, _ in PLANTED]
)
def test_the_mistake_is_named_and_nothing_else(script, kind):
    found = viz.lint(*result(script))
    assert {finding.kind for finding in found} == {kind}, str(found)
