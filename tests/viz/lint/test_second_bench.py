"""Scripts that were written after the checks; only then were the checks mended."""

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
import viz
from autograd import Tensor, no_grad
from tests.viz.lint.cases import blobs, generator, images, line, mlp, planting, result

PLANTED: list = []
CLEAN: list = []
planted = planting(PLANTED)


def clean(script):
    CLEAN.append(script)
    return script


@planted("softmax-before-cross-entropy")
def language_model_with_probabilities():
    rng = generator()
    table, head = nn.Embedding(13, 8, rng=rng), nn.Linear(8, 13, rng=rng)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, rng=rng)
    tokens = rng.integers(0, 13, (4, 7))
    p = F.softmax(head(layer(table(tokens[:, :-1]), is_causal=True)), axis=-1)
    loss = F.cross_entropy(np.swapaxes(p, 1, 2), tokens[:, 1:])
    return loss, nn.ModuleList([table, layer, head])


@planted("log-of-softmax")
def actor_and_critic():
    rng = generator()
    body, actor, critic = mlp(4, 16), mlp(16, 3), mlp(16, 1)
    h = np.tanh(body(rng.standard_normal((10, 4))))
    chosen = F.softmax(actor(h), axis=-1)[np.arange(10), rng.integers(0, 3, 10)]
    advantage = rng.standard_normal(10)
    loss = -np.mean(np.log(chosen) * advantage) + 0.5 * np.mean(critic(h) ** 2)
    return loss, nn.ModuleList([body, actor, critic])


@planted("sigmoid-before-bce-with-logits")
def sigmoid_with_two_exponentials():
    X, y = blobs(classes=2)
    z = X @ Tensor(generator().standard_normal(6), name="w")
    p = np.exp(z) / (1 + np.exp(z))
    return ag.binary_cross_entropy_with_logits(p, y * 1.0)


@planted("log-of-softmax")
def softmax_by_a_factor():
    X, y = blobs()
    powers = np.exp(X @ Tensor(generator().standard_normal((6, 3)), name="W"))
    factor = 1 / np.sum(powers, axis=1, keepdims=True)
    return -np.mean(np.log(powers * factor)[np.arange(48), y])


@planted("single-class")
def log_probabilities_of_one_class():
    X, _ = blobs()
    model = nn.Sequential(*mlp(6, 8, 1), nn.LogSoftmax(axis=1))
    return F.nll_loss(model(X), np.zeros(48, int)), model


@planted("broadcast")
def sum_over_one_axis_and_then_the_other():
    X, y = line()
    model = mlp(3, 8, 1)
    return np.mean(np.sum((y[:, 0] - model(X)) ** 2, axis=0)), model


@planted("growing-graph")
def total_of_two_epochs():
    X, y = blobs()
    model = mlp(6, 8, 3)
    optimizer, total = nn.optim.Adam(model.parameters(), lr=0.01), 0.0
    for part in 2 * np.split(np.arange(48), 3):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X[part]), y[part])
        loss.backward(keep="leaves")
        optimizer.step()
        total += loss
    return total / 6, model


@planted("growing-graph")
def state_of_a_recurrence_by_hand():
    rng = generator()
    Wx = Tensor(rng.standard_normal((3, 4)), name="Wx")
    Wh = Tensor(rng.standard_normal((4, 4)) * 0.3, name="Wh")
    h = np.zeros((2, 4))
    for x in rng.standard_normal((3, 2, 3)):
        with no_grad():
            Wh -= 0.01 * np.sign(Wh.data)
        h = np.tanh(x @ Wx + h @ Wh)
    return np.mean(h**2)


@planted("broadcast")
def huber_loss_by_hand():
    X, y = line()
    model = mlp(3, 8, 1)
    d = np.abs(model(X) - y[:, 0])
    return np.mean(ag.where(d.data < 1, 0.5 * d * d, d - 0.5)), model


@planted("missing-activation")
def two_convolutions_of_a_signal():
    rng = generator()
    model = nn.Sequential(
        nn.Conv1d(2, 8, 5, rng=rng), nn.Conv1d(8, 8, 5, rng=rng), nn.ReLU(),
        nn.Flatten(), nn.Linear(64, 3, rng=rng),
    )  # fmt: skip
    X = rng.standard_normal((10, 2, 16))
    return F.cross_entropy(model(X), rng.integers(0, 3, 10)), model


