"""The table of mistakes, planted by hand in lines that no rewriting rule has made."""

import linecache

import numpy as np
import pytest

from autograd.check.marking import check_backward
from tests.autograd.check.bench import feedforward, structured
from tests.autograd.check.bench.catalogue import network

SUM1, SUM2 = (f"np.sum(dZ{k}, axis=1, keepdims=True)" for k in (1, 2))
DERIVATIVE = "A1 * (1 - A1)"
PLANTED = [
    ("article", "np.dot(dZ2, A1.T) / m", "np.dot(dZ2, A1.T)", "missing_batch_mean"),
    ("article", f"{SUM1} / m", f"{SUM1} / m**2", "batch_mean_twice"),
    ("article", "dZ2 = A2 - Y", "dZ2 = Y - A2", "sign"),
    ("article", DERIVATIVE, "1", "missing_activation_derivative"),
    ("article", DERIVATIVE, "1 - np.square(A1)", "wrong_activation_derivative"),
    ("article", DERIVATIVE, "np.exp(-A1) * sigmoid(A1)**2", "derivative_at_activation"),
    ("article", DERIVATIVE, "A1", "missing_complement"),
    ("article", "np.dot(dZ1, X.T) / m", "np.dot(X, dZ1.T) / m", "result_transposed"),
    ("article", SUM2, "np.sum(dZ2, 1)", "missing_keepdims"),
    ("article", SUM2, "dZ2", "missing_batch_sum"),
    ("article", SUM1, "dZ1.sum(0)", "wrong_axis"),
    ("article", SUM1, SUM2, "bias_from_wrong_layer"),
    ("article", "np.dot(dZ1, X.T)", "np.dot(dZ1, A1.T)", "wrong_layer"),
    ("article", "np.dot(W2.T, dZ2)", "np.dot(dW2.T, dZ2)", "gradient_for_weight"),
    ("square", "dZ3 @ W3.T", "dZ3 @ W3", "weight_not_transposed"),
    ("square", "dZ3 @ W3.T", "W3.T @ dZ3", "operands_swapped"),
    ("square", "dZ3 @ W3.T", "dZ3 * W3.T", "elementwise_for_matmul"),
    ("square", "dA1 * (1 - A1**2)", "dA1 @ (1 - A1**2)", "matmul_for_elementwise"),
    ("deep", "2 * (Z3 - Y)", "(Z3 - Y)", "constant_factor"),
    ("deep", " + lam / m * W3", "", "missing_regularization"),
    ("deep", "lam / m * W3", "lam * W3", "wrong_regularization_factor"),
    ("deep", "np.sum(dZ2, axis=0)", "np.mean(dZ2, axis=0)", "mean_for_sum"),
    ("softmax", "dE = dP / S + dS", "dE = dP / S", "missing_path"),
    ("norm", "dvar / (n - 1)", "dvar / n", "biased_variance"),
    ("rnn", "dz @ h[t].T", "dz @ h[t + 1].T", "time_step_off_by_one"),
    ("rnn", "dWx += dz @ X[t].T", "dWx = dz @ X[t].T", "overwritten"),
    ("article", "dZ2 = A2 - Y", "dZ2 = A2 - Z", "exception"),
    ("article", DERIVATIVE, "A1 * np.exp(A1)", "unknown"),
]


# In these styles a convention, a loop or a line of several assignments hides the line.
ELSEWHERE = [
    ("article_negative_delta", 'Y - cache["A2"]', 'cache["A2"] - Y', "sign"),
    ("attention_row_jacobians", "dS / 3**0.5", "-dS / 3**0.5", "sign"),
    ("rnn_stacked", "= dh * (1 - h[t", "= -dh * (1 - h[t", "sign"),
    ("rnn_stacked", "(1 - h[t + 1] ** 2)", "(1 - h[t] ** 2)", "time_step_off_by_one"),
    ("rnn_lists", "dz[t] @ h[t].T", "dz[t] @ h[t - 1].T", "time_step_off_by_one"),
    ("rnn_accumulating_dh", "dz = dh[t + 1] *", "dz = dh[t + 1] @", "exception"),
]


def planted(name, old, new, style=None):
    """Return a network's backward pass with a piece of its text replaced."""
    forward, point, backwards = network(name)
    right = next(b for b in backwards if style in (None, b.__name__))
    lines = linecache.getlines(right.__code__.co_filename)
    first = right.__code__.co_firstlineno - 1
    end = next(
        (k for k in range(first + 1, len(lines)) if lines[k][:1] not in (" ", "\n")),
        len(lines),
    )
    text = "".join(lines[first:end])
    assert old in text
    text = text.replace(old, new, 1)
    filename = f"<{name}: {new}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope = {**vars(feedforward), **vars(structured)}
    exec(compile(text, filename, "exec"), scope)
    return forward, point(np.random.default_rng(3)), scope[right.__name__], new


@pytest.mark.filterwarnings("ignore:check_backward")
@pytest.mark.parametrize(("name", "old", "new", "mistake"), PLANTED)
def test_mistake_has_its_name(name, old, new, mistake):
    forward, point, backward, changed = planted(name, old, new)
    marking = check_backward(forward, backward, *point)
    first = marking.first_wrong
    assert first.mistake == mistake, str(marking)
    assert changed.replace(" ", "") in first.source.replace(" ", "")


@pytest.mark.parametrize(("style", "old", "new", "mistake"), ELSEWHERE)
def test_line_and_name_are_found_in_other_styles(style, old, new, mistake):
    name = style.partition("_")[0]
    forward, point, backward, changed = planted(name, old, new, style)
    marking = check_backward(forward, backward, *point)
    first = marking.first_wrong
    assert first.mistake == mistake, str(marking)
    assert changed in first.source


def test_unknown_mistake_shows_the_worst_cell():
    forward, point, backward, _ = planted("article", "A1 * (1 - A1)", "A1 * np.exp(A1)")
    first = check_backward(forward, backward, *point).first_wrong
    assert "Not a known pattern; worst cell [" in first.detail


def test_a_name_needs_two_points():
    forward, point, backward, _ = planted("article", "dZ2 = A2 - Y", "dZ2 = Y - A2")
    first = check_backward(forward, backward, *point, seeds=(0,)).first_wrong
    assert first.mistake == "unknown"
