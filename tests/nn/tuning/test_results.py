"""What a sweep says about itself: averages, the best, the table."""

import math

import pytest

import nn
from nn.tuning.trial import Outcome, Trial


def row(number, seed, budget=None, error=None, status="ok", **metrics):
    trial = Trial(number, {"lr": 10.0**-number, "layers": (8, 4)}, seed, budget)
    return nn.SweepRow.of(trial, Outcome(status, metrics, error, seconds=number + 0.5))


def three_seeds():
    return [
        row(1, 0, loss=0.5, accuracy=0.8),
        row(0, 2, loss=0.2, accuracy=0.9),
        row(0, 0, loss=0.4, accuracy=0.7),
        row(0, 1, loss=0.3, accuracy=0.8),
        row(1, 1, status="diverged", error="loss is nan", loss=math.nan),
        row(1, 2, loss=0.0, accuracy=1.0),
        row(2, 0, status="failed", error="ValueError: a long story\nof two lines"),
    ]


def results(rows=None, mode="min"):
    return nn.SweepResults(three_seeds() if rows is None else rows, "loss", mode)


def test_rows_are_sorted_whatever_their_order():
    found = results()
    positions = [(row.configuration, row.seed) for row in found]
    assert positions == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0)]
    assert len(found) == 7
    assert repr(found) == "SweepResults(7 rows: 5 ok, 1 diverged, 1 failed)"
    assert found == results(three_seeds()[::-1])
    assert found.to_dict() == results(three_seeds()[::-1]).to_dict()
    assert found != results(three_seeds()[1:])
    assert "seconds" not in found.to_dict()["rows"][0]


def test_averages_over_seeds():
    first, second, third = results().averages()
    assert first.metrics == pytest.approx({"loss": 0.3, "accuracy": 0.8})
    assert first.spread == pytest.approx({"loss": 0.1, "accuracy": 0.1})
    assert (first.seeds, first.status) == ((0, 1, 2), "ok")
    assert second.status == "1 of 3 diverged: loss is nan"
    assert second.metrics == pytest.approx({"loss": 0.25, "accuracy": 0.9})
    assert third.status.startswith("failed: ValueError")
    assert third.metrics == third.spread == {}


def test_the_best_is_ok_with_every_seed():
    found = results()
    assert found.best().configuration == 0  # the second has a smaller mean, and a NaN
    assert found.best("accuracy", "max").configuration == 0
    with pytest.raises(ValueError, match="'f1'; there are loss, accuracy"):
        found.best("f1")
    with pytest.raises(ValueError, match="'min' or 'max', got 'least'"):
        found.best(mode="least")
    with pytest.raises(ValueError, match="first reason: loss is nan"):
        results(three_seeds()[4:]).best()
    with pytest.raises(ValueError, match=r"no configuration is ok in all its runs\.$"):
        results([]).best()


def test_best_by_score_or_by_another_number():
    rows = [row(i, 0, loss=loss, time=-loss) for i, loss in enumerate([3, 1, 2, 1])]
    assert results(rows).best().configuration == 1  # the first of equal ones
    assert results(rows, mode="max").best().configuration == 0
    assert results(rows).best("time").configuration == 0


def test_the_best_has_the_largest_budget():
    rows = [row(0, 0, 1, loss=0.1), row(1, 0, 1, loss=0.2), row(1, 0, 4, loss=0.3)]
    best = results(rows).best()
    assert (best.configuration, best.budget) == (1, 4)
    assert [a.budget for a in results(rows).averages()] == [1, 4]


def test_the_table():
    expected = """\
3 configurations, seeds 0 1 2; best: smallest loss
the same in all: layers=(8, 4)
   lr    loss       accuracy
*  1     0.3 ± 0.1  0.8 ± 0.1
   0.1   1 of 3 diverged: loss is nan
   0.01  failed: ValueError: a long story..."""
    assert results().table() == str(results()) == expected


def test_the_table_of_halving_shows_the_largest_budget_of_each():
    rows = [row(0, 0, 1, loss=0.1), row(1, 0, 1, loss=0.2), row(1, 0, 4, loss=0.3)]
    assert results(rows).table().splitlines()[2:] == [
        "   lr   budget  loss",
        "   1    1       0.1",
        "*  0.1  4       0.3",
    ]


def test_the_table_of_one_and_of_none():
    assert results([]).table() == "no results"
    assert results([row(0, 0, loss=1.0)]).table().splitlines() == [
        "1 configuration, seed 0; best: smallest loss",
        "   lr  layers  loss",
        "*  1   (8, 4)  1",
    ]
    failed = [row(0, 0, status="failed", error="E: " + "x" * 90)]
    assert results(failed).table().splitlines()[2].endswith("x...")
