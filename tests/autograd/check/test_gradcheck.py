"""Testing the tester: every planted mistake must be caught, and nothing else."""

import numpy as np
import pytest

import autograd as ag
from autograd import PRIMITIVES, DTypeError, GradcheckError, Tensor, gradcheck
from autograd.check import pullback
from autograd.check.differences import measure_slope
from autograd.engine import differentiate
from tests.autograd.test_every_op import read_sample

POINT = np.array([0.7, -1.3, 2.1])


def cube_with_rule(rule, **settings):
    """Return x**3 with a derivative rule of our choice."""

    def cube_under_test(x):
        return x**3

    settings = {"elementwise": True, **settings}
    try:
        return ag.primitive(vjps=(rule,), method=False, **settings)(cube_under_test)
    finally:
        del PRIMITIVES["cube_under_test"]


def product_with_rules(*rules):
    """Return a * b with derivative rules of our choice."""

    def product_under_test(a, b):
        return a * b

    try:
        return ag.primitive(vjps=rules, method=False, elementwise=True)(
            product_under_test
        )
    finally:
        del PRIMITIVES["product_under_test"]


def array_behind(view):
    """Return the array itself: the engine hands rules read-only views of it."""
    return view if view.flags.writeable or view.base is None else view.base


def alias(monkeypatch, change):
    """Let the engine return gradients that share memory, in place of its own."""

    def differentiate_with_aliases(result, seed, wanted, record):
        found = differentiate(result, seed, wanted, record)
        return found if record else change(found, seed)

    monkeypatch.setattr(pullback, "differentiate", differentiate_with_aliases)


def is_recorded(x):
    return isinstance(x, Tensor)


def has_slope(call):
    """Return whether a call has a derivative that is not zero."""
    leaves = [Tensor(x) for x in call.arrays()]
    result = call.with_tensors(*leaves)
    if not result.requires_grad:
        return False
    found = differentiate(result, np.ones_like(result.data)[()], leaves, record=False)
    return any(g is not None and np.max(np.abs(g), initial=0) > 1e-2 for g in found)


class TestRightFunctionsPass:
    def test_right_rule(self):
        assert gradcheck(cube_with_rule(lambda g, out, x: 3 * g * x**2), POINT) is True

    @pytest.mark.parametrize("order", [1, 2, 3, 4])
    def test_any_order(self, order):
        assert gradcheck(lambda x: np.exp(np.sin(x)) * x[0], POINT, order=order)

    def test_number_as_input(self):
        assert gradcheck(np.tanh, 0.5)

    def test_tensor_as_input_is_left_alone(self):
        x = Tensor(POINT, name="x")
        assert gradcheck(np.tanh, x)
        assert x.grad is None
        assert x.is_leaf

    def test_integers_and_constants_are_handed_on(self):
        constant = Tensor(POINT, requires_grad=False)
        assert gradcheck(lambda x, n, c: x**n * c, POINT, 2, constant)

    def test_function_of_matrices_along_random_directions(self):
        rng = np.random.default_rng(0)
        a, b = rng.normal(size=(50, 60)), rng.normal(size=(60, 40)) / 50
        assert gradcheck(lambda a, b: np.sum(np.tanh(a @ b) ** 2), a, b)

    def test_inside_no_grad(self):
        with ag.no_grad():
            assert gradcheck(np.tanh, POINT)

    def test_result_that_does_not_depend_on_the_input(self):
        assert gradcheck(lambda x: Tensor(2.0) * np.zeros(3), POINT)

    def test_empty_array(self):
        assert gradcheck(np.tanh, np.zeros((0,)))

    def test_at_a_singular_value_of_the_rule_but_not_of_the_function(self):
        assert gradcheck(np.prod, np.array([2.0, 0.0, 3.0, 0.0]))


