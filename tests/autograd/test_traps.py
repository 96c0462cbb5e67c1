"""The catalogue of traps: inputs on which derivative rules go wrong silently.

Ties and kinks, singular points, overflow, shapes, indexing, aliasing, dtypes, lifetime.
The id of a test is the row of the catalogue; rows of operations that do not exist yet
are missing.  The kinks follow PyTorch except where it gives a wrong value.
"""

import asyncio
import copy
import math
import pickle
import threading
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
from autograd import (
    DTypeError,
    GradientError,
    InPlaceError,
    NotDifferentiableError,
    OutOfRangeError,
    ShapeError,
    Tensor,
    grad,
)

NAN, INF = math.nan, math.inf
SQUARE = np.array([[0.0, 1.0], [2.0, 3.0]])


class Row(NamedTuple):
    """The value of a function, and the gradient of the sum of its elements."""

    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    value: Any
    gradients: tuple[Any, ...]
    weights: Any = 1.0  # the cotangent


ROWS = {
    # ---- A: ties and kinks
    "A01": Row(ag.relu, ([-1, 0, 2],), [0, 0, 2], ([0, 0, 1],)),
    "A02": Row(abs, ([-2, 0, 3],), [2, 0, 3], ([-1, 0, 1],)),
    "A03": Row(np.maximum, ([1, 2], [1, 0]), [1, 2], ([0.5, 1], [0.5, 0])),
    "A04": Row(np.minimum, ([1, 2], [1, 0]), [1, 0], ([0.5, 0], [0.5, 1])),
    "A05": Row(np.max, ([1, 3, 3],), 3, ([0, 0.5, 0.5],)),
    "A06": Row(
        lambda x: x.max(axis=1),
        ([[1, 3, 3], [2, 2, 0]],),
        [3, 2],
        ([[0, 0.5, 0.5], [0.5, 0.5, 0]],),
    ),
    "A07": Row(
        lambda x: np.amax(x, axis=1),
        ([[1, 3, 3], [2, 2, 0]],),
        [3, 2],
        ([[0, 0.5, 0.5], [0.5, 0.5, 0]],),
    ),
    "A08": Row(
        lambda x: np.clip(x, 0, 1),
        ([-1, 0, 0.5, 1, 2],),
        [0, 0, 0.5, 1, 1],
        ([0, 1, 1, 1, 0],),
    ),
    "A09": Row(lambda x: np.maximum(x, x), ([1, 2],), [1, 2], ([1, 1],)),
    "A10": Row(np.sign, ([-2.5, 0, 3],), [-1, 0, 1], ([0, 0, 0],)),
    "A11": Row(ag.relu, ([NAN, 1],), [NAN, 1], ([1, 1],)),
    "A13": Row(np.max, ([-INF, -INF],), -INF, ([0.5, 0.5],)),
    "A14": Row(np.max, ([1, NAN, 3],), NAN, ([0, 1, 0],)),
    # ---- B: singular points
    "B01": Row(np.sqrt, ([0, 4],), [0, 2], ([INF, 0.25],)),
    "B04": Row(lambda x: np.sqrt(np.sum(x * x)), ([0, 0],), 0, ([NAN, NAN],)),
    "B06": Row(np.std, ([1, 1, 1],), 0, ([0, 0, 0],)),
    "B07": Row(np.std, ([5],), 0, ([0],)),
    "B09": Row(np.var, ([5],), 0, ([0],)),
    "B10": Row(np.log, ([0, -1, 1],), [-INF, NAN, 0], ([INF, -1, 1],)),
    "B11": Row(lambda x: 1 / x, ([0, 2],), [INF, 0.5], ([-INF, -0.25],)),
    "B12": Row(lambda x: x / x, ([0, 2],), [NAN, 1], ([NAN, 0],)),
    "B13": Row(
        lambda a, b: a**b,
        ([0, 0, 0, 0], [0, 1, 2, -1]),
        [1, 0, 0, INF],
        ([0, 1, 0, -INF], [0, 0, 0, -INF]),
    ),
    "B14": Row(lambda a, b: a**b, ([-2, -2], [2, 3]), [4, -8], ([-4, 12], [NAN, NAN])),
    "B15": Row(lambda x: x**0, ([0, 3],), [1, 1], ([0, 0],)),
    "B16": Row(lambda x: x**1, ([0, 3],), [0, 3], ([1, 1],)),
    "B17": Row(lambda x: x**0.5, ([0, 4],), [0, 2], ([INF, 0.25],)),
    "B18": Row(lambda x: x**2.0, ([-3, 0],), [9, 0], ([-6, 0],)),
    "B19": Row(lambda x: x * x**0.5, ([0, 4],), [0, 8], ([NAN, 3],)),
    "B19-cure": Row(lambda x: x**1.5, ([0, 4],), [0, 8], ([0, 3],)),
    "B20": Row(np.prod, ([2, 0, 3, 4],), 0, ([0, 24, 0, 0],)),
    "B21": Row(np.prod, ([2, 0, 3, 0],), 0, ([0, 0, 0, 0],)),
    "B23": Row(lambda x: np.where(x > 0, np.log(x), 0), ([0, 1],), [0, 0], ([NAN, 1],)),
    "B24": Row(
        lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0),
        ([0, 1],),
        [0, 0],
        ([0, 1],),
    ),
    "B25": Row(
        lambda x: np.sqrt(x) * np.array([0.0, 1.0]), ([0, 4],), [0, 2], ([NAN, 0.25],)
    ),
    # ---- C: overflow and cancellation
    "C01": Row(lambda x: 1 / (1 + np.exp(-x)), ([-1000, 1000],), [0, 1], ([NAN, 0],)),
    "C03": Row(
        lambda x: np.exp(x) / np.sum(np.exp(x)), ([1000, 0],), [NAN, 0], ([NAN, NAN],)
    ),
    "C06": Row(
        lambda x: np.log(np.sum(np.exp(x))), ([1000, 1000],), INF, ([NAN, NAN],)
    ),
    "C11": Row(
        lambda x: np.log(1 + np.exp(x)), ([-1000, 1000],), [0, INF], ([0, NAN],)
    ),
    "C12": Row(lambda x: np.log1p(x) + np.expm1(x), ([1e-20],), [2e-20], ([2],)),
    "C13": Row(lambda x: np.exp(x) * 0, ([1000],), [NAN], ([NAN],)),
    "C14": Row(np.var, ([1e8 + 1, 1e8 + 2, 1e8 + 3],), 2 / 3, ([-2 / 3, 0, 2 / 3],)),
    # ---- D: shapes and broadcasting
    "D01": Row(
        lambda a, b: a * b,
        ([[1], [1], [1]], [[1, 2]]),
        [[1, 2]] * 3,
        ([[3], [3], [3]], [[3, 3]]),
    ),
    "D02": Row(lambda a, b: a * b, (2, [1, 2, 3]), [2, 4, 6], (6, [2, 2, 2])),
    "D03": Row(
        lambda a, b: a + b,
        (np.ones((4, 1)), np.ones((4, 0))),
        np.ones((4, 0)),
        (np.zeros((4, 1)), np.ones((4, 0))),
    ),
    "D04": Row(np.sum, (np.zeros(0),), 0, (np.zeros(0),)),
    "D07": Row(np.prod, (np.zeros(0),), 1, (np.zeros(0),)),
    "D08": Row(
        lambda a, b: a @ b,
        (np.ones((2, 0)), np.ones((0, 3))),
        np.zeros((2, 3)),
        (np.zeros((2, 0)), np.zeros((0, 3))),
    ),
    "D13": Row(
        lambda a, b: a @ b,
        ([1, 2], np.ones((2, 3))),
        [3, 3, 3],
        ([3, 3], [[1] * 3, [2] * 3]),
    ),
    "D14": Row(
        lambda a, b: a @ b,
        (np.ones((1, 2, 2)), np.ones((3, 2, 1))),
        np.full((3, 2, 1), 2.0),
        (np.full((1, 2, 2), 3.0), np.full((3, 2, 1), 2.0)),
    ),
    "D15": Row(
        lambda x: (x[:, None] - x[None, :]) ** 2,
        ([1, 2, 4],),
        [[0, 1, 9], [1, 0, 4], [9, 4, 0]],
        ([-16, -4, 20],),
    ),
    "D17": Row(
        lambda a, b: np.concatenate([a, b]),
        ([1, 2], np.zeros(0)),
        [1, 2],
        ([1, 1], np.zeros(0)),
    ),
    "D18": Row(
        lambda x: np.mean(x, axis=(0, 2)),
        (np.arange(8.0).reshape(2, 2, 2),),
        [2.5, 4.5],
        (np.full((2, 2, 2), 0.25),),
    ),
    "D19": Row(lambda x: np.sum(x, axis=()), ([1, 2],), [1, 2], ([1, 1],)),
    # ---- E: indexing
    "E01": Row(lambda x: x[[0, 0, 1]], ([1, 2, 3],), [1, 1, 2], ([2, 1, 0],)),
    "E02": Row(lambda x: x[np.zeros(2, bool)], ([1, 2],), np.zeros(0), ([0, 0],)),
    "E03": Row(
        lambda x: x[::-1] * np.array([1.0, 10.0, 100.0]),
        ([1, 2, 3],),
        [3, 20, 100],
        ([100, 10, 1],),
    ),
    "E04": Row(lambda x: x[-1] * x[None], ([1, 2, 3],), [[3, 6, 9]], ([3, 3, 9],)),
    "E05": Row(
        lambda x: x[[0, 1], :, [0, 0]],
        (np.arange(8.0).reshape(2, 2, 2),),
        [[0, 2], [4, 6]],
        ([[[1, 0], [1, 0]]] * 2,),
    ),
    "E07": Row(lambda x: x[True], ([1, 2],), [[1, 2]], ([1, 1],)),
    # ---- F, G, H: values that a naive engine gets wrong
    "F15": Row(lambda x: (x * x).sum(), ([3],), 9, ([6],)),
    "G17": Row(lambda x: sum([x, x]), (1,), 2, (2,)),
    "H12": Row(lambda x: x * x, ([[3]],), [[9]], ([[6]],)),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_value_and_gradient(row):
    leaves = [Tensor(np.array(x, dtype=float)) for x in row.inputs]
    result = row.function(*leaves)
    np.testing.assert_allclose(result.data, row.value, rtol=1e-12, atol=0)
    result.backward(np.full(result.shape, row.weights))
    for leaf, expected in zip(leaves, row.gradients, strict=True):
        assert leaf.grad.shape == leaf.shape
        np.testing.assert_allclose(leaf.grad, expected, rtol=1e-12, atol=0)


