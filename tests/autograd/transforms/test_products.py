"""Products with Jacobians that are known in closed form, and nested transforms."""

import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import (
    DTypeError,
    ShapeError,
    Tensor,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    make_jvp,
    make_vjp,
    vjp,
)

A = np.array([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]])
X = np.array([0.7, -1.3, 2.1])
V = np.array([0.2, 1.0, -3.0])
U = np.array([1.5, -0.5])


def curve(x):
    """Return A sin(x), whose Jacobian is A diag(cos x)."""
    return A @ np.sin(x)


def energy(x):
    """Return sum(x**3) + x0 x1 x2."""
    return np.sum(x**3) + x[0] * x[1] * x[2]


ENERGY_HESSIAN = np.array(
    [[6 * X[0], X[2], X[1]], [X[2], 6 * X[1], X[0]], [X[1], X[0], 6 * X[2]]]
)


# Each computes the derivative of a function of one number.
DERIVATIVES = {
    "grad": lambda f: grad(f),
    "elementwise_grad": lambda f: elementwise_grad(f),
    "jacobian": lambda f: jacobian(f),
    "vjp": lambda f: lambda x: vjp(f, x)[1](1.0),
    "jvp": lambda f: lambda x: jvp(f, [x], [1.0])[1],
}


class TestVjp:
    def test_product_with_the_jacobian(self):
        value, pullback = vjp(curve, X)
        np.testing.assert_allclose(value, A @ np.sin(X), rtol=1e-15)
        np.testing.assert_allclose(pullback(U), U @ A * np.cos(X), rtol=1e-14)
        np.testing.assert_allclose(pullback(2 * U), 2 * pullback(U), rtol=1e-15)

    def test_arrays_in_arrays_out(self):
        value, pullback = vjp(curve, X)
        assert type(value) is np.ndarray
        assert type(pullback(U)) is np.ndarray

    def test_value_may_be_changed_by_its_owner(self):
        value, pullback = vjp(np.exp, X)
        expected = np.exp(X)
        value[:] = 0
        np.testing.assert_array_equal(pullback(np.ones(3)), expected)

    def test_several_arguments_give_a_tuple(self):
        _, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
        assert pullback(10.0) == (30.0, 20.0)

    def test_structures_of_arguments_and_results(self):
        def function(p):
            return {"sum": p["a"] + p["b"][0], "pair": [p["a"] * 2, p["b"][0] ** 2]}

        value, pullback = vjp(function, {"a": 3.0, "b": (4.0,)})
        assert value == {"sum": 7.0, "pair": [6.0, 16.0]}
        found = pullback({"sum": 1.0, "pair": [10.0, 100.0]})
        assert found == {"a": 21.0, "b": (801.0,)}

    def test_constant_part_of_the_result(self):
        value, pullback = vjp(lambda x: (x * 2, 5.0), 3.0)
        assert value == (6.0, 5.0)
        assert pullback((1.0, 1.0)) == 2.0

    def test_cotangent_takes_the_dtype_of_the_value(self):
        _, pullback = vjp(np.exp, X.astype(np.float32))
        assert pullback(np.ones(3)).dtype == np.float32

    def test_cotangent_of_another_shape(self):
        _, pullback = vjp(curve, X)
        with pytest.raises(ShapeError, match=r"vjp: cotangent.*\(2,\).*\(3,\)"):
            pullback(np.ones(3))

    def test_cotangent_of_another_structure(self):
        _, pullback = vjp(lambda x: (x, x * 2), 1.0)
        with pytest.raises(ShapeError, match="2 values, but 1 cotangents"):
            pullback(1.0)

    def test_argument_is_not_changed(self):
        x, u = X.copy(), U.copy()
        _, pullback = vjp(curve, x)
        found = pullback(u)
        found[:] = 0
        np.testing.assert_array_equal(x, X)
        np.testing.assert_array_equal(u, U)


