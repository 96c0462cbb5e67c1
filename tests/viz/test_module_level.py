"""The module level: what a layer is, what comes out, how large its gradient is."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Tensor, scope
from viz.gauges import BAR_WIDTH, log_bar
from viz.histogram import BINS, Histogram
from viz.numbers import magnitude, number
from viz.theme import THEMES


def perceptron(seed=0):
    """Return a classifier 2-16-1 with a sigmoid, its loss, and what it was given."""
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(2, 16, rng=rng), nn.Sigmoid(), nn.Linear(16, 1, rng=rng), nn.Sigmoid()
    )
    X = rng.standard_normal((64, 2)).astype(np.float32)
    Y = (rng.random((64, 1)) < 0.4).astype(np.float32)
    return model, nn.BCELoss()(model(X), Y), X


def drawn(loss, **options):
    return viz.graph(loss, detail="module", **options)


def boxes(graph):
    """Return the boxes of a drawing by title; of several with one title the last."""
    return {node.title: node.box for node in graph._picture.nodes if node.box}


def norm_of(module):
    """Return the size of the gradient of all parameters together, with NumPy."""
    gradients = [p.grad.astype(float).ravel() for p in module.parameters()]
    return np.linalg.norm(np.concatenate(gradients))


# ---- layers of nn


def test_a_layer_says_what_it_is_and_where(read_drawing):
    _, loss, _ = perceptron()
    loss.backward()
    nodes = list(read_drawing(drawn(loss)).nodes().values())
    assert [texts[:4] for texts in nodes if texts[0] == "Linear 2 → 16"] == [
        ["Linear 2 → 16", "0", "out 64×16", "48 params"]
    ]
    assert [texts[:3] for texts in nodes if texts[0] == "Sigmoid"] == [
        ["Sigmoid", "1", "out 64×16"],
        ["Sigmoid", "3", "out 64×1"],
    ]
    assert ["BCELoss"] in nodes
    assert read_drawing(drawn(loss)).clusters() == ["Sequential"]


def test_printed_gradients_are_the_norms_of_the_arrays(read_drawing):
    model, loss, _ = perceptron()
    loss.backward()
    printed = {
        texts[1]: text
        for texts in read_drawing(drawn(loss)).nodes().values()
        for text in texts
        if text.startswith("‖")
    }
    assert printed == {
        path: f"‖∂L/∂W‖ = {magnitude(norm_of(model[int(path)]))}" for path in ("0", "2")
    }


def test_histograms_count_like_numpy():
    model, loss, X = perceptron()
    loss.backward()
    out = model[1](model[0](X)).data
    (box,) = (b for b in boxes_in_order(drawn(loss)) if b.path == "1")
    assert box.histogram.counts == tuple(np.histogram(out, BINS, (0, 1))[0])
    assert (box.histogram.low, box.histogram.high) == (0, 1)
    assert (box.histogram.least, box.histogram.most) == (out.min(), out.max())
    card = drawn(loss)._picture.nodes[0]
    assert card.histogram.counts == tuple(np.histogram(X, BINS)[0])


def boxes_in_order(graph):
    return [node.box for node in graph._picture.nodes if node.box]


def test_the_columns_are_as_high_as_the_counts(read_drawing):
    """The heights in the SVG, rounded to points, are proportional to the counts."""
    data = np.repeat(np.arange(20.0), np.arange(20))
    w = Tensor(np.ones(1), name="w")
    with scope("layer"):
        loss = (np.tanh(w) * data).sum()
    graph = drawn(loss, names={"data": data})
    (group,) = (
        g
        for g in read_drawing(graph)._groups("node")
        if "data" in "".join(g.itertext())
    )
    colour = THEMES["light"].quiet
    heights = []
    for shape in group.iter("{http://www.w3.org/2000/svg}polygon"):
        points = [p.split(",") for p in shape.get("points").split()]
        ys = [float(y) for _, y in points]
        if shape.get("fill") == colour:
            heights.append(max(ys) - min(ys))
    counts = np.histogram(data, BINS)[0]
    expected = [max(1, round(34 * n / counts.max())) for n in counts if n]
    assert heights == pytest.approx(expected, abs=0.02)


def test_gradients_are_a_dash_before_backward(read_drawing):
    _, loss, _ = perceptron()
    graph = drawn(loss)
    texts = [t for ts in read_drawing(graph).nodes().values() for t in ts]
    assert texts.count("‖∂L/∂W‖ —") == 2
    assert "‖∂L/∂W‖ = —" in graph.table()
    assert "sizes" not in graph.alt


def test_an_unnamed_input_is_a_card(read_drawing):
    _, loss, X = perceptron()
    drawing = read_drawing(drawn(loss))
    nodes = drawing.nodes()
    assert nodes["n0"][:3] == ["input", "64×2", f"mean {number(X.mean())}"]
    assert ("n0", "n1", "64×2") in drawing.edges()
    assert "input" not in drawn(loss, names={"X": X}).table()
    assert "X" in drawn(loss, names={"X": X}).alt


def test_the_steps_of_a_sequence_are_one_input():
    steps = [np.full((4, 3), float(t)) for t in range(9)]
    W, U = Tensor(np.eye(3) * 0.1, name="W"), Tensor(np.eye(3) * 0.2, name="U")
    h = np.zeros((2, 3))[:1]
    with scope("recurrent"):
        for x in steps:
            h = np.tanh(x @ W + h @ U)
    nodes = drawn((h * h).sum())._picture.nodes
    cards = [n for n in nodes if n.title == "input"]
    assert [card.shape for card in cards] == [(9, 4, 3)]
    assert cards[0].value.high == 8


def test_a_recurrent_layer_is_one_box_and_all_its_steps_are_one_node():
    rng = np.random.default_rng(0)
    layer = nn.RNN(3, 8, rng=rng)
    out, _ = layer(rng.standard_normal((5, 4, 3)).astype(np.float32))
    loss = (out[-1] ** 2).sum()
    loss.backward()
    assert boxes(drawn(loss))["RNN 3 → 8"].parameters == 104
    picture = viz.graph(loss, detail="tensor")._picture
    (weight,) = (n.id for n in picture.nodes if n.title == "weight_hh_l0")
    assert sum(link.tail == weight for link in picture.links) == 1


def test_convolutions_and_pooling_tell_their_kernels():
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    )
    out = model(rng.standard_normal((2, 1, 10, 10)).astype(np.float32))
    found = boxes(drawn((out * out).sum()))
    assert list(found) == [
        "Conv2d 1 → 4, 3×3, stride=2",
        "ReLU",
        "MaxPool2d 2×2",
        "Flatten",
    ]
    assert found["MaxPool2d 2×2"].outputs == ((2, 4, 2, 2),)


def test_a_caption_follows_the_layer():
    rng = np.random.default_rng(0)
    layer = nn.Dropout(0.5, rng=rng)
    x = Tensor(np.ones((2, 3)))
    assert layer(x).scope[-1].caption == "Dropout 0.5"
    layer.p = 0.25
    assert layer(x).scope[-1].caption == "Dropout 0.25"
    model = nn.Sequential(layer)
    assert model(x).scope == ("Sequential", "0")
    assert model(x).scope[1].caption == "Dropout 0.25"


def test_a_failing_extra_repr_does_not_fail_the_computation():
    class Odd(nn.Module):
        def extra_repr(self):
            raise RuntimeError("not yet")

        def forward(self, x):
            return x * 2

    assert Odd()(Tensor(np.ones(2))).scope[0].caption == "Odd"


def test_patterns_fit_captions_and_labels():
    _, loss, _ = perceptron()

    def opened(pattern):
        graph = drawn(loss, expand=pattern)
        return [n.symbol for n in graph._picture.nodes if n.kind == "operation"]

    assert opened("Linear 2*") == opened("0") != []
    assert len(opened("Linear*")) == 2


def test_a_transformer_of_twelve_layers_fits():
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        *[nn.TransformerEncoderLayer(8, 2, 16, rng=rng) for _ in range(12)]
    )
    x = rng.standard_normal((3, 2, 8)).astype(np.float32)
    graph = drawn((model(x) ** 2).sum())
    layers = [n for n in graph._picture.nodes if n.kind == "box" and n.box.parameters]
    assert [n.box.path for n in layers] == [str(k) for k in range(12)]
    assert {n.box.parameters for n in layers} == {
        sum(p.size for p in model[0].parameters())
    }


# ---- groups written by hand


def test_a_group_without_caption_shows_the_same(network, read_drawing):
    network.cost.backward()
    graph = drawn(network.cost, names=network.names())
    hand = network.hand()
    norm = np.sqrt((hand["W1"] ** 2).sum() + (hand["b1"] ** 2).sum())
    assert [
        "layer 1",
        "out 3×4",
        "9 params",
        f"‖∂cost/∂W‖ = {magnitude(norm)}",
    ] in read_drawing(graph).nodes().values()
    assert f"‖∂cost/∂W‖ = {norm:.6g}" in graph.table()


def test_an_activation_outside_all_groups_is_a_box(read_drawing):
    X = np.linspace(-2, 2, 12).reshape(3, 4)
    W = Tensor(np.eye(3), name="W")
    with scope("layer"):
        Z = W @ X
    A = autograd.sigmoid(Z)
    with scope("loss"):
        loss = (A * A).sum()
    graph = drawn(loss)
    nodes = read_drawing(graph).nodes().values()
    assert [t[:2] for t in nodes if t[0] == "sigmoid"] == [["sigmoid", "out 3×4"]]
    assert boxes(graph)["sigmoid"].histogram.counts == tuple(
        np.histogram(A.data, BINS, (0, 1))[0]
    )
    # Where its value has a name, the card of the value has the histogram.
    assert "sigmoid" not in boxes(drawn(loss, names={"A": A}))


def test_values_none_and_grads_off_hide(network, read_drawing):
    network.cost.backward()

    def texts(**options):
        graph = drawn(network.cost, names=network.names(), **options)
        return [t for ts in read_drawing(graph).nodes().values() for t in ts]

    assert "9 params" in texts(values="none")
    assert not any(t.startswith("‖") for t in texts(values="none"))
    assert not any("∂" in t for t in texts(grads=False))


# ---- the bar


def filled(norm):
    """Return how many points of the bar are in the colour of gradients."""
    theme = THEMES["light"]
    cells = re.findall(rf'WIDTH="(\d+)"[^>]*{theme.gradient}', log_bar(norm, theme, 8))
    return sum(map(int, cells))


def test_the_bar_is_logarithmic():
    full = filled(1.0)
    assert filled(1e-6) == filled(1e-9) == filled(0.0) == filled(None) == 0
    assert filled(1e-3) == full / 2
    assert filled(1e-2) - filled(1e-4) == full / 3
    assert filled(50.0) == filled(np.inf) == full
    assert filled(np.nan) == 0


@pytest.mark.parametrize("norm", [None, 0.0, 3e-5, 0.02, 1.0])
def test_the_bar_has_six_decades_and_one_length(norm):
    theme = THEMES["light"]
    row = re.search(r"</TR><TR>(.*?)</TR><TR>", log_bar(norm, theme, 8))[1]
    widths = list(map(int, re.findall(r'WIDTH="(\d+)"', row)))
    assert sum(widths) == BAR_WIDTH
    assert len(re.findall(r'WIDTH="1" HEIGHT="6" FIXEDSIZE="TRUE" BGC', row)) >= 7


def test_the_legend_explains_bar_and_histogram():
    _, loss, _ = perceptron()
    text = drawn(loss).source.replace("<BR/>", " ")
    assert "size of the gradient ‖∂L/∂W‖" in text
    assert "log scale" in text
    assert "one tick" in text
    assert "histogram: the values that come out" in text
    assert "tick" not in drawn(loss, legend=False).svg()
    assert "tick" not in drawn(loss, grads=False).svg()


def test_the_header_ends_where_its_colour_ends():
    """The fill's share is computed here, the height by Graphviz: they must agree."""
    _, loss, _ = perceptron()
    svg = drawn(loss, direction="LR").svg()
    ends = re.findall(
        r'<linearGradient[^>]* y1="([-\d.]+)"[^>]* y2="([-\d.]+)"[^>]*>\s*'
        r'<stop[^>]*>\s*<stop offset="([\d.]+)"',
        svg,
    )
    heights = [abs(float(a) - float(b)) * float(share) for a, b, share in ends]
    assert len(heights) == 4  # two layers, the input and the result
    assert heights == pytest.approx([20] * 4, abs=0.7)