class WithoutPositions(nn.Module):
    def __init__(self, rng):
        self.table = nn.Embedding(9, 8, rng=rng)
        self.positions = nn.Parameter(rng.standard_normal((6, 8)))
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, rng=rng)
        self.head = nn.Linear(8, 2, rng=rng)

    def forward(self, tokens):
        return self.head(np.mean(self.layer(self.table(tokens)), axis=1))


@planted("unused-parameters")
def positions_that_are_not_added():
    rng = generator()
    model = WithoutPositions(rng)
    tokens = rng.integers(0, 9, (5, 6))
    return F.cross_entropy(model(tokens), rng.integers(0, 2, 5)), model


@planted("dead-relu")
def learning_rate_that_killed_the_units():
    X, y = line()
    model = mlp(3, 20, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=30.0)
    for _ in range(3):
        optimizer.zero_grad()
        F.mse_loss(model(np.abs(X)), y + 5).backward()
        optimizer.step()
    return F.mse_loss(model(np.abs(X)), y + 5), model


@planted("saturated")
def pixels_that_were_not_scaled():
    X, y = images(n=12)
    X = X.reshape(12, -1) * 255
    rng = generator()
    W1, b1 = Tensor(rng.standard_normal((64, 30)), name="W1"), Tensor(np.zeros(30))
    W2, b2 = Tensor(rng.standard_normal((30, 4)), name="W2"), Tensor(np.zeros(4))
    return ag.cross_entropy(np.tanh(X @ W1 + b1) @ W2 + b2, y)


@planted("exploding-values")
def residual_blocks_without_normalisation():
    X, y = blobs(features=16)
    rng = generator()
    h = X
    for _ in range(24):
        W = Tensor(rng.standard_normal((16, 16)) * np.sqrt(2 / 16))
        h = h + ag.relu(h @ W)
    return ag.cross_entropy(h @ Tensor(rng.standard_normal((16, 3)) / 4), y)


@planted("growing-graph")
def moving_average_of_the_loss():
    X, y = line()
    model = mlp(3, 8, 1, activation=nn.Tanh)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    average = 0.0
    for _ in range(6):
        loss = F.mse_loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average = 0.9 * average + 0.1 * loss
    return average, model


@planted("symmetric-units")
def three_layers_of_ones():
    X, y = line()
    rng = generator()
    W1, W2 = Tensor(np.ones((3, 6)), name="W1"), Tensor(np.ones((6, 6)), name="W2")
    W3 = Tensor(rng.standard_normal((6, 1)), name="W3")
    h = np.tanh(X @ W1 * 0.1)
    return np.mean((np.tanh(h @ W2) @ W3 - y) ** 2)


@planted("non-finite")
def feature_that_does_not_vary():
    X, y = line()
    X[:, 1] = 7.0
    with np.errstate(all="ignore"):
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = mlp(3, 8, 1)
    return F.mse_loss(model(X), y), model


@planted("infinite-slope")
def norm_of_zero_weights():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="w")
    return np.mean((X @ w - y) ** 2) + 0.1 * np.sqrt(np.sum(w * w))


@planted("training-mode-in-evaluation")
def dropout_between_recurrent_layers():
    rng = generator()
    cell = nn.GRU(4, 8, num_layers=2, dropout=0.5, rng=rng)
    model = nn.ModuleList([cell, nn.Linear(8, 2, rng=rng)])
    with no_grad():
        outputs, _ = cell(rng.standard_normal((5, 6, 4)))
        return F.cross_entropy(model[1](outputs[-1]), rng.integers(0, 2, 6)), model


@planted("targets-outside-0-1")
def three_classes_for_a_loss_of_two():
    X, y = blobs(classes=3)
    model = nn.Sequential(*mlp(6, 8, 1), nn.Sigmoid())
    return F.binary_cross_entropy(model(X)[:, 0], y * 1.0), model


