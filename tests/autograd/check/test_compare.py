"""`compare` on the article's network: names, verdicts, hints, and the table."""

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, GradcheckError, GradientError, Tensor, compare
from autograd.check.graph_order import backward_order, nearest
from autograd.check.names import TensorNames, spelled
from autograd.check.table import html_table, text_table
from demos.article import (
    backward_propagation,
    compute_cost,
    forward_propagation,
)

M = 4  # samples; differs from every other size of the network


class Network:
    """The article's network with 2 inputs, 3 hidden units and 4 samples."""

    def __init__(self, seed=1, dtype=np.float64, m=M):
        rng = np.random.default_rng(seed)
        shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
        arrays = {
            name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()
        }
        self.X = rng.normal(size=(2, m)).astype(dtype)
        self.Y = rng.integers(0, 2, (1, m)).astype(dtype)
        self.parameters = {name: Tensor(array) for name, array in arrays.items()}
        A2, self.cache = forward_propagation(self.X, self.parameters)
        self.cost = compute_cost(A2, self.Y)
        _, cache = forward_propagation(self.X, arrays)
        self.hand = backward_propagation(arrays, cache, self.X, self.Y)

    def compare(self, **changes):
        hand = {**self.hand, **changes}
        return compare(self.cost, hand, [self.parameters, self.cache])


@pytest.fixture
def net():
    return Network()


def row(comparison, name):
    (found,) = [row for row in comparison.rows if row.name == name]
    return found


class TestTheArticle:
    def test_all_right_with_three_conventions(self, net):
        comparison = net.compare()
        assert comparison
        verdicts = {r.name: r.verdict for r in comparison.rows}
        for name in ("dZ2", "dA1", "dZ1"):
            assert verdicts[name] == "convention"
        for name in ("dW1", "db1", "dW2", "db2"):
            assert verdicts[name] in ("exact", "close")
        assert row(comparison, "dZ2").hint == "4 * dcost/dZ2; 1/m comes later"

    def test_backward_order(self, net):
        names = [r.name for r in net.compare().rows]
        assert names == ["dZ2", "db2", "dW2", "dA1", "dZ1", "db1", "dW1"]

    def test_true_gradients_are_exact(self, net):
        net.cost.backward()
        tensors = {**net.parameters, **net.cache}
        hand = {f"d{name}": tensor.grad for name, tensor in tensors.items()}
        assert all(r.verdict == "exact" for r in compare(net.cost, hand, tensors).rows)

    def test_grad_is_neither_read_nor_written(self, net):
        assert net.compare()
        assert net.cost.grad is None
        assert all(tensor.grad is None for tensor in net.parameters.values())
        net.cost.backward()
        net.cost.backward()  # leaves have accumulated twice the gradient
        before = net.parameters["W1"].grad
        assert net.compare()
        assert net.parameters["W1"].grad is before

    def test_float32(self):
        assert Network(dtype=np.float32).compare()

    @pytest.mark.parametrize("m", [1, 2, 3, 50])
    def test_any_number_of_samples(self, m):
        assert Network(m=m).compare()


class TestConventions:
    def test_missing_1_m_in_the_last_step_is_a_mistake(self, net):
        comparison = net.compare(dW1=net.hand["dW1"] * M)
        assert not comparison
        assert row(comparison, "dW1").verdict == "differs"
        assert row(comparison, "dW1").hint == (
            "4 times too big; an axis has length 4: is 1/m missing?"
        )
        # what was computed on the way to it is still right
        assert row(comparison, "dA1").verdict == "convention"
        assert row(comparison, "dZ1").verdict == "convention"

    def test_1_m_missing_everywhere_is_no_convention(self, net):
        scaled = {name: net.hand[name] * M for name in ("dW1", "db1", "dW2", "db2")}
        comparison = net.compare(**scaled)
        assert all(r.verdict == "differs" for r in comparison.rows)

    def test_without_the_parameters_it_cannot_be_told(self, net):
        comparison = compare(net.cost, {"dZ2": net.hand["dZ2"]}, net.cache)
        (only,) = comparison.rows
        assert only.verdict == "differs"
        assert "Or does it come later" in only.hint

    def test_1_m_applied_early_is_right_too(self, net):
        hand = dict(net.hand)
        hand["dZ2"] = hand["dZ2"] / M
        comparison = net.compare(**hand)
        assert comparison
        assert row(comparison, "dZ2").verdict in ("exact", "close")
        assert row(comparison, "dA1").verdict == "convention"

    def test_another_factor_is_no_convention(self, net):
        comparison = net.compare(dZ2=net.hand["dZ2"] * 5 / M)
        assert row(comparison, "dZ2").verdict == "differs"
        assert row(comparison, "dZ2").hint == "5 times too big"


