"""S1, the network of scalars, as matrices; S2, the chain of scalars, as a loop."""

import numpy as np


def moons(problem):
    """Hinge loss with a penalty, all samples at once."""
    X, y, v = problem.data["X"], problem.data["y"], problem.parameters
    m, penalty = len(X), 1e-4

    def step():
        h0 = X @ v["W0"].T
        h0 += v["b0"]
        np.maximum(h0, 0, out=h0)
        h1 = h0 @ v["W1"].T
        h1 += v["b1"]
        np.maximum(h1, 0, out=h1)
        margin = 1 - y * (h1 @ v["W2"][0] + v["b2"][0])
        np.maximum(margin, 0, out=margin)
        squares = sum(np.vdot(p, p) for p in v.values())
        loss = margin.sum() / m + penalty * squares
        ds = (margin > 0) * y
        ds /= -m
        d1 = ds[:, None] * v["W2"]
        d1 *= h1 > 0
        d0 = d1 @ v["W1"]
        d0 *= h0 > 0
        gradients = {
            "W0": d0.T @ X,
            "b0": d0.sum(axis=0),
            "W1": d1.T @ h0,
            "b1": d1.sum(axis=0),
            "W2": (ds @ h1)[None],
            "b2": ds.sum(keepdims=True),
        }
        for name, gradient in gradients.items():
            gradient += 2 * penalty * v[name]
        return loss, gradients

    return step


def scalar_chain(problem):
    """Loop over Python's own numbers; the derivative needs every y before it."""
    x, links = float(problem.parameters["x"]), problem.sizes["links"]

    def step():
        y, seen = 0.0, []
        for _ in range(links):
            seen.append(y)
            y = y * x + x
        d, dx = 1.0, 0.0
        for before in reversed(seen):
            dx += d * (before + 1.0)
            d *= x
        return y, {"x": dx}

    return step
