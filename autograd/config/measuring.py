"""How long a few small computations take here, compared with one another.

Each number is the quotient of two times that are measured in turns, the shortest of a
few.  Where one thread works, its own time on the processor counts, so that what other
programs do does not.
"""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.tensor import Tensor

__all__ = [
    "collector_cost",
    "denormal_cost",
    "fresh_memory_cost",
    "kernel_gain",
    "thread_gain",
]

_LARGE_ARRAY = 40 << 20  # bytes; the GNU C library gives back what is above 32 MB
_SCALARS = 4000

# A product as in a network, timed in a process of its own.
_PRODUCT = """
import numpy as np
from time import CLOCK as clock
a = np.ones((384, 384), np.float32)
def seconds():
    start = clock(); a @ a; return clock() - start
print(min(seconds() for _ in range(15)))
"""

# Windows counts the time of the processor in steps that are too long.
_is_fine = time.get_clock_info("thread_time").resolution < 1e-5
_clock = time.thread_time if _is_fine else time.perf_counter


def _shortest(
    works: Sequence[Callable[[], Any]],
    rounds: int,
    clock: Callable[[], float] = _clock,
) -> list[float]:
    """Return the shortest time of each of several works, run in turns."""
    times: list[list[float]] = [[] for _ in works]
    for work in works:
        work()  # the first time is never like the others
    for _ in range(rounds):
        for found, work in zip(times, works, strict=True):
            start = clock()
            work()
            found.append(clock() - start)
    return [min(found) for found in times]


def thread_gain(size: int, rounds: int) -> float | None:
    """Return how much faster a product is with all BLAS threads than with one.

    Parameters
    ----------
    size : int
        The number of rows and columns of both matrices.
    rounds : int
        How often to measure.

    Returns
    -------
    float or None
        Below 1 the threads get in each other's way.  None without threadpoolctl.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return None
    a = np.ones((size, size), np.float32)
    one_thread, all_threads = [], []
    for _ in range(3):  # in turns
        all_threads += _shortest([lambda: a @ a], rounds, time.perf_counter)
        with threadpool_limits(limits=1, user_api="blas"):
            one_thread += _shortest([lambda: a @ a], rounds, time.perf_counter)
    return min(one_thread) / min(all_threads)


def kernel_gain(variables: Mapping[str, str]) -> float | None:
    """Return how much faster a product on one thread is with other variables.

    None if one of the two processes fails, as with a kernel that the library lacks.
    """
    before, after = _product_seconds({}), _product_seconds(variables)
    return before / after if before and after else None


def _product_seconds(variables: Mapping[str, str]) -> float | None:
    try:
        run = subprocess.run(
            [sys.executable, "-c", _PRODUCT.replace("CLOCK", _clock.__name__)],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **variables},
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        return float(run.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def fresh_memory_cost() -> float:
    """Return how much slower it is to fill a new large array than a used one."""
    used = np.empty(_LARGE_ARRAY, np.uint8)
    works = [lambda: np.empty(_LARGE_ARRAY, np.uint8).fill(1), lambda: used.fill(1)]
    fresh, again = _shortest(works, 3)
    return fresh / again


def denormal_cost() -> float:
    """Return how much slower numbers below the smallest normal one are multiplied."""
    out = np.empty(2**15, np.float32)
    normal = np.full_like(out, 1e-3)
    tiny = np.full_like(out, np.finfo(np.float32).tiny / 8)
    works = [
        lambda: np.multiply(tiny, 0.5, out=out),
        lambda: np.multiply(normal, 0.5, out=out),
    ]
    slow, fast = _shortest(works, 10)
    return slow / fast


def collector_cost() -> float:
    """Return how much slower a graph of scalars is with the cyclic collector on.

    It looks through every object of the process, so that this grows with the program.
    """
    was_enabled = gc.isenabled()

    def with_collector() -> None:
        gc.enable()
        _differentiate_scalars()

    def without() -> None:
        gc.disable()
        _differentiate_scalars()

    try:
        on, off = _shortest([with_collector, without], 4)
    finally:
        (gc.enable if was_enabled else gc.disable)()
    return on / off


def _differentiate_scalars() -> None:
    x = y = Tensor(0.5)
    for _ in range(_SCALARS):
        y = y * x
    y.backward(keep="leaves")
