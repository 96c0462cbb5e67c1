"""The sweep: every combination, its best, and going on where it stopped."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import nn

pytest.importorskip("sklearn", exc_type=ImportError)

from demos import sweep

SMALL = {"lr": [0.03, 1000.0], "batch_size": 32, "depth": [1, 2]}


def run(out):
    with ThreadPoolExecutor(1) as executor:
        return sweep.main(2, n_train=300, space=SMALL, out=out, executor=executor)


def test_best_and_diverged(tmp_path, capsys):
    results, accuracy = run(tmp_path)
    printed = capsys.readouterr().out
    assert len(results) == 4
    assert results.best().config["lr"] == 0.03
    assert accuracy > 0.5
    assert f"{accuracy:.1%} on images that nothing was chosen by" in printed
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_second_sweep_repeats_nothing(tmp_path):
    first, _ = run(tmp_path)
    lines = (tmp_path / "sweep.jsonl").read_bytes()
    second, _ = run(tmp_path)
    assert second == first
    assert (tmp_path / "sweep.jsonl").read_bytes() == lines


def test_the_three_parts_share_no_image():
    parts = [{x.tobytes() for x in images} for images, _ in sweep.load_parts(1077)]
    assert [len(part) for part in parts] == [1077, 360, 360]
    assert len(set.union(*parts)) == 1797


@pytest.mark.slow
def test_full_sweep_from_the_command_line(tmp_path):
    command = [sys.executable, "-m", "demos.sweep", "--out", str(tmp_path)]
    folder = Path(sweep.__file__).parents[1]
    run = subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    )
    results = nn.read_sweep(tmp_path / "sweep.jsonl")
    assert len(results) == 24
    assert results.best().metrics["val_accuracy"] > 0.96
    assert results.table() in run.stdout
    assert run.stderr == ""
    honest = re.search(r"([\d.]+)% on images that nothing was chosen by", run.stdout)
    assert float(honest[1]) > 95
