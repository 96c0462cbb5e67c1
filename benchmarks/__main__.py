"""``python -m benchmarks``: the scalar network against micrograd.

Losses and gradients are checked to be equal before anything is said about time.
"""

import argparse
import statistics

import numpy as np

from benchmarks.interleaved import interleave, ratios, spread, step_seconds


def check_same_mathematics(results):
    """Raise unless all contestants computed the same loss and gradients."""
    reference = results["micrograd"][0]
    for name, runs in results.items():
        for run in runs:
            np.testing.assert_allclose(run["loss"], reference["loss"], rtol=1e-10)
            np.testing.assert_allclose(
                run["gradients"],
                reference["gradients"],
                rtol=1e-8,
                atol=1e-12,
                err_msg=name,
            )


def main():
    """Print one row for each setting of the garbage collector."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    print("S1, micrograd's moons demo, one training step (median of each process):")
    for collector in ("default", "off"):
        settings = ["--steps", str(options.steps), "--collector", collector]
        contestants = {name: [name, *settings] for name in ("micrograd", "chalkgrad")}
        results = interleave("benchmarks.moons", contestants, options.rounds, rng)
        check_same_mathematics(results)
        milliseconds = {
            name: 1e3 * statistics.median(map(step_seconds, runs))
            for name, runs in results.items()
        }
        faster = ratios(results["micrograd"], results["chalkgrad"])
        print(
            f"  collector {collector:7}  "
            f"micrograd {milliseconds['micrograd']:7.1f} ms  "
            f"chalkgrad {milliseconds['chalkgrad']:6.1f} ms  "
            f"{spread(faster)} times faster"
        )


if __name__ == "__main__":
    main()
