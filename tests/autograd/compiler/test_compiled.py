"""A compiled function is one node of the graph, with the gradients of eager."""

import gc
import threading
import tracemalloc

import numpy as np
import pytest

import autograd as ag
from autograd import InPlaceError, Tensor


def function(x, w):
    return (np.tanh(x @ w) ** 2).sum()


def make(seed=0):
    rng = np.random.default_rng(seed)
    return Tensor(rng.standard_normal((3, 4))), Tensor(rng.standard_normal((4, 2)))


def eager_gradients(seed=0):
    x, w = make(seed)
    function(x, w).backward()
    return x.grad, w.grad


def test_one_node():
    compiled = ag.compile(function)
    x, w = make()
    out = compiled(x, w)
    assert out.inputs == (x, w)
    assert out.op.name == "compiled"
    assert compiled.__name__ == "function"
    assert "def forward" in compiled.source
    assert "tanh" in compiled.source


def test_decorator():
    @ag.compile
    def square(x):
        """Square it."""
        return (x * x).sum()

    assert square.__doc__ == "Square it."
    assert square(Tensor(3.0)).data == 9.0


@pytest.mark.parametrize("keep", ["all", "leaves"])
def test_gradients_accumulate(keep):
    compiled = ag.compile(function)
    x, w = make()
    for times in (1, 2):
        compiled(x, w).backward(keep=keep)
        for leaf, right in zip((x, w), eager_gradients(), strict=True):
            np.testing.assert_allclose(leaf.grad, times * right, rtol=1e-12)


def test_it_composes():
    compiled = ag.compile(function)
    x, w = make()
    hooked = []
    handle = w.register_hook(lambda g: hooked.append(g) or 2 * g)
    (3 * compiled(2 * x, w) + (w * w).sum()).backward()
    handle.remove()
    a, b = make()
    (3 * function(2 * a, b) + (b * b).sum()).backward()
    np.testing.assert_allclose(x.grad, a.grad, rtol=1e-12)
    np.testing.assert_allclose(w.grad, 2 * b.grad, rtol=1e-12)
    assert len(hooked) == 1


