"""The report of a run: its numbers are the files' numbers, and anybody can read it."""

import base64
import hashlib
import math
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

import nn
import viz
from tests.viz.report.pages import (
    parse,
    read_csv,
    read_json,
    read_npz,
    rows,
)
from viz.report.markup import shown

ROOT = Path(__file__).parents[3]
SECTIONS = (
    *("curves", "gradients", "activations", "weights", "confusion", "worst"),
    *("configuration", "seeds", "versions"),
)


@pytest.fixture(scope="module")
def page(original):
    return parse(viz.report(original).html())


def numbers_in(folder):
    """Return every number in the files."""
    found = set()
    for name in ("history.csv", "gradients.csv"):
        for column in read_csv(folder / name).values():
            found.update(column)
    results = read_json(folder / "results.json")
    for h in results["weights"] + results["activations"]:
        found.update(x for x in h.values() if isinstance(x, int | float))
    for array in read_npz(folder / "predictions.npz").values():
        found.update(array.astype(np.float64).ravel().tolist())
    return found


# ---- numbers -------------------------------------------------------------------------


def test_every_number_is_one_of_the_files(page, original):
    known = numbers_in(original)
    known.add(float(np.sum(read_csv(original / "history.csv")["seconds"])))
    data = page.all("data")
    assert len(data) > 120
    for element in data:
        value = float(element.attributes["value"])
        assert value in known
        assert element.text in (shown(value), shown(value, "accuracy"))


def test_the_history_is_a_table(page, original):
    (details,) = page.find("curves").all("details")
    (table,) = details.all("table")
    history = read_csv(original / "history.csv")
    assert [th.text for th in table.all("thead")[0].all("th")] == list(history)
    best = int(np.argmin(history["val_loss"]))
    for k, (epoch, *cells) in enumerate(rows(table)):
        assert epoch.text == f"{k + 1}{' (best)' if k == best else ''}"
        expected = [column[k] for column in list(history.values())[1:]]
        assert [cell.value for cell in cells] == expected


def test_the_facts_above_all(page, original):
    history = read_csv(original / "history.csv")
    best = int(np.argmin(history["val_loss"]))
    facts = {
        fact.all("dt")[0].text: fact.all("dd")[0]
        for fact in page.all("dl")[0].all("div")
    }
    assert facts["epochs"].text == "4"
    assert facts["lowest validation loss"].value == history["val_loss"][best]
    accuracy = facts[f"validation accuracy in epoch {best + 1}"]
    assert accuracy.value == history["val_accuracy"][best]
    assert accuracy.text == f"{100 * history['val_accuracy'][best]:.1f}%"
    assert facts["parameters"].text == str(4 * 8 + 8 + 8 * 6 + 6 + 6 * 3 + 3)


def test_lines_have_a_point_for_each_epoch(page):
    for line in page.find("curves").all("polyline"):
        xs = [float(point.split(",")[0]) for point in line.attributes["points"].split()]
        assert len(xs) == 4
        np.testing.assert_allclose(np.diff(xs), np.diff(xs)[0], atol=0.11)


def test_gradients(page, original):
    columns = read_csv(original / "gradients.csv")
    del columns["epoch"]
    (table,) = page.find("gradients").all("table")
    for (name, first, last, verdict), (layer, column) in zip(
        rows(table), columns.items(), strict=True
    ):
        assert name.text == layer
        assert (first.value, last.value) == (column[0], column[-1])
        assert verdict.text == "healthy"


@pytest.mark.parametrize("part", ["weights", "activations"])
def test_histograms(page, original, part):
    histograms = read_json(original / "results.json")[part]
    figures = page.find(part).all("figure")
    for figure, h in zip(figures, histograms, strict=True):
        assert figure.all("b")[0].text == h["name"]
        heights = [float(r.attributes["height"]) for r in figure.all("rect")]
        expected = 44 * np.array(h["counts"]) / max(h["counts"])
        np.testing.assert_allclose(heights, expected, atol=0.051)
        values = [float(d.attributes["value"]) for d in figure.all("data")]
        shares = [h[key] for key in ("saturated", "dead") if key in h]
        assert values == [h["low"], h["high"], h["mean"], h["std"], *shares]
        assert f"{h['size']:,} values" in figure.text


def test_confusions(page, original):
    arrays = read_npz(original / "predictions.npz")
    counts = nn.metrics.confusion_matrix(arrays["predicted"], arrays["targets"])
    section = page.find("confusion")
    (table,) = section.all("table")
    head = [th.text for th in table.all("thead")[0].all("th")]
    assert head == ["true", "cat", "dog", "owl", "recall"]
    *body, precision = rows(table)
    for i, (name, *cells, recall) in enumerate(body):
        assert name.text == head[i + 1]
        assert [int(cell.text) for cell in cells] == counts[i].tolist()
        assert recall.text == f"{100 * counts[i, i] / counts[i].sum():.1f}%"
    for j, cell in enumerate(precision[1:-1]):
        assert cell.text == f"{100 * counts[j, j] / counts[:, j].sum():.1f}%"
    wrong = counts.sum() - np.trace(counts)
    share = 100 * wrong / counts.sum()
    told = section.all("p")[0].text
    assert told.startswith(
        f"{wrong} of {counts.sum()} samples are wrong: {share:.1f}%."
    )
    off = counts - np.diag(np.diag(counts))
    i, j = np.unravel_index(np.argmax(off), off.shape)
    assert f"Most often: {head[i + 1]} taken for {head[j + 1]} ({off[i, j]})" in told