SECOND_DERIVATIVES = {
    "B16": (lambda x: x**1, 0.0, 0.0),
    "H08": (lambda x: 2 * x, 3.0, 0.0),
    "H28-1": (lambda x: x**1, 0.0, 0.0),
    "H28-2": (lambda x: x**2, 0.0, 2.0),
    "H28-3": (lambda x: x**3, 0.0, 0.0),
    "H30": (lambda x: ag.relu(x) + abs(x), 0.0, 0.0),
}


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    SECOND_DERIVATIVES.values(),
    ids=list(SECOND_DERIVATIVES),
)
def test_second_derivative(function, x, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # 2x: the gradient is constant
        assert grad(grad(function))(x) == expected


def test_H27_second_derivative_of_prod_with_two_zeros():
    x = np.array([2.0, 3.0, 0.0, 0.0])
    row = grad(lambda x: grad(np.prod)(x)[3])(x)
    np.testing.assert_array_equal(row, [0, 0, 6, 0])


# ---- stable functions raise no warning -----------------------------------------------

STABLE = {
    "C19": (ag.sigmoid, [-1000.0, 1000.0], [0, 1], [0, 0]),
    "C20": (ag.softplus, [-1000.0, 1000.0], [0, 1000], [0, 1]),
}


@pytest.mark.parametrize(
    ("function", "x", "value", "gradient"), STABLE.values(), ids=list(STABLE)
)
def test_stable_without_warning(function, x, value, gradient):
    t = Tensor(x)
    with np.errstate(all="raise", under="ignore"):
        result = function(t)
        result.sum().backward()
    np.testing.assert_allclose(result.data, value, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(t.grad, gradient, rtol=1e-12, atol=1e-300)


def test_C17_tanh_far_out():
    x = Tensor([20.0, 1.0])
    np.tanh(x).sum().backward()
    assert abs(x.grad[0] - 1.699342e-17) < 1.2e-16
    assert x.grad[1] == pytest.approx(0.41997434, rel=1e-7)


def test_C29_float32_variance_of_large_numbers():
    x = Tensor(np.array([0, 1, 2], np.float32) + np.float32(1e4))
    value = np.var(x)
    assert value.dtype == np.float32
    assert value.item() == pytest.approx(2 / 3, rel=1e-6)


def test_B14_constant_exponent_never_takes_the_logarithm():
    x = Tensor([-2.0, 0.0])
    with np.errstate(all="raise"):
        (x**2).sum().backward()
    np.testing.assert_array_equal(x.grad, [-4, 0])


def test_B08_std_without_degrees_of_freedom():
    x = Tensor([5.0])
    with (
        np.errstate(invalid="ignore"),
        pytest.warns(RuntimeWarning, match=r"[Dd]egrees of freedom"),
    ):
        value = np.std(x, ddof=1)
    assert np.isnan(value.data)
    with np.errstate(all="ignore"):
        value.backward()
    assert np.isnan(x.grad).all()


def test_B10_log_warns_as_numpy_does():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        np.log(Tensor([0.0]))


def test_D05_mean_of_nothing():
    x = Tensor(np.zeros(0))
    with pytest.warns(RuntimeWarning):
        value = np.mean(x)
    assert np.isnan(value.data)
    value.backward()
    assert x.grad.shape == (0,)


def test_D06_max_of_nothing():
    with pytest.raises(ShapeError, match=r"max.*\(0,\)"):
        np.max(Tensor(np.zeros(0), name="x"))


# ---- D, E: errors about shapes and indices -------------------------------------------


def test_H09_backward_of_a_vector():
    x = Tensor([1.0, 2.0])
    with pytest.raises(GradientError, match=r"one element.*\.sum\(\).*gradient="):
        (x * 2).backward()
    assert x.grad is None


def test_H10_gradient_of_another_shape():
    x = Tensor([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"\(3,\).*\(2,\)"):
        (x * 2).backward(np.ones(3))
    assert x.grad is None


def test_E06_index_out_of_range():
    x = Tensor([1.0, 2.0, 3.0], name="x")
    with pytest.raises(OutOfRangeError, match=r"index 5.*axis 0.*size 3.*x \(3,\)"):
        x[5]


def test_F08_assignment_to_a_part_of_a_leaf():
    x = Tensor([1.0, 2.0], name="x")
    with pytest.raises(InPlaceError, match="Nothing was changed"):
        x[0] = 3
    np.testing.assert_array_equal(x.data, [1, 2])


# ---- F: mutation and aliasing --------------------------------------------------------


def test_F01_input_array_is_copied():
    array = np.array([1.0, 1.0])
    view = array[:]
    x = Tensor(array)
    y = np.sum(x * x)
    array[:] = 5
    view[:] = 6
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 2])


def test_F03_data_is_writable_and_a_rebinding_write_is_noticed():
    x = Tensor([1.0, 1.0], name="x")
    y = np.sum(x * x)
    x.data = x.data * 5
    with pytest.raises(InPlaceError, match=r"multiply.*used x"):
        y.backward()
    assert x.grad is None


def test_F04_numpy_gives_a_read_only_view():
    x = Tensor([1.0, 1.0])
    with pytest.raises(ValueError, match="read-only"):
        x.detach().numpy()[:] = 5


def test_F05_detached_tensor_is_updated_in_place():
    x = Tensor([1.0, 1.0], name="x")
    y = np.sum(x * x)
    detached = x.detach()
    with ag.no_grad():
        detached *= 5
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 2])  # detached got an array of its own