def test_results_that_are_arrays_and_one_tensor_twice():
    compiled = ag.compile(lambda x, y: x * y + x)
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    compiled(x, x).backward(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(x.grad, [3.0, 50.0])
    compiled(y, Tensor([5.0, 6.0])).backward(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(y.grad, [6.0, 70.0])


def test_an_intermediate_from_outside():
    w = Tensor([1.0, 2.0])
    doubled = 2 * w
    compiled = ag.compile(lambda x: (doubled * x).sum())
    compiled(Tensor([3.0, 4.0])).backward()
    np.testing.assert_array_equal(w.grad, [6.0, 8.0])


def test_unused_arguments_get_no_gradient():
    compiled = ag.compile(lambda x, y: x.sum())
    x, y = make()
    compiled(x, y).backward()
    assert y.grad is None


def test_compiled_functions_inside_one_another():
    inner = ag.compile(lambda x: np.tanh(x))
    outer = ag.compile(lambda x, w: (inner(x @ w) ** 2).sum())
    for _ in range(2):
        x, w = make()
        out = outer(x, w)
        out.backward()
        assert out.op.name == "compiled"
        for leaf, right in zip((x, w), eager_gradients(), strict=True):
            np.testing.assert_allclose(leaf.grad, right, rtol=1e-12)


def test_plans_of_an_inner_function_are_not_state_of_an_outer_one():
    inner = ag.compile(lambda x: (x * x).sum())
    outer = ag.compile(lambda x: inner(x) * 2)
    for n in range(1, 20):  # more than there are plans
        result = outer(Tensor([1.0, 2.0]))
        assert result.op.name == "compiled"
        assert result.data == 10.0
        if n < 16:
            inner(Tensor(np.ones(n)))


def test_methods():
    class Scaled:
        def __init__(self, factor):
            self.factor = factor

        @ag.compile
        def loss(self, x):
            return (x * self.factor).sum()

    for factor in (2.0, 3.0):
        result = Scaled(factor).loss(Tensor(np.ones(3)))
        assert result.op.name == "compiled"
        assert result.data == 3 * factor
    assert isinstance(Scaled.loss, type(ag.compile(np.sum)))


def test_no_grad():
    compiled = ag.compile(function)
    x, w = make()
    for _ in range(2):
        with ag.no_grad():
            out = compiled(x, w)
        assert not out.requires_grad
        assert out.data == function(x, w).data


def test_debug_runs_eagerly():
    compiled = ag.compile(function)
    x, w = make()
    compiled(x, w)
    with ag.debug():
        assert compiled(x, w).op.name == "sum"


def test_a_second_call_invalidates_a_pending_backward():
    compiled = ag.compile(function)
    x, w = make()
    first = compiled(x, w)
    second = compiled(*make(1))
    with pytest.raises(InPlaceError, match="called again"):
        first.backward()
    assert x.grad is None
    second.backward()
    second.backward()  # as often as one likes


def test_a_value_that_was_changed_is_noticed():
    compiled = ag.compile(function)
    x, w = make()
    out = compiled(x, w)
    w.data = w.data + 1
    with pytest.raises(InPlaceError):
        out.backward()


def test_gradients_are_the_users_own_memory():
    compiled = ag.compile(lambda a, b: (a + b).sum() + (a.T @ b).sum())
    gradients, values = [], []
    for _ in range(3):
        x, y = make()[0], make(1)[0]
        out = compiled(x, y)
        out.backward()
        gradients += [x.grad, y.grad]
        values += [x.data, y.data]
    for k, g in enumerate(gradients):
        assert g.flags.writeable
        for other in [*gradients[:k], *values]:
            assert not np.shares_memory(g, other)
    np.testing.assert_array_equal(gradients[0], gradients[2])


def test_derivatives_of_order_two():
    compiled = ag.compile(function)
    x, w = make()
    right = ag.hessian(lambda a: function(a, w))(x.data)
    captured = ag.compile(lambda a: function(a, w))
    for f in (lambda a: compiled(a, w), captured):
        found = ag.hessian(f)(x.data)
        np.testing.assert_allclose(found.data, right.data, rtol=1e-12)
        # Order 3, with respect to the tensor from outside.
        w.zero_grad()
        (found * found).sum().backward()
        ours = w.grad
        w.zero_grad()
        (right * right).sum().backward()
        np.testing.assert_allclose(ours, w.grad, rtol=1e-12)


def test_order_two_beside_plain_arrays():
    w = make()[1]
    X = np.random.default_rng(5).standard_normal((3, 4))
    compiled = ag.compile(lambda data, v: function(data, v))
    found = ag.hessian(lambda v: compiled(X, v))(w.data)
    right = ag.hessian(lambda v: function(X, v))(w.data)
    np.testing.assert_allclose(found, right, rtol=1e-12)


def test_transforms_with_captured_tensors():
    x, w = make()
    compiled = ag.compile(lambda a: function(a, w))
    found = ag.grad(compiled)(x.data)
    np.testing.assert_allclose(getattr(found, "data", found), eager_gradients()[0])


def test_two_threads():
    compiled = ag.compile(function)
    expected = [eager_gradients(seed) for seed in range(2)]
    wrong = []

    def work(seed):
        for _ in range(100):
            x, w = make(seed)
            compiled(x, w).backward(keep="leaves")
            for leaf, right in zip((x, w), expected[seed], strict=True):
                if not np.allclose(leaf.grad, right, rtol=1e-12):
                    wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_memory_is_flat():
    compiled = ag.compile(function)
    x, w = make()

    def calls(n):
        for _ in range(n):
            x.zero_grad()
            w.zero_grad()
            compiled(x, w).backward(keep="leaves")

    calls(10)
    gc.collect()
    tracemalloc.start()
    calls(10)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    calls(1000)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 10_000


def test_objects_with_every_attribute_are_no_generators():
    class Anything:
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return Anything()

    anything = Anything()
    compiled = ag.compile(lambda x: (np.tanh(x) if anything else x).sum())
    assert compiled(Tensor(np.ones(3))).op.name == "compiled"  # warnings are errors
