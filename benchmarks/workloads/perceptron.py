"""M1 and M2: multi-layer perceptrons with relu and cross entropy, float32."""

import itertools

import numpy as np

from benchmarks.workloads.by_hand import Step, column_sum, softmax_loss, tensors


def m1(rng, keep):
    """784-128-10, batch 64."""
    return _workload(rng, keep, (784, 128, 10), 64)


def m2(rng, keep):
    """784-512-512-10, batch 256."""
    return _workload(rng, keep, (784, 512, 512, 10), 256)


def _workload(rng, keep, sizes, batch):
    from autograd import cross_entropy, linear, relu

    x = rng.standard_normal((batch, sizes[0])).astype(np.float32)
    y = rng.integers(0, sizes[-1], batch)
    values = {}
    for k, (n, m) in enumerate(itertools.pairwise(sizes)):
        scale = np.sqrt(2 / n)
        values[f"W{k}"] = (rng.standard_normal((m, n)) * scale).astype(np.float32)
        values[f"b{k}"] = np.zeros(m, np.float32)
    parameters = tensors(values)
    depth = len(sizes) - 1

    def forward():
        h = x
        for k in range(depth):
            h = linear(h, parameters[f"W{k}"], parameters[f"b{k}"])
            h = relu(h) if k < depth - 1 else h
        return cross_entropy(h, y)

    def by_hand():
        activations = [x]
        for k in range(depth):
            z = activations[-1] @ values[f"W{k}"].T
            z += values[f"b{k}"]
            activations.append(np.maximum(z, 0, out=z) if k < depth - 1 else z)
        loss, d = softmax_loss(activations.pop(), y)
        taken = {}
        for k in reversed(range(depth)):
            h = activations[k]
            taken[f"W{k}"], taken[f"b{k}"] = d.T @ h, column_sum(d)
            if k:
                d = d @ values[f"W{k}"]
                d *= h > 0
        return loss, taken

    return Step(forward, parameters, keep), by_hand