def test_F06_parameter_step_between_forward_and_backward():
    W = Tensor([1.0, 1.0], name="W")
    loss = np.sum(W * W)
    with ag.no_grad():
        W -= 0.1
    with pytest.raises(InPlaceError, match=r"multiply.*W .*changed in place"):
        loss.backward()
    assert W.grad is None


def test_F07_in_place_on_a_leaf():
    x = Tensor([1.0], name="x")
    with pytest.raises(InPlaceError, match=r"\+=: x .*Nothing was changed.*no_grad"):
        x += 1
    np.testing.assert_array_equal(x.data, [1])


def test_F09_in_place_on_an_intermediate_rebinds():
    x = Tensor([0.5])
    y = first = np.exp(x)
    y += 1
    assert y is not first
    y.backward()
    np.testing.assert_allclose(x.grad, np.exp([0.5]), rtol=1e-15)


def test_F12_assignment_to_a_part_of_an_intermediate():
    x = Tensor([1.0, 2.0])
    y = x * 1
    z = np.sum(y * y)
    try:
        y[0] = 0
        z.backward()
    except InPlaceError:
        assert x.grad is None
    else:  # z was computed from the old y
        np.testing.assert_array_equal(x.grad, [2, 4])


def test_F13_no_gradient_shares_memory():
    a, b, g = Tensor([1.0, 2.0]), Tensor([3.0, 4.0]), np.ones(2)
    (a + b).backward(g)
    assert not np.shares_memory(a.grad, b.grad)
    assert not np.shares_memory(a.grad, g)
    assert not np.shares_memory(b.grad, g)