def test_the_worst_samples(page, original):
    arrays = read_npz(original / "predictions.npz")
    names = ["cat", "dog", "owl"]
    figures = page.find("worst").all("figure")
    assert len(figures) == len(arrays["worst"]) == 24
    inputs = arrays["worst_inputs"]
    for figure, row, sample in zip(figures, arrays["worst"], inputs, strict=True):
        true, predicted = arrays["targets"][row], arrays["predicted"][row]
        verdict = "right" if true == predicted else f"predicted {names[predicted]}"
        assert figure.all("b")[0].text == f"row {row}: true {names[true]}, {verdict}"
        values = [float(d.attributes["value"]) for d in figure.all("data")]
        labels = [true] if true == predicted else [true, predicted]
        assert values == [arrays["scores"][row, k] for k in labels]
        (image,) = figure.all("img")
        assert image.attributes["alt"] == f"Input of row {row}, 2 by 2 pixels"
        grey = 255 * (sample - inputs.min()) / (inputs.max() - inputs.min())
        assert np.max(np.abs(pixels(image.attributes["src"]) - grey)) < 0.51


def pixels(url):
    """Return the grey values of a small PNG image."""
    data = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, data = {}, data[8:]
    while data:
        (length,) = struct.unpack(">I", data[:4])
        kind, content, check = data[4:8], data[8 : 8 + length], data[8 + length :][:4]
        assert struct.pack(">I", zlib.crc32(kind + content)) == check
        chunks[kind], data = content, data[12 + length :]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (8, 0)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    return lines.reshape(height, width + 1)[:, 1:].astype(float)


def test_configuration_seeds_and_versions(page, original):
    run = read_json(original / "run.json")
    trainer, own = page.find("configuration").all("table")
    found = {name.text: value.text for name, value in rows(trainer)}
    assert list(found) == list(run["configuration"])
    assert found["optimizer lr"] == "0.05"
    assert found["schedule"] == "—"
    assert found["shuffle"] == "yes"
    assert [[c.text for c in row] for row in rows(own)] == [["seed", "0"]]
    assert page.find("configuration").all("pre")[0].text == run["architecture"]
    seeds, states = page.find("seeds").all("table")
    users = ", ".join(run["generators"][0]["used_by"])
    assert [[c.text for c in row] for row in rows(seeds)] == [[users, "PCG64", "0"]]
    assert str(run["generators"][0]["state"]["state"]["inc"]) in states.text
    (versions,) = page.find("versions").all("table")
    assert {n.text: v.text for n, v in rows(versions)} == run["versions"]


# ---- the page ------------------------------------------------------------------------


def test_one_page_that_needs_nothing_else(original):
    text = viz.report(original).html()
    page = parse(text)
    (style,) = page.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    policy = next(
        m.attributes["content"]
        for m in page.all("meta")
        if "http-equiv" in m.attributes
    )
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "url(" not in style.text
    assert "@import" not in style.text
    assert not re.search(r"https?://", text)
    assert len(text) < 150_000


def test_figures_tables_and_sections_have_names(page, original):
    ids = re.findall(r' id="([^"]*)"', viz.report(original).html())
    assert len(ids) == len(set(ids))
    assert [s.attributes["id"] for s in page.all("section")] == list(SECTIONS)
    links = [a.attributes["href"] for a in page.all("nav")[0].all("a")]
    assert links == [f"#{name}" for name in SECTIONS]
    for section in page.all("section"):
        assert page.find(section.attributes["aria-labelledby"]).text
    for svg in page.all("svg"):
        assert svg.attributes["role"] == "img"
        assert svg.attributes["aria-label"]
    for figure in page.all("figure"):
        assert figure.all("figcaption")[0].text
    assert all(image.attributes["alt"] for image in page.all("img"))
    for table in page.all("table"):
        assert table.all("caption")[0].text
        assert {th.attributes["scope"] for th in table.all("th")} == {"col", "row"}


