"""Penalties, limits on weights, clipped gradients, early stopping."""

import math

import numpy as np
import pytest

import nn
from autograd import NonFiniteError, Tensor, gradcheck

W = np.array([[1.0, -2.0], [0.5, 3.0]])
V = np.array([[-1.0], [2.0]])


def model():
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.Linear(2, 3, rng=rng, dtype=np.float64),
        nn.Linear(3, 1, rng=rng, dtype=np.float64),
    )


PENALTIES = {
    "L1": (nn.L1(0.1), lambda w: 0.1 * np.abs(w).sum(), lambda w: 0.1 * np.sign(w)),
    "L2": (nn.L2(0.1), lambda w: 0.1 * (w**2).sum(), lambda w: 0.2 * w),
    "L1 article": (
        nn.L1(0.7, 10),
        lambda w: 0.035 * np.abs(w).sum(),
        lambda w: 0.035 * np.sign(w),
    ),
    "L2 article": (
        nn.L2(0.7, 10),
        lambda w: 0.7 / 20 * (w**2).sum(),
        lambda w: 0.07 * w,
    ),
    "ElasticNet": (
        nn.ElasticNet(0.3, 0.2),
        lambda w: 0.3 * np.abs(w).sum() + 0.2 * (w**2).sum(),
        lambda w: 0.3 * np.sign(w) + 0.4 * w,
    ),
    "ElasticNet article": (
        nn.ElasticNet(0.3, 0.2, samples=5),
        lambda w: 0.03 * np.abs(w).sum() + 0.02 * (w**2).sum(),
        lambda w: 0.03 * np.sign(w) + 0.04 * w,
    ),
}


@pytest.mark.parametrize("name", PENALTIES)
def test_penalty_and_its_gradient(name):
    penalty, value, gradient = PENALTIES[name]
    w, v = Tensor(W), Tensor(V)
    cost = penalty([w, v])
    assert np.isclose(cost.item(), value(W) + value(V), rtol=1e-14)
    cost.backward()
    assert np.allclose(w.grad, gradient(W), rtol=1e-14)
    assert np.allclose(v.grad, gradient(V), rtol=1e-14)
    assert gradcheck(lambda w, v: penalty([w, v]), W, V)


@pytest.mark.parametrize("name", PENALTIES)
def test_a_penalty_of_a_module_takes_weights_not_biases(name):
    net = model()
    net[0].bias.data = np.full(3, 1e6)
    penalty, value, _ = PENALTIES[name]
    expected = sum(value(layer.weight.data) for layer in net)
    assert np.isclose(penalty(net).item(), expected)
    net[0].weight.requires_grad = False
    assert np.isclose(penalty(net).item(), value(net[1].weight.data))


def test_weight_decay_of_pytorch_is_l2_of_half_its_strength():
    torch = pytest.importorskip("torch")
    p = torch.nn.Parameter(torch.tensor(W))
    optimizer = torch.optim.SGD([p], lr=0.5, weight_decay=0.3)
    p.grad = torch.zeros_like(p)
    optimizer.step()
    w = Tensor(W)
    nn.L2(0.3 / 2)(w).backward()
    assert np.allclose(W - 0.5 * w.grad, p.detach().numpy(), rtol=1e-14)


def test_penalties_are_terms_of_the_graph():
    cost = nn.L2(0.1)(Tensor(W))
    assert cost.op is not None
    assert cost.scope == ("L2",)
    assert nn.ElasticNet(0.1, 0.1)(Tensor(W)).inputs[0].scope == ("ElasticNet", "L1")
    assert repr(nn.L2(0.1, samples=5)) == "L2(0.1, samples=5)"
    assert repr(nn.ElasticNet(0.1, 0.2)) == "ElasticNet(0.1, 0.2)"


def test_max_norm_equals_torch_renorm():
    torch = pytest.importorskip("torch")
    for shape in ((4, 3), (4, 3, 2, 2)):
        values = np.random.default_rng(0).standard_normal(shape)
        w = Tensor(values)
        nn.max_norm(w, 1.2)
        expected = torch.renorm(torch.tensor(values), 2, 0, 1.2).numpy()
        assert np.allclose(w.data, expected, atol=1e-6)  # torch divides by norm + 1e-7
        norms = np.sqrt((w.data.reshape(4, -1) ** 2).sum(1))
        assert np.all(norms <= 1.2 * (1 + 1e-12))


def test_decoupled_decay_equals_torch_adamw():
    torch = pytest.importorskip("torch")
    p = torch.nn.Parameter(torch.tensor(W))
    optimizer = torch.optim.AdamW([p], lr=0.1, weight_decay=0.3)
    p.grad = torch.zeros_like(p)
    optimizer.step()
    w = Tensor(W)
    nn.decay_weights(w, 0.1 * 0.3)
    assert np.allclose(w.data, p.detach().numpy(), rtol=1e-14)


