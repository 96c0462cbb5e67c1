"""`y[index] = value`: recorded, in place, and never wrong in silence."""

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, InPlaceError, OutOfRangeError, ShapeError, Tensor

V = np.array([3.0, 4.0, 5.0])


def test_intermediate_takes_part_of_its_value_from_elsewhere():
    x, v = Tensor(V), Tensor(7.0)
    y = x * 10
    y[0] = v
    (y * [1.0, 10.0, 100.0]).sum().backward()
    np.testing.assert_array_equal(y.data, [7, 40, 50])
    np.testing.assert_array_equal(x.grad, [0, 100, 1000])
    assert v.grad == 1.0


def test_tensor_stays_the_same_object_with_its_name():
    x = Tensor(V)
    y = alias = x * 10
    y.name = "y"
    y[1] = 0.0
    assert y is alias
    assert (y.name, y.op.name) == ("y", "setitem")
    before, _ = y.inputs
    assert (before.name, before.op.name) == (None, "multiply")
    np.testing.assert_array_equal(before.data, V * 10)


def test_constant_that_is_filled_becomes_part_of_the_graph():
    a, b = Tensor(2.0), Tensor(3.0)
    out = Tensor(np.zeros(3), requires_grad=False)
    out[0] = a * b
    out[1] = a
    assert out.requires_grad
    (out * V).sum().backward()
    assert (a.grad, b.grad) == (3 * 3 + 4, 2 * 3)


def test_value_computed_from_the_tensor_itself():
    """y[0] = f(y[1]), y[0] += 1, y[1:] += y[:-1]: the old y is meant."""
    x = Tensor(V)
    y = x * 1
    y[0] = y[1] * y[2]
    y[0] += 1
    y[1:] += y[:-1]
    y[...] = y
    (y * [1.0, 10.0, 100.0]).sum().backward()
    np.testing.assert_array_equal(y.data, [21, 25, 9])
    np.testing.assert_array_equal(x.grad, [0, 5 + 10 * (1 + 5) + 100, 4 + 40 + 100])


def test_recurrence_element_by_element():
    """An explicit Euler step for y' = -k y, written as in NumPy."""
    k, n = Tensor(0.5), 200
    y = Tensor(np.zeros(n), requires_grad=False)
    y[0] = 1.0
    for i in range(1, n):
        y[i] = y[i - 1] * (1 - k * 0.01)
    y[n - 1].backward()
    assert y.data[-1] == pytest.approx(0.995 ** (n - 1))
    assert k.grad == pytest.approx(-0.01 * (n - 1) * 0.995 ** (n - 2))


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (1, 2.0),
        ((slice(None), 0), np.array([1.0, 2.0])),
        ((Ellipsis, slice(None, None, -2)), np.array([[5.0], [6.0]])),
        (np.array([True, False]), np.array([7.0, 8.0, 9.0])),
        ((np.array([0, 1]), np.array([2, 2])), np.array([3.0, 4.0])),
        (0, np.array([[1.0, 2.0, 3.0]])),
        ((), np.ones((2, 3))),
    ],
)
def test_agrees_with_where(index, value):
    """Filling is choosing, element by element, between old and new."""
    start = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
    weights = np.arange(6.0).reshape(2, 3) + 1
    chosen = np.zeros((2, 3), dtype=bool)
    chosen[index] = True
    x, v = Tensor(start), Tensor(value)
    y = x**2
    y[index] = v
    (y * weights).sum().backward()
    np.testing.assert_array_equal(x.grad, np.where(chosen, 0, 2 * start * weights))

    def filled(value):
        expected = start**2
        expected[index] = value
        return expected

    np.testing.assert_array_equal(y.data, filled(value))
    for k in np.ndindex(v.shape):  # the sum is linear in each element of the value
        step = np.zeros(v.shape)
        step[k] = 1
        slope = np.sum(weights * (filled(value + step) - filled(value)))
        assert v.grad[k] == pytest.approx(slope)


def test_second_order():
    def function(x):
        y = x * x
        y[0] = y[1] ** 2
        return np.sum(y * y)

    found = ag.hessian(function)(np.array([5.0, 2.0]))
    # y0 = x1**4, y1 = x1**2: x1**8 + x1**4
    np.testing.assert_allclose(found, [[0, 0], [0, 56 * 2.0**6 + 12 * 2.0**2]])


def test_last_write_wins():
    x, v = Tensor([1.0, 2.0]), Tensor([8.0, 9.0])
    y = x * 1
    y[[0, 0]] = v
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [9, 2])
    np.testing.assert_array_equal(v.grad, [0, 1])
    np.testing.assert_array_equal(x.grad, [0, 1])


def test_result_from_before_the_write_is_refused():
    x = Tensor(V, name="x")
    y = x * 2
    y.name = "y"
    z = y * y
    y[0] = 0.0
    with pytest.raises(
        InPlaceError, match=r"multiply.*used y .*test_assignment\.py:\d+"
    ):
        z.sum().backward()
    (y * y).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 32, 40])


def test_result_from_before_that_the_new_value_needs_is_right():
    x = Tensor(V)
    y = x * 2
    first = y[0]
    y[1] = first * 3
    (first + y.sum()).backward()
    np.testing.assert_array_equal(x.grad, [2 + 2 + 6, 0, 2])


def test_leaf_is_refused_unless_gradients_are_off():
    x = Tensor(V, name="x")
    with pytest.raises(InPlaceError, match=r"x .*leaf.*Nothing was changed.*no_grad"):
        x[0] = 3.0
    np.testing.assert_array_equal(x.data, V)
    with ag.no_grad():
        x[0] = Tensor(9.0)
    np.testing.assert_array_equal(x.data, [9, 4, 5])
    assert x.is_leaf


def test_intermediate_is_refused_where_nothing_is_recorded():
    y = Tensor(V) * 2
    with ag.no_grad(), pytest.raises(InPlaceError, match=r"outside no_grad"):
        y[0] = 3.0
    np.testing.assert_array_equal(y.data, V * 2)


@pytest.mark.parametrize(
    ("index", "value", "error"),
    [
        (9, 1.0, OutOfRangeError),
        (slice(0, 2), np.ones(3), ShapeError),
    ],
)
def test_failing_assignment_changes_nothing(index, value, error):
    x = Tensor(V)
    y = x * 2
    with pytest.raises(error, match="setitem"):
        y[index] = value
    assert y.op.name == "multiply"
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [2, 2, 2])


def test_fraction_in_an_array_of_integers_is_refused():
    counts = Tensor(np.array([1, 2]))
    with pytest.raises(DTypeError, match="loses its fraction"):
        counts[0] = Tensor(0.5)
    counts[0] = 5
    np.testing.assert_array_equal(counts.data, [5, 2])


def test_float32_stays_float32():
    y = Tensor(V.astype(np.float32)) * 1
    v = Tensor(2.5)
    y[0] = v
    y.sum().backward()
    assert y.dtype == np.float32
    assert (v.grad.dtype, v.grad) == (np.float64, 1.0)


def test_hook_sees_the_value_before_the_write():
    x = Tensor(V)
    y = x * 2
    seen = []
    y.register_hook(seen.append)
    y[0] = 0.0
    y.sum().backward()
    np.testing.assert_array_equal(seen, [[0, 1, 1]])


def test_function_form():
    x, v = Tensor(V), Tensor(1.0)
    y = ag.setitem(x, v, slice(0, 2))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 1])
    assert v.grad == 2.0
    np.testing.assert_array_equal(ag.setitem(V, 0.0, 1), [3, 0, 5])
    np.testing.assert_array_equal(V, [3, 4, 5])
