"""Names are not trusted: whatever they hold, the files are well-formed and inert."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import viz
from autograd import Tensor, scope
from viz.names import clean

ATTACKS = [
    "<script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "<a href='https://example.org'>x</a>",
    '<TABLE HREF="https://example.org"><TR><TD>x</TD></TR></TABLE>',
    "]]></text><script/>",
    "<!-- --><!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "&lt;b&gt; &#0; &nosuch;",
    "\\N \\G \\E \\T \\H \\L \\n \\l",
    'n0"]; n1 [label="owned',
    "}; digraph x {",
    "<B>bold</I>",
    "a\nb\r\nc\td\x0be\u2028f",
    "\x00\x01\x08\x1b[31m\x7f\x9f",
    "\ud800 lone \udfff",
    "\u202eevil\u202c \u2066x\u2069 \u200f",
    "\ufffe\uffff\ufdd0",
    "x" * 10_000,
    "__import__('os').system('true') // ${7*7} {{7*7}} %s",
    "(" * 300,
    "日本語 α ₂ 🙂",
    "",
    " ",
]

ALLOWED = {"svg", "g", "title", "polygon", "path", "ellipse", "text", "polyline"}
ALLOWED |= {"defs", "linearGradient", "stop"}


def attacked(name, detail):
    x = Tensor(np.ones((2, 2)) if detail != "scalar" else 1.0, name=name)
    w = Tensor(x.data.copy(), name=name)
    with scope(name):
        y = x * w
    y.name = name
    with scope("outer"), scope(name):
        z = np.tanh(y).sum()
    z.backward()
    collapse = "*" if detail == "module" else ()
    return viz.graph(z, names={name: w}, detail=detail, title=name, collapse=collapse)


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("detail", ["tensor", "scalar", "module"])
def test_every_file_is_well_formed_and_holds_no_markup(name, detail, capfd):
    graph = attacked(name, detail)
    root = ElementTree.fromstring(graph.svg())
    for element in root.iter():
        assert element.tag.partition("}")[2] in ALLOWED
        for key, value in element.attrib.items():
            assert not key.lower().startswith("on")
            assert "href" not in key.lower()
            assert "script" not in value.lower()
    for text in (graph.svg(), graph.alt, graph.table()):
        text.encode("utf-8")
    assert re.findall(r"^\t*(n\d+) \[", graph.source, re.MULTILINE)
    ElementTree.fromstring(graph._repr_html_().removesuffix(">") + "/>")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ATTACKS[:6] + ATTACKS[9:16])
def test_png_and_pdf_are_written(name):
    graph = attacked(name, "tensor")
    assert graph.png(scale=1).startswith(b"\x89PNG")
    assert graph.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("name", ["\\N \\G", "a & b < c", "]]>", "日本語 α"])
def test_names_are_shown_as_they_are(name, read_drawing):
    x = Tensor(np.ones((2, 2)), name=name)
    texts = [t for ts in read_drawing(viz.graph(x * 2)).nodes().values() for t in ts]
    assert name in texts


def test_clean():
    assert clean("a\nb\r\nc") == "a b c"
    assert clean("\x00\ud800\u202e") == "\ufffd" * 3
    assert len(clean("x" * 201)) == 200
    assert clean("x" * 200) == "x" * 200


def test_names_in_formulas_are_not_parsed(read_drawing):
    x = Tensor(np.ones(2), name="x + 1) * (2")
    y = Tensor(np.ones(2), name="np.exp")
    texts = [text for _, _, text in read_drawing(viz.graph(x * y)).edges()]
    assert "G × np.exp" in texts
    assert "G × x + 1) * (2" in texts


def test_given_names_go_first_and_unused_ones_are_ignored(read_drawing):
    x = Tensor(np.ones(2), name="own")
    names = {"_private": x, "given": x, "other": x, "n": 3, "f": print, "l": [x]}
    assert "given" in read_drawing(viz.graph(x * 2, names=names)).cards()
    assert "own" in read_drawing(viz.graph(x * 2, names={"y": Tensor(1.0)})).cards()


def test_several_dicts(read_drawing):
    x, y = Tensor(np.ones(2)), Tensor(np.ones(2))
    cards = read_drawing(viz.graph(x * y, names=[{"x": x}, {"y": y}])).cards()
    assert {"x", "y"} <= set(cards)


def test_unnamed_arrays_are_numbered(read_drawing):
    x = Tensor(np.ones(2))
    graph = viz.graph(x * np.ones(2) + np.ones(2))
    cards = read_drawing(graph).cards()
    assert {"parameter", "data 1", "data 2"} <= set(cards)


def test_data_that_are_one_minus_named_data_are_called_so():
    y = np.array([[0.0, 1.0, 1.0]])
    a = Tensor([[0.2, 0.5, 0.7]], name="A")
    cost = -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))
    text = viz.graph(cost, names={"Y": y}).source
    assert "(1 − Y)" in text
    assert "G × (1 − Y)" in text
    assert "G × data 1" in viz.graph(cost).source
