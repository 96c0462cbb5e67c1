"""The tables, words and picture of made-up figures."""

import json
import xml.etree.ElementTree as ET

import pytest

import benchmarks.__main__ as command
from benchmarks import tables
from benchmarks.contestants import NAMES
from benchmarks.plot import STYLES, draw
from benchmarks.report import results_page


def cells(table, *start):
    """Return the cells of the row of a table that starts so."""
    for line in table.splitlines():
        row = [cell.strip() for cell in line.strip("|").split("|")]
        if row[: len(start)] == list(start):
            return row
    raise AssertionError(f"no row {start} in\n{table}")


def test_ratios_to_the_floor(found):
    table = tables.floor_table(found["rows"][:2])
    assert cells(table, "row")[1:4] == ["by hand", "eager", "compiled"]
    row = cells(table, "M1")
    assert row[1] == "100.00 ms"
    assert row[2] == "1.10 (1.10 to 1.15)"
    assert row[4] == "2.00 (2.00 to 2.00)"
    assert "failed" in row
    assert cells(table, "S1")[4] == tables.NOTHING


def test_ratios_to_the_peers_are_of_rounds_in_which_both_ran(found):
    table = tables.peer_table(found["rows"][1:2])
    assert cells(table, "M1", "eager")[2] == "0.55 (0.55 to 0.60)"
    assert cells(table, "M1", "compiled")[2] == "0.45 (0.45 to 0.45)"


def test_layers_are_compared_with_layers(found):
    entries = found["rows"][1]["contestants"]
    entries["layers"] = entries["torch layers"] = entries["eager"]
    table = tables.peer_table(found["rows"][1:2])
    assert cells(table, "row")[2:4] == ["torch", "torch layers"]
    assert cells(table, "M1", "layers")[2:4] == ["–", "1.00 (1.00 to 1.00)"]
    assert cells(table, "M1", "eager")[3] == "–"


def test_targets(found):
    table = tables.target_table(found["rows"])
    assert cells(table, "M1", "eager", "by hand")[3:] == [
        "1.10 (1.10 to 1.15)", "1.08", "**no**",
    ]  # fmt: skip
    assert cells(table, "M1", "compiled", "by hand")[5] == "yes"
    assert cells(table, "S1", "eager", "micrograd")[3:] == [
        "40.0 (40.0 to 40.0) times faster", "20 times faster", "yes",
    ]  # fmt: skip
    assert cells(table, "S1", "compiled", "micrograd")[5] == "**no**"


def test_missed_targets_in_words(found):
    said = "\n".join(tables.missed(found["rows"]))
    assert "M1, eager against by hand: 1.10 (1.10 to 1.15) of its time" in said
    assert "missed by 2 %." in said
    assert "S1, compiled against micrograd: 1000 (1000 to 1000) times faster" in said
    assert "not measured, as tinygrad failed: the process ended with -9." in said
    assert "not measured, as HIPS did not run." in said
    assert "M1, eager against torch" not in said


def test_a_miss_within_the_spread_is_said_to_be(found):
    found["rows"][1]["contestants"]["eager"]["seconds"] = [0.1, 0.2, 0.13, 0.13]
    said = "\n".join(tables.missed(found["rows"]))
    assert "missed by 6 %, less than the spread." in said


def test_memory_versions_and_curves(found):
    table = tables.memory_table(found["rows"])
    assert cells(table, "M1")[1] == "1.5 + 0.2"
    assert cells(tables.versions_table(found["rows"]), "torch") == [
        "torch", "1.0", "3.12.1", "2.4.6",
    ]  # fmt: skip
    row = cells(tables.curve_table(found["curves"][0]), "by hand")
    assert row[1:] == ["1", "1", "10", "100", "0.70", "1.00"]
    row = cells(tables.curve_table(found["curves"][0]), "eager")
    assert row[1:] == ["2", "2", "–", "–", "-0.00", "–"] or row[5] == "0.00"


def test_the_page_holds_everything(found):
    page = results_page(found)
    for text in (
        "Abacus 3000", "0.4 to 0.5", "median of 4 rounds", "what M1 is",
        "MyGrad: mygrad is not installed.", "M1, tinygrad: the process ended with -9",
        "2 threads", "missed by 2 %", "eager ends at 10: made up.", "results.svg",
    ):  # fmt: skip
        assert text in page, text
    assert "absolute times are of little worth" not in page
    assert "/home" not in page
    assert page.endswith("\n")


def test_a_busy_machine_is_mentioned(found):
    found["load"] = [0.1, 5.5]
    assert "(up to 5.5) than there are cores" in results_page(found)


def test_the_picture_is_the_same_each_time(found, tmp_path):
    for name in ("one.svg", "two.svg"):
        draw(found["rows"], found["curves"], tmp_path / name)
    text = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    assert set(STYLES) == set(NAMES)
    assert len({tuple(style.values()) for style in STYLES.values()}) == len(NAMES)


@pytest.fixture
def project(tmp_path, monkeypatch, found):
    """Run the command in another folder, with made-up races."""
    (tmp_path / "benchmarks").mkdir()
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(
        command, "race",
        lambda row, who, rules, threads, collectors: found["rows"][1:2],
    )  # fmt: skip
    monkeypatch.setattr(command, "draw", lambda rows, curves, path: path.touch())
    monkeypatch.setattr(command.curves, "measure", lambda *_: found["curves"])
    monkeypatch.setattr(command.machine, "describe", lambda: found["machine"])
    return tmp_path


@pytest.mark.parametrize(
    "arguments", [["--quick"], ["M1", "--peers", "torch"], ["--peers"], ["--curves"]]
)
def test_a_part_is_printed_and_leaves_the_results_alone(project, capsys, arguments):
    command.main(arguments)
    assert "1.10 (1.10 to 1.15)" in capsys.readouterr().out
    assert [path.name for path in (project / "out").iterdir()] == [
        "benchmarks-part.json"
    ]
    assert list((project / "benchmarks").iterdir()) == []


def test_everything_is_written_and_can_be_written_anew(project, capsys):
    command.main([])
    page = project / "benchmarks" / "RESULTS.md"
    first = page.read_text(encoding="utf-8")
    assert "1.10 (1.10 to 1.15)" in first
    assert str(project) not in first
    assert (project / "benchmarks" / "results.svg").exists()
    whole = json.loads((project / "out" / "benchmarks.json").read_text())
    assert len(whole["rows"]) == len(command.ROWS) * 2 - 1  # S1 has one thread
    page.unlink()
    command.main(["--report"])
    assert page.read_text(encoding="utf-8") == first


def test_unknown_rows_are_refused(capsys):
    with pytest.raises(SystemExit):
        command.parse(["M1", "M9"])
    assert "no such row: M9" in capsys.readouterr().err
