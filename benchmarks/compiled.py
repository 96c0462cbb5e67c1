"""``python -m benchmarks.compiled``: compiled, eager and hand-written steps.

Each workload takes training steps in turn eagerly, compiled and by hand, in one process
of its own with one BLAS thread; the ratio of neighbours is one measurement.  Times are
of the processor.  Losses and gradients are checked before anything is said about time.
S1, the scalar network, is timed against micrograd, each in clean processes of its own.
"""

import argparse
import json
import statistics
import time

import numpy as np

from benchmarks.__main__ import check_same_mathematics as check_same_scalars
from benchmarks.interleaved import interleave, ratios, run_worker, spread
from benchmarks.networks import WORKLOADS, check_same_mathematics, seconds_of
from benchmarks.workloads import chain, lesson
from benchmarks.workloads.by_hand import Step

ALL = {**WORKLOADS, "m3": lesson.m3, "e1": chain.e1, "e1t": chain.e1t}

# What compiled steps should take at most, over the hand-written ones.
TARGETS = {"m1": 1.0, "m2": 1.0, "m3": 1.1, "t1": 1.0, "r1": 1.1, "r2": 1.1, "e1": 0.4}


def contestants(name):
    """Return the steps of a workload."""
    import autograd

    eager, by_hand = ALL[name](np.random.default_rng(0), "leaves")
    compiled = Step(
        autograd.compile(eager.forward), eager.parameters, "leaves", eager.gradient
    )
    assert compiled.forward().op.name == "compiled"
    for ours in (eager, compiled):
        check_same_mathematics(ours, by_hand)
    return {"eager": eager, "compiled": compiled, "by hand": by_hand}


def measure(name, budget):
    """Take steps in turn for some seconds; return the times of each contestant."""
    steps = contestants(name)
    repeats = max(1, round(0.005 / seconds_of(steps["by hand"], 3)))
    times: dict[str, list[float]] = {contestant: [] for contestant in steps}
    rng = np.random.default_rng(1)
    order = list(steps)
    end = time.process_time() + budget
    while time.process_time() < end or len(times["eager"]) < 5:
        for position in rng.permutation(len(order)):
            step = steps[order[position]]
            times[order[position]].append(seconds_of(step, repeats))
    return times


def report(name, times):
    """Return one row of the table."""
    parts = [f"{name.upper():4}"]
    for contestant in ("eager", "compiled", "by hand"):
        parts.append(f"{1e3 * statistics.median(times[contestant]):9.3f}")
    for contestant in ("eager", "compiled"):
        pairs = zip(times[contestant], times["by hand"], strict=True)
        values = sorted(a / b for a, b in pairs)
        quarter = len(values) // 4
        parts.append(
            f"{statistics.median(values):7.2f} "
            f"({values[quarter]:.2f} to {values[-1 - quarter]:.2f})"
        )
    target = TARGETS.get(name)
    return " ".join(parts) + (f"   target {target}" if target else "")


def report_scalars(rounds):
    """Print how many times faster S1 is than micrograd."""
    rng = np.random.default_rng(0)
    few = {name: [name, "--steps", "2"] for name in ("micrograd", "compiled")}
    check_same_scalars(interleave("benchmarks.moons", few, 1, rng))
    for collector in ("default", "off"):
        names = {"micrograd": 4, "chalkgrad": 8, "compiled": 200}
        commands = {
            name: [name, "--steps", str(steps), "--collector", collector]
            for name, steps in names.items()
        }
        results = interleave("benchmarks.moons", commands, rounds, rng)
        for ours in ("chalkgrad", "compiled"):
            faster = spread(ratios(results["micrograd"], results[ours]))
            name = "eager" if ours == "chalkgrad" else ours
            print(f"S1   collector {collector:7}  {name:8} {faster} times micrograd")


def main():
    """Print a table, one row for each workload."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="workloads, by default all, and s1")
    parser.add_argument("--seconds", type=float, default=4.0, help="per workload")
    parser.add_argument("--rounds", type=int, default=3, help="for s1")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(options.names[0], options.seconds)))
        return
    names = options.names or ["s1", *ALL]
    if "s1" in names:
        report_scalars(options.rounds)
    print("one training step, ms   eager compiled by hand   eager and compiled / hand")
    for name in names:
        if name != "s1":
            seconds = ["--seconds", str(options.seconds)]
            times = run_worker("benchmarks.compiled", name, "--worker", *seconds)
            print(report(name, times), flush=True)


if __name__ == "__main__":
    main()
