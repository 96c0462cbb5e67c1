"""Files that are missing, cut off or made to harm: the page says so, no more."""

import html
import json
import os
import pickle
import re
import sys
import zipfile

import numpy as np
import pytest

import viz
from tests.viz.report.pages import parse, read_json
from viz.report.reading import DamagedFileError, read_arrays, read_table
from viz.report.reading import read_json as read

FILES = ("run.json", "history.csv", "gradients.csv", "results.json", "predictions.npz")
ATTACKS = [
    "<script>attack()</script>",
    "</script><script>attack()</script>",
    "</title></style></svg><script>attack()</script>",
    "--><script>attack()</script>",
    '"><img src=x onerror=attack()>',
    "'><svg onload=attack()>",
    '" autofocus onfocus=attack() x="',
    "<a href=javascript:attack()>x</a>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "${attack()} {{attack()}} $title %s",
    "&lt;script&gt;attack()&lt;/script&gt;",
    "\x00<\x00script>attack()</script>\u202e\u2028",
    "x" * 5000,
]


def problems(folder):
    """Make the page, and return what it says is wrong."""
    report = viz.report(folder)
    told = re.search(r'<section id="problems".*?</section>', report.html(), re.DOTALL)
    items = [] if told is None else re.findall(r"<li>(.*?)</li>", told[0])
    assert items == [html.escape(problem) for problem in report.problems]
    return list(report.problems)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    expected = [f"{name} is missing."]
    if name == "run.json":
        # Nothing says whether the training is over.
        (folder / "predictions.npz").unlink()
    assert problems(folder) == expected


@pytest.mark.parametrize("name", FILES)
def test_only_one_file(folder, name):
    for other in FILES:
        if other != name:
            (folder / other).unlink()
    assert all("is missing" in problem for problem in problems(folder))


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off(folder, name):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) * 2 // 3])
    (problem,) = problems(folder)
    assert problem.startswith(f"{name} is damaged: ")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[]", b"null", b"PK\x05\x06"]
)
def test_a_file_that_is_something_else(folder, name, content):
    (folder / name).write_bytes(content)
    (problem,) = problems(folder)
    assert problem.startswith(f"{name} is damaged: ")


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert problems(folder) == [f"{name} is damaged: it is no file."]


def test_bits_that_flipped_in_arrays(folder):
    """The checksums in the file tell."""
    path = folder / "predictions.npz"
    content = bytearray(path.read_bytes())
    content[content.index(b"\x93NUMPY") + 140] ^= 4
    path.write_bytes(content)
    (problem,) = problems(folder)
    assert "Bad CRC-32" in problem


@pytest.mark.parametrize("number", ["1e999", '"1"', "null", "true", "-1", "[]", "{}"])
@pytest.mark.parametrize("key", ["format", "epochs", "status"])
def test_records_with_other_values(folder, key, number):
    record = read_json(folder / "run.json") | {key: "PLACE"}
    text = json.dumps(record).replace('"PLACE"', number)
    (folder / "run.json").write_text(text)
    (problem,) = problems(folder)
    assert problem.startswith("run.json is damaged: ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": [1, -1]}, "a count is no number"),
        ({"counts": [1.5]}, "a count is no number"),
        ({"counts": [10**6]}, "do not add up"),
        ({"counts": [0] * 2000}, "2000 bins"),
        ({"low": 2, "high": 1}, "reaches from 2.0 to 1.0"),
        ({"low": 10**400}, "'low' is not finite"),
        ({"dead": 7}, "not between 0 and 1"),
        ({"name": 3}, "'name' is a int"),
    ],
)
def test_histograms_with_other_values(folder, change, message):
    results = read_json(folder / "results.json")
    results["activations"][1] |= change
    (folder / "results.json").write_text(json.dumps(results))
    (problem,) = problems(folder)
    assert message in problem


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"worst": np.array([999])}, "a row that does not exist"),
        ({"worst": np.array([-1])}, "a row that does not exist"),
        ({"worst": np.array(0)}, "'worst' is a single number"),
        ({"targets": np.zeros(3, int)}, "targets and predicted differ"),
        ({"predicted": np.full(40, 77)}, "a predicted class has no score"),
        ({"targets": np.full(40, -7)}, "the true class of a worst row has no score"),
        ({"scores": np.zeros((2, 3))}, "'scores' has another length"),
        ({"scores": np.zeros((40, 3, 1))}, "'scores' has shape"),
        ({"worst_inputs": np.zeros((2, 2, 2))}, "'worst_inputs' has another length"),
        ({"targets": np.zeros(40)}, "classes are no integers"),
    ],
)
def test_arrays_that_do_not_fit(folder, change, message):
    with np.load(folder / "predictions.npz") as file:
        np.savez(folder / "predictions.npz", **dict(file) | change)
    (problem,) = problems(folder)
    assert message in problem


def test_tables_of_different_length(folder):
    (folder / "gradients.csv").write_text("epoch,a\n1,0.5\n")
    assert problems(folder) == ["history.csv has 4 epochs, but gradients.csv 1."]


EXTREME = ["nan", "inf", "-inf", "1e308", "-1e308", "5e-324", "0", "1e16", "1e-310"]


@pytest.mark.parametrize(
    ("first", "second"), list(zip(EXTREME, EXTREME[4:] + EXTREME[:4], strict=True))
)
def test_extreme_numbers(folder, first, second):
    columns = "loss,val_loss,lr,val_accuracy,seconds"
    body = "".join(
        f"{k + 1},{','.join([x] * 5)}\n" for k, x in enumerate([first, second, first])
    )
    (folder / "history.csv").write_text(f"epoch,{columns}\n{body}")
    (folder / "gradients.csv").write_text(f"epoch,{columns}\n{body}")
    assert problems(folder) == []
    viz.compare_runs(folder, folder).html()