@clean
def mixture_of_densities():
    X, y = line()
    body, heads = mlp(3, 16), mlp(16, 9)
    out = heads(np.tanh(body(X)))
    logs = F.log_softmax(out[:, :3], axis=1)
    mean, log_scale = out[:, 3:6], out[:, 6:]
    normal = -0.5 * ((y - mean) / np.exp(log_scale)) ** 2 - log_scale
    return -np.mean(ag.logsumexp(logs + normal, axis=1)), nn.ModuleList([body, heads])


@clean
def hidden_markov_model():
    rng = generator()
    transition, emission = (
        Tensor(rng.standard_normal((3, 3))),
        Tensor(rng.standard_normal((3, 5))),
    )
    A, B = ag.log_softmax(transition, axis=1), ag.log_softmax(emission, axis=1)
    alpha = np.array([0.0, -np.inf, -np.inf]) + B[:, 0]
    for symbol in rng.integers(0, 5, 12):
        alpha = ag.logsumexp(alpha[:, None] + A, axis=0) + B[:, symbol]
    return -ag.logsumexp(alpha)


@clean
def highway_layers_with_closed_gates():
    X, y = blobs(features=16)
    rng = generator()
    h = X
    for _ in range(6):
        W, V = (Tensor(rng.standard_normal((16, 16)) / 4) for _ in range(2))
        gate = ag.sigmoid(h @ V - 8.0)
        h = gate * np.tanh(h @ W) + (1 - gate) * h
    return ag.cross_entropy(h @ Tensor(rng.standard_normal((16, 3))), y)


@clean
def affine_coupling():
    X, _ = blobs()
    scale, shift = mlp(3, 8, 3), mlp(3, 8, 3, seed=1)
    a, b = X[:, :3], X[:, 3:]
    s = np.tanh(scale(a))
    z = b * np.exp(s) + shift(a)
    loss = np.mean(np.sum(0.5 * z * z, axis=1) - np.sum(s, axis=1))
    return loss, nn.ModuleList([scale, shift])


@clean
def flight_of_a_ball():
    speed = Tensor(20.0, name="speed")
    height = Tensor(0.0, requires_grad=False)
    for _ in range(40):
        height = height + 0.05 * speed
        speed = speed - 9.81 * 0.05
    return (height - 10.0) ** 2


@clean
def weight_normalisation():
    X, y = blobs()
    rng = generator()
    V, g = Tensor(rng.standard_normal((8, 6))), Tensor(np.ones((8, 1)))
    W = g * V / np.sqrt(np.sum(V * V, axis=1, keepdims=True))
    head = Tensor(rng.standard_normal((8, 3)))
    return ag.cross_entropy(ag.relu(X @ W.T) @ head, y)


@clean
def duelling_values():
    rng = generator()
    body, value, advantage = mlp(4, 16), mlp(16, 1), mlp(16, 3)
    states, actions = rng.standard_normal((20, 4)), rng.integers(0, 3, 20)
    h = F.relu(body(states))
    a = advantage(h)
    q = value(h) + a - np.mean(a, axis=1, keepdims=True)
    goal = rng.standard_normal(20)
    loss = F.smooth_l1_loss(q[np.arange(20), actions], goal)
    return loss, nn.ModuleList([body, value, advantage])


@clean
def focal_loss():
    X, y = blobs(classes=2)
    model = mlp(6, 8, 1)
    z = model(X)[:, 0]
    p = F.sigmoid(z)
    logs = y * F.logsigmoid(z) + (1 - y) * F.logsigmoid(-z)
    hardness = (y * (1 - p) + (1 - y) * p) ** 2
    return -np.mean(hardness * logs), model


@clean
def counts():
    X, _ = line()
    y = generator(3).poisson(3.0, (40, 1)).astype(float)
    z = X @ Tensor(np.zeros((3, 1)), name="w") + Tensor(0.0, name="b")
    return np.mean(np.exp(z) - y * z)


@clean
def upsampling_with_a_shortcut():
    X, _ = images(size=8)
    rng = generator()
    down = nn.Conv2d(1, 4, 4, stride=2, padding=1, rng=rng)
    up = nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1, rng=rng)
    out = up(F.relu(down(X))) + X.astype(np.float32)
    loss = F.l1_loss(out, X[:, :, ::-1].astype(np.float32))
    return loss, nn.ModuleList([down, up])


