"""``python -m benchmarks.networks``: networks against hand-written NumPy.

Each workload takes training steps in turn with chalkgrad and by hand, in one process of
its own with one BLAS thread; the ratio of each pair of steps is one measurement.  Times
are of the processor, which other programs disturb less.  Losses and gradients are
checked to be equal before anything is said about time.
"""

import argparse
import json
import statistics
import time

import numpy as np

from benchmarks.interleaved import run_worker
from benchmarks.workloads import lenet, perceptron, recurrence, transformer

# What each workload should take at most, over the hand-written step.
TARGETS = {"m1": 1.15, "m2": 1.15, "t1": 1.15, "c1": 1.15, "r1": 1.35, "r2": 1.35}
WORKLOADS = {
    "m1": perceptron.m1,
    "m2": perceptron.m2,
    "t1": transformer.t1,
    "c1": lenet.c1,
    "c2": lenet.c2,
    "r1": recurrence.r1,
    "r2": recurrence.r2,
}


def check_same_mathematics(ours, by_hand):
    """Raise unless both steps give the same loss and gradients."""
    (loss, gradients), (expected, all_expected) = ours(), by_hand()
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    assert sorted(gradients) == sorted(all_expected)
    for name, gradient in gradients.items():
        assert gradient.dtype == all_expected[name].dtype
        scale = np.max(np.abs(all_expected[name]))
        np.testing.assert_allclose(
            gradient, all_expected[name], rtol=1e-3, atol=1e-5 * scale, err_msg=name
        )


def seconds_of(step, repeats):
    """Return the processor time of one step, as the mean of a few."""
    start = time.process_time()
    for _ in range(repeats):
        step()
    return (time.process_time() - start) / repeats


def measure(name, keep, budget):
    """Take steps in turn for some seconds; return the times of both."""
    ours, by_hand = WORKLOADS[name](np.random.default_rng(0), keep)
    check_same_mathematics(ours, by_hand)
    once = seconds_of(by_hand, 3)
    repeats = max(1, round(0.005 / once))  # long enough for the clock
    times: dict[str, list[float]] = {"ours": [], "by hand": []}
    end = time.process_time() + budget
    while time.process_time() < end or len(times["ours"]) < 5:
        times["ours"].append(seconds_of(ours, repeats))
        times["by hand"].append(seconds_of(by_hand, repeats))
    return times


def report(name, keep, times):
    """Return one row of the table."""
    pairs = zip(times["ours"], times["by hand"], strict=True)
    ratios = sorted(a / b for a, b in pairs)
    quarter = len(ratios) // 4
    target = TARGETS.get(name)
    return (
        f"{name.upper():4} {keep:7} "
        f"{1e3 * statistics.median(times['ours']):8.2f} "
        f"{1e3 * statistics.median(times['by hand']):8.2f} "
        f"{statistics.median(ratios):7.2f}  "
        f"({ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f})"
        f"{f'   target {target}' if target else ''}"
    )


def main():
    """Print a table, one row for each workload and way to keep gradients."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="workloads, by default all of them")
    parser.add_argument("--keep", choices=["leaves", "all"], default="leaves")
    parser.add_argument("--seconds", type=float, default=4.0, help="per workload")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(options.names[0], options.keep, options.seconds)))
        return
    print("one training step, float32     ours  by hand   ratio (middle half)")
    for name in options.names or WORKLOADS:
        settings = ["--worker", "--keep", options.keep]
        seconds = ["--seconds", str(options.seconds)]
        times = run_worker("benchmarks.networks", name, *settings, *seconds)
        print(report(name, options.keep, times), flush=True)


if __name__ == "__main__":
    main()
