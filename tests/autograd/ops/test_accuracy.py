"""Units in the last place: functions that are computed here, against mpmath.

Values are checked relatively, gradients absolutely in units of the machine epsilon
(where a gradient crosses zero, a relative bound could not hold).
"""

import math

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.ops.special import _SERIES

mp = pytest.importorskip("mpmath")


@pytest.fixture(autouse=True)
def _many_digits():
    with mp.workdps(50):
        yield


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log(1 + mp.exp(x))


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def gelu_tanh(x):
    return x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))


def elu(x):
    return x if x > 0 else mp.expm1(x)


# name -> the exact function, the bound for values above -5, and for values below,
# where the rounding of x² or x³ inside an exponential is felt.
FUNCTIONS = {
    "sigmoid": (sigmoid, 3, 3),
    "softplus": (softplus, 3, 3),
    "log_sigmoid": (lambda x: -softplus(-x), 3, 3),
    "silu": (lambda x: x * sigmoid(x), 4, 4),
    "mish": (lambda x: x * mp.tanh(softplus(x)), 4, 4),
    "erf": (mp.erf, 4, 4),
    "ndtr": (normal, 30, 200),
    "gelu": (lambda x: x * normal(x), 30, 200),
    "gelu_tanh": (gelu_tanh, 30, 400),
    "elu": (elu, 2, 2),
    "softsign": (lambda x: x / (1 + abs(x)), 2, 2),
}


def points(dtype):
    rng = np.random.default_rng(5)
    near = rng.normal(size=150) * 3
    wide = rng.uniform(-14, 14, 100)
    tiny = 10.0 ** rng.uniform(-12, 0, 50) * rng.choice([-1, 1], 50)
    return np.concatenate([near, wide, tiny]).astype(dtype)


def units_in_the_last_place(found, exact, dtype):
    return np.array(
        [
            float(abs(mp.mpf(float(a)) - b) / float(np.spacing(abs(dtype(float(b))))))
            for a, b in zip(found, exact, strict=True)
        ]
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_units_in_the_last_place(name, dtype):
    exactly, above, below = FUNCTIONS[name]
    x = points(dtype)
    exact = [exactly(mp.mpf(float(v))) for v in x]
    errors = units_in_the_last_place(getattr(ag, name)(x), exact, dtype)
    assert errors[x > -5].max() <= above
    assert errors[x <= -5].max() <= below
    if dtype == np.float64:  # single numbers take a way of their own
        numbers = [getattr(ag, name)(Tensor(v)).data for v in x]
        errors = units_in_the_last_place(numbers, exact, dtype)
        assert errors[x > -5].max() <= above


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_in_units_of_epsilon(name, dtype):
    exactly = FUNCTIONS[name][0]
    x = Tensor(points(dtype)[::4])
    getattr(ag, name)(x).backward(np.ones(x.shape))
    step = mp.mpf(10) ** -20
    exact = [mp.diff(exactly, mp.mpf(float(v)), h=step) for v in x.data]
    errors = [
        abs(float(mp.mpf(float(a)) - b)) for a, b in zip(x.grad, exact, strict=True)
    ]
    assert max(errors) <= 4 * np.finfo(dtype).eps


def test_sigmoid_keeps_its_relative_accuracy_far_below_zero():
    x = np.array([-700.0, -100.0, -40.0, -20.0])
    exact = [sigmoid(mp.mpf(v)) for v in x]
    assert units_in_the_last_place(ag.sigmoid(x), exact, np.float64).max() <= 3


def test_logsumexp_is_as_accurate_as_its_largest_element():
    rng = np.random.default_rng(6)
    for scale in (1e-3, 1.0, 300.0):
        x = rng.normal(size=(20, 7)) * scale
        found = ag.logsumexp(x, axis=1)
        for row, value in zip(x, found, strict=True):
            exact = mp.log(mp.fsum([mp.exp(mp.mpf(v)) for v in row]))
            error = abs(float(mp.mpf(value) - exact))
            assert error <= 4 * np.finfo(float).eps * max(1.0, abs(row).max())


def test_softmax_and_log_softmax_are_accurate():
    x = np.random.default_rng(7).normal(size=9) * 20
    powers = [mp.exp(mp.mpf(v)) for v in x]
    exact = [power / mp.fsum(powers) for power in powers]
    found = ag.softmax(x, axis=0)
    assert units_in_the_last_place(found, exact, np.float64).max() <= 60
    logarithms = [mp.log(p) for p in exact]
    found = ag.log_softmax(x, axis=0)
    errors = [float(mp.mpf(a) - b) for a, b in zip(found, logarithms, strict=True)]
    assert np.abs(errors).max() <= 4 * np.finfo(float).eps * abs(x).max()


def test_coefficients_of_the_error_function():
    """The Chebyshev coefficients, computed anew by the discrete cosine transform."""
    count = 40
    angles = [mp.pi * (2 * j + 1) / (2 * count) for j in range(count)]
    values = []
    for angle in angles:
        t = mp.cos(angle)
        x = mp.mpf("3.75") * (1 + t) / (1 - t)
        # e^(x²) erfc(x) as an integral: erfc itself underflows far out.
        scaled = (
            2
            / mp.sqrt(mp.pi)
            * mp.quad(
                lambda s, x=x: mp.exp(-s * s - 2 * s * x),
                [0, 1 / (1 + x), 4 / (1 + x), 12],
            )
        )
        values.append((1 + 2 * x) * scaled)
    for k, coefficient in enumerate(_SERIES):
        total = mp.fsum(
            value * mp.cos(k * angle)
            for value, angle in zip(values, angles, strict=True)
        )
        exact = total * (2 if k else 1) / count
        assert abs(exact - coefficient) <= 1.2e-16 * abs(coefficient)


def test_erf_against_the_standard_library():
    x = np.linspace(-7, 7, 2001)
    np.testing.assert_allclose(ag.erf(x), [math.erf(v) for v in x], rtol=5e-16, atol=0)
