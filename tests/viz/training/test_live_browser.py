"""The live page in a browser, watched while a network trains."""

import importlib
import shutil
import threading
import time

import numpy as np
import pytest

import viz
import viz.training.live

nn = pytest.importorskip("nn")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip("playwright.sync_api", reason="no playwright")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(viz.training.live, "_SECONDS", 1)
    # As an attribute, `viz.training.monitor` is the function.
    module = importlib.import_module("viz.training.monitor")
    monkeypatch.setattr(module, "_SECONDS", 0.1)
    monkeypatch.setattr(module, "_SHARE", 1.0)


class Gate:
    """Lets the training wait at the end of an epoch until the test has looked."""

    def __init__(self, *epochs):
        self.gates = {epoch: threading.Event() for epoch in epochs}

    def on_epoch_end(self, trainer):
        gate = self.gates.get(trainer.epoch)
        time.sleep(0.15)  # the next page is due
        if gate is not None:
            # The page is written during the next step; so wait after it.
            self.waiting = gate

    def on_batch_end(self, trainer):
        gate = getattr(self, "waiting", None)
        if gate is not None and trainer.batch == 1:
            self.waiting = None
            assert gate.wait(60)


class Watcher:
    """A tab with the page, and what the browser complains about."""

    def __init__(self, browser, path):
        self.page = browser.new_page(viewport={"width": 1200, "height": 700})
        self.complaints, self.loads = [], 0
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("load", self._count)
        self.page.goto(path.as_uri())

    def _count(self, _):
        self.loads += 1

    def wait_for(self, text):
        self.page.get_by_text(text, exact=False).first.wait_for(timeout=30_000)

    @property
    def status(self):
        return self.page.text_content("#status")


def wait_for_file(path):
    for _ in range(600):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} was not written")


def in_background(trainer, *data, epochs):
    errors = []

    def fit():
        try:
            with np.errstate(all="ignore"):
                trainer.fit(*data, epochs=epochs, progress=False)
        except FloatingPointError as error:
            errors.append(error)

    thread = threading.Thread(target=fit)
    thread.start()
    return thread, errors


def test_it_updates_says_done_and_rests(browser, fast, made, tmp_path):
    path, gate = tmp_path / "run.html", Gate(2, 4)
    trainer, train, validation = made([viz.Monitor(live=path, every=1), gate])
    thread, _ = in_background(trainer, train, validation, epochs=6)
    try:
        wait_for_file(path)
        watcher = Watcher(browser, path)
        watcher.wait_for("epoch 2 of 6")
        assert watcher.status == "running"
        first = watcher.page.locator("polyline").first.get_attribute("points")
        watcher.page.evaluate("window.scrollTo(0, 200)")
        gate.gates[2].set()
        watcher.wait_for("epoch 4 of 6")  # nobody has pressed anything
        assert watcher.page.locator("polyline").first.get_attribute("points") != first
        assert 150 < watcher.page.evaluate("window.scrollY") < 250
    finally:
        for event in gate.gates.values():
            event.set()
        thread.join()
    watcher.wait_for("epoch 6:")
    assert watcher.status == "done"
    loads = watcher.loads
    assert loads >= 3
    time.sleep(2.5)
    assert watcher.loads == loads
    assert watcher.complaints == []
    assert watcher.page.locator("#layers tr").count() == 4
    assert watcher.page.locator("#activations svg").count() == 3
    watcher.page.close()


def test_a_nan_is_marked_and_explained(browser, fast, made, tmp_path):
    class Rise:
        def on_epoch_end(self, trainer):
            trainer.optimizer.param_groups[0]["lr"] = 1e300

    path = tmp_path / "run.html"
    trainer, train, _ = made([viz.Monitor(live=path, every=1), Rise()])
    trainer.loss = nn.MSELoss()
    thread, errors = in_background(trainer, train, epochs=9)
    thread.join()
    assert errors
    watcher = Watcher(browser, path)
    assert watcher.status == "failed"
    told = watcher.page.text_content("#failure")
    assert told.startswith("the ")
    assert "first in Linear" in told
    lines = watcher.page.locator("line.failure")
    assert lines.count() >= 3
    red = lines.first.evaluate("e => getComputedStyle(e).stroke")
    assert red == "rgb(179, 38, 30)"
    loads = watcher.loads
    time.sleep(1.5)
    assert watcher.loads == loads
    watcher.page.close()


def test_names_of_layers_have_the_colours_of_their_lines(browser, trained, tmp_path):
    path = tmp_path / "run.html"
    viz.training.live.write_page(path, trained.record, 12.0)
    watcher = Watcher(browser, path)
    fills = watcher.page.eval_on_selector_all(
        "svg .label", "all => all.map(e => getComputedStyle(e).fill)"
    )
    assert "rgb(0, 114, 178)" in fills
    assert len(set(fills)) >= 3
    assert watcher.page.evaluate("document.documentElement.scrollWidth") <= 1200
    watcher.page.set_viewport_size({"width": 390, "height": 800})
    assert watcher.page.evaluate("document.documentElement.scrollWidth") == 390
    watcher.page.close()
