"""`viz.derivation`: LaTeX, a page in MathML, plain text, files, notebooks."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd
import viz
from autograd import Tensor, scope
from tests.autograd.derivation.samples import OURS, record

SCRIPT = "<script>alert(1)</script>"


def parsed(page):
    """Parse a page as XML, which is stricter than HTML."""
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


@pytest.mark.parametrize("operation", OURS)
def test_every_operation(operation):
    for sample in OURS[operation].samples:
        with np.errstate(all="ignore"):
            out = record(operation, sample)
        derivation = viz.derivation(out)
        page = parsed(derivation.html())
        assert len(list(page.iter("math"))) >= 4
        assert derivation.text().startswith("Forward pass\n")


def test_the_network_of_the_article(network):
    derivation = viz.derivation(network.cost, names=network.names())
    assert derivation.text() == TEXT.strip("\n")


TEXT = """
Forward pass
 layer 1
  Z1 (3×4) = W1 X + b1
  A1 (3×4) = σ(Z1)
 layer 2
  Z2 (1×4) = W2 A1 + b2
  A2 (1×4) = σ(Z2)
 cross-entropy
  cost = −1/4 ∑[j=1..4] (log(A2) ⊙ Y + log(1 − A2) ⊙ (1 − Y))[1j]
Backward pass
 cross-entropy
  ∂cost/∂cost = 1
  ∂cost/∂A2 (1×4) = −1/4 Y/A2 + 1/4 (1 − Y)/(1 − A2)    \
[squeeze, …, multiply, log + squeeze, …, log, subtract]
 layer 2
  ∂cost/∂Z2 (1×4) = ∂cost/∂A2 ⊙ A2 ⊙ (1 − A2)    [sigmoid]
  ∂cost/∂Z2 (1×4) = 1/4 (A2 − Y)    [simplified; the numbers agree]
  ∂cost/∂b2 (1×1) = ∑[j=1..4] (∂cost/∂Z2)[·j]    \
[add; copies by broadcasting add up]
  ∂cost/∂W2 (1×3) = ∂cost/∂Z2 A1ᵀ    [add, dot]
  ∂cost/∂A1 (3×4) = W2ᵀ ∂cost/∂Z2    [add, dot]
 layer 1
  ∂cost/∂Z1 (3×4) = ∂cost/∂A1 ⊙ A1 ⊙ (1 − A1)    [sigmoid]
  ∂cost/∂b1 (3×1) = ∑[j=1..4] (∂cost/∂Z1)[·j]    \
[add; copies by broadcasting add up]
  ∂cost/∂W1 (3×2) = ∂cost/∂Z1 Xᵀ    [add, dot]
"""


def test_the_page_stands_alone(network):
    html = viz.derivation(network.cost, names=network.names()).html()
    assert "<script" not in html
    assert not re.search(r"(src|href|url)\s*[=(]", html)
    policy = parsed(html).find("head/meta[@http-equiv='Content-Security-Policy']")
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'"
    assert parsed(html).find("head/title").text == (
        "Derivation of the gradients of cost"
    )


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        assert not any(key.startswith("on") for key, _ in attrs)


def test_hostile_names_are_text():
    x = Tensor([1.0, 2.0], name=f'"{SCRIPT}]]>\x00\u202e')
    with scope(SCRIPT):
        cost = np.sum(np.exp(x))
    derivation = viz.derivation(cost, title=SCRIPT)
    html = derivation.html()
    assert not {"script", "img"} & Tags(html).found
    assert {"script"} & Tags(SCRIPT).found
    assert SCRIPT in parsed(html).find("body/h1").text
    texts = [element.text for element in parsed(html).iter("mtext")]
    assert f'"{SCRIPT}]]>\ufffd\ufffd' in texts


def test_shapes_stand_below(network):
    page = parsed(viz.derivation(network.cost, names=network.names()).html())
    below = [under[1].text for under in page.iter("munder")]
    assert {"3×2", "2×4", "3×1", "1×4"} <= set(below)


def test_notebooks(network):
    derivation = viz.derivation(network.cost, names=network.names())
    assert derivation._repr_latex_().startswith("\\begin{align*}")
    assert derivation._repr_html_().startswith('<div class="derivation">')
    assert repr(derivation) == "<Derivation of the gradients of cost: 10 lines>"


@pytest.mark.parametrize("suffix", [".html", ".tex", ".txt"])
def test_save(network, tmp_path, suffix):
    derivation = viz.derivation(network.cost, names=network.names())
    path = derivation.save(tmp_path / "new" / f"derivation{suffix}")
    content = path.read_text(encoding="utf-8")
    part = {
        ".html": derivation._repr_html_,
        ".tex": derivation.latex,
        ".txt": derivation.text,
    }
    assert part[suffix]() in content


def test_save_knows_three_suffixes(network, tmp_path):
    with pytest.raises(ValueError, match=r"'\.docx' of 'x\.docx' is none of"):
        viz.derivation(network.cost).save(tmp_path / "x.docx")
    assert list(tmp_path.iterdir()) == []


def test_latex_is_that_of_autograd(network):
    names = network.names()
    ours = viz.derivation(network.cost, names=names).latex()
    assert ours == autograd.latex(network.cost, names=names)


def test_one_tensor_as_wrt(network):
    derivation = viz.derivation(network.cost, wrt=network.W2, names=network.names())
    assert "∂W2" in derivation.text()
    assert "∂b2" not in derivation.text()


def test_a_leaf_is_refused():
    with pytest.raises(TypeError, match="derivation: needs a recorded tensor"):
        viz.derivation(Tensor(1.0))


def test_the_graph_of_a_gradient(network):
    x = Tensor([0.3, 0.7], name="x")
    slope = autograd.grad(lambda v: np.sum(np.tanh(v) ** 2))(x)
    text = viz.derivation(np.sum(slope), names={"slope": slope}).text()
    assert "slope (2) = 2 U1 ⊙ (1 − U1²)" in text


def test_a_scalar_graph(neuron):
    L, names = neuron
    text = viz.derivation(L, names=names).text()
    assert "  a = σ(z)" in text
    assert "  ∂L/∂z = ∂L/∂a a (1 − a)    [sigmoid]" in text
    assert "  ∂L/∂w1 = ∂L/∂z x1" in text


def test_later_training_does_not_change_a_derivation(network):
    derivation = viz.derivation(network.cost, names=network.names())
    before = derivation.latex()
    network.W1.data += 1
    network.W1.name = "changed"
    assert derivation.latex() == before


def test_the_same_graph_gives_the_same_text(network):
    first, second = (
        viz.derivation(type(network)().cost, names=None).html() for _ in range(2)
    )
    assert first == second
