"""`viz.monitor`: the page of a run, read back from the figure."""

import numpy as np
import pytest

import viz
from viz.training.record import Record
from viz.training.style import WRONG, contrast


@pytest.fixture(scope="module")
def page(trained):
    return viz.monitor(trained.monitor, data=trained.validation)


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


def words(figure):
    return " | ".join(text.get_text() for text in figure.texts)


def test_what_is_on_the_page(page):
    assert [title for title in titles(page) if title] == [
        "Loss",
        "Accuracy",
        "Decision boundary",
        "Gradient norm per layer (log scale)",
        "Update size ÷ weight size (log scale)",
        "Weights of Linear 0 over time",
        "Weights of Linear 2 over time",
        "Weights of Linear 5 over time",
    ]
    assert "epoch 12: train loss" in words(page)
    assert "gradient flow: " in words(page)
    assert "SGD, learning rate 1" in words(page)


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("Gradient norm per layer (log scale)", "gradients"),
        ("Update size ÷ weight size (log scale)", "updates"),
    ],
)
def test_lines_of_layers(page, plot, trained, title, columns):
    axes = plot(page, title)
    assert axes.get_yscale() == "log"
    recorded = getattr(trained.record, columns)
    for line, column in zip(axes.lines, recorded.values(), strict=False):
        np.testing.assert_array_equal(line.get_xdata(), trained.record.when)
        np.testing.assert_array_equal(line.get_ydata(), column)
    labels = {text.get_text() for text in axes.texts}
    assert set(recorded) <= labels
    low, high = axes.get_ylim()
    assert low <= min(map(min, recorded.values()))
    assert high >= max(map(max, recorded.values()))


def test_the_rule_of_thumb(page, plot):
    axes = plot(page, "Update size ÷ weight size (log scale)")
    assert any(set(np.ravel(line.get_ydata())) == {1e-3} for line in axes.lines)
    assert "rule of thumb 10⁻³" in [text.get_text() for text in axes.texts]


def test_histograms_of_activations(page, trained):
    bars = [axes for axes in page.axes if axes.patches]
    last = trained.record.activations[-1]
    for axes, found in zip(bars, last, strict=True):
        assert [bar.get_height() for bar in axes.patches] == list(found.counts)
        assert axes.get_xlim() == (found.low, found.high)
        assert found.name in words(page)
        assert found.notes in words(page)


def test_weights_over_time(page, plot, trained):
    axes = plot(page, "Weights of Linear 2 over time")
    (mesh,) = axes.collections
    history = trained.record.weights["Linear 2"]
    counts = np.array(history.counts).T
    shown = np.asarray(mesh.get_array()).reshape(counts.shape)
    np.testing.assert_allclose(shown**2, counts / counts.max(axis=0))


def test_texts_do_not_overlap_and_can_be_read(page, layout):
    found = layout(page)
    assert not found.outside()
    for axes in page.axes:
        assert not found.overlapping(
            [text for text in axes.texts if text.get_transform() == axes.transAxes]
        )
        below = [t for t in axes.get_xticklabels() if t.get_text()]
        assert not found.overlapping(below)
    assert not found.overlapping(page.texts)
    assert all(contrast(text.get_color()) >= 4.5 for text in page.texts)


def test_a_failure_is_marked_in_all_plots_over_time(trained):
    data = trained.record.to_dict()
    data["failure"] = {"epoch": 12.4, "reason": "the loss is nan", "place": "Linear 2"}
    figure = viz.monitor(Record.from_dict(data))
    assert "the loss is nan; first in Linear 2" in words(figure)
    for axes in figure.axes[:5]:
        red = [line for line in axes.lines if line.get_color() == WRONG]
        assert {float(line.get_xdata()[0]) for line in red} == {12.4}
        assert "the loss is nan" in [text.get_text() for text in axes.texts]
        assert axes.get_xlim()[1] == 12.4


def test_only_a_history(trained):
    figure = viz.monitor(trained.history)
    assert titles(figure) == [
        "Loss",
        "Accuracy",
        "Learning rate",
        "Gradient norm, all layers (log scale)",
        "Update size, all layers (log scale)",
    ]
    np.testing.assert_array_equal(
        figure.axes[3].lines[0].get_ydata(), trained.history["grad_norm"]
    )


def test_of_many_layers_some_are_told_apart(layout):
    names = [f"fc{k}" for k in range(40)]
    record = Record(
        history={"loss": [1.0, 0.5]},
        when=[1.0, 2.0],
        gradients={name: [1.0, 10.0 ** (-k / 4)] for k, name in enumerate(names)},
        updates={name: [1e-3, 1e-3] for name in names},
        activations=[[], []],
    )
    figure = viz.monitor(record)
    axes = figure.axes[1]
    assert len(axes.lines) == 40
    labels = [text.get_text() for text in axes.texts]
    assert {"fc0", "fc39"} <= set(labels)
    assert len(labels) == 6
    assert not layout(figure).overlapping(axes.texts)
    assert "fc39" not in " ".join(figure.texts[-1].get_text().split(";")[1:3])


def test_nothing_yet():
    with pytest.raises(ValueError, match="no epoch is complete yet"):
        viz.monitor(viz.Monitor())
