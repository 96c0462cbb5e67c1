"""The tables, words and picture of made-up figures."""

import json
import xml.etree.ElementTree as ET

import pytest

import benchmarks.__main__ as command
from benchmarks import tables
from benchmarks.contestants import NAMES, PEERS
from benchmarks.plot import STYLES, draw
from benchmarks.process import WorkerError
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


def test_everything_of_ours_stands_beside_loops_and_layers(found):
    entries = found["rows"][1]["contestants"]
    entries["layers"] = entries["torch layers"] = entries["eager"]
    table = tables.peer_table(found["rows"][1:2])
    assert cells(table, "row")[2:4] == ["torch", "torch layers"]
    for ours in ("eager", "layers"):
        assert cells(table, "M1", ours)[2:4] == [
            "0.55 (0.55 to 0.60)", "1.00 (1.00 to 1.00)",
        ]  # fmt: skip


def test_the_summary_has_medians_and_says_who_is_left_out(found):
    found["rows"][1]["contestants"]["HIPS"] = {"left_out": "made up"}
    table = tables.summary_table(found["rows"][:2])
    columns = dict(zip(cells(table, "row"), cells(table, "M1"), strict=True))
    assert columns["eager"] == "1.10"
    assert columns["tinygrad"] == "failed"
    assert columns["HIPS"] == "left out"
    assert columns["micrograd"] == tables.NOTHING
    said = "\n".join(tables.missed(found["rows"]))
    assert "M1, eager against HIPS: not measured, as HIPS is left out: made up." in said
    assert "- M1, HIPS: made up." in results_page(found)


def test_targets(found):
    table = tables.target_table(found["rows"])
    assert cells(table, "M1", "eager", "by hand")[3:] == [
        "1.10 (1.10 to 1.15)", "at most 1.08", "**no**",
    ]  # fmt: skip
    assert cells(table, "M1", "compiled", "by hand")[5] == "yes"
    assert cells(table, "S1", "eager", "micrograd")[3:] == [
        "40.0 (40.0 to 40.0) times faster", "20 times faster", "yes",
    ]  # fmt: skip
    assert cells(table, "S1", "compiled", "micrograd")[5] == "**no**"


def test_who_is_only_to_be_slower_is_counted(found):
    entries = found["rows"][1]["contestants"]
    entries["MyGrad"] = entries["by hand"]
    assert "MyGrad" not in tables.target_table(found["rows"])
    page = results_page(found)
    assert "1 of 6 times we were to be faster than MyGrad, HIPS and tinygrad" in page
    assert "M1, eager against MyGrad: 1.10 (1.10 to 1.15) times its time" in page


def test_missed_targets_in_words(found):
    said = "\n".join(tables.missed(found["rows"]))
    assert "M1, eager against by hand: 1.10 (1.10 to 1.15) times its time" in said
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
    assert "machine was busy" not in page
    summary, targets, details, memory, how = (
        page.index(f"## {title}\n")
        for title in (
            "Time over hand-written NumPy", "Targets", "One thread", "Memory",
            "How it was measured",
        )
    )  # fmt: skip
    assert summary < targets < details < page.index("## 2 threads") < memory < how
    assert "/home" not in page
    assert page.endswith("\n")


def test_a_busy_machine_is_mentioned(found):
    found["load"] = [0.1, 3.5, 5.5]
    assert "3.5 processes or more wanted to run on 2 cores" in results_page(found)
    found["load"] = [0.1, 0.5, 5.5]  # for a moment
    assert "machine was busy" not in results_page(found)


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
    monkeypatch.setattr(command, "usable_cores", lambda: 2)
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


def test_curves_alone(project, capsys, monkeypatch):
    monkeypatch.setattr(command, "race", lambda *_: pytest.fail("measured a row"))
    command.main(["--curves", "batch"])
    printed = capsys.readouterr().out
    assert "batch of M1" in printed
    assert "Targets" not in printed


def test_everything_is_written_and_can_be_written_anew(project, capsys):
    command.main([])
    page = project / "benchmarks" / "RESULTS.md"
    first = page.read_text(encoding="utf-8")
    assert "1.10 (1.10 to 1.15)" in first
    assert str(project) not in first
    assert (project / "benchmarks" / "results.svg").exists()
    whole = json.loads((project / "out" / "benchmarks.json").read_text())
    assert len(whole["rows"]) == len(command.ROWS) + len(command.TWO_THREADS_ROWS)
    page.unlink()
    command.main(["--report"])
    assert page.read_text(encoding="utf-8") == first


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (KeyboardInterrupt(), "Interrupted; out/benchmarks-part.json has the rows"),
        (WorkerError("M3, by hand: it died"), "M3, by hand: it died"),
    ],
)
def test_what_is_measured_is_kept_when_it_ends_early(project, monkeypatch, stop, said):
    measured = command.race
    rows = []

    def race(row, *others):
        rows.append(row)
        if row == "M3":
            raise stop
        return measured(row, *others)

    (project / "out").mkdir()
    earlier = project / "out" / "benchmarks.json"
    earlier.write_text("of an earlier run")
    monkeypatch.setattr(command, "race", race)
    with pytest.raises(SystemExit, match=said):
        command.main([])
    assert rows == ["S1", "M1", "M2", "M3"]
    part = json.loads((project / "out" / "benchmarks-part.json").read_text())
    assert len(part["rows"]) == 3
    assert earlier.read_text() == "of an earlier run"
    assert list((project / "benchmarks").iterdir()) == []


def test_it_says_before_measuring_that_it_cannot_write(project, monkeypatch):
    (project / "out").write_text("a file")
    monkeypatch.setattr(command, "race", lambda *_: pytest.fail("measured"))
    with pytest.raises(SystemExit, match="cannot write the figures"):
        command.main(["M1"])


def test_it_says_before_measuring_that_the_picture_needs_matplotlib(
    project, monkeypatch
):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    monkeypatch.setattr(command, "race", lambda *_: pytest.fail("measured"))
    with pytest.raises(SystemExit, match="matplotlib"):
        command.main([])


def test_nothing_to_report(project):
    with pytest.raises(SystemExit, match=r"there is no out/benchmarks\.json"):
        command.main(["--report"])


def test_quick_leaves_out_who_is_slow_with_scalars(project, monkeypatch, found, capsys):
    racing = {}

    def race(row, who, *_):
        racing[row] = {c.name for c in who}
        return found["rows"][1:2]

    monkeypatch.setattr(command, "race", race)
    everyone = [c for peer in PEERS.values() for c in peer]
    monkeypatch.setattr(command, "take_part", lambda peers: (everyone, {}))
    command.main(["--quick"])
    assert racing["M1"] - racing["S1"] == {"torch", "MyGrad", "HIPS"}
    assert "Left out: torch, MyGrad, HIPS on S1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["M1", "M9"], "no such row: M9 (rows: S1, M1,"),
        (["--rounds", "0"], "must be at least 1, got 0"),
        (["--threads", "1", "-1"], "must be at least 1, got -1"),
        (["--threads", "100000"], "this process may use"),
        (["--peers", "abacus"], "invalid choice: 'abacus'"),
    ],
)
def test_wrong_arguments_are_refused(capsys, arguments, said):
    with pytest.raises(SystemExit):
        command.parse(arguments)
    assert said in capsys.readouterr().err
