"""`viz.graph` as a reader of the pictures sees it."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor, no_grad, scalars, scope
from viz.render import largest_dpi

ALL_NAMES = {"X", "W1", "b1", "Z1", "A1", "W2", "b2", "Z2", "A2", "Y", "cost"}


def test_article_network_is_all_there(network, read_drawing):
    network.cost.backward()
    drawing = read_drawing(viz.graph(network.cost, names=network.names()))
    assert set(drawing.cards()) == ALL_NAMES
    assert drawing.clusters() == ["layer 1", "layer 2"]
    boxes = [texts for texts in drawing.nodes().values() if texts == ["cross-entropy"]]
    assert len(boxes) == 1


def test_every_printed_number_is_the_number_of_the_array(network, read_drawing):
    network.cost.backward()
    cards = read_drawing(viz.graph(network.cost, names=network.names())).cards()
    hand = network.hand()
    for name, (values, gradients) in cards.items():
        tensor = getattr(network, name)
        data = tensor.data if isinstance(tensor, Tensor) else tensor
        assert_printed(values, data)
        if name in ("X", "Y"):
            assert gradients == []
        else:
            assert_printed(gradients, hand[name])


def assert_printed(printed, array):
    numbers = np.ravel(array)
    assert len(printed) == numbers.size
    for (shown, allowed), number in zip(printed, numbers, strict=True):
        assert abs(shown - number) <= allowed


def test_formulas_stand_on_the_arrows(network, read_drawing):
    drawing = read_drawing(viz.graph(network.cost, names=network.names()))
    texts = [text for _, _, text in drawing.edges() if text]
    assert sorted(texts) == sorted(
        [
            "G @ Xᵀ",
            "G",
            "Σ G over columns",
            "G × A1 × (1 − A1)",
            "W2ᵀ @ G",
            "G @ A1ᵀ",
            "G",
            # b2 has one row: its gradient sums columns as well.
            "Σ G over columns",
            "G × A2 × (1 − A2)",
        ]
    )


def test_unnamed_values_are_written_as_expressions(read_drawing):
    z = Tensor(np.ones((2, 2)), name="z")
    a = 1 / (1 + np.exp(-z))
    texts = [text for _, _, text in read_drawing(viz.graph(a)).edges()]
    assert "G × exp(−z)" in texts
    assert "−G × L / (1 + exp(−z))" in texts


@pytest.mark.parametrize("detail", ["scalar", "tensor"])
def test_a_value_used_twice_has_two_arrows(detail, read_drawing):
    a = Tensor(3.0, name="a")
    b = a + a
    b.backward()
    edges = read_drawing(viz.graph(b, detail=detail, edges="local")).edges()
    pairs = [(tail, head) for tail, head, _ in edges]
    assert pairs.count(("n0", "n1")) == 2
    text = {"scalar": "×1", "tensor": "1"}[detail]
    assert [t for tail, _, t in edges if tail == "n0"] == [text, text]


def test_scalar_nodes_show_name_value_gradient_and_derivatives(neuron, read_drawing):
    L, names = neuron
    L.backward()
    drawing = read_drawing(viz.graph(L, names=names))
    nodes = list(drawing.nodes().values())
    assert ["w1 = −1", "∂ −0.442"] in nodes
    assert ["×", "L = 0.715", "∂ 1"] in nodes
    assert ["x1 = 2"] in nodes
    assert drawing.clusters() == ["neuron", "squared error"]
    texts = [text for _, _, text in drawing.edges()]
    assert texts.count("×−0.846") == 2
    assert "×0.131" in texts


def test_scalars_of_an_array_are_named_by_index(read_drawing):
    W = scalars([[1.0, 2.0]])
    out = np.sum(np.dot(W, np.array([[3.0], [4.0]])))
    nodes = read_drawing(viz.graph(out, names={"W": W, "out": out})).nodes().values()
    firsts = [text for texts in nodes for text in texts]
    assert "W[0,0] = 1" in firsts
    assert "W[0,1] = 2" in firsts


def test_arrays_are_found_in_dicts_of_locals_and_drawn_once(read_drawing):
    X = np.ones((2, 2))
    parameters = {"W": Tensor(np.eye(2))}
    _private = X
    Z = np.dot(parameters["W"], X) * X
    drawing = read_drawing(viz.graph(Z, names=locals()))
    assert set(drawing.cards()) == {"W", "X", "Z"}


def test_numbers_are_dotted_constants(read_drawing):
    x = Tensor(np.ones(2), name="x")
    graph = viz.graph(x * 2.5 + 1)
    assert ["2.5"] in read_drawing(graph).nodes().values()
    assert graph.source.count("dotted") >= 2


def test_gradients_are_a_dash_before_backward(network, read_drawing):
    graph = viz.graph(network.cost, names=network.names())
    marks = [
        text
        for texts in read_drawing(graph).nodes().values()
        for text in texts
        if text.startswith("∂")
    ]
    assert "∂cost/∂W1 —" in marks
    assert all(mark.endswith("—") for mark in marks)
    assert "without gradients" in graph.alt


def test_numbers_are_copied(network, read_drawing):
    network.cost.backward()
    graph = viz.graph(network.cost, names=network.names())
    before = graph.table()
    with no_grad():
        network.W1 -= 1.0
    network.W1.grad[...] = 7.0
    network.X[...] = 9.0
    assert graph.table() == before
    assert "9" not in {text for t in read_drawing(graph).nodes().values() for text in t}


def test_drawing_changes_nothing(network):
    network.cost.backward()
    before = [x.copy() for x in (network.W1.data, network.W1.grad, network.X)]
    viz.graph(network.cost, names=network.names()).svg()
    after = [network.W1.data, network.W1.grad, network.X]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# ---- options


def test_values(network, read_drawing):
    network.cost.backward()

    def texts(values):
        graph = viz.graph(network.cost, names=network.names(), values=values)
        return [t for ts in read_drawing(graph).nodes().values() for t in ts]

    assert any(text.startswith("mean ") for text in texts("stats"))
    assert not any(text.startswith("mean ") for text in texts("full"))
    assert not any(text.startswith("∂") for text in texts("none"))
    assert "W1" in texts("none")


def test_auto_values_summarise_what_does_not_fit(read_drawing):
    x = Tensor(np.arange(30.0).reshape(5, 6), name="x")
    y = x * x
    (auto,) = (t for t in read_drawing(viz.graph(y)).nodes().values() if t[0] == "x")
    assert auto[2] == "mean 14.5"
    full = viz.graph(y, values="full")
    (grid,) = (t for t in read_drawing(full).nodes().values() if t[0] == "x")
    assert grid[2:] == [
        *("0", "1", "2", "3", "4", "…"),
        *("6", "7", "8", "9", "10", "…"),
        *("12", "13", "14", "15", "16", "…"),
        *("18", "19", "20", "21", "22", "…"),
        "⋮",
        "∂L/∂x —",
    ]


def test_edges(network, read_drawing):
    def texts(edges):
        graph = viz.graph(network.cost, names=network.names(), edges=edges)
        return {text for _, _, text in read_drawing(graph).edges()} - {""}

    assert texts("none") == set()
    assert texts("shape") == {"2×4", "3×2", "3×4", "3×1", "1×4", "1×3", "1×1"}
    assert {"A1 × (1 − A1)", "G ↦ G @ Xᵀ", "1"} <= texts("local")


def test_grads_off(network):
    network.cost.backward()
    graph = viz.graph(network.cost, names=network.names(), grads=False)
    assert "∂" not in graph.table()


def test_collapse_and_expand(network, read_drawing):
    def drawn(**options):
        return read_drawing(viz.graph(network.cost, names=network.names(), **options))

    closed = drawn(collapse="layer *")
    assert closed.clusters() == []
    assert set(closed.cards()) == {"X", "Y", "cost"}
    assert len(closed.edges()) == 5
    opened = drawn(expand="cross-*", direction="TB")
    assert opened.clusters() == ["layer 1", "layer 2", "cross-entropy"]
    assert drawn(collapse=["layer 1"]).clusters() == ["layer 2"]


def test_module_level_has_one_box_per_group(network, read_drawing):
    graph = viz.graph(network.cost, names=network.names(), detail="module")
    nodes = list(read_drawing(graph).nodes().values())
    assert ["layer 1", "out 3×4", "9 params", "‖∂cost/∂W‖ —"] in nodes
    assert ["layer 2", "out 1×4", "4 params", "‖∂cost/∂W‖ —"] in nodes
    assert ["cross-entropy"] in nodes
    assert "3×4" in [text for _, _, text in read_drawing(graph).edges()]


def test_a_group_that_recurs_is_one_box(read_drawing):
    h, w = Tensor(np.ones(2), name="h0"), Tensor(np.ones(2), name="w")
    for _ in range(3):
        with scope("cell"):
            h = np.tanh(h * w)
    graph = viz.graph(h.sum(), collapse="cell")
    assert [t for t in read_drawing(graph).nodes().values() if "cell" in t] == [
        ["cell"]
    ]
    opened = read_drawing(viz.graph(h.sum()))
    (shared,) = (id for id, texts in opened.nodes().items() if texts[0] == "w")
    assert sum(shared in (tail, head) for tail, head, _ in opened.edges()) == 3


def test_direction(network):
    def rankdir(**options):
        source = viz.graph(network.cost, names=network.names(), **options).source
        return re.search(r"rankdir=(\w+)", source)[1]

    assert rankdir(direction="LR") == "LR"
    assert rankdir(direction="TB") == "TB"
    assert rankdir() == "TB"  # wider than 1,800 pixels
    assert rankdir(collapse="layer *") == "LR"


def test_title_legend_and_theme(neuron):
    L, names = neuron
    graph = viz.graph(L, names=names, title="One <neuron>", theme="dark")
    assert "One &lt;neuron&gt;" in graph.svg()
    assert "trainable parameter" in graph.svg()
    assert '<polygon fill="#16181c"' in graph.svg()
    plain = viz.graph(L, names=names, legend=False)
    assert "trainable parameter" not in plain.svg()
    assert '<polygon fill="#ffffff"' in plain.svg() or 'fill="white"' in plain.svg()


def test_header_colour_ends_where_the_header_ends(network):
    """The fill's share is computed here, the height by Graphviz: they must agree."""
    svg = viz.graph(network.cost, names=network.names(), direction="LR").svg()
    root = ElementTree.fromstring(svg)
    ns = "{http://www.w3.org/2000/svg}"
    checked = 0
    for group in root.iter(f"{ns}g"):
        gradient = group.find(f"{ns}defs/{ns}linearGradient")
        if group.get("class") != "node" or gradient is None:
            continue
        top, bottom = sorted(float(gradient.get(key)) for key in ("y1", "y2"))
        share = float(gradient.findall(f"{ns}stop")[1].get("offset"))
        assert (bottom - top) * share == pytest.approx(20, abs=0.7)
        checked += 1
    assert checked == 7  # W1 b1 W2 b2 X Y cost