@pytest.mark.parametrize("keep", ["all", "leaves"])
def test_F13_backward_on_a_leaf_copies_the_seed(keep):
    x, g = Tensor([1.0, 2.0]), np.ones(2)
    x.backward(g, keep=keep)
    assert not np.shares_memory(x.grad, g)


def test_F14_backward_twice_leaves_the_cotangent_alone():
    x, g = Tensor([1.0, 2.0]), np.ones(2)
    y = x * 1
    x.backward(g)
    x.backward(g)
    y.backward(g)
    np.testing.assert_array_equal(g, [1, 1])
    np.testing.assert_array_equal(x.grad, [3, 3])


def test_F15_F16_leaves_accumulate_into_a_new_array():
    x = Tensor([3.0])
    y = (x * x).sum()
    y.backward()
    first = x.grad
    y.backward()
    np.testing.assert_array_equal(x.grad, [12])
    np.testing.assert_array_equal(first, [6])


def test_F17_in_place_on_a_slice_does_not_touch_the_whole():
    x = Tensor([1.0, 2.0, 3.0, 4.0])
    y = x * 2
    v = y[:2]
    v *= 10
    (np.sum(y) + np.sum(v)).backward()
    np.testing.assert_array_equal(y.data, [2, 4, 6, 8])
    np.testing.assert_array_equal(x.grad, [22, 22, 2, 2])


