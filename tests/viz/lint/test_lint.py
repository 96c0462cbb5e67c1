"""What `lint` returns, and what it does with odd and large graphs."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
import viz
from autograd import Tensor, debug
from tests.viz.lint.cases import blobs, generator, line, mlp
from viz.lint.findings import Finding, Findings
from viz.lint.linter import CHECKS


def double_softmax(name="W"):
    X, y = blobs()
    W = Tensor(generator().standard_normal((6, 3)), name=name)
    return ag.cross_entropy(ag.softmax(X @ W, axis=1), y)


def two_mistakes():
    X, y = line()
    rng = generator()
    W1 = Tensor(rng.standard_normal((3, 8)), name="W1")
    W2 = Tensor(rng.standard_normal((8, 1)), name="W2")
    return np.mean((X @ W1 @ W2 - y[:, 0]) ** 2)


def test_findings_are_a_sequence_and_true_if_there_are_any():
    found = viz.lint(two_mistakes())
    assert isinstance(found, Findings)
    assert found
    assert len(found) == 2
    assert found.kinds == ("broadcast", "missing-activation")
    assert list(found) == [found[0], found[1]]
    assert found[:1].kinds == ("broadcast",)
    assert all(isinstance(item, Finding) for item in found)


def test_no_findings_are_false_and_say_so():
    found = viz.lint(Tensor(2.0) * 3)
    assert not found
    assert len(found) == 0
    assert str(found) == "No findings."
    assert found._repr_html_() == "<p>No findings.</p>"
    assert found.to_dict() == {"findings": []}


def test_text_names_kind_tensors_and_fix():
    found = viz.lint(two_mistakes())
    lines = str(found).splitlines()
    assert lines[0] == "2 findings:"
    assert lines[1] == "1. broadcast"
    assert "(40, 1)" in lines[2]
    assert "(40,)" in lines[2]
    assert lines[3].strip().startswith("Fix: Make the shapes equal")
    assert "W1 (3, 8)" in str(found[1])
    assert found[1].tensors[:2] == ("W1", "W2")
    assert repr(found) == str(found)


def test_layers_are_named():
    X, y = blobs()
    rng = generator()
    model = nn.Sequential(nn.Linear(6, 16, rng=rng), nn.Linear(16, 3, rng=rng))
    (finding,) = viz.lint(F.cross_entropy(model(X), y), model)
    assert finding.layers == ("Sequential/0", "Sequential/1")
    assert finding.tensors[:2] == ("0.weight", "1.weight")
    assert "in Sequential/0, Sequential/1" in str(finding)


def test_line_is_that_of_the_code_in_debug_mode():
    with debug():
        loss = double_softmax()
    (finding,) = viz.lint(loss)
    assert finding.line.startswith("test_lint.py:")
    assert finding.line in str(finding)


def test_data_are_json():
    found = viz.lint(two_mistakes())
    data = json.loads(json.dumps(found.to_dict()))
    assert data == found.to_dict()
    assert set(data["findings"][0]) == {
        "kind", "message", "fix", "tensors", "layers", "line"
    }  # fmt: skip


def test_html_is_escaped():
    X, y = line()
    w = Tensor(np.zeros((3, 1)), name="<script>alert(1)</script>\n")
    target = Tensor(y[:, 0], name="a & b")
    html = viz.lint(np.mean((X @ w - target) ** 2))._repr_html_()
    assert "<script>" not in html
    assert "a &amp; b" in html
    ElementTree.fromstring(html.replace("<br>", "<br/>"))


def test_the_same_graph_gives_the_same_text():
    assert str(viz.lint(two_mistakes())) == str(viz.lint(two_mistakes()))


@pytest.mark.parametrize("loss", [Tensor(1.0), 3.0, np.array(1.0)])
def test_what_was_not_recorded_is_refused(loss):
    with pytest.raises(TypeError, match="lint: needs a recorded tensor"):
        viz.lint(loss)


def test_an_array_is_refused_with_a_model_too():
    with pytest.raises(TypeError, match="lint: needs a recorded tensor"):
        viz.lint(np.array(1.0), mlp(3, 1))


def test_nothing_is_changed():
    X, y = blobs()
    model = mlp(6, 8, 3)
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    before = [(p.data.copy(), p.grad.copy()) for p in model.parameters()]
    viz.lint(loss, model)
    for p, (value, gradient) in zip(model.parameters(), before, strict=True):
        assert np.array_equal(p.data, value)
        assert np.array_equal(p.grad, gradient)
    assert all(module.training for module in model.modules())


def test_long_graphs_of_single_numbers_need_no_recursion():
    x = Tensor(1.0, name="x")
    y = x
    for _ in range(50_000):
        y = y * 0.9999
    assert not viz.lint(y * y)


def test_softmax_behind_a_large_graph_of_single_numbers_is_found():
    w = ag.scalars(generator().standard_normal((4, 3)), name="w")
    X = generator(1).standard_normal((200, 4))
    powers = np.exp(np.dot(X, w))
    p = powers[:, 0] / (powers[:, 0] + powers[:, 1] + powers[:, 2])
    found = viz.lint(-np.sum(np.log(p)) / 200)
    assert found.kinds == ("log-of-softmax",)


class Bare:
    """A model of another library: only names, parameters and flags."""

    training = True

    def __init__(self):
        self.weight = Tensor(np.ones((3, 1)), name="weight")
        self.spare = Tensor(np.ones(2), name="spare")

    def named_parameters(self):
        return [("weight", self.weight), ("spare", self.spare)]

    def named_modules(self):
        return [("", self)]


def test_any_object_with_names_is_a_model():
    X, y = line()
    model = Bare()
    found = viz.lint(np.mean((X @ model.weight - y) ** 2), model)
    assert found.kinds == ("unused-parameters",)
    assert "spare" in found[0].message


def test_every_check_has_a_kind_that_the_documentation_names():
    from tests.viz.lint import (
        test_planted_losses,
        test_planted_networks,
        test_second_bench,
    )

    benches = test_planted_losses, test_planted_networks, test_second_bench
    kinds = {kind for bench in benches for _, kind in bench.PLANTED}
    assert len(kinds) == len(CHECKS)
    for kind in kinds:
        assert f"``{kind}``" in viz.lint.__doc__
