"""What users hand to a `Trainer`, in the form in which it is used."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from nn.data import DataLoader, TensorDataset
from nn.module import Module
from nn.optim import CyclicLR, OneCycleLR, Optimizer, ReduceLROnPlateau
from nn.training.callbacks import EVENTS
from nn.training.history import COLUMNS

__all__ = [
    "Metric",
    "as_loader",
    "checked_callbacks",
    "named_metrics",
    "require_fitting",
    "schedule_interval",
]

Metric = Callable[[Any, Any], Any]


def require_fitting(
    model: Any, loss: Any, optimizer: Any, schedule: Any, clip: Any
) -> None:
    """Raise unless these are objects of the right kinds that belong together."""
    _require("the model", model, isinstance(model, Module), "a Module")
    sound = callable(loss) and not isinstance(loss, type)
    _require("the loss", loss, sound, "an object like nn.MSELoss(), or a function")
    if getattr(loss, "reduction", None) == "none":
        raise ValueError("Trainer: the loss must be one number, not reduction='none'.")
    needed = "an optimiser such as nn.optim.Adam(model.parameters())"
    _require("the optimizer", optimizer, isinstance(optimizer, Optimizer), needed)
    sound = schedule is None or _has(schedule, "step", "state_dict", "load_state_dict")
    _require("the schedule", schedule, sound, "a schedule of nn.optim")
    if getattr(schedule, "optimizer", optimizer) is not optimizer:
        raise ValueError(
            "Trainer: the schedule was made for another optimiser, whose learning "
            "rates it would change. Make it from the optimiser of the Trainer."
        )
    if clip is not None and not callable(clip):
        is_number = isinstance(clip, Real) and not isinstance(clip, bool)
        _require("clip", clip, is_number, "a positive number, or a function")
        if not clip > 0:
            raise ValueError(f"Trainer: clip must be positive, got {clip}.")


def _require(what: str, value: Any, is_sound: bool, needed: str) -> None:
    if not is_sound:
        got = f"the class {value.__name__}" if isinstance(value, type) else repr(value)
        raise TypeError(f"Trainer: {what} must be {needed}, got {got}.")


def _has(value: Any, *methods: str) -> bool:
    """Whether an object, not a class, has all the methods."""
    return not isinstance(value, type) and all(hasattr(value, m) for m in methods)


def checked_callbacks(callbacks: Iterable[Any]) -> list[Any]:
    """Return callbacks as a list; every one has a method that will be called."""
    if not isinstance(callbacks, Iterable):
        raise TypeError(
            f"Trainer: callbacks must be a list, got {callbacks!r}. Write [callback]."
        )
    found = list(callbacks)
    for callback in found:
        sound = any(_has(callback, event) for event in EVENTS)
        needed = f"an object with one of the methods {', '.join(EVENTS)}"
        _require("a callback", callback, sound, needed)
    return found


def named_metrics(
    metrics: Mapping[str, Metric] | Sequence[Metric],
) -> dict[str, Metric]:
    """Return metrics by name; a function has its own, a partial one its function's."""
    if not isinstance(metrics, Iterable) or isinstance(metrics, str):
        raise TypeError(
            f"Trainer: metrics must be a list or a dict, got {metrics!r}. Write "
            f"[metric]."
        )
    pairs = (
        list(metrics.items())
        if isinstance(metrics, Mapping)
        else [(_name(metric), metric) for metric in metrics]
    )
    names = [name for name, _ in pairs]
    for name, metric in pairs:
        _require(f"metric {name!r}", metric, callable(metric), "a function")
        is_taken = name in COLUMNS or name.startswith("val_")
        if is_taken or names.count(name) > 1:
            raise ValueError(
                f"Trainer: the name {name!r} is taken. Give each metric a name of its "
                f"own, which is no other column of the history "
                f'({", ".join(COLUMNS)}, val_...): metrics={{"name": function}}.'
            )
    return dict(pairs)


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
    if every == "batch" and isinstance(schedule, ReduceLROnPlateau):
        raise ValueError(
            "Trainer: ReduceLROnPlateau looks at the loss of an epoch, so that it can "
            "only step after epochs."
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
    if not _has(data, "__iter__", "__len__", "state_dict", "load_state_dict"):
        raise TypeError(
            f"Trainer: data must be a DataLoader or a tuple (X, Y), got "
            f"{type(data).__name__}. Write DataLoader(dataset, batch_size=32)."
        )
    return data