def test_F18_rule_that_changes_its_cotangent_is_refused():
    @ag.primitive(vjps=(lambda g, out, x: np.multiply(g, 3, out=g),), method=False)
    def triple(x):
        return 3 * x

    del ag.PRIMITIVES["triple"]
    x, g = Tensor([1.0, 1.0]), np.ones(2)
    y = triple(x)
    with pytest.raises(ValueError, match="read-only"):
        y.backward(g)
    np.testing.assert_array_equal(g, [1, 1])
    assert x.grad is None


# ---- G: dtypes and NumPy -------------------------------------------------------------


def test_G01_integers_cannot_require_a_gradient():
    with pytest.raises(DTypeError, match=r"int64.*dtype=float"):
        Tensor(np.array([1, 2]), requires_grad=True)


def test_G02_mixed_precision():
    a, b = Tensor(np.ones(2, np.float32)), Tensor(np.ones(2))
    y = a * b
    y.sum().backward()
    assert (y.dtype, a.grad.dtype, b.grad.dtype) == (
        np.float64,
        np.float32,
        np.float64,
    )


@pytest.mark.parametrize(
    ("multiply", "dtype"),
    [
        pytest.param(lambda x: x * 2.0, np.float32, id="python-float"),
        pytest.param(lambda x: 2 * x, np.float32, id="python-int"),
        pytest.param(lambda x: x * True, np.float32, id="python-bool"),
        pytest.param(lambda x: x * np.float64(2), np.float64, id="np.float64"),
        pytest.param(lambda x: np.float64(2) * x, np.float64, id="np.float64-left"),
        pytest.param(lambda x: np.float32(2) * x, np.float32, id="np.float32-left"),
    ],
)
def test_G03_weak_scalars(multiply, dtype):
    y = multiply(Tensor(np.ones(2, np.float32)))
    assert isinstance(y, Tensor)
    assert y.dtype == dtype


