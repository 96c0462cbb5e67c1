"""M3: the article's two-layer network of sigmoids, samples in columns, float64."""

import numpy as np

from benchmarks.workloads.by_hand import Step, tensors

FEATURES, HIDDEN, SAMPLES = 64, 32, 256


def m3(rng, keep):
    """64-32-1, 256 samples."""
    X = rng.standard_normal((FEATURES, SAMPLES))
    Y = rng.integers(0, 2, (1, SAMPLES)).astype(float)
    values = {
        "W1": rng.standard_normal((HIDDEN, FEATURES)) / 8,
        "b1": np.zeros((HIDDEN, 1)),
        "W2": rng.standard_normal((1, HIDDEN)) / 6,
        "b2": np.zeros((1, 1)),
    }
    p = tensors(values)

    def forward():
        A1 = 1 / (1 + np.exp(-(np.dot(p["W1"], X) + p["b1"])))
        A2 = 1 / (1 + np.exp(-(np.dot(p["W2"], A1) + p["b2"])))
        return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / SAMPLES

    def by_hand():
        A1 = 1 / (1 + np.exp(-(values["W1"] @ X + values["b1"])))
        A2 = 1 / (1 + np.exp(-(values["W2"] @ A1 + values["b2"])))
        cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / SAMPLES
        dZ2 = A2 - Y
        dZ2 /= SAMPLES
        dZ1 = values["W2"].T @ dZ2
        dZ1 *= A1 * (1 - A1)
        return cost, {
            "W1": dZ1 @ X.T,
            "b1": dZ1.sum(axis=1, keepdims=True),
            "W2": dZ2 @ A1.T,
            "b2": dZ2.sum(axis=1, keepdims=True),
        }

    return Step(forward, p, keep), by_hand
