"""``python -m benchmarks.imports``: how long ``import autograd`` takes.

New processes import nothing, NumPy and chalkgrad in turn; the ratio of chalkgrad to
NumPy is one measurement a round. Bytecode is cached, as it is after installation.
"""

import os
import subprocess
import sys
import time

from benchmarks.figures import spread

ROUNDS = 15
TARGET = 1.5


def seconds_of(statement):
    """Return how long a new interpreter takes for a statement."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
    return time.perf_counter() - start


def main():
    """Measure in turn and print the ratio."""
    for module in ("numpy", "autograd"):
        seconds_of(f"import {module}")  # writes the bytecode
    rounds = [
        (seconds_of("import numpy"), seconds_of("import autograd"))
        for _ in range(ROUNDS)
    ]
    found = spread([ours / numpy for numpy, ours in rounds])
    print(f"import autograd / import numpy: {found}, {ROUNDS} rounds, target {TARGET}")


if __name__ == "__main__":
    main()
