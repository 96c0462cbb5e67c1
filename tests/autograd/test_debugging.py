"""Debug mode: where the first NaN came from, what was changed, what was left out."""

import re
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import InPlaceError, NonFiniteError, Tensor, debug

HERE = r"test_debugging\.py:\d+"


def message(function):
    with pytest.raises(NonFiniteError) as caught, debug():
        function()
    assert isinstance(caught.value, FloatingPointError)
    assert len(str(caught.value).splitlines()) <= 6
    return str(caught.value)


# id of the catalogue -> the computation, the parts of the message
FORWARD = {
    "B10": (
        lambda: np.log(Tensor([1.0, 0.0], name="x")),
        [rf"log at {HERE} gave -inf", r"index \(1,\)", r"x \(2,\) .* is 0\.0", "where"],
    ),
    "B23": (
        lambda: np.where(np.ones(2) > 2, np.log(Tensor([0.0, 1.0])), 0.0),
        [rf"log at {HERE}", r"\(0,\)", r"Apply where to the input of log"],
    ),
    "B11": (
        lambda: 1.0 / Tensor([2.0, 0.0]),
        [r"divide at", r"inf at index \(1,\)", "is 1.0 and .* is 0.0", "divisor"],
    ),
    "C01": (
        lambda: 1 / (1 + np.exp(-Tensor([-1000.0, 0.0]))),
        [rf"exp at {HERE} gave inf at index \(0,\)", r"is 1000\.0", "sigmoid"],
    ),
    "C04": (
        lambda: np.log(ag.softmax(Tensor([1000.0, 0.0]), axis=-1)),
        [r"log at", r"index \(1,\)", "Use log_softmax"],
    ),
    "C06": (
        lambda: np.log(np.sum(np.exp(Tensor([1000.0])))),
        ["exp at", "logsumexp"],
    ),
    "C10": (
        lambda: ag.softmax(Tensor([[-np.inf, -np.inf], [0.0, 1.0]]), axis=-1),
        ["softmax at", "Row 0 is fully masked"],
    ),
    "C11": (
        lambda: np.log(1 + np.exp(Tensor(1000.0))),
        ["exp at", r"\(\)", "softplus"],
    ),
    "scalar": (
        lambda: np.log(Tensor(0.0)),
        [rf"log at {HERE} gave -inf at index \(\)", "is 0.0"],
    ),
    "product": (
        lambda: Tensor([[1e200, 1.0]]) @ np.array([[1e200], [0.0]]),
        ["matmul at", r"inf at index \(0, 0\)", r"between 1\.0 and 1e\+200"],
    ),
    "given": (
        lambda: Tensor([1.0, np.nan], name="column") * 2,
        ["multiply at", "was given a NaN", r"column .* holds one at index \(1,\)"],
    ),
}
BACKWARD = {
    "B01": (
        lambda: np.sqrt(Tensor([0.0, 4.0])),
        ["first infinity in backward: sqrt", r"index \(0,\)", "input is 0.0", "where"],
    ),
    "B04": (
        lambda: np.sqrt(np.sum(Tensor([0.0, 0.0]) ** 2)),
        [rf"sqrt at {HERE}, gradient of input 0", r"\(\)", "Use norm"],
    ),
    "B19": (
        lambda: (lambda x: x * x**0.5)(Tensor([0.0, 4.0])),
        ["power at", "x \\* x\\*\\*0.5 is x\\*\\*1.5"],
    ),
    "B25": (
        lambda: np.sqrt(Tensor([0.0, 4.0])) * np.array([0.0, 1.0]),
        ["first NaN in backward: sqrt", r"\(0,\)", "Apply where to the input of sqrt"],
    ),
    "B31": (
        lambda: np.logaddexp(Tensor([-np.inf]), Tensor([-np.inf])),
        ["logaddexp at", r"\(0,\)", "input is -inf"],
    ),
    "scalar": (
        lambda: np.sqrt(Tensor(0.0, name="v")),
        ["sqrt", r"gradient of input 0, v \(\)", "input is 0.0"],
    ),
}


@pytest.mark.parametrize("row", FORWARD)
def test_first_value_that_is_not_finite(row):
    function, parts = FORWARD[row]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = message(function)
    for part in parts:
        assert re.search(part, text), f"{part!r} is not in: {text}"


@pytest.mark.parametrize("row", BACKWARD)
def test_first_gradient_that_is_not_finite(row):
    build, parts = BACKWARD[row]
    with debug():
        y = build()
        with pytest.raises(NonFiniteError) as caught:
            y.sum().backward()
    for part in parts:
        assert re.search(part, str(caught.value)), f"{part!r} is not in: {caught.value}"


def test_B23_graph_recorded_outside_is_checked_in_backward():
    x = Tensor([0.0, 1.0])
    with np.errstate(all="ignore"):
        y = np.where(x.data > 0, np.log(x), 0.0).sum()
    with debug(), pytest.raises(NonFiniteError) as caught:
        y.backward()
    assert x.grad is None
    for part in [
        rf"first NaN in backward: log, gradient of input 0, Tensor \(2,\) .*{HERE}",
        r"index \(0,\): nan, where the input is 0\.0",
        r"gradient that arrives is 0\.0",
        r"log\(where\(x > 0, x, 1\)\)",
    ]:
        assert re.search(part, str(caught.value)), part


