"""Many steps with the collector off: nothing is left behind, memory stays flat."""

import gc
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import nn
from nn import optim


class Measure:
    """Counts objects, blocks of memory and the process's pages after chosen steps."""

    def __init__(self, steps):
        self.steps = steps
        self.objects: list[int] = []
        self.blocks: list[int] = []
        self.pages: list[int] = []

    def on_batch_end(self, trainer):
        if trainer.step in self.steps:
            self.objects.append(len(gc.get_objects()))
            self.blocks.append(sys.getallocatedblocks())
            self.pages.append(resident_pages())


def resident_pages():
    """Return the memory of this process in pages, 0 where that is not known."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) if statm.exists() else 0


def measured(trainer, data, steps):
    """Train with the collector off, two samples a step; return the measurements."""
    measure = Measure(steps)
    trainer.callbacks.append(measure)
    resident_pages()  # what its first call leaves behind is no step's
    gc.collect()
    gc.disable()
    try:
        trainer.fit(data, epochs=1, batch_size=2, progress=False)
    finally:
        gc.enable()
    assert len(measure.objects) == len(steps)
    return measure


def test_a_step_with_everything_leaves_no_object():
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(2, 2, rng=rng), nn.BatchNorm1d(2), nn.Dropout(0.2, rng=rng)
    )
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        schedule=optim.ExponentialLR(optimizer, 0.9999),
        schedule_every="batch",
        regularizer=nn.L2(1e-3),
        clip=1.0,
        rng=rng,
    )
    x = rng.standard_normal((800, 2)).astype(np.float32)
    data = x, rng.integers(0, 2, len(x))
    # The engine remembers a thousand writes to parameters; by then it is settled.
    measure = measured(trainer, data, [300, 350, 400])
    assert np.ptp(measure.objects) == 0


class Scale(nn.Module):
    """The smallest model that learns."""

    def __init__(self):
        self.weight = nn.Parameter(1.0, dtype=np.float64)

    def forward(self, x):
        return self.weight * x


def train_long():
    rng = np.random.default_rng(0)
    model = Scale()
    trainer = nn.Trainer(
        model,
        lambda prediction, target: (prediction - target).sum(),
        optim.SGD(model.parameters(), lr=1e-9),
        rng=rng,
    )
    x = rng.standard_normal(200_000)
    # Python keeps up to 2,000 tuples of each length for later; by then it has them.
    return measured(trainer, (x, x), [60_000, 80_000, 100_000])


@pytest.mark.slow
def test_100_000_steps_leave_nothing():
    # In a process of its own: other tests leave memory behind that is full of holes.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        measure = pool.submit(train_long).result()
    assert np.ptp(measure.objects) == 0
    assert np.ptp(measure.blocks) < 100
    assert np.ptp(measure.pages) < 100