class TestPlantedMistakesAreCaught:
    @pytest.mark.parametrize("error", [1e-6, -1e-6, 1e-7, -1e-7, 3e-8])
    def test_small_relative_error(self, error):
        wrong = cube_with_rule(lambda g, out, x: 3 * g * x**2 * (1 + error))
        with pytest.raises(GradcheckError, match="order 1: wrong: d result"):
            gradcheck(wrong, POINT)

    @pytest.mark.slow
    @pytest.mark.parametrize("op", PRIMITIVES.values(), ids=list(PRIMITIVES))
    def test_small_relative_error_in_any_operation(self, op, monkeypatch):
        """Every gradient of every operation is made too large by 1e-7 of itself."""
        calls = [read_sample(op, sample) for sample in op.samples[:2]]
        calls = [call for call in calls if has_slope(call)]
        total = pullback._total
        monkeypatch.setattr(
            pullback, "_total", lambda parts, leaf: total(parts, leaf) * (1 + 1e-7)
        )
        for call in calls:
            with pytest.raises(GradcheckError, match="order 1: wrong"):
                gradcheck(call.with_tensors, *call.arrays(), order=1)

    def test_small_error_along_random_directions(self):
        wrong = cube_with_rule(lambda g, out, x: 3 * g * x**2 * (1 + 1e-7))
        with pytest.raises(GradcheckError, match="wrong: the slope along a direction"):
            gradcheck(wrong, np.random.default_rng(0).uniform(1, 2, 100))

    def test_smaller_error_with_a_smaller_tolerance(self):
        wrong = cube_with_rule(lambda g, out, x: 3 * g * x**2 * (1 + 1e-9))
        with pytest.raises(GradcheckError, match="wrong"):
            gradcheck(wrong, POINT, order=1, rtol=1e-10, atol=1e-11)

    def test_dropped_term(self):
        wrong = product_with_rules(
            lambda g, out, a, b: g * b, lambda g, out, a, b: g * 0
        )
        with pytest.raises(GradcheckError, match=r"input 1\[\d\] is 0 by the rule"):
            gradcheck(wrong, POINT, POINT)

    def test_wrong_sign_at_first_order(self):
        with pytest.raises(GradcheckError, match="a ratio of -1;"):
            gradcheck(cube_with_rule(lambda g, out, x: -3 * g * x**2), POINT)

    def test_wrong_sign_at_second_order_only(self):
        def rule(g, out, x):
            if is_recorded(x):
                return 3 * g * (2 * x.data**2 - x**2)  # right value, wrong slope
            return 3 * g * x**2

        with pytest.raises(GradcheckError, match=r"order 2: wrong.*ratio of -1;"):
            gradcheck(cube_with_rule(rule), POINT)
        assert gradcheck(cube_with_rule(rule), POINT, order=1)

    def test_second_order_cut_off(self):
        def rule(g, out, x):
            return 3 * g * (x.data**2 if is_recorded(x) else x**2)

        with pytest.raises(GradcheckError, match="order 2: wrong"):
            gradcheck(cube_with_rule(rule), POINT)

    def test_recorded_rule_with_another_value(self):
        def rule(g, out, x):
            return (3.0 + is_recorded(x)) * g * x**2

        with pytest.raises(GradcheckError, match="when it is itself recorded"):
            gradcheck(cube_with_rule(rule), POINT)

    def test_missing_sum_over_broadcast_axes(self):
        wrong = cube_with_rule(
            lambda g, out, x: np.ones((4, 3)) * 3 * g * x**2, elementwise=False
        )
        with pytest.raises(GradcheckError, match=r"shape \(4, 3\).*shape \(3,\)"):
            gradcheck(wrong, POINT)

    def test_nan(self):
        wrong = cube_with_rule(lambda g, out, x: 3 * g * x**2 * np.nan)
        with pytest.raises(GradcheckError, match=r"gradient of input 0 is \[nan"):
            gradcheck(wrong, POINT)

    def test_nan_in_the_value(self):
        with (
            np.errstate(invalid="ignore"),
            pytest.raises(GradcheckError, match=r"result is \[nan"),
        ):
            gradcheck(np.log, np.array([-1.0]))

    def test_input_changed_in_place(self):
        def rule(g, out, x):
            gradient = 3 * g * x**2
            if not is_recorded(x):
                array_behind(x)[0] = 5.0
            return gradient

        with pytest.raises(GradcheckError, match="input 0 was changed in place"):
            gradcheck(cube_with_rule(rule), POINT)

    def test_input_changed_by_the_forward_pass(self):
        def function(x):
            y = x * 2
            x.data[0] = 9.0
            return y

        with pytest.raises(GradcheckError, match="input 0 was changed in place"):
            gradcheck(function, POINT)

    def test_constant_array_changed_in_place(self):
        def function(x, constant):
            constant[0] = 1
            return x * 2

        with pytest.raises(GradcheckError, match="input 1 was changed"):
            gradcheck(function, POINT, np.zeros(3, dtype=int))

    def test_cotangent_changed_in_place(self):
        def rule(g, out, x):
            gradient = 3 * g * x**2
            if not is_recorded(g):
                array_behind(g)[0] = 7.0
            return gradient

        with pytest.raises(GradcheckError, match="cotangent of result was changed"):
            gradcheck(cube_with_rule(rule), POINT)

    def test_output_changed_in_place(self):
        def rule(g, out, x):
            gradient = 3 * g * x**2
            if not is_recorded(out):
                array_behind(out)[0] = 9.0
            return gradient

        with pytest.raises(GradcheckError, match="after a sweep"):
            gradcheck(cube_with_rule(rule), POINT)

    def test_rule_that_writes_where_it_must_not(self):
        def rule(g, out, x):
            if not is_recorded(g):
                g *= 3  # refused by the engine, or noticed by the checks
                return g * x**2
            return 3 * g * x**2

        with pytest.raises(GradcheckError, match=r"read-only|changed in place"):
            gradcheck(cube_with_rule(rule), POINT)

    def test_two_gradients_in_one_array(self, monkeypatch):
        alias(monkeypatch, lambda found, seed: [found[0], found[0]])
        with pytest.raises(GradcheckError, match="shares memory with the gradient"):
            gradcheck(np.add, POINT, POINT)

    def test_gradient_in_the_memory_of_the_cotangent(self, monkeypatch):
        alias(monkeypatch, lambda found, seed: [seed])
        with pytest.raises(GradcheckError, match="memory with the cotangent of result"):
            gradcheck(np.negative, POINT)

    def test_gradient_that_is_kept_and_reused(self, monkeypatch):
        kept = np.empty(3)

        def reuse(found, seed):
            kept[:] = found[0]
            return [kept]

        alias(monkeypatch, reuse)
        with pytest.raises(GradcheckError, match="a rule keeps the array"):
            gradcheck(np.exp, POINT)

    def test_different_result_the_second_time(self):
        rng = np.random.default_rng(0)
        wrong = cube_with_rule(lambda g, out, x: 3 * g * x**2 + 1e-15 * rng.normal())
        with pytest.raises(GradcheckError, match="the second time"):
            gradcheck(wrong, POINT)

    def test_not_linear_in_the_cotangent(self):
        wrong = cube_with_rule(lambda g, out, x: 3 * g * np.abs(g) * x**2)
        with pytest.raises(GradcheckError, match="not linear in the cotangent"):
            gradcheck(wrong, POINT)

    def test_constant_added_to_the_gradient(self):
        wrong = cube_with_rule(lambda g, out, x: 3 * g * x**2 + 1e-13)
        with pytest.raises(GradcheckError, match="for a zero cotangent"):
            gradcheck(wrong, POINT)

    def test_failing_rule_keeps_its_cause(self):
        def rule(g, out, x):
            raise RuntimeError("no such table")

        with pytest.raises(GradcheckError, match=r"a rule failed.*no such table") as e:
            gradcheck(cube_with_rule(rule), POINT)
        assert isinstance(e.value.__cause__, RuntimeError)

    def test_graph_cut(self):
        with pytest.raises(GradcheckError, match="it returned float, not a Tensor"):
            gradcheck(lambda x: x.item(), 2.0)

    def test_partly_detached(self):
        with pytest.raises(GradcheckError, match="3 by the rule and 6 by differences"):
            gradcheck(lambda x: x.detach() * x, 3.0)

    def test_one_wrong_element_along_random_directions(self):
        mask = np.ones((50, 60))
        mask[3, 4] = 1 + 1e-3
        wrong = cube_with_rule(lambda g, out, x: 3 * g * x**2 * mask)
        x = np.random.default_rng(1).normal(size=(50, 60))
        with pytest.raises(GradcheckError, match="slope along a direction"):
            gradcheck(wrong, x, order=1)


