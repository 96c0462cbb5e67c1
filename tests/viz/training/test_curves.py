"""`viz.curves`: the lines are the history."""

import numpy as np
import pytest

import viz
from viz.training.style import WRONG, contrast

HISTORY = {
    "loss": [0.9, 0.5, 0.4, 0.3],
    "val_loss": [0.8, 0.6, 0.55, 0.7],
    "val_accuracy": [0.5, 0.8, 0.9, 0.85],
    "lr": [0.1] * 4,
    "grad_norm": [1.0] * 4,
    "seconds": [0.1] * 4,
}


def labels(axes):
    return [text.get_text() for text in axes.texts]


def ring(axes):
    (line,) = [line for line in axes.lines if line.get_label() == "best epoch"]
    return line.get_xydata()[0].tolist()


def test_lines_are_the_columns(plot):
    figure = viz.curves(HISTORY)
    axes = plot(figure, "Loss")
    train, validation = axes.lines[:2]
    np.testing.assert_array_equal(train.get_xdata(), [1, 2, 3, 4])
    np.testing.assert_array_equal(train.get_ydata(), HISTORY["loss"])
    np.testing.assert_array_equal(validation.get_ydata(), HISTORY["val_loss"])
    assert train.get_linestyle() != validation.get_linestyle()
    assert sorted(labels(axes)) == ["train", "validation"]
    accuracy = plot(figure, "Accuracy")
    np.testing.assert_array_equal(
        accuracy.lines[0].get_ydata(), HISTORY["val_accuracy"]
    )
    assert labels(accuracy) == ["validation"]
    assert len(figure.axes) == 2  # what is no metric has no plot
    assert all(axes.get_legend() is None for axes in figure.axes)


def test_the_best_epoch_is_ringed_in_every_plot(plot):
    figure = viz.curves(HISTORY)
    assert ring(plot(figure, "Loss")) == [3, 0.55]
    assert ring(plot(figure, "Accuracy")) == [3, 0.9]


def test_the_history_of_a_trainer(trained, plot):
    figure = viz.curves(trained.history)
    loss = plot(figure, "Loss")
    np.testing.assert_array_equal(loss.lines[0].get_ydata(), trained.history["loss"])
    best = trained.history.best_epoch
    assert ring(loss) == [best + 1, trained.history["val_loss"][best]]
    (told,) = [t.get_text() for t in figure.texts if t.get_text().startswith("epoch")]
    assert f"at epoch {best + 1})" in told


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_breaks_the_line_and_is_marked(plot, value):
    figure = viz.curves({"loss": [0.9, 0.5, value, 0.4]})
    axes = plot(figure, "Loss")
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [0.9, 0.5, np.nan, 0.4])
    red = [line for line in axes.lines if line.get_color() == WRONG]
    assert {float(line.get_xdata()[0]) for line in red} == {3.0}
    assert any(text.startswith("loss is ") for text in labels(axes))


def test_a_validation_loss_that_was_not_measured_is_no_failure(plot):
    history = {"loss": [0.9, 0.5], "val_loss": [np.nan, 0.6]}
    axes = plot(viz.curves(history), "Loss")
    assert not [line for line in axes.lines if line.get_color() == WRONG]
    assert ring(axes) == [2, 0.6]


def test_labels_do_not_overlap_and_can_be_read(layout, plot):
    close = {"loss": [0.9, 0.5], "val_loss": [0.8, 0.5001]}
    figure = viz.curves(close)
    axes = plot(figure, "Loss")
    found = layout(figure)
    assert not found.overlapping(axes.texts)
    assert not found.outside()
    assert all(contrast(text.get_color()) >= 4.5 for text in axes.texts)


@pytest.mark.parametrize(
    "history",
    [
        {"loss": [0.5]},
        {"loss": [0.0, 0.0]},
        {"loss": [np.nan, np.nan]},
        {"loss": [-3.0, -5.0], "val_loss": [1e9, 1e-9]},
        {"loss": [1e300, 1e-300]},
    ],
)
def test_odd_histories_are_drawn(history, layout):
    assert layout(viz.curves(history)).texts()


def test_names_are_text():
    figure = viz.curves({"loss": [1.0, 0.5], "val_$x^2$\n": [0.1, 0.2]})
    assert "$x^2$ " in figure.axes[1].get_title(loc="left")


def test_bad_histories():
    with pytest.raises(ValueError, match="no column 'loss'; it has val_loss"):
        viz.curves({"val_loss": [1.0]})
    with pytest.raises(TypeError, match="maps names of columns to lists"):
        viz.curves([1.0, 0.5])
