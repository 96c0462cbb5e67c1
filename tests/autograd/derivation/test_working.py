"""The formulas of every line are the engine's gradients, as text and as printed."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, scope
from autograd.derivation.graph import Graph, engine_order
from autograd.derivation.names import names_of
from autograd.derivation.patterns import Numbers
from autograd.derivation.terms import named, partial_of
from autograd.derivation.working import work_out
from tests.autograd.derivation.evaluation import Evaluator, Unknown
from tests.autograd.derivation.samples import OURS, record

# 0 / 0 or 0 * inf at a sample where the rule takes the limit.
LIMITS = {"cumprod", "prod", "power", "sinc"}


def name(tensor):
    return tensor.name


def lines_of(working):
    return [line for block in working.backward for line in block.lines if line.formulas]


def gradients_by_word(working, numbers):
    graph = working.graph
    return {
        f"g{graph.word(t)[1:]}": value
        for t, value in numbers.gradients.items()
        if value is not None
    }


def test_the_text_of_every_line_has_the_value_of_the_gradient(sampled):
    working = work_out(sampled, name)
    numbers = Numbers(working.graph)
    gradients = gradients_by_word(working, numbers)
    lines = lines_of(working)
    assert lines
    for line in lines:
        expected = numbers.gradients[line.tensor]
        found = sum(numbers.evaluate(f, gradients) for f in line.formulas)
        if sampled.op.name in LIMITS:
            expected = np.where(np.isfinite(found), expected, found)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def printed_values(working, numbers):
    """Return the value of every term that a formula may name."""
    graph = working.graph
    values = {}
    for tensor, label in names_of(graph).items():
        values[named(label)] = tensor.data
        gradient = numbers.gradients.get(tensor)
        if gradient is not None:
            values[partial_of(working.result, named(label))] = gradient
    return values


def check_printed(working):
    """Evaluate the printed backward lines; return how many could be."""
    numbers = Numbers(working.graph)
    evaluate = Evaluator(printed_values(working, numbers))
    count = 0
    for line in lines_of(working):
        try:
            with np.errstate(all="ignore"):
                found = sum(evaluate(part.whole()) for part in line.parts)
        except Unknown:
            continue
        expected = np.asarray(numbers.gradients[line.tensor])
        if np.size(found) == 1:  # 0, or 1/4
            found = np.full(expected.shape, np.ravel(found)[0])
        found = np.reshape(found, expected.shape)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-12)
        count += 1
    return count


# Inside parentheses, axes of length 1 that broadcasting needs are not written.
AXES = {
    "dot-2", "logsumexp-3", "matmul-7", "max-3", "min-3", "solve-4", "standardize-2",
    "std-3", "std-5",
}  # fmt: skip
ELEMENTWISE_IN_WORDS = {"ldexp", "where"}


def test_what_is_printed_has_the_value_of_the_gradient(sampled, request):
    working = work_out(sampled, name)
    sample = request.node.callspec.id
    if sample in AXES or sampled.op.name == "prod":
        pytest.skip("axes of length 1 are left out, or 0 / 0")
    printed = check_printed(working)
    op = sampled.op
    if op.elementwise and op.name not in ELEMENTWISE_IN_WORDS:
        assert printed == len(lines_of(working))


def test_most_operations_are_printed_without_words():
    printed = {
        operation
        for operation, op in OURS.items()
        if f"{operation}-0" not in AXES
        and check_printed(work_out(record(operation, op.samples[0]), name))
    }
    assert len(printed) > 90
    assert {"sum", "mean", "softmax", "matmul", "inv", "solve", "linear"} <= printed


def test_a_lost_sign_would_show():
    x = Tensor([1.0, 2.0], name="x")
    working = work_out((-x * np.exp(x)).sum(), name)
    numbers = Numbers(working.graph)
    evaluate = Evaluator(printed_values(working, numbers))
    (line,) = [line for line in lines_of(working) if line.tensor is x]
    parts = [evaluate(part.whole()) for part in line.parts]
    np.testing.assert_allclose(sum(parts), numbers.gradients[x])
    without_sign = [evaluate(part.term) for part in line.parts]
    assert not np.allclose(sum(without_sign), numbers.gradients[x])


# ---- which lines there are -----------------------------------------------------------


def visited(root):
    """Return the tensors in the order in which their gradients are complete."""
    order = []
    for tensor in engine_order(root):
        tensor.register_hook(lambda g, t=tensor: order.append(t))
    root.backward(np.ones(root.shape))
    return order


def test_the_order_is_that_of_the_engine():
    a, b = Tensor(0.5), Tensor(2.0)
    c = np.exp(a * b)
    d = np.concatenate([np.reshape(c, 1), np.reshape(a + c, 1), np.reshape(b, 1)])
    root = np.sum(d * d) + c * a
    assert visited(root) == engine_order(root)


def test_a_value_that_is_used_twice_gets_a_line_and_a_name():
    x = Tensor(2.0, name="x")
    y = np.exp(x)
    working = work_out(y * np.sin(y), name)
    assert y in {line.tensor for line in lines_of(working)}
    (line,) = [line for line in lines_of(working) if line.tensor is y]
    assert len(line.parts) == 2


def test_wrt_leaves_out_what_is_not_needed():
    x, w = Tensor(2.0, name="x"), Tensor(3.0, name="w")
    y = np.exp(x * w)
    y.name = "y"
    z = np.exp(w)
    z.name = "z"
    working = work_out(y + z, name, [x])
    tensors = [line.tensor for line in lines_of(working)]
    assert tensors == [y, x]


def test_an_unnamed_value_in_wrt_gets_a_line():
    x = Tensor([2.0, 1.0], name="x")
    e = np.exp(-x)
    y = np.sum(1 / (1 + e))
    assert {line.tensor for line in lines_of(work_out(y, name))} == {x}
    assert e in {line.tensor for line in lines_of(work_out(y, name, e))}


def test_hooks_of_the_user_are_left_alone():
    x = Tensor([2.0, 1.0], name="x")
    called = []
    x.register_hook(called.append)
    y = np.sum(x * x)
    with autograd.no_grad():
        assert lines_of(work_out(y, name))
    assert called == []
    assert x.grad is None


def test_wrt_must_be_in_the_graph():
    x = Tensor(2.0, name="x")
    with pytest.raises(ValueError, match="does not depend on Tensor"):
        work_out(x * x, name, [Tensor(1.0)])


def test_lines_are_grouped_by_scope():
    x = Tensor([1.0, 2.0], name="x")
    with scope("layer 1"):
        h = np.tanh(x)
    with scope("cost"):
        cost = np.sum(h * h)
    working = work_out(cost, name)
    assert [b.scope for b in working.forward] == [("layer 1",), ("cost",)]
    assert [b.scope for b in working.backward] == [("cost",), ("layer 1",)]


def test_too_many_steps_are_refused():
    x = Tensor(1.0)
    for _ in range(30):
        x = x * x
    with pytest.raises(ValueError, match=r"31 steps are more .* max_lines=10"):
        work_out(np.exp(x), name, max_lines=10)
    for _ in range(3000):
        x = x * x
    with pytest.raises(ValueError, match="3031 operations"):
        work_out(np.exp(x), name, max_lines=10)


def test_a_long_chain_needs_no_recursion():
    x = y = Tensor(0.5)
    for _ in range(3000):
        y = np.tanh(y)
    graph = Graph(y, name)
    use = graph.consumers[x][0]
    text, path, _ = graph.contribution(*use)
    assert text.count("G") == 1
    assert 1 <= len(path) < 12