class TestJvp:
    def test_product_with_the_jacobian(self):
        value, tangent = jvp(curve, [X], [V])
        np.testing.assert_allclose(value, A @ np.sin(X), rtol=1e-15)
        np.testing.assert_allclose(tangent, A @ (np.cos(X) * V), rtol=1e-14)
        assert type(value) is type(tangent) is np.ndarray

    @pytest.mark.parametrize(
        "function",
        [
            lambda x: np.exp(x) / np.sum(np.exp(x)),
            lambda x: x**3 - 2 * x,
            lambda x: np.concatenate([x[1:], x[:1]]) * x,
            lambda x: np.maximum(x, 0.5) * np.where(x > 1, x, 2.0),
            lambda x: np.sum(np.reshape(x, (3, 1)) * x, axis=0),
            lambda x: np.log(1 + x * x)[[0, 0, 2]],
        ],
    )
    def test_agrees_with_vjp_and_differences(self, function):
        """The two products are transposes of each other: (u J) v = u (J v)."""
        value, tangent = jvp(function, [X], [V])
        u = np.arange(1.0, 4.0)
        np.testing.assert_allclose(
            np.sum(vjp(function, X)[1](u) * V), np.sum(u * tangent), rtol=1e-12
        )
        h = 1e-6
        numeric = (function(X + h * V) - function(X - h * V)) / (2 * h)
        np.testing.assert_allclose(tangent, numeric, rtol=1e-7, atol=1e-8)
        np.testing.assert_array_equal(value, function(X))

    def test_several_arguments(self):
        assert jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0)) == (6.0, 23.0)

    def test_structures(self):
        value, tangent = jvp(
            lambda p: [p["a"] * p["b"], p["a"]],
            [{"a": 2.0, "b": 3.0}],
            [{"a": 1.0, "b": 10.0}],
        )
        assert value == [6.0, 2.0]
        assert tangent == [23.0, 1.0]

    def test_unused_argument_contributes_nothing(self):
        assert jvp(lambda x, y: x * 2, (1.0, 5.0), (1.0, 7.0)) == (2.0, 2.0)

    def test_linear_function(self):
        assert jvp(lambda x: 3 * x, [1.0], [2.0]) == (3.0, 6.0)

    def test_independent_result_is_zero_with_a_warning(self):
        with pytest.warns(UserWarning, match="jvp: the result of .* does not depend"):
            found = jvp(lambda x: np.ones(2), [X], [V])
        np.testing.assert_array_equal(found[1], [0, 0])

    def test_tangent_of_another_shape(self):
        with pytest.raises(ShapeError, match=r"jvp: tangent.*\(3,\).*\(2,\)"):
            jvp(curve, [X], [np.ones(2)])

    def test_number_of_tangents(self):
        with pytest.raises(ShapeError, match=r"1 values .* 2 tangents"):
            jvp(curve, [X], [V, V])


class TestMake:
    def test_make_vjp_gives_the_product_first(self):
        pullback, value = make_vjp(lambda x, y: x * y, 1)(2.0, 3.0)
        assert (pullback(10.0), value) == (20.0, 6.0)

    def test_make_jvp(self):
        pushforward = make_jvp(lambda x, y: x * y, 1)(2.0, 3.0)
        assert pushforward(10.0) == (6.0, 20.0)
        assert pushforward(1.0) == (6.0, 2.0)

    def test_argnum_sequence(self):
        pullback, _ = make_vjp(lambda x, y: x * y, (0, 1))(2.0, 3.0)
        assert pullback(1.0) == (3.0, 2.0)
        assert make_jvp(lambda x, y: x * y, [0, 1])(2.0, 3.0)((1.0, 1.0)) == (6.0, 5.0)

    def test_keywords_are_handed_on(self):
        assert make_jvp(lambda x, *, k: k * x)(1.0, k=3.0)(1.0) == (3.0, 3.0)


class TestHvp:
    def test_product_with_the_hessian(self):
        np.testing.assert_allclose(hvp(energy)(X, V), ENERGY_HESSIAN @ V, rtol=1e-14)

    def test_forward_over_reverse_agrees(self):
        np.testing.assert_allclose(
            jvp(grad(energy), [X], [V])[1], hvp(energy)(X, V), rtol=1e-14
        )

    def test_argnum_and_structure(self):
        def function(scale, p):
            return scale * p["a"] ** 2 * p["b"]

        found = hvp(function, 1)(10.0, {"a": 2.0, "b": 3.0}, {"a": 1.0, "b": 1.0})
        assert found == {"a": 10 * (2 * 3 + 2 * 2), "b": 10 * 2 * 2}

    def test_linear_function_has_none_and_no_warning(self):
        np.testing.assert_array_equal(hvp(lambda x: np.sum(3 * x))(X, V), np.zeros(3))


class TestNesting:
    def test_second_directional_derivative(self):
        def along(x):
            return jvp(energy, [x], [V])[1]

        np.testing.assert_allclose(
            jvp(along, [X], [V])[1], V @ ENERGY_HESSIAN @ V, rtol=1e-13
        )

    def test_gradient_of_a_forward_derivative(self):
        found = grad(lambda x: jvp(energy, [x], [V])[1])(X)
        np.testing.assert_allclose(found, ENERGY_HESSIAN @ V, rtol=1e-13)
        assert type(found) is np.ndarray

    def test_derivative_with_respect_to_the_tangent(self):
        found = grad(lambda v: np.sum(jvp(curve, [X], [v])[1]))(V)
        np.testing.assert_allclose(found, A.sum(0) * np.cos(X), rtol=1e-14)

    def test_derivative_with_respect_to_the_cotangent(self):
        found = jacobian(lambda u: vjp(curve, X)[1](u))(U)
        np.testing.assert_allclose(found, (A * np.cos(X)).T, rtol=1e-14)

    def test_pullback_called_after_the_outer_function_has_returned(self):
        kept = []

        def outer(x):
            kept.append(vjp(lambda y: x * y * y, x)[1])
            return x * x

        assert grad(outer)(3.0) == 6.0
        assert float(ag.no_grad()(kept[0])(1.0).data) == 18.0

    @pytest.mark.parametrize("inner", DERIVATIVES)
    @pytest.mark.parametrize("outer", DERIVATIVES)
    def test_perturbations_are_not_confused(self, outer, inner):
        """d/dx (x d/dy (x + y)) = 1, not 2; and d/dx (x d/dy (x y)) = 2x."""
        d, e = DERIVATIVES[outer], DERIVATIVES[inner]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert d(lambda x: x * e(lambda y: x + y)(1.0))(1.0) == 1.0
            assert d(lambda x: x * e(lambda y: x * y)(5.0))(3.0) == 6.0
            assert d(lambda x: x * e(lambda y: x * y * y)(x))(3.0) == 54.0

    @pytest.mark.parametrize("inner", DERIVATIVES)
    @pytest.mark.parametrize("outer", DERIVATIVES)
    def test_plain_number_in_plain_number_out(self, outer, inner):
        second = DERIVATIVES[outer](DERIVATIVES[inner](lambda x: x**3))(2.0)
        assert second == 12.0
        assert not isinstance(second, Tensor)

    @pytest.mark.parametrize("inner", DERIVATIVES)
    def test_inner_variable_does_not_leak_into_the_outer_result(self, inner):
        """The outer gradient is an array although the inner one used a constant."""
        e = DERIVATIVES[inner]
        found = grad(lambda x: x * e(lambda p: p * p * x)(2.0))(3.0)
        assert found == 24.0
        assert not isinstance(found, Tensor)

    @pytest.mark.parametrize("order", range(1, 7))
    def test_any_order(self, order):
        f = lambda x: x**6  # noqa: E731
        expected = 2.0**6
        for k in range(order):
            f = (grad, lambda g: lambda x: jvp(g, [x], [1.0])[1])[k % 2](f)
            expected *= (6 - k) / 2.0
        assert f(2.0) == expected


