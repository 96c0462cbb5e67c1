"""A small net, trained once, and how the texts of a figure lie."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.text import Text

nn = pytest.importorskip("nn")

import viz  # noqa: E402


def share_right(predictions, targets):
    return float(((predictions > 0.5) == targets).mean())


def build(callbacks=(), lr=1.0, seed=0):
    """Return a new trainer of a net for two moons, and the data of its fit."""
    rng = np.random.default_rng(seed)
    X, y = nn.moons(120, noise=0.2, rng=rng)
    y = y[:, None].astype(np.float64)
    model = nn.Sequential(
        nn.Linear(2, 8, rng=rng), nn.Tanh(),
        nn.Linear(8, 8, rng=rng), nn.ReLU(), nn.Dropout(0.1, rng=rng),
        nn.Linear(8, 1, rng=rng), nn.Sigmoid(),
    )  # fmt: skip
    trainer = nn.Trainer(
        model,
        nn.BCELoss(),
        nn.optim.SGD(model.parameters(), lr=lr, momentum=0.5),
        metrics={"accuracy": share_right},
        callbacks=callbacks,
        rng=rng,
    )
    return trainer, (X[:90], y[:90]), (X[90:], y[90:])


@pytest.fixture(scope="session")
def trained():
    """A run of 12 epochs of 3 steps, every step looked at."""
    watching = viz.Monitor(every=1)
    trainer, train, validation = build([watching])
    history = trainer.fit(train, validation, epochs=12, progress=False)
    return SimpleNamespace(
        monitor=watching,
        record=watching.record,
        history=history,
        model=trainer.model,
        validation=validation,
    )


@pytest.fixture
def made():
    """Build a new trainer: `build`."""
    return build


class Layout:
    """Where the texts of a figure are."""

    def __init__(self, figure):
        self.figure = figure
        self.renderer = figure.canvas.get_renderer()
        figure.draw(self.renderer)

    def texts(self):
        """Return all texts that are shown."""
        texts = self.figure.findobj(Text)
        shown, all_of_axes = set(), set()
        for axes in self.figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                all_of_axes |= {tick.label1 for tick in axis.get_major_ticks()}
                shown |= {tick.label1 for tick in axis._update_ticks()}
        hidden = all_of_axes - shown
        return [
            text
            for text in texts
            if text.get_visible() and text.get_text().strip() and text not in hidden
        ]

    def box(self, text):
        return text.get_window_extent(self.renderer)

    def overlapping(self, texts):
        """Return pairs of texts that overlap."""
        boxes = [(text.get_text(), self.box(text)) for text in texts]
        return [
            (a, b)
            for k, (a, one) in enumerate(boxes)
            for b, other in boxes[k + 1 :]
            if one.overlaps(other)
        ]

    def outside(self):
        """Return texts that are not wholly on the page."""
        page = self.figure.bbox.padded(1)
        return [
            text.get_text()
            for text in self.texts()
            if not (
                page.contains(*self.box(text).min)
                and page.contains(*self.box(text).max)
            )
        ]


@pytest.fixture
def layout():
    """Measure a figure."""
    return Layout


@pytest.fixture
def plot():
    """Find the axes of a figure by their title."""

    def find(figure, title):
        (axes,) = [a for a in figure.axes if a.get_title(loc="left") == title]
        return axes

    return find
