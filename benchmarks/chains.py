"""``python -m benchmarks.chains``: what an operation costs in longer and longer graphs.

S2: a chain of additions and products, and a fan-in, a sum of as many numbers; time per
operation of both passes together, and the memory that a node of the graph takes. Each
size runs in a process of its own; the collector is at its defaults or off.
"""

import argparse
import gc
import json
import time
import tracemalloc

from benchmarks.interleaved import run_worker

SIZES = (10**3, 10**4, 10**5, 10**6)


def chain(n):
    """Add and multiply in turn."""
    from autograd import Tensor

    x, y = Tensor(1.0000001), Tensor(0.0)
    for _ in range(n // 2):
        y = y * x + x
    return y


def fan_in(n):
    """Sum n numbers that require a gradient."""
    from autograd import Tensor

    return sum([Tensor(1.0) for _ in range(n)], Tensor(0.0))


SHAPES = {"chain": chain, "fan-in": fan_in}


def measure(shape, n, collector):
    """Return seconds per operation, the best of a few, and bytes a node."""
    build = SHAPES[shape]
    build(100).backward()
    if collector == "off":
        gc.disable()
    best = float("inf")
    for _ in range(max(2, min(50, 10**6 // n))):
        start = time.process_time()
        result = build(n)
        result.backward()
        best = min(best, time.process_time() - start)
        del result
    tracemalloc.start()
    result = build(n)
    held = tracemalloc.get_traced_memory()[0]
    del result
    return {"seconds": best / n, "bytes": held / n}


def main():
    """Print a table, one row for each shape and setting of the collector."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        shape, n, collector = options.worker
        print(json.dumps(measure(shape, int(n), collector)))
        return
    print("ns per operation, both passes   " + "".join(f"{n:>9,}" for n in SIZES))
    for shape in SHAPES:
        for collector in ("default", "off"):
            found = [
                run_worker("benchmarks.chains", "--worker", shape, str(n), collector)
                for n in SIZES
            ]
            times = [1e9 * row["seconds"] for row in found]
            print(
                f"{shape:8} collector {collector:12}"
                + "".join(f"{t:9.0f}" for t in times)
                + f"   spread {max(times) / min(times):.2f}, "
                f"{found[-1]['bytes']:.0f} bytes a node"
            )


if __name__ == "__main__":
    main()
