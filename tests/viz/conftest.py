"""Graphs that several tests of viz draw, and the comparison with golden files."""

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd
from autograd import Tensor, scope

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden():
    """Compare a text with a file; REFRESH_GOLDEN=1 in the environment rewrites it."""

    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("REFRESH_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), (
            f"{name} changed; look at the picture, then run with REFRESH_GOLDEN=1"
        )

    return compare


class Network:
    """The article's network, 2-3-1 with four samples, with hand-derived gradients."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
        self.Y = np.array([[0, 1, 1, 0]])
        self.W1 = Tensor(rng.standard_normal((3, 2)), name="W1")
        self.b1 = Tensor(rng.standard_normal((3, 1)), name="b1")
        self.W2 = Tensor(rng.standard_normal((1, 3)), name="W2")
        self.b2 = Tensor(rng.standard_normal((1, 1)), name="b2")
        with scope("layer 1"):
            self.Z1 = np.dot(self.W1, self.X) + self.b1
            self.A1 = autograd.sigmoid(self.Z1)
        with scope("layer 2"):
            self.Z2 = np.dot(self.W2, self.A1) + self.b2
            self.A2 = autograd.sigmoid(self.Z2)
        with scope("cross-entropy"):
            self.cost = self._cost()

    def _cost(self):
        m = self.Y.shape[1]
        logs = np.multiply(np.log(self.A2), self.Y)
        logs = logs + np.multiply(np.log(1 - self.A2), 1 - self.Y)
        return np.squeeze(-np.sum(logs) / m)

    def names(self):
        return vars(self)

    def hand(self):
        """Return the gradients of the cost, derived by hand."""
        m = self.Y.shape[1]
        A1, A2, W2 = self.A1.data, self.A2.data, self.W2.data
        dZ2 = (A2 - self.Y) / m
        dA1 = W2.T @ dZ2
        dZ1 = dA1 * A1 * (1 - A1)
        return {
            "Z2": dZ2,
            "W2": dZ2 @ A1.T,
            "b2": dZ2.sum(axis=1, keepdims=True),
            "A1": dA1,
            "Z1": dZ1,
            "W1": dZ1 @ self.X.T,
            "b1": dZ1.sum(axis=1, keepdims=True),
            "A2": (A2 - self.Y) / (m * A2 * (1 - A2)),
            "cost": np.ones((1, 1)),
        }


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def neuron():
    """One sigmoid neuron with a squared error: result and names."""
    x1 = Tensor(2.0, requires_grad=False)
    x2 = Tensor(-1.0, requires_grad=False)
    y = Tensor(1.0, requires_grad=False)
    w1, w2, b = Tensor(-1.0), Tensor(0.5), Tensor(0.8)
    with scope("neuron"):
        z = x1 * w1 + x2 * w2 + b
        a = autograd.sigmoid(z)
    with scope("squared error"):
        e = a - y
        L = e * e
    return L, locals()


_SVG = "{http://www.w3.org/2000/svg}"
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


class Drawing:
    """An SVG drawing read back: what stands in each node, and where the arrows go."""

    def __init__(self, svg):
        self.root = ElementTree.fromstring(svg)

    def nodes(self):
        """Return the texts in each node, by node id."""
        return {
            group.find(f"{_SVG}title").text: _texts(group)
            for group in self._groups("node")
        }

    def edges(self):
        """Return (tail, head, text) of every arrow."""
        return [
            (
                *group.find(f"{_SVG}title").text.split("->"),
                " ".join(_texts(group)),
            )
            for group in self._groups("edge")
        ]

    def clusters(self):
        """Return the titles of the groups."""
        return [_text(group.find(f"{_SVG}text")) for group in self._groups("cluster")]

    def cards(self):
        """Return {name: (values, gradients)}: (number, error allowed) for each cell."""
        found = {}
        for texts in self.nodes().values():
            if len(texts) < 2 or not re.match(r"[\d×]+$|scalar$|[\d×]+, ×10", texts[1]):
                continue
            name, shape, *rest = texts
            marks = [k for k, text in enumerate(rest) if text.startswith("∂")]
            end = marks[0] if marks else len(rest)
            gradient_factor = _factor(rest[end]) if marks else 1.0
            found[name] = (
                [parse(text, _factor(shape)) for text in rest[:end]],
                [parse(text, gradient_factor) for text in rest[end + 1 :]],
            )
        return found

    def _groups(self, kind):
        return [g for g in self.root.iter(f"{_SVG}g") if g.get("class") == kind]


def _texts(group):
    texts = [_text(element) for element in group.iter(f"{_SVG}text")]
    return [text for text in texts if text]


def _text(element):
    return "".join(element.itertext()).replace("\xa0", " ").strip()


def _factor(text):
    power = re.search(r"×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$", text)
    return 10.0 ** int(power[1].translate(_SUPERSCRIPTS)) if power else 1.0


def parse(text, factor=1.0):
    """Return a printed number, and the largest error that its rounding allows."""
    if text == "~0":
        return 0.0, 0.005 * factor
    mantissa, _, power = text.replace("−", "-").partition("×10")
    scale = factor * (10.0 ** int(power.translate(_SUPERSCRIPTS)) if power else 1.0)
    decimals = len(mantissa.partition(".")[2])
    return float(mantissa) * scale, 0.5000001 * 10.0**-decimals * scale


@pytest.fixture
def read_drawing():
    return lambda graph: Drawing(graph.svg())