class TestRoundingIsNoMistake:
    @pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
    def test_cost_of_a_network(self, scale):
        """Some derivatives are a million times smaller than others."""
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(50, 4)), scale * rng.normal(size=(50, 2))

        def cost(w1, b1, w2):
            return np.sum((np.tanh(x @ w1 + b1) @ w2 - y) ** 2)

        w1, b1, w2 = (rng.normal(size=shape) for shape in ((4, 3), 3, (3, 2)))
        assert gradcheck(cost, w1, b1, scale * w2)

    def test_slope_of_terms_that_cancel(self):
        """The softmax of a row does not change with a number added to the row."""
        x = np.random.default_rng(0).normal(size=(60, 60))
        assert gradcheck(lambda b: ag.softmax(100 * x + b, axis=1), np.array([0.5]))

    def test_no_kink_in_rounding(self):
        slope = measure_slope(lambda t: np.array([np.cos(1 + 1e-13 * t), np.exp(t)]))
        assert not slope.kink.any()


class TestPointsWithoutADerivative:
    @pytest.mark.parametrize(
        ("function", "point"),
        [
            pytest.param(ag.relu, [1.0, 0.0, 2.0], id="relu-at-0"),
            pytest.param(ag.relu, [1.0, 2e-4, 2.0], id="relu-near-0"),
            pytest.param(ag.sign, [1.0, 0.0, 2.0], id="sign-jumps"),
            pytest.param(np.abs, [1.0, 0.0, 2.0], id="abs-second-order"),
            pytest.param(lambda x: np.maximum(x, 1.0), [1.0], id="tie"),
        ],
    )
    def test_kink_is_called_a_kink(self, function, point):
        with pytest.raises(GradcheckError, match="kink: the slope") as caught:
            gradcheck(function, np.array(point))
        assert "wrong" not in str(caught.value)

    def test_mistake_beside_a_kink_is_still_wrong(self):
        with pytest.raises(GradcheckError, match=r"wrong: d result\[1\]"):
            gradcheck(
                lambda x: np.stack([ag.relu(x[0]), x[1].detach() * x[1]]),
                np.array([0.0, 3.0]),
            )

    def test_edge_of_the_domain(self):
        with pytest.raises(GradcheckError, match="not finite close to this point"):
            gradcheck(np.log, np.array([1e-5]))

    def test_hopeless_scale(self):
        with pytest.raises(GradcheckError, match="cannot decide"):
            gradcheck(lambda x: (1e9 + x) ** 2, np.array([1.0]))


