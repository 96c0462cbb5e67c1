"""`viz.init_study`: gradients right after initialisation."""

import numpy as np
import pytest

import viz
from autograd import Tensor
from autograd.errors import ShapeError

DEPTH, WIDTH = 6, 16
X = np.random.default_rng(1).standard_normal((32, WIDTH))
Y = np.random.default_rng(2).standard_normal((32, WIDTH))


class Net:
    def __init__(self, function, scale):
        rng = np.random.default_rng(0)
        self.function = function
        size = (WIDTH, WIDTH)
        self.W = [Tensor(scale * rng.standard_normal(size)) for _ in range(DEPTH)]

    def named_parameters(self):
        return [(f"{k}.weight", W) for k, W in enumerate(self.W)]

    def __call__(self, x):
        for W in self.W:
            x = self.function(x @ W)
        return x


def tanh_net(scale):
    return Net(np.tanh, scale)


def relu_net(scale):
    return Net(lambda z: np.maximum(0, z), scale)


INITS = {"small": 0.01, "large": 3.0, "Xavier": WIDTH**-0.5}


@pytest.fixture(scope="module")
def figure():
    return viz.init_study({"tanh": tanh_net, "relu": relu_net}, X, Y, INITS)


def gradients(net):
    np.mean((net(X) - Y) ** 2).backward()
    return [np.linalg.norm(W.grad) for W in net.W]


@pytest.mark.parametrize(("kind", "make"), [("tanh", tanh_net), ("relu", relu_net)])
def test_lines_are_the_norms_of_the_gradients(figure, plot, kind, make):
    axes = plot(figure, kind)
    assert axes.get_yscale() == "log"
    assert axes.lines[0].get_ydata()[0] == 1  # the guide line
    for line, (name, scale) in zip(axes.lines[1:], INITS.items(), strict=True):
        assert line.get_label() == name
        np.testing.assert_array_equal(line.get_xdata(), range(1, DEPTH + 1))
        expected = np.clip(gradients(make(scale)), 1e-12, 1e12)
        np.testing.assert_allclose(line.get_ydata(), expected)


def test_all_plots_have_the_same_axis(figure):
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_verdicts_in_words(figure, plot):
    assert "vanishing: small" in plot(figure, "tanh").get_xlabel()
    relu = plot(figure, "relu").get_xlabel()
    assert "exploding: large" in relu
    assert "Xavier" not in relu


def test_activations_of_five_depths(figure):
    bars = [axes for axes in figure.axes if axes.patches]
    assert len(bars) == 5 * len(INITS)
    x, W = X, tanh_net(INITS["large"]).W
    out = [x := np.tanh(x @ w.data) for w in W]
    row = [axes.get_title(loc="left") for axes in bars[5:10]]
    for text, k in zip(row, (0, 1, 2, 4, 5), strict=True):
        depth, numbers = text.split(": ")
        assert depth == str(k + 1)
        assert f"std {out[k].std():.3f}".rstrip("0") in numbers
        share = np.mean(1 - out[k] ** 2 < 0.05)
        assert f"saturated {100 * share:.0f}%" in numbers


def test_the_activations_of_another_model(figure):
    other = viz.init_study(
        {"tanh": tanh_net, "relu": relu_net}, X, Y, INITS, detail="relu"
    )
    notes = [axes.get_title(loc="left") for axes in other.axes if axes.patches]
    assert all("dead units" in note for note in notes)


def test_labels_do_not_overlap(figure, layout):
    found = layout(figure)
    assert not found.outside()
    assert not found.overlapping([t for axes in figure.axes for t in axes.texts])
    titles = [axes.title for axes in figure.axes if axes.get_title()]
    assert not found.overlapping([*titles, *figure.texts])


def test_gradients_that_overflow_stand_at_the_top_and_are_named():
    figure = viz.init_study(relu_net, X, Y, {"huge": 1e60})
    (axes, *_) = figure.axes
    assert axes.lines[1].get_ydata().max() == axes.get_ylim()[1]
    assert "exploding: huge" in axes.get_xlabel()


def test_a_loss_of_ones_own():
    figure = viz.init_study(
        tanh_net, X, None, {"Xavier": 0.25}, loss=lambda out, _: np.sum(out)
    )
    net = tanh_net(0.25)
    np.sum(net(X)).backward()
    expected = [np.linalg.norm(W.grad) for W in net.W]
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata(), expected)


def test_what_does_not_fit():
    with pytest.raises(ShapeError, match=r"returns shape \(32, 16\), Y has \(32,\)"):
        viz.init_study(tanh_net, X, Y[:, 0], INITS)
    with pytest.raises(ValueError, match="0 initialisations"):
        viz.init_study(tanh_net, X, Y, {})
    with pytest.raises(ValueError, match="detail is 'gelu'"):
        viz.init_study({"tanh": tanh_net}, X, Y, INITS, detail="gelu")
    with pytest.raises(TypeError, match="must have named_parameters"):
        viz.init_study(lambda init: np.tanh, X, Y, INITS)
