"""M3: the article's two-layer network of sigmoids, samples in columns, float64."""

import numpy as np

from .problem import FLOAT64_TOLERANCE, Problem


def article(features: int = 64, hidden: int = 32, samples: int = 256) -> Problem:
    """Draw ``A1 = sigmoid(W1 X + b1)``, ``A2 = sigmoid(W2 A1 + b2)``.

    The loss is ``-sum(Y log A2 + (1 - Y) log(1 - A2)) / m``, written out so. ``X`` is
    (features, samples), ``Y`` (1, samples), ``W1`` (hidden, features), ``b1``
    (hidden, 1), ``W2`` (1, hidden), ``b2`` (1, 1).
    """
    rng = np.random.default_rng(0)
    data = {
        "X": rng.standard_normal((features, samples)),
        "Y": rng.integers(0, 2, (1, samples)).astype(float),
    }
    parameters = {
        "W1": rng.standard_normal((hidden, features)) / np.sqrt(features),
        "b1": np.zeros((hidden, 1)),
        "W2": rng.standard_normal((1, hidden)) / np.sqrt(hidden),
        "b2": np.zeros((1, 1)),
    }
    title = f"the article's net {features}-{hidden}-1, {samples} samples, float64"
    return Problem("M3", title, data, parameters, FLOAT64_TOLERANCE)
