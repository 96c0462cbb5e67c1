"""Pictures of functions, models and data: what is drawn is what was given."""

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor
from autograd.errors import NonFiniteError, ShapeError
from viz.training.embedding import principal_components
from viz.training.matrices import _signed_colours
from viz.training.style import contrast

nn = pytest.importorskip("nn")


def texts(axes):
    return [text.get_text() for text in axes.texts]


# ---- activation ---------------------------------------------------------------------


def test_function_and_derivative():
    figure = viz.activation(np.tanh, autograd.sigmoid)
    for axes, f, slope in zip(
        figure.axes,
        (np.tanh, lambda x: 1 / (1 + np.exp(-x))),
        (lambda y: 1 - y**2, lambda y: y * (1 - y)),
        strict=True,
    ):
        curve, derivative = axes.lines[-2:]
        x = curve.get_xdata()
        np.testing.assert_allclose(curve.get_ydata(), f(x), atol=1e-12)
        np.testing.assert_allclose(derivative.get_ydata(), slope(f(x)), atol=1e-12)
        assert texts(axes) == ["function", "derivative"]
    assert [a.get_title(loc="left") for a in figure.axes] == ["tanh", "sigmoid"]


def test_saturation_is_marked_where_the_slope_is_below_5_percent():
    (axes,) = viz.activation(np.tanh).axes
    left, right = axes.patches
    edge = np.arctanh(np.sqrt(0.95))
    np.testing.assert_allclose(left.get_bbox().x1, -edge, atol=0.01)
    np.testing.assert_allclose(right.get_bbox().x0, edge, atol=0.01)
    assert axes.get_xlabel() == (
        "steepest slope 1 at 0; saturated below −2.18, above 2.18"
    )


def test_relu_has_no_gradient_below_0_and_its_derivative_jumps():
    (axes,) = viz.activation(nn.ReLU()).axes
    assert axes.get_title(loc="left") == "ReLU()"
    assert axes.get_xlabel().endswith("no gradient below 0")
    assert np.isnan(axes.lines[-1].get_ydata()).any()


def test_functions_that_do_not_fit():
    with pytest.raises(
        ShapeError, match=r"must be elementwise, but of shape \(1201,\)"
    ):
        viz.activation(np.sum)
    with pytest.raises(ValueError, match="at least one function"):
        viz.activation()


# ---- boundary -----------------------------------------------------------------------

POINTS = np.array([[-1.0, 0.0], [-0.5, 1.0], [0.5, 0.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    "model",
    [
        lambda X: X[:, 0],
        lambda X: X[:, :1],
        lambda X: 1 / (1 + np.exp(-9 * X[:, 0])),
        lambda X: np.stack([-X[:, 0], X[:, 0]], axis=1),
        lambda X: Tensor(X)[:, 0],
    ],
    ids=["logits", "column", "probabilities", "two classes", "Tensor"],
)
def test_the_border_lies_where_the_model_is_undecided(model):
    (axes,) = viz.boundary(model, POINTS, [0, 0, 1, 1]).axes
    (border,) = axes.collections
    (path,) = border.get_paths()
    np.testing.assert_allclose(path.vertices[:, 0], 0.0, atol=0.02)
    assert axes.get_title(loc="left") == "all 4 points right"
    assert sorted(texts(axes)) == ["class 0", "class 1"]
    image = axes.images[0].get_array()
    left, right = image[80, 5], image[80, -5]
    assert left[0] > left[2]  # orange
    assert right[0] < right[2]  # blue


def test_points_are_drawn_by_class_and_wrong_ones_crossed_out():
    (axes,) = viz.boundary(lambda X: X[:, 0], POINTS, [-1, 1, 1, 1]).axes
    first, second, wrong = axes.lines
    np.testing.assert_array_equal(first.get_xydata(), POINTS[:1])
    np.testing.assert_array_equal(second.get_xydata(), POINTS[1:])
    np.testing.assert_array_equal(wrong.get_xydata(), POINTS[1:2])
    assert first.get_marker() != second.get_marker()
    assert axes.get_title(loc="left") == "1 of 4 points wrong (crossed out)"
    assert "class -1" in texts(axes)


def test_names_of_regions_stand_in_them_and_can_be_read():
    (axes,) = viz.boundary(lambda X: X[:, 0], POINTS, [0, 0, 1, 1]).axes
    for text in axes.texts:
        assert (text.get_position()[0] > 0) == (text.get_text() == "class 1")
        assert contrast(text.get_color(), "#9fcbe4") >= 3


def test_three_classes_of_which_one_has_no_point():
    def model(X):
        return np.stack([-X[:, 0], X[:, 0], X[:, 1]], axis=1)

    (axes,) = viz.boundary(model, POINTS, [0, 0, 1, 1]).axes
    assert {"class 0", "class 1", "class 2"} == set(texts(axes))


def test_the_model_is_evaluated_and_left_as_it_was():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(2, 2, rng=rng), nn.Dropout(0.5, rng=rng))
    state = rng.bit_generator.state
    model[1].eval()
    viz.boundary(model, POINTS, [0, 0, 1, 1])
    assert rng.bit_generator.state == state
    assert [m.training for m in model.modules()] == [True, True, False]


def test_data_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"X must have shape \(n, 2\), got \(4, 3\)"):
        viz.boundary(len, np.ones((4, 3)), [0, 0, 1, 1])
    with pytest.raises(ShapeError, match="one class for each of 4 points"):
        viz.boundary(len, POINTS, [0, 1])
    with pytest.raises(ShapeError, match="the model tells 2 classes apart"):
        viz.boundary(lambda X: X, POINTS, [0, 1, 2, 3])
    with pytest.raises(ShapeError, match="the model must return shape"):
        viz.boundary(lambda X: X.sum(), POINTS, [0, 0, 1, 1])


