"""The bar of a sweep: its runs, the best score, and what went wrong."""

import io
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nn


class Terminal(io.StringIO):
    def isatty(self):
        return True


def in_terminal(monkeypatch):
    """Make stderr a terminal; not in a fixture, since pytest sets it again later."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def train(config, seed, budget=1):
    if config["x"] == 0:
        raise RuntimeError("no such x")
    return {"loss": float("nan") if config["x"] == 1 else config["x"] / budget}


def swept(path=None, space=range(5), **settings):
    with ThreadPoolExecutor(1) as executor:
        return nn.sweep(
            train, {"x": list(space)}, executor=executor, results=path, **settings
        )


def last_line(terminal):
    return terminal.getvalue().split("\r")[-1]


def test_runs_best_score_and_troubles(monkeypatch):
    terminal = in_terminal(monkeypatch)
    swept()
    last = last_line(terminal)
    assert "sweep: 100%" in last
    assert "5/5" in last
    assert "best loss=2" in last
    assert "failed=1" in last
    assert "diverged=1" in last
    assert terminal.getvalue().endswith("\n")


def test_the_largest_score_is_best_where_it_should_be_large(monkeypatch):
    terminal = in_terminal(monkeypatch)
    swept(mode="max")
    assert "best loss=4" in last_line(terminal)


def test_rounds_are_added(monkeypatch):
    terminal = in_terminal(monkeypatch)
    found = swept(
        space=range(2, 8),
        strategy="halving",
        n=6,
        budgets=(1, 2, 6),
        rng=np.random.default_rng(0),
    )
    assert f"{len(found)}/{len(found)}" in last_line(terminal)
    assert len(found) == 6 + 3 + 1


def test_finished_runs_count_as_well(monkeypatch, tmp_path):
    terminal = in_terminal(monkeypatch)
    swept(tmp_path / "sweep.jsonl")
    terminal.truncate(0)
    swept(tmp_path / "sweep.jsonl")
    assert "5/5" in last_line(terminal)
    assert "best loss=2" in last_line(terminal)


def test_the_bar_is_closed_after_an_error(monkeypatch):
    terminal = in_terminal(monkeypatch)

    class Broken(ThreadPoolExecutor):
        def submit(self, *args):
            raise KeyboardInterrupt

    with Broken(1) as executor, pytest.raises(KeyboardInterrupt):
        nn.sweep(train, {"x": [2]}, executor=executor, results=None)
    assert "0/1" in last_line(terminal)
    assert terminal.getvalue().endswith("\n")


def test_nothing_if_unwanted_or_where_nobody_looks(monkeypatch, capsys):
    terminal = in_terminal(monkeypatch)
    swept(progress=False)
    assert terminal.getvalue() == ""
    monkeypatch.undo()
    swept()
    assert capsys.readouterr() == ("", "")
