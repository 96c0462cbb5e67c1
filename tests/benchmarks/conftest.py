"""What the tests of the benchmarks share."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def library(monkeypatch):
    """Import a file of benchmarks/libraries/ as a worker does."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return lambda name: importlib.import_module(f"libraries.{name}")


def seconds(*values, **others):
    """Make up what a race found out about a contestant."""
    versions = {"version": "1.0", "python": "3.12.1", "numpy": "2.4.6"}
    memory = {"peak": 1.5, "held": 0.25}
    return {**versions, **memory, "seconds": list(values), **others}


@pytest.fixture
def found():
    """Make up what a run of the benchmarks found out."""

    def result(row, collector="on", threads=1, **contestants):
        return {
            "row": row,
            "title": f"what {row} is",
            "threads": threads,
            "collector": collector,
            "contestants": {k.replace("_", " "): v for k, v in contestants.items()},
        }

    times = {
        "by_hand": seconds(0.1, 0.2, 0.1, 0.1),
        "eager": seconds(0.11, 0.22, 0.13, 0.11),
        "compiled": seconds(0.09, 0.18, 0.09, 0.09),
        "torch": seconds(0.2, 0.4, 0.2, None),
    }
    return {
        "machine": {"processor": "Abacus 3000", "cores": "2", "BLAS": "openblas 0.3"},
        "rules": {"rounds": 4, "turn": 0.05, "limit": 15.0},
        "load": [0.4, 0.5],
        "left_out": {"MyGrad": "mygrad is not installed"},
        "rows": [
            result(
                "S1",
                by_hand=seconds(0.001, 0.001),
                eager=seconds(0.05, 0.05),
                compiled=seconds(0.002, 0.002),
                micrograd=seconds(2.0, 2.0),
            ),
            result("M1", **times, tinygrad={"error": "the process ended with -9"}),
            result("M1", threads=2, **times),
        ],
        "curves": [
            {
                "what": "batch of M1",
                "collector": "on",
                "sizes": [1, 10, 100, 1000],
                "seconds": {
                    "by hand": [0.001, 0.001, 0.01, 0.1],
                    "eager": [0.002, 0.002, None, None],
                },
                "notes": ["eager ends at 10: made up"],
            }
        ],
    }
