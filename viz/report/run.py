"""A training run, as the files in its folder tell it.

The format is that of ``nn.RunFolder``, described in ``nn/training/run_folder.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from viz.names import clean
from viz.report import reading
from viz.report.reading import DamagedFileError, finite, mapping, require
from viz.training.record import Columns
from viz.training.statistics import ActivationStatistics

__all__ = [
    "Generator",
    "Histogram",
    "Predictions",
    "Results",
    "Run",
    "Setup",
    "read_run",
]

Plain = str | int | float | bool | None
Array = npt.NDArray[Any]
_T = TypeVar("_T")

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


@dataclass(frozen=True)
class Predictions:
    """``predictions.npz``."""

    targets: Array
    predicted: Array
    scores: Array | None
    worst: Array
    inputs: Array | None

    @property
    def are_classes(self) -> bool:
        """Whether each sample has one class."""
        return self.scores is not None


@dataclass
class Run:
    """All that the folder tells; None where a file is missing or damaged.

    Attributes
    ----------
    name : str
        Of the folder.
    problems : list of str
        What is missing or damaged, in sentences.
    """

    name: str
    setup: Setup | None = None
    history: Columns | None = None
    gradients: Columns | None = None
    results: Results | None = None
    predictions: Predictions | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether the run wrote its results."""
        return self.setup is not None and self.setup.status in ("done", "stopped")


def read_run(folder: Path) -> Run:
    """Read a folder; what is wrong in it is among the problems.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it has none of the files.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {str(folder)!r}.")
    if not any((folder / name).is_file() for name in _FILES):
        raise ValueError(
            f"{str(folder)!r} is no run folder: it has none of {', '.join(_FILES)}. "
            f"The callback nn.RunFolder(path) of a Trainer leaves them."
        )
    run = Run(clean(folder.resolve().name) or "run")
    run.setup = _read(run, folder / "run.json", _setup)
    run.history = _read(run, folder / "history.csv", _history)
    run.gradients = _read(run, folder / "gradients.csv", reading.read_table)
    run.results = _read(run, folder / "results.json", _results)
    if run.results is None or "kind" in run.results.predictions:
        run.predictions = _read(run, folder / "predictions.npz", _predictions)
    _check_lengths(run)
    return run


_FILES = (
    "run.json",
    "history.csv",
    "gradients.csv",
    "results.json",
    "predictions.npz",
)
_LATE = ("results.json", "predictions.npz")  # written at the end only


def _read(run: Run, path: Path, read: Callable[[Path], _T]) -> _T | None:
    try:
        return read(path)
    except FileNotFoundError:
        if path.name not in _LATE or run.is_over:
            run.problems.append(f"{path.name} is missing.")
    except DamagedFileError as error:
        run.problems.append(f"{path.name} is damaged: {clean(error)}.")
    except OSError as error:
        reason = clean(error.strerror or error)
        run.problems.append(f"{path.name} cannot be read: {reason}.")
    return None


def _check_lengths(run: Run) -> None:
    """Say if tables of the same run have different numbers of epochs."""
    if run.history is None or run.gradients is None:
        return
    counts = [
        len(next(iter(columns.values()), ()))
        for columns in (run.history, run.gradients)
    ]
    if run.gradients and counts[0] != counts[1]:
        run.problems.append(
            f"history.csv has {counts[0]} epochs, but gradients.csv {counts[1]}."
        )


# ---- one function for each file ------------------------------------------------


def _setup(path: Path) -> Setup:
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


def _history(path: Path) -> Columns:
    columns = reading.read_table(path)
    # Before the first epoch is over there are no columns at all.
    require("loss" in columns or not columns, "it has no column 'loss'")
    return columns


def _results(path: Path) -> Results:
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


def _predictions(path: Path) -> Predictions:
    arrays = reading.read_arrays(path)
    for name in ("targets", "predicted", "worst"):
        require(name in arrays, f"{name!r} is missing")
        require(arrays[name].ndim > 0, f"{name!r} is a single number")
    found = Predictions(
        arrays["targets"],
        arrays["predicted"],
        arrays.get("scores"),
        arrays["worst"],
        arrays.get("worst_inputs"),
    )
    count = len(found.targets)
    require(
        found.predicted.shape == found.targets.shape, "targets and predicted differ"
    )
    worst = found.worst
    require(worst.ndim == 1 and worst.dtype.kind == "i", "'worst' has no row numbers")
    require(
        not worst.size or (worst.min() >= 0 and worst.max() < count),
        "'worst' has a row that does not exist",
    )
    if found.inputs is not None:
        require(len(found.inputs) == len(worst), "'worst_inputs' has another length")
    if found.scores is not None:
        _check_classes(found, found.scores)
    return found


def _check_classes(found: Predictions, scores: Array) -> None:
    require(scores.ndim in (1, 2), f"'scores' has shape {scores.shape}")
    require(len(scores) == len(found.targets), "'scores' has another length")
    for array in (found.targets, found.predicted):
        require(array.ndim == 1 and array.dtype.kind == "i", "classes are no integers")
    if scores.ndim == 2:
        inside = (found.predicted >= 0) & (found.predicted < scores.shape[1])
        require(bool(np.all(inside)), "a predicted class has no score")
        true = found.targets[found.worst]
        inside = (true >= 0) & (true < scores.shape[1])
        require(bool(np.all(inside)), "the true class of a worst row has no score")
