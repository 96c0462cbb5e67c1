"""Every formula on an edge, evaluated with NumPy, equals the rule that it describes."""

import numpy as np
import pytest

import autograd
from autograd import PRIMITIVES, Tensor
from autograd.engine import sum_to_shape
from autograd.formula import formula

# Where these formulas are 0 / 0 or 0 * inf, the rule takes the limit.
LIMITS = {"cumprod", "prod", "power"}

CASES = [
    pytest.param(name, sample, id=f"{name}-{k}")
    for name, op in PRIMITIVES.items()
    for k, sample in enumerate(op.samples)
]


def record(name, sample):
    """Run an operation on its sample; floating-point inputs become named leaves."""
    op = PRIMITIVES[name]
    arguments = list(sample)
    settings = arguments.pop() if isinstance(arguments[-1], dict) else {}
    if op.sequence:
        inputs, rest = arguments[0], arguments[1:]
        leaves = [leaf(x, i) for i, x in enumerate(inputs)]
        return op.function(leaves, *rest, **settings)
    count = len(op.vjps)
    leaves = [leaf(x, i) for i, x in enumerate(arguments[:count])]
    return op.function(*leaves, *arguments[count:], **settings)


def leaf(value, position):
    if np.asarray(value).dtype.kind != "f":
        return value
    return Tensor(value, name=f"x{position}")


def names_of(node):
    """Name the result ``out`` and the inputs ``x0``, ``x1``, by position."""
    table = [(node, "out"), *((x, f"x{i}") for i, x in enumerate(node.inputs))]
    return lambda tensor: next(name for known, name in table if known is tensor)


def evaluate(text, node, g):
    values = {f"x{i}": x.data for i, x in enumerate(node.inputs)}
    scope = {**vars(autograd), "np": np, "G": g, "out": node.data, **values}
    with np.errstate(all="ignore"):
        return eval(text, scope)


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_every_formula_equals_its_rule(name, sample):
    node = record(name, sample)
    rng = np.random.default_rng(7)
    g = rng.standard_normal(node.shape)[()]
    for position, x in enumerate(node.inputs):
        rule = node.op.rule(position)
        if not x.requires_grad or rule is None:
            continue
        text = formula(node, position, names_of(node))
        assert text
        if node.op.elementwise:
            assert "PRIMITIVES" not in text, f"{name} needs formulas= for {position}"
        with np.errstate(all="ignore"):
            values = [t.data for t in node.inputs]
            expected = rule(g, node.data, *values, **(node.settings or {}))
        expected = sum_to_shape(np.asarray(expected), x.shape)
        found = evaluate(text, node, g)
        if name in LIMITS:
            expected = np.where(np.isnan(found), np.nan, expected)
        assert np.shape(found) == x.shape, text
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=text)


def test_every_operation_of_ours_has_a_sample():
    ours = [
        op
        for op in PRIMITIVES.values()
        if op.forward.__module__.startswith("autograd.ops.")
    ]
    assert len(ours) > 100
    assert [op.name for op in ours if not op.samples] == []
