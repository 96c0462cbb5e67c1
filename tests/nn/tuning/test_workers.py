"""Sweeps in worker processes and on a Dask cluster; killed workers, killed sweeps."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import nn
from nn.tuning import workers
from nn.tuning.trial import Trial
from tests.nn.tuning import training
from tests.nn.tuning.training import SPACE_OF_24, killed_at_one, parabola, train_network

ROOT = Path(__file__).parents[3]

SCRIPT = """
import sys
import nn
from tests.nn.tuning import training

if __name__ == "__main__":
    name, path, log, n = sys.argv[1:]
    space = {"x": range(int(n)), "log": log}
    print(nn.sweep(getattr(training, name), space, results=path).table())
"""


@pytest.fixture
def two_workers(monkeypatch):
    monkeypatch.setattr(workers, "_processors", lambda: 2)


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a sweep of its own; what is left is killed."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    started = []

    def start(name, n):
        command = [sys.executable, script, name, tmp_path / "sweep.jsonl"]
        process = subprocess.Popen(
            [*command, tmp_path / "log", str(n)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for_rows(path, n):
    for _ in range(600):
        if path.exists() and path.read_bytes().count(b"\n") > n:
            return
        time.sleep(0.05)
    raise AssertionError(f"no {n} rows after 30 s")


@pytest.mark.slow
def test_24_configurations_give_one_table_on_processes_dask_and_threads(two_workers):
    distributed = pytest.importorskip("distributed")
    on_processes = nn.sweep(train_network, SPACE_OF_24, results=None)
    with ThreadPoolExecutor(2) as executor:
        on_threads = nn.sweep(
            train_network, SPACE_OF_24, executor=executor, results=None
        )
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert len(set(client.run(os.getpid).values()) - {os.getpid()}) == 2
        on_dask = nn.sweep(
            train_network, SPACE_OF_24, executor=client.get_executor(), results=None
        )
    assert len(on_processes) == 24
    assert on_processes == on_dask == on_threads
    assert on_processes.table() == on_dask.table() == on_threads.table()
    assert {row.status for row in on_processes} == {"ok", "diverged", "failed"}


@pytest.mark.slow
def test_a_sweep_killed_half_way_goes_on_without_repeating(start, tmp_path):
    path, log = tmp_path / "sweep.jsonl", tmp_path / "log"
    killed = start("logged", 24)
    wait_for_rows(path, 8)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()  # ends when the last worker has closed its output
    with path.open("ab") as file:
        file.write(b'{"configuration": 3, "conf')  # as if killed while writing
    finished = [row.config["x"] for row in nn.read_sweep(path)]
    begun = [int(line) for line in log.read_text().split()]
    assert 8 <= len(finished) < 24
    log.unlink()
    output, errors = start("logged", 24).communicate()
    assert "its last line is incomplete" in errors
    repeated = Counter(int(line) for line in log.read_text().split())
    assert set(repeated.values()) == {1}
    assert set(repeated) == set(range(24)) - set(finished)
    assert set(begun) | set(repeated) == set(range(24))
    found = nn.read_sweep(path)
    assert [row.metrics["loss"] for row in found] == list(range(24))
    assert output.strip() == found.table()


@pytest.mark.slow
@pytest.mark.parametrize("whole_group", [True, False])
def test_ctrl_c_ends_the_workers_and_leaves_the_file_usable(
    start, tmp_path, whole_group
):
    path = tmp_path / "sweep.jsonl"
    process = start("endless_from_two", 5)
    wait_for_rows(path, 2)
    kill = os.killpg if whole_group else os.kill
    kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)  # the workers sleep for ten minutes
    assert process.returncode != 0
    assert errors.count("KeyboardInterrupt") == 1
    rows = nn.read_sweep(path).rows
    assert [row.config["x"] for row in rows] == [0, 1]


@pytest.mark.slow
def test_a_killed_worker_is_the_row_of_what_it_ran(two_workers, tmp_path):
    path = tmp_path / "sweep.jsonl"
    before = dict(os.environ)
    found = nn.sweep(killed_at_one, {"x": range(5)}, results=path)
    assert dict(os.environ) == before
    assert [row.status for row in found] == ["ok", "failed", "ok", "ok", "ok"]
    assert found.rows[1].error == "the worker process died while it ran this"
    assert {row.metrics["threads"] for row in found if row.metrics} == {1}
    assert nn.read_sweep(path) == found


@pytest.mark.slow
def test_functions_that_workers_cannot_import_are_explained(tmp_path):
    with pytest.raises(TypeError, match="cannot be sent to worker processes"):
        nn.sweep(lambda config, seed: {"loss": 0}, {"x": [1]}, results=None)
    script = tmp_path / "no_guard.py"
    script.write_text(
        "import nn\n"
        "def train(config, seed): return {'loss': 1.0}\n"
        "nn.sweep(train, {'x': [1, 2]})\n"
    )
    result = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "imports the main script again" in result.stderr
    assert "died before they ran anything" in result.stderr
    assert len((tmp_path / "sweep.jsonl").read_text().splitlines()) == 1


def test_a_finished_sweep_starts_no_process(tmp_path, monkeypatch):
    path = tmp_path / "sweep.jsonl"
    found = nn.sweep(
        parabola, {"x": [1, 2]}, executor=training.InThisProcess(), results=path
    )

    def refuse(self):
        raise AssertionError("a pool was started")

    monkeypatch.setattr(workers.ProcessWorkers, "_start", refuse)
    assert nn.sweep(parabola, {"x": [1, 2]}, results=path) == found


def test_there_are_as_many_workers_as_trials_can_use(monkeypatch):
    pools = []

    def start(self):
        pools.append(self._workers)
        return ThreadPoolExecutor(self._workers)

    monkeypatch.setattr(workers, "_processors", lambda: 3)
    monkeypatch.setattr(workers.ProcessWorkers, "_start", start)
    trials = [Trial(x, {"x": x}, 0) for x in range(5)]
    for rounds, expected in [([0, 2, 5], [2]), ([0, 5, 1], [3])]:
        processes = workers.ProcessWorkers(parabola, "loss")
        for n in rounds:  # of halving; the first was finished before
            assert len(list(processes.completed(trials[:n]))) == n
        processes._pool.shutdown()
        assert pools == expected
        pools.clear()


def test_calls_are_cancelled_when_the_sweep_is_abandoned():
    begun, go_on = [], threading.Event()

    def train_fn(config, seed):
        begun.append(config["x"])
        assert config["x"] == 0 or go_on.wait(30)
        return {"loss": 0.0}

    with ThreadPoolExecutor(1) as executor:
        finished = workers.GivenExecutor(executor, train_fn, "loss").completed(
            [Trial(x, {"x": x}, 0) for x in range(30)]
        )
        next(finished)
        finished.close()
        go_on.set()
    assert begun in ([0], [0, 1])


def test_the_user_chooses_the_number_of_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before = dict(os.environ)
    with workers._one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == "3"
        assert os.environ["MKL_NUM_THREADS"] == "1"
    assert dict(os.environ) == before
