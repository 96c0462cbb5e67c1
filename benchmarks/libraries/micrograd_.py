"""micrograd, whose numbers are scalars.

Its backward pass recurses once for every node in a chain, deeper than Python allows
without being told: the limit is raised for it.
"""

import sys
from importlib.metadata import version

import numpy as np
from micrograd.engine import Value
from problems.moons import every_scalar, scalar_gradients, scalar_layers, scalar_loss

VERSION = version("micrograd")
to_numpy = np.asarray


def moons(problem):
    """Take the demo's loss, written as there."""
    X, y = problem.data["X"].tolist(), problem.data["y"].tolist()
    layers = scalar_layers(problem, Value)
    parameters = every_scalar(layers)

    def step():
        loss = scalar_loss(layers, [[Value(v) for v in x] for x in X], y)
        for p in parameters:
            p.grad = 0
        loss.backward()
        return loss.data, scalar_gradients(layers, lambda p: p.grad)

    return step


def scalar_chain(problem):
    """Make a node for every sum and every product."""
    x, links = Value(float(problem.parameters["x"])), problem.sizes["links"]
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * links + 1000))

    def step():
        y = Value(0.0)
        for _ in range(links):
            y = y * x + x
        x.grad = 0
        y.backward()
        return y.data, {"x": x.grad}

    return step


STEPS = {"S1": moons, "S2": scalar_chain}
