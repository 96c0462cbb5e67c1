"""``python -m autograd.check``: what it finds in files, prints, and returns."""

import csv
import io
import json

import pytest

from autograd.check.__main__ import main

ARTICLE = """
import numpy as np

print("loaded")


def forward_propagation(X, parameters):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = 1 / (1 + np.exp(-Z1))
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def compute_cost(A2, Y):
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dW2 = np.dot(dZ2, cache["A1"].T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(parameters["W2"].T, dZ2)
    dZ1 = dA1 * cache["A1"] * (1 - cache["A1"])
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
"""

GENERAL = """
import numpy as np

parameters = {"w": np.zeros(2)}
data = (np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.5, 2.0, 3.0]))


def forward(parameters, x, y):
    p = x @ parameters["w"]
    return np.sum((p - y) ** 2), {"p": p}


def backward(parameters, cache, x, y):
    return {"dw": 2 * x.T @ (cache["p"] - y)}
"""


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_the_articles_names_are_found(write, capsys):
    assert main([write("right.py", ARTICLE)]) == 0
    assert "all 7 steps are right" in capsys.readouterr().out


def test_a_wrong_file_gives_exit_code_one_and_json(write, capsys):
    wrong = write("wrong.py", ARTICLE.replace("dZ2 = cache", "dZ2 = -cache"))
    assert main([wrong, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["first_wrong"] == "dZ2"
    assert found["steps"][0]["line"] == 21


def test_forward_backward_and_values(write):
    assert main([write("general.py", GENERAL)]) == 0
    assert main([write("wrong.py", GENERAL.replace("2 * x.T", "x.T"))]) == 1


def test_many_files_give_a_table_and_task_gives_the_forward_pass(write, capsys):
    alone = (
        "def backward(parameters, cache, x, y):\n    return {'dw': x.T @ cache['p']}\n"
    )
    files = [write("a.py", GENERAL), write("b.py", alone)]
    assert main([*files, "--task", write("task.py", GENERAL)]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["correct"] for row in rows] == ["True", "False"]
    assert rows[1]["first_wrong"] == "dw"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "no function backward"),
        ("def backward(p, c): return {}", "no function forward"),
        ("def backward(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("def backward(p, c): pass\ndef forward(p): pass", "no variables parameters"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(write, capsys, text, message):
    assert main([write("file.py", text)]) == 1
    assert message in capsys.readouterr().out