def test_second_derivatives_draw(read_drawing):
    x = Tensor(0.5, name="x")
    slope = autograd.grad(lambda t: np.sin(t) ** 2)(x)
    assert isinstance(slope, Tensor)
    assert len(read_drawing(viz.graph(slope)).nodes()) > 3


# ---- what a Graph can do


def test_save_writes_every_format(neuron, tmp_path):
    graph = viz.graph(neuron[0], names=neuron[1])
    starts = {
        ".svg": b"<?xml",
        ".png": b"\x89PNG",
        ".pdf": b"%PDF",
        ".dot": b"digraph",
        ".gv": b"digraph",
    }
    for suffix, start in starts.items():
        path = graph.save(tmp_path / "new" / f"graph{suffix}")
        assert path.read_bytes().startswith(start)
    ElementTree.fromstring((tmp_path / "new" / "graph.svg").read_bytes())


def test_unknown_suffix_names_the_known_ones(neuron, tmp_path):
    with pytest.raises(ValueError, match=r"'\.jpg'.*\.svg, \.png, \.pdf"):
        viz.graph(neuron[0]).save(tmp_path / "new" / "graph.jpg")
    assert list(tmp_path.iterdir()) == []


def test_png_scale(neuron):
    graph = viz.graph(neuron[0])

    def width(png):
        return int.from_bytes(png[16:20], "big")

    assert width(graph.png(scale=4)) == pytest.approx(2 * width(graph.png()), rel=0.01)
    assert width(graph.png(scale=0.5)) == pytest.approx(
        width(graph.png()) / 4, rel=0.02
    )


