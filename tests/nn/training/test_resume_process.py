"""kill -9 and a new process: equal bits, as if nothing had happened."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.nn.training.program import main

ROOT = Path(__file__).resolve().parents[3]
NEVER = -1


def start(folder, kill_at, epochs, settings):
    program = [sys.executable, "-m", "tests.nn.training.program"]
    arguments = [str(folder), str(kill_at), str(epochs), json.dumps(settings)]
    return subprocess.Popen([*program, *arguments], cwd=ROOT)


def whole_run(folder, epochs, settings):
    """Run without a stop in this process; return the losses and the state."""
    folder.mkdir()
    main(folder, NEVER, epochs, settings)
    return logged(folder), (folder / "state.json").read_text()


def logged(folder):
    """Return the losses by step, after checking that a repeated step is the same."""
    losses = {}
    for line in (folder / "log.txt").read_text().splitlines():
        step, loss = line.split()
        assert losses.setdefault(int(step), loss) == loss, f"step {step} differs"
    return losses


@pytest.mark.parametrize(
    ("optimizer", "schedule", "kill_at"),
    [("Adam", "OneCycleLR", 7), ("LBFGS", "ReduceLROnPlateau", 10)],
)
def test_a_killed_run_continues_in_a_new_process(
    optimizer, schedule, kill_at, tmp_path
):
    settings = {"optimizer": optimizer, "schedule": schedule}
    losses, state = whole_run(tmp_path / "whole", 3, settings)
    folder = tmp_path / "killed"
    folder.mkdir()
    assert start(folder, kill_at, 3, settings).wait() == -signal.SIGKILL
    assert not (folder / "state.json").exists()
    assert start(folder, NEVER, 3, settings).wait() == 0
    assert logged(folder) == losses
    assert (folder / "state.json").read_text() == state


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_moment_ends_with_the_same_bits(tmp_path):
    """Also in the middle of a step, of a validation, and of a save."""
    settings = {"optimizer": "AdamW", "schedule": "CosineAnnealingLR"}
    epochs, kills = 100, 10
    losses, state = whole_run(tmp_path / "whole", epochs, settings)
    folder = tmp_path / "killed"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for _ in range(kills):
        before = size_of_log(folder)
        process = start(folder, NEVER, epochs, settings)
        while size_of_log(folder) < before + 400:  # about 15 steps
            assert process.poll() is None
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.01))
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert start(folder, NEVER, epochs, settings).wait() == 0
    assert logged(folder) == losses
    assert (folder / "state.json").read_text() == state


def size_of_log(folder):
    log = folder / "log.txt"
    return log.stat().st_size if log.exists() else 0