class TestHints:
    @pytest.mark.parametrize(
        ("change", "hint"),
        [
            pytest.param(lambda g: -g, "the sign is wrong", id="sign"),
            pytest.param(lambda g: g * 2, "2 times too big", id="factor-2"),
            pytest.param(lambda g: g / 4, "1/m twice?", id="1/m-twice"),
            pytest.param(lambda g: g * 2.5, "2.5 times too big", id="factor"),
            pytest.param(lambda g: g * -8, "8 times too big and the sign", id="both"),
            pytest.param(lambda g: g.T, "transposed: shape (2, 3)", id="transposed"),
            pytest.param(lambda g: g.T * 4, "transposed, and 4 times", id="T-times-m"),
            pytest.param(lambda g: g * 0, "all zeros", id="zeros"),
            pytest.param(lambda g: g[0], "shape (2,), needed (3, 2)", id="shape"),
            pytest.param(lambda g: g * np.nan, "is nan at [0, 0]", id="nan"),
            pytest.param(lambda g: g.ravel(), "right values, shape (6,)", id="flat"),
            pytest.param(
                lambda g: np.stack([g, 0 * g]),
                "not summed over axis 0",
                id="not-summed",
            ),
            pytest.param(
                lambda g: np.stack([g, g]),
                "not averaged over axis 0",
                id="not-averaged",
            ),
            pytest.param(
                lambda g: np.sum(g), "summed over all axes", id="axis-missing"
            ),
            pytest.param(lambda g: g + np.eye(3, 2), "", id="no-pattern"),
        ],
    )
    def test_hint(self, net, change, hint):
        found = row(net.compare(dW1=change(net.hand["dW1"])), "dW1")
        assert found.verdict == "differs"
        assert hint in found.hint
        assert bool(hint) == bool(found.hint)

    def test_square_transposed(self):
        W = Tensor([[1.0, 2.0], [3.0, 4.0]], name="W")
        cost = np.sum(W * np.array([[1.0, 5.0], [7.0, 9.0]]))
        (only,) = compare(cost, {"dW": np.array([[1.0, 7.0], [5.0, 9.0]])}).rows
        assert only.verdict == "differs"
        assert only.hint == "transposed: write .T"

    def test_pattern_must_hold_to_nine_digits(self, net):
        wrong = -net.hand["dW1"]
        wrong[0, 0] *= 1 + 1e-7
        assert row(net.compare(dW1=wrong), "dW1").hint == ""

    def test_worst_element(self, net):
        wrong = net.hand["dW1"].copy()
        wrong[2, 1] += 0.5
        found = row(net.compare(dW1=wrong), "dW1")
        assert found.index == (2, 1)
        assert found.worst_absolute == pytest.approx(0.5)
        largest = np.max(np.abs(net.hand["dW1"]))
        assert found.worst_relative == pytest.approx(0.5 / largest)

    def test_shape_that_would_broadcast_is_wrong(self, net):
        found = row(net.compare(db1=net.hand["db1"][:, 0]), "db1")
        assert found.verdict == "differs"
        assert "needed (3, 1); is keepdims=True missing?" in found.hint

    def test_nan_never_equals_nan(self):
        x = Tensor([0.0], name="x")
        with np.errstate(all="ignore"):
            cost = np.sum(x / x)
            comparison = compare(cost, {"dx": np.array([np.nan])})
        assert not comparison

    @pytest.mark.parametrize(
        ("relative", "verdict"), [(0.0, "exact"), (1e-11, "close"), (1e-9, "differs")]
    )
    def test_verdict_by_size_of_difference(self, relative, verdict):
        x = Tensor([1.0, 2.0], name="x")
        cost = np.sum(x * x)
        hand = {"dx": np.array([2.0, 4.0]) * (1 + relative)}
        assert compare(cost, hand).rows[0].verdict == verdict

    def test_tolerance_can_be_chosen(self):
        x = Tensor(1.0, name="x")
        assert compare(x * x, {"dx": 2.001}, rtol=1e-2)
        assert not compare(x * x, {"dx": 2.001})

    def test_scalar_needs_no_index(self):
        x = Tensor(3.0, name="x")
        assert "dx        exact      0.0e+00    0.0e+00   -" in str(
            compare(x * x, {"dx": 6.0})
        )

    def test_zero_gradient(self):
        x = Tensor([1.0], name="x")
        cost = np.sum(x * 0)
        assert compare(cost, {"dx": [0.0]})
        found = compare(cost, {"dx": [1.0]}).rows[0]
        assert (found.verdict, found.worst_relative) == ("differs", np.inf)

    def test_empty_gradient(self):
        x = Tensor(np.zeros((0, 2)), name="x")
        assert compare(np.sum(x), {"dx": np.zeros((0, 2))}).rows[0].verdict == "exact"


