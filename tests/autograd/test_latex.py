"""`autograd.latex`: balanced and escaped, for every operation."""

import re

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.derivation.latex import escaped, latex_of
from autograd.derivation.terms import named
from tests.autograd.derivation.samples import OURS, record

_ESCAPED = re.compile(r"\\[{}$%&#_]")


def check_balanced(latex):
    """Assert that every brace, fence and environment that opens also closes."""
    assert latex.startswith("\\begin{align*}\n")
    assert latex.endswith("\n\\end{align*}")
    plain = _ESCAPED.sub("", latex)
    depth = 0
    for character in plain:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert not set("$%#") & set(plain)
    assert len(re.findall(r"\\left(?![a-z])", latex)) == len(
        re.findall(r"\\right(?![a-z])", latex)
    )
    for row in plain.split("\n")[1:-1]:
        assert 1 <= row.count("&") <= 3


@pytest.mark.parametrize("operation", OURS)
def test_every_operation(operation):
    for sample in OURS[operation].samples:
        with np.errstate(all="ignore"):
            out = record(operation, sample)
        check_balanced(autograd.latex(out))


def test_every_operation_has_a_template():
    assert [op.name for op in OURS.values() if not op.latex] == []


def test_names_from_the_caller_go_first():
    W, X = Tensor([[1.0, 2.0]], name="V"), np.array([[3.0, 1.0], [4.0, 2.0]])
    A = np.tanh(W @ X)
    latex = autograd.latex(A, names=[{"W": W}, {"cache": {"A": A}, "X": X}])
    assert r"\underset{1 \times 2}{W}\,\underset{2 \times 2}{X}" in latex
    assert r"\left(1 - A^{2}\right)" in latex
    assert "V" not in latex


def test_sums_of_broadcasting_are_written_out():
    W, b = Tensor(np.ones((3, 2)), name="W"), Tensor(np.ones((3, 1)), name="b")
    Z = W @ np.ones((2, 4)) + b
    latex = autograd.latex(np.sum(Z * Z), names={"Z": Z}, wrt=[b])
    assert (
        r"\underset{3 \times 1}{\frac{\partial L}{\partial b}} &= \sum_{j = 1}^{4}"
        r"\left(\underset{3 \times 4}{\frac{\partial L}{\partial Z}}\right)_{\cdot j}"
    ) in latex


def test_paths_are_added():
    x = Tensor(2.0, name="x")
    latex = autograd.latex(x * np.exp(x))
    assert "&\\quad + " in latex


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("W1", "W_{1}"),
        ("W_out", r"W_{\mathrm{out}}"),
        ("alpha_2", r"\alpha_{2}"),
        ("θ", r"\theta"),
        ("cost", r"\mathrm{cost}"),
        ("h'", r"h^{\prime}"),
        ("Z1[0,2]", r"Z_{1}\text{[0,2]}"),
        ("layer1.weight", r"\text{layer1.weight}"),
        ("50%_\\input{x}$", r"\text{50\%\_\textbackslash{}input\{x\}\$}"),
        ("two\nlines", r"\text{two lines}"),
        ("", r"\text{}"),
    ],
)
def test_names(name, latex):
    assert latex_of(named(name)) == latex


def test_hostile_names_open_nothing():
    x = Tensor([1.0], name=r"}\end{align*}\input{/etc/passwd}$%&#_^~{")
    with autograd.scope(r"\\ & {% "):
        y = np.exp(x)
    check_balanced(autograd.latex(np.sum(y * x)))


def test_text_is_escaped():
    assert escaped("a\u202eb\x00") == "a b "


def test_a_leaf_is_refused():
    with pytest.raises(TypeError, match="needs a recorded tensor"):
        autograd.latex(Tensor(1.0))
