"""`check_backward`: verdicts, conventions, failures, safety, and what it prints."""

import json
import re

import numpy as np
import pytest

from autograd.check.marking import check_backward
from autograd.check.marks import Marking
from autograd.errors import GradientError
from tests.autograd.check.bench import feedforward as nets
from tests.autograd.check.bench.catalogue import NETWORKS, network

VERDICTS = {
    *("right", "convention", "wrong", "inherited", "shape", "missing", "not_reached")
}


def article():
    return nets.article_point(np.random.default_rng(1))


def mark(backward, **options):
    return check_backward(nets.article_forward, backward, *article(), **options)


def verdicts(marking):
    return {step.name: step.verdict for step in marking.steps}


def test_the_articles_convention_is_right_and_said_so():
    marking = mark(nets.article_backward)
    assert marking
    assert marking.score == 1
    assert verdicts(marking) == {
        "dZ2": "convention", "dW2": "right", "db2": "right", "dA1": "convention",
        "dZ1": "convention", "dW1": "right", "db1": "right",
    }  # fmt: skip
    assert "m = 7 times the gradient" in marking.steps[0].detail


@pytest.mark.parametrize("name", NETWORKS[:-1])
def test_right_derivations_raise_no_alarm(name):
    forward, point, backwards = network(name)
    for backward in backwards:
        marking = check_backward(forward, backward, *point(np.random.default_rng(2)))
        assert marking, f"{backward.__name__}\n{marking}"