@clean
def code_book():
    X, _ = blobs()
    encoder, decoder = mlp(6, 16, 4), mlp(4, 16, 6)
    book = Tensor(generator().standard_normal((5, 4)), name="book")
    z = encoder(X)
    nearest = np.argmin(((z.data[:, None] - book.data) ** 2).sum(axis=2), axis=1)
    code = book[nearest]
    straight = z + (code - z).detach()
    loss = F.mse_loss(decoder(straight), X) + F.mse_loss(code, z.detach())
    return loss + 0.25 * F.mse_loss(z, code.detach()), nn.ModuleList([encoder, decoder])


@clean
def vision_transformer():
    X, y = images(size=8)
    rng = generator()
    patches = nn.Conv2d(1, 16, 4, stride=4, rng=rng)
    layer = nn.TransformerEncoderLayer(
        16, 2, 32, batch_first=True, norm_first=True, rng=rng
    )
    head = nn.Linear(16, 4, rng=rng)
    h = patches(X)
    h = np.swapaxes(h.reshape(8, 16, 4), 1, 2)
    return F.cross_entropy(head(layer(h)[:, 0]), y), nn.ModuleList(
        [patches, layer, head]
    )


@clean
def recurrence_after_the_step_of_the_optimiser():
    rng = generator()
    cell, head = nn.GRUCell(3, 6, rng=rng), nn.Linear(6, 1, rng=rng)
    model = nn.ModuleList([cell, head])
    optimizer, h = nn.optim.Adam(model.parameters(), lr=0.1), None
    loss = 0.0
    for x in rng.standard_normal((8, 12, 3)):
        h = cell(x, h)
        loss = loss + F.mse_loss(head(h), np.ones((12, 1))) / 8
    loss.backward(keep="leaves")
    optimizer.step()
    return loss, model


@clean
def shared_weights_with_biases_of_their_own():
    X, y = line()
    rng = generator()
    W = Tensor(rng.standard_normal((4, 3)), name="W")
    biases = [Tensor(rng.standard_normal(4), name=f"b{k}") for k in range(2)]
    heads = [Tensor(rng.standard_normal((1, 4)), name=f"V{k}") for k in range(2)]
    loss = sum(
        F.mse_loss(ag.linear(np.tanh(ag.linear(X, W, b)), V), y)
        for b, V in zip(biases, heads, strict=True)
    )
    loss.backward(keep="leaves")
    for p in (W, *biases, *heads):
        p.data -= 0.1 * p.grad
    return loss


@clean
def density_of_a_kernel():
    X, y = line()
    centres = Tensor(np.linspace(-2, 2, 40), name="centres")
    near = np.exp(-((X[:, :1] - centres) ** 2))
    return np.mean((np.sum(near, axis=1) - y[:, 0]) ** 2)


@clean
def triplets():
    X, _ = blobs(30)
    model = mlp(6, 16, 4)
    a, p, n = (model(X[k : k + 10]) for k in (0, 10, 20))
    return F.triplet_margin_loss(a, p, n), model


@clean
def gradients_forgotten_after_an_epoch():
    X, y = images(n=16)
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, rng=rng), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Dropout(0.2, rng=rng), nn.Linear(8, 4, rng=rng),
    )  # fmt: skip
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.01)
    for part in np.split(np.arange(16), 4):
        loss = F.cross_entropy(model(X[part]), y[part])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return loss, model


@clean
def two_views_with_one_network_and_a_frozen_teacher():
    X, _ = blobs()
    student, teacher = mlp(6, 16, 4), mlp(6, 16, 4, seed=1)
    with no_grad():
        goal = teacher(X)
    return F.mse_loss(student(X * 1.01), goal.data), student


@pytest.mark.parametrize(
    ("script", "kind"), PLANTED, ids=[script.__name__ for script, _ in PLANTED]
)
def test_the_mistake_is_named_and_nothing_else(script, kind):
    found = viz.lint(*result(script))
    assert set(found.kinds) == {kind}, str(found)


@pytest.mark.parametrize("script", CLEAN, ids=lambda script: script.__name__)
def test_right_code_has_no_findings(script):
    found = viz.lint(*result(script))
    assert not found, str(found)
