"""Elementwise functions: operators, parts of numbers, steps, blocks, errors."""

import math
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import (
    PRIMITIVES,
    DTypeError,
    NotDifferentiableError,
    ShapeError,
    Tensor,
    gradcheck,
)
from autograd.ops import blocks

NAN, INF = math.nan, math.inf
A = np.array([[-2.0, 0.3, 1.7], [0.9, -0.4, 7.5]])
B = np.array([[1.1, -0.7, 0.8], [2.2, 1.3, -1.9]])


class TestOperators:
    @pytest.mark.parametrize("other", [0.75, B], ids=["number", "array"])
    def test_remainder_and_floor_division(self, other):
        x = Tensor(A)
        np.testing.assert_array_equal((x % other).data, A % other)
        np.testing.assert_array_equal((x // other).data, A // other)
        np.testing.assert_array_equal((other % x).data, other % A)
        np.testing.assert_array_equal((other // x).data, other // A)

    def test_divmod(self):
        for pair in (divmod(Tensor(A), 2.0), np.divmod(Tensor(A), 2.0)):
            for ours, theirs in zip(pair, np.divmod(A, 2.0), strict=True):
                np.testing.assert_array_equal(ours.data, theirs)
        quotient, rest = divmod(7.5, Tensor(2.0))
        assert (quotient.data, rest.data) == (3, 1.5)

    def test_remainder_agrees_with_its_own_quotient(self):
        """Where a / b is rounded up to a whole number, the quotient is one less."""
        a, b = Tensor(1.0), Tensor(0.1)
        (a % b).backward()
        assert b.grad == -np.floor_divide(1.0, 0.1) == -9
        a, b = Tensor(1.0), Tensor(0.1)
        np.fmod(a, b).backward()
        assert b.grad == -9

    def test_round(self):
        x = Tensor([1.25, -2.75])
        np.testing.assert_array_equal(round(x, 1).data, [1.2, -2.8])
        np.testing.assert_array_equal(np.around(x).data, [1, -3])
        np.testing.assert_array_equal(x.round(-1).data, [0, -0.0])


class TestPartsOfNumbers:
    VALUES = np.array([3.0, -0.25, 0.0, 5e-324, 1e308, INF, -INF, NAN])

    def test_frexp(self):
        mantissa, exponent = np.frexp(Tensor(self.VALUES))
        expected = np.frexp(self.VALUES)
        np.testing.assert_array_equal(mantissa.data, expected[0])
        np.testing.assert_array_equal(exponent, expected[1])
        assert gradcheck(lambda x: ag.frexp(x)[0], A + 0.07)

    def test_modf(self):
        fraction, whole = np.modf(Tensor([*self.VALUES, -2.75, -2.0]))
        expected = np.modf([*self.VALUES, -2.75, -2.0])
        for ours, theirs in zip((fraction, whole), expected, strict=True):
            np.testing.assert_array_equal(ours.data, theirs)
            np.testing.assert_array_equal(np.signbit(ours.data), np.signbit(theirs))
        assert gradcheck(lambda x: ag.modf(x)[0] * x, A + 0.07)

    def test_ldexp(self):
        x = Tensor(A)
        result = np.ldexp(x, np.array([[3], [-1]]))
        result.backward(np.ones(result.shape))
        np.testing.assert_array_equal(result.data, A * [[8.0], [0.5]])
        np.testing.assert_array_equal(x.grad, [[8.0] * 3, [0.5] * 3])
        column = Tensor([[1.0], [2.0]])
        np.ldexp(column, np.array([0, 1, 2])).sum().backward()
        np.testing.assert_array_equal(column.grad, [[7.0], [7.0]])
        with pytest.raises(DTypeError, match="ldexp: the exponent must be an integer"):
            np.ldexp(x, 0.5)

    @pytest.mark.parametrize(
        "call", [np.spacing, lambda x: np.nextafter(x, 1.0)], ids=["spacing", "next"]
    )
    def test_steps_between_floating_point_numbers_have_no_rule(self, call):
        with pytest.raises(NotDifferentiableError, match=r"np\.(spacing|nextafter)"):
            call(Tensor(A))

    def test_nan_to_num(self):
        x = Tensor([1.5, NAN, INF, -INF])
        result = np.nan_to_num(x, nan=7.0, posinf=8.0)
        result.sum().backward()
        np.testing.assert_array_equal(
            result.data, [1.5, 7, 8, np.finfo(np.float64).min]
        )
        np.testing.assert_array_equal(x.grad, [1, 0, 0, 0])


class TestPowers:
    def test_float_power_is_double_precision(self):
        single = Tensor(np.array([2.0, 3.0], np.float32))
        result = np.float_power(single, 2)
        result.sum().backward()
        assert result.dtype == np.float64
        assert single.grad.dtype == np.float32
        np.testing.assert_array_equal(single.grad, [4, 6])
        np.testing.assert_array_equal(ag.float_power([1, 2], -1), [1, 0.5])

    def test_conjugate_of_a_real_number(self):
        x = Tensor(A)
        np.conjugate(x).sum().backward()
        np.testing.assert_array_equal(x.grad, np.ones_like(A))

    def test_aliases(self):
        x = Tensor(A)
        for ours, theirs in [
            (np.deg2rad(x), np.radians(A)),
            (np.rad2deg(x), np.degrees(A)),
            (np.mod(x, 2.0), np.mod(A, 2.0)),
            (ag.mod(x, 2.0), np.mod(A, 2.0)),
            (np.fabs(x), np.fabs(A)),
            (np.fix(x), np.trunc(A)),
        ]:
            np.testing.assert_array_equal(ours.data, theirs)


class TestActivations:
    def test_glu(self):
        assert gradcheck(ag.glu, np.array([[0.3, -1.0, 2.0, 0.5]]))
        assert gradcheck(lambda x: ag.glu(x, axis=0), A)
        expected = A[0] / (1 + np.exp(-A[1]))
        np.testing.assert_allclose(ag.glu(A, axis=0), expected[None])

    @pytest.mark.parametrize(
        ("shape", "axis"), [((3,), -1), ((2, 3), 1), ((2,), 1), ((), 0)]
    )
    def test_glu_of_an_axis_that_cannot_be_halved(self, shape, axis):
        with pytest.raises(ShapeError, match=rf"glu: axis {axis} of an array of shape"):
            ag.glu(Tensor(np.ones(shape)), axis)

    def test_gelu_of_an_unknown_kind(self):
        with pytest.raises(ValueError, match="gelu: approximate must be 'none' or"):
            ag.gelu(Tensor(A), approximate="sigmoid")

    def test_gelu_tanh_is_close_to_gelu(self):
        x = np.linspace(-6, 6, 500)
        difference = np.abs(ag.gelu(x) - ag.gelu_tanh(x)).max()
        assert 1e-4 < difference < 5e-4

    @pytest.mark.parametrize(
        ("function", "setting"),
        [
            (ag.leaky_relu, 0.2),
            (ag.elu, 0.5),
            (ag.celu, 0.5),
            (ag.hardshrink, 1.0),
            (ag.softshrink, 1.0),
        ],
        ids=lambda v: getattr(v, "__name__", ""),
    )
    def test_settings_reach_a_scalar_graph(self, function, setting):
        scalars = ag.scalars(A)
        values = [t.data for t in function(scalars, setting).ravel()]
        np.testing.assert_allclose(values, function(A, setting).ravel(), rtol=1e-15)


LARGE = [
    *("erf", "ndtr", "gelu", "gelu_tanh", "silu", "mish"),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LARGE)
def test_blocks_give_what_one_piece_gives(name, dtype, monkeypatch):
    """Contiguous, transposed and strided arrays; no multiple of a block in size."""
    function = PRIMITIVES[name].function
    x = np.random.default_rng(2).normal(size=(7, 11)).astype(dtype)
    arrays = [x, x.T, x[::2, ::-1], np.moveaxis(x.reshape(7, 11, 1), 0, 1)]
    whole = [both_passes(function, array) for array in arrays]
    monkeypatch.setattr(blocks, "_BLOCK", 4)
    for array, (value, gradient) in zip(arrays, whole, strict=True):
        found, slope = both_passes(function, array)
        assert found.dtype == slope.dtype == dtype
        np.testing.assert_allclose(found, value, rtol=4 * np.finfo(dtype).eps)
        np.testing.assert_allclose(
            slope, gradient, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps
        )
        np.testing.assert_array_equal(found, function(array))


def both_passes(function, array):
    x = Tensor(array)
    result = function(x)
    result.backward(np.ones(result.shape))
    return result.data, x.grad


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "log_sigmoid", "silu", "mish"])
def test_lists_and_integers(name):
    function = getattr(ag, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = function(np.array([-2.0, 0.0, 3.0]))
        np.testing.assert_array_equal(function([-2, 0, 3]), expected)
        np.testing.assert_array_equal(function(np.array([-2, 0, 3])), expected)
        assert function(0.0) == function(np.zeros(1))[0]


def test_power_of_small_integers_keeps_the_precision_of_its_exponent():
    bases = np.array([1, 2, 3], np.int16)
    b = Tensor([2.0, -0.5, 1.3])
    (bases**b).sum().backward()
    expected = bases**b.data * np.log(bases.astype(float))
    np.testing.assert_allclose(b.grad, expected, rtol=1e-14)
