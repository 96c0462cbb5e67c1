"""Reading a recorded graph: order, roles, scopes, and what counts as one value."""

import numpy as np
import pytest

from autograd import Tensor, scope
from viz.model import Role, read
from viz.names import Names


def described(root, **names):
    return [
        (v.name or (v.tensor.op.name if v.tensor.op else "?"), v.role.value, v.scope)
        for v in read(root, Names(names)).vertices
    ]


def test_order_roles_and_scopes():
    X = np.ones((2, 3))
    W, b = Tensor(np.ones((1, 2)), name="W"), Tensor([[1.0]], name="b")
    with scope("net"), scope("layer"):
        Z = W @ X + b
    with scope("loss"):
        cost = (Z * 0.5).sum()
    assert described(cost, X=X, Z=Z) == [
        ("W", "parameter", ("net", "layer")),
        ("X", "data", ()),
        ("matmul", "intermediate", ("net", "layer")),
        ("b", "parameter", ("net", "layer")),
        ("Z", "intermediate", ("net", "layer")),
        ("?", "constant", ("loss",)),
        ("multiply", "intermediate", ("loss",)),
        ("sum", "result", ("loss",)),
    ]


def test_a_shared_parameter_stands_in_the_common_group():
    w = Tensor(1.0, name="w")
    with scope("net"):
        with scope("a"):
            a = w * 2
        with scope("b"):
            b = a * w
    (shared,) = (v for v in read(b, Names(None)).vertices if v.name == "w")
    assert shared.scope == ("net",)


def test_one_array_is_one_vertex_and_equal_numbers_are_not():
    X = np.ones(3)
    root = (Tensor(np.ones(3)) * X + X) * 2 + 2
    roles = [v.role for v in read(root, Names(None)).vertices]
    assert roles.count(Role.DATA) == 1
    assert roles.count(Role.CONSTANT) == 2


def test_arguments_keep_their_order_and_repetitions():
    a, b = Tensor(1.0), Tensor(2.0)
    vertices = read(b - a, Names({"a": a, "b": b})).vertices
    assert [vertices[k].name for k in vertices[-1].inputs] == ["b", "a"]
    square = read(a * a, Names(None)).vertices
    assert square[-1].inputs == (0, 0)


def test_a_recurrent_net_reads_from_its_first_step():
    h = Tensor(np.ones(2), name="h")
    inputs = [np.full(2, float(k)) for k in range(3)]
    w = Tensor(np.ones(2), name="w")
    for x in inputs:
        h = np.tanh(w * x + h)
    names = {f"x{k}": x for k, x in enumerate(inputs)}
    found = [v.name for v in read(h, Names(names)).vertices if v.role is Role.DATA]
    assert found == ["x0", "x1", "x2"]


@pytest.mark.parametrize("depth", [10, 20_000])
def test_depth_is_read_without_recursion(depth):
    y = Tensor(0.5)
    for _ in range(depth):
        y = y * y
    assert len(read(y, Names(None)).vertices) == depth + 1
