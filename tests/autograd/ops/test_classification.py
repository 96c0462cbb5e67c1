"""Cross entropy and negative log-likelihood of classes."""

import numpy as np
import pytest

import autograd as ag
from autograd import (
    DTypeError,
    GradientError,
    OutOfRangeError,
    ShapeError,
    Tensor,
    gradcheck,
)
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

F = torch.nn.functional
rng = np.random.default_rng(0)
SHAPES = {
    "rows": ((5, 4), (5,)),
    "one-sample": ((4,), ()),
    "sequence": ((3, 4, 6), (3, 6)),
    "image": ((2, 4, 3, 2), (2, 3, 2)),
    "one-class": ((3, 1), (3,)),
    "batch-1": ((1, 4), (1,)),
}
HOW = {
    "plain": {},
    "weight": {"weight": True},
    "ignore": {"ignore_index": 0},
    "smoothing": {"label_smoothing": 0.3},
    "everything": {"weight": True, "ignore_index": 0, "label_smoothing": 0.1},
}


def problem(shape, target_shape, how):
    """Return logits, classes (the first is never 0) and the settings of both."""
    z = rng.standard_normal(shape) * 2
    n = shape[1] if len(shape) > 1 else shape[0]
    target = rng.integers(0, n, target_shape)
    if n > 1 and target.ndim:
        target[(0,) * target.ndim] = 1
    elif n > 1:
        target = np.array(1)
    ours, theirs = dict(how), dict(how)
    if "weight" in how:
        ours["weight"] = rng.uniform(0.5, 2.0, n)
    if n == 1:
        ours.pop("ignore_index", None)
        theirs.pop("ignore_index", None)
    return z, target, ours, theirs


def with_torch_weight(theirs, ours, dtype):
    if "weight" in ours:
        theirs = theirs | {"weight": torch.tensor(ours["weight"].astype(dtype))}
    return theirs


REDUCTIONS = [
    ("mean", np.float32),
    ("mean", np.float64),
    ("sum", np.float64),
    ("none", np.float64),
]


@pytest.mark.parametrize(("reduction", "dtype"), REDUCTIONS)
@pytest.mark.parametrize("how", HOW.values(), ids=list(HOW))
@pytest.mark.parametrize(("shape", "classes"), SHAPES.values(), ids=list(SHAPES))
def test_cross_entropy_like_torch(shape, classes, how, reduction, dtype):
    z, target, ours, theirs = problem(shape, classes, how)
    theirs = with_torch_weight(theirs, ours, dtype)
    assert_like_torch(
        lambda z: ag.cross_entropy(z, target, reduction=reduction, **ours),
        lambda z: F.cross_entropy(
            z, torch.tensor(target), reduction=reduction, **theirs
        ),
        z,
        dtype=dtype,
    )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("how", ["plain", "weight", "ignore"])
@pytest.mark.parametrize(("shape", "classes"), SHAPES.values(), ids=list(SHAPES))
def test_nll_loss_like_torch(shape, classes, how, reduction):
    z, target, ours, theirs = problem(shape, classes, HOW[how])
    theirs = with_torch_weight(theirs, ours, np.float64)
    axis = min(1, z.ndim - 1)
    assert_like_torch(
        lambda z: ag.nll_loss(
            ag.log_softmax(z, axis=axis), target, reduction=reduction, **ours
        ),
        lambda z: F.nll_loss(
            F.log_softmax(z, axis), torch.tensor(target), reduction=reduction, **theirs
        ),
        z,
    )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("how", ["plain", "weight", "smoothing"])
@pytest.mark.parametrize("shape", [(5, 4), (4,), (2, 4, 3)], ids=str)
def test_probabilities_like_torch(shape, how, reduction):
    z, _, ours, theirs = problem(shape, shape, HOW[how])
    theirs = with_torch_weight(theirs, ours, np.float64)
    shares = np.exp(rng.standard_normal(shape))
    shares /= shares.sum(axis=min(1, len(shape) - 1), keepdims=True)
    assert_like_torch(
        lambda z, t: ag.cross_entropy(z, t, reduction=reduction, **ours),
        lambda z, t: F.cross_entropy(z, t, reduction=reduction, **theirs),
        z,
        shares,
    )


def test_third_order():
    z, target = rng.standard_normal((3, 4)), np.array([1, 0, 3])
    assert gradcheck(lambda z: ag.cross_entropy(z, target), z, order=3, rtol=1e-6)


