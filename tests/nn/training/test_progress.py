"""Progress: plain lines, a bar in a terminal, a widget in a notebook, or nothing."""

import io
import sys
import types

import pytest

import nn
from tests.nn.training.runs import build


class Terminal(io.StringIO):
    def isatty(self):
        return True


def fitted(epochs=2, **settings):
    trainer, arguments = build(**settings)
    trainer.fit(**arguments | {"progress": True}, epochs=epochs)
    return trainer


def test_lines_where_the_output_is_no_terminal(capsys):
    trainer = fitted()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for epoch, line in enumerate(lines):
        row = trainer.history.row(epoch)
        assert line.startswith(f"epoch {epoch + 1}/2  loss {row['loss']:.4g}")
        assert f"val_loss {row['val_loss']:.4g}" in line
        assert f"val_accuracy {row['val_accuracy']:.4g}" in line
        assert line.endswith(f"{row['seconds']:.1f} s")
    assert "\r" not in "".join(lines)


def test_lines_say_why_training_was_stopped(capsys):
    stopping = nn.EarlyStopping(patience=1, monitor="val_accuracy", mode="max")
    trainer = fitted(30, callbacks=[stopping])
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"stopped: {trainer.stopped}"


def test_nothing(capsys):
    trainer, arguments = build()
    trainer.fit(**arguments | {"progress": False}, epochs=1)
    assert capsys.readouterr() == ("", "")


def test_a_bar_in_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    trainer = fitted()
    last = terminal.getvalue().split("\r")[-1]
    assert "epoch 2/2: 100%" in last
    assert "10/10" in last
    assert f"loss={trainer.history['loss'][-1]:.4g}" in last
    assert f"val_loss={trainer.history['val_loss'][-1]:.4g}" in last
    assert f"val_accuracy={trainer.history['val_accuracy'][-1]:.4g}" in last
    assert terminal.getvalue().endswith("\n")


def test_the_bar_of_a_resumed_run_starts_where_it_was(monkeypatch):
    trainer, arguments = build()
    trainer.fit(**arguments, epochs=1)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    trainer.fit(**arguments | {"progress": True}, epochs=2)
    assert "5/10" in terminal.getvalue().split("\r")[1]


def test_the_bar_is_closed_after_an_error(monkeypatch):
    class Breaks:
        def on_batch_end(self, trainer):
            raise RuntimeError("stop here")

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with pytest.raises(RuntimeError, match="stop here"):
        fitted(callbacks=[Breaks()])
    assert terminal.getvalue().endswith("\n")


def in_a_notebook(monkeypatch):
    kernel = types.SimpleNamespace(kernel=object())
    ipython = types.SimpleNamespace(get_ipython=lambda: kernel)
    monkeypatch.setitem(sys.modules, "IPython", ipython)


def test_a_widget_in_a_notebook(monkeypatch):
    in_a_notebook(monkeypatch)
    bars = []

    class Widget:
        def __init__(self, **settings):
            self.settings, self.updates, self.is_closed = settings, 0, False
            bars.append(self)

        def update(self):
            self.updates += 1

        def set_description_str(self, text):
            self.text = text

        def set_postfix(self, numbers):
            self.numbers = numbers

        def close(self):
            self.is_closed = True

    fake = types.SimpleNamespace(tqdm=Widget)
    monkeypatch.setitem(sys.modules, "tqdm.notebook", fake)
    fitted()
    (bar,) = bars
    assert bar.settings["total"] == bar.updates == 10
    assert bar.text == "epoch 2/2"
    assert {"loss", "val_loss", "val_accuracy"} <= set(bar.numbers)
    assert bar.is_closed


def test_text_in_a_notebook_without_widgets(monkeypatch, capsys):
    in_a_notebook(monkeypatch)

    def unavailable(**settings):
        raise ImportError("IProgress not found")

    fake = types.SimpleNamespace(tqdm=unavailable)
    monkeypatch.setitem(sys.modules, "tqdm.notebook", fake)
    fitted()
    assert "epoch 2/2: 100%" in capsys.readouterr().out


def test_ipython_in_a_terminal_is_no_notebook(monkeypatch, capsys):
    shell = types.SimpleNamespace()
    ipython = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    fitted()
    assert capsys.readouterr().out.startswith("epoch 1/2")