# ---- numbers that are none, and names that are hostile


def test_nan_is_told_in_words(read_drawing):
    model, loss, _ = perceptron()
    loss.backward()
    model[0].weight.grad[0, 0] = np.nan
    graph = drawn(loss)
    texts = [t for ts in read_drawing(graph).nodes().values() for t in ts]
    assert "‖∂L/∂W‖ = NaN" in texts
    assert "not finite in 1 layer (Linear 2 → 16)" in graph.alt
    x = Tensor(np.array([1.0, np.nan, np.inf, 2.0]))
    with scope("layer"):
        y = x * 1
    graph = drawn(np.tanh(y).sum())
    texts = [t for ts in read_drawing(graph).nodes().values() for t in ts]
    assert "1 not finite" in texts  # tanh(inf) = 1
    assert "1 not finite" in graph.table()


@pytest.mark.parametrize(
    ("data", "total"),
    [
        ([], 0),
        ([np.nan, np.inf], 0),
        ([0.5, 0.5 + 1e-16], 2),
        ([0.5, np.nextafter(0.5, 1)], 2),
        ([-1.7e308, 1.7e308, 0.0], 3),
        ([0.0, 5e-324], 2),
        ([1e300] * 3, 3),
    ],
)
def test_histograms_of_extreme_numbers(data, total):
    histogram = Histogram.of([data])
    assert len(histogram.counts) == BINS
    assert sum(histogram.counts) == total
    assert histogram.unusual == len(data) - total


