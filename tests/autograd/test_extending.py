"""A user's own operation in ten lines: drawn, checked, and differentiable twice."""

import numpy as np
import pytest

import autograd as ag
from autograd import (
    PRIMITIVES,
    InPlaceError,
    Tensor,
    grad,
    gradcheck,
    hessian,
    primitive,
)
from autograd.formula import formula
from autograd.numpy_protocol import DIFFERENTIABLE


# --- the text of the README
@primitive(
    symbol="swish",
    elementwise=True,
    vjps=(lambda g, out, x, beta: g * (out * beta + sigma(beta * x) * (1 - beta * out)),
          lambda g, out, x, beta: g * x * out * (1 - sigma(beta * x))),
)  # fmt: skip
def scaled_swish(x, beta):
    """Return x * sigmoid(beta * x)."""
    return x * sigma(beta * x)


def sigma(x):
    return 1 / (1 + np.exp(-x))


# ---


X = np.array([-1.0, 0.5, 2.0])


@pytest.fixture(autouse=True)
def table():
    """Let no operation of a test stay behind."""
    before = dict(PRIMITIVES)
    attributes = dict(vars(Tensor))
    functions = dict(DIFFERENTIABLE)
    yield
    DIFFERENTIABLE.clear()
    DIFFERENTIABLE.update(functions)
    PRIMITIVES.clear()
    PRIMITIVES.update(before)
    for name in vars(Tensor).keys() - attributes.keys():
        delattr(Tensor, name)


class TestTenLines:
    def test_value_and_gradients(self):
        x, beta = Tensor(X), Tensor(1.5)
        y = scaled_swish(x, beta)
        np.testing.assert_allclose(y.data, X / (1 + np.exp(-1.5 * X)), rtol=1e-15)
        y.sum().backward()
        s = 1 / (1 + np.exp(-1.5 * X))
        np.testing.assert_allclose(x.grad, s + 1.5 * X * s * (1 - s), rtol=1e-13)
        np.testing.assert_allclose(beta.grad, np.sum(X**2 * s * (1 - s)), rtol=1e-13)

    def test_arrays_in_arrays_out(self):
        assert type(scaled_swish(X, 1.0)) is np.ndarray

    def test_checked_by_differences(self):
        gradcheck(scaled_swish, X, np.array(0.7))

    def test_second_order(self):
        h = 1e-5
        first = grad(lambda x: np.sum(scaled_swish(x, 0.7)))
        numeric = (first(X + h) - first(X - h)) / (2 * h)
        found = hessian(lambda x: np.sum(scaled_swish(x, 0.7)))(X)
        np.testing.assert_allclose(found, np.diag(numeric), atol=1e-8)

    def test_method_and_name(self):
        assert ag.PRIMITIVES["scaled_swish"].symbol == "swish"
        assert Tensor(X).scaled_swish(1.0).op.name == "scaled_swish"

    def test_formula_on_the_edge_is_the_rule(self):
        x, beta = Tensor(X, name="x"), Tensor(2.0, name="beta")
        y = scaled_swish(x, beta)
        y.name = "y"
        text = formula(y, 0, lambda t: t.name)
        assert text.startswith("G * (")
        values = {"np": np, "G": np.ones(3), "x": X, "y": y.data, "beta": 2.0}
        y.sum().backward()
        np.testing.assert_allclose(eval(text, values), x.grad, rtol=1e-13)

    def test_scalars(self):
        x = Tensor(0.5)
        scaled_swish(x, 1.0).backward()
        assert x.grad == pytest.approx(grad(lambda x: scaled_swish(x, 1.0))(0.5))


