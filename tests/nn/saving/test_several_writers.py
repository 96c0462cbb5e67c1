"""Rows J of the catalogue of traps: writers that are killed, or work at once."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from nn.saving import read_state, write_state
from nn.saving.atomic import previous_path

ROOT = Path(__file__).resolve().parents[3]


def uniform(k):
    """Return a state that shows by every number who wrote it."""
    return {str(j): np.full(1000, k) for j in range(8)} | {"k": k}


def writer_of(found):
    """Return who wrote a state, after checking that it was one only."""
    assert found.keys() == uniform(0).keys()
    k = found["k"]
    assert all((found[str(j)] == k).all() for j in range(8)), "mixed"
    return k


def test_two_writers_never_mix(tmp_path):
    path = tmp_path / "a"
    write_state(path, uniform(0))
    errors = []

    def write(k):
        try:
            for n in range(40):
                write_state(path, uniform(k + 2 * n))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(k,)) for k in (1, 2)]
    for thread in threads:
        thread.start()
    reads = 0
    while any(thread.is_alive() for thread in threads):
        writer_of(read_state(path))
        reads += 1
    for thread in threads:
        thread.join()
    assert not errors
    assert reads > 0
    assert writer_of(read_state(path)) in (79, 80)
    writer_of(read_state(previous_path(path)))
    assert sorted(x.name for x in tmp_path.iterdir()) == ["a", "a.previous"]


KILLING = """
import os, random, signal, sys, time, traceback
import numpy as np, safetensors.numpy
from nn.saving import read_state, write_state
from nn.saving.atomic import previous_path
from tests.nn.saving.test_several_writers import uniform, writer_of

path, times, writers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(0)

def save_until_killed(start, ledger):
    for k in range(start, 10**9, writers):
        write_state(path, uniform(k))
        os.write(ledger, k.to_bytes(8, "little"))

write_state(path, uniform(0))
write_state(path, uniform(0))
last, stale = 0, 0
for _ in range(times):
    reading, ledger = os.pipe()
    children = []
    for w in range(writers):
        child = os.fork()
        if not child:
            try:
                save_until_killed(last + 1 + w, ledger)
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(3)
        children.append(child)
    os.close(ledger)
    written = os.read(reading, 8)  # wait for one save
    time.sleep(random.uniform(0.0, 0.01))
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    written += os.read(reading, 1 << 16)
    os.close(reading)
    done = np.frombuffer(written, "<u8").tolist()
    found = writer_of(read_state(path))
    before = writer_of(read_state(previous_path(path)))
    if writers == 1:
        assert found >= max(done), "a finished save is lost"
        assert found <= max(done) + 1
        assert before < found or found == 0
    stale += sum(x.endswith(".saving") for x in os.listdir(os.path.dirname(path)))
    last = max(found, before, last)
write_state(path, uniform(last + 1))
assert sorted(os.listdir(os.path.dirname(path))) == ["a", "a.previous"]
print(last, stale)
"""


def killed(path, times, writers):
    """Kill saving processes; return how many saves they made, and were interrupted."""
    done = subprocess.run(
        [sys.executable, "-c", KILLING, str(path), str(times), str(writers)],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    saves, interrupted = map(int, done.stdout.split())
    return saves, interrupted


@pytest.mark.parametrize("writers", [1, 2])
def test_J14_J15_J16_kill_during_save(tmp_path, writers):
    saves, interrupted = killed(tmp_path / "a", 40, writers)
    assert saves > 40
    assert interrupted > 0  # kills did hit the middle of a save


@pytest.mark.slow
def test_J14_J15_J16_a_thousand_kills_during_save(memory):
    saves, interrupted = killed(memory / "a", 1000, 1)
    assert saves > 1000
    assert interrupted > 20


@pytest.mark.slow
def test_J14_J15_J16_kills_of_two_writers_on_a_disk(tmp_path):
    saves, _ = killed(tmp_path / "a", 200, 2)
    assert saves > 200
