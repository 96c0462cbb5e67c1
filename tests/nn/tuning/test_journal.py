"""The file of a sweep: killed writers, damage, other sweeps, a full disk."""

import itertools
import json
import os
import resource
import stat

import numpy as np
import pytest

import nn
from autograd import CheckpointError
from nn.tuning.journal import Journal
from tests.nn.tuning.training import InThisProcess, parabola, troubled

SPACE = {"way": ["fine", "nan", "raises"]}


def sweep(path, train_fn=troubled, space=None, **settings):
    return nn.sweep(
        train_fn, space or SPACE, executor=InThisProcess(), results=path, **settings
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sweep.jsonl"


def test_each_line_is_json_of_the_standard(path):
    found = sweep(path)

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    lines = path.read_text("ascii").splitlines()
    header, *rows = [json.loads(line, parse_constant=refuse) for line in lines]
    assert header["space"] == {"way": ["fine", "nan", "raises"]}
    assert [row["status"] for row in rows] == ["ok", "diverged", "failed"]
    assert rows[1]["metrics"] == {"loss": "nan"}
    assert nn.read_sweep(path) == found


def test_a_file_cut_anywhere_is_repaired(path):
    expected = sweep(path)
    data = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(data) if byte == ord("\n")]
    beside = [end + step for end in ends for step in (-2, -1, 0, 1)]
    for length in sorted({0, 1, 20, *range(0, len(data), 60), *beside}):
        if length > len(data):
            continue
        path.write_bytes(data[:length])
        whole = data[:length].count(b"\n")
        if length and not data[:length].endswith(b"\n"):
            with pytest.warns(UserWarning, match="last line is incomplete"):
                assert sweep(path) == expected
        else:
            assert sweep(path) == expected
        after = path.read_bytes().splitlines()
        assert after[:whole] == data.splitlines()[:whole]
        assert len(after) == 4


def test_reading_leaves_an_incomplete_line_alone(path):
    sweep(path)
    data = path.read_bytes()[:-5]
    path.write_bytes(data)
    assert len(nn.read_sweep(path)) == 2
    assert path.read_bytes() == data


def damaged(line, **changes):
    return json.dumps(json.loads(line) | changes).encode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line[:-3], "line 3: this is no JSON .* Remove the line"),
        (lambda line: b"\xff\xfe", "line 3: this is no JSON"),
        (lambda line: b"[" * 100_000, "line 3: this is no JSON"),
        (lambda line: b"", "line 3: this is no JSON"),
        (lambda line: b"[1, 2]", "line 3: this is no row"),
        (lambda line: b"{}", "line 3: this is no row"),
        (lambda line: damaged(line, config=3), "line 3: this is no row"),
        (lambda line: damaged(line, config={"x": {}}), "line 3: this is no row"),
        (lambda line: damaged(line, metrics={"loss": "x"}), "line 3: this is no row"),
        (lambda line: damaged(line, metrics={"loss": None}), "line 3: this is no row"),
        (lambda line: damaged(line, status="fine"), "line 3: this is no row"),
        (lambda line: damaged(line, seed="0"), "line 3: this is no row"),
        (lambda line: damaged(line, more=1), "line 3: this is no row"),
    ],
)
def test_damage_is_refused_and_left_alone(path, change, message):
    sweep(path)
    lines = path.read_bytes().split(b"\n")
    lines[2] = change(lines[2])
    data = b"\n".join(lines)
    path.write_bytes(data)
    for use in (sweep, nn.read_sweep):
        with pytest.raises(CheckpointError, match=message):
            use(path)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"notes without an end of line", "is not the file of a sweep"),
        (b'{"a": 1}\n', "is not the file of a sweep"),
        (b"[]\n", "is not the file of a sweep"),
        (b'{"chalkgrad sweep": 7}\n', "has format 7"),
    ],
)
def test_other_files_are_refused_and_left_alone(path, data, message):
    path.write_bytes(data)
    for use in (sweep, nn.read_sweep):
        with pytest.raises(CheckpointError, match=message):
            use(path)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("settings", "difference"),
    [
        ({"space": {"way": ["fine"]}}, r'space: {"way": \["fine", "nan", "raises"\]} '),
        ({"train_fn": parabola}, 'train_fn: "troubled" in the file, "parabola" now'),
        ({"score": "accuracy"}, 'score: "loss" in the file'),
        ({"mode": "max"}, 'mode: "min" in the file, "max" now'),
        (
            {"strategy": "random", "n": 1, "rng": np.random.default_rng(0)},
            'strategy: "grid" in the file, "random" now',
        ),
    ],
)
def test_the_file_of_another_sweep_is_refused(path, settings, difference):
    sweep(path)
    data = path.read_bytes()
    with pytest.raises(CheckpointError, match=difference):
        sweep(path, **settings)
    assert path.read_bytes() == data


def test_other_draws_and_another_order_are_another_sweep(path):
    space = {"x": nn.uniform(0, 1), "y": [1, 2]}
    rng = np.random.default_rng(0)
    settings = {"train_fn": parabola, "strategy": "random", "n": 2}
    sweep(path, space=space, rng=rng, **settings)
    with pytest.raises(CheckpointError, match="rng: "):
        sweep(path, space=space, rng=rng, **settings)  # has moved on
    swapped = dict(reversed(space.items()))
    with pytest.raises(CheckpointError, match="space: "):
        sweep(path, space=swapped, rng=np.random.default_rng(0), **settings)


def test_two_sweeps_cannot_write_one_file(path):
    sweep(path)
    header = json.loads(path.read_bytes().splitlines()[0])
    with Journal(path, header), pytest.raises(CheckpointError, match="still runs"):
        sweep(path)
    assert len(sweep(path)) == 3


def test_a_missing_folder_is_noticed_before_anything_runs(tmp_path):
    with pytest.raises(FileNotFoundError):
        sweep(tmp_path / "nowhere" / "sweep.jsonl", train_fn=parabola)
    with pytest.raises(FileNotFoundError):
        nn.read_sweep(tmp_path / "sweep.jsonl")


def test_an_empty_file_is_the_beginning_of_a_sweep(path):
    path.touch()
    with pytest.raises(CheckpointError, match="has not begun"):
        nn.read_sweep(path)
    assert len(sweep(path)) == 3


def test_every_line_is_flushed_to_the_disk_before_the_next_run(path, monkeypatch):
    flushed, folders = [], []
    fsync = os.fsync

    def watched(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            folders.append(os.path.samestat(path.parent.stat(), os.fstat(descriptor)))
        else:
            flushed.append(path.stat().st_size)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    sizes = []

    def train(config, seed):
        sizes.append(path.stat().st_size)
        return {"loss": config["x"]}

    sweep(path, train, {"x": [3, 1, 2]})
    lines = path.read_bytes().splitlines(keepends=True)
    assert flushed == list(itertools.accumulate(map(len, lines)))
    assert sizes == flushed[:-1]
    assert folders == [True]


def test_a_full_disk_stops_the_sweep_and_it_goes_on_later(path):
    expected = sweep(path)
    rows = path.read_bytes().splitlines(keepends=True)
    path.unlink()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    room = len(rows[0]) + len(rows[1]) + 20
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match="the disk took 20 bytes of a row"):
            sweep(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.warns(UserWarning, match="last line is incomplete"):
        assert sweep(path) == expected
