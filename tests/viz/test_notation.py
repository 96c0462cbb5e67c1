"""Formulas as people write them."""

import pytest

from viz.notation import derivative, notation

NAMES = {"v0": "A1", "v1": "X"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("G", "G"),
        ("-G", "−G"),
        ("G * v0 * (1 - v0)", "G × A1 × (1 − A1)"),
        ("G @ v1.T", "G @ Xᵀ"),
        ("(v0 + v1).T @ G", "(A1 + X)ᵀ @ G"),
        ("G * (1 - v0 * v0)", "G × (1 − A1²)"),
        ("-G * v0 * v0", "−G × A1²"),
        ("G * 2.0 * v0 ** (2.0 - 1)", "G × 2 × A1"),
        ("G * 3.0 * v0 ** (3.0 - 1)", "G × 3 × A1²"),
        ("G * v1 * v0 ** (v1 - 1)", "G × X × A1^(X − 1)"),
        ("G / (2 * v0)", "G / (2 × A1)"),
        ("G * 0", "0"),
        ("G * np.exp(-v0)", "G × exp(−A1)"),
        ("np.sum(G, axis=1, keepdims=True)", "Σ G over columns"),
        ("np.sum(G, axis=0)", "Σ G over rows"),
        ("np.sum(G * v0, axis=-1)", "Σ (G × A1) over columns"),
        ("np.sum(G, axis=(0, 1))", "Σ G"),
        ("np.broadcast_to(np.expand_dims(G, 1), (2, 3))", "G to every element"),
        ("np.where(v0, G, 0.0)", "G where A1, else 0"),
        ("G * (v0 >= 1)", "G × (A1 ≥ 1)"),
        ("G * ((v0 > v1) + (v0 == v1) / 2)", "G × ((A1 > X) + (A1 = X) / 2)"),
        ("G * ((v0 > 0) & (v0 < 1))", "G × ((A1 > 0) and (A1 < 1))"),
        ("np.reshape(G, (3, 4))", "G"),
        ("G[0:2, :]", "G[0:2, :]"),
        ("scatter_add(G, np.s_[1:3, ...], v0.shape)", "G at [1:3, ...], else 0"),
        ("scatter_add(G, np.s_[np.array([0, 2])], (3,))", "G at [0, 2], else 0"),
        ("np.swapaxes(v0, -1, -2) @ G", "A1ᵀ @ G"),
        ("G * 0.3333333333333333 * v0", "G × 0.333 × A1"),
        ("G - (v0 - v1)", "G − (A1 − X)"),
        ("PRIMITIVES['svd'].rule(0)(G, out, v0, full_matrices=False)", "rule of svd"),
        ("G[0].max()", "max()"),
        ("G[part 1]", ""),
        ("", ""),
    ],
)
def test_notation(text, shown):
    assert notation(text, NAMES, ndim=2) == shown


def test_sum_over_a_third_axis():
    assert notation("np.sum(G, axis=0)", {}, ndim=3) == "Σ G over axis 0"
    assert notation("np.sum(G, axis=0)", {}, ndim=1) == "Σ G"


@pytest.mark.parametrize(
    ("text", "elementwise", "shown"),
    [
        ("G * v0", True, "A1"),
        ("G", True, "1"),
        ("-G * v0 / v1", True, "−A1 / X"),
        ("G @ v1.T", False, "G ↦ G @ Xᵀ"),
        ("np.sum(G, axis=1, keepdims=True)", True, "G ↦ Σ G over columns"),
        ("", True, ""),
        ("", False, ""),
    ],
)
def test_derivative(text, elementwise, shown):
    assert derivative(text, NAMES, 2, elementwise) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("G.reshape(-1, 3).T @ v0.reshape(-1, 2)", "Gᵀ @ A"),
        ("np.reshape(G, (3, 2))", "G"),
        ("np.expand_dims(G, 1) * v0", "G × A"),
        ("np.sum(G, axis=tuple(range(G.ndim - 1)))", "Σ G"),
        ("PRIMITIVES['cross_entropy'].vjps[0](G, v0)", "rule of cross_entropy"),
        ("PRIMITIVES['svd'].rule(0)(G, v0)", "rule of svd"),
    ],
)
def test_calls(text, shown):
    assert notation(text, {"v0": "A"}, 2) == shown
