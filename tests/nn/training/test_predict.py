"""Probabilities and classes: what they are is decided by the loss."""

import functools

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F
from nn import optim

OUT = np.array([[2.0, -1.0, 0.5], [-0.5, 0.25, 0.0]])
SOFTMAX = np.exp(OUT) / np.exp(OUT).sum(1, keepdims=True)
SIGMOID = 1 / (1 + np.exp(-OUT))


def trainer_with(loss):
    """Return a trainer whose model returns its input."""
    model = nn.Linear(3, 3, bias=False, dtype=np.float64, rng=np.random.default_rng(0))
    model.weight.data = np.eye(3)
    return nn.Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1))


class MyCrossEntropy(nn.CrossEntropyLoss):
    """A loss derived from one of ours."""


@pytest.mark.parametrize(
    ("loss", "x", "expected"),
    [
        (nn.CrossEntropyLoss(), OUT, SOFTMAX),
        (MyCrossEntropy(), OUT, SOFTMAX),
        (F.cross_entropy, OUT, SOFTMAX),
        (nn.NLLLoss(), np.log(SOFTMAX), SOFTMAX),
        (F.nll_loss, np.log(SOFTMAX), SOFTMAX),
        (nn.BCEWithLogitsLoss(), OUT, SIGMOID),
        (F.binary_cross_entropy_with_logits, OUT, SIGMOID),
        (nn.BCELoss(), SIGMOID, SIGMOID),
    ],
)
def test_probabilities(loss, x, expected):
    found = trainer_with(loss).predict_proba(x)
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "loss",
    [
        nn.MSELoss(),
        nn.MultiMarginLoss(),
        F.mse_loss,
        functools.partial(F.cross_entropy, reduction="sum"),
    ],
)
def test_other_losses_have_no_probabilities(loss):
    with pytest.raises(TypeError, match=r"no probabilities.*CrossEntropyLoss"):
        trainer_with(loss).predict_proba(OUT)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (nn.CrossEntropyLoss(), [0, 1]),
        (nn.NLLLoss(), [0, 1]),
        (nn.MultiMarginLoss(), [0, 1]),
        (nn.BCEWithLogitsLoss(), [[1, 0, 1], [0, 1, 1]]),
        (nn.BCELoss(), [[1, 0, 1], [0, 0, 0]]),
        (nn.HingeLoss(), [[1, -1, 1], [-1, 1, 1]]),
    ],
)
def test_classes(loss, expected):
    found = trainer_with(loss).predict(OUT)
    assert found.dtype == np.int64
    assert found.tolist() == expected


def test_other_losses_predict_what_the_model_gives():
    found = trainer_with(nn.MSELoss()).predict(OUT)
    np.testing.assert_array_equal(found, OUT)


def test_classes_of_every_pixel_are_along_axis_1():
    scores = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    model = nn.Identity()
    weight = nn.Parameter([1.0])
    trainer = nn.Trainer(model, nn.CrossEntropyLoss(), optim.SGD([weight], lr=0.1))
    assert trainer.predict(scores).tolist() == scores.argmax(1).tolist()
    np.testing.assert_allclose(trainer.predict_proba(scores).sum(1), 1)


def test_batches_do_not_show():
    trainer = trainer_with(nn.MSELoss())
    x = np.random.default_rng(0).standard_normal((10, 3))
    for size in (1, 3, 10, 99):
        np.testing.assert_allclose(trainer.predict(x, batch_size=size), x)
    assert trainer.predict(x[:0]).shape == (0, 3)


def test_a_list_is_an_array():
    assert trainer_with(nn.MSELoss()).predict([[1.0, 2.0, 3.0]]).shape == (1, 3)


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_a_single_sample_is_no_batch(method):
    trainer = trainer_with(nn.CrossEntropyLoss())
    with pytest.raises(ag.ShapeError, match=r"gave shape \(3,\).*predict\(x\[None\]\)"):
        getattr(trainer, method)(np.zeros(3))


@pytest.mark.parametrize(
    ("x", "batch_size", "error", "message"),
    [
        (np.zeros((2, 3)), 0, ValueError, "batch_size must be at least 1, got 0"),
        (np.zeros((2, 3)), 2.5, TypeError, "batch_size must be an integer, got 2.5"),
        (3.0, 1, ag.ShapeError, "0-d"),
        ((np.zeros((2, 3)), np.zeros((3, 3))), 1, ag.ShapeError, "as many rows"),
    ],
)
def test_what_cannot_be_predicted(x, batch_size, error, message):
    with pytest.raises(error, match=message):
        trainer_with(nn.MSELoss()).predict(x, batch_size=batch_size)


def test_a_model_that_returns_a_pair_is_refused():
    rng = np.random.default_rng(0)
    model = nn.RNN(3, 2, rng=rng)
    trainer = nn.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(TypeError, match=r"RNN.* returned a tuple"):
        trainer.predict(np.zeros((2, 4, 3)))


def test_nothing_is_recorded():
    trainer = trainer_with(nn.CrossEntropyLoss())
    assert not isinstance(trainer.predict_proba(OUT), ag.Tensor)
