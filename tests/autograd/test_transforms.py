"""`grad` and `value_and_grad`: arguments, structures, higher orders, refusals."""

import math

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, GradientError, Tensor, grad, value_and_grad


def test_value_and_gradient():
    value, gradient = value_and_grad(lambda x: np.sum(x * x))(np.array([1.0, 2.0]))
    assert not isinstance(value, Tensor)
    assert type(gradient) is np.ndarray
    assert value == 5.0
    np.testing.assert_array_equal(gradient, [2, 4])


def test_name_and_docstring_are_kept():
    def cost(x):
        """Return the cost."""
        return x * x

    assert (grad(cost).__name__, grad(cost).__doc__) == ("cost", "Return the cost.")


@pytest.mark.parametrize(
    ("argnum", "expected"),
    [(0, 6.0), (1, 9.0), (-1, 9.0), ((0, 1), (6.0, 9.0)), ([1], (9.0,))],
)
def test_argnum(argnum, expected):
    assert grad(lambda x, y: x * x * y, argnum)(3.0, 1.0) == expected


def test_other_arguments_are_handed_on_untouched():
    seen = []

    def function(x, data, *, scale):
        seen.append((data, scale))
        return x * scale

    data = object()
    assert grad(function)(1.0, data, scale=3.0) == 3.0
    assert seen == [(data, 3.0)]


def test_structures():
    parameters = {"W": np.ones((2, 2)), "b": [1.0, (2.0, np.ones(3))]}

    def function(p):
        W, (b, (c, d)) = p["W"], p["b"]
        return np.sum(W) * b + c * np.sum(d * d)

    gradient = grad(function)(parameters)
    assert list(gradient) == ["W", "b"]
    np.testing.assert_array_equal(gradient["W"], np.ones((2, 2)))
    b, (c, d) = gradient["b"]
    assert (b, c) == (4.0, 3.0)
    assert isinstance(gradient["b"][1], tuple)
    np.testing.assert_array_equal(d, [4, 4, 4])
    np.testing.assert_array_equal(parameters["W"], np.ones((2, 2)))


def test_inputs_are_not_changed_and_not_shared():
    x = np.array([1.0, 2.0])
    gradient = grad(lambda t: np.sum(t))(x)
    assert not np.shares_memory(gradient, x)
    np.testing.assert_array_equal(x, [1, 2])


def test_tensor_as_argument_keeps_its_grad():
    x = Tensor(3.0)
    slope = grad(lambda t: t * t)(x)
    assert isinstance(slope, Tensor)
    assert slope.item() == 6.0
    assert x.grad is None
    slope.backward()
    assert x.grad == 2.0


def test_constant_tensor_as_argument():
    x = Tensor(3.0, requires_grad=False)
    assert float(grad(lambda t: t * t)(x)) == 6.0


@pytest.mark.parametrize("order", range(1, 6))
def test_higher_orders(order):
    function = lambda x: x**5  # noqa: E731
    for _ in range(order):
        function = grad(function)
    assert function(2.0) == math.perm(5, order) * 2.0 ** (5 - order)


def test_mixed_second_derivative():
    def f(x, y):
        return np.exp(x * y)

    mixed = grad(grad(f, 0), 1)(0.3, 0.7)
    assert not isinstance(mixed, Tensor)
    assert mixed == pytest.approx(np.exp(0.21) * (1 + 0.21), rel=1e-14)
    assert grad(grad(f, 1), 0)(0.3, 0.7) == pytest.approx(mixed, rel=1e-14)


def test_perturbation_confusion():
    """The classical test: the inner variable must not be mixed up with the outer."""
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * x * y * y)(x))(2.0) == 4 * 3 * 2.0**2 / 2


def test_inner_gradient_used_as_a_value():
    def penalised(x):
        slope = grad(lambda t: np.sum(np.tanh(t)))(x)
        return np.sum(slope * slope)

    assert ag.gradcheck(penalised, np.array([0.3, -0.7]))


def test_function_closes_over_another_leaf():
    W = Tensor(2.0)
    slope = grad(lambda x: W * x * x)(3.0)
    assert isinstance(slope, Tensor)  # it still depends on W
    slope.backward()
    assert (slope.item(), W.grad) == (12.0, 6.0)


def test_control_flow():
    def function(x):
        total = x * 0
        for k in range(3):
            total = total + x**k if x > 1 else total - x
        return total

    assert grad(function)(2.0) == 5.0
    assert grad(function)(0.5) == -3.0


class TestWhatIsRefused:
    def test_vector_result(self):
        with pytest.raises(GradientError, match=r"one number.*\(2,\).*\.sum\(\)"):
            grad(lambda x: x * 2)(np.ones(2))

    @pytest.mark.parametrize("value", [np.array([1, 2]), np.array([True]), "text"])
    def test_argument_without_gradient(self, value):
        with pytest.raises(DTypeError, match=r"cannot differentiate.*astype\(float\)"):
            grad(lambda x: x)(value)

    @pytest.mark.parametrize(
        "function", [lambda x: 3.0, lambda x: x.item() * 2, lambda x: x.detach() * 2]
    )
    def test_result_that_does_not_depend_on_the_argument(self, function):
        with pytest.warns(UserWarning, match="does not depend.*detach"):
            assert grad(function)(2.0) == 0.0

    def test_one_of_two_may_be_unused(self):
        gradients = grad(lambda x, y: x * x, (0, 1))(3.0, np.ones(2))
        assert gradients[0] == 6.0
        np.testing.assert_array_equal(gradients[1], [0, 0])

    def test_position_that_does_not_exist(self):
        with pytest.raises(IndexError, match="argnum is 1"):
            grad(lambda x: x, argnum=1)(2.0)
