"""M1 and M2: perceptrons with relu and cross entropy."""

import numpy as np

from .pieces import column_sum, softmax_loss


def perceptron(problem):
    """``relu(h @ W.T + b)``, layer by layer."""
    x, y, v = problem.data["x"], problem.data["y"], problem.parameters
    layers = len(v) // 2

    def step():
        activations = [x]
        for k in range(layers):
            z = activations[-1] @ v[f"W{k}"].T
            z += v[f"b{k}"]
            activations.append(np.maximum(z, 0, out=z) if k < layers - 1 else z)
        loss, d = softmax_loss(activations.pop(), y)
        taken = {}
        for k in reversed(range(layers)):
            h = activations[k]
            taken[f"W{k}"], taken[f"b{k}"] = d.T @ h, column_sum(d)
            if k:
                d = d @ v[f"W{k}"]
                d *= h > 0
        return loss, taken

    return step
