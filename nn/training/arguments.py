"""What users hand to a `Trainer`, in the form in which it is used."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nn.data import DataLoader, TensorDataset
from nn.optim import CyclicLR, OneCycleLR

__all__ = ["Metric", "as_loader", "named_metrics", "schedule_interval"]

Metric = Callable[[Any, Any], Any]


def named_metrics(
    metrics: Mapping[str, Metric] | Sequence[Metric],
) -> dict[str, Metric]:
    """Return metrics by name; a function has its own, a partial one its function's."""
    if isinstance(metrics, Mapping):
        return dict(metrics)
    return {_name(metric): metric for metric in metrics}


def _name(metric: Metric) -> str:
    function = metric.func if isinstance(metric, functools.partial) else metric
    name = getattr(function, "__name__", None)
    if name is None:
        raise TypeError(
            f"Trainer: metrics must be functions with a name, or a dict from names to "
            f"functions, got {metric!r}."
        )
    return str(name)


def schedule_interval(schedule: Any, every: str | None) -> str:
    """Return after what a schedule takes a step: "epoch" or "batch"."""
    if every not in (None, "epoch", "batch"):
        raise ValueError(
            f"Trainer: schedule_every must be 'epoch' or 'batch', got {every!r}."
        )
    by_batch = isinstance(schedule, CyclicLR | OneCycleLR)
    return every or ("batch" if by_batch else "epoch")


def as_loader(
    data: Any,
    batch_size: int,
    *,
    shuffle: bool = False,
    rng: np.random.Generator | None = None,
) -> Any:
    """Return a loader as it is, and arrays in a loader."""
    if isinstance(data, tuple):
        if shuffle and rng is None:
            raise ValueError(
                "fit: to shuffle arrays the Trainer needs random numbers: "
                "Trainer(..., rng=numpy.random.default_rng(0)), or shuffle=False."
            )
        dataset = TensorDataset(*data)
        own = rng if shuffle else None
        return DataLoader(dataset, batch_size, shuffle=shuffle, rng=own)
    needed = ("__iter__", "__len__", "state_dict", "load_state_dict")
    if not all(hasattr(data, name) for name in needed):
        raise TypeError(
            f"Trainer: data must be a DataLoader or a tuple (X, Y), got "
            f"{type(data).__name__}. Write DataLoader(dataset, batch_size=32)."
        )
    return data
