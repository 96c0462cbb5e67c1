"""Right code, written with layers: the linter must find nothing in it."""

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
import viz
from autograd import Tensor, no_grad
from tests.viz.lint.cases import blobs, generator, images, line, mlp, one_hot, train

CLEAN: list = []


def clean(script):
    CLEAN.append(script)
    return script


@clean
def classifier():
    X, y = blobs()
    model = mlp(6, 16, 16, 3)
    return nn.CrossEntropyLoss()(model(X), y), model


@clean
def trained_classifier():
    X, y = blobs()
    model = mlp(6, 16, 3)
    return train(model, nn.CrossEntropyLoss(), X, y, steps=200), model


@clean
def after_the_step_of_the_optimiser():
    X, y = blobs()
    model = mlp(6, 16, 3, activation=nn.Tanh)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    loss = nn.CrossEntropyLoss()(model(X), y)
    loss.backward()
    optimizer.step()
    return loss, model


@clean
def deep_network_on_positive_data():
    X, y = blobs(64)
    model = mlp(6, *[32] * 8, 3)
    return nn.CrossEntropyLoss()(model(np.abs(X)), y), model


@clean
def solved_problem_with_certain_outputs():
    X = np.concatenate([np.full((16, 2), 4.0), np.full((16, 2), -4.0)])
    y = np.repeat([[1.0], [0.0]], 16, axis=0)
    model = mlp(2, 8, 1, activation=nn.Tanh)
    return train(model, nn.BCEWithLogitsLoss(), X, y, steps=300, lr=0.5), model


@clean
def several_labels_with_sigmoid_and_its_loss():
    X, _ = blobs()
    Y = (generator().random((48, 4)) < 0.3).astype(float)
    model = nn.Sequential(*mlp(6, 10, 4), nn.Sigmoid())
    return nn.BCELoss()(model(X), Y), model


@clean
def unbalanced_classes():
    X, y = blobs(classes=2)
    model = mlp(6, 8, 1)
    return F.binary_cross_entropy_with_logits(
        model(X), y[:, None].astype(float), pos_weight=3.0
    ), model


@clean
def log_probabilities_and_their_loss():
    X, y = blobs()
    model = nn.Sequential(*mlp(6, 10, 3), nn.LogSoftmax(axis=1))
    return nn.NLLLoss()(model(X), y), model


@clean
def smoothed_labels_and_weights_of_classes():
    X, y = blobs()
    model = mlp(6, 10, 3)
    loss = nn.CrossEntropyLoss(weight=np.array([1.0, 2.0, 0.5]), label_smoothing=0.1)
    return loss(model(X), y), model


@clean
def probabilities_as_targets():
    X, y = blobs()
    model = mlp(6, 10, 3)
    return F.cross_entropy(model(X), 0.9 * one_hot(y, 3) + 0.1 / 3), model


@clean
def regression():
    X, y = line()
    model = mlp(3, 16, 1, activation=nn.Tanh)
    return nn.HuberLoss()(model(X), y), model


@clean
def policy_and_value():
    X, y = blobs()
    rng = generator()
    body, policy, value = mlp(6, 12), mlp(12, 3), mlp(12, 1)
    model = nn.ModuleList([body, policy, value])
    h = np.tanh(body(X))
    returns = rng.standard_normal(48)
    loss = F.cross_entropy(policy(h), y) + F.mse_loss(value(h)[:, 0], returns)
    return loss, model


@clean
def penalties():
    X, y = blobs()
    model = mlp(6, 16, 3)
    squares = sum(np.sum(p * p) for p in model.parameters())
    absolutes = sum(np.sum(np.abs(p)) for p in model.parameters())
    return F.cross_entropy(model(X), y) + 1e-3 * squares + 1e-4 * absolutes, model


@clean
def autoencoder_of_pixels():
    X, _ = images()
    X = X.reshape(8, -1)
    model = nn.Sequential(
        *mlp(64, 32, 4), nn.ReLU(), *mlp(4, 32, 64, seed=1), nn.Sigmoid()
    )
    return F.mse_loss(model(X), X), model