def test_G04_ndarray_on_the_left():
    x = Tensor([1.0, 2.0])
    y = np.array([3, 4]) * x
    assert isinstance(y, Tensor)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 4])


@pytest.mark.parametrize("function", [np.exp, np.sum], ids=["G05", "G06"])
def test_numpy_functions_record(function):
    y = function(Tensor([1.0, 2.0]))
    assert isinstance(y, Tensor)
    assert y.op is not None


def test_G07_array_of_tensors():
    with pytest.raises(DTypeError, match="stack"):
        np.array([Tensor(1.0), Tensor(2.0)])


def test_G08_float_warns_and_item_does_not():
    x = Tensor(4.0, name="x")
    with pytest.warns(UserWarning, match=r"float\(\).*x .*\.item\(\)"):
        assert float(x) == 4.0
    with pytest.warns(UserWarning, match=r"float\(\)"):
        assert math.sqrt(x) == 2.0
    assert x.item() == 4.0
    assert float(Tensor(4.0, requires_grad=False)) == 4.0


def test_G09_integer_conversion_cuts_the_graph():
    x = Tensor([1.0, 2.0])
    y = x.astype(np.int64)
    assert y.dtype == np.int64
    assert not y.requires_grad
    with pytest.raises(GradientError, match=r"astype\(int64\) at test_traps\.py:\d+"):
        (y * 2.0).sum().backward()


def test_G10_mean_of_integers():
    y = np.mean(Tensor(np.array([1, 2])))
    assert y.dtype == np.float64
    assert y.item() == 1.5
    assert not y.requires_grad


def test_G11_true_division():
    assert (Tensor(np.array(3)) / Tensor(np.array(2))).item() == 1.5


def test_G12_difference_of_booleans():
    a, b = Tensor(np.array([True])), Tensor(np.array([False]))
    with pytest.raises(DTypeError, match=r"(?s)subtract.*\^"):
        a - b


def test_G15_truth_value():
    with pytest.raises(ValueError, match=r"\(2,\).*ambiguous.*\.any\(\)"):
        bool(Tensor([1.0, 2.0]))
    assert Tensor([1.0])
    assert not Tensor(0.0)


def test_G16_none_and_hash():
    x = Tensor([1.0, 2.0])
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert {x: 1}[x] == 1


def test_G21_ragged_list():
    with pytest.raises(ShapeError, match=r"item 0 has length 2, item 1 has length 1"):
        Tensor([[1.0, 2.0], [3.0]])


def test_G25_big_endian():
    x = Tensor(np.array([1.0, 2.0], dtype=">f8"))
    assert x.dtype == np.float64
    assert x.dtype.isnative
    np.testing.assert_array_equal(x.data, [1, 2])


def test_G26_negative_strides():
    x = Tensor(np.arange(3.0)[::-1])
    (x * np.arange(3.0)).sum().backward()
    np.testing.assert_array_equal(x.data, [2, 1, 0])
    np.testing.assert_array_equal(x.grad, [0, 1, 2])


def test_G27_read_only_array():
    array = np.ones(2)
    array.flags.writeable = False
    x = Tensor(array)
    with ag.no_grad():
        x -= 0.5
    np.testing.assert_array_equal(x.data, [0.5, 0.5])
    np.testing.assert_array_equal(array, [1, 1])


# ---- H: lifetime, higher order, concurrency ------------------------------------------