class TestArguments:
    @pytest.mark.parametrize("dtype", [np.float32, np.float16])
    def test_float32_is_refused(self, dtype):
        with pytest.raises(DTypeError, match=r"input 0 is float.*astype\(np.float64"):
            gradcheck(np.exp, np.ones(2, dtype))

    def test_float32_tensor_is_refused_by_name(self):
        x = Tensor(np.ones(2, np.float32), name="W1")
        with pytest.raises(DTypeError, match="W1 is float32"):
            gradcheck(np.exp, x)

    def test_nothing_to_differentiate(self):
        with pytest.raises(ag.GradientError, match=r"none of the inputs.*2\.0 for 2"):
            gradcheck(np.exp, 2)

    def test_order_zero(self):
        with pytest.raises(ValueError, match="order must be 1 or more, got 0"):
            gradcheck(np.exp, 2.0, order=0)

    def test_error_of_the_forward_pass_is_the_users(self):
        with pytest.raises(ag.ShapeError, match="matmul"):
            gradcheck(lambda x: x @ np.ones((2, 2)), POINT)

    def test_failure_names_a_seed_that_repeats_it(self):
        def message(rng):
            wrong = cube_with_rule(lambda g, out, x: g * np.nan)
            with pytest.raises(GradcheckError) as caught:
                gradcheck(wrong, POINT, rng=rng)
            return str(caught.value)

        first = message(np.random.default_rng(5))
        seed = int(first.rpartition("rng=")[2].rstrip("."))
        assert message(seed) == first

    def test_failure_names_the_function(self):
        with pytest.raises(GradcheckError, match="gradcheck of cube_under_test, order"):
            gradcheck(cube_with_rule(lambda g, out, x: g), POINT)


class TestDifferences:
    @pytest.mark.parametrize(
        ("function", "derivative", "x"),
        [
            (np.sin, np.cos, 0.1),
            (np.sin, np.cos, 5.0),
            (np.exp, np.exp, 2.5),
            (np.log, np.reciprocal, 0.2),
            (np.log, np.reciprocal, 20.0),
            (np.sqrt, lambda x: 0.5 / np.sqrt(x), 0.25),
        ],
    )
    def test_eleven_digits(self, function, derivative, x):
        slope = measure_slope(lambda t: np.array([function(x + t)]))
        assert abs(slope.value[0] / derivative(x) - 1) < 1e-11
        assert slope.error[0] < 1e-9
        assert not slope.kink[0]

    def test_error_estimate_grows_with_noise(self):
        slope = measure_slope(lambda t: np.array([1e9 + np.sin(t)]))
        assert slope.error[0] > 1e-5