# ---- confusion ----------------------------------------------------------------------


def test_counts_recall_and_precision(layout):
    targets, predictions = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 0]
    figure = viz.confusion(predictions, targets, labels=["cat", "dog", "$cow$"])
    (axes,) = figure.axes
    cells = np.array(texts(axes)[:9]).reshape(3, 3)
    assert cells.tolist() == [["2", "1", "0"], ["0", "2", "0"], ["1", "0", "0"]]
    assert texts(axes)[9:15] == ["67%", "67%", "100%", "67%", "0%", "none"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["cat", "dog", "$cow$"]
    assert "4 of 6 right, 66.7%" in [t.get_text() for t in figure.texts]
    assert not layout(figure).overlapping(axes.texts)
    assert not layout(figure).outside()


def test_the_order_of_arguments_is_that_of_the_metrics():
    """Rows are true classes: also where a metric's matrix is drawn."""
    predictions, targets = [1, 1, 2, 0], [0, 1, 1, 2]
    matrix = np.zeros((3, 3), int)
    np.add.at(matrix, (targets, predictions), 1)
    drawn = [
        texts(viz.confusion(*given).axes[0])[:9]
        for given in ((predictions, targets), (matrix,))
    ]
    assert drawn[0] == drawn[1] == [str(count) for count in matrix.flat]
    (axes,) = viz.confusion(targets=targets, predictions=predictions).axes
    assert texts(axes)[:9] == drawn[0]


def test_numbers_can_be_read_on_their_cells():
    counts = np.diag([100, 1, 50]) + np.array([[0, 9, 30], [1, 0, 0], [50, 0, 0]])
    (axes,) = viz.confusion(counts).axes
    for text, cell in zip(axes.texts, axes.patches, strict=False):
        ground = "#" + "".join(
            f"{round(255 * c):02x}" for c in cell.get_facecolor()[:3]
        )
        assert contrast(text.get_color(), ground) >= 4.5


def test_a_class_that_does_not_occur_has_its_row():
    (axes,) = viz.confusion([0, 2], [0, 2], labels=["a", "b", "c"]).axes
    assert len(axes.patches) == 9


def test_confusions_that_do_not_fit():
    with pytest.raises(ShapeError, match="2 predictions, but 3 targets"):
        viz.confusion([0, 1], [0, 1, 1])
    with pytest.raises(ShapeError, match=r"must have shape \(C, C\), got \(3,\)"):
        viz.confusion([0, 1, 1])
    with pytest.raises(ValueError, match="whole numbers"):
        viz.confusion([[0.5, 1], [1, 1]])
    with pytest.raises(ValueError, match="1 labels for 2 classes"):
        viz.confusion([0, 1], [0, 1], labels=["a"])


# ---- weights, filters, attention ----------------------------------------------------


def test_signs_differ_in_colour_and_brightness():
    image = _signed_colours(np.array([[1.0, -1.0, 0.0, np.nan]]))
    blue, orange, white, red = image[0]
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]
    assert np.all(white == 1)
    assert red[0] > 2 * red[1]
    grey = image[0] @ [0.2126, 0.7152, 0.0722]
    assert grey[1] - grey[0] > 0.2


def test_weights_of_each_layer(trained):
    figure = viz.weights(trained.model)
    matrices, histograms = figure.axes[::2], figure.axes[1::2]
    named = [("Linear 0", 0), ("Linear 2", 2), ("Linear 5", 5)]
    for (name, k), axes, below in zip(named, matrices, histograms, strict=True):
        weight = trained.model[k].weight.data
        assert axes.get_title(loc="left").startswith(name)
        shown = axes.images[0].get_array()
        np.testing.assert_allclose(shown, _signed_colours(weight))
        (signs,) = axes.lines
        places = np.argwhere(weight < 0)[:, ::-1]
        np.testing.assert_array_equal(signs.get_xydata(), places)
        assert sum(bar.get_height() for bar in below.patches) == weight.size
        assert below.get_xlabel().startswith("mean ")


def test_weights_that_are_not_finite_are_told():
    figure = viz.weights(np.array([[1.0, np.nan, np.inf]]))
    assert figure.axes[1].get_xlabel().endswith("2 not finite")


