"""`viz.sweep`: every run in its place, the best three framed."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

import viz
from viz.training.style import TRAIN, VALIDATION

nn = pytest.importorskip("nn")

RATES, SIZES = [0.01, 0.1, 10.0], [8, 32]


def row(number, config, score, seed=0, status="ok", budget=None):
    metrics = {} if score is None else {"val_accuracy": score}
    return SimpleNamespace(
        configuration=number, config=config, seed=seed, status=status,
        metrics=metrics, budget=budget,
    )  # fmt: skip


def results(rows, score="val_accuracy", mode="max"):
    return SimpleNamespace(rows=rows, score=score, mode=mode)


def grid():
    scores = {(0.01, 8): 0.7, (0.01, 32): 0.8, (0.1, 8): 0.95, (0.1, 32): 0.9}
    rows, histories = [], {}
    for k, (lr, size) in enumerate((a, b) for a in RATES for b in SIZES):
        score = scores.get((lr, size))
        status = "ok" if score else "diverged"
        rows.append(
            row(k, {"lr": lr, "batch size": size, "epochs": 9}, score, 0, status)
        )
        high = 0.7 if score else 50.0
        histories[k] = {
            "loss": [high, 0.5 + 0.01 * k, 0.4],
            "val_loss": [high, 0.6, np.nan if status != "ok" else 0.5],
        }
    return results(rows), histories


def frames(figure):
    return [a for a in figure.artists if a.get_gid() == "best"]


def test_small_plots_have_the_curves_in_their_places():
    found, histories = grid()
    figure = viz.sweep(found, histories)
    assert len(figure.axes) == 6
    for k, axes in enumerate(figure.axes):
        train, validation = axes.lines
        np.testing.assert_array_equal(train.get_xdata(), [1, 2, 3])
        top = 1.3 * 0.7
        expected = np.minimum(histories[k]["loss"], top)
        np.testing.assert_allclose(train.get_ydata(), expected)
        assert train.get_color() == TRAIN.colour
        assert validation.get_color() == VALIDATION.colour
        assert axes.get_ylim() == figure.axes[0].get_ylim()
        assert axes.get_xlim() == figure.axes[0].get_xlim()
    told = [axes.texts[0].get_text() for axes in figure.axes]
    assert told == ["70.0%", "80.0%", "95.0%", "90.0%", "diverged", "diverged"]
    tops = [axes.get_position().y1 for axes in figure.axes]
    lefts = [axes.get_position().x0 for axes in figure.axes]
    assert tops[0] == tops[1] > tops[2] == tops[3] > tops[4]
    assert lefts[0] == lefts[2] == lefts[4] < lefts[1] == lefts[3]
    heads = [text.get_text() for text in figure.texts]
    assert {"batch size 8", "batch size 32", "lr\n0.01", "lr\n0.1", "lr\n10"} <= set(
        heads
    )


def test_the_best_three_are_framed():
    found, histories = grid()
    for figure in (viz.sweep(found, histories), viz.sweep(found)):
        figure.draw(figure.canvas.get_renderer())
        boxes = [frame.get_window_extent() for frame in frames(figure)]
        framed = [
            any(
                box.contains(*axes.bbox.min) and box.contains(*axes.bbox.max)
                for box in boxes
            )
            for axes in figure.axes
        ]
        assert framed == [False, True, True, True, False, False]
        assert not any(
            a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[k + 1 :]
        )


def test_the_smallest_is_best_if_the_sweep_says_so():
    rows = [row(k, {"lr": 10.0**-k}, 0.5 + k / 10) for k in range(5)]
    figure = viz.sweep(results(rows, mode="min"))
    assert len(frames(figure)) == 3
    right = max(frame.get_window_extent().x1 for frame in frames(figure))
    assert right > figure.axes[2].bbox.x0  # 10⁻⁴ is at the left, 1 at the right
    heads = [t.get_text() for t in figure.texts if t.get_text().startswith("lr ")]
    assert heads == ["lr 1×10⁻⁴", "lr 0.001", "lr 0.01", "lr 0.1", "lr 1"]


def test_seeds_are_averaged_and_their_curves_all_drawn():
    rows = [row(0, {"lr": 0.1}, 0.8, 0), row(0, {"lr": 0.1}, 0.9, 1)]
    rows += [row(1, {"lr": 1.0}, 0.9, 0), row(1, {"lr": 1.0}, None, 1, "failed")]
    histories = {(0, seed): {"loss": [1.0, 0.5 + seed]} for seed in (0, 1)}
    figure = viz.sweep(results(rows), histories)
    assert len(figure.axes[0].lines) == 2
    assert figure.axes[0].texts[0].get_text() == "85.0% ± 0.071"
    assert figure.axes[1].texts[0].get_text() == "1/2 failed"
    assert len(frames(figure)) == 1


def test_of_several_budgets_the_largest_counts():
    rows = [row(0, {"lr": 0.1}, 0.5, budget=1), row(0, {"lr": 0.1}, 0.9, budget=3)]
    figure = viz.sweep(results([*rows, row(1, {"lr": 1.0}, 0.6, budget=1)]))
    assert figure.axes[0].texts[0].get_text() == "90.0%"


def random_rows():
    rng = np.random.default_rng(0)
    rows = []
    for k in range(20):
        config = {
            "lr": float(10 ** rng.uniform(-4, 0)),
            "layers": int(rng.integers(1, 4)),
            "activation": str(rng.choice(["tanh", "relu"])),
        }
        ok = k % 7 != 3
        rows.append(
            row(k, config, k / 20 if ok else None, 0, "ok" if ok else "diverged")
        )
    return rows


def test_parallel_coordinates(layout):
    rows = random_rows()
    figure = viz.sweep(results(rows))
    (axes,) = figure.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 4]
    assert len(lines) == 20
    best = [line for line in lines if line.get_linewidth() > 2]
    assert len(best) == 3
    assert len({str(line._dash_pattern) for line in best}) == 3
    lrs = np.log10([r.config["lr"] for r in rows])
    places = (lrs - lrs.min()) / (lrs.max() - lrs.min())
    # The order is that of the rows, the best ones last.
    best_rows = sorted(
        (r for r in rows if r.status == "ok"), key=lambda r: -r.configuration
    )
    top = {r.configuration for r in best_rows[:3]}
    order = [k for k in range(20) if k not in top] + sorted(top)
    for k, line in zip(order, lines, strict=True):
        ys = line.get_ydata()
        assert ys[0] == pytest.approx(places[k])
        assert ys[1] == (rows[k].config["layers"] - 1) / 2
        assert (ys[3] < 0) == (rows[k].status != "ok")
    words = [text.get_text() for text in axes.texts]
    assert "3 diverged" in words
    assert "1: 95.0%" in words
    assert "lr (log)" in words
    labels = [t for t in axes.texts if t.get_transform() == axes.transAxes]
    assert not layout(figure).overlapping(labels)
    assert not layout(figure).outside()


def test_what_nn_sweep_returns():
    def train(config, seed):
        return {"loss": float("nan") if config["lr"] > 1 else config["lr"]}

    with ThreadPoolExecutor(1) as executor:
        found = nn.sweep(
            train, {"lr": [0.1, 0.5, 2.0]}, executor=executor, results=None
        )
    figure = viz.sweep(found)
    assert [a.texts[0].get_text() for a in figure.axes] == ["0.1", "0.5", "diverged"]


def test_one_configuration_and_many_values_of_one():
    (axes,) = viz.sweep(results([row(0, {"lr": 0.1}, 0.5)])).axes
    assert axes.texts[0].get_text() == "50.0%"
    rows = [row(k, {"lr": 0.1 + k}, k / 30) for k in range(30)]
    figure = viz.sweep(results(rows))
    assert len(figure.axes) == 1
    assert figure.get_figwidth() < 10


def test_losses_below_0():
    rows = [row(k, {"lr": 0.1 + k}, 0.5) for k in range(2)]
    figure = viz.sweep(results(rows), {0: {"loss": [-1.0, -7.0]}})
    low, high = figure.axes[0].get_ylim()
    assert low <= -7
    assert high > -1


def test_no_rows():
    with pytest.raises(ValueError, match="the results have no rows"):
        viz.sweep(results([]))
