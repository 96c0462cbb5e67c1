"""The backward sweep: accumulation, what is kept, failures, sharing, size and depth."""

import gc
import subprocess
import sys
import textwrap
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import (
    PRIMITIVES,
    DTypeError,
    GradientError,
    InPlaceError,
    ShapeError,
    Tensor,
    grad,
)
from autograd.engine import differentiate, sum_to_shape


def operation(*rules):
    """Return an operation with the value of the first input and rules of our choice."""

    def under_test(x):
        return x * 1.0

    def pair_under_test(x, y):
        return x * 1.0

    forward = under_test if len(rules) == 1 else pair_under_test
    try:
        return ag.primitive(vjps=rules, method=False)(forward)
    finally:
        del PRIMITIVES[forward.__name__]


class TestAccumulation:
    def test_leaves_accumulate_and_others_hold_the_last_pass(self):
        x = Tensor(3.0)
        y = x * 2
        z = y * y
        for count in (1, 2, 3):
            z.backward()
            assert x.grad == 24.0 * count
            assert (y.grad, z.grad) == (12.0, 1.0)

    def test_two_results_with_a_common_leaf(self):
        x = Tensor([1.0, 2.0])
        (x * 3).sum().backward()
        (x * x).sum().backward()
        np.testing.assert_array_equal(x.grad, [5, 7])

    def test_every_path_counts(self):
        x = Tensor(2.0)
        a = x * 3
        b = a * x + a + x
        b.backward()
        assert x.grad == 2 * 3 * 2 + 3 + 1

    def test_same_tensor_twice_in_one_operation(self):
        x = Tensor(3.0)
        (x * x).backward()
        assert x.grad == 6.0
        m = Tensor([[1.0, 2.0], [3.0, 4.0]])
        (m @ m).sum().backward()
        one = np.ones((2, 2))
        np.testing.assert_array_equal(m.grad, one @ m.data.T + m.data.T @ one)

    def test_grad_is_replaced_not_changed(self):
        x = Tensor([1.0])
        y = x * 2
        y.backward()
        first = x.grad
        y.backward()
        assert first is not x.grad
        np.testing.assert_array_equal(first, [2])

    def test_grad_set_by_hand_is_added_to(self):
        x = Tensor([1.0, 2.0])
        x.grad = np.array([10.0, 10.0])
        (x * 1).sum().backward()
        np.testing.assert_array_equal(x.grad, [11, 11])

    def test_grad_of_another_shape_is_refused(self):
        x, y = Tensor([1.0, 2.0], name="x"), Tensor(1.0)
        x.grad = np.ones((3, 2))
        with pytest.raises(ShapeError, match=r"x.*\(3, 2\).*\(2,\).*\.grad = None"):
            (x * y).sum().backward()
        assert y.grad is None

    def test_accumulated_float32_stays_float32(self):
        x = Tensor(np.ones(2, np.float32))
        x.grad = np.ones(2)
        x.sum().backward()
        assert x.grad.dtype == np.float32

    def test_leaf_as_root(self):
        x = Tensor(2.0)
        x.backward()
        assert x.grad == 1.0

    def test_constants_get_nothing(self):
        x, c = Tensor(2.0), Tensor(3.0, requires_grad=False)
        (x * c).backward()
        assert (x.grad, c.grad) == (3.0, None)


class TestKeep:
    def test_all_by_default(self):
        x = Tensor(2.0)
        y = x * x
        z = np.exp(y)
        z.backward()
        assert y.grad == z.item()

    def test_leaves_only(self):
        W, x = Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])
        y = W @ x
        z = np.sum(np.tanh(y))
        z.backward(keep="leaves")
        assert y.grad is None
        assert z.grad is None
        lean = W.grad, x.grad
        W.grad = x.grad = None
        z.backward()
        np.testing.assert_array_equal(lean[0], W.grad)
        np.testing.assert_array_equal(lean[1], x.grad)

    def test_leaves_only_keeps_older_gradients_of_others(self):
        x = Tensor(2.0)
        y = x * x
        y.backward()
        y.backward(keep="leaves")
        assert (y.grad, x.grad) == (1.0, 8.0)

    def test_another_word_is_refused(self):
        with pytest.raises(ValueError, match=r'"all" or "leaves", got \'none\''):
            Tensor(1.0).backward(keep="none")


