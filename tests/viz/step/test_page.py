"""The page as text: its numbers, its size, and that nothing foreign can run in it."""

import base64
import hashlib
import html
import itertools
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import viz
from autograd import Tensor, relu, scope, sigmoid
from viz.theme import THEMES

ROOT = Path(__file__).parents[3]


class Page(HTMLParser):
    """A page taken apart: elements, and the text of style and scripts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.inside = []
        self.texts = {}
        self.svg = re.search(r"<svg.*?</svg>", text, re.DOTALL)[0]
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside.append((tag, dict(attributes)))

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.inside:
            tag, attributes = self.inside[-1]
            key = attributes.get("id", tag)
            self.texts[key] = self.texts.get(key, "") + data

    @property
    def lesson(self):
        return json.loads(self.texts["lesson"])

    def policy(self):
        content = next(a["content"] for _, a in self.elements if a.get("http-equiv"))
        return dict(part.split(" ", 1) for part in content.split("; "))


@pytest.fixture
def article(network):
    page = viz.step(network.cost, names=network.names(), title="Two layers")
    return network, page, Page(page.html())


def shown(lesson, step, position):
    """Return label and numbers of one matrix in the page."""
    label, index = lesson["steps"][step]["equation"][position]
    array = lesson["arrays"][index]
    if not isinstance(array, dict):
        return label, np.array(array, dtype=float)
    cells = np.array([float(str(x).replace("−", "-")) for x in array["cells"]])
    return label, cells.reshape(-1, array["columns"])


def test_every_number_in_the_page_is_numpys(article):
    _, page, parsed = article
    lesson = parsed.lesson
    checked = 0
    for k, step in enumerate(page.steps):
        for position, item in enumerate(step.equation):
            if isinstance(item, str):
                assert lesson["steps"][k]["equation"][position] == item
                continue
            label, numbers = shown(lesson, k, position)
            assert label == item.label
            expected = np.atleast_2d(item.value.whole)
            np.testing.assert_allclose(
                np.atleast_2d(numbers), expected, rtol=6e-6, atol=0
            )
            checked += numbers.size
    assert checked > 400


def test_the_gradient_of_the_article_is_in_the_page(article):
    network, page, parsed = article
    titles = [step.title for step in page.steps]
    k = titles.index("dot passes a gradient to W1")
    label, numbers = shown(parsed.lesson, k, -1)
    assert label == "∂cost/∂W1"
    np.testing.assert_allclose(numbers, network.hand()["W1"], rtol=6e-6)


def test_the_texts_of_the_steps_are_in_the_page(article):
    _, page, parsed = article
    for step, entry in zip(page.steps, parsed.lesson["steps"], strict=True):
        assert entry["title"] == step.title
        assert entry.get("formula", "") == step.formula
        assert entry.get("chain", "") == step.chain
        assert entry.get("notes", []) == list(step.notes)


def test_only_our_own_script_and_style_may_run(article):
    _, page, parsed = article
    policy = parsed.policy()
    assert policy["default-src"] == "'none'"
    assert set(policy) == {
        "default-src", "script-src", "style-src", "base-uri", "form-action",
    }  # fmt: skip
    text = page.html()
    for tag in ("script", "style"):
        content = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(content) == 1
        digest = base64.b64encode(hashlib.sha256(content[0].encode()).digest())
        assert policy[f"{tag}-src"] == f"'sha256-{digest.decode()}'"
    assert not any("style" in attributes for _, attributes in parsed.elements)
    assert not any(
        key.startswith("on") for _, attributes in parsed.elements for key in attributes
    )


def test_nothing_is_loaded(article):
    _, page, parsed = article
    assert not re.search(r"https?:|url\((?!#)|@import|\bsrc=|\bhref=", page.html())
    tags = {tag for tag, _ in parsed.elements}
    assert not tags & {"link", "img", "iframe", "object", "embed", "a", "base"}


def test_the_drawing_is_well_formed_and_shows_the_numbers(article):
    network, _, parsed = article
    svg = ElementTree.fromstring(parsed.svg)
    nodes = {g.get("id"): g for g in svg.iter("g") if g.get("class") == "node"}
    (card,) = [
        g for g in nodes.values() if "".join(g.itertext()).strip().startswith("W1")
    ]
    parts = {g.get("class"): ["".join(t.itertext()) for t in g] for g in card.iter("g")}
    values = [float(x.replace("−", "-")) for x in parts["v"] if x]
    np.testing.assert_allclose(values, network.W1.data.ravel(), atol=0.006)
    gradients = [float(x.replace("−", "-")) for x in parts["d"] if x]
    np.testing.assert_allclose(gradients, network.hand()["W1"].ravel(), atol=0.0006)


def test_every_node_and_arrow_of_a_step_is_in_the_drawing(article):
    _, page, parsed = article
    ids = {element.get("id") for element in ElementTree.fromstring(parsed.svg).iter()}
    for step in page.steps:
        nodes = {step.operation, step.target, *step.sources, step.value_of} - {""}
        assert nodes <= ids
        assert {f"e{k}" for k in step.arrows} <= ids


def test_both_themes_are_in_the_page(article):
    _, page, _ = article
    text = page.html()
    for name, light in vars(THEMES["light"]).items():
        dark = getattr(THEMES["dark"], name)
        assert f"--{name}:light-dark({light},{dark})" in text
    assert "prefers-reduced-motion" in text
    assert "@media print" in text
    assert "<noscript>" in text


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_theme_at_the_start(network, theme):
    page = viz.step(network.cost, theme=theme).html()
    assert f'<html lang="en" data-scheme="{theme}">' in page


def test_controls_have_names(article):
    parsed = article[2]
    controls = [
        (t, a) for t, a in parsed.elements if t in ("button", "input", "select")
    ]
    assert len(controls) == 11
    for _, attributes in controls:
        assert attributes.get("aria-label") or parsed.texts[attributes["id"]].strip()
        assert "tabindex" not in attributes


def test_the_picture_is_described_without_its_numbers(article):
    _, _, parsed = article
    label = ElementTree.fromstring(parsed.svg).get("aria-label")
    assert label == (
        "Computation graph of cost: 16 operations, 4 parameters (W1, b1, W2, b2) and "
        "3 data arrays (X, (1 − Y), Y)"
    )


def network_of(sizes, samples):
    """Return cost and names of a network with relu layers and a sigmoid at the end."""
    rng = np.random.default_rng(0)
    A, names = rng.random((sizes[0], samples)), {}
    names["X"] = A
    Y = (rng.random((1, samples)) > 0.5) * 1.0
    for k, (n, m) in enumerate(itertools.pairwise(sizes), start=1):
        W, b = Tensor(rng.standard_normal((m, n)) * 0.1), Tensor(np.zeros((m, 1)))
        with scope(f"layer {k}"):
            Z = W @ A + b
            A = relu(Z) if k < len(sizes) - 1 else sigmoid(Z)
        names |= {f"W{k}": W, f"b{k}": b, f"Z{k}": Z, f"A{k}": A}
    with scope("cross-entropy"):
        cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / samples
    return cost, {**names, "Y": Y, "cost": cost}


def test_pages_are_small(article):
    """Check 6: the article's network, and one with 109,000 parameters."""
    _, page, _ = article
    assert len(page.html().encode()) < 100_000
    cost, names = network_of((784, 128, 64, 1), 100)
    large = viz.step(cost, names=names)
    assert len(large.html().encode()) < 100_000