class TestMemory:
    """F13, F18: what a user's function does to arrays reaches nobody else."""

    def test_rule_that_changes_its_cotangent(self):
        def rule(g, out, x):
            g *= 3
            return g

        triple = primitive(vjps=(rule,), elementwise=True)(lambda x: x * 3)
        x = Tensor(X)
        with pytest.raises(ValueError, match="read-only") as caught:
            (triple(x) + x).sum().backward()
        assert "while differentiating" in caught.value.__notes__[0]
        assert x.grad is None

    @pytest.mark.parametrize("what", ["out", "x"])
    def test_rule_that_changes_a_saved_array(self, what):
        def rule(g, out, x):
            {"out": out, "x": x}[what][0] = 0
            return g

        same = primitive(vjps=(rule,), elementwise=True)(lambda x: x * 1)
        x = Tensor(X)
        with pytest.raises(ValueError, match="read-only"):
            same(x).sum().backward()
        np.testing.assert_array_equal(x.data, X)

    def test_forward_that_changes_its_input(self):
        def forward(x):
            x *= 2
            return x

        double = primitive(vjps=(lambda g, out, x: 2 * g,), elementwise=True)(forward)
        x = Tensor(X)
        with pytest.raises(ValueError, match="read-only"):
            double(x)
        np.testing.assert_array_equal(x.data, X)

    def test_forward_that_returns_its_input(self):
        same = primitive(vjps=(lambda g, out, x: g,), elementwise=True)(lambda x: x)
        x = Tensor(X)
        y = same(x)
        assert not np.shares_memory(y.data, x.data)
        y.data[0] = 5  # the result may be written to
        y.sum().backward()
        assert not np.shares_memory(x.grad, y.grad)

    def test_rules_that_return_one_array(self):
        shared = np.ones(3)
        both = primitive(vjps=(lambda g, out, a, b: shared,) * 2, elementwise=True)(
            lambda a, b: a + b
        )
        a, b = Tensor(X), Tensor(X)
        (both(a, b) + both(a, b)).sum().backward()
        np.testing.assert_array_equal(shared, [1, 1, 1])
        arrays = [shared, a.grad, b.grad]
        for i, first in enumerate(arrays):
            for second in arrays[:i]:
                assert not np.shares_memory(first, second)

    def test_fused_backward_that_returns_one_array(self):
        def backward(g, out, saved, needs, a, b):
            d = g * saved
            return d, d

        fused = ag.Fused(lambda a, b: (a + b, np.ones(3)), backward)
        add = primitive(vjps=(lambda g, out, a, b: g,) * 2, fused=fused)(
            lambda a, b: a + b
        )
        a, b = Tensor(X), Tensor(X)
        add(a, b).sum().backward()
        assert not np.shares_memory(a.grad, b.grad)

    def test_sequence(self):
        def rule(i, g, out, *arrays):
            arrays[0][:] = 0
            return g

        first = primitive(vjps=(rule,), sequence=True)(lambda arrays: arrays[0] + 0)
        x = Tensor(X)
        with pytest.raises(ValueError, match="read-only"):
            first([x, X]).sum().backward()


class TestNames:
    def test_own_tanh_leaves_ours_alone(self):
        ours, method = PRIMITIVES["tanh"], Tensor.tanh

        @primitive(vjps=(lambda g, out, x: g * (1 - out**2),), elementwise=True)
        def tanh(x):
            return np.tanh(x)

        assert PRIMITIVES["tanh"] is ours
        assert Tensor.tanh is method
        assert np.tanh(Tensor(0.5)).op is ours
        assert tanh(Tensor(0.5)).op is not ours
        assert tanh(Tensor(0.5)).op.name == "tanh"

    @pytest.mark.parametrize("name", ["data", "shape", "backward", "sum", "item"])
    def test_no_attribute_of_tensors_is_replaced(self, name):
        def forward(x):
            return x * 1

        before = getattr(Tensor, name)
        forward.__name__ = name
        primitive(vjps=(lambda g, out, x: g,))(forward)
        assert getattr(Tensor, name) is before

    def test_second_definition_replaces_the_first(self):
        """As in a notebook, where a cell runs again."""
        for factor in (2, 3):

            @primitive(vjps=(lambda g, out, x, k=factor: g * k,))
            def times(x, k=factor):
                return x * k

        assert Tensor(5.0).times().item() == 15.0
        assert PRIMITIVES["times"] is times.op

    def test_numpy_function_is_given_a_rule_on_request(self):
        @primitive(
            vjps=(lambda g, out, x: g * 0,), elementwise=True, numpy=(np.spacing,)
        )
        def gap(x):
            return np.spacing(x)

        y = np.spacing(Tensor(1.0))
        assert y.op is gap.op

    def test_numpy_function_of_the_name_is_left_alone(self):
        @primitive(vjps=(lambda g, out, x: g,))
        def shape(x):
            return x

        assert np.shape(Tensor(X)) == (3,)


def test_in_place_step_is_noticed_in_a_users_operation():
    x = Tensor(X, name="x")
    y = scaled_swish(x, 1.0).sum()
    x.data -= 1
    with pytest.raises(InPlaceError, match=r"scaled_swish .*used x"):
        y.backward()
