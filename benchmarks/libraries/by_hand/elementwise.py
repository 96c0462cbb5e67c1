"""E1 and E1t: a long chain of elementwise operations, a new array for each result."""

import numpy as np


def products(problem):
    """``x = x * b + a - 0.5 * x``, again and again."""
    a, b = problem.parameters["a"], problem.parameters["b"]
    links = problem.sizes["links"]

    def step():
        x, seen = a, []
        for _ in range(links):
            seen.append(x)
            x = x * b + a - 0.5 * x
        d = np.full_like(a, 1 / x.size)
        da, db = np.zeros_like(a), np.zeros_like(b)
        for before in reversed(seen):
            da += d
            db += d * before
            d = d * b - 0.5 * d
        return np.mean(x), {"a": da + d, "b": db}

    return step


def tanhs(problem):
    """``x = tanh(x * b) + a``, again and again."""
    a, b = problem.parameters["a"], problem.parameters["b"]
    links = problem.sizes["links"]

    def step():
        x, seen = a, []
        for _ in range(links):
            t = np.tanh(x * b)
            seen.append((x, t))
            x = t + a
        d = np.full_like(a, 1 / x.size)
        da, db = np.zeros_like(a), np.zeros_like(b)
        for before, t in reversed(seen):
            da += d
            d = d * (1 - t * t)
            db += d * before
            d = d * b
        return np.mean(x), {"a": da + d, "b": db}

    return step