class TestSeed:
    def test_default_is_one(self):
        for shape in [(), (1,), (1, 1)]:
            x = Tensor(np.full(shape, 3.0))
            (x * x).backward()
            np.testing.assert_array_equal(x.grad, np.full(shape, 6.0))

    @pytest.mark.parametrize(
        "seed", [[1.0, 10.0], np.array([1, 10]), Tensor([1.0, 10.0])]
    )
    def test_given(self, seed):
        x = Tensor([2.0, 3.0])
        (x * x).backward(seed)
        np.testing.assert_array_equal(x.grad, [4, 60])

    def test_float32_result_makes_a_float32_seed(self):
        x = Tensor(np.ones(2, np.float32))
        y = x * 2
        y.backward(np.ones(2))
        assert y.grad.dtype == np.float32

    def test_seed_is_linear(self):
        x = Tensor([0.3, 0.7])
        y = np.exp(np.sin(x))
        grads = []
        for seed in ([1.0, 0.0], [0.0, 1.0], [2.0, -4.0]):
            x.grad = None
            y.backward(seed)
            grads.append(x.grad)
        np.testing.assert_array_equal(grads[2], 2 * grads[0] - 4 * grads[1])


class TestFailuresWriteNothing:
    def check_untouched(self, *tensors):
        for tensor in tensors:
            assert tensor.grad is None
            assert tensor._cotangent is None

    def test_rule_raises_half_way(self):
        def fails(g, out, x):
            raise ZeroDivisionError("in the rule")

        a, b = Tensor(2.0), Tensor(3.0)
        bad = operation(fails)(a)
        good = b * 2
        total = bad + good
        with pytest.raises(ZeroDivisionError, match="in the rule"):
            total.backward()
        self.check_untouched(a, b, bad, good, total)

    def test_rule_of_the_wrong_shape(self):
        a = Tensor([1.0, 2.0], name="W1")
        y = operation(lambda g, out, x: np.ones((3, 2)))(a)
        with pytest.raises(GradientError) as caught:
            y.sum().backward()
        for part in ("under_test", "input 0", "(3, 2)", "(2,)"):
            assert part in str(caught.value)
        self.check_untouched(a, y)

    def test_value_changed_before_backward(self):
        a, b = Tensor(2.0, name="a"), Tensor(3.0)
        y = a * b
        with ag.no_grad():
            a += 1
        total = y + b
        with pytest.raises(InPlaceError):
            total.backward()
        self.check_untouched(a, b, y, total)

    def test_integer_data_forced_to_require_a_gradient(self):
        with pytest.raises(DTypeError):
            Tensor(np.array([1])).requires_grad = True

    def test_keyboard_interrupt(self):
        def interrupted(g, out, x):
            raise KeyboardInterrupt

        a = Tensor(2.0)
        y = operation(interrupted)(a * 1)
        with pytest.raises(KeyboardInterrupt):
            y.backward()
        self.check_untouched(a, y)
        (a * 3).backward()
        assert a.grad == 3.0


class TestInPlaceDetection:
    def test_change_after_use_by_any_operation(self):
        W = Tensor([[1.0, 2.0]], name="W1")
        loss = np.sum(np.tanh(W @ np.ones((2, 2))))
        W.data -= 0.1
        with pytest.raises(InPlaceError) as caught:
            loss.backward()
        for part in ("matmul", "W1 (1, 2) float64", "test_engine.py:", "afterwards"):
            assert part in str(caught.value)

    def test_change_before_use_is_fine(self):
        W = Tensor([1.0, 2.0])
        W.data -= 0.1
        (W * W).sum().backward()
        np.testing.assert_allclose(W.grad, [1.8, 3.8])

    def test_change_of_an_unrelated_tensor_is_fine(self):
        W, V = Tensor([1.0]), Tensor([1.0])
        y = W * W
        V.data -= 1
        y.backward()
        np.testing.assert_array_equal(W.grad, [2])

    def test_change_after_backward_is_fine_once(self):
        W = Tensor([1.0])
        y = W * W
        y.backward()
        W.data -= W.grad
        with pytest.raises(InPlaceError):
            y.backward()
        np.testing.assert_array_equal(W.grad, [2])

    def test_change_through_a_view_of_the_same_leaf(self):
        W = Tensor([[1.0, 2.0]])
        y = W.T
        z = (y * y).sum()
        W.data -= 1.0
        with pytest.raises(InPlaceError):
            z.backward()


