"""Messages say what, with which shapes and names, from which line, and the cure."""

import re

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, errors

HERE = r"test_errors\.py:\d+"
W = Tensor(np.ones((2, 3)), name="W1")
X = Tensor(np.ones((2, 3)), name="X")

# what is done, the exception and the built-in it also is, the parts of the message
SITUATIONS = {
    "matmul": (
        lambda: X @ W,
        errors.ShapeError,
        ValueError,
        [
            "matmul: inner sizes differ, 3 and 2",
            r"X \(2, 3\) float64 @ W1 \(2, 3\) float64",
            f"X at {HERE}, W1 at {HERE}",
            r"Did you mean X @ W1\.T\?",
        ],
    ),
    "matmul-left": (
        lambda: X @ np.ones((2, 4)),
        errors.ShapeError,
        ValueError,
        [r"Did you mean X\.T @ operand 2\?"],
    ),
    "matmul-swapped": (
        lambda: Tensor(np.ones((3, 2)), name="A") @ Tensor(np.ones((4, 3)), name="B"),
        errors.ShapeError,
        ValueError,
        [r"Did you mean B @ A\?"],
    ),
    "dot": (
        lambda: np.dot(X, W),
        errors.ShapeError,
        ValueError,
        ["dot", "inner sizes differ", r"X \(2, 3\)"],
    ),
    "broadcast": (
        lambda: X + Tensor(np.ones(4), name="b"),
        errors.ShapeError,
        ValueError,
        [
            "add",
            "last axis is 3 and 4",
            r"X \(2, 3\) float64 \+ b \(4,\) float64",
            HERE,
        ],
    ),
    "broadcast-columns": (
        lambda: X * Tensor(np.ones(2), name="b"),
        errors.ShapeError,
        ValueError,
        ["multiply", r"write b\.reshape\(2, 1\)"],
    ),
    "broadcast-transposed": (
        lambda: X - np.ones((3, 2)),
        errors.ShapeError,
        ValueError,
        ["subtract", r"axis", r"Did you mean operand 2\.T\?"],
    ),
    "axis": (
        lambda: X.sum(axis=5),
        errors.AxisError,
        IndexError,
        ["sum", "axis 5 is out of bounds", r"X \(2, 3\)", HERE],
    ),
    "reshape": (
        lambda: X.reshape(4),
        errors.ShapeError,
        ValueError,
        ["reshape", "size 6", r"X \(2, 3\)"],
    ),
    "squeeze": (
        lambda: np.squeeze(X, 0),
        errors.ShapeError,
        ValueError,
        ["squeeze", r"X \(2, 3\)"],
    ),
    "transpose": (
        lambda: np.transpose(X, (0, 0)),
        errors.ShapeError,
        ValueError,
        ["transpose", r"X \(2, 3\)"],
    ),
    "broadcast_to": (
        lambda: np.broadcast_to(X, (2, 4)),
        errors.ShapeError,
        ValueError,
        ["broadcast_to", r"\(2, ?4\)", r"X \(2, 3\)"],
    ),
    "concatenate": (
        lambda: np.concatenate([X, np.ones((2, 4))]),
        errors.ShapeError,
        ValueError,
        ["concatenate", r"X \(2, 3\)", r"operand 2 \(2, 4\)"],
    ),
    "stack": (
        lambda: np.stack([X, np.ones((2, 4))]),
        errors.ShapeError,
        ValueError,
        ["stack", r"X \(2, 3\)"],
    ),
    "index": (
        lambda: X[2],
        errors.OutOfRangeError,
        IndexError,
        ["getitem", "index 2", "axis 0", "size 2", r"X \(2, 3\)", HERE],
    ),
    "index-kind": (
        lambda: X["a"],
        errors.OutOfRangeError,
        IndexError,
        ["getitem", "indices", r"X \(2, 3\)"],
    ),
    "max-of-nothing": (
        lambda: np.max(Tensor(np.zeros((0, 2)), name="E"), axis=0),
        errors.ShapeError,
        ValueError,
        ["max", r"\(0, 2\)"],
    ),
    "operand-type": (
        lambda: X + "text",
        errors.DTypeError,
        TypeError,
        ["operand must be a number", "'text'", "str"],
    ),
    "operand-none": (
        lambda: None * X,
        errors.DTypeError,
        TypeError,
        ["operand must be a number", "None"],
    ),
    "integer-leaf": (
        lambda: Tensor(np.array([1, 2]), requires_grad=True, name="labels"),
        errors.DTypeError,
        TypeError,
        ["requires_grad=True", "int64", r"\(2,\)", "'labels'", r"dtype=float"],
    ),
    "backward-of-an-array": (
        lambda: (X * 2).backward(),
        errors.GradientError,
        RuntimeError,
        [r"multiply \(2, 3\)", "6", r"\.sum\(\) or\s+\.mean\(\)", "gradient="],
    ),
    "backward-of-a-constant": (
        lambda: (Tensor(1.0, requires_grad=False, name="c") + 1).backward(),
        errors.GradientError,
        RuntimeError,
        ["nothing behind", "requires a gradient", r"Tensor\(\.\.\.\)"],
    ),
    "seed-shape": (
        lambda: (X * 2).backward(np.ones(3)),
        errors.ShapeError,
        ValueError,
        [r"\(3,\)", r"\(2, 3\)", "must be equal"],
    ),
    "in-place-leaf": (
        lambda: X.__iadd__(1),
        errors.InPlaceError,
        RuntimeError,
        [r"\+=", r"X \(2, 3\)", HERE, "Nothing was changed", r"no_grad\(\)"],
    ),
    "assignment": (
        lambda: X.__setitem__(0, 1),
        errors.InPlaceError,
        RuntimeError,
        [r"X \(2, 3\)", HERE, "Nothing was changed", r"no_grad\(\)"],
    ),
    "array-of-tensors": (
        lambda: np.array([Tensor(1.0, name="t"), Tensor(2.0)]),
        errors.DTypeError,
        TypeError,
        [r"t \(\)", HERE, r"stack\(\[\.\.\.\]\)"],
    ),
    "unknown-numpy-function": (
        lambda: np.partition(X, 1),
        errors.NotDifferentiableError,
        TypeError,
        [
            r"np\.partition",
            r"np\.sort",
            r"detach\(\)\.numpy\(\)",
        ],
    ),
    "unknown-ufunc": (
        lambda: np.spacing(X),
        errors.NotDifferentiableError,
        TypeError,
        [r"np\.spacing", "no derivative rule"],
    ),
    "out-argument": (
        lambda: np.exp(X, out=np.ones((2, 3))),
        errors.NotDifferentiableError,
        TypeError,
        [r"np\.exp", "Drop out="],
    ),
    "where-argument": (
        lambda: np.exp(X, where=np.ones((2, 3), bool)),
        errors.NotDifferentiableError,
        TypeError,
        [r"np\.exp", "where=", r"np\.where"],
    ),
    "ufunc-method": (
        lambda: np.add.reduceat(X, [0]),
        errors.NotDifferentiableError,
        TypeError,
        [r"np\.add\.reduceat", r"np\.split"],
    ),
    "array-plus-equals": (
        lambda: np.ones((2, 3)).__iadd__(X),
        errors.NotDifferentiableError,
        TypeError,
        ["existing array", r"a = a \+ t"],
    ),
    "truth-value": (
        lambda: bool(X),
        errors.ShapeError,
        ValueError,
        [r"X \(2, 3\)", "ambiguous", r"\.any\(\) or \.all\(\)"],
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_message(situation):
    action, ours, builtin, parts = SITUATIONS[situation]
    before = X.data.copy()
    with pytest.raises(ours) as caught:
        action()
    error = caught.value
    assert isinstance(error, errors.ChalkgradError)
    assert isinstance(error, builtin)
    for part in parts:
        assert re.search(part, str(error)), f"{part!r} is not in: {error}"
    assert "\x1b" not in str(error)
    assert len(str(error).splitlines()) <= 6
    np.testing.assert_array_equal(X.data, before)
    assert X.grad is None


@pytest.mark.parametrize("situation", ["matmul", "broadcast", "axis", "index", "stack"])
def test_numpys_exception_is_kept_as_cause(situation):
    action, ours, *_ = SITUATIONS[situation]
    with pytest.raises(ours) as caught:
        action()
    cause = caught.value.__cause__
    assert isinstance(cause, ValueError | IndexError)
    assert not isinstance(cause, errors.ChalkgradError)


def test_backward_names_the_forward_line_in_debug_mode():
    a = Tensor([1.0], name="a")
    with ag.debug():
        y = np.exp(a * [2.0])
    with ag.no_grad():
        a += 1
    with pytest.raises(
        errors.InPlaceError, match=rf"multiply \({HERE}\) used a .*{HERE}"
    ):
        y.backward()


def test_every_error_is_exported_and_documented():
    for name in errors.__all__:
        error = getattr(errors, name)
        assert getattr(ag, name) is error
        assert issubclass(error, errors.ChalkgradError)
        assert error.__doc__
        assert name in (errors.__doc__ or "")
    public = {n for n, v in vars(errors).items() if isinstance(v, type)}
    assert public == set(errors.__all__)
