"""E1 and E1t: a long chain of elementwise operations on (1000, 1000), float32."""

import numpy as np

from benchmarks.workloads.by_hand import Step, tensors

SHAPE = (1000, 1000)
LENGTH = 8


def e1(rng, keep):
    """Multiply, add and subtract: bound by memory."""
    values = {
        name: rng.uniform(0.5, 1.5, SHAPE).astype(np.float32) for name in ("a", "b")
    }
    p = tensors(values)

    def forward():
        x = p["a"]
        for _ in range(LENGTH):
            x = x * p["b"] + p["a"] - 0.5 * x
        return x.mean()

    def by_hand():
        a, b = values["a"], values["b"]
        x, seen = a, []
        for _ in range(LENGTH):
            seen.append(x)
            x = x * b + a - 0.5 * x
        d = np.full(SHAPE, np.float32(1 / x.size))
        da, db = np.zeros_like(a), np.zeros_like(b)
        for x_before in reversed(seen):
            da += d
            db += d * x_before
            d = d * b - 0.5 * d
        return np.mean(x), {"a": da + d, "b": db}

    return Step(forward, p, keep), by_hand


def e1t(rng, keep):
    """Put a tanh into each link."""
    values = {
        name: rng.uniform(0.5, 1.5, SHAPE).astype(np.float32) for name in ("a", "b")
    }
    p = tensors(values)

    def forward():
        x = p["a"]
        for _ in range(LENGTH):
            x = np.tanh(x * p["b"]) + p["a"]
        return x.mean()

    def by_hand():
        a, b = values["a"], values["b"]
        x, seen = a, []
        for _ in range(LENGTH):
            t = np.tanh(x * b)
            seen.append((x, t))
            x = t + a
        d = np.full(SHAPE, np.float32(1 / x.size))
        da, db = np.zeros_like(a), np.zeros_like(b)
        for x_before, t in reversed(seen):
            da += d
            d = d * (1 - t * t)
            db += d * x_before
            d = d * b
        return np.mean(x), {"a": da + d, "b": db}

    return Step(forward, p, keep), by_hand