class TestMemory:
    def test_gradients_of_views_are_their_own(self):
        x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        y = x.T
        z = y.reshape(4)
        total = z.sum()
        total.backward()
        arrays = [x.grad, y.grad, z.grad, x.data]
        for k, a in enumerate(arrays):
            for b in arrays[k + 1 :]:
                assert not np.shares_memory(a, b)

    def test_gradients_are_writable(self):
        x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
        z = x + y
        z.sum().backward()
        x.grad *= 2
        np.testing.assert_array_equal(y.grad, [1, 1])
        np.testing.assert_array_equal(z.grad, [1, 1])

    def test_graph_is_freed_without_the_collector(self):
        x = Tensor([1.0, 2.0])
        array = np.ones(2).view(type("Watched", (np.ndarray,), {}))
        gone = weakref.ref(array)
        y = np.exp(x * array)
        y.sum().backward()
        gc.disable()
        try:
            del array, y
            assert gone() is None
        finally:
            gc.enable()

    def test_rule_may_keep_nothing_of_the_sweep(self):
        seen = []

        def rule(g, out, x):
            seen.append(g)
            return g * 1.0

        x = Tensor([1.0, 2.0])
        y = operation(rule)(x)
        y.backward(np.array([3.0, 4.0]))
        assert not np.shares_memory(x.grad, seen[0])


class TestDifferentiate:
    def test_leaves_grad_alone(self):
        x = Tensor(2.0)
        y = x * x
        (found,) = differentiate(y, np.float64(1.0), [x])
        assert found == 4.0
        assert (x.grad, y.grad) == (None, None)

    def test_intermediates_can_be_wanted(self):
        x = Tensor(2.0)
        y = x * 3
        z = y * y
        by_y, by_x, by_z = differentiate(z, np.float64(1.0), [y, x, z])
        assert (by_y, by_x, by_z) == (12.0, 36.0, 1.0)

    def test_independent_tensor_gives_none(self):
        x, other = Tensor(2.0), Tensor(3.0)
        assert differentiate(x * x, np.float64(1.0), [other]) == [None]

    def test_recorded_on_request(self):
        x = Tensor(2.0)
        (slope,) = differentiate(x**3, np.float64(1.0), [x], record=True)
        assert isinstance(slope, Tensor)
        slope.backward()
        assert x.grad == 12.0

    def test_rules_run_only_where_needed(self):
        calls = []

        def rule(g, out, x):
            calls.append("x")
            return g

        x, other = Tensor(1.0), Tensor(2.0)
        y = operation(rule)(x) + other
        differentiate(y, np.float64(1.0), [other], record=False)
        assert calls == []


class TestRulesRunOnlyForInputsThatNeedThem:
    def test_constant_inputs_cost_nothing(self):
        calls = []
        rules = [
            lambda g, out, x, y: calls.append("x") or g,
            lambda g, out, x, y: calls.append("y") or g,
        ]
        pair = operation(*rules)
        pair(Tensor(1.0), 2.0).backward()
        assert calls == ["x"]
        calls.clear()
        pair(1.0, Tensor(2.0)).backward()
        assert calls == ["y"]


