"""Losses of numbers and of probabilities."""

import numpy as np
import pytest

import autograd as ag
from autograd import ShapeError, Tensor, gradcheck
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

F = torch.nn.functional
rng = np.random.default_rng(0)
X, Y = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
P, Q = rng.uniform(0.05, 0.95, (3, 4)), rng.uniform(0.05, 0.95, (3, 4))
WEIGHT = rng.uniform(0.5, 2.0, (3, 4))
POSITIVE = rng.uniform(0.5, 3.0, 4)
BCE, BCE_LOGITS = ag.binary_cross_entropy, ag.binary_cross_entropy_with_logits

FUNCTIONS = {
    "mse_loss": (ag.mse_loss, F.mse_loss, (X, Y)),
    "binary_cross_entropy": (
        ag.binary_cross_entropy,
        F.binary_cross_entropy,
        (P, Q),
    ),
    "binary_cross_entropy_with_logits": (
        ag.binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits,
        (3 * X, Q),
    ),
    "kl_div": (ag.kl_div, F.kl_div, (np.log(P), Q)),
    "kl_div-log-target": (
        lambda x, t, **how: ag.kl_div(x, t, log_target=True, **how),
        lambda x, t, **how: F.kl_div(x, t, log_target=True, **how),
        (np.log(P), np.log(Q)),
    ),
}


@pytest.mark.filterwarnings("ignore:reduction:UserWarning")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_like_torch(name, reduction, dtype):
    ours, theirs, arrays = FUNCTIONS[name]
    assert_like_torch(
        lambda x, t: ours(x, t, reduction=reduction),
        lambda x, t: theirs(x, t, reduction=reduction),
        *arrays,
        dtype=dtype,
    )


def test_weights_like_torch():
    weight = torch.tensor(WEIGHT)
    assert_like_torch(
        lambda p: ag.binary_cross_entropy(p, Q, WEIGHT),
        lambda p: F.binary_cross_entropy(p, torch.tensor(Q), weight),
        P,
    )
    assert_like_torch(
        lambda z, t: BCE_LOGITS(z, t, WEIGHT, pos_weight=POSITIVE),
        lambda z, t: F.binary_cross_entropy_with_logits(
            z, t, weight, pos_weight=torch.tensor(POSITIVE)
        ),
        X,
        Q,
    )


def test_weights_are_differentiated():
    """PyTorch does not; differences are the judge."""
    assert gradcheck(
        lambda z, t, w, pw: BCE_LOGITS(z, t, w, pos_weight=pw), X, Q, WEIGHT, POSITIVE
    )
    assert gradcheck(ag.binary_cross_entropy, P, Q, WEIGHT)


def test_batchmean_like_torch():
    assert_like_torch(
        lambda x, t: ag.kl_div(x, t, reduction="batchmean"),
        lambda x, t: F.kl_div(x, t, reduction="batchmean"),
        np.log(P),
        Q,
    )


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_third_order(name):
    ours, _, (x, t) = FUNCTIONS[name]
    assert gradcheck(lambda x, t: ours(x, t) ** 2, x, t, order=3, rtol=1e-5)


def loss_and_gradient(function, x, *others):
    leaf = Tensor(x)
    loss = function(leaf, *others)
    loss.backward()
    return loss.item(), leaf.grad


LIMITS = [
    pytest.param(BCE, [0.0], [1.0], 100.0, [-1e12], id="C22"),
    pytest.param(BCE, [1.0], [0.0], 100.0, [1e12], id="C22-other-class"),
    pytest.param(BCE, [1.0], [1.0], 0.0, [0.0], id="C22-right"),
    pytest.param(BCE_LOGITS, [-1000.0], [1.0], 1000.0, [-1.0], id="C23"),
    pytest.param(BCE_LOGITS, [1000.0], [0.0], 1000.0, [1.0], id="C23-other-class"),
    pytest.param(BCE_LOGITS, [-np.inf], [0.0], 0.0, [0.0], id="C24"),
    pytest.param(BCE_LOGITS, [np.inf], [1.0], 0.0, [0.0], id="C24-other-class"),
    pytest.param(BCE_LOGITS, [-np.inf], [1.0], np.inf, [-1.0], id="C24-wrong"),
]


@pytest.mark.parametrize(("function", "x", "target", "loss", "gradient"), LIMITS)
def test_limit(function, x, target, loss, gradient):
    found = loss_and_gradient(function, x, target)
    assert found[0] == loss
    np.testing.assert_allclose(found[1], gradient, rtol=1e-12)


@pytest.mark.parametrize("weight", [[1.0], [3.0]])
@pytest.mark.parametrize(("z", "t"), [(-np.inf, 0.0), (np.inf, 1.0)])
def test_limit_with_a_positive_weight(weight, z, t):
    leaf = Tensor([z])
    loss = BCE_LOGITS(leaf, [t], pos_weight=np.array(weight))
    loss.backward()
    assert loss.item() == 0
    np.testing.assert_array_equal(leaf.grad, [0.0])


def test_trap_c27():
    """A target of 0 contributes 0, not 0 * -inf."""
    x = Tensor([-1.0, -2.0])
    loss = ag.kl_div(x, [0.0, 1.0], reduction="sum")
    loss.backward()
    assert loss.item() == 2.0
    np.testing.assert_array_equal(x.grad, [0.0, -1.0])


@pytest.mark.parametrize("value", [1.0000001, -0.5, np.nan], ids=["C25", "-0.5", "nan"])
def test_not_a_probability(value):
    with pytest.raises(
        ValueError, match=r"input\[1\] = .*binary_cross_entropy_with_log"
    ):
        BCE(Tensor([0.5, value], name="p"), [1.0, 1.0])


def test_trap_i01():
    y = Tensor(np.zeros(3), name="y")
    with pytest.raises(ShapeError) as error:
        ag.mse_loss(y, np.zeros((3, 1)))
    for part in [
        "mse_loss: prediction y (3,)",
        "target (3, 1)",
        "compare 9 pairs",
        "target.reshape(3,)",
        "test_losses.py:",
    ]:
        assert part in str(error.value)


@pytest.mark.parametrize("function", [ag.mse_loss, BCE, BCE_LOGITS, ag.kl_div])
class TestErrors:
    def test_shapes_that_do_not_broadcast(self, function):
        with pytest.raises(ShapeError, match=r"\(2,\) .*and target \(3,\) .*differ\."):
            function(Tensor([0.5, 0.5]), np.full(3, 0.5))

    def test_scalar_target(self, function):
        with pytest.raises(ShapeError, match=r"target \(\)"):
            function(Tensor([0.5, 0.5]), 0.5)

    def test_reduction(self, function):
        with pytest.raises(ValueError, match="reduction must be 'mean' or 'sum'"):
            function(Tensor([0.5]), [0.5], reduction="average")

    def test_mean_of_nothing(self, function):
        nothing = np.zeros((0, 2))
        with pytest.raises(ValueError, match="mean over 0 losses"):
            function(Tensor(nothing), nothing)
        assert function(Tensor(nothing), nothing, reduction="sum").item() == 0


def test_far_logits_raise_no_warning():
    """Warnings are errors here: no overflow on the way."""
    z = Tensor(np.array([-1e4, 1e4, 0.0], np.float32))
    loss = BCE_LOGITS(z, np.array([1.0, 0.0, 0.5], np.float32))
    loss.backward()
    assert loss.dtype == np.float32
    assert np.all(np.isfinite(z.grad))