def test_H03_sixty_doublings():
    x = y = Tensor(1.0)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


@pytest.mark.parametrize("function", [np.exp, lambda x: x + 1], ids=["H04", "H05"])
def test_second_backward_is_legal(function):
    x = Tensor(0.5)
    y = function(x)
    y.backward()
    once = x.grad
    y.backward()
    assert x.grad == 2 * once


def test_H06_gradient_of_a_plain_gradient():
    x = Tensor(3.0)
    (x * x).backward()
    assert not isinstance(x.grad, Tensor)
    assert grad(grad(lambda x: x * x))(3.0) == 2.0


def test_H07_unused_input_gives_zeros_and_a_warning():
    with pytest.warns(UserWarning, match="does not depend"):
        g = grad(lambda x, y: x * 2, argnum=1)(1.0, np.ones(3))
    np.testing.assert_array_equal(g, np.zeros(3))


def test_H11_backward_of_a_constant():
    y = Tensor(1.0, requires_grad=False) * 2
    with pytest.raises(GradientError, match=r"nothing behind.*requires a gradient"):
        y.backward()


def test_H13_intermediates_have_a_gradient():
    x = Tensor(3.0)
    y = x * 2
    z = y * y
    assert y.grad is None
    z.backward()
    assert (z.grad, y.grad, x.grad) == (1.0, 12.0, 24.0)


def test_H14_exception_inside_no_grad():
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError
    assert ag.is_recording()


def test_H15_decorated_generator_does_not_leak():
    @ag.no_grad()
    def steps():
        assert not ag.is_recording()
        yield 1
        assert not ag.is_recording()
        yield 2

    seen = []
    for value in steps():
        seen.append((value, ag.is_recording()))
    assert seen == [(1, True), (2, True)]


def test_H16_no_grad_belongs_to_the_task():
    async def inside(entered, leave):
        with ag.no_grad():
            entered.set()
            await leave.wait()
            return ag.is_recording()

    async def main():
        entered, leave = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(inside(entered, leave))
        await entered.wait()
        here = ag.is_recording()
        leave.set()
        return here, await task

    assert asyncio.run(main()) == (True, False)


def test_H17_no_grad_belongs_to_the_thread():
    stop, lost = threading.Event(), []

    def toggle():
        while not stop.is_set():
            with ag.no_grad():
                pass

    thread = threading.Thread(target=toggle)
    thread.start()
    try:
        for _ in range(3000):
            x = Tensor(2.0)
            lost.append(not (x * x).requires_grad)
    finally:
        stop.set()
        thread.join()
    assert sum(lost) == 0


def test_H18_failing_rule_writes_no_gradient():
    def fails(g, out, x):
        raise RuntimeError("no")

    @ag.primitive(vjps=(fails,), method=False)
    def failing(x):
        return x * 1.0

    del ag.PRIMITIVES["failing"]
    a, b = Tensor(2.0), Tensor(3.0)
    a.grad = np.float64(7.0)
    middle = a * 1
    y = b * 2 + failing(middle)
    with pytest.raises(RuntimeError, match="no"):
        y.backward()
    assert (a.grad, b.grad, middle.grad, y.grad) == (7.0, None, None, None)
    (a * b).backward()  # and the next sweep is unaffected
    assert (a.grad, b.grad) == (10.0, 2.0)


def test_H20_deepcopy_of_a_non_leaf():
    with pytest.raises(TypeError, match=r"\.detach\(\)"):
        copy.deepcopy(Tensor(1.0) * 2)


def test_H21_pickle_of_a_non_leaf_keeps_the_value_only():
    y = pickle.loads(pickle.dumps(Tensor([1.0]) * 2))
    np.testing.assert_array_equal(y.data, [2.0])
    assert y.op is None
    assert not y.requires_grad


def test_H22_nested_gradients_are_not_confused():
    # d/dx of x * (d/dy of x + y) is 1; 2 if the two levels are mixed up
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_unknown_numpy_function_is_refused():
    with pytest.raises(NotDifferentiableError, match=r"np\.partition.*detach"):
        np.partition(Tensor([1.0, 2.0]), 1)