class TestTensors:
    @pytest.mark.parametrize("derivative", DERIVATIVES)
    def test_derivative_at_a_tensor_can_be_differentiated(self, derivative):
        x = Tensor(2.0)
        first = DERIVATIVES[derivative](lambda y: y**3)(x)
        assert first.item() == 12.0
        first.backward()
        assert x.grad == 12.0

    @pytest.mark.parametrize("derivative", DERIVATIVES)
    def test_function_that_uses_a_parameter(self, derivative):
        w = Tensor(5.0)
        found = DERIVATIVES[derivative](lambda y: w * w * y)(1.0)
        found.backward()
        assert (found.item(), w.grad) == (25.0, 10.0)

    def test_integer_argument(self):
        with pytest.raises(DTypeError, match=r"jvp: cannot differentiate .*int64"):
            jvp(lambda x: x * 1.0, [np.array([1, 2])], [np.ones(2)])


class TestElementwiseGrad:
    def test_of_an_array(self):
        np.testing.assert_allclose(elementwise_grad(np.sin)(X), np.cos(X), rtol=1e-15)

    def test_second(self):
        second = elementwise_grad(elementwise_grad(np.sin))
        np.testing.assert_allclose(second(X), -np.sin(X), rtol=1e-15)

    def test_argnum(self):
        first, second = elementwise_grad(lambda x, y: x * y, (0, 1))(X, V)
        np.testing.assert_array_equal(first, V)
        np.testing.assert_array_equal(second, X)

    def test_other_argument_is_broadcast(self):
        found = elementwise_grad(lambda x, y: x * y)(X, np.ones((2, 1)))
        np.testing.assert_array_equal(found, [2, 2, 2])


class TestMatrices:
    def test_jacobian(self):
        np.testing.assert_allclose(jacobian(curve)(X), A * np.cos(X), rtol=1e-14)

    def test_shapes_are_joined(self):
        x = np.arange(6.0).reshape(2, 3)
        found = jacobian(lambda x: np.sum(x, axis=1) * np.ones((4, 1)))(x)
        assert found.shape == (4, 2, 2, 3)
        np.testing.assert_array_equal(found[3, :, 0, :], [[1, 1, 1], [0, 0, 0]])

    @pytest.mark.parametrize("shape", [(0,), (2, 0)])
    def test_of_nothing(self, shape):
        assert jacobian(lambda x: x * 2)(np.ones(shape)).shape == shape + shape
        assert jacobian(lambda x: np.sum(x))(np.ones(shape)).shape == shape

    def test_hessian(self):
        found = hessian(energy)(X)
        np.testing.assert_allclose(found, ENERGY_HESSIAN, rtol=1e-14)
        assert type(found) is np.ndarray

    def test_hessian_of_a_linear_function(self):
        np.testing.assert_array_equal(
            hessian(lambda x: np.sum(2 * x))(X), np.zeros((3, 3))
        )

    def test_hessian_of_a_structure(self):
        found = hessian(lambda p: p["a"] ** 2 * p["b"][0])({"a": 2.0, "b": (3.0,)})
        assert found == {"a": {"a": 6.0, "b": (4.0,)}, "b": ({"a": 4.0, "b": (0.0,)},)}

    def test_hessian_of_two_arguments(self):
        found = hessian(lambda x, y: x * x * y, (0, 1))(2.0, 3.0)
        assert found == ((6.0, 4.0), (4.0, 0.0))

    def test_function_runs_once(self):
        calls = []
        jacobian(lambda x: (calls.append(1), x * x)[1])(X)
        assert len(calls) == 1
