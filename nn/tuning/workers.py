"""Where trials run: in worker processes of our own, or in an executor that was given.

Both yield each trial with its outcome as soon as it is there, in any order.  What is
about processes is imported only when it is used, so that `import nn` stays quick.
"""

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    as_completed,
    wait,
)
from typing import TYPE_CHECKING, Protocol

from nn.tuning.trial import Outcome, TrainFunction, Trial, reason_of, run_trial

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

__all__ = ["GivenExecutor", "ProcessWorkers", "Workers", "workers_for"]

Finished = Iterator[tuple[Trial, Outcome]]

_THREAD_COUNTS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class Workers(Protocol):
    """What runs trials."""

    def completed(self, trials: Sequence[Trial]) -> Finished:
        """Run all trials; yield each with its outcome when it is there."""

    def close(self, *, now: bool) -> None:
        """End what was started; ``now``: without waiting for trials that run."""


def workers_for(
    executor: Executor | None, train_fn: TrainFunction, score: str
) -> Workers:
    """Return the executor that was given, or processes of our own."""
    import multiprocessing

    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(
            "sweep: this is a worker process that imports the main script again. Put "
            "the lines that start the sweep below  if __name__ == '__main__':"
        )
    if executor is None:
        return ProcessWorkers(train_fn, score)
    if isinstance(executor, type) or not hasattr(executor, "submit"):
        raise TypeError(
            f"sweep: executor must be an executor such as ThreadPoolExecutor(), got "
            f"{executor!r}."
        )
    return GivenExecutor(executor, train_fn, score)


class GivenExecutor:
    """Any executor: threads, processes, ``client.get_executor()`` of a Dask cluster."""

    def __init__(self, executor: Executor, train_fn: TrainFunction, score: str) -> None:
        self._executor, self._train_fn, self._score = executor, train_fn, score

    def completed(self, trials: Sequence[Trial]) -> Finished:
        """Submit all trials: the executor knows how many it can run at a time."""
        futures: dict[Future[Outcome], Trial] = {}
        try:
            for trial in trials:
                future = self._submit(trial)
                if future.done():  # as always with an executor that runs in `submit`
                    yield trial, _outcome(future)
                else:
                    futures[future] = trial
            for future in as_completed(futures):
                yield futures[future], _outcome(future)
        finally:
            for future in futures:
                future.cancel()

    def _submit(self, trial: Trial) -> Future[Outcome]:
        try:
            return _submit(self._executor, self._train_fn, trial, self._score)
        except BrokenExecutor as error:
            future: Future[Outcome] = Future()
            future.set_exception(error)
            return future

    def close(self, *, now: bool) -> None:
        """Leave the executor to its owner."""


class ProcessWorkers:
    """Worker processes that are replaced when one of them dies.

    A process that dies (killed, out of memory, a crash in compiled code) breaks the
    whole pool, and the pool does not say which trial it was.  Never more trials are
    submitted than there are workers, so the culprit is among a few; these are run again
    one by one, and the one that breaks the pool again has failed.
    """

    def __init__(self, train_fn: TrainFunction, score: str) -> None:
        self._train_fn, self._score = train_fn, score
        self._pool: ProcessPoolExecutor | None = None
        self._workers = 0

    def completed(self, trials: Sequence[Trial]) -> Finished:
        """Keep every worker busy with one trial."""
        waiting = deque(trials)
        if self._pool is None:
            self._workers = min(_processors(), len(trials))
        running: dict[Future[Outcome], Trial] = {}
        while waiting or running:
            while waiting and len(running) < self._workers:
                trial = waiting.popleft()
                running[self._submit(trial)] = trial
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(_is_broken(future) for future in done):
                done, _ = wait(running)
                self.close(now=True)
            suspects = []
            for future in done:
                trial = running.pop(future)
                if _is_broken(future):
                    suspects.append(trial)
                else:
                    yield trial, _outcome(future)
            for trial in suspects:
                yield trial, self._run_alone(trial)

    def _submit(self, trial: Trial) -> Future[Outcome]:
        if self._pool is None:
            self._pool = self._start()
        try:
            return _submit(self._pool, self._train_fn, trial, self._score)
        except BrokenExecutor as error:  # it broke since we last looked
            future: Future[Outcome] = Future()
            future.set_exception(error)
            return future

    def _run_alone(self, trial: Trial) -> Outcome:
        future = self._submit(trial)
        if _is_broken(future):  # waits
            self.close(now=True)
            return Outcome("failed", {}, "the worker process died while it ran this")
        return _outcome(future)

    def _start(self) -> "ProcessPoolExecutor":
        """Start all workers, and see to it that they can import the function."""
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        pool = ProcessPoolExecutor(
            self._workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
        )
        self._pool = pool
        with _one_thread_each():  # read by NumPy's BLAS when a worker loads it
            probes = [
                pool.submit(callable, self._train_fn) for _ in range(self._workers)
            ]
        wait(probes)
        for probe in probes:
            _explain(probe.exception())
        return pool

    def close(self, *, now: bool) -> None:
        """End the processes."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if now:  # Python 3.14 calls this `terminate_workers`
            for process in list((pool._processes or {}).values()):
                process.terminate()
        pool.shutdown(cancel_futures=True)


def _submit(
    executor: Executor, train_fn: TrainFunction, trial: Trial, score: str
) -> Future[Outcome]:
    return executor.submit(
        run_trial, train_fn, trial.config, trial.seed, trial.budget, score
    )


def _outcome(future: Future[Outcome]) -> Outcome:
    """Return the outcome of a trial whose process could not report one as well."""
    try:
        error = future.exception()
    except CancelledError as cancelled:
        error = cancelled
    if error is None:
        return future.result()
    if isinstance(error, Exception):
        return Outcome("failed", {}, reason_of(error))
    raise error  # KeyboardInterrupt, which went to all processes of the terminal


def _is_broken(future: Future[Outcome]) -> bool:
    return isinstance(future.exception(), BrokenExecutor)


def _explain(error: BaseException | None) -> None:
    """Say why the workers cannot run the training function."""
    if isinstance(error, BrokenExecutor):
        raise RuntimeError(
            "sweep: the worker processes died before they ran anything; what they "
            "printed is above. A script must start the sweep below  if __name__ == "
            "'__main__':  and a function that was defined at the prompt or in a "
            "notebook must move to a file that is imported. Or pass "
            "executor=ThreadPoolExecutor() of concurrent.futures."
        ) from error
    if error is not None:
        raise TypeError(
            f"sweep: the training function cannot be sent to worker processes "
            f"({reason_of(error)}). Define it with def at the top of a module, not "
            f"inside another function. Or pass executor=ThreadPoolExecutor() of "
            f"concurrent.futures."
        ) from error


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that start now use one thread, unless the user chose a number.

    More would fight over the processors; and sums in another order round differently,
    so the results would depend on the number of workers.
    """
    added = [name for name in _THREAD_COUNTS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
