"""Scripts with one mistake each, inside the network or around it."""

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
import viz
from autograd import Tensor, no_grad
from tests.viz.lint.cases import (
    blobs,
    generator,
    images,
    line,
    mlp,
    planting,
    result,
)

PLANTED: list = []
planted = planting(PLANTED)


class Forgetful(nn.Module):
    """A network with a second layer that forward leaves out."""

    def __init__(self, rng):
        self.first = nn.Linear(6, 16, rng=rng)
        self.second = nn.Linear(16, 16, rng=rng)
        self.last = nn.Linear(16, 3, rng=rng)

    def forward(self, x):
        return self.last(np.tanh(self.first(x)))


@planted("unused-parameters")
def layer_that_forward_leaves_out():
    X, y = blobs()
    model = Forgetful(generator())
    return F.cross_entropy(model(X), y), model


@planted("unused-parameters")
def features_that_left_the_graph():
    X, y = blobs()
    model = mlp(6, 16, 16, 3)
    h = model[1](model[0](X)).detach()
    return F.cross_entropy(model[4](model[3](model[2](h))), y), model


@planted("unused-parameters")
def hidden_layer_of_the_wrong_input():
    X, y = blobs()
    first, second, last = mlp(6, 6), mlp(6, 8), mlp(8, 3)
    F.relu(first(X))
    loss = F.cross_entropy(last(F.relu(second(X))), y)
    return loss, nn.ModuleList([first, second, last])


@planted("unused-parameters")
def state_that_is_made_anew():
    rng = generator()
    cell, head = nn.RNNCell(4, 8, rng=rng), nn.Linear(4, 1, rng=rng)
    for x in rng.standard_normal((5, 3, 4)):
        cell(x)
    return F.mse_loss(head(x), np.ones((3, 1))), nn.ModuleList([cell, head])


@planted("no-slope")
def rounded_prediction():
    X, y = line()
    w = Tensor(generator().standard_normal((3, 1)), name="w")
    return np.mean((np.round(X @ w) - np.round(y)) ** 2)


@planted("no-slope")
def sign_as_activation():
    X, y = blobs()
    model = mlp(6, 16, 3)
    return F.cross_entropy(model[2](np.sign(model[0](X))), y), model


@planted("no-slope")
def whole_quotient():
    X, y = line()
    w = Tensor(generator().standard_normal(3), name="w")
    return np.mean((X @ w // 0.5 - y[:, 0]) ** 2)


@planted("symmetric-units")
def all_weights_zero():
    X, y = blobs()
    W1, b1 = Tensor(np.zeros((6, 8)), name="W1"), Tensor(np.zeros(8), name="b1")
    W2, b2 = Tensor(np.zeros((8, 3)), name="W2"), Tensor(np.zeros(3), name="b2")
    return ag.cross_entropy(np.tanh(X @ W1 + b1) @ W2 + b2, y)


@planted("symmetric-units")
def all_weights_equal():
    X, y = blobs()
    model = mlp(6, 8, 3)
    for p in model.parameters():
        nn.init.constant(p, 0.1)
    return F.cross_entropy(model(X), y), model


@planted("symmetric-units")
def weights_zero_in_columns():
    X, y = blobs(classes=2)
    W1, b1 = Tensor(np.full((4, 6), 0.5), name="W1"), Tensor(np.zeros((4, 1)))
    W2, b2 = Tensor(np.full((1, 4), 0.5), name="W2"), Tensor(np.zeros((1, 1)))
    A1 = ag.sigmoid(W1 @ X.T + b1)
    A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
    return -np.mean(y * np.log(A2) + (1 - y) * np.log(1 - A2))


@planted("symmetric-units")
def equal_filters():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=rng), nn.Tanh(), nn.Conv2d(4, 4, 3, rng=rng),
        nn.ReLU(), nn.Flatten(), nn.Linear(64, 4, rng=rng),
    )  # fmt: skip
    for layer in (model[0], model[2]):
        nn.init.constant(layer.weight, 0.05)
        nn.init.zeros(layer.bias)
    return F.cross_entropy(model(X), y), model