def test_png_never_exceeds_what_cairo_can_draw():
    svg = b'<svg width="7200pt" height="100pt"'
    assert largest_dpi(svg) * 100 == pytest.approx(32_000)  # 100 inches


def test_notebook_display_is_an_image_with_alt_text(neuron):
    graph = viz.graph(neuron[0], names={**neuron[1], 'L"><script>': neuron[0]})
    bundle = graph._repr_mimebundle_()
    html = bundle["text/html"]
    assert html == graph._repr_html_()
    image = ElementTree.fromstring(html.replace('">', '"/>').replace("/>", "/>", 1))
    assert image.tag == "img"
    assert "Computation graph of" in image.get("alt")
    head, _, encoded = image.get("src").partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(encoded).decode() == graph.svg() == graph._repr_svg_()


def test_alt_is_one_sentence(network):
    network.cost.backward()
    alt = viz.graph(network.cost, names=network.names()).alt
    assert alt == (
        f"Computation graph of cost = {network.cost.item():.3g}, with gradients: "
        "6 operations, 1 collapsed group (cross-entropy), "
        "4 parameters (W1, b1, W2, b2) and 2 data arrays (X, Y)."
    )


def test_table_holds_all_numbers(network):
    network.cost.backward()
    table = viz.graph(network.cost, names=network.names()).table()
    numbers = [float(x) for x in re.findall(r"-?\d+\.\d*(?:e[-+]\d+)?", table)]
    for name, gradient in network.hand().items():
        value = np.ravel(getattr(network, name).data)
        for number in (*value, *np.ravel(gradient)):
            assert np.min(np.abs(np.array(numbers) - number)) <= 1e-6 * (
                1 + abs(number)
            )


