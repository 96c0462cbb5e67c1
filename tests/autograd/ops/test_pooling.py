"""Maxima and means of windows."""

import numpy as np
import pytest

import autograd as ag
from autograd import NotDifferentiableError, ShapeError, Tensor, gradcheck
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

rng = np.random.default_rng(0)

SHARED = {
    "plain": ((2, 3, 6, 4), {"kernel_size": 2}),
    "leaves-a-rest": ((2, 3, 7, 5), {"kernel_size": 2}),
    "kernel-pair": ((2, 3, 6, 5), {"kernel_size": (3, 2)}),
    "overlapping": ((2, 3, 7, 5), {"kernel_size": 3, "stride": 1}),
    "stride-pair": ((2, 3, 7, 6), {"kernel_size": 2, "stride": (3, 1)}),
    "gaps": ((2, 3, 7, 6), {"kernel_size": 2, "stride": 3}),
    "padding": ((2, 3, 6, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "padding-pair": ((2, 3, 6, 5), {"kernel_size": (3, 2), "padding": (1, 0)}),
    "ceil-mode": ((2, 3, 7, 6), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    "ceil-mode-padding": (
        (2, 3, 6, 7),
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    ),
    "ceil-mode-drops-a-window": (
        (1, 1, 5, 4),
        {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
    ),
    "batch-1": ((1, 3, 4, 4), {"kernel_size": 2}),
    "size-1-axes": ((1, 1, 1, 1), {"kernel_size": 1}),
    "one-image": ((3, 6, 4), {"kernel_size": 2}),
}
MAX_ONLY = {
    "dilation": ((2, 3, 7, 6), {"kernel_size": 2, "stride": 1, "dilation": (2, 3)}),
    "dilation-padding": (
        (2, 3, 7, 6),
        {"kernel_size": 3, "stride": 2, "dilation": 2, "padding": 1, "ceil_mode": True},
    ),
}
AVG_ONLY = {
    "exclude-padding": (
        (2, 3, 6, 5),
        {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    ),
    "exclude-padding-ceil": (
        (2, 3, 6, 7),
        {
            "kernel_size": (3, 2),
            "padding": 1,
            "ceil_mode": True,
            "count_include_pad": False,
        },
    ),
    "divisor": ((2, 3, 6, 4), {"kernel_size": 2, "divisor_override": 3}),
}
LINES = {
    "plain": ((2, 3, 7), {"kernel_size": 2}),
    "everything": (
        (2, 3, 8),
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    ),
    "one-sequence": ((3, 7), {"kernel_size": (3,), "stride": (1,)}),
}
FUNCTIONS = {
    "max_pool1d": LINES,
    "max_pool2d": SHARED | MAX_ONLY,
    "avg_pool1d": LINES,
    "avg_pool2d": SHARED | AVG_ONLY,
}
CASES = [
    pytest.param(function, *case, id=f"{function}-{name}")
    for function, cases in FUNCTIONS.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("function", "shape", "settings"), CASES)
def test_like_torch(function, shape, settings, dtype):
    ours, theirs = getattr(ag, function), getattr(torch.nn.functional, function)
    assert_like_torch(
        lambda x: ours(x, **settings),
        lambda x: theirs(x, **settings),
        rng.standard_normal(shape),
        dtype=dtype,
    )


@pytest.mark.parametrize("size", [1, 2, 3, (2, 3), (None, 2), (5, 7), (6, 9)])
@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (3, 6, 4)])
def test_adaptive_like_torch(size, shape):
    assert_like_torch(
        lambda x: ag.adaptive_avg_pool2d(x, size),
        lambda x: torch.nn.functional.adaptive_avg_pool2d(x, size),
        rng.standard_normal(shape),
    )


@pytest.mark.parametrize("size", [1, 3, 4, 7])
def test_adaptive_1d_like_torch(size):
    assert_like_torch(
        lambda x: ag.adaptive_avg_pool1d(x, size),
        lambda x: torch.nn.functional.adaptive_avg_pool1d(x, size),
        rng.standard_normal((2, 3, 7)),
    )


def test_adaptive_keeps_float32():
    out = ag.adaptive_avg_pool2d(Tensor(np.ones((1, 1, 5, 7), np.float32)), (2, 3))
    assert out.dtype == np.float32


# ---- ties, padding, NaN --------------------------------------------------------------


def max_gradient(x, *settings, **more):
    leaf = Tensor(x)
    out = ag.max_pool2d(leaf, *settings, **more)
    out.backward(np.ones(out.shape))
    return leaf.grad


def plain_gradient(x, *settings, **more):
    """The gradient by the rule that is recorded, not by the fused one."""
    leaf = Tensor(x)
    out = ag.max_pool2d(leaf, *settings, **more)
    rule = out.op.vjps[0]
    return rule(np.ones(out.shape), out.data, leaf.data, **out.settings)


@pytest.mark.parametrize("gradient", [max_gradient, plain_gradient])
class TestFirstMaximum:
    def test_ties(self, gradient):
        found = gradient(np.ones((1, 1, 2, 2)), 2)
        np.testing.assert_array_equal(found, [[[[1.0, 0.0], [0.0, 0.0]]]])

    def test_ties_of_overlapping_windows(self, gradient):
        found = gradient(np.ones((1, 1, 1, 3)), (1, 2), stride=1)
        np.testing.assert_array_equal(found, [[[[1.0, 1.0, 0.0]]]])

    def test_minus_infinity_beside_padding(self, gradient):
        """The padding is -inf as well, and must not be chosen."""
        found = gradient(np.full((1, 1, 2, 2), -np.inf), 2, padding=1)
        np.testing.assert_array_equal(found, np.ones((1, 1, 2, 2)))

    def test_nan_is_the_maximum(self, gradient):
        x = np.array([[[[1.0, np.nan], [5.0, np.nan]]]])
        found = gradient(x, 2)
        np.testing.assert_array_equal(found, [[[[0.0, 1.0], [0.0, 0.0]]]])


def test_trap_a17():
    test = TestFirstMaximum()
    test.test_ties(max_gradient)
    expected = torch.ones((1, 1, 2, 2), requires_grad=True)
    torch.nn.functional.max_pool2d(expected, 2).backward()
    np.testing.assert_array_equal(max_gradient(np.ones((1, 1, 2, 2)), 2), expected.grad)


@pytest.mark.parametrize("value", [-1.0], ids=["A18"])
def test_padding_is_never_the_maximum(value):
    out = ag.max_pool2d(Tensor(np.full((1, 1, 2, 2), value)), 2, padding=1)
    np.testing.assert_array_equal(out.data, np.full((1, 1, 2, 2), value))


def test_integers():
    x = np.array([[[[1, -5], [-3, -4]]]])
    np.testing.assert_array_equal(ag.max_pool2d(x, 2, padding=1)[0, 0], x[0, 0])
    np.testing.assert_array_equal(ag.avg_pool2d(x, 2), [[[[-2.75]]]])
    bytes_ = np.full((1, 1, 2, 2), 200, np.uint8)
    np.testing.assert_array_equal(ag.avg_pool2d(bytes_, 2), [[[[200.0]]]])


def test_empty_batch():
    x = Tensor(np.zeros((0, 3, 4, 4)))
    for function in (ag.max_pool2d, ag.avg_pool2d):
        out = function(x, 2)
        assert out.shape == (0, 3, 2, 2)
        out.backward(np.zeros(out.shape))
        assert x.grad.shape == x.shape


def test_third_order():
    x = rng.permutation(16).reshape(1, 1, 4, 4) / 7
    assert gradcheck(lambda x: ag.max_pool2d(x, 3, stride=1) ** 3, x, order=3)
    assert gradcheck(lambda x: ag.avg_pool2d(x, 3, stride=1) ** 3, x, order=3)


# ---- errors --------------------------------------------------------------------------


@pytest.mark.parametrize("function", [ag.max_pool2d, ag.avg_pool2d])
class TestErrors:
    @pytest.mark.parametrize("padding", [2, (0, 2)], ids=["I16", "I16-pair"])
    def test_padding_beyond_half_a_window(self, function, padding):
        with pytest.raises(ValueError, match=r"padding .* more than half .*\(2, 2\)"):
            function(np.zeros((1, 1, 4, 4)), 2, padding=padding)

    def test_kernel_larger_than_input(self, function):
        with pytest.raises(ShapeError, match=r"input \(2, 2\).*kernel \(3, 3\)"):
            function(np.zeros((1, 1, 2, 2)), 3)

    def test_axes(self, function):
        with pytest.raises(ShapeError, match=r"4 axes.*x \(2, 2\) float64"):
            function(Tensor(np.zeros((2, 2)), name="x"), 2)

    def test_kernel_0(self, function):
        with pytest.raises(ShapeError, match="kernel_size must be"):
            function(np.zeros((1, 1, 2, 2)), 0)


def test_indices_are_not_offered():
    with pytest.raises(NotDifferentiableError, match="return_indices"):
        ag.max_pool2d(np.zeros((1, 1, 2, 2)), 2, return_indices=True)