def test_weights_of_what_has_none():
    with pytest.raises(TypeError, match="a model with named_parameters"):
        viz.weights("nothing")
    with pytest.raises(ShapeError, match=r"an array of shape \(\)"):
        viz.weights(1.0)


@pytest.mark.parametrize(
    ("shape", "count"), [((6, 1, 3, 3), 6), ((5, 3, 4, 4), 5), ((2, 4, 3, 3), 8)]
)
def test_filters(shape, count):
    kernels = np.random.default_rng(0).standard_normal(shape)
    figure = viz.filters(kernels)
    assert len(figure.axes) == count
    image = np.asarray(figure.axes[0].images[0].get_array())
    scale = np.abs(kernels).max()
    if shape[1] == 3:
        expected = 0.5 + 0.5 * kernels[0].transpose(1, 2, 0) / scale
    else:
        expected = _signed_colours(kernels[0, 0], scale)
    np.testing.assert_allclose(image, expected)


def test_filters_of_a_layer_and_of_many():
    layer = nn.Conv2d(1, 100, 3, rng=np.random.default_rng(0))
    figure = viz.filters(layer)
    assert len(figure.axes) == 32
    assert any("68 more are not shown" in text.get_text() for text in figure.texts)
    with pytest.raises(ShapeError, match=r"\(out, in, height, width\), got \(3, 3\)"):
        viz.filters(np.ones((3, 3)))


def test_attention(layout):
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(4), size=(2, 4))
    tokens = ["the", "cat", "$sat$", "<b>"]
    figure = viz.attention(weights, tokens)
    for axes, head in zip(figure.axes, weights, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), head)
        assert [t.get_text() for t in axes.get_yticklabels()] == tokens
        assert texts(axes) == [f"{row.max():.2f}" for row in head]
    assert [axes.get_xlabel() for axes in figure.axes] == ["head 1", "head 2"]
    assert not layout(figure).outside()


def test_attention_from_one_sequence_to_another():
    (axes,) = viz.attention(np.ones((2, 3)) / 3, ["a", "b"], keys=["x", "y", "z"]).axes
    assert [t.get_text() for t in axes.get_xticklabels()] == ["x", "y", "z"]
    with pytest.raises(ShapeError, match=r"for 2 queries and 2 keys .* got \(2, 3\)"):
        viz.attention(np.ones((2, 3)) / 3, ["a", "b"])


# ---- embedding ----------------------------------------------------------------------


def test_components_are_those_of_the_covariance():
    rng = np.random.default_rng(0)
    array = rng.standard_normal((50, 6)) @ np.diag([5, 3, 1, 0.5, 0.2, 0.1]) + 7
    points, shares = principal_components(array)
    values, vectors = np.linalg.eigh(np.cov(array.T))
    np.testing.assert_allclose(shares, values[::-1][:2] / values.sum(), atol=6e-4)
    projected = (array - array.mean(axis=0)) @ vectors[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(points), np.abs(projected), atol=1e-9)


def test_the_sign_is_always_the_same():
    rng = np.random.default_rng(0)
    array = rng.standard_normal((20, 4))
    turned = array[rng.permutation(20)]
    one, other = principal_components(array)[0], principal_components(turned)[0]
    np.testing.assert_allclose(np.sort(one, axis=0), np.sort(other, axis=0), atol=1e-9)


def test_words_beside_their_points(layout):
    rng = np.random.default_rng(0)
    words = [f"word {k}" for k in range(15)]
    figure = viz.embedding(rng.standard_normal((15, 5)), words)
    (axes,) = figure.axes
    assert texts(axes) == words
    assert not layout(figure).overlapping(axes.texts)


def test_classes_with_their_names_in_the_middle(layout):
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 20)
    centres = np.array([[0, 0, 0], [8, 0, 0], [0, 8, 0]])
    figure = viz.embedding(centres[labels] + rng.standard_normal((60, 3)), labels)
    (axes,) = figure.axes
    assert texts(axes) == ["0", "1", "2"]
    classes = [line for line in axes.lines if len(line.get_xdata()) == 20]
    assert len({line.get_marker() for line in classes}) == 3
    for text, line in zip(axes.texts, classes, strict=True):
        np.testing.assert_allclose(text.xy, np.median(line.get_xydata(), axis=0))


def test_a_layer_one_vector_and_no_labels():
    layer = nn.Embedding(5, 3, rng=np.random.default_rng(0))
    assert viz.embedding(layer).axes[0].lines
    assert viz.embedding([[1.0, 2.0]], ["only"]).axes[0].texts
    assert (
        viz.embedding([[1.0], [2.0]])
        .axes[0]
        .get_xlabel()
        .endswith("100% of the variance")
    )


def test_embeddings_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"shape \(n, d\), got \(3,\)"):
        viz.embedding([1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match="1 labels for 2 vectors"):
        viz.embedding([[1.0], [2.0]], ["a"])
    with pytest.raises(NonFiniteError, match="vector 1 is not finite"):
        viz.embedding([[1.0], [np.nan]])
