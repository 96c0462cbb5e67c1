"""What a message must tell, in the situations that users meet most.

The id of a test is the row of the catalogue of messages.  Five questions: what was
attempted; with which shapes, dtypes and names; where the operands were made; why it
matters; how to mend it.  A row lists one pattern for each that applies.
"""

import contextlib
import re

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, errors

HERE = r"test_messages\.py:\d+"


def matmul():
    x = Tensor(np.ones((2, 3)), name="x")
    W = Tensor(np.ones((2, 3)), name="W1")
    return x @ W


def broadcast():
    a, b = Tensor(np.ones((2, 3)), name="a"), Tensor(np.ones(2), name="b")
    return a + b


def broadcast_in_vain():
    a, b = Tensor(np.ones((2, 3)), name="a"), Tensor(np.ones(4, np.float32), name="b")
    return a + b


def integer_leaf():
    return Tensor(np.array([1, 2]), requires_grad=True, name="k")


def backward_of_a_vector():
    loss = Tensor([1.0, 2.0]) * 3
    loss.backward()


def backward_after_astype():
    x = Tensor([1.0, 2.0])
    k = x.astype(int)
    (k * 2.0).sum().backward()


def backward_after_no_grad():
    x = Tensor([1.0, 2.0])
    with ag.no_grad():
        y = (x * x).sum()
    (y * 2.0).backward()


def backward_after_detach():
    x = Tensor([1.0, 2.0])
    (x.detach() * 2.0).sum().backward()


def backward_of_constants():
    (Tensor([1.0], requires_grad=False) * 2).sum().backward()


def saved_result_changed():
    x = Tensor([1.0, 2.0], name="x")
    y = np.exp(x)
    y.data += 1
    y.sum().backward()


def saved_parameter_changed():
    W = Tensor([1.0, 2.0], name="W")
    y = W * W
    W.data -= 0.1
    y.sum().backward()


def leaf_changed():
    W = Tensor([1.0, 2.0], name="W1")
    W[0] = 3.0


def leaf_updated():
    W = Tensor([1.0, 2.0], name="W1")
    W -= 0.1


def array_written():
    Tensor([1.0], requires_grad=False).numpy()[0] = 2.0


def nan_in_backward():
    x = Tensor([0.0, 1.0], name="x")
    with np.errstate(all="ignore"):
        y = np.where(x.data > 0, np.log(x), 0.0).sum()
    with ag.debug():
        y.backward()


def unknown_function():
    np.partition(Tensor([2.0, 1.0]), 1)


