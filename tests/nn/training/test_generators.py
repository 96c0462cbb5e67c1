"""Random generators: found wherever they are, so that a resumed run draws the same."""

import functools

import numpy as np
import pytest

import nn
from nn.training.generators import find_generators
from tests.nn.training.runs import (
    BATCH,
    EPOCHS,
    Recorder,
    Stopped,
    build,
    data,
    different,
)


class Noisy:
    """A data set that draws noise for every sample."""

    def __init__(self, rng):
        self.x, self.y = data()
        self.rng = rng

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index] + self.rng.standard_normal(3), self.y[index]


class NoisyBatches:
    """A collating function, as an object and as a method."""

    def __init__(self, rng):
        self.rng = rng

    def __call__(self, samples):
        return noisy_batch(samples, rng=self.rng)

    def method(self, samples):
        return self(samples)


def noisy_batch(samples, rng):
    x, y = nn.data.collate(samples)
    return x + rng.standard_normal(x.shape), y


class NoisyGradients:
    """A clipping function that adds noise to the gradients."""

    def __init__(self, rng):
        self.rng = rng

    def __call__(self, parameters):
        for p in parameters:
            p.grad = p.grad + self.rng.standard_normal(p.shape).astype(np.float32)


def rng(seed=5):
    return np.random.default_rng(seed)


def plain():
    return nn.TensorDataset(*data())


def loader(dataset, collate_fn=None):
    return nn.DataLoader(
        dataset, BATCH, shuffle=True, rng=rng(9), collate_fn=collate_fn
    )


def unshuffled(dataset):
    return nn.DataLoader(dataset, BATCH)


# What a run is made of besides `runs.build`: training data, validation data, clip.
RANDOM = {
    "data set": lambda: (loader(Noisy(rng())), None, None),
    "subset": lambda: (loader(nn.Subset(Noisy(rng()), range(18))), None, None),
    "split": lambda: (
        loader(nn.random_split(Noisy(rng()), [18, 4], rng=rng(1))[0]),
        None,
        None,
    ),
    "collating object": lambda: (loader(plain(), NoisyBatches(rng())), None, None),
    "method": lambda: (loader(plain(), NoisyBatches(rng()).method), None, None),
    "partial": lambda: (
        loader(plain(), functools.partial(noisy_batch, rng=rng())),
        None,
        None,
    ),
    "partial of a method": lambda: (
        loader(plain(), functools.partial(NoisyBatches(rng()).method)),
        None,
        None,
    ),
    "validation": lambda: (
        loader(plain()),
        unshuffled(nn.Subset(Noisy(rng()), range(9))),
        None,
    ),
    "clip": lambda: (loader(plain()), None, NoisyGradients(rng())),
}


def random_run(kind, callbacks=()):
    train, validation, clip = RANDOM[kind]()
    trainer, arguments = build(callbacks=callbacks, clip=clip)
    validation = validation or arguments["validation"]
    return trainer, functools.partial(
        trainer.fit, train, validation, epochs=EPOCHS, progress=False
    )


@pytest.mark.parametrize("kind", RANDOM)
def test_whatever_draws_is_continued(kind):
    whole, fit = random_run(kind)
    fit()
    stopped, fit = random_run(kind, [Recorder(stop_at=7)])
    with pytest.raises(Stopped):
        fit()
    resumed, fit = random_run(kind, [Recorder()])
    resumed.load_state_dict(stopped.state_dict())
    fit()
    assert different(whole.state_dict(), resumed.state_dict()) == []


def test_a_step_that_fails_takes_back_what_clipping_drew():
    class Spoiling(NoisyGradients):
        def __call__(self, parameters):
            super().__call__(parameters)
            parameters[0].grad[0] = np.nan

    clip = Spoiling(rng())
    before = clip.rng.bit_generator.state
    trainer, arguments = build(clip=clip)
    with pytest.raises(FloatingPointError):
        trainer.fit(**arguments, epochs=1)
    assert clip.rng.bit_generator.state == before


def test_a_validation_that_is_interrupted_draws_the_same_again():
    whole, fit = random_run("validation")
    fit()
    trainer, fit = random_run("validation")
    accuracy = trainer.metrics["accuracy"]
    calls = []

    def failing_once(predictions, targets):
        if trainer.batch == trainer.batches:  # the validation
            calls.append(True)
            if len(calls) == 2:
                raise KeyboardInterrupt
        return accuracy(predictions, targets)

    trainer.metrics["accuracy"] = failing_once
    with pytest.raises(KeyboardInterrupt):
        fit()
    fit()
    assert len(calls) == EPOCHS + 1
    assert different(whole.state_dict(), trainer.state_dict()) == []


def test_paths():
    holder = NoisyBatches(rng())
    holder.itself = holder
    holder.layer = nn.Sequential(nn.Dropout(rng=rng()))
    holder.kind = Noisy
    holder.module = np.random
    owners = {"a": holder, "b": holder.method, "rng": holder.rng, "none": None}
    found = find_generators(owners)
    assert list(found) == ["a.rng", "a.layer.0.rng", "b.rng", "b.layer.0.rng", "rng"]
    assert found["a.rng"] is found["b.rng"] is found["rng"] is holder.rng
