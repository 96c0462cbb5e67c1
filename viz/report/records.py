"""The records of a training run: what ``run.json`` and ``results.json`` say.

The format is that of ``nn.RunFolder``, described in ``nn/training/run_folder.py``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viz.report import reading
from viz.report.reading import finite, mapping, require
from viz.training.statistics import ActivationStatistics

__all__ = [
    "Generator",
    "Histogram",
    "Plain",
    "Results",
    "Setup",
    "read_results",
    "read_setup",
]

Plain = str | int | float | bool | None

_FORMAT = 1
_STATUSES = ("running", "done", "stopped", "interrupted", "failed")
_MOST_BINS = 1_000


@dataclass(frozen=True)
class Generator:
    """A random generator at the start of training.

    Attributes
    ----------
    used_by : list of str
        Paths.
    kind : str
        The bit generator.
    seed : str or None
        Decimal digits.
    state : dict
        As NumPy describes it.
    """

    used_by: list[str]
    kind: str
    seed: str | None
    state: dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """``run.json``: what the run was made with, and how it ended."""

    status: str
    reason: str
    epochs: int
    architecture: str
    configuration: dict[str, Plain]
    settings: dict[str, Plain]
    generators: list[Generator]
    versions: dict[str, str]
    classes: list[str]


@dataclass(frozen=True)
class Histogram:
    """How numbers are spread; None and no counts where there are no finite ones."""

    name: str
    size: int
    not_finite: int
    mean: float | None
    std: float | None
    low: float | None
    high: float | None
    counts: tuple[int, ...]
    function: str = ""
    saturated: float | None = None
    dead: float | None = None

    @property
    def statistics(self) -> ActivationStatistics:
        """The same for the functions that judge activations."""
        return ActivationStatistics(
            self.name,
            self.function,
            self.low or 0.0,
            self.high or 0.0,
            self.counts,
            self.mean or 0.0,
            self.std or 0.0,
            self.saturated,
            self.dead,
        )


@dataclass(frozen=True)
class Results:
    """``results.json``."""

    weights: list[Histogram]
    activations: list[Histogram]
    predictions: dict[str, str]


# ---- run.json ------------------------------------------------------------------


def read_setup(path: Path) -> Setup:
    """Return what ``run.json`` says, or raise DamagedFileError."""
    record = reading.read_json(path)
    version = reading.field(record, "format", int)
    require(
        version == _FORMAT, f"it has format {version}, this program reads {_FORMAT}"
    )
    status = reading.field(record, "status", str)
    require(status in _STATUSES, f"the status is {status!r}")
    epochs = reading.field(record, "epochs", int)
    require(epochs >= 0, f"'epochs' is {epochs}")
    generators = reading.field(record, "generators", list, type(None)) or []
    versions = mapping("'versions'", record.get("versions"))
    classes = reading.field(record, "classes", list, type(None)) or []
    return Setup(
        status,
        reading.field(record, "reason", str),
        epochs,
        reading.field(record, "architecture", str),
        _plain(record, "configuration"),
        _plain(record, "settings"),
        [_generator(mapping("a generator", entry)) for entry in generators],
        {name: _str(value) for name, value in versions.items()},
        [_str(name) for name in classes],
    )


def _plain(record: dict[str, Any], name: str) -> dict[str, Plain]:
    found = mapping(repr(name), record.get(name))
    for key in found:
        reading.field(found, key, str, int, float, bool, type(None))
    return found


def _generator(record: dict[str, Any]) -> Generator:
    return Generator(
        [_str(path) for path in reading.field(record, "used_by", list)],
        reading.field(record, "kind", str),
        reading.field(record, "seed", str, type(None)),
        mapping("'state'", record.get("state")),
    )


def _str(value: Any) -> str:
    require(isinstance(value, str), f"{type(value).__name__} where a text should be")
    return str(value)


# ---- results.json --------------------------------------------------------------


def read_results(path: Path) -> Results:
    """Return what ``results.json`` says, or raise DamagedFileError."""
    record = reading.read_json(path)
    predictions = reading.field(record, "predictions", dict, type(None)) or {}
    return Results(
        [_histogram(entry) for entry in reading.field(record, "weights", list)],
        [_histogram(entry) for entry in reading.field(record, "activations", list)],
        {name: _str(value) for name, value in predictions.items()},
    )


def _histogram(entry: Any) -> Histogram:
    record = mapping("a histogram", entry)
    low, high = finite(record, "low"), finite(record, "high")
    counts = reading.field(record, "counts", list)
    size = reading.field(record, "size", int)
    not_finite = reading.field(record, "not_finite", int)
    require(len(counts) <= _MOST_BINS, f"a histogram has {len(counts)} bins")
    require(all(type(k) is int and k >= 0 for k in counts), "a count is no number")
    if counts:
        require(
            low is not None and high is not None and low < high,
            f"a histogram reaches from {low} to {high}",
        )
        require(sum(counts) == size - not_finite, "counts do not add up to the size")
    shares = {
        name: finite(record, name) for name in ("saturated", "dead") if name in record
    }
    require(
        all(share is None or 0 <= share <= 1 for share in shares.values()),
        "a share is not between 0 and 1",
    )
    return Histogram(
        reading.field(record, "name", str),
        size,
        not_finite,
        finite(record, "mean"),
        finite(record, "std"),
        low,
        high,
        tuple(counts),
        reading.field(record, "function", str) if "function" in record else "",
        **shares,
    )