@pytest.mark.parametrize(
    ("low", "high"),
    [(-1.2345e-300, 2.3456e300), (-123456.7, -123456.6), (np.nan, 1e-9)],
)
def test_long_numbers_below_a_histogram_are_quiet(low, high, capfd):
    x = Tensor(np.append(np.linspace(low, high, 9), [low, high]), name="x")
    with scope("once"):
        y = x * 1
    with scope("twice"):
        z = x * 2
    graph = drawn(y.sum() + z.sum())
    assert [box.histogram.unusual for box in boxes_in_order(graph)] == [
        np.isnan(x.data).sum()
    ] * 2
    graph.png()
    assert capfd.readouterr() == ("", "")


def test_gradients_neither_overflow_nor_underflow():
    for size in (1e-200, 1e200):
        w = Tensor(np.ones(4), name="w")
        with scope("layer"):
            y = w * 2
        loss = y.sum()
        loss.backward()
        w.grad[...] = size
        assert boxes(drawn(loss))["layer"].norm == pytest.approx(2 * size, rel=1e-12)


HOSTILE = '</TD></TR><b>&"\\N\x00\u202e]]>' + "x" * 300


def test_hostile_captions(read_drawing):
    w = Tensor(np.ones((3, 4)), name=HOSTILE)
    with scope(HOSTILE, HOSTILE + "!"), scope("in" + HOSTILE, HOSTILE):
        y = np.tanh(w) * 2
    loss = (y * y).sum()
    loss.backward()
    for options in ({}, {"expand": "*"}, {"detail": "tensor", "collapse": "in*"}):
        graph = viz.graph(loss, **{"detail": "module", **options})
        text = " ".join(t for ts in read_drawing(graph).nodes().values() for t in ts)
        assert "\x00" not in graph.source + graph.table() + graph.alt + text
        assert "\u202e" not in graph.source + graph.table() + graph.alt + text
        assert "<b>" not in graph.source.replace("<B>", "")