def test_large_tensors_are_summarised():
    cost, names = network_of((784, 128, 64, 1), 100)
    page = viz.step(cost, names=names)
    lesson = Page(page.html()).lesson
    titles = [step.title for step in page.steps]
    k = titles.index("matmul passes a gradient to W1")
    array = lesson["arrays"][lesson["steps"][k]["equation"][-1][1]]
    assert (array["shape"], array["rows"], array["width"]) == ("128×784", 128, 784)
    assert len(array["cells"]) == 20
    gradient = names["Z1"].data * 0
    cost.backward()
    gradient = names["W1"].grad
    _, numbers = shown(lesson, k, -1)
    np.testing.assert_allclose(numbers, gradient[:4, :5], rtol=6e-6)
    assert array["summary"].startswith("mean ")


def test_numbers_that_json_does_not_know():
    x = Tensor([0.0, 1.0], name="x")
    with np.errstate(all="ignore"):
        cost = np.sum(np.log(x) * np.array([1.0, np.nan]))
    text = viz.step(cost).html()
    arrays = Page(text).lesson["arrays"]
    cells = [x for array in arrays if isinstance(array, dict) for x in array["cells"]]
    assert {"NaN", "−inf", "inf"} <= {x for x in cells if isinstance(x, str)}


def test_an_empty_matrix_and_many_axes():
    x = Tensor(np.zeros((0, 3)), name="x")
    y = Tensor(np.ones((2, 3, 4)), name="y")
    page = viz.step(np.sum(x * 2) + np.sum(np.tanh(y)))
    assert Page(page.html()).lesson["steps"]


def test_save_writes_one_file_whole(article, tmp_path):
    _, page, _ = article
    path = page.save(tmp_path / "new" / "lesson.html")
    assert path.read_text(encoding="utf-8") == page.html()
    assert [p.name for p in path.parent.iterdir()] == ["lesson.html"]
    for name in ("lesson.pdf", "lesson"):
        with pytest.raises(ValueError, match=r"is not \.html"):
            page.save(tmp_path / name)


def test_save_leaves_the_old_file_if_it_fails(article, tmp_path, monkeypatch):
    _, page, _ = article
    path = tmp_path / "lesson.html"
    path.write_text("old")

    def fail(*_):
        raise OSError("disk")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk"):
        page.save(path)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_notebook_shows_it_in_a_frame(article):
    _, page, _ = article
    text = page._repr_html_()
    frame = re.fullmatch(r"<iframe ([^>]*)></iframe>", text)[1]
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', frame))
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["title"] == "Two layers"
    assert html.unescape(attributes["srcdoc"]) == page.html()


def test_the_same_graph_gives_the_same_page():
    code = (
        "import numpy as np, viz, hashlib\n"
        "from autograd import Tensor\n"
        "W = Tensor([[1.0, -2.0]], name='W')\n"
        "cost = (np.tanh(W @ np.ones((2, 3))) ** 2).mean()\n"
        "print(hashlib.sha256(viz.step(cost).html().encode()).hexdigest())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("1", "2")
    ]
    first, second = (process.communicate(timeout=60)[0] for process in running)
    assert len(first) == 65
    assert first == second


def test_text_cannot_leave_its_place(article):
    network, _, _ = article
    name = "</script></title><!--<script>\u2028\u2029&amp;]]>"
    network.W1.name = name
    text = viz.step(network.cost, title=name).html()
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert text.count("</title>") == 1
    assert "\u2028" not in text
    parsed = Page(text)
    assert "</script></title><!--<script> &amp;]]>" in parsed.texts["lesson"] or any(
        "</script></title>" in step["title"] for step in parsed.lesson["steps"]
    )
    ElementTree.fromstring(parsed.svg)
