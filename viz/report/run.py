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
from viz.report.reading import DamagedFileError, require
from viz.report.records import Results, Setup, read_results, read_setup
from viz.training.record import Columns

__all__ = ["Predictions", "Run", "read_run"]

Array = npt.NDArray[Any]
_T = TypeVar("_T")


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
    run.setup = _read(run, folder / "run.json", read_setup)
    run.history = _read(run, folder / "history.csv", _history)
    run.gradients = _read(run, folder / "gradients.csv", reading.read_table)
    run.results = _read(run, folder / "results.json", read_results)
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
        # A pipe or the like would never end.
        require(path.is_file() or not path.exists(), "it is no file")
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


def _history(path: Path) -> Columns:
    columns = reading.read_table(path)
    # Before the first epoch is over there are no columns at all.
    require("loss" in columns or not columns, "it has no column 'loss'")
    return columns


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