@clean
def linear_bottleneck():
    X, y = blobs(features=12)
    rng = generator()
    model = nn.Sequential(
        nn.Linear(12, 2, rng=rng), nn.Linear(2, 12, rng=rng), nn.ReLU(),
        nn.Linear(12, 3, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


class VariationalAutoencoder(nn.Module):
    def __init__(self, rng):
        self.body = nn.Linear(64, 32, rng=rng)
        self.mean = nn.Linear(32, 4, rng=rng)
        self.log_variance = nn.Linear(32, 4, rng=rng)
        self.decoder = nn.Sequential(
            nn.Linear(4, 32, rng=rng), nn.ReLU(), nn.Linear(32, 64, rng=rng)
        )
        self.rng = rng

    def forward(self, x):
        h = F.relu(self.body(x))
        mean, log_variance = self.mean(h), self.log_variance(h)
        noise = self.rng.standard_normal(mean.shape).astype(np.float32)
        code = mean + np.exp(0.5 * log_variance) * noise
        return self.decoder(code), mean, log_variance


@clean
def variational_autoencoder():
    X = images()[0].reshape(8, 64).astype(np.float32)
    model = VariationalAutoencoder(generator())
    logits, mean, log_variance = model(X)
    divergence = -0.5 * np.mean(1 + log_variance - mean**2 - np.exp(log_variance))
    return F.binary_cross_entropy_with_logits(logits, X) + divergence, model


@clean
def convolutional_network():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, rng=rng), nn.ReLU(), nn.Flatten(),
        nn.Linear(32, 16, rng=rng), nn.ReLU(), nn.Linear(16, 4, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@clean
def pooling_as_the_activation():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=rng), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3, rng=rng),
        nn.MaxPool2d(1), nn.Flatten(), nn.Linear(4, 4, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@clean
def separable_convolution():
    X, y = images(channels=3)
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(3, 3, 3, padding=1, groups=3, rng=rng), nn.Conv2d(3, 8, 1, rng=rng),
        nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(8, 4, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@clean
def factorised_kernels():
    X, y = images()
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(1, 4, (1, 3), rng=rng), nn.Conv2d(4, 4, (3, 1), rng=rng), nn.ReLU(),
        nn.Flatten(), nn.Linear(144, 4, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


@clean
def other_normalisations():
    X, y = images(channels=4)
    rng = generator()
    model = nn.Sequential(
        nn.Conv2d(4, 8, 3, rng=rng), nn.GroupNorm(2, 8), nn.GELU(),
        nn.Conv2d(8, 8, 3, rng=rng), nn.InstanceNorm2d(8), nn.LeakyReLU(),
        nn.Flatten(), nn.Linear(128, 4, rng=rng),
    )  # fmt: skip
    return F.cross_entropy(model(X), y), model


class Sequence(nn.Module):
    def __init__(self, cell, width, rng):
        self.cell = cell
        self.head = nn.Linear(width, 3, rng=rng)

    def forward(self, x):
        outputs, _ = self.cell(x)
        return self.head(outputs[-1])


def sequences(kind, **options):
    rng = generator()
    directions = 2 if options.get("bidirectional") else 1
    model = Sequence(kind(5, 8, rng=rng, **options), 8 * directions, rng)
    X, y = rng.standard_normal((12, 6, 5)), rng.integers(0, 3, 6)
    return F.cross_entropy(model(X), y), model


@clean
def long_short_term_memory():
    return sequences(nn.LSTM, num_layers=2, dropout=0.2)


@clean
def gated_units_in_both_directions():
    return sequences(nn.GRU, bidirectional=True)


@clean
def simple_recurrent_network():
    return sequences(nn.RNN, nonlinearity="relu")


class Language(nn.Module):
    """A small transformer whose last layer has the weights of its first."""

    def __init__(self, rng, layers=2):
        self.embedding = nn.Embedding(11, 16, rng=rng)
        layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, rng=rng)
        self.encoder = nn.TransformerEncoder(layer, layers)

    def forward(self, tokens):
        h = self.encoder(self.embedding(tokens), is_causal=True)
        return h @ self.embedding.weight.T


@clean
def transformer_with_tied_weights():
    model = Language(generator())
    tokens = generator().integers(0, 11, (4, 9))
    logits = model(tokens[:, :-1])
    return F.cross_entropy(np.swapaxes(logits, 1, 2), tokens[:, 1:]), model


class Residual(nn.Module):
    def __init__(self, rng):
        self.first = nn.Linear(6, 6, rng=rng)
        self.second = nn.Linear(6, 6, rng=rng)
        self.norm = nn.LayerNorm(6)
        self.head = nn.Linear(6, 3, rng=rng)
        nn.init.zeros(self.second.weight)
        nn.init.zeros(self.second.bias)

    def forward(self, x):
        return self.head(self.norm(x + self.second(F.relu(self.first(x)))))


@clean
def residual_block_that_starts_as_the_identity():
    X, y = blobs()
    model = Residual(generator())
    return F.cross_entropy(model(X), y), model


def regularised():
    rng = generator()
    return nn.Sequential(
        nn.Linear(6, 16, rng=rng), nn.BatchNorm1d(16), nn.ReLU(),
        nn.Dropout(0.4, rng=rng), nn.Linear(16, 3, rng=rng),
    )  # fmt: skip


@clean
def dropout_and_batch_normalisation_in_training():
    X, y = blobs()
    model = regularised()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    return loss, model


@clean
def evaluation_without_recording():
    X, y = blobs()
    model = regularised()
    train(model, nn.CrossEntropyLoss(), X, y)
    model.eval()
    with no_grad():
        return F.cross_entropy(model(X), y), model


@clean
def evaluation_that_is_recorded():
    X, y = blobs()
    model = regularised().eval()
    return F.cross_entropy(model(X), y), model


@clean
def dropout_as_a_sample_of_networks():
    X, y = blobs()
    model = regularised().eval()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.train()
    with no_grad():
        return F.cross_entropy(model(X), y), model


@clean
def frozen_first_layers():
    X, y = blobs()
    model = mlp(6, 16, 16, 3)
    model[0].requires_grad_(False)
    model[2].requires_grad_(False)
    return F.cross_entropy(model(X), y), model


@clean
def frozen_batch_normalisation():
    X, y = blobs()
    model = regularised()
    model[1].eval().requires_grad_(False)
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    return loss, model


@clean
def adversarial_example():
    X, y = blobs()
    model = regularised().eval()
    inputs = Tensor(X.astype(np.float32), name="inputs")
    loss = F.cross_entropy(model(inputs), y)
    loss.backward()
    return loss, model


@clean
def accumulated_gradients():
    X, y = blobs()
    model = mlp(6, 16, 3)
    for part in np.split(np.arange(48), 4):
        loss = F.cross_entropy(model(X[part]), y[part]) / 4
        loss.backward()
    return loss, model


@clean
def generator_of_an_adversarial_pair():
    rng = generator()
    made, judge = mlp(4, 16, 6), mlp(6, 16, 1, seed=1)
    fake = made(rng.standard_normal((32, 4)))
    return F.binary_cross_entropy_with_logits(judge(fake), np.ones((32, 1))), made


@clean
def contrast_of_two_views():
    X, _ = blobs(24)
    rng = generator()
    model = mlp(6, 16, 8)
    parts = [model(X + 0.1 * rng.standard_normal(X.shape)) for _ in range(2)]
    a, b = (z / np.sqrt(np.sum(z * z, axis=1, keepdims=True)) for z in parts)
    return F.cross_entropy(a @ b.T / 0.2, np.arange(24)), model


@clean
def recomputed_layers():
    X, y = blobs()
    model = mlp(6, 16, 16, 3)
    head = ag.checkpoint(lambda h: model[4](F.relu(model[2](h))))
    return F.cross_entropy(head(F.relu(model[0](X))), y), model


@clean
def embedding_and_mean():
    rng = generator()
    words, y = rng.integers(0, 50, (8, 6)), rng.integers(0, 3, 8)
    table, head = nn.Embedding(50, 8, rng=rng), nn.Linear(8, 3, rng=rng)
    model = nn.ModuleList([table, head])
    return F.cross_entropy(head(np.mean(table(words), axis=1)), y), model


@pytest.mark.parametrize("script", CLEAN, ids=lambda script: script.__name__)
def test_right_code_has_no_findings(script):
    found = viz.lint(*script())
    assert not found, str(found)