def test_nothing_is_printed_and_every_process_draws_the_same():
    script = (
        "import sys; sys.path[:0] = ['tests/viz', '.']\n"
        "from test_module_level import perceptron, drawn\n"
        "loss = perceptron()[1]; loss.backward(); g = drawn(loss)\n"
        "g.png(); g.pdf(); sys.stdout.write(g.source + g.table())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONIOENCODING": "utf-8"},
    )
    loss = perceptron()[1]
    loss.backward()
    graph = drawn(loss)
    assert run.stderr == b""
    assert run.stdout.decode() == graph.source + graph.table()


def test_table_and_alt_hold_all_numbers():
    model, loss, X = perceptron()
    loss.backward()
    graph = drawn(loss)
    table = graph.table()
    for path in (0, 2):
        assert f"‖∂L/∂W‖ = {norm_of(model[path]):.6g}" in table
    assert "Linear 2 → 16  (0, out 64×16, 48 parameters)" in table
    counts = ", ".join(map(str, np.histogram(X, BINS)[0]))
    assert f"histogram from {X.min():.6g} to {X.max():.6g}: {counts}" in table
    assert graph.alt.startswith(
        f"Computation graph of L = {loss.item():.3g}, with gradients: 5 boxes "
        "(Linear 2 → 16, Sigmoid, Linear 16 → 1, Sigmoid, BCELoss) and 1 data array "
        "(input). Gradients of the layers have sizes from "
    )


def test_golden_layers(golden):
    X = np.array([[0.0, 1.0, 2.0, 3.0, 4.0, 6.0], [1.0, -1.0, 0.5, 0.0, 2.0, -2.0]])
    W = Tensor([[0.5, -0.25], [1.0, 0.75]], name="W")
    with scope("net.fc", caption="Linear 2 → 2"):
        Z = W @ X
    with scope("net.act", caption="Tanh"):
        A = np.tanh(Z)
    with scope("squared error"):
        loss = (A * A).sum()
    loss.backward()
    golden("layers.dot", drawn(loss, names={"X": X}, direction="LR").source)
