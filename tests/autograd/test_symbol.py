"""Symbols write down what is done with them, with as few parentheses as needed."""

import numpy as np
import pytest

from autograd import Tensor
from autograd.formula import expression, formula
from autograd.symbol import Symbol, index_text, operand_text


@pytest.fixture
def symbols():
    matrix = np.dtype(float)
    return [Symbol(name, (2, 2), matrix) for name in "abc"]


@pytest.mark.parametrize(
    "text",
    [
        "a + b + c",
        "a - (b - c)",
        "a - b - c",
        "a * (b + c)",
        "(a + b) * c",
        "a / (b * c)",
        "a * b / c",
        "-a * b",
        "-(a * b)",
        "-(-a)",
        "a ** b ** c",
        "(a ** b) ** c",
        "(-a) ** 2",
        "-a ** 2",
        "a ** -b",
        "2 ** a",
        "1 - a * a",
        "a @ b.T",
        "(a @ b).T",
        "(a > b) & (a <= 1.5)",
        "(a > b) | (a != b) & (b >= c)",
        "~(a == b)",
        "np.exp(-a) / (1 + np.exp(-a))",
        "a * -2.0",
        "np.sum(a * b, axis=1, keepdims=True)",
        "np.where(a > 0, b, 0.0)",
        "np.concatenate([a, b], axis=-1)",
        "a[0, :1]",
        "(a + b)[..., None, ::-1]",
        "np.maximum(a, 0)",
        "np.reshape(a, (4, 1)).T",
    ],
)
def test_an_expression_prints_as_it_is_written(text, symbols):
    a, b, c = symbols
    result = eval(text, {"np": np, "a": a, "b": b, "c": c})
    printed = result.text
    grid = np.array([[0.5, 1.0], [1.5, 2.0]])
    values = {"a": grid, "b": grid + 0.25, "c": grid[::-1]}
    expected = eval(text, {"np": np, **values})
    np.testing.assert_array_equal(eval(printed, {"np": np, **values}), expected)
    assert result.shape == expected.shape
    assert printed.count("(") <= text.count("(")


def test_shape_ndim_size_are_known(symbols):
    a = symbols[0]
    row = np.sum(a, axis=0)
    assert (row.shape, row.ndim, row.size) == ((2,), 1, 2)
    batch = Symbol("x", (5, 1, 2, 3), a.dtype) @ Symbol("y", (4, 3, 7), a.dtype)
    assert batch.shape == (5, 4, 2, 7)
    assert (Symbol("x", (3,), a.dtype) @ Symbol("y", (3,), a.dtype)).shape == ()
    assert (a > 1).dtype == bool


def test_a_symbol_has_no_truth_value(symbols):
    with pytest.raises(TypeError, match="a > 1 is a symbol"):
        bool(symbols[0] > 1)
    with pytest.raises(TypeError, match=r"np\.add\.reduce cannot be printed"):
        np.add.reduce(symbols[0])


def test_operands():
    assert operand_text(np.float64(0.5)) == "0.5"
    assert operand_text(float("-inf")) == 'float("-inf")'
    assert operand_text(np.array([1, 2])) == "np.array([1, 2])"
    assert operand_text(np.array([], dtype=int)) == "np.zeros((0,), dtype=np.int64)"
    assert operand_text((1,)) == "(1,)"
    assert operand_text(np.zeros(1000)) == "np.array(...)"
    assert index_text((slice(None, 2), Ellipsis, None, 3)) == ":2, ..., None, 3"


def test_unnamed_numbers_are_written_out():
    x = Tensor(3.0, name="x")
    assert formula(x * 2.5, 0, lambda t: t.name or "") == "G * 2.5"
    assert expression(1 - x, lambda t: t.name or "") == "1.0 - x"


def test_a_rule_that_looks_at_values_is_written_as_a_call():
    from autograd import PRIMITIVES, primitive

    def rule(g, out, x):
        return g * 2 if np.all(x > 0) else g * 3

    try:

        @primitive(vjps=(rule,), elementwise=True)
        def twisted(x):
            return np.where(x > 0, 2 * x, 3 * x)

        y = twisted(Tensor([1.0, 2.0], name="x"))
        text = formula(y, 0, lambda t: t.name or "out")
        assert text == "PRIMITIVES['twisted'].rule(0)(G, out, x)"
        assert expression(y, lambda t: t.name or "out") == "twisted(x)"
    finally:
        PRIMITIVES.pop("twisted", None)


def test_leaves_have_no_formula():
    x = Tensor(1.0, name="x")
    assert expression(x, lambda t: t.name) == "x"
