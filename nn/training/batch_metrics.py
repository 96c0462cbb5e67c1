"""Metrics of training batches, which may be too small for some of them."""

import math
import warnings
from typing import Any

import numpy as np

from autograd import ChalkgradError, NonFiniteError, user_level
from nn.training.evaluation import Metrics, metric_number, value_of

__all__ = ["BatchMetrics"]


class BatchMetrics:
    """Computes metrics of what a model gave in a training step.

    Parameters
    ----------
    metrics : mapping of str to callable
        ``metric(predictions, targets)`` is one number.

    Notes
    -----
    Some metrics have no value for some batches: the area under a ROC curve where all
    targets are of one class.  They raise ValueError then; this is said once, in a
    warning, and such batches do not count.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = dict(metrics)
        self._warned: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._metrics)

    def __call__(self, output: Any, target: Any) -> dict[str, float]:
        """Return the metrics by name; NaN is one that has no value."""
        # A compiled step writes into the same array again.
        predictions, targets = np.array(value_of(output)), value_of(target)
        found = {}
        for name, metric in self._metrics.items():
            found[name] = math.nan
            try:
                found[name] = metric_number(name, metric(predictions, targets))
            except NonFiniteError as error:
                self._warn(name, error)
            except ValueError as error:
                if isinstance(error, ChalkgradError):  # shapes that do not fit
                    raise
                self._warn(name, error)
        return found

    def _warn(self, name: str, error: Exception) -> None:
        if name not in self._warned:
            self._warned.add(name)
            why = str(error).rstrip(".")
            warnings.warn(
                f"fit: metric {name!r} has no value for some training batches: {why}. "
                f"history[{name!r}] is the mean over those where it has one.",
                UserWarning,
                stacklevel=user_level(),
            )