@planted("missing-activation")
def layers_one_after_the_other():
    X, y = blobs()
    rng = generator()
    model = nn.Sequential(nn.Linear(6, 16, rng=rng), nn.Linear(16, 3, rng=rng))
    return F.cross_entropy(model(X), y), model


@planted("missing-activation")
def products_one_after_the_other():
    X, y = line()
    rng = generator()
    W1, b1 = Tensor(rng.standard_normal((3, 8)), name="W1"), Tensor(np.zeros(8))
    W2, b2 = Tensor(rng.standard_normal((8, 1)), name="W2"), Tensor(np.zeros(1))
    return np.mean(((X @ W1 + b1) @ W2 + b2 - y) ** 2)


@planted("missing-activation")
def activation_forgotten_in_columns():
    X, y = blobs(classes=2)
    rng = generator()
    W1, b1 = Tensor(rng.standard_normal((5, 6)), name="W1"), Tensor(np.zeros((5, 1)))
    W2, b2 = Tensor(rng.standard_normal((1, 5)), name="W2"), Tensor(np.zeros((1, 1)))
    Z = np.dot(W2, np.dot(W1, X.T) + b1) + b2
    return ag.binary_cross_entropy_with_logits(Z, y[None] * 1.0)


@planted("missing-activation")
def convolutions_one_after_the_other():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=rng), nn.Conv2d(4, 4, 3, rng=rng), nn.ReLU(),
        nn.Flatten(), nn.Linear(64, 4, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@planted("missing-activation")
def flat_image_without_activation():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=rng), nn.Flatten(), nn.Linear(144, 32, rng=rng),
        nn.ReLU(), nn.Linear(32, 4, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@planted("missing-activation")
def dropout_is_no_activation():
    X, y = blobs()
    rng = generator()
    model = nn.Sequential(
        nn.Linear(6, 16, rng=rng), nn.Dropout(0.3, rng=rng), nn.Linear(16, 8, rng=rng),
        nn.Tanh(), nn.Linear(8, 3, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@planted("missing-activation")
def feed_forward_of_a_transformer():
    rng = generator()
    layer = nn.TransformerEncoderLayer(
        8, 2, 32, activation=lambda x: x, batch_first=True, rng=rng
    )
    return np.mean(layer(rng.standard_normal((2, 5, 8))) ** 2), layer


@planted("norm-of-one")
def standardised_single_number():
    X, y = line()
    w = Tensor(np.ones((3, 1)), name="w")
    z = ag.standardize(X @ w, axes=(1,))
    return np.mean((z - y) ** 2)


@planted("dead-relu")
def large_negative_bias():
    X, y = blobs()
    model = mlp(6, 16, 3)
    nn.init.constant(model[0].bias, -30.0)
    return F.cross_entropy(model(X), y), model


@planted("dead-relu")
def dead_by_hand():
    X, y = blobs()
    rng = generator()
    W1, b1 = Tensor(rng.standard_normal((8, 6)), name="W1"), Tensor(np.zeros((8, 1)))
    W2 = Tensor(rng.standard_normal((3, 8)), name="W2")
    b1.data -= 40.0
    A1 = np.maximum(0, np.dot(W1, X.T) + b1)
    return ag.cross_entropy(np.dot(W2, A1).T, y)


@planted("dead-relu")
def some_dead_units():
    X, y = blobs()
    model = mlp(6, 32, 16, 3)
    model[0].bias.data[:5] = -100.0
    return F.cross_entropy(model(X), y), model


@planted("dead-relu")
def dead_filters():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(72, 4, rng=rng),
    )  # fmt: skip
    nn.init.constant(model[0].bias, -5.0)
    return F.cross_entropy(model(X), y), model


@planted("saturated")
def data_that_are_not_standardised():
    X, y = blobs()
    model = mlp(6, 16, 3, activation=nn.Tanh)
    return F.cross_entropy(model(X * 1000), y), model


@planted("saturated")
def weights_that_are_too_large():
    X, y = blobs(classes=2)
    rng = generator()
    W1, W2 = Tensor(rng.standard_normal((8, 6)) * 200), Tensor(np.ones((1, 8)) * 0.1)
    A1 = 1 / (1 + np.exp(-np.dot(W1, X.T).clip(-500, 500)))
    return ag.binary_cross_entropy_with_logits(np.dot(W2, A1), y[None] * 1.0)


@planted("saturated")
def recurrent_state_at_its_limits():
    rng = generator()
    cell, head = nn.RNN(4, 8, rng=rng), nn.Linear(8, 1, rng=rng)
    outputs, _ = cell(rng.standard_normal((9, 5, 4)) * 1000)
    loss = F.mse_loss(head(outputs[-1]), np.ones((5, 1)))
    return loss, nn.ModuleList([cell, head])


@planted("saturated")
def sigmoid_of_years():
    X, y = blobs()
    model = mlp(6, 16, 3, activation=nn.Sigmoid)
    return F.cross_entropy(model(X + 1950), y), model


@planted("exploding-values")
def ten_layers_with_large_weights():
    X, y = line()
    rng = generator()
    h, widths = X, [3, *[64] * 10, 1]
    for k in range(11):
        W = Tensor(rng.standard_normal(widths[k : k + 2]), name=f"W{k}")
        h = h @ W if k == 10 else ag.relu(h @ W)
    return np.mean((h - y) ** 2)


@planted("exploding-values")
def recurrence_that_grows():
    rng = generator()
    Wx = Tensor(rng.standard_normal((3, 16)), name="Wx")
    Wh = Tensor(rng.standard_normal((16, 16)), name="Wh")
    h = np.zeros((4, 16))
    for x in rng.standard_normal((20, 4, 3)):
        h = ag.relu(x @ Wx + h @ Wh)
    return np.mean(h**2)


@planted("exploding-values")
def network_with_unit_weights():
    X, y = blobs()
    model = mlp(6, *[50] * 7, 3)
    for name, p in model.named_parameters():
        if name.endswith("weight"):
            nn.init.normal(p, 0.0, 1.0, rng=generator(len(name)))
    return F.cross_entropy(model(X), y), model


@planted("non-finite")
def logarithm_of_zero():
    X, y = blobs(classes=2)
    p = ag.sigmoid(X @ Tensor(np.full(6, 500.0), name="w"))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@planted("non-finite")
def guarded_too_late():
    x = np.array([0.0, 1.0, 2.0])
    w = Tensor([1.0, 1.0, 1.0], name="w")
    return np.sum(np.where(x > 0, np.log(w * x), 0.0))


@planted("non-finite")
def exponential_that_overflows():
    X, _ = blobs()
    W = Tensor(generator().standard_normal((6, 3)), name="W")
    return np.mean(np.log(1 + np.exp(X @ W * 1000)))


@planted("non-finite")
def missing_values_in_the_data():
    X, y = line()
    X[3, 1] = np.nan
    model = mlp(3, 8, 1)
    return F.mse_loss(model(X), y), model


@planted("infinite-slope")
def distance_of_equal_points():
    X, _ = blobs(10)
    Z = X @ Tensor(generator().standard_normal((6, 2)), name="W")
    squares = np.sum((Z[:, None] - Z[None]) ** 2, axis=2)
    return np.mean(np.sqrt(squares))


@planted("infinite-slope")
def root_of_an_error_that_is_zero():
    w = Tensor([1.0, 2.0], name="w")
    return np.sqrt(np.mean((w - np.array([1.0, 2.0])) ** 2))


@planted("growing-graph")
def running_total_of_losses():
    X, y = blobs()
    model = mlp(6, 8, 3)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    total = 0.0
    for part in np.split(np.arange(48), 4):
        loss = F.cross_entropy(model(X[part]), y[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total = total + loss
    return total, model


@planted("growing-graph")
def mean_of_the_losses_of_an_epoch():
    X, y = line()
    w, losses = Tensor(np.zeros((3, 1)), name="w"), []
    for _ in range(5):
        loss = np.mean((X @ w - y) ** 2)
        loss.backward(keep="leaves")
        w.data -= 0.1 * w.grad
        w.zero_grad()
        losses.append(loss)
    return np.mean(ag.stack(losses))


@planted("growing-graph")
def total_before_the_step():
    X, y = line()
    w, b = Tensor(np.zeros((3, 1)), name="w"), Tensor(0.0, name="b")
    total = Tensor(0.0, requires_grad=False)
    for start in range(0, 40, 10):
        rows = slice(start, start + 10)
        for p in (w, b):
            if p.grad is not None:
                p.data -= 0.1 * p.grad
                p.zero_grad()
        loss = np.mean((X[rows] @ w + b - y[rows]) ** 2)
        loss.backward(keep="leaves")
        total += loss
    return total


@planted("growing-graph")
def update_that_is_recorded():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="w")
    for _ in range(30):
        loss = np.mean((X @ w - y) ** 2)
        loss.backward()
        w = w - 0.1 * w.grad
    return loss


@planted("growing-graph")
def state_carried_from_batch_to_batch():
    rng = generator()
    cell, head = nn.GRUCell(3, 6, rng=rng), nn.Linear(6, 1, rng=rng)
    model = nn.ModuleList([cell, head])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    batches = rng.standard_normal((2, 5, 3))
    h = cell(batches[0])
    F.mse_loss(head(h), np.ones((5, 1))).backward()
    optimizer.step()
    loss = F.mse_loss(head(cell(batches[1], h)), np.ones((5, 1)))
    return loss, model


def regularised(norm=True):
    rng = generator()
    middle = [nn.BatchNorm1d(16)] if norm else [nn.Dropout(0.5, rng=rng)]
    return nn.Sequential(
        nn.Linear(6, 16, rng=rng), *middle, nn.ReLU(), nn.Linear(16, 3, rng=rng)
    )


@planted("training-mode-in-evaluation")
def dropout_while_validating():
    X, y = blobs()
    model = regularised(norm=False)
    with no_grad():
        return F.cross_entropy(model(X), y), model


@planted("training-mode-in-evaluation")
def batch_normalisation_while_validating():
    X, y = blobs()
    model = regularised()
    with no_grad():
        return F.cross_entropy(model(X), y), model


@planted("training-mode-in-evaluation")
def flag_of_the_outermost_module_only():
    X, y = blobs()
    model = regularised(norm=False)
    model.training = False
    return F.cross_entropy(model(X), y), model


@planted("training-mode-in-evaluation")
def dropout_function_that_never_stops():
    X, y = blobs()

    class Net(nn.Module):
        def __init__(self, rng):
            self.first = nn.Linear(6, 16, rng=rng)
            self.last = nn.Linear(16, 3, rng=rng)
            self.rng = rng

        def forward(self, x):
            return self.last(F.dropout(F.relu(self.first(x)), 0.5, rng=self.rng))

    model = Net(generator()).eval()
    return F.cross_entropy(model(X), y), model


@planted("evaluation-mode-in-training")
def training_goes_on_after_validation():
    X, y = blobs()
    model = regularised().eval()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    optimizer.step()
    return loss, model


@planted("evaluation-mode-in-training")
def dropout_that_is_off():
    X, y = blobs()
    model = regularised(norm=False).eval()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    return loss, model


@pytest.mark.parametrize(
    ("script", "kind"), PLANTED, ids=[script.__name__ for script, _ in PLANTED]
)
def test_the_mistake_is_named_and_nothing_else(script, kind):
    found = viz.lint(*result(script))
    assert {finding.kind for finding in found} == {kind}, str(found)