class TestNames:
    @pytest.mark.parametrize(
        "key", ["dW1", "d_W1", "gradW1", "grad_W1", "W1_grad", " d W1 ", "W1"]
    )
    def test_spellings(self, net, key):
        assert spelled(key)
        comparison = compare(net.cost, {key: net.hand["dW1"]}, net.parameters)
        assert comparison
        assert comparison.rows[0].name == key

    def test_name_that_begins_like_a_prefix(self):
        names = {"delta": Tensor(1.0), "elta": Tensor(2.0), "grad_x": Tensor(3.0)}
        known = TensorNames(names.values(), names)
        assert known.find("ddelta") is names["delta"]
        assert known.find("delta") is names["elta"]  # d + elta
        assert known.find("dgrad_x") is names["grad_x"]

    def test_locals_one_level_deep(self, net):
        def lesson():
            parameters, cache, X, n = net.parameters, net.cache, net.X, 3
            return compare(net.cost, net.hand, locals())

        assert lesson()

    def test_names_of_the_tensors_themselves(self):
        W = Tensor([2.0, 3.0], name="W")
        assert compare(np.sum(W * W), {"dW": [4.0, 6.0]})

    def test_given_names_come_before_own_names(self):
        a, b = Tensor(2.0, name="b"), Tensor(5.0, name="a")
        assert compare(a * a * b, {"da": 20.0, "db": 4.0}, {"a": a, "b": b})

    def test_unknown_name_suggests_a_near_one(self, net):
        comparison = net.compare(dZ3=net.hand["dZ2"])
        found = row(comparison, "dZ3")
        assert found.verdict == "unknown"
        assert found.hint == "no tensor is called Z3; did you mean dZ2?"
        assert not comparison
        assert "1 could not be compared" in str(comparison)

    def test_no_names_at_all(self, net):
        (only,) = compare(net.cost, {"dW1": net.hand["dW1"]}).rows
        assert only.verdict == "unknown"
        assert "pass names=locals()" in only.hint

    def test_tensor_of_another_forward_pass(self, net):
        other = Network()
        (only,) = compare(net.cost, {"dZ2": net.hand["dZ2"]}, other.cache).rows
        assert only.verdict == "unknown"
        assert "computed in another forward pass" in only.hint

    def test_stale_tensor_does_not_hide_the_one_in_the_graph(self, net):
        stale = {"W1": Tensor(np.ones((3, 2)))}
        assert compare(net.cost, {"dW1": net.hand["dW1"]}, [stale, net.parameters])

    def test_constant(self):
        x, c = Tensor(2.0), Tensor(3.0, requires_grad=False)
        (only,) = compare(x * c, {"dc": 2.0}, {"x": x, "c": c}).rows
        assert (only.verdict, "it is a constant" in only.hint) == ("unknown", True)

    def test_one_name_for_two_tensors(self):
        a, b = Tensor(2.0), Tensor(3.0)
        with pytest.raises(ValueError, match="W is the name of 2 different tensors"):
            compare(a * b, {"dW": 3.0}, [{"W": a}, {"W": b}])

    def test_outer_name_wins_over_inner(self):
        a, b = Tensor(2.0), Tensor(3.0)
        assert compare(a * b, {"dW": 3.0}, {"W": a, "cache": {"W": b}})