# ---- bad input


def test_root_must_be_recorded():
    with pytest.raises(TypeError, match=r"recorded tensor.*got float 2\.5"):
        viz.graph(2.5)
    with pytest.raises(TypeError, match=r"no recorded operation made.*name='x'"):
        viz.graph(Tensor(1.0, name="x"))
    with no_grad():
        cut = Tensor(1.0) * 2
    with pytest.raises(TypeError, match="no recorded operation"):
        viz.graph(cut)


@pytest.mark.parametrize("option", ["detail", "direction", "values", "edges", "theme"])
def test_unknown_option_values_name_the_known_ones(option, neuron):
    with pytest.raises(ValueError, match=rf"{option} must be one of '.*', got 'x'"):
        viz.graph(neuron[0], **{option: "x"})


def test_pattern_without_a_group(neuron):
    with pytest.raises(ValueError, match=r"collapse='layer' fits no group.*'neuron'"):
        viz.graph(neuron[0], collapse="layer")


# ---- golden files


def test_golden_neuron(neuron, golden):
    L, names = neuron
    L.backward()
    golden("neuron.dot", viz.graph(L, names=names, direction="LR").source)


def test_golden_layer(golden):
    W = Tensor([[1.0, -0.5], [0.25, 2.0]], name="W")
    b = Tensor([[0.125], [-3.0]], name="b")
    X = np.array([[1.0, 0.0], [2.0, -1.0]])
    with scope("layer"):
        Z = W @ X + b
    A = np.tanh(Z)
    loss = (A * A).sum()
    loss.backward()
    golden("layer.dot", viz.graph(loss, names=locals(), direction="TB").source)


def test_golden_module(network, golden):
    options = {"detail": "module", "direction": "LR", "values": "none"}
    golden("module.dot", viz.graph(network.cost, **options).source)
