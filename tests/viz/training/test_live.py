"""The live page as text: what stands in it, and that nothing in it can run."""

import base64
import hashlib
import re
import threading
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

import viz
from viz.training.axis import LinearAxis
from viz.training.chart import Line, bar_chart, line_chart
from viz.training.live import page, write_page
from viz.training.record import Failure, Record

nn = pytest.importorskip("nn")

ATTACKS = [
    "<script>attack()</script>",
    "</script><script>attack()</script>",
    "</title><script>attack()</script>",
    "</style><script>attack()</script>",
    "</svg><script>attack()</script>",
    "--><script>attack()</script>",
    "]]><script>attack()</script>",
    "<img src=x onerror=attack()>",
    '"><img src=x onerror=attack()>',
    "'><svg onload=attack()>",
    '" autofocus onfocus=attack() x="',
    "<iframe srcdoc='<script>parent.attack()</script>'>",
    "<a href=javascript:attack()>x</a>",
    "<base href=https://example.org/>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<style>@import 'https://example.org/x.css'</style>",
    "${attack()} {{attack()}} `attack()` $title",
    "&lt;script&gt;attack()&lt;/script&gt;",
    "\x00<\x00script>attack()</script>",
]


class Reader(HTMLParser):
    """Counts elements, and collects attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attributes]

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def running(trained):
    record = Record.from_dict(trained.record.to_dict())
    record.status = "running"
    return record


def test_it_loads_itself_anew_until_the_run_is_over(running):
    refresh = '<meta http-equiv="refresh" content="2">'
    assert refresh in page(running, 3.5)
    assert refresh not in page(running, 3.5, reload=False)
    for status in ("done", "stopped: no progress", "failed"):
        running.status = status
        assert 'http-equiv="refresh"' not in page(running, 12.0)


@pytest.mark.parametrize(
    ("status", "word"),
    [("running", "running"), ("stopped: no progress", "done"), ("failed", "failed")],
)
def test_what_it_says(running, status, word):
    running.status = status
    text = Reader(page(running, 3.5)).text
    assert f"{word}: training monitor" in text
    assert "after 3.5 of 12 epochs" in text
    assert "epoch 12: train loss" in text
    assert ("no progress" in text) == ("no progress" in status)
    for name in ("Linear 0", "Linear 2 relu", "Linear 5 sigmoid"):
        assert name in text
    for verdict in running.verdicts.values():
        assert verdict in text


def test_a_failure_is_explained(running):
    running.failure = Failure(3.4, "the loss is nan", "Linear 2")
    text = page(running, 3.5)
    assert "the loss is nan; first in Linear 2" in Reader(text).text
    assert text.count('<line class="failure"') == 4  # in every chart


def test_nothing_in_it_can_run_and_nothing_is_loaded(running):
    text = page(running, 1.0)
    tags = Reader(text).tags
    assert not {"script", "img", "iframe", "link", "a", "object"} & set(tags)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "style=" not in text  # the policy would refuse it
    assert len(text) < 60_000


def test_attack_names_are_text(running):
    """Check 5 of the specification, as far as the text goes."""
    clean = Reader(page(running, 1.0))
    data = running.to_dict()
    data["title"] = " ".join(ATTACKS)
    data["history"] = {
        "loss": [1.0, 0.5],
        **{f"val_{name}": [1.0, 0.5] for name in ATTACKS},
    }
    data["failure"] = {"epoch": 1.0, "reason": ATTACKS[0], "place": ATTACKS[7]}
    for column in ("gradients", "updates"):
        data[column] = {name: [1.0] * len(data["when"]) for name in ATTACKS}
    for found in data["activations"][-1]:
        found["name"] = ATTACKS[8]
    attacked = Reader(page(Record.from_dict(data), 1.0))
    assert set(attacked.tags) == set(clean.tags)
    assert not any(name.startswith("on") for name in attacked.attributes)
    assert ATTACKS[0] in attacked.text
    body = page(Record.from_dict(data), 1.0).partition("<body>")[2]
    for svg in re.findall(r"<svg.*?</svg>", body, re.DOTALL):
        ElementTree.fromstring(svg)


def test_a_reader_never_sees_half_a_page(running, tmp_path):
    path = tmp_path / "folder" / "run.html"
    write_page(path, running, 0.0)
    stop, seen = threading.Event(), set()

    def read():
        while not stop.is_set():
            text = path.read_text(encoding="utf-8")
            seen.add(text.startswith("<!doctype html>") and text.endswith("</html>\n"))

    reader = threading.Thread(target=read)
    reader.start()
    for k in range(60):
        write_page(path, running, k / 10)
    stop.set()
    reader.join()
    assert seen == {True}
    assert [p.name for p in path.parent.iterdir()] == ["run.html"]


def test_a_run_leaves_its_last_page(made, tmp_path):
    path = tmp_path / "run.html"
    trainer, train, validation = made([viz.Monitor(live=path, every=1)])
    trainer.fit(train, validation, epochs=2, progress=False)
    text = Reader(path.read_text(encoding="utf-8")).text
    assert "done" in text
    assert "after 2 of 2 epochs" in text
    assert "epoch 2: train loss" in text


# ---- charts -------------------------------------------------------------------------


def polylines(svg):
    root = ElementTree.fromstring(svg)
    return [
        np.array([p.split(",") for p in line.get("points").split()], dtype=float)
        for line in root.iter("polyline")
    ]


def test_a_line_is_where_its_numbers_are():
    (points,) = polylines(line_chart("t", [Line("a", [0, 1, 2], [0, 5, 10], 0)], 2.0))
    np.testing.assert_allclose(points, [[46, 178], [154, 105], [262, 32]])


def test_a_logarithmic_axis():
    line = Line("a", [0, 1, 2], [1e-4, 1e-2, 1.0], 0)
    (points,) = polylines(line_chart("t", [line], 2.0, log=True))
    np.testing.assert_allclose(points[:, 1], [178, 105, 32])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0, 0.0])
def test_what_cannot_be_shown_breaks_the_line(bad):
    line = Line("a", range(6), [1.0, 2.0, bad, 3.0, 4.0, 5.0], 0)
    pieces = polylines(line_chart("t", [line], 5.0, log=True))
    assert [len(p) for p in pieces] == [2, 3]


def test_a_long_line_keeps_its_peaks():
    ys = np.ones(10_000)
    ys[7777] = 100.0
    (points,) = polylines(line_chart("t", [Line("a", range(10_000), ys, 0)], 1e4))
    assert len(points) < 400
    assert points[:, 1].min() == 32
    assert np.all(np.diff(points[:, 0]) >= 0)


def test_labels_keep_apart():
    lines = [Line(f"layer {k}", [0, 1], [1.0, 1.0 + k * 1e-6], k) for k in range(5)]
    root = ElementTree.fromstring(line_chart("t", lines, 1.0))
    labels = [t for t in root.iter("text") if "label" in t.get("class", "")]
    ys = sorted(float(t.get("y")) for t in labels)
    assert np.diff(ys).min() >= 13.9
    assert [t.text for t in labels] == [f"layer {k}" for k in range(5)]
    dashes = {line.get("stroke-dasharray") for line in root.iter("polyline")}
    assert len(dashes) == 5


ODD = [
    [],
    [1.0],
    [0.0, 0.0],
    [5.0, 5.0],
    [np.nan],
    [np.inf, -np.inf],
    [1e300, 1e-300],
    [1e308, -1e308],
    [1.7976931348623157e308],
    [-1.7976931348623157e308, 1.7976931348623157e308],
    [1.7976931348623155e308, 1.7976931348623157e308],
    [5e-324],
    [5e-324, 1e-323],
    [-5e-324, 5e-324],
    [1.0, 1.0 + 2**-52],
    [-1e-7, -1.0000001e-7],
]


@pytest.mark.parametrize("ys", ODD, ids=str)
@pytest.mark.parametrize("log", [False, True])
def test_odd_lines_are_drawn(ys, log):
    line = Line("a", range(len(ys)), ys, 0)
    settings = {"guide": 1e-3, "ring": (0, ys[0])} if ys else {}
    for svg in (
        line_chart("t", [line], max(len(ys) - 1, 1), log=log),
        line_chart("t", [line], max(len(ys) - 1, 1), log=log, **settings),
    ):
        assert "nan" not in svg
        assert "inf" not in svg
        root = ElementTree.fromstring(svg)
        shown = [y for y in ys if np.isfinite(y) and (y > 0 or not log)]
        points = [p for piece in polylines(svg) for p in piece]
        lonely = [c for c in root.iter("circle") if c.get("class") != "ring"]
        assert len(points) + len(lonely) == len(shown)
        for _, y in points:
            assert 32 <= y <= 178
        numbers = [t.text for t in root.iter("text") if t.get("class") == "end"]
        assert len(numbers) >= 2
        assert len(set(numbers)) == len(numbers)


def test_the_largest_numbers_have_their_places():
    (points,) = polylines(line_chart("t", [Line("a", [0, 1], [-1e308, 1e308], 0)], 1))
    assert points[:, 1].tolist() == [178, 32]
    (points,) = polylines(line_chart("t", [Line("a", [0, 1], [0.0, 1e-323], 0)], 1))
    assert points[:, 1].tolist() == [178, 32]


def test_a_single_value_stands_in_the_middle():
    (points,) = polylines(line_chart("t", [Line("a", [0, 1], [3.0, 3.0], 0)], 1))
    assert points[:, 1].tolist() == [105, 105]


def test_a_slow_decline_can_be_read():
    ys = np.linspace(0.6931, 0.6925, 10)
    texts = [tick.text for tick in LinearAxis.of(ys).ticks()]
    assert texts == ["0.6926", "0.6928", "0.6930"]


def test_a_histogram_of_anything():
    for counts, low, high in (([], 0.0, 1.0), ([0], np.nan, np.inf), ([3], -1, 1e308)):
        ElementTree.fromstring(bar_chart("t", counts, low, high))