def test_seed_and_hook():
    x = Tensor([1.0, 2.0], name="x")
    with debug():
        y = x * 2
        with pytest.raises(NonFiniteError, match=r"arrives at result of multiply"):
            y.backward([np.nan, 0.0])
        x.register_hook(lambda g: g * np.inf)
        with pytest.raises(NonFiniteError, match=r"arrives at x .* hook"):
            y.backward([1.0, 1.0])
    assert x.grad is None


def test_gradient_of_a_gradient():
    with debug(), pytest.raises(NonFiniteError, match="in backward: power"):
        ag.grad(ag.grad(lambda x: x**1.5))(0.0)


def test_infinities_of_ones_own_are_no_error():
    with debug():
        masked = np.where([True, False], Tensor([1.0, 2.0]), -np.inf)
        weights = ag.softmax(masked, axis=-1)
        np.sum(weights * np.array([1.0, 2.0])).backward()
    np.testing.assert_array_equal(weights.data, [1, 0])


def test_right_computation_is_unchanged():
    def step():
        x, W = Tensor([1.0, -2.0]), Tensor([[1.0, 2.0], [3.0, 4.0]])
        cost = np.sum(np.tanh(W @ x) ** 2) * 0.5
        cost.backward()
        return cost.item(), x.grad, W.grad

    outside = step()
    with debug():
        inside = step()
    for a, b in zip(outside, inside, strict=True):
        np.testing.assert_array_equal(a, b)


def test_only_inside_and_per_block():
    x = Tensor([0.0])
    with pytest.raises(NonFiniteError), debug():
        np.log(x)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        np.log(x)


def test_decorator():
    @debug()
    def cost(x):
        return np.log(x)

    with pytest.raises(NonFiniteError, match="log at"):
        cost(Tensor(0.0))
    assert cost(Tensor(1.0)).item() == 0.0


def test_with_no_grad_and_scope():
    with debug(), ag.no_grad(), ag.scope("layer"), pytest.raises(NonFiniteError):
        np.log(Tensor(0.0))
    with debug(), ag.scope("layer"):
        y = Tensor(1.0) * 2
    assert y.scope == ("layer",)


def test_results_of_scalar_operators_know_their_line():
    x = Tensor(2.0)
    assert (x * x).created_at == ""
    with debug():
        y = x * x
    assert re.fullmatch(HERE, y.created_at)


class TestChangedArrays:
    @pytest.mark.parametrize("recorded", [True, False])
    def test_F01_array_wrapped_without_a_copy(self, recorded):
        a = np.array([1.0, 2.0])
        x = Tensor(a, copy=False, name="x")
        with debug():
            y = (x * x).sum()
            if recorded:
                a[:] = 5
                with pytest.raises(InPlaceError, match=r"multiply .*used x .*changed"):
                    y.backward()
                assert x.grad is None
            else:
                y.backward()
                np.testing.assert_array_equal(x.grad, [2, 4])

    def test_F03_data_written_through_numpy(self):
        x = Tensor([1.0, 2.0], name="x")
        with debug():
            y = (x * x).sum()
            x.data[:] = 5
            with pytest.raises(InPlaceError, match=rf"multiply .*{HERE}.*used x"):
                y.backward()

    def test_F04_array_that_was_an_operand(self):
        x, data = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
        with debug():
            y = (x * data).sum()
            data += 1
            with pytest.raises(InPlaceError, match="changed"):
                y.backward()

    def test_value_of_a_result(self):
        x = Tensor([1.0, 2.0])
        with debug():
            y = np.exp(x)
            y.data[0] = 0
            with pytest.raises(InPlaceError, match="its result"):
                y.sum().backward()

    def test_views_that_are_not_contiguous(self):
        x = Tensor(np.arange(6.0).reshape(2, 3))
        with debug():
            y = (x.T * 2).sum()
            y.backward()
            x.data[0, 0] = 7
            with pytest.raises(InPlaceError, match="transpose"):
                y.backward()


class TestUnreached:
    def test_used_but_without_influence(self):
        W, b = Tensor([1.0], name="W"), Tensor([2.0], name="b")
        with debug():
            loss = (W * 2).sum() + float((b * 3).sum().data)
            with pytest.warns(
                UserWarning, match=r"does not depend on b \(1,\)"
            ) as seen:
                loss.backward()
        assert seen[0].filename == __file__
        assert b.grad is None

    def test_made_but_not_used(self):
        with debug():
            W, _b = Tensor([1.0]), Tensor([2.0], name="b")
            with pytest.warns(UserWarning, match="does not depend on b"):
                W.sum().backward()
            (W * 1).sum().backward()  # reported once

    def test_silent_where_everything_counts(self):
        with debug():
            w = Tensor([2.0])
            ag.grad(lambda p: np.sum(p * w))(np.ones(1)).sum().backward()
            ag.hvp(lambda p: np.sum(p**3))(np.ones(1), np.ones(1))
            x = Tensor([1.0])
            (x * 2).sum().backward()
        assert (w.grad, x.grad) == (1.0, 2.0)

    def test_as_an_error_nothing_is_written(self):
        W, b = Tensor([1.0]), Tensor([2.0])
        with debug(), warnings.catch_warnings():
            warnings.simplefilter("error")
            _unused = b * 2
            with pytest.raises(UserWarning, match="does not depend"):
                W.sum().backward()
        assert W.grad is None