class TestNestedSweeps:
    def test_rule_that_differentiates(self):
        """A rule may run a sweep of its own, even over the node it belongs to."""

        def rule(g, out, x):
            inner = Tensor(x.data if isinstance(x, Tensor) else x)
            (inner**3).sum().backward()
            return g * inner.grad

        x = Tensor([1.0, 2.0])
        y = operation(rule)(x)
        total = (y * y).sum()
        total.backward()
        np.testing.assert_array_equal(x.grad, 2 * x.data * 3 * x.data**2)

    def test_rule_that_sweeps_over_the_same_nodes(self):
        x = Tensor(2.0)
        side = x * x

        def rule(g, out, y):
            (slope,) = differentiate(side, np.float64(1.0), [x], record=False)
            return g * slope

        y = operation(rule)(x * 5)
        (y + side).backward()
        assert x.grad == 5 * 4.0 + 4.0

    def test_failing_inner_sweep_leaves_the_outer_state(self):
        x = Tensor(2.0)

        def rule(g, out, y):
            with pytest.raises(GradientError):
                (Tensor(np.ones(2)) * 2).backward()
            return g * 3

        (operation(rule)(x) + x).backward()
        assert x.grad == 4.0

    @pytest.mark.parametrize("order", [2, 3, 4, 5])
    def test_grad_of_grad(self, order):
        function = np.sin
        for _ in range(order):
            function = grad(function)
        expected = [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)][
            order % 4
        ]
        assert function(0.7) == pytest.approx(expected(0.7), rel=1e-14)

    def test_backward_through_a_gradient(self):
        x = Tensor(2.0)
        slope = grad(lambda y: y**3)(x)
        slope.backward()
        assert x.grad == 12.0


class TestBroadcasting:
    @pytest.mark.parametrize(
        ("shape", "larger"),
        [
            ((), (2, 3)),
            ((3,), (2, 3)),
            ((1, 3), (2, 3)),
            ((2, 1), (2, 3)),
            ((1,), (4, 2, 3)),
            ((2, 1, 3), (5, 2, 4, 3)),
            ((0,), (3, 0)),
            ((4, 1), (4, 0)),
            ((1, 1), (0, 0)),
        ],
        ids=str,
    )
    def test_sum_to_shape_is_the_transpose_of_broadcasting(self, shape, larger):
        rng = np.random.default_rng(0)
        g, x = rng.normal(size=larger), rng.normal(size=shape)
        reduced = sum_to_shape(g, shape)
        assert np.shape(reduced) == shape
        left, right = np.sum(g * np.broadcast_to(x, larger)), np.sum(reduced * x)
        assert left == pytest.approx(right, abs=1e-12)


class TestSize:
    def test_one_tensor_used_a_hundred_thousand_times(self):
        x = Tensor(1.0)
        total = Tensor(0.0)
        for _ in range(100_000):
            total = total + x
        total.backward(keep="leaves")
        assert x.grad == 100_000.0

    def test_wide_fan_in(self):
        leaves = [Tensor(float(k)) for k in range(10_000)]
        ag.stack(leaves).sum().backward()
        assert all(leaf.grad == 1.0 for leaf in leaves)

    def test_sixty_doublings_of_arrays(self):
        x = y = Tensor([1.0, 2.0])
        for _ in range(60):
            y = y + y
        y.sum().backward()
        np.testing.assert_array_equal(x.grad, [2.0**60, 2.0**60])

    def test_depth_without_recursion(self):
        """Build, differentiate, print and free: 10^5 nodes, recursion limit 200."""
        limit = sys.getrecursionlimit()
        x = y = Tensor(1.0)
        sys.setrecursionlimit(200)
        try:
            for _ in range(100_000):
                y = y + x
            y.backward()
            assert repr(y) == "Tensor(100001., op=add)"
            (slope,) = differentiate(y, np.float64(1.0), [x], record=True)
            assert slope.item() == x.grad == 100_001.0
            del y, slope
        finally:
            sys.setrecursionlimit(limit)

    def test_million_nodes_come_and_go_without_the_collector(self):
        script = """
            import ctypes, gc, sys
            from autograd import Tensor

            def resident():
                # What the C library keeps for the next arrays goes back as well.
                ctypes.CDLL(None).malloc_trim(0)
                with open("/proc/self/statm") as file:
                    return int(file.read().split()[1]) * 4096 / 2**20

            def chain(n):
                y = x = Tensor(1.0)
                for _ in range(n):
                    y = y + 1.0
                y.backward()
                assert x.grad == 1.0 and y.item() == n + 1

            sys.setrecursionlimit(200)
            gc.disable()
            chain(1000)
            before = resident()
            chain(1_000_000)
            after = resident()
            assert gc.collect() < 100, "something was left for the collector"
            print(after - before)
        """
        result = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        assert abs(float(result.stdout)) < 5, "megabytes that did not come back"
