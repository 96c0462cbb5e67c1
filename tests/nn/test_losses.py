"""Losses: against PyTorch, by hand, and what they refuse."""

from typing import Any

import numpy as np
import pytest

import nn
from autograd import OutOfRangeError, ShapeError, Tensor, gradcheck
from nn import functional as F

RNG = np.random.default_rng(0)
A = RNG.standard_normal((4, 5))
B = RNG.standard_normal((4, 5))
SHARES = RNG.dirichlet(np.ones(5), 4)
CHANCES = RNG.uniform(0.05, 0.95, (4, 5))
CLASSES = np.array([1, 0, 4, 2])
SIGNS = np.array([1, -1, -1, 1])
WEIGHT = np.array([0.5, 2.0, 1.0, 0.1, 3.0])
IMAGES = RNG.standard_normal((2, 3, 4, 2))
PIXELS = RNG.integers(0, 3, (2, 4, 2))

# name -> settings of the loss, the inputs that are differentiated, the targets
CASES: list[tuple[str, dict[str, Any], tuple[Any, ...], tuple[Any, ...]]] = [
    ("MSELoss", {}, (A,), (B,)),
    ("L1Loss", {}, (A,), (B,)),
    ("SmoothL1Loss", {}, (A,), (B,)),
    ("SmoothL1Loss", {"beta": 0.3}, (A,), (B,)),
    ("SmoothL1Loss", {"beta": 0.0}, (A,), (B,)),
    ("HuberLoss", {}, (A,), (B,)),
    ("HuberLoss", {"delta": 0.3}, (A,), (B,)),
    ("BCELoss", {}, (CHANCES,), (SHARES,)),
    ("BCELoss", {"weight": WEIGHT}, (CHANCES,), ((SHARES > 0.3) * 1.0,)),
    ("BCEWithLogitsLoss", {}, (3 * A,), (SHARES,)),
    ("BCEWithLogitsLoss", {"weight": WEIGHT, "pos_weight": WEIGHT}, (A,), (SHARES,)),
    ("CrossEntropyLoss", {}, (A,), (CLASSES,)),
    ("CrossEntropyLoss", {}, (A[0],), (np.array(3),)),
    ("CrossEntropyLoss", {}, (A,), (SHARES,)),
    ("CrossEntropyLoss", {"weight": WEIGHT}, (A,), (CLASSES,)),
    ("CrossEntropyLoss", {"weight": WEIGHT, "label_smoothing": 0.2}, (A,), (CLASSES,)),
    ("CrossEntropyLoss", {"label_smoothing": 0.2, "weight": WEIGHT}, (A,), (SHARES,)),
    ("CrossEntropyLoss", {"ignore_index": 4}, (A,), (CLASSES,)),
    ("CrossEntropyLoss", {}, (IMAGES,), (PIXELS,)),
    ("NLLLoss", {}, (np.log(SHARES),), (CLASSES,)),
    ("NLLLoss", {"weight": WEIGHT, "ignore_index": 0}, (np.log(SHARES),), (CLASSES,)),
    ("KLDivLoss", {}, (np.log(CHANCES),), (SHARES,)),
    ("KLDivLoss", {"log_target": True}, (np.log(CHANCES),), (np.log(SHARES),)),
    ("MultiMarginLoss", {}, (A,), (CLASSES,)),
    ("MultiMarginLoss", {"p": 2, "margin": 0.7, "weight": WEIGHT}, (A,), (CLASSES,)),
    ("MultiMarginLoss", {}, (A[0],), (np.array(2),)),
    ("CosineEmbeddingLoss", {}, (A, B), (SIGNS,)),
    ("CosineEmbeddingLoss", {"margin": 0.3}, (A, B), (SIGNS,)),
    ("TripletMarginLoss", {}, (A, B, 2 * SHARES), ()),
    ("TripletMarginLoss", {"p": 1.0, "swap": True}, (A, B, 2 * SHARES), ()),
    ("TripletMarginLoss", {"p": 3.0, "margin": 0.2}, (A, B, SHARES), ()),
    ("PoissonNLLLoss", {}, (A,), (np.arange(20.0).reshape(4, 5) % 6,)),
    ("PoissonNLLLoss", {"full": True}, (A,), (np.arange(20.0).reshape(4, 5) % 6,)),
    ("PoissonNLLLoss", {"log_input": False}, (CHANCES,), (SHARES,)),
    ("GaussianNLLLoss", {}, (A,), (B, CHANCES)),
    ("GaussianNLLLoss", {"full": True}, (A,), (B, CHANCES[:, :1])),
    ("GaussianNLLLoss", {}, (A,), (B, CHANCES[:, 0])),
]
IDS = [f"{name}-{number}" for number, (name, *_) in enumerate(CASES)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "settings", "inputs", "targets"), CASES, ids=IDS)
@pytest.mark.filterwarnings(
    "ignore:reduction. 'mean' divides"
)  # PyTorch's, of KLDivLoss
def test_loss_equals_torch(name, settings, inputs, targets, reduction, dtype):
    torch = pytest.importorskip("torch")
    arrays = [x.astype(dtype) for x in inputs]
    targets = [t.astype(dtype) if t.dtype.kind == "f" else t for t in targets]
    mine = [Tensor(x) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    weighted = {
        key: torch.tensor(value.astype(dtype))
        if isinstance(value, np.ndarray)
        else value
        for key, value in settings.items()
    }
    cast = {
        key: value.astype(dtype) if isinstance(value, np.ndarray) else value
        for key, value in settings.items()
    }
    out = getattr(nn, name)(**cast, reduction=reduction)(*mine, *targets)
    expected = getattr(torch.nn, name)(**weighted, reduction=reduction)(
        *theirs, *map(torch.tensor, targets)
    )
    tolerance = 1e-10 if dtype is np.float64 else 1e-5
    assert out.shape == tuple(expected.shape)
    assert out.dtype == dtype
    assert np.allclose(out.data, expected.detach().numpy(), tolerance, tolerance)
    out.sum().backward()
    expected.sum().backward()
    for x, y in zip(mine, theirs, strict=True):
        assert x.grad.dtype == dtype
        assert np.allclose(x.grad, y.grad.numpy(), tolerance, tolerance)


@pytest.mark.parametrize(("name", "settings", "inputs", "targets"), CASES, ids=IDS)
def test_loss_has_two_derivatives(name, settings, inputs, targets):
    loss = getattr(nn, name)(**settings)
    two = [x[:2] if len(x) == 4 else x for x in inputs]  # two samples are enough
    constants = [t[:2] if t.ndim and len(t) == 4 else t for t in targets]
    assert gradcheck(lambda *x: loss(*x, *constants), *two)


# Worked by hand, or recorded from torch 2.13 in float64: value, then gradient.
X, T = np.array([0.5, -2.0, 3.0]), np.array([0.0, 1.0, 2.5])
RECORDED = {
    "MSELoss": (lambda x: nn.MSELoss()(x, T), X, 9.5 / 3, [1 / 3, -2.0, 1 / 3]),
    "L1Loss": (lambda x: nn.L1Loss()(x, T), X, 4 / 3, [1 / 3, -1 / 3, 1 / 3]),
    "SmoothL1Loss": (
        lambda x: nn.SmoothL1Loss()(x, T),
        X,
        2.75 / 3,
        [1 / 6, -1 / 3, 1 / 6],
    ),
    "HuberLoss": (
        lambda x: nn.HuberLoss(delta=2)(x, T),
        X,
        4.25 / 3,
        [1 / 6, -2 / 3, 1 / 6],
    ),
    "BCELoss": (
        lambda x: nn.BCELoss(reduction="sum")(x, np.array([1.0, 0.0])),
        np.array([0.25, 0.5]),
        np.log(8.0),
        [-4.0, 2.0],
    ),
    "BCEWithLogitsLoss": (
        lambda x: nn.BCEWithLogitsLoss(reduction="sum")(x, np.array([1.0, 0.0])),
        np.array([0.0, np.log(3.0)]),
        np.log(8.0),
        [-0.5, 0.75],
    ),
    "CrossEntropyLoss": (
        lambda x: nn.CrossEntropyLoss()(x, np.array([0, 1])),
        np.log([[1.0, 3.0], [1.0, 3.0]]),
        (np.log(4.0) + np.log(4 / 3)) / 2,
        [[-0.375, 0.375], [0.125, -0.125]],
    ),
    "NLLLoss": (
        lambda x: nn.NLLLoss()(x, np.array([1])),
        -np.array([[0.5, 1.0]]),
        1.0,
        [[0.0, -1.0]],
    ),
    "KLDivLoss": (
        lambda x: nn.KLDivLoss("sum")(x, np.array([0.5, 0.5])),
        np.log([0.25, 0.75]),
        np.log(2 / np.sqrt(3.0)),
        [-0.5, -0.5],
    ),
    "HingeLoss": (
        lambda x: nn.HingeLoss()(x, np.array([1, -1, 1])),
        X,
        0.5 / 3,
        [-1 / 3, 0.0, 0.0],
    ),
    "MultiMarginLoss": (
        lambda x: nn.MultiMarginLoss()(x, np.array([0])),
        np.array([[1.0, 0.5, -1.0]]),
        0.5 / 3,
        [[-1 / 3, 1 / 3, 0.0]],
    ),
    "CosineEmbeddingLoss": (
        lambda x: nn.CosineEmbeddingLoss()(x, np.array([0.0, 2.0]), 1),
        np.array([3.0, 4.0]),
        0.2,
        [0.096, -0.072],
    ),
    "TripletMarginLoss": (
        lambda x: nn.TripletMarginLoss()(x, np.array([3.0]), np.array([1.0])),
        np.array([0.0]),
        3.0,
        [0.0],
    ),
    "PoissonNLLLoss": (
        lambda x: nn.PoissonNLLLoss()(x, np.array([1.0, 2.0])),
        np.log([1.0, 4.0]),
        (5 - 2 * np.log(4.0)) / 2,
        [0.0, 1.0],
    ),
    "GaussianNLLLoss": (
        lambda x: nn.GaussianNLLLoss()(x, np.array([3.0]), np.array([4.0])),
        np.array([1.0]),
        (np.log(4.0) + 1) / 2,
        [-0.5],
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_loss_by_hand(name):
    function, x, value, gradient = RECORDED[name]
    t = Tensor(x)
    out = function(t)
    assert np.isclose(out.item(), value, rtol=1e-10)
    out.backward()
    assert np.allclose(t.grad, gradient, rtol=1e-10, atol=1e-12)


def test_every_loss_is_compared():
    from nn import losses

    assert set(losses.__all__) == set(RECORDED)
    assert set(losses.__all__) - {"HingeLoss"} == {name for name, *_ in CASES}


def test_hinge_loss_has_two_derivatives():
    targets = np.where(B > 0, 1, -1)
    assert gradcheck(lambda x: F.hinge_loss(x, targets, margin=0.7), A)


def test_a_float64_target_does_not_widen_a_float32_prediction():
    prediction = Tensor(A.astype(np.float32))
    assert nn.MSELoss()(prediction, B).dtype == np.float32


def test_kl_div_has_a_batch_mean():
    x = Tensor(np.log(CHANCES))
    total = nn.KLDivLoss("sum")(x, SHARES).item()
    assert np.isclose(nn.KLDivLoss("batchmean")(x, SHARES).item(), total / 4)


REFUSED = {
    "a wrong reduction": lambda: nn.MSELoss("avg"),
    "a negative beta": lambda: nn.SmoothL1Loss(beta=-1.0),
    "a delta of 0": lambda: nn.HuberLoss(delta=0.0),
    "a third power": lambda: nn.MultiMarginLoss(p=3),
    "a smoothing above 1": lambda: nn.CrossEntropyLoss(label_smoothing=1.5),
    "labels 0 and 1": lambda: nn.HingeLoss()(Tensor([1.0, 2.0]), [0, 1]),
    "a negative variance": lambda: nn.GaussianNLLLoss()(Tensor([1.0]), [1.0], [-1.0]),
    "the mean of nothing": lambda: nn.L1Loss()(Tensor(np.zeros(0)), np.zeros(0)),
    "a function's reduction": lambda: F.huber_loss(Tensor([1.0]), [1.0], "avg"),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_bad_values_are_refused(call):
    with pytest.raises(ValueError, match=r"must|mean over 0"):
        call()


MISFITS = {
    "l1": lambda x: nn.L1Loss()(x, np.zeros((3, 1))),
    "smooth l1": lambda x: nn.SmoothL1Loss()(x, np.zeros((3, 1))),
    "huber": lambda x: nn.HuberLoss()(x, np.zeros((3, 1))),
    "poisson": lambda x: nn.PoissonNLLLoss()(x, np.zeros((3, 1))),
    "gaussian": lambda x: nn.GaussianNLLLoss()(x, np.zeros((3, 1)), np.ones(3)),
    "gaussian variance": lambda x: nn.GaussianNLLLoss()(x, np.zeros(3), np.ones(2)),
    "cosine": lambda x: nn.CosineEmbeddingLoss()(x, np.zeros(4), 1),
    "triplet": lambda x: nn.TripletMarginLoss()(x, x, np.zeros(4)),
    "multi margin": lambda x: nn.MultiMarginLoss()(x, [1, 2, 0]),
}


@pytest.mark.parametrize("call", MISFITS.values(), ids=MISFITS)
def test_shapes_that_would_broadcast_are_refused(call):
    with pytest.raises(ShapeError):
        call(Tensor([1.0, 2.0, 3.0]))


def test_multi_margin_names_a_class_that_does_not_exist():
    with pytest.raises(OutOfRangeError, match=r"-1 is not one of 0 \.\.\. 2"):
        nn.MultiMarginLoss()(Tensor(np.zeros((1, 3))), [-1])


def test_a_loss_is_labelled_in_the_graph():
    assert nn.HuberLoss()(Tensor([1.0]), [0.0]).scope == ("HuberLoss",)
