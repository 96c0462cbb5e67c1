"""Initialisers: the statistics that the formulas promise, over 10^5 draws."""

import math

import numpy as np
import pytest

import nn
from autograd import ShapeError, Tensor
from nn import init

SHAPE = (400, 50, 5)  # 10^5 numbers; fan_in 250, fan_out 2000
FAN_IN, FAN_OUT = 250, 2000
RELU = math.sqrt(2)


def drawn(function, *args, shape=SHAPE, **kwargs):
    tensor = Tensor(np.full(shape, np.nan))
    assert function(tensor, *args, rng=np.random.default_rng(0), **kwargs) is tensor
    assert np.all(np.isfinite(tensor.data))
    return tensor.data


# function, arguments, expected variance, expected bound (None: unbounded), mean
UNIFORM_AND_NORMAL = {
    "normal": (init.normal, (0.5, 0.2), 0.04, None, 0.5),
    "uniform": (init.uniform, (-1.0, 3.0), 16 / 12, 3.0, 1.0),
    "small_normal": (init.small_normal, (), 1e-4, None, 0.0),
    "xavier_uniform": (
        init.xavier_uniform,
        (),
        2 / (FAN_IN + FAN_OUT),
        math.sqrt(6 / 2250),
        0,
    ),
    "xavier_uniform gain": (
        init.xavier_uniform,
        (5 / 3,),
        25 / 9 * 2 / 2250,
        5 / 3 * math.sqrt(6 / 2250),
        0,
    ),
    "xavier_normal": (init.xavier_normal, (2.0,), 4 * 2 / 2250, None, 0),
    "kaiming_uniform": (init.kaiming_uniform, (), 2 / FAN_IN, math.sqrt(6 / FAN_IN), 0),
    "kaiming_uniform layers": (
        init.kaiming_uniform,
        (math.sqrt(5),),
        1 / 3 / FAN_IN,
        1 / math.sqrt(FAN_IN),
        0,
    ),
    "kaiming_normal": (
        init.kaiming_normal,
        (0.0, "fan_out", "relu"),
        2 / FAN_OUT,
        None,
        0,
    ),
    "lecun_uniform": (init.lecun_uniform, (), 1 / FAN_IN, math.sqrt(3 / FAN_IN), 0),
    "lecun_normal": (init.lecun_normal, (), 1 / FAN_IN, None, 0),
}


@pytest.mark.parametrize("name", UNIFORM_AND_NORMAL)
def test_mean_variance_and_bound(name):
    function, args, variance, bound, mean = UNIFORM_AND_NORMAL[name]
    values = drawn(function, *args)
    n = values.size
    # Five standard errors: of the mean, and of the variance (at most that of a normal).
    assert abs(values.mean() - mean) < 5 * math.sqrt(variance / n)
    assert abs(values.var() / variance - 1) < 5 * math.sqrt(2 / n)
    if bound is not None:
        assert 0.999 * bound < np.abs(values).max() <= bound
    else:  # tails of a normal distribution
        beyond = np.mean(np.abs(values - mean) > 2 * math.sqrt(variance))
        assert abs(beyond - 0.0455) < 0.004


def test_truncated_normal_has_the_moments_of_its_distribution():
    values = drawn(init.trunc_normal, 0.0, 1.0, -2.0, 2.0)
    assert np.abs(values).max() <= 2
    # Var = 1 - 2 a φ(a) / (Φ(a) - Φ(-a)) with a = 2
    phi = math.exp(-2) / math.sqrt(2 * math.pi)
    inside = math.erf(2 / math.sqrt(2))
    assert abs(values.var() - (1 - 4 * phi / inside)) < 0.015
    assert abs(values.mean()) < 0.015
    shifted = drawn(init.trunc_normal, 5.0, 2.0, 4.0, 9.0)
    assert shifted.min() >= 4
    assert shifted.max() <= 9


@pytest.mark.parametrize("shape", [(60, 40), (40, 60), (30, 5, 2, 3)])
def test_orthogonal(shape):
    matrix = drawn(init.orthogonal, 1.5, shape=shape).reshape(shape[0], -1) / 1.5
    small = matrix @ matrix.T if len(matrix) <= matrix.shape[1] else matrix.T @ matrix
    assert np.allclose(small, np.eye(len(small)), atol=1e-12)


