"""Many steps with the collector off: nothing is left behind, memory stays flat."""

import gc
import tracemalloc

import numpy as np
import pytest

import nn
from nn import optim


class Measure:
    """Counts live objects and memory after chosen steps."""

    def __init__(self, steps):
        self.steps = set(steps)
        self.objects: list[int] = []
        self.bytes: list[int] = []

    def on_batch_end(self, trainer):
        if trainer.step in self.steps:
            self.objects.append(len(gc.get_objects()))
            self.bytes.append(tracemalloc.get_traced_memory()[0])


def measured(steps, epochs):
    """Train with every part that a step has; return the counts."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(2, 3, rng=rng),
        nn.BatchNorm1d(3),
        nn.Tanh(),
        nn.Dropout(0.2, rng=rng),
        nn.Linear(3, 2, rng=rng),
    )
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    batches = max(steps) // epochs + 1
    x = rng.standard_normal((2 * batches, 2)).astype(np.float32)
    y = rng.integers(0, 2, len(x))
    measure = Measure(steps)
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        metrics=[nn.metrics.accuracy],
        schedule=optim.ExponentialLR(optimizer, 0.999),
        schedule_every="batch",
        regularizer=nn.L2(1e-3),
        clip=1.0,
        callbacks=[measure],
        rng=rng,
    )
    # No frozen objects, no collection: what is left over is counted.
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        trainer.fit(
            (x, y), (x[:20], y[:20]), epochs=epochs, batch_size=2, progress=False
        )
    finally:
        tracemalloc.stop()
        gc.enable()
    assert trainer.step > max(steps)
    return measure


def test_no_object_is_left_by_a_step():
    measure = measured([100, 300, 500], epochs=1)
    assert np.ptp(measure.objects) == 0
    assert np.ptp(measure.bytes) < 2000


@pytest.mark.slow
def test_no_object_is_left_by_100_000_steps():
    measure = measured([1_000, 50_000, 99_000], epochs=1)
    assert np.ptp(measure.objects) == 0
    assert np.ptp(measure.bytes) < 2000