# ---- what the readers refuse ---------------------------------------------------------


def test_json_within_limits(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    for text, message in [
        ("[" * 100_000, "nested too deeply|recursion"),
        ('{"x": NaN}', "NaN is no number of JSON"),
        ('{"x": ' + "9" * 5000 + "}", "no intact JSON"),
        ('{"x": 1', "no intact JSON"),
        ("[1]", "the file is no object"),
    ]:
        path.write_text(text)
        with pytest.raises(DamagedFileError, match=message):
            read(path)
    monkeypatch.setattr(sys.modules["viz.report.reading"], "_MOST_TEXT", 10)
    path.write_text('{"x": 12345}')
    with pytest.raises(DamagedFileError, match="more than 10 bytes"):
        read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss\n1\n", "first column is not 'epoch'"),
        ("epoch,a,a\n", "a column twice"),
        ("epoch,a\n1\n", "row 1 has 1 of 2 cells"),
        ("epoch,a\n2,1\n", "row 1 is called '2'"),
        ("epoch,a\n1,x\n", "column 'a': could not convert"),
        ('epoch,"a\n1,2\n', "no intact table"),
        ("epoch" + ",a" * 2000 + "\n", "twice"),
        ("epoch," + ",".join(map(str, range(2000))) + "\n", "more than 1000 columns"),
        ("epoch,a\n1," + "9" * 200_000 + "\n", "field larger than field limit"),
    ],
)
def test_tables_within_limits(tmp_path, text, message):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(DamagedFileError, match=message):
        read_table(path)


class Attack:
    """Unpickling it would make a file."""

    def __reduce__(self):
        return (open, ("attacked", "w"))


def test_nothing_is_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "x.npz", worst=np.array([Attack()], dtype=object))
    with pytest.raises(DamagedFileError, match="holds object, no plain numbers"):
        read_arrays(tmp_path / "x.npz")
    (tmp_path / "x.npz").write_bytes(pickle.dumps(Attack()))
    with pytest.raises(DamagedFileError, match="no intact file of arrays"):
        read_arrays(tmp_path / "x.npz")
    assert not (tmp_path / "attacked").exists()


def test_nothing_is_unpacked(tmp_path):
    path = tmp_path / "x.npz"
    np.savez_compressed(path, worst=np.zeros(10**6))
    with pytest.raises(DamagedFileError, match=r"'worst\.npy' is compressed"):
        read_arrays(path)
    np.savez(path, **{f"a{k}": np.zeros(1) for k in range(17)})
    with pytest.raises(DamagedFileError, match="it has 17 arrays"):
        read_arrays(path)


def test_a_header_that_promises_too_much(tmp_path):
    path = tmp_path / "x.npz"
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,), }"
    header = header.ljust(117) + b"\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("worst.npy", content)
    with pytest.raises(DamagedFileError, match="has 0 bytes, which are not shape"):
        read_arrays(path)


def test_arrays_come_back(tmp_path):
    path = tmp_path / "x.npz"
    arrays = {
        "a": np.arange(6).reshape(2, 3),
        "b": np.asfortranarray(np.arange(6.0, dtype=np.float32).reshape(2, 3)),
        "c": np.array(True),
        "d": np.zeros((0, 4)),
    }
    np.savez(path, **arrays)
    for name, array in read_arrays(path).items():
        assert array.dtype == arrays[name].dtype
        assert np.array_equal(array, arrays[name])


# ---- names that try to break out -----------------------------------------------------


def test_attacks_in_every_place(folder):
    """`parse` refuses every element and attribute that a page does not have."""
    run = read_json(folder / "run.json")
    results = read_json(folder / "results.json")
    names = {f"{k} {attack}": attack for k, attack in enumerate(ATTACKS)}
    run |= {
        "status": "stopped",
        "reason": " ".join(ATTACKS),
        "architecture": "\n".join(ATTACKS),
        "configuration": names,
        "settings": names,
        "versions": names,
        "classes": ATTACKS[:3],
    }
    run["generators"] = [
        {"used_by": [a], "kind": a, "seed": a, "state": {a: a}} for a in ATTACKS
    ]
    template = results["weights"][0]
    results["weights"] = [template | {"name": attack} for attack in ATTACKS]
    results["activations"] = [
        results["activations"][1] | {"name": attack, "function": attack}
        for attack in ATTACKS
    ]
    results["predictions"] |= {"scores": ATTACKS[0]}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "results.json").write_text(json.dumps(results))
    cells = [attack.replace('"', '""').replace("\0", "") for attack in ATTACKS]
    head = ",".join(f'"{k} {cell}"' for k, cell in enumerate(cells))
    body = "".join(f"{k}{',0.5' * (len(cells) + 1)}\n" for k in (1, 2, 3, 4))
    for name in ("history.csv", "gradients.csv"):
        (folder / name).write_text(f"epoch,loss,{head}\n{body}", encoding="utf-8")
    hostile = folder.rename(folder.parent / "<script>attack()<|script>\n")
    assert problems(hostile) == []
    page = parse(viz.report(hostile).html())
    assert page.all("h1")[0].text == "Training run: <script>attack()<|script> "
    assert "attack()" in page.find("gradients").text
    parse(viz.compare_runs(hostile, hostile).html())


def test_left_out_for_a_hostile_reason(folder):
    results = read_json(folder / "results.json")
    results["predictions"] = {"left_out": ATTACKS[0]}
    (folder / "results.json").write_text(json.dumps(results))
    (folder / "predictions.npz").unlink()
    assert problems(folder) == []
    assert ATTACKS[0] in parse(viz.report(folder).html()).find("confusion").text
