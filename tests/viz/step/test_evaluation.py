"""Formulas are computed from names, numbers and known functions, and nothing else."""

import ast

import numpy as np
import pytest

from viz.step.evaluation import UnknownFormulaError, evaluate

ARRAYS = {"G": np.arange(6.0).reshape(2, 3), "v0": np.array([1.0, -2.0, 3.0])}


def value_of(text):
    return evaluate(ast.parse(text, mode="eval").body, ARRAYS)


@pytest.mark.parametrize(
    "text",
    [
        "G * v0 * (1 - v0)",
        "-G / v0 ** 2",
        "G @ v0.T",
        "np.sum(G, axis=1, keepdims=True)",
        "np.sum(G, axis=tuple(range(G.ndim - 1)))",
        "G.reshape(-1, G.shape[-1]).T @ G.reshape(-1, G.shape[-1])",
        "np.where((v0 > 0) & (v0 != 1), G, 0)",
        "G[..., ::-1][0:1, [0, 2]]",
        "np.sqrt(np.pi) * np.array([[1.0], [2.0]])",
    ],
)
def test_gives_what_python_gives(text):
    expected = eval(text, {"np": np, **ARRAYS})
    np.testing.assert_array_equal(value_of(text), expected)


def test_knows_our_operations():
    np.testing.assert_allclose(value_of("sigmoid(v0)"), 1 / (1 + np.exp(-ARRAYS["v0"])))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "open('x')",
        "G.__class__",
        "G.tofile('x')",
        "(lambda: 1)()",
        "[x for x in G]",
        "G if v0 else G",
        "PRIMITIVES['svd'].rule(0)(G)",
        "f'{G}'",
    ],
)
def test_refuses_everything_else(text):
    with pytest.raises(UnknownFormulaError):
        value_of(text)