def wrong_in_the_middle(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dW2 = dZ2 @ cache["A1"].T / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dA1 = parameters["W2"].T @ dZ2
    dZ1 = dA1 * (1 - cache["A1"] ** 2)
    dW1 = dZ1 @ X.T / m
    db1 = dZ1.sum(axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def test_what_follows_from_a_wrong_step_is_inherited():
    marking = mark(wrong_in_the_middle)
    first = marking.first_wrong
    assert not marking
    assert (first.name, first.of, first.mistake) == (
        "dZ1", "Z1", "wrong_activation_derivative",
    )  # fmt: skip
    assert first.source == 'dZ1 = dA1 * (1 - cache["A1"] ** 2)'
    assert verdicts(marking)["dW1"] == "inherited"
    assert verdicts(marking)["db2"] == "right"
    assert marking.score == pytest.approx(6 / 7)


def test_json_keeps_its_contract():
    found = json.loads(mark(wrong_in_the_middle).json())
    assert set(found) == {"correct", "first_wrong", "score", "steps"}
    assert found["correct"] is False
    assert found["first_wrong"] == "dZ1"
    keys = {"name", "of", "line", "source", "verdict", "mistake", "detail"}
    assert all(set(step) == keys for step in found["steps"])
    assert {step["verdict"] for step in found["steps"]} <= VERDICTS
    assert [step["name"] for step in found["steps"]][:3] == ["dZ2", "dW2", "db2"]
    assert json.loads(mark(nets.article_backward).json())["first_wrong"] is None


def test_text_and_html_show_the_line_and_escape_it():
    marking = mark(wrong_in_the_middle)
    assert "First wrong line" in str(marking)
    assert re.search(r"dZ1 +\d+ +WRONG +wrong activation derivative", str(marking))
    html = marking._repr_html_()
    assert "WRONG" in html
    assert "cache[&quot;A1&quot;]" in html


def test_a_function_without_source_text_is_marked_without_it():
    """As typed into an interpreter that keeps no text."""
    scope = {"np": np}
    exec(
        "def forward(p, x):\n    return np.sum((p['w'] * x) ** 2), {}\n"
        "def backward(p, cache, x):\n    dw = p['w'] * x * x\n    return {'dw': dw}\n",
        scope,
    )
    x = np.array([1.0, 2.0, 3.0])
    marking = check_backward(scope["forward"], scope["backward"], {"w": np.ones(3)}, x)
    lines = str(marking).splitlines()
    place = lines.index("First wrong line, 4:")
    assert lines[place + 1].strip()


def test_assert_correct_raises_with_the_table():
    mark(nets.article_backward).assert_correct()
    with pytest.raises(AssertionError, match="First wrong: dZ1"):
        mark(wrong_in_the_middle).assert_correct()


def test_graph_without_viz_names_the_cure():
    marking = Marking((), "f")
    if not marking_drawers():
        with pytest.raises(GradientError, match="import viz"):
            marking.graph()


def marking_drawers():
    from autograd.check import marks

    return marks._DRAWERS


def test_graph_uses_what_was_registered(monkeypatch):
    from autograd.check import marks

    monkeypatch.setattr(marks, "_DRAWERS", [])
    marks.register_drawer(lambda marking: f"picture of {marking.function}")
    assert Marking((), "f").graph() == "picture of f"


def corrupted(parameters, cache, X, Y):
    m = X.shape[1]
    W2 = parameters["W2"]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A3 - Y  # noqa: F821
    dW2 = 13 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(W2.T, dZ12) * A1 * (1 - A1)  # noqa: F821
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW22 ": dW2, "db2": db2, "A2": A2}


def test_the_corrupted_article_is_explained_line_by_line():
    marking = mark(corrupted)
    first = marking.first_wrong
    assert (first.name, first.mistake) == ("dZ2", "exception")
    assert "A3 is not defined; is A2 meant?" in first.detail
    found = {step.name: step for step in marking.steps}
    assert "dZ12 is not defined; is dZ2 meant?" in found["dZ1"].detail
    assert found["dW1"].verdict == "not_reached"


def misspelled_key(parameters, cache, X, Y):
    grads = nets.article_backward(parameters, cache, X, Y)
    grads["dW22 "] = grads.pop("dW2")
    return grads


def test_a_misspelled_key_is_missing_with_a_suggestion():
    marking = mark(misspelled_key)
    step = next(s for s in marking.steps if s.of == "W2")
    assert step.verdict == "missing"
    assert "'dW22 '" in step.detail
    assert marking.first_wrong is step


def wrong_shapes(parameters, cache, X, Y):
    dZ2 = cache["A2"] - Y
    dA1 = parameters["W2"] @ dZ2
    return {"dW2": dA1}


def test_an_error_of_shapes_is_a_finding_with_its_line():
    marking = mark(wrong_shapes)
    first = marking.first_wrong
    assert (first.name, first.mistake) == ("dA1", "exception")
    assert first.source == 'dA1 = parameters["W2"] @ dZ2'
    assert verdicts(marking)["dZ2"] == "convention"
    assert verdicts(marking)["dW1"] == "not_reached"


def endless(parameters, cache, X, Y):
    while True:
        pass


def test_a_loop_without_end_is_stopped():
    marking = mark(endless, time_limit=0.2, seeds=(0,))
    assert "still running after 0.2 s" in marking.steps[0].detail


def intrusive(parameters, cache, X, Y):
    print("hello")
    grads = nets.article_backward(parameters, cache, X, Y)
    for values in (parameters, cache):
        for value in values.values():
            value[:] = 0
    X[:] = 0
    return grads


def test_the_callers_arrays_are_safe_and_prints_are_kept(capsys):
    parameters, X, Y = article()
    before = X.copy(), parameters["W1"].copy()
    marking = check_backward(nets.article_forward, intrusive, parameters, X, Y)
    assert marking
    assert marking.output == "hello\n"
    assert capsys.readouterr().out == ""
    assert np.array_equal(X, before[0])
    assert np.array_equal(parameters["W1"], before[1])


def renamed(parameters, cache, X, Y):
    m = X.shape[1]
    delta2 = Y - 2 * cache["A2"]
    return {
        "dW2": delta2 @ cache["A1"].T / m,
        "db2": delta2.sum(1, keepdims=True) / m,
        "dW1": np.zeros((4, 3)),
        "db1": np.zeros((4, 1)),
    }


def test_names_say_what_a_variable_is_the_gradient_of():
    assert mark(renamed, names={"delta2": "Z2"}).first_wrong.name == "delta2"
    assert mark(renamed).first_wrong.name == "dW2"


def test_one_sample_draws_a_warning():
    parameters, X, Y = article()
    with pytest.warns(UserWarning, match="one sample"):
        check_backward(
            nets.article_forward, nets.article_backward, parameters, X[:, :1], Y[:, :1]
        )


def test_zero_weights_of_a_probe_draw_a_warning():
    parameters, X, Y = article()
    zero = {name: np.zeros_like(value) for name, value in parameters.items()}
    with pytest.warns(UserWarning, match="all zero"):
        mark(nets.article_backward, probe=lambda rng: (zero, X, Y))


def right_only_at_positive_inputs(parameters, cache, x):
    dw = np.abs(x)
    return {"dw": dw}


def test_the_users_own_point_is_looked_at_too():
    def forward(parameters, x):
        return np.sum(parameters["w"] * x), {}

    marking = check_backward(
        forward,
        right_only_at_positive_inputs,
        {"w": np.ones(3)},
        np.array([-1.0, 2.0, 3.0]),
        probe=lambda rng: ({"w": rng.normal(size=3)}, rng.uniform(1, 2, 3)),
    )
    assert marking.first_wrong.name == "dw"
    assert "not at the values you gave" in marking.first_wrong.detail


def test_a_forward_pass_without_a_cost_is_refused():
    with pytest.raises(GradientError, match=r"must return \(cost, cache\)"):
        check_backward(
            lambda p: p["w"], right_only_at_positive_inputs, {"w": np.ones(3)}
        )
    with pytest.raises(GradientError, match="cost that forward returns"):
        check_backward(
            lambda p: (1.0, {}), right_only_at_positive_inputs, {"w": np.ones(3)}
        )