class TestTable:
    def test_text_is_aligned(self, net):
        lines = str(net.compare(dW1=-net.hand["dW1"])).splitlines()
        header = lines[0]
        column = header.index("verdict")
        assert all(line[column - 1] == " " for line in lines[:9] if line)
        assert lines[-1] == (
            "6 of 7 gradients are right, 3 of them by a convention of scale, the first "
            "wrong one on the way back is dW1."
        )

    def test_repr_is_the_table(self, net):
        assert repr(net.compare()) == str(net.compare())

    def test_html_is_escaped(self, net):
        page = net.compare(**{"d<script>": 1.0})._repr_html_()
        assert "<script>" not in page
        assert "d&lt;script&gt;" in page
        assert page.count("<tr") == 9

    def test_html_colours_rows(self):
        page = html_table(["a"], [["1"], ["2"]], ["right", "wrong"], "c < d")
        assert "c &lt; d" in page
        assert page.index("#e6f4e6") < page.index("#fbe3e1")

    def test_numbers_are_aligned_to_the_right(self):
        table = text_table(["n", "v"], [["ab", "1"], ["c", "10"]])
        assert table.splitlines() == ["n    v", "--  --", "ab   1", "c   10"]

    def test_assert_correct(self, net):
        net.compare().assert_correct()
        with pytest.raises(GradcheckError, match="the sign is wrong"):
            net.compare(dW1=-net.hand["dW1"]).assert_correct()

    def test_same_text_every_time(self):
        assert str(Network().compare()) == str(Network().compare())


class TestArguments:
    def test_cost_must_be_one_number(self, net):
        with pytest.raises(GradientError, match=r"must be one number.*\(1, 4\)"):
            compare(net.cache["A2"], net.hand, net.cache)

    @pytest.mark.parametrize("cost", [3.0, Tensor(3.0, requires_grad=False)])
    def test_cost_must_be_recorded(self, cost):
        with pytest.raises(GradientError, match=r"require a gradient.*Tensor\("):
            compare(cost, {"dx": 1.0})

    @pytest.mark.parametrize("value", ["text", None, [[1.0], [1.0, 2.0]], [True]])
    def test_value_must_be_an_array(self, net, value):
        with pytest.raises(DTypeError, match="dW1"):
            compare(net.cost, {"dW1": value}, net.parameters)

    def test_hand_must_be_a_dict(self, net):
        with pytest.raises(TypeError, match="hand must be a dict"):
            compare(net.cost, [net.hand["dW1"]], net.parameters)

    def test_hand_must_not_be_empty(self, net):
        with pytest.raises(ValueError, match="nothing to compare"):
            compare(net.cost, {}, net.parameters)

    def test_keys_must_be_names(self, net):
        with pytest.raises(TypeError, match="must be the name of a gradient, got 1"):
            compare(net.cost, {1: 1.0}, net.parameters)

    def test_names_must_be_dicts(self, net):
        with pytest.raises(TypeError, match=r"names=\[parameters, cache\]"):
            compare(net.cost, net.hand, [net.parameters["W1"]])

    def test_value_may_be_a_tensor(self):
        x = Tensor(3.0, name="x")
        assert compare(x * x, {"dx": Tensor(6.0)})

    def test_changed_parameters_are_noticed(self, net):
        net.parameters["W2"].data -= 1.0
        with pytest.raises(ag.InPlaceError, match="changed in place"):
            net.compare()


class TestGraphOrder:
    def test_everything_comes_after_what_was_computed_from_it(self, net):
        order = backward_order(net.cost)
        position = {tensor: k for k, tensor in enumerate(order)}
        assert order[0] is net.cost
        for tensor in order:
            assert all(position[x] > position[tensor] for x in tensor.inputs)

    def test_each_tensor_once(self):
        x = Tensor(1.0)
        y = x
        for _ in range(60):
            y = y + y
        assert len(backward_order(y)) == 61

    def test_deep_graph(self):
        x = y = Tensor(1.0)
        for _ in range(20_000):
            y = y + 1.0
        order = backward_order(y)
        assert len(order) == 40_001
        assert order[0] is y
        assert any(tensor is x for tensor in order[-2:])

    def test_nearest(self, net):
        tensors = {**net.parameters, **net.cache}
        compared = {tensors[name] for name in ("Z2", "W2", "b2", "Z1", "W1", "b1")}
        found = set(nearest(tensors["Z2"], compared))
        assert found == {tensors["W2"], tensors["b2"], tensors["Z1"]}