def test_the_same_page_in_another_process_from_numpy_alone(original):
    code = (
        "import sys, viz; print(viz.report(sys.argv[1]).html(), end=''); "
        "assert not {'nn', 'matplotlib', 'safetensors'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, original],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    assert done.stdout.decode() == viz.report(original).html()


def test_saving_and_showing(original, tmp_path):
    report = viz.report(original)
    path = report.save(tmp_path / "new" / "report.html")
    assert path.read_text(encoding="utf-8") == report.html()
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    with pytest.raises(
        ValueError, match=r"the suffix '\.pdf' of 'x\.pdf' is not \.html"
    ):
        report.save(tmp_path / "x.pdf")
    assert repr(report) == "<Report: Training run: clouds>"
    assert report._repr_html_().startswith('<iframe sandbox=""')
    assert report.problems == ()


# ---- other runs ----------------------------------------------------------------------


def text_of(folder, section):
    return parse(viz.report(folder).html()).find(section).text


def simple(folder, outputs, loss, y, validation=True):
    x = np.random.default_rng(0).standard_normal((12, 3)).astype(np.float32)
    model = nn.Sequential(nn.Linear(3, outputs, rng=np.random.default_rng(1)))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    trainer = nn.Trainer(model, loss, optimizer, callbacks=[nn.RunFolder(folder)])
    y = y(x)
    held = (x, y) if validation else None
    trainer.fit((x, y), held, epochs=1, shuffle=False, progress=False)
    assert viz.report(folder).problems == ()
    return trainer, x, y


def test_a_run_that_predicts_values(tmp_path):
    trainer, x, y = simple(tmp_path, 1, nn.MSELoss(), lambda x: x[:, :1] * 2)
    error = trainer.predict(x) - y
    page = parse(viz.report(tmp_path).html())
    mean, root = (
        float(data.attributes["value"]) for data in page.find("confusion").all("data")
    )
    assert mean == pytest.approx(np.mean(np.abs(error)), rel=1e-6)
    assert root == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-6)
    first = page.find("worst").all("figure")[0]
    row = int(np.argmax(np.abs(error)))
    assert first.all("b")[0].text == f"row {row}"
    values = [float(data.attributes["value"]) for data in first.all("data")]
    np.testing.assert_allclose(values, [*x[row], y[row, 0], trainer.predict(x)[row, 0]])


def test_one_score_for_two_classes(tmp_path):
    simple(tmp_path, 1, nn.BCEWithLogitsLoss(), lambda x: np.float32(x[:, :1] > 0))
    arrays = read_npz(tmp_path / "predictions.npz")
    page = parse(viz.report(tmp_path).html())
    (table,) = page.find("confusion").all("table")
    found = [[int(cell.text) for cell in row[1:-1]] for row in rows(table)[:-1]]
    expected = nn.metrics.confusion_matrix(arrays["predicted"], arrays["targets"])
    assert found == expected.tolist()
    caption = page.find("worst").all("figcaption")[0]
    assert "probability of 1:" in caption.text
    assert caption.value == arrays["scores"][arrays["worst"][0]]


def test_a_run_without_validation(tmp_path):
    simple(tmp_path, 1, nn.MSELoss(), lambda x: x[:, :1], validation=False)
    for section in ("activations", "confusion", "worst"):
        assert "the training had no validation data" in text_of(tmp_path, section)


def test_predictions_that_were_left_out(tmp_path):
    simple(tmp_path, 2, nn.BCEWithLogitsLoss(), lambda x: np.float32(x[:, :2] > 0))
    assert "several numbers for each sample" in text_of(tmp_path, "confusion")


def test_a_run_that_diverges(tmp_path):
    with pytest.raises(FloatingPointError):
        simple(tmp_path, 1, nn.MSELoss(), lambda x: x[:, :1] * np.nan)
    page = parse(viz.report(tmp_path).html())
    assert page.all("b")[0].text == "failed"
    assert "NonFiniteError: fit: " in page.all("header")[0].text
    for section in ("weights", "confusion"):
        assert "when the training has come to its end" in page.find(section).text


def test_a_loss_that_is_not_finite_is_marked(folder):
    (folder / "history.csv").write_text("epoch,loss\n1,0.5\n2,nan\n3,inf\n")
    (folder / "gradients.csv").write_text("epoch,a,b\n1,1e-9,1\n2,1e-9,1\n3,nan,1\n")
    page = parse(viz.report(folder).html())
    marks = [t for t in page.all("text") if "failure" in t.attributes.get("class", "")]
    assert [mark.text for mark in marks] == ["not finite"]
    assert "NaN" in page.find("curves").all("table")[0].text
    assert "vanishing: 1×10⁻⁹ of the last" in page.find("gradients").text
    assert "1 of 2 layers have a gradient far from" in page.find("gradients").text


def test_long_runs_have_short_tables(folder):
    lines = "".join(f"{k},{1 / k}\n" for k in range(1, 5001))
    (folder / "history.csv").write_text(f"epoch,loss\n{lines}")
    table = parse(viz.report(folder).html()).find("curves").all("table")[0]
    assert table.all("caption")[0].text.startswith("200 of 5000 epochs; all are in")
    assert rows(table)[-1][0].text == "5000 (best)"
    assert math.isclose(rows(table)[-1][1].value, 1 / 5000)


def test_folders_that_hold_no_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        viz.report(tmp_path / "none")
    with pytest.raises(ValueError, match=r"is no run folder: it has none of run\.json"):
        viz.report(tmp_path)
