"""`@primitive`: what a user's own operation gets from one block."""

import numpy as np
import pytest

import autograd as ag
from autograd import PRIMITIVES, GradientError, Primitive, ShapeError, Tensor, gradcheck


@pytest.fixture
def own_operation():
    """Return `primitive`, and take what it registered out again."""
    from autograd.numpy_protocol import DIFFERENTIABLE

    before, functions = dict(PRIMITIVES), dict(DIFFERENTIABLE)
    attributes = set(vars(Tensor))
    yield ag.primitive
    PRIMITIVES.clear()
    PRIMITIVES.update(before)
    DIFFERENTIABLE.clear()
    DIFFERENTIABLE.update(functions)
    for name in set(vars(Tensor)) - attributes:
        delattr(Tensor, name)


def test_unary_operation(own_operation):
    @own_operation(vjps=(lambda g, out, x: 3 * g * x**2,), elementwise=True)
    def cube(x):
        """Return the cube."""
        return x**3

    assert cube.__doc__ == "Return the cube."
    assert cube.op is PRIMITIVES["cube"]
    assert isinstance(cube.op, Primitive)
    assert cube(2.0) == 8.0
    assert Tensor(2.0).cube().item() == 8.0
    assert gradcheck(cube, np.array([0.5, -2.0]))
    y = cube(Tensor(2.0, requires_grad=False))
    assert not y.requires_grad


def test_scale_by_setting(own_operation):
    @own_operation(vjps=(lambda g, out, x, factor: g * factor,))
    def scale(x, factor=2.0):
        return x * factor

    x = np.array([1.0, 2.0])
    assert gradcheck(scale, x)
    assert gradcheck(lambda t: scale(t, 5.0), x)
    assert gradcheck(lambda t: scale(t, factor=5.0), x)
    assert scale(Tensor(x), factor=5.0).settings == {"factor": 5.0}


def test_broadcasting_is_summed_away(own_operation):
    @own_operation(
        vjps=(lambda g, out, a, b: g * b, lambda g, out, a, b: g * a), elementwise=True
    )
    def times(a, b):
        return a * b

    assert gradcheck(times, np.ones((3, 1)), np.array([[1.0, 2.0]]))
    assert gradcheck(times, np.float64(2.0), np.array([1.0, 2.0]))


def test_operation_that_does_not_broadcast_must_return_the_shape(own_operation):
    @own_operation(vjps=(lambda g, out, x: g,))
    def total(x):
        return np.sum(x)

    with pytest.raises(GradientError, match=r"total.*input 0.*\(\).*\(2,\)"):
        total(Tensor([1.0, 2.0])).backward()


def test_sequence_operation(own_operation):
    @own_operation(
        vjps=(lambda i, g, out, *xs, weights: g * weights[i],),
        sequence=True,
        method=False,
    )
    def blend(xs, weights):
        return sum(w * x for w, x in zip(weights, xs, strict=True))

    a, b, c = (np.array([1.0, k]) for k in range(3))
    assert gradcheck(lambda *xs: blend(list(xs), (0.5, 2.0, 3.0)), a, b, c)


def test_input_without_derivative(own_operation):
    @own_operation(
        vjps=(None, lambda g, out, mask, x: g * mask), elementwise=True, method=False
    )
    def keep(mask, x):
        return x * mask

    mask, x = Tensor([1.0, 0.0]), Tensor([2.0, 3.0])
    keep(mask, x).sum().backward()
    assert mask.grad is None or not np.any(mask.grad)
    np.testing.assert_array_equal(x.grad, [1, 0])


def test_stands_for_the_numpy_function_of_its_name(own_operation):
    slope = np.vectorize(lambda t: t / 2 + t**3 / 16 + t**5 / 384)  # up to t^7

    @own_operation(vjps=(lambda g, out, x: g * slope(x),), elementwise=True)
    def i0(x):
        """Return the modified Bessel function of order 0."""
        return np.i0(x)

    y = np.i0(Tensor([0.1, 0.2]))
    assert y.op is i0.op
    assert gradcheck(np.i0, np.array([0.01, 0.02]), order=1)


def test_rule_that_uses_numpy_differentiates_again(own_operation):
    @own_operation(vjps=(lambda g, out, x: g * np.cos(x),), elementwise=True)
    def my_sin(x):
        return np.sin(x)

    assert gradcheck(my_sin, np.array([0.3, 2.0]), order=3)


def test_python_number_as_result(own_operation):
    @own_operation(vjps=(lambda g, out, x: g * np.ones(x.shape),), method=False)
    def first(x):
        return float(np.sum(x))

    x = Tensor([1.0, 2.0])
    y = first(x)
    assert isinstance(y, Tensor)
    y.backward()
    np.testing.assert_array_equal(x.grad, [1, 1])


def test_python_number_as_gradient(own_operation):
    @own_operation(vjps=(lambda g, out, x: 5.0,), method=False)
    def five(x):
        return 5 * x

    x = Tensor(2.0)
    five(x).backward()
    assert x.grad == 5.0


def test_numpys_error_is_explained(own_operation):
    @own_operation(vjps=(lambda g, out, x: g,), method=False)
    def halves(x):
        return x.reshape(2, -1)

    with pytest.raises(ShapeError, match=r"halves.*W \(3,\) float64") as caught:
        halves(Tensor([1.0, 2.0, 3.0], name="W"))
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ag.sum(x, 0, False, 1, 2),
        lambda x: ag.sum(x, bogus=1),
        lambda x: ag.sum(),
        lambda x: ag.reshape(x),
        lambda x: ag.sum(x, 0, axis=0),
    ],
)
def test_wrong_arguments_are_a_type_error(call):
    with pytest.raises(TypeError, match=r"sum|reshape"):
        call(Tensor([1.0]))


def test_table_is_in_the_order_of_definition():
    names = list(PRIMITIVES)
    assert names.index("add") < names.index("sum")
    assert all(PRIMITIVES[name].name == name for name in names)
    assert repr(PRIMITIVES["add"]) == "<primitive add>"


def test_an_input_without_a_rule_next_to_one_with_a_rule(own_operation):
    @own_operation(vjps=(lambda g, out, a, b: g * b, None), elementwise=True)
    def scaled(a, b):
        return a * b

    for a, b in ((Tensor(2.0), Tensor(3.0)), (Tensor([2.0]), Tensor([3.0]))):
        scaled(a, b).sum().backward()
        assert a.grad == 3.0
        assert b.grad == 0.0


@pytest.mark.parametrize("reduce", [np.sum, np.prod, np.cumsum, np.cumprod])
def test_a_number_is_reduced_along_axis_0_as_in_numpy(reduce):
    x = Tensor(3.0)
    y = reduce(x, axis=0)
    np.testing.assert_array_equal(y.data, reduce(np.float64(3.0), axis=0))
    y.sum().backward()
    assert x.grad == 1.0
    assert gradcheck(lambda x: reduce(x, axis=0), np.float64(3.0))
