"""Run commands in turn, in clean processes."""

import json
import os
import subprocess
import sys

# One thread for every BLAS: two threads on a small machine wait for each other.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def run_worker(module, *arguments):
    """Run ``python -m module arguments`` and return the JSON that it prints."""
    finished = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | ONE_THREAD,
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
