"""Several runs on one page: curves together, and what differs in words."""

import json

import numpy as np
import pytest

import viz
from tests.viz.report.pages import parse, read_csv, read_json, rows, train
from viz.__main__ import main


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "slower"
    train(folder, lr=0.01, seed=3)
    return folder


@pytest.fixture(scope="module")
def page(original, other):
    return parse(viz.compare_runs(original, other).html())


def test_results(page, original, other):
    (table,) = page.find("results").all("table")
    head = [th.text for th in table.all("thead")[0].all("th")]
    losses = []
    for folder, row in zip((original, other), rows(table), strict=True):
        cells = dict(zip(head, row, strict=True))
        history = read_csv(folder / "history.csv")
        best = int(np.argmin(history["val_loss"]))
        losses.append(history["val_loss"][best])
        assert cells["status"].text == "done"
        assert cells["lowest validation loss"].value == losses[-1]
        assert cells["lowest validation loss"].text.endswith(f"in epoch {best + 1}")
        assert cells["validation accuracy"].value == history["val_accuracy"][best]
    names = ["A clouds", "B slower"]
    best = int(np.argmin(losses))
    told = page.all("header")[0].all("p")[0].text
    assert told == f"The lowest validation loss is that of {names[best]}."
    shown = [row[0].text for row in rows(table)]
    names[best] += " (best)"
    assert shown == names


def test_curves_of_all_runs(page, original, other):
    titles = []
    for figure in page.find("curves").all("figure"):
        titles.append(figure.all("svg")[0].attributes["aria-label"])
        assert len(figure.all("polyline")) == 2
        labels = [
            t.text for t in figure.all("text") if "label" in t.attributes["class"]
        ]
        assert sorted(labels) == ["A clouds", "B slower"]
        assert "A clouds" in figure.all("figcaption")[0].text
    assert titles == [
        "Validation loss",
        "Validation accuracy",
        "Training loss",
        "Training accuracy",
        "Learning rate",
    ]
    caption = page.find("curves").all("figcaption")[0]
    ends = [
        value
        for folder in (original, other)
        for column in [read_csv(folder / "history.csv")["val_loss"]]
        for value in (column[0], column[-1])
    ]
    assert [float(d.attributes["value"]) for d in caption.all("data")] == ends


def test_what_differs_comes_first_and_is_called_so(page):
    differing, same = page.find("configuration").all("table")
    found = {name.text: [c.text for c in cells] for name, *cells in rows(differing)}
    assert found == {
        "seed": ["0", "3 differs from A"],
        "optimizer lr": ["0.05", "0.01 differs from A"],
        "seed of model.2.rng, trainer, loader.rng": ["0", "3 differs from A"],
    }
    assert differing.all("caption")[0].text == "3 settings differ"
    assert "architecture" in [name.text for name, _ in rows(same)]
    marked = [td for td in differing.all("td") if "class" in td.attributes]
    assert [td.attributes["class"] for td in marked] == ["differs"] * 3


def test_equal_numbers_of_other_kinds_differ(original, folder):
    run = read_json(folder / "run.json")
    run["configuration"]["clip"] = 1
    run["architecture"] += "x" * 300
    (folder / "run.json").write_text(json.dumps(run))
    again = folder.parent / "again"
    again.mkdir()
    run["configuration"]["clip"] = True
    run["architecture"] += "y"
    (again / "run.json").write_text(json.dumps(run))
    text = viz.compare_runs(folder, again).html()
    differing = parse(text).find("configuration").all("table")[0]
    assert [name.text for name, *_ in rows(differing)] == ["architecture", "clip"]


def test_the_same_run_twice(original):
    page = parse(viz.compare_runs(original, original).html())
    assert page.find("configuration").all("p")[0].text == "No setting differs."


def test_runs_that_are_damaged(original, folder):
    (folder / "run.json").write_text("{")
    (folder / "history.csv").unlink()
    report = viz.compare_runs(original, folder)
    assert [p[:24] for p in report.problems] == [
        "B clouds: run.json is da",
        "B clouds: history.csv is",
    ]
    page = parse(report.html())
    assert "not two configurations" in page.find("configuration").text
    assert len(page.find("curves").all("polyline")) == 5
    told = page.all("header")[0].text
    assert "Of the runs with validation, A clouds has the lowest loss." in told


def test_how_many_runs(original):
    with pytest.raises(ValueError, match="2 to 26 folders can be compared, got 1"):
        viz.compare_runs(original)
    with pytest.raises(ValueError, match="got 27"):
        viz.compare_runs(*[original] * 27)
    parse(viz.compare_runs(*[original] * 26).html())


# ---- the command line --------------------------------------------------------------


def test_commands(original, other, tmp_path, capsys):
    out = tmp_path / "new" / "report.html"
    assert main(["report", str(original), "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert out.read_text(encoding="utf-8") == viz.report(original).html()
    assert main(["compare", str(original), str(other), "--output", str(out)]) == 0
    expected = viz.compare_runs(original, other).html()
    assert out.read_text(encoding="utf-8") == expected


def test_a_command_without_output_opens_the_browser(original, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("tempfile.mkdtemp", lambda prefix: str(tmp_path))
    assert main(["report", str(original)]) == 0
    assert opened == [(tmp_path / "report.html").as_uri()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "nowhere"], "viz report: there is no folder 'nowhere'."),
        (["compare", "nowhere"], "viz compare: compare_runs: 2 to 26 folders"),
        (["report", "."], "is no run folder"),
    ],
)
def test_errors_of_commands(arguments, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    printed = capsys.readouterr().err
    assert message in printed
    assert len(printed.splitlines()) == 1
