"""Data and small networks that the scripts of the bench share."""

from itertools import pairwise

import numpy as np

import nn


def generator(seed=0):
    return np.random.default_rng(seed)


def blobs(n=48, features=6, classes=3, seed=0):
    """Return points around one centre for each class, and their classes."""
    rng = generator(seed)
    y = rng.integers(0, classes, n)
    centres = rng.standard_normal((classes, features)) * 2
    return centres[y] + rng.standard_normal((n, features)), y


def line(n=40, features=3, seed=0):
    """Return a linear problem: X (n, features), y (n, 1)."""
    rng = generator(seed)
    X = rng.standard_normal((n, features))
    noise = 0.1 * rng.standard_normal((n, 1))
    return X, X @ rng.standard_normal((features, 1)) + noise


def images(n=8, channels=1, size=8, classes=4, seed=0):
    rng = generator(seed)
    return rng.random((n, channels, size, size)), rng.integers(0, classes, n)


def one_hot(y, classes):
    return np.eye(classes)[y]


def mlp(*sizes, activation=nn.ReLU, seed=0, dtype=np.float64):
    """Return fully connected layers with an activation between any two of them."""
    rng, layers = generator(seed), []
    for k, (width, after) in enumerate(pairwise(sizes)):
        layers += [activation()] if k else []
        layers.append(nn.Linear(width, after, rng=rng, dtype=dtype))
    return nn.Sequential(*layers)


def train(model, loss, X, y, steps=30, lr=0.05):
    """Train on all of the data, and return the last loss, of the last weights."""
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model(X), y).backward()
        optimizer.step()
    return loss(model(X), y)


def planting(cases):
    """Return a decorator that adds a script, and the kind of its mistake, to a list."""

    def planted(kind):
        def keep(script):
            cases.append((script, kind))
            return script

        return keep

    return planted


def result(script):
    """Run a script that returns a loss, or a loss and a model; return both."""
    with np.errstate(all="ignore"):
        made = script()
    return made if isinstance(made, tuple) else (made, None)