# what is done, the exception, the built-in it also is, what the message must tell
ROWS = {
    "1": (
        matmul,
        errors.ShapeError,
        ValueError,
        [
            "^matmul: inner sizes differ, 3 and 2",
            r"x \(2, 3\) float64 @ W1 \(2, 3\) float64",
            f"x at {HERE}, W1 at {HERE}",
            r"Did you mean x @ W1\.T\?",
        ],
    ),
    "2": (
        broadcast,
        errors.ShapeError,
        ValueError,
        [
            "^add: shapes do not broadcast, last axis is 3 and 2",
            r"a \(2, 3\) float64 \+ b \(2,\) float64",
            f"a at {HERE}, b at {HERE}",
            r"write b\.reshape\(2, 1\)",
        ],
    ),
    "2-no-cure": (
        broadcast_in_vain,
        errors.ShapeError,
        ValueError,
        ["^add: .* 3 and 4", r"b \(4,\) float32", f"b at {HERE}"],
    ),
    "6": (
        integer_leaf,
        errors.DTypeError,
        TypeError,
        [
            "requires_grad=True needs a floating-point",
            r"int64 .*\(2,\).*'k'",
            "dtype=float",
        ],
    ),
    "7": (
        backward_of_a_vector,
        errors.GradientError,
        RuntimeError,
        [
            "^backward: .* must have one element",
            r"result of multiply \(2,\) float64",
            HERE,
            r"\.sum\(\) or \.mean\(\), or pass gradient=",
        ],
    ),
    "8-astype": (
        backward_after_astype,
        errors.GradientError,
        RuntimeError,
        ["nothing behind .* requires a gradient", rf"astype\(int64\) at {HERE} cut"],
    ),
    "8-no_grad": (
        backward_after_no_grad,
        errors.GradientError,
        RuntimeError,
        [rf"no_grad\(\) at {HERE} cut the graph", r"Make the leaves with Tensor\("],
    ),
    "8-detach": (
        backward_after_detach,
        errors.GradientError,
        RuntimeError,
        [rf"detach\(\) at {HERE} cut the graph"],
    ),
    "8-constants": (
        backward_of_constants,
        errors.GradientError,
        RuntimeError,
        ["made of constants only"],
    ),
    "10": (
        saved_result_changed,
        errors.InPlaceError,
        RuntimeError,
        [
            rf"^backward: exp \({HERE}\) made a value",
            rf"changed in place afterwards at {HERE}",
            "gradient would be wrong",
            "No .grad was changed",
            "Compute the result again",
        ],
    ),
    "10-parameter": (
        saved_parameter_changed,
        errors.InPlaceError,
        RuntimeError,
        [
            rf"multiply \({HERE}\) used W \(2,\) float64 \({HERE}\)",
            f"afterwards at {HERE}",
        ],
    ),
    "11": (
        leaf_changed,
        errors.InPlaceError,
        RuntimeError,
        [r"W1 \(2,\) float64", HERE, "leaf", "Nothing was changed", r"no_grad\(\)"],
    ),
    "11-update": (
        leaf_updated,
        errors.InPlaceError,
        RuntimeError,
        [r"^-=: W1 \(2,\)", HERE, "Nothing was changed", r"with no_grad\(\):"],
    ),
    "12": (array_written, ValueError, ValueError, ["read-only"]),
    "13": (
        nan_in_backward,
        errors.NonFiniteError,
        FloatingPointError,
        [
            "^first NaN in backward: log",
            rf"log, gradient of input 0, x \(2,\) float64 \({HERE}\)",
            r"index \(0,\): nan, where the input is 0\.0",
            r"log\(where\(x > 0, x, 1\)\)",
        ],
    ),
    "22": (
        unknown_function,
        errors.NotDifferentiableError,
        TypeError,
        [r"^np\.partition", r"detach\(\)"],
    ),
}


# These name the line of an operation, which is known in debug mode only.
IN_DEBUG = {"7", "10", "10-parameter"}


@pytest.mark.parametrize("row", ROWS)
def test_message(row):
    action, kind, builtin, parts = ROWS[row]
    mode = ag.debug() if row in IN_DEBUG else contextlib.nullcontext()
    with pytest.raises(kind) as caught, mode:
        action()
    assert isinstance(caught.value, builtin)
    text = str(caught.value)
    for part in parts:
        assert re.search(part, text), f"{part!r} is not in: {text}"
    assert len(text.splitlines()) <= 6
    assert "\x1b" not in text


@pytest.mark.parametrize("row", ["1", "2"])
def test_cause_is_numpys_exception(row):
    with pytest.raises(errors.ShapeError) as caught:
        ROWS[row][0]()
    assert type(caught.value.__cause__) is ValueError


@pytest.mark.parametrize("action", [leaf_changed, leaf_updated, matmul])
def test_error_comes_before_any_change(action, monkeypatch):
    made = []
    init = Tensor.__init__

    def remember(self, *args, **kwargs):
        init(self, *args, **kwargs)
        made.append((self, self.data.copy()))

    monkeypatch.setattr(Tensor, "__init__", remember)
    with pytest.raises(errors.ChalkgradError):
        action()
    assert made
    for tensor, value in made:
        np.testing.assert_array_equal(tensor.data, value)
        assert tensor.grad is None


def test_outside_debug_mode_the_message_says_how_to_see_the_line():
    with pytest.raises(
        errors.InPlaceError, match=rf"multiply used W .*{HERE}.*debug\(\)"
    ):
        saved_parameter_changed()


def test_line_of_a_write_long_ago_is_left_out():
    """The engine remembers the lines of the latest thousand writes."""
    W, other = Tensor([1.0], name="W"), Tensor([1.0])
    y = W * 2
    W.data -= 1
    for _ in range(1001):
        other.data += 1
    with pytest.raises(errors.InPlaceError, match="changed in place afterwards, so"):
        y.sum().backward()
