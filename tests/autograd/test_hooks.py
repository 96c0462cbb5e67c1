"""Hooks: when they are called, with what, and what becomes of what they return."""

import gc

import numpy as np
import pytest

from autograd import DTypeError, GradientError, ShapeError, Tensor, grad
from autograd.hooks import IN_USE


def test_called_once_with_the_complete_gradient():
    x = Tensor([1.0, 2.0])
    y = x * 3
    seen = []
    y.register_hook(seen.append)
    (y * y + y).sum().backward()
    assert len(seen) == 1
    np.testing.assert_array_equal(seen[0], [7, 13])
    np.testing.assert_array_equal(x.grad, [21, 39])


@pytest.mark.parametrize("value", [2.0, [2.0, 3.0]])
def test_replacement_reaches_everything_behind(value):
    x = Tensor(value)
    y = x * 1
    y.register_hook(lambda g: g * 10)
    (y * 2).sum().backward()
    np.testing.assert_array_equal(y.grad, np.full(y.shape, 20))
    np.testing.assert_array_equal(x.grad, np.full(x.shape, 20))


def test_hook_of_a_leaf_changes_what_is_accumulated():
    x = Tensor([1.0])
    x.register_hook(lambda g: -g)
    for _ in range(2):
        (x * 5).sum().backward()
    np.testing.assert_array_equal(x.grad, [-10])


def test_hook_of_the_result():
    x = Tensor(3.0)
    y = x * x
    y.register_hook(lambda g: g + 1)
    y.backward()
    assert (y.grad, x.grad) == (2.0, 12.0)


def test_in_order_of_registration_until_removed():
    x = Tensor(1.0)
    first = x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    (x * 1).backward()
    assert x.grad == 20.0
    first.remove()
    first.remove()
    x.zero_grad()
    (x * 1).backward()
    assert x.grad == 10.0


def test_each_tensor_has_hooks_of_its_own():
    """Results of scalar operators share their details, but not their hooks."""
    x = Tensor(2.0)
    y, z = x * 3, x * 5
    y.register_hook(lambda g: g * 100)
    (y + z).backward()
    assert (y.grad, z.grad, x.grad) == (100.0, 1.0, 305.0)


def test_name_given_afterwards_keeps_the_hook():
    x = Tensor(2.0)
    x.register_hook(lambda g: g * 2)
    x.name = "x"
    (x * 1).backward()
    assert (x.name, x.grad) == ("x", 2.0)


@pytest.mark.parametrize("keep", ["all", "leaves"])
def test_gradient_is_a_copy_that_may_be_kept(keep):
    x = Tensor([1.0, 2.0])
    y = x * 2
    kept = []
    y.register_hook(kept.append)
    x.register_hook(kept.append)
    y.sum().backward(keep=keep)
    assert len(kept) == 2
    for g in kept:
        for gradient in (x.grad, y.grad):
            assert gradient is None or not np.shares_memory(g, gradient)


def test_returned_array_is_copied():
    mine = np.array([1.0, 2.0])
    x = Tensor([0.0, 0.0])
    y = x * 1
    y.register_hook(lambda g: mine)
    (y + y * 2).sum().backward()
    x.grad[:] = 9
    y.grad[:] = 9
    np.testing.assert_array_equal(mine, [1, 2])


def test_changing_the_gradient_in_place_is_an_error():
    x = Tensor([1.0, 2.0])

    def hook(g):
        g *= 2

    x.register_hook(hook)
    with pytest.raises(ValueError, match="read-only"):
        (x * x).sum().backward()
    assert x.grad is None


@pytest.mark.parametrize(
    ("returned", "error", "text"),
    [
        (np.ones(3), ShapeError, r"hook of y returned shape \(3,\) .* \(2,\)"),
        (np.ones(2, np.float32), DTypeError, r"float32 in place of float64"),
    ],
)
def test_replacement_must_fit(returned, error, text):
    x = Tensor([1.0, 2.0])
    y = x * 2
    y.name = "y"
    y.register_hook(lambda g: returned)
    with pytest.raises(error, match=text):
        y.sum().backward()
    assert x.grad is None
    assert y.grad is None


def test_constant_has_no_gradient_to_see():
    with pytest.raises(GradientError, match=r"register_hook.*requires no gradient"):
        Tensor([1.0], requires_grad=False).register_hook(print)


def test_unreached_tensor_is_not_called():
    x = Tensor(1.0)
    y = x * 2
    y.register_hook(lambda g: pytest.fail("called"))
    (x * 3).backward()
    assert x.grad == 3.0


def test_inside_a_gradient_that_is_differentiated():
    """d/dx of a gradient that a hook has multiplied by x."""

    def function(x):
        y = x * 1
        y.register_hook(lambda g: g * x)
        return y * y

    assert grad(function)(3.0) == 18.0
    # The gradient is (2 y) x; the hook multiplies what reaches y there, 2 x, as well.
    assert grad(grad(function))(3.0) == 6.0 + 6.0 * 3.0


def test_without_hooks_sweeps_do_not_look_for_them():
    gc.collect()
    before = len(IN_USE)
    x = Tensor(1.0)
    x.register_hook(lambda g: g)
    y = Tensor(1.0)
    handle = y.register_hook(lambda g: g)
    assert len(IN_USE) == before + 2
    handle.remove()
    assert len(IN_USE) == before + 1
    del x
    assert len(IN_USE) == before
