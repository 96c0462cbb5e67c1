"""A contestant in a process of its own, which answers in lines of JSON."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

from benchmarks.contestants import ROOT, Contestant, interpreter_of
from benchmarks.interleaved import blas_threads


class WorkerError(Exception):
    """A process that could not do what it was asked for; says why."""


class Worker:
    """One contestant that takes the steps of one row.

    Parameters
    ----------
    contestant : Contestant
        Which library.
    row : str
        Which row, maybe with its sizes, as ``"M1:batch=128"``.
    threads : int
        How many threads, and cores, it may use.
    folder : Path
        Where it puts its gradients.
    patience : float
        Seconds to wait for an answer; some libraries compile for minutes.
    """

    def __init__(
        self,
        contestant: Contestant,
        row: str,
        threads: int,
        folder: Path,
        patience: float,
    ) -> None:
        self.patience = patience
        self._errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115
        path = folder / f"{contestant.library}-{row.replace(':', '-')}.npz"
        self._process = subprocess.Popen(
            [
                str(interpreter_of(contestant)),
                str(ROOT / "benchmarks" / "worker.py"),
                contestant.library,
                row,
                *("--gradients", str(path), "--threads", str(threads)),
            ],
            env=environment(contestant, threads),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            bufsize=1,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def read(self) -> dict[str, Any]:
        """Return the next answer; raises `WorkerError` where there is none."""
        timer = threading.Timer(self.patience, self._process.kill)
        timer.start()
        try:
            line = self._answers.readline()
        finally:
            in_time = timer.is_alive()
            timer.cancel()
        if not line:
            late = f"no answer within {self.patience:.0f} s"
            raise WorkerError(self._last_words() if in_time else late)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and return the answer."""
        try:
            self._requests.write(json.dumps(request) + "\n")
        except OSError:
            raise WorkerError(self._last_words()) from None
        return self.read()

    def stop(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):
            self._requests.close()
        self._answers.close()
        self._errors.close()

    def _last_words(self) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().strip().splitlines()
        return f"the process ended with {code}" + (f": {said[-1]}" if said else "")


def usable_cores() -> int:
    """Return how many cores this process, and those that it starts, may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def environment(contestant: Contestant, threads: int) -> dict[str, str]:
    """Return the variables of a process: threads, and the project for us alone."""
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    variables |= blas_threads(threads)
    if threads == 1:
        variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    if contestant.ours:
        variables["PYTHONPATH"] = str(ROOT)
    return variables
