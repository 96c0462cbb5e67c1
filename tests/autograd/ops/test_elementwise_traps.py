"""The catalogue of traps: elementwise functions, activations and reductions.

The id of a test is the row of the catalogue.  Rows of the basic operations are in
``tests/autograd/test_traps.py``.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, grad

NAN, INF = math.nan, math.inf
SELU = 1.0507009873554805 * 1.6732632423543772


class Row(NamedTuple):
    """The value of a function, and the gradient of the sum of its elements."""

    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    value: Any
    gradients: tuple[Any, ...]


STEPS = ("floor", "ceil", "trunc", "rint", "round")

# Every row here is computed without any floating-point warning.
SILENT = {
    # ---- A: ties and kinks
    "A10": Row(
        lambda x: np.sign(x) + np.floor(x) + np.ceil(x),
        ([-2, 0, 2.5],),
        [-5, 0, 6],
        ([0, 0, 0],),
    ),
    **{
        f"A10-{name}": Row(getattr(np, name), ([-2, 0, 7],), [-2, 0, 7], ([0, 0, 0],))
        for name in STEPS
    },
    "A10-floor_divide": Row(
        lambda a, b: a // b, ([-3, 3], [2, 3]), [-2, 1], ([0, 0], [0, 0])
    ),
    "A15-hardtanh": Row(ag.hardtanh, ([-1, 1, NAN],), [-1, 1, NAN], ([0, 0, 1],)),
    "A15-relu6": Row(ag.relu6, ([0, 6, NAN],), [0, 6, NAN], ([0, 0, 1],)),
    "A15-leaky_relu": Row(ag.leaky_relu, ([0, NAN],), [0, NAN], ([0.01, 0.01],)),
    "A15-elu": Row(ag.elu, ([0],), [0], ([1],)),
    "A15-elu-alpha": Row(lambda x: ag.elu(x, 2.0), ([0],), [0], ([2],)),
    "A15-celu": Row(lambda x: ag.celu(x, 2.0), ([0],), [0], ([1],)),
    "A15-selu": Row(ag.selu, ([0],), [0], ([SELU],)),
    "A15-hardshrink": Row(
        ag.hardshrink, ([0.5, -0.5, NAN],), [0, 0, NAN], ([0, 0, 1],)
    ),
    "A15-softshrink": Row(
        ag.softshrink, ([0.5, -0.5, NAN],), [0, 0, NAN], ([0, 0, 1],)
    ),
    "A15-hardsigmoid": Row(ag.hardsigmoid, ([-3, 3, NAN],), [0, 1, NAN], ([0, 0, 0],)),
    "A15-hardswish": Row(ag.hardswish, ([-3, 3],), [0, 3], ([0, 1],)),
    "A19": Row(np.median, ([1, 2, 2, 3],), 2, ([0, 0.5, 0.5, 0],)),
    "A19-three": Row(np.median, ([2, 1, 2, 3, 2],), 2, ([1 / 3, 0, 1 / 3, 0, 1 / 3],)),
    "A19-nan": Row(np.median, ([1, NAN, 3],), NAN, ([0, 1, 0],)),
    "A19-quantile": Row(
        lambda x: np.quantile(x, 0.25), ([4, 4, 4, 8],), 4, ([1 / 3, 1 / 3, 1 / 3, 0],)
    ),
    "A-fmax": Row(
        np.fmax,
        ([1, 2, NAN, 3, NAN], [1, 0, 5, NAN, NAN]),
        [1, 2, 5, 3, NAN],
        ([0.5, 1, 0, 1, 0.5], [0.5, 0, 1, 0, 0.5]),
    ),
    "A-fmin": Row(
        np.fmin,
        ([1, 2, NAN, 3, NAN], [1, 0, 5, NAN, NAN]),
        [1, 0, 5, 3, NAN],
        ([0.5, 0, 0, 1, 0.5], [0.5, 1, 1, 0, 0.5]),
    ),
    "A-heaviside": Row(
        np.heaviside,
        ([-1, 0, 2], [0.5, 0.5, 0.5]),
        [0, 0.5, 1],
        ([0, 0, 0], [0, 1, 0]),
    ),
    "A-copysign": Row(
        np.copysign, ([-2, 0, 3], [1, 1, -1]), [2, 0, -3], ([-1, 0, -1], [0, 0, 0])
    ),
    "A-remainder": Row(
        lambda a, b: a % b, ([4, -3], [2, 2]), [0, 1], ([1, 1], [-2, 2])
    ),
    "A-fmod": Row(np.fmod, ([4, -3], [2, 2]), [0, -1], ([1, 1], [-2, 1])),
    "A-ptp": Row(np.ptp, ([2, 2],), 0, ([0, 0],)),
    # ---- B: singular points
    "B22": Row(np.cumprod, ([2, 0, 3, 4],), [2, 0, 0, 0], ([1, 32, 0, 0],)),
    "B26": Row(np.sinc, ([0, 0.5],), [1, 2 / np.pi], ([0, -4 / np.pi],)),
    "B26-near-0": Row(np.sinc, ([1e-8],), [1], ([-(np.pi**2) * 1e-8 / 3],)),
    "B27": Row(np.arctan2, ([0], [0]), [0], ([0], [0])),
    "B27-small": Row(
        np.arctan2, ([3e-200], [4e-200]), [np.arctan2(3, 4)], ([1.6e199], [-1.2e199])
    ),
    "B27-large": Row(
        np.arctan2, ([3e200], [4e200]), [np.arctan2(3, 4)], ([1.6e-201], [-1.2e-201])
    ),
    "B28": Row(np.hypot, ([0], [0]), [0], ([0], [0])),
    "B28-large": Row(np.hypot, ([3e200], [4e200]), [5e200], ([0.6], [0.8])),
    "B31-one": Row(np.logaddexp, ([-INF], [0]), [0], ([0], [1])),
    "B31-plus": Row(np.logaddexp, ([INF], [0]), [INF], ([1], [0])),
    # ---- C: overflow and cancellation
    "C02": Row(lambda x: ag.softmax(x, -1), ([1000, 0],), [1, 0], ([0, 0],)),
    "C05": Row(lambda x: ag.log_softmax(x, -1)[1], ([1000, 0],), -1000, ([-1, 1],)),
    "C07": Row(ag.logsumexp, ([1000, 1000],), 1000 + math.log(2), ([0.5, 0.5],)),
    "C07-mask": Row(ag.logsumexp, ([-INF, 0],), 0, ([0, 1],)),
    "C09": Row(
        lambda x: ag.softmax(x, -1)[0],
        ([1, -INF, 2],),
        0.2689414213699951,
        ([0.19661193324148185, 0, -0.19661193324148185],),
    ),
    "C16": Row(ag.elu, ([1000, -1],), [1000, math.expm1(-1)], ([1, math.exp(-1)],)),
    "C18": Row(np.logaddexp, ([1000], [0]), [1000], ([1], [0])),
    "C18-base-2": Row(np.logaddexp2, ([4000], [0]), [4000], ([1], [0])),
    "C20-log_sigmoid": Row(ag.log_sigmoid, ([-1000, 1000],), [-1000, 0], ([1, 0],)),
    "C21-gelu": Row(ag.gelu, ([-1000, 1000],), [0, 1000], ([0, 1],)),
    "C21-gelu-tanh": Row(
        lambda x: ag.gelu(x, approximate="tanh"), ([-1000, 1000],), [0, 1000], ([0, 1],)
    ),
    "C21-silu": Row(ag.silu, ([-1000, 1000],), [0, 1000], ([0, 1],)),
    "C21-mish": Row(ag.mish, ([-1000, 1000],), [0, 1000], ([0, 1],)),
    "C21-elu": Row(ag.elu, ([-1000, 1000],), [-1, 1000], ([0, 1],)),
    "C21-selu": Row(
        ag.selu,
        ([-1000, 1000],),
        [-SELU, 1050.7009873554805],
        ([0, 1.0507009873554805],),
    ),
    "C28": Row(ag.xlogy, ([0], [0]), [0], ([0], [0])),
    "C28-slope": Row(ag.xlogy, ([0], [2]), [0], ([math.log(2)], [0])),
    "C28-nan": Row(ag.xlogy, ([0], [NAN]), [NAN], ([NAN], [NAN])),
}

# Here the mathematics gives infinity or NaN, and NumPy's warning says so.
LOUD = {
    "B29": Row(
        lambda x: np.arcsin(x) + 0 * np.arccos(x), ([1],), [np.pi / 2], ([NAN],)
    ),
    "B29-alone": Row(np.arcsin, ([1],), [np.pi / 2], ([INF],)),
    "B30": Row(np.cbrt, ([0, 8],), [0, 2], ([INF, 1 / 12],)),
    "B31": Row(np.logaddexp, ([-INF], [-INF]), [-INF], ([NAN], [NAN])),
    "C04": Row(
        lambda x: np.log(ag.softmax(x, -1))[1], ([1000, 0],), -INF, ([NAN, NAN],)
    ),
    "C08": Row(ag.logsumexp, ([-INF, -INF],), -INF, ([NAN, NAN],)),
    "C10": Row(lambda x: ag.softmax(x, -1), ([-INF, -INF],), [NAN, NAN], ([NAN, NAN],)),
}


def check(row):
    leaves = [Tensor(np.array(x, dtype=float)) for x in row.inputs]
    result = row.function(*leaves)
    np.testing.assert_allclose(result.data, row.value, rtol=1e-12, atol=1e-300)
    result.backward(np.ones(result.shape))
    for leaf, expected in zip(leaves, row.gradients, strict=True):
        assert leaf.grad.shape == leaf.shape
        np.testing.assert_allclose(leaf.grad, expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("row", SILENT.values(), ids=list(SILENT))
def test_value_and_gradient_without_warning(row):
    with np.errstate(all="raise", under="ignore"):
        check(row)


@pytest.mark.parametrize("row", LOUD.values(), ids=list(LOUD))
def test_value_and_gradient_with_warning(row):
    with pytest.warns(RuntimeWarning, match="divide by zero|invalid value"):
        check(row)


@pytest.mark.parametrize("name", STEPS)
def test_A10_zero_also_for_an_infinite_cotangent(name):
    x = Tensor([0.3, 1.7])
    getattr(np, name)(x).backward(np.array([INF, NAN]))
    np.testing.assert_array_equal(x.grad, [0, 0])
    number = Tensor(0.3)
    getattr(np, name)(number).backward(INF)
    assert number.grad == 0


@pytest.mark.parametrize("name", ["std", "var"])
def test_B08_no_degrees_of_freedom(name):
    x = Tensor([5.0])
    with pytest.warns(
        RuntimeWarning, match=rf"{name}: 1 value with ddof=1 leaves 0 de"
    ):
        result = getattr(np, name)(x, ddof=1)
    result.backward()
    assert np.isnan(result.data)
    np.testing.assert_array_equal(x.grad, [NAN])


def test_B06_B28_second_derivative_of_a_norm_at_zero_is_not_silent():
    with np.errstate(invalid="ignore"):
        assert np.isnan(grad(grad(lambda x: np.hypot(x, 0.0)))(0.0))
        first_of_two = grad(lambda x: grad(np.std)(x)[0])(np.ones(2))
    assert np.isnan(first_of_two).all()


def test_B26_second_derivative_of_sinc():
    second = grad(grad(np.sinc))
    assert second(0.0) == pytest.approx(-(np.pi**2) / 3, rel=1e-14)
    for x in (1e-9, 0.29999, 0.30001, 0.8):
        u = np.pi * x
        series = np.sum(
            [
                (-1) ** k
                * 2
                * k
                * (2 * k - 1)
                * u ** (2 * k - 2)
                / math.factorial(2 * k + 1)
                for k in range(1, 25)
            ]
        )
        assert second(x) == pytest.approx(np.pi**2 * series, rel=1e-12)


def test_B22_second_derivative_of_cumprod_at_zeros():
    x = np.array([2.0, 0.0, 3.0, 0.0])
    row = grad(lambda x: grad(lambda x: np.sum(np.cumprod(x)))(x)[1])(x)
    # sum = x0 + x0 x1 + x0 x1 x2 + x0 x1 x2 x3, differentiated by x1, then by each
    np.testing.assert_array_equal(row, [1 + 3 + 0, 0, 2 + 0, 6])


def test_C29_variance_of_float32_far_from_zero():
    x = Tensor(np.array([10000.0, 10001.0, 10002.0], np.float32))
    result = np.var(x)
    result.backward()
    assert result.dtype == x.grad.dtype == np.float32
    assert result.item() == pytest.approx(2 / 3, rel=1e-6)
    np.testing.assert_allclose(x.grad, [-2 / 3, 0, 2 / 3], rtol=1e-6)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_I12_softmax_without_axis(name):
    with pytest.raises(TypeError, match=r"missing.*'axis'"):
        getattr(ag, name)(Tensor([1.0, 2.0]))


LIMITS = {
    "sigmoid": ([0, 1], [0, 0]),
    "log_sigmoid": ([-INF, 0], [1, 0]),
    "softplus": ([0, INF], [0, 1]),
    "silu": ([0, INF], [0, 1]),
    "mish": ([0, INF], [0, 1]),
    "gelu": ([0, INF], [0, 1]),
    "gelu_tanh": ([0, INF], [0, 1]),
    "elu": ([-1, INF], [0, 1]),
    "celu": ([-1, INF], [0, 1]),
    "selu": ([-SELU, INF], [0, 1.0507009873554805]),
    "softsign": ([-1, 1], [0, 0]),
    "tanhshrink": ([-INF, INF], [1, 1]),
    "hardswish": ([0, INF], [0, 1]),
    "erf": ([-1, 1], [0, 0]),
    "ndtr": ([0, 1], [0, 0]),
    "arcsinh": ([-INF, INF], [0, 0]),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LIMITS)
def test_limits_at_infinity_without_warning(name, dtype):
    """Also PyTorch's NaN (silu, mish, gelu, softsign, hardswish) are limits here."""
    function = getattr(ag, name)
    value, gradient = LIMITS[name]
    x = Tensor(np.array([-INF, INF], dtype))
    with np.errstate(all="raise", under="ignore"):
        result = function(x)
        result.backward(np.ones(2))
        numbers = [function(Tensor(dtype(v))).data for v in (-INF, INF)]
    assert result.dtype == dtype
    np.testing.assert_allclose(result.data, value, rtol=1e-6, atol=0)
    np.testing.assert_allclose(numbers, value, rtol=1e-6, atol=0)
    np.testing.assert_allclose(x.grad, gradient, rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", LIMITS)
def test_nan_stays_nan(name):
    x = Tensor([NAN, 1.0])
    result = getattr(ag, name)(x)
    assert np.isnan(result.data).tolist() == [True, False]
    assert np.isnan(getattr(ag, name)(Tensor(NAN)).data)
