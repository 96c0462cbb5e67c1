"""Convolutions and their transposes, of one and of two axes."""

import sys
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import ShapeError, Tensor, gradcheck
from tests.autograd.ops.torch_comparison import assert_like_torch, torch

rng = np.random.default_rng(0)

# input, weight, settings; torch takes the same settings
CONV2D = {
    "plain": ((2, 3, 5, 4), (4, 3, 3, 2), {}),
    "one-by-one": ((2, 3, 4, 5), (4, 3, 1, 1), {}),
    "one-by-one-stride": ((2, 3, 5, 5), (4, 3, 1, 1), {"stride": 2}),
    "stride": ((2, 3, 7, 6), (4, 3, 3, 3), {"stride": 2}),
    "stride-pair": ((2, 3, 7, 6), (4, 3, 2, 3), {"stride": (3, 1)}),
    "stride-leaves-a-rest": ((1, 1, 6, 8), (1, 1, 3, 3), {"stride": (2, 4)}),
    "padding": ((2, 3, 5, 4), (4, 3, 3, 3), {"padding": 1}),
    "padding-pair": ((2, 3, 5, 4), (4, 3, 3, 3), {"padding": (2, 0)}),
    "padding-same": ((2, 3, 5, 4), (4, 3, 3, 2), {"padding": "same"}),
    "padding-same-dilated": (
        (1, 2, 6, 5),
        (2, 2, 2, 3),
        {"padding": "same", "dilation": (3, 2)},
    ),
    "padding-valid": ((2, 3, 5, 4), (4, 3, 3, 2), {"padding": "valid"}),
    "dilation": ((2, 3, 7, 7), (4, 3, 3, 2), {"dilation": (2, 3)}),
    "groups": ((2, 4, 5, 4), (6, 2, 3, 3), {"groups": 2}),
    "depthwise": ((2, 4, 5, 4), (8, 1, 3, 3), {"groups": 4}),
    "everything": (
        (2, 4, 9, 8),
        (6, 2, 3, 2),
        {"stride": (2, 3), "padding": (1, 2), "dilation": (2, 1), "groups": 2},
    ),
    "batch-1": ((1, 3, 5, 4), (4, 3, 3, 2), {"padding": 1}),
    "size-1-axes": ((1, 1, 1, 1), (1, 1, 1, 1), {}),
    "size-1-space": ((2, 3, 1, 1), (4, 3, 3, 3), {"padding": 1}),
    "window-is-input": ((2, 3, 4, 5), (2, 3, 4, 5), {}),
    "one-image": ((3, 5, 4), (4, 3, 3, 2), {"padding": 1}),
}
CONV1D = {
    "plain": ((2, 3, 7), (4, 3, 3), {}),
    "everything": (
        (2, 4, 11),
        (6, 2, 3),
        {"stride": 2, "padding": 3, "dilation": 2, "groups": 2},
    ),
    "one-sequence": ((3, 7), (4, 3, 2), {"padding": (1,)}),
}
TRANSPOSE2D = {
    "plain": ((2, 3, 4, 3), (3, 2, 3, 2), {}),
    "stride": ((2, 3, 4, 3), (3, 2, 3, 3), {"stride": 2}),
    "output-padding": (
        (2, 3, 3, 4),
        (3, 2, 3, 3),
        {"stride": (2, 3), "padding": 1, "output_padding": (1, 2)},
    ),
    "output-padding-beyond-stride": (
        (1, 2, 3, 4),
        (2, 2, 2, 2),
        {"stride": 2, "dilation": 4, "output_padding": (3, 2)},
    ),
    "everything": (
        (2, 4, 4, 3),
        (4, 3, 3, 2),
        {
            "stride": (2, 3),
            "padding": (1, 2),
            "dilation": (2, 1),
            "groups": 2,
            "output_padding": (0, 1),
        },
    ),
    "size-1-axes": ((1, 1, 1, 1), (1, 1, 1, 1), {}),
    "one-image": ((3, 4, 3), (3, 2, 3, 2), {}),
}
TRANSPOSE1D = {
    "plain": ((2, 3, 5), (3, 2, 3), {}),
    "everything": (
        (2, 4, 5),
        (4, 3, 3),
        {
            "stride": 2,
            "padding": 1,
            "dilation": 2,
            "groups": 2,
            "output_padding": 1,
        },
    ),
}
FUNCTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "conv1d": CONV1D,
    "conv2d": CONV2D,
    "conv_transpose1d": TRANSPOSE1D,
    "conv_transpose2d": TRANSPOSE2D,
}
CASES = [
    pytest.param(function, *case, id=f"{function}-{name}")
    for function, cases in FUNCTIONS.items()
    for name, case in cases.items()
]


def bias_shape(function, weight, settings):
    transposed = "transpose" in function
    return (weight[1] * settings.get("groups", 1),) if transposed else weight[:1]


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("function", "shape", "weight", "settings"), CASES)
def test_like_torch(function, shape, weight, settings, dtype):
    ours = getattr(ag, function)
    theirs = getattr(torch.nn.functional, function)
    arrays = [rng.standard_normal(shape), rng.standard_normal(weight)]
    arrays.append(rng.standard_normal(bias_shape(function, weight, settings)))
    assert_like_torch(
        lambda x, w, b: ours(x, w, b, **settings),
        lambda x, w, b: theirs(x, w, b, **settings),
        *arrays,
        dtype=dtype,
    )


