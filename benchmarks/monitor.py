"""``python -m benchmarks.monitor``: what watching a training run costs.

A run of five seconds or more, of a small network (short steps, the hardest case) and of
a larger one, alone and with `viz.Monitor`, interleaved, in processes of their own.
Compared is processor time, which other programs on the machine disturb less than wall
time; and as they disturb it all the same, the time inside the monitor is added up, too.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.interleaved import interleave

# Sizes of the layers, batch size, epochs, batches in each.
NETWORKS = {
    "small": ((2, 16, 16, 1), 32, 150, 100),
    "larger": ((784, 256, 128, 1), 64, 60, 60),
}
WAYS = ("alone", "monitor", "live")


def time_inside(viz):
    """Wrap everything that a trainer or a model calls, and return a running sum."""
    from viz.training.look import Look

    total = [0.0]

    def timed(method):
        def wrapper(*args):
            start = time.process_time()
            try:
                return method(*args)
            finally:
                total[0] += time.process_time() - start

        return wrapper

    events = ("fit_start", "epoch_start", "batch_end", "epoch_end", "fit_end")
    places = [(viz.Monitor, f"on_{event}") for event in events]
    for owner, name in [*places, (Look, "_after_forward")]:
        setattr(owner, name, timed(getattr(owner, name)))
    return total


def train(network, way, scale):
    """Train once; return processor and wall seconds, and a digest of the weights."""
    import nn
    import viz

    sizes, batch, epochs, batches = NETWORKS[network]
    rng = np.random.default_rng(0)
    X = rng.standard_normal((batch * batches, sizes[0])).astype(np.float32)
    y = (np.sin(3 * X[:, :1]) > 0).astype(np.float32)
    layers = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out, rng=rng), nn.Tanh()]
    model = nn.Sequential(*layers[:-1])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05)
    loss = nn.BCEWithLogitsLoss()
    with tempfile.TemporaryDirectory() as folder:
        live = Path(folder) / "run.html" if way == "live" else None
        callbacks = [] if way == "alone" else [viz.Monitor(live=live)]
        inside = time_inside(viz) if callbacks else [0.0]
        trainer = nn.Trainer(model, loss, optimizer, callbacks=callbacks, rng=rng)
        start = time.process_time(), time.perf_counter()
        trainer.fit(
            (X, y), epochs=max(1, int(epochs * scale)), batch_size=batch, progress=False
        )
        end = time.process_time(), time.perf_counter()
    weights = [p.data.tobytes().hex() for p in model.parameters()]
    return {
        "processor": end[0] - start[0],
        "wall": end[1] - start[1],
        "inside": inside[0],
        "weights": weights,
    }


def compare(network, rounds, scale):
    """Print how much longer each way takes than training alone."""
    runs = {way: (network, way, "--scale", str(scale)) for way in WAYS}
    results = interleave("benchmarks.monitor", runs, rounds, np.random.default_rng(0))
    alone = results["alone"]
    wall = statistics.median(run["wall"] for run in alone)
    print(f"{network}: {wall:.1f} s alone")
    for way in WAYS[1:]:
        if any(
            a["weights"] != b["weights"]
            for a, b in zip(alone, results[way], strict=True)
        ):
            sys.exit(
                f"{network}, {way}: the weights differ from those without a monitor"
            )
        shares = [
            100 * (b["processor"] / a["processor"] - 1)
            for a, b in zip(alone, results[way], strict=True)
        ]
        inside = [100 * run["inside"] / run["processor"] for run in results[way]]
        print(
            f"  {way:8} {statistics.median(shares):+.1f}% processor time (rounds "
            f"{', '.join(f'{x:+.1f}' for x in shares)}); inside the monitor "
            f"{statistics.median(inside):.2f}% (at most {max(inside):.2f}%)"
        )


def main():
    """Compare all, or run one: ``python -m benchmarks.monitor small live``."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("network", nargs="?", choices=NETWORKS)
    parser.add_argument("way", nargs="?", choices=WAYS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="of the epochs")
    options = parser.parse_args()
    if options.way is not None:
        print(json.dumps(train(options.network, options.way, options.scale)))
        return
    for network in [options.network] if options.network else NETWORKS:
        compare(network, options.rounds, options.scale)


if __name__ == "__main__":
    main()