def test_target_may_be_a_list_a_tensor_or_small_integers():
    z = Tensor(rng.standard_normal((3, 4)))
    expected = ag.cross_entropy(z, np.array([0, 3, 1])).item()
    for target in ([0, 3, 1], Tensor(np.array([0, 3, 1])), np.uint8([0, 3, 1])):
        assert ag.cross_entropy(z, target).item() == expected


# ---- the traps -----------------------------------------------------------------------


@pytest.mark.parametrize("function", [ag.cross_entropy], ids=["C26"])
def test_far_logits(function):
    z = Tensor([[1000.0, -1000.0]])
    loss = function(z, [1])
    loss.backward()
    assert loss.item() == 2000.0
    np.testing.assert_array_equal(z.grad, [[1.0, -1.0]])


def test_a_masked_class_gets_no_gradient():
    """C09 at the loss: a logit of -inf has probability exactly 0."""
    z = Tensor([[1.0, -np.inf, 2.0]])
    loss = ag.cross_entropy(z, [2])
    loss.backward()
    assert np.isfinite(loss.item())
    assert z.grad[0, 1] == 0


LIKELIHOODS = pytest.mark.parametrize("function", [ag.cross_entropy, ag.nll_loss])
Z = Tensor([[-0.3, -1.2]], name="z")


@LIKELIHOODS
@pytest.mark.parametrize("target", [-1, 2], ids=["I02", "I03"])
def test_target_out_of_range(function, target):
    with pytest.raises(IndexError) as error:
        function(Z, [target])
    assert isinstance(error.value, OutOfRangeError)
    for part in [
        f"{function.__name__}: target[0] = {target}",
        "0 ... 1",
        "2 classes",
        "ignore_index is -100",
    ]:
        assert part in str(error.value)


@LIKELIHOODS
def test_all_targets_ignored(function):
    """I04: a mean over nothing is an error, a sum is 0."""
    with pytest.raises(
        ValueError, match=r"mean over 0 targets \(all 1 equal ignore_ind"
    ):
        function(Z, [-100])
    z = Tensor(Z.data)
    loss = function(z, [-100], reduction="sum")
    loss.backward()
    assert loss.item() == 0
    np.testing.assert_array_equal(z.grad, [[0.0, 0.0]])


@LIKELIHOODS
def test_ignored_rows_may_hold_anything(function):
    z = Tensor([[-0.3, -1.2], [np.nan, -np.inf]])
    loss = function(z, [1, -100])
    loss.backward()
    assert np.isfinite(loss.item())
    np.testing.assert_array_equal(z.grad[1], [0.0, 0.0])


@LIKELIHOODS
def test_empty_batch(function):
    """I05."""
    with pytest.raises(ValueError, match=r"mean over 0 targets \(empty batch"):
        function(Tensor(np.zeros((0, 2))), np.zeros(0, int))


@pytest.mark.parametrize("values", [[[0.73, 0.27]]], ids=["I06"])
def test_probabilities_for_log_probabilities(values):
    with pytest.raises(ValueError, match=r"<= 0, got 0\.73 .*log_softmax missing"):
        ag.nll_loss(Tensor(values), [0])


@LIKELIHOODS
class TestErrors:
    def test_float_classes(self, function):
        with pytest.raises(DTypeError, match=r"target .*must hold integers"):
            function(Z, [1.0])

    def test_shape_of_the_target(self, function):
        with pytest.raises(ShapeError, match=r"target \(1, 1\).*shape \(1,\).*input z"):
            function(Z, np.zeros((1, 1), int))

    def test_no_axis_of_classes(self, function):
        with pytest.raises(ShapeError, match="axis of classes"):
            function(Tensor(-1.0), 0)

    def test_shape_of_the_weight(self, function):
        with pytest.raises(ShapeError, match=r"weight \(3,\).*shape \(2,\)"):
            function(Z, [1], np.ones(3))

    def test_weight_that_requires_a_gradient(self, function):
        with pytest.raises(
            GradientError, match="no gradient is computed for the weight"
        ):
            function(Z, [1], Tensor([1.0, 2.0]))

    def test_reduction(self, function):
        with pytest.raises(ValueError, match="reduction must be"):
            function(Z, [1], reduction="average")


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_label_smoothing_out_of_range(value):
    with pytest.raises(
        ValueError, match=f"label_smoothing must be 0 to 1, got {value}"
    ):
        ag.cross_entropy(Z, [1], label_smoothing=value)


def test_integer_one_hot_vectors():
    with pytest.raises(
        ShapeError, match="probabilities of the classes must be floating"
    ):
        ag.cross_entropy(Z, np.array([[0, 1]]))
