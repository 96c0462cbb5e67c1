"""Run commands in turn, in clean processes."""

import json
import os
import subprocess
import sys


def blas_threads(count):
    """Return the variables that give every BLAS so many threads."""
    return {f"{name}_NUM_THREADS": str(count) for name in ("OPENBLAS", "OMP", "MKL")}


def run_worker(module, *arguments):
    """Run ``python -m module arguments`` and return the JSON that it prints."""
    # On one thread: two on a small machine wait for each other.
    finished = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | blas_threads(1),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(finished.stdout)


def interleave(module, contestants, rounds, rng):
    """Run every contestant once a round, in an order that changes.

    Parameters
    ----------
    module : str
        The worker module; its first argument is the contestant.
    contestants : dict of str to sequence of str
        Name -> the worker's arguments.
    rounds : int
        How often each one runs.
    rng : numpy.random.Generator
        Shuffles the order within a round.

    Returns
    -------
    dict of str to list of dict
        What each contestant printed, one entry a round.
    """
    results: dict[str, list[dict]] = {name: [] for name in contestants}
    names = list(contestants)
    for _ in range(rounds):
        for position in rng.permutation(len(names)):
            name = names[position]
            results[name].append(run_worker(module, *contestants[name]))
    return results
