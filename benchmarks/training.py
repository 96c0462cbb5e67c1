"""``python -m benchmarks.training``: epochs of the Trainer, of a bare loop, of torch.

Each workload runs in one process with one thread.  An epoch of the Trainer, an epoch of
the same loop written out, and one in PyTorch eager (where it is installed) take turns;
the ratio of neighbours is one measurement.  Times are of the processor, which other
programs disturb less.  The weights after some epochs are checked before anything is
said about time: those of both loops are equal, those of PyTorch close.
"""

import argparse
import json
import statistics
import time
from importlib.util import find_spec

import numpy as np

from benchmarks.interleaved import run_worker

TARGETS = {"bare loop": 1.05, "torch": 1.0}
LEARNING_RATE = 0.01


class Workload:
    """Data, a model of ours with its loss, and the same in PyTorch."""

    def __init__(self, x, y, batch_size, model, torch_model):
        self.x, self.y, self.batch_size = x, y, batch_size
        self.model, self.torch_model = model, torch_model


def mlp():
    """784-128-10 with relu, batches of 64, 1,280 samples."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1280, 784)).astype(np.float32)
    y = rng.integers(0, 10, len(x))

    def model(nn):
        return nn.Sequential(*_seeded(nn, nn.Linear, (784, 128)), nn.ReLU(),
                             *_seeded(nn, nn.Linear, (128, 10)))

    return Workload(x, y, 64, model, model)


def _characters():
    """Return 64 texts of 64 characters, one-hot, and the characters that follow."""
    rng = np.random.default_rng(0)
    text = rng.integers(0, 64, (64, 65))
    return np.eye(64, dtype=np.float32)[text[:, :-1]], text[:, 1:]
