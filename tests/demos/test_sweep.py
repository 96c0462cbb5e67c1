"""The sweep: every combination, its best, and going on where it stopped."""

from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from demos import sweep

SMALL = {"lr": [0.03, 1000.0], "batch_size": 32, "depth": [1, 2]}


def run(out):
    with ThreadPoolExecutor(1) as executor:
        return sweep.main(SMALL, epochs=2, n_train=300, out=out, executor=executor)


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
def test_full_sweep_on_processes(tmp_path):
    results, accuracy = sweep.main(out=tmp_path)
    assert len(results) == 24
    assert results.best().metrics["val_accuracy"] > 0.96
    assert accuracy > 0.95