@pytest.mark.parametrize("function", list(FUNCTIONS))
def test_without_bias(function):
    shape, weight, settings = FUNCTIONS[function]["plain"]
    x, w = rng.standard_normal(shape), rng.standard_normal(weight)
    found = getattr(ag, function)(Tensor(x), Tensor(w), None, **settings)
    zeros = np.zeros(bias_shape(function, weight, settings))
    expected = getattr(ag, function)(x, w, zeros, **settings)
    np.testing.assert_array_equal(found.data, expected)


def test_third_order():
    x, w = rng.standard_normal((1, 2, 3, 3)), rng.standard_normal((2, 2, 2, 2))

    def cubed(x, w):
        return ag.conv2d(x, w, stride=2, padding=1) ** 3

    assert gradcheck(cubed, x, w, order=3, rtol=1e-6)


def test_transposed_is_the_transpose():
    x, w = rng.standard_normal((2, 3, 7, 6)), rng.standard_normal((4, 3, 3, 2))
    settings = {"stride": (2, 1), "padding": (1, 0)}
    y = ag.conv2d(x, w, **settings)
    g = rng.standard_normal(y.shape)
    back = ag.conv_transpose2d(g, w, **settings)
    assert back.shape == x.shape
    np.testing.assert_allclose(np.vdot(g, y), np.vdot(back, x), rtol=1e-12)


def test_only_what_is_needed():
    """Constants get no gradient."""
    x, w = rng.standard_normal((2, 3, 5, 5)), rng.standard_normal((4, 3, 3, 3))
    for constants in ((0,), (1,)):
        leaves = [Tensor(a, k not in constants) for k, a in enumerate((x, w))]
        ag.conv2d(*leaves).sum().backward()
        assert [leaf.grad is None for leaf in leaves] == [
            k in constants for k in (0, 1)
        ]


def test_a_result_keeps_its_weights_apart():
    """A 1 x 1 convolution reads its input in place; nothing may write into it."""
    x = Tensor(rng.standard_normal((1, 3, 4, 4)))
    before = x.data.copy()
    out = ag.conv2d(x, Tensor(rng.standard_normal((2, 3, 1, 1))))
    out.backward(np.ones(out.shape))
    out.backward(np.ones(out.shape))
    np.testing.assert_array_equal(x.data, before)
    assert not np.shares_memory(x.grad, x.data)


ERRORS = {
    "I13-kernel-larger-than-input": (
        (1, 1, 2, 2), (1, 1, 3, 3), {},
        ["kernel is larger", "(2, 2)", "(3, 3)"],
    ),
    "I13-dilated-kernel": (
        (1, 1, 4, 4), (1, 1, 3, 3), {"dilation": 2, "padding": 0},
        ["covers (5, 5)", "(4, 4)"],
    ),
    "channels": (
        (1, 2, 5, 5), (1, 3, 3, 3), {}, ["2 channels", "3 x 1 groups", "(1, 3, 3, 3)"],
    ),
    "groups": ((1, 3, 5, 5), (4, 1, 3, 3), {"groups": 2}, ["groups=2", "divide"]),
    "axes": ((5, 5), (1, 1, 3, 3), {}, ["4 axes", "(5, 5)"]),
    "padding-negative": (
        (1, 1, 5, 5), (1, 1, 3, 3), {"padding": -1}, ["padding", "-1"],
    ),
    "stride-0": ((1, 1, 5, 5), (1, 1, 3, 3), {"stride": 0}, ["stride", "at least 1"]),
    "stride-triple": (
        (1, 1, 5, 5), (1, 1, 3, 3), {"stride": (1, 2, 3)}, ["2 of them", "(1, 2, 3)"],
    ),
    "same-with-stride": (
        (1, 1, 5, 5), (1, 1, 3, 3), {"stride": 2, "padding": "same"}, ["stride 1"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "weight", "settings", "parts"), ERRORS.values(), ids=list(ERRORS)
)
def test_error(shape, weight, settings, parts):
    x, w = Tensor(np.zeros(shape), name="image"), Tensor(np.zeros(weight), name="K1")
    with pytest.raises(ShapeError) as error:
        ag.conv2d(x, w, **settings)
    for part in ["conv2d", *parts]:
        assert part in str(error.value)


def test_error_of_the_bias():
    x, w = np.zeros((1, 1, 5, 5)), np.zeros((2, 1, 3, 3))
    with pytest.raises(ShapeError, match=r"bias \(3,\) float64 must have shape \(2,\)"):
        ag.conv2d(x, w, np.zeros(3))


def test_error_names_tensors_and_lines():
    x, w = Tensor(np.zeros((1, 2, 5, 5)), name="x"), Tensor(np.zeros((1, 3, 3, 3)))
    with pytest.raises(
        ShapeError, match=r"input x \(1, 2, 5, 5\).*test_convolution.py:"
    ):
        ag.conv2d(x, w)


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"output_padding": 1}, "output_padding"),
        ({"padding": 3}, "cut everything away"),
    ],
)
def test_transposed_error(settings, match):
    with pytest.raises(ShapeError, match=match):
        ag.conv_transpose2d(np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 3, 3)), **settings)


def test_columns_that_are_too_large_to_keep_are_laid_out_again(monkeypatch):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((4, 3, 3, 2))
    found = []
    for kept in (64 << 20, 0):
        # `autograd.ops.convolution` is the function: the module is its home.
        home = sys.modules[ag.convolution.__module__]
        monkeypatch.setattr(home, "_KEPT", kept)
        a, b = Tensor(x), Tensor(w)
        np.sum(ag.conv2d(a, b, padding=1) ** 2).backward()
        found.append((a.grad, b.grad))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-13)