def clipped():
    a, b = Tensor(W), Tensor(V)
    ((a * a).sum() + (b * 3).sum()).backward()
    return a, b


@pytest.mark.parametrize("norm_type", [2.0, 1.0, math.inf, 3.0])
@pytest.mark.parametrize("limit", [0.5, 1e6])
def test_clip_grad_norm_equals_torch(norm_type, limit):
    torch = pytest.importorskip("torch")
    a, b = clipped()
    theirs = []
    for x in (a, b):
        p = torch.nn.Parameter(torch.tensor(x.data))
        p.grad = torch.tensor(x.grad)
        theirs.append(p)
    expected = torch.nn.utils.clip_grad_norm_(theirs, limit, norm_type)
    assert np.isclose(nn.clip_grad_norm([a, b], limit, norm_type), expected.item())
    for mine, reference in zip((a, b), theirs, strict=True):
        assert np.allclose(mine.grad, reference.grad.numpy(), rtol=1e-12)


def test_clip_grad_value_equals_torch():
    torch = pytest.importorskip("torch")
    a, b = clipped()
    p = torch.nn.Parameter(torch.tensor(a.data))
    p.grad = torch.tensor(a.grad)
    torch.nn.utils.clip_grad_value_([p], 1.5)
    nn.clip_grad_value([a, b], 1.5)
    assert np.array_equal(a.grad, p.grad.numpy())
    assert np.array_equal(b.grad, np.full((2, 1), 1.5))


def test_clipping_without_gradients_is_nothing():
    assert nn.clip_grad_norm(model(), 1.0) == 0.0
    nn.clip_grad_value(model(), 1.0)


def test_clipping_keeps_float32_and_0d():
    w = Tensor(np.float32(3.0))
    (w * w).backward()
    nn.clip_grad_norm(w, 1.0)
    assert w.grad.dtype == np.float32
    nn.clip_grad_value(w, 0.5)
    assert w.grad == np.float32(0.5)


@pytest.mark.parametrize("clip", [nn.clip_grad_norm, nn.clip_grad_value])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_I23_a_non_finite_gradient_is_an_error_and_nothing_is_clipped(clip, bad):
    a, b = clipped()
    b.name = "fc.weight"
    b.grad[1, 0] = bad
    before = a.grad.copy(), b.grad.copy()
    with pytest.raises(
        NonFiniteError, match=r"fc\.weight \(2, 1\) has 1 NaN or infinite of 2"
    ):
        clip([a, b], 1.0)
    assert np.array_equal(a.grad, before[0])
    assert np.array_equal(b.grad, before[1], equal_nan=True)
    clip([a, b], 1.0, error_if_nonfinite=False)
    assert not np.array_equal(a.grad, before[0])


REFUSED = {
    "a negative strength": lambda: nn.L2(-0.1),
    "a NaN strength": lambda: nn.L1(math.nan),
    "no samples": lambda: nn.L2(0.1, samples=0),
    "no weights": lambda: nn.L2(0.1)([]),
    "a model without weights": lambda: nn.max_norm(nn.ReLU(), 1.0),
    "a limit of 0": lambda: nn.max_norm(Tensor(W), 0.0),
    "a bias": lambda: nn.max_norm(Tensor([1.0]), 1.0),
    "a rate above 1": lambda: nn.decay_weights(Tensor(W), 1.5),
    "a negative norm": lambda: nn.clip_grad_norm(Tensor(W), -1.0),
    "a negative value": lambda: nn.clip_grad_value(Tensor(W), -1.0),
    "no patience": lambda: nn.EarlyStopping(patience=0),
    "nan as min_delta": lambda: nn.EarlyStopping(min_delta=float("nan")),
    "another mode": lambda: nn.EarlyStopping(mode="best"),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_bad_settings_are_refused(call):
    with pytest.raises(ValueError, match=r"must|there are no weights|no axis"):
        call()


def stops(values, **settings):
    stopping = nn.EarlyStopping(**settings)
    return [stopping.update(value) for value in values], stopping


def test_early_stopping_counts_epochs_without_improvement():
    when, stopping = stops([3.0, 2.0, 2.0, 2.1, 1.0], patience=3)
    assert not any(when)
    assert (stopping.best, stopping.best_epoch) == (1.0, 4)
    when, stopping = stops([3.0, 2.0, 2.0, 2.1, 2.2], patience=3)
    assert when == [False, False, False, False, True]
    assert (stopping.best, stopping.best_epoch) == (2.0, 1)


def test_early_stopping_by_accuracy_and_with_a_threshold():
    assert stops([0.5, 0.6, 0.4], patience=1, mode="max")[0] == [False, False, True]
    assert stops([1.0, 0.95, 0.85], patience=1, min_delta=0.1)[0] == [
        False,
        True,
        False,
    ]


def test_early_stopping_never_takes_nan_for_the_best():
    when, stopping = stops([math.nan, math.nan, 1.0], patience=2)
    assert when == [False, True, False]
    assert stopping.best == 1.0
