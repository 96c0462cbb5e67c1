"""A report read back as a reader's program sees it, and runs to make reports of."""

import csv
import json
from html.parser import HTMLParser

import numpy as np

import nn

VOID = {"meta", "img", "br", "line", "rect", "circle", "path", "polyline"}

# All that a report is made of.
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main"),
    *("section", "h1", "h2", "h3", "p", "b", "small", "ul", "li", "a", "div", "br"),
    *("dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("figure", "figcaption", "img", "data", "details", "summary", "pre", "code"),
    *("svg", "text", "line", "path", "polyline", "circle", "rect"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "http-equiv", "id", "class", "href"),
    *("aria-labelledby", "aria-label", "role", "tabindex", "scope", "value"),
    *("src", "alt", "width", "height", "viewbox", "x", "y", "x1", "x2", "y1", "y2"),
    *("d", "points", "stroke", "stroke-dasharray", "fill", "cx", "cy", "r"),
}


class Node:
    """An element: its attributes, its children and its text."""

    def __init__(self, tag, attributes, parent=None):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children = []

    def all(self, tag):
        """Return all elements of a kind below, in order."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                found += [child] * (child.tag == tag) + child.all(tag)
        return found

    def find(self, id):
        """Return the element with an id."""
        for child in self.children:
            if isinstance(child, Node):
                found = child if child.attributes.get("id") == id else child.find(id)
                if found is not None:
                    return found
        return None

    @property
    def text(self):
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def value(self):
        """Return the number in an element that has exactly one."""
        (data,) = self.all("data")
        return float(data.attributes["value"])


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.at = Node("", {})

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), f"{tag} {attributes}"
        node = Node(tag, dict(attributes), self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


def parse(text):
    """Return the page as a tree, after checking that nothing foreign is in it."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    assert builder.at is builder.root, f"<{builder.at.tag}> is not closed"
    for node in _below(builder.root):
        assert node.tag in ELEMENTS, f"<{node.tag}>"
        assert set(node.attributes) <= ATTRIBUTES, node.attributes
        assert node.attributes.get("href", "#").startswith("#")
        assert node.attributes.get("src", "data:image/png;").startswith(
            "data:image/png;"
        )
    return builder.root


def _below(node):
    for child in node.children:
        if isinstance(child, Node):
            yield child
            yield from _below(child)


def rows(table):
    """Return the cells of the body of a table."""
    return [
        [cell for cell in row.children if isinstance(cell, Node)]
        for row in table.all("tbody")[0].all("tr")
    ]


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in table] for name in table[0]}


def read_json(path):
    return json.loads(path.read_text())


def read_npz(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def train(folder, *, seed=0, lr=0.05, classes=("cat", "dog", "owl"), **options):
    """Train a small network on three clouds of points, and leave a run folder."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, 90)
    x = rng.standard_normal((90, 4)) + np.eye(4)[y] * 1.5
    model = nn.Sequential(
        nn.Linear(4, 8, rng=rng), nn.ReLU(), nn.Dropout(0.1, rng=rng),
        nn.Linear(8, 6, rng=rng), nn.Tanh(), nn.Linear(6, 3, rng=rng),
    )  # fmt: skip
    run = nn.RunFolder(
        folder, classes=classes, image_shape=(2, 2), settings={"seed": seed}
    )
    trainer = nn.Trainer(
        model,
        nn.CrossEntropyLoss(),
        nn.optim.Adam(model.named_parameters(), lr=lr),
        metrics=[nn.metrics.accuracy],
        callbacks=[run],
        rng=rng,
        **options,
    )
    x = x.astype(np.float32)
    train, validation = (x[:50], y[:50]), (x[50:], y[50:])
    trainer.fit(train, validation, epochs=4, progress=False)
    return trainer