def test_orthogonal_is_uniform_over_rotations():
    """The mean of many draws is zero: without the sign rule the diagonal is not."""
    rng = np.random.default_rng(0)
    draws = [
        init.orthogonal(Tensor(np.zeros((2, 2))), rng=rng).data for _ in range(4000)
    ]
    assert np.all(np.abs(np.mean(draws, axis=0)) < 5 * math.sqrt(0.5 / 4000))


def test_constants():
    tensor = Tensor(np.full((2, 3), 7.0))
    assert np.array_equal(init.zeros(tensor).data, np.zeros((2, 3)))
    assert np.array_equal(init.ones(tensor).data, np.ones((2, 3)))
    assert np.array_equal(init.constant(tensor, 0.3).data, np.full((2, 3), 0.3))
    assert np.array_equal(init.eye(tensor).data, np.eye(2, 3))


@pytest.mark.parametrize(
    ("shape", "groups"),
    [((4, 4, 3), 1), ((4, 2, 3), 2), ((6, 3, 5, 3), 1), ((2, 5, 4), 1)],
)
def test_dirac_passes_channels_on(shape, groups):
    torch = pytest.importorskip("torch")
    expected = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
    weight = init.dirac(Tensor(np.ones(shape)), groups).data
    assert np.array_equal(weight, expected)


def test_dirac_convolution_is_the_identity():
    layer = nn.Conv2d(3, 3, 3, padding=1, bias=False, rng=np.random.default_rng(0))
    init.dirac(layer.weight)
    x = np.random.default_rng(1).random((2, 3, 5, 6), dtype=np.float32)
    assert np.array_equal(layer(x).data, x)


def test_gains():
    assert init.calculate_gain("relu") == RELU
    assert init.calculate_gain("leaky_relu", 1.0) == 1.0
    assert init.calculate_gain("leaky_relu") == math.sqrt(2 / 1.0001)
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("selu") == 0.75
    assert init.calculate_gain("conv2d") == init.calculate_gain("sigmoid") == 1.0
    with pytest.raises(ValueError, match=r"'swish' is not one of .*tanh"):
        init.calculate_gain("swish")


def test_dtype_and_identity_are_kept():
    weight = nn.Parameter(np.zeros((3, 2)))
    init.xavier_normal(weight, rng=np.random.default_rng(0))
    assert weight.dtype == np.float32
    assert weight.requires_grad


def test_pytorch_spelling():
    assert init.kaiming_uniform_ is init.kaiming_uniform
    assert init.zeros_ is init.zeros


REFUSED = {
    "a bias": lambda: init.xavier_uniform(
        Tensor([1.0, 2.0]), rng=np.random.default_rng(0)
    ),
    "an empty axis": lambda: init.lecun_normal(
        Tensor(np.zeros((2, 0))), rng=np.random.default_rng(0)
    ),
    "an identity of three axes": lambda: init.eye(Tensor(np.zeros((2, 2, 2)))),
    "dirac of a matrix": lambda: init.dirac(Tensor(np.zeros((2, 2)))),
    "dirac groups": lambda: init.dirac(Tensor(np.zeros((3, 2, 2))), groups=2),
    "orthogonal vector": lambda: init.orthogonal(
        Tensor([1.0]), rng=np.random.default_rng(0)
    ),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_wrong_shapes_are_refused(call):
    with pytest.raises(ShapeError, match=r"init\.\w+: it needs .* shape"):
        call()


def test_wrong_settings_are_refused():
    rng = np.random.default_rng(0)
    weight = Tensor(np.zeros((2, 2)))
    with pytest.raises(
        ValueError, match="mode must be 'fan_in' or 'fan_out', got 'fan'"
    ):
        init.kaiming_normal(weight, mode="fan", rng=rng)
    with pytest.raises(ValueError, match="less than a thousandth"):
        init.trunc_normal(weight, a=8.0, b=9.0, rng=rng)


@pytest.mark.parametrize(
    "function",
    [
        init.normal,
        init.uniform,
        init.trunc_normal,
        init.small_normal,
        init.xavier_uniform,
        init.xavier_normal,
        init.kaiming_uniform,
        init.kaiming_normal,
        init.lecun_uniform,
        init.lecun_normal,
        init.orthogonal,
    ],
)
@pytest.mark.parametrize("rng", [None, 0, np.random.RandomState(0)])
def test_randomness_needs_a_generator(function, rng):
    weight = Tensor(np.ones((2, 2)))
    with pytest.raises(TypeError, match=rf"init\.{function.__name__}: it needs random"):
        function(weight, rng=rng)
    assert np.array_equal(weight.data, np.ones((2, 2)))
