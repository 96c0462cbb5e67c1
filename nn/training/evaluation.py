"""What a model says without learning from it: evaluation mode, nothing recorded."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError, Tensor, no_grad
from nn.checks import require_size
from nn.data import TensorDataset
from nn.module import Module

__all__ = [
    "Metrics",
    "evaluate",
    "evaluation_mode",
    "loss_sum",
    "metric_number",
    "outputs",
    "split_batch",
    "value_of",
]

Metrics = Mapping[str, Callable[[Any, Any], Any]]


@contextmanager
def evaluation_mode(*modules: Any) -> Iterator[None]:
    """Put modules into evaluation mode without recording, and every one back after."""
    found = [m for top in modules if isinstance(top, Module) for m in top.modules()]
    flags = [m.training for m in found]
    try:
        for module in found:
            module.training = False
        with no_grad():
            yield
    finally:
        for module, flag in zip(found, flags, strict=True):
            module.training = flag


def split_batch(batch: Any) -> tuple[tuple[Any, ...], Any]:
    """Return the inputs and the target of a batch: the last array is the target.

    Raises
    ------
    TypeError
        If the batch is not a tuple or list of at least two.
    """
    if not isinstance(batch, tuple | list) or len(batch) < 2:
        raise TypeError(
            f"data: a batch must be (input, target) or (input, ..., target), got "
            f"{_described(batch)}. Give the data set a target: TensorDataset(X, Y)."
        )
    return tuple(batch[:-1]), batch[-1]


def loss_sum(loss: Any, value: float, target: Any, rows: int) -> tuple[float, float]:
    """Return a sum over a batch and its weight, of which the quotient is the mean.

    The mean of `CrossEntropyLoss` and `NLLLoss` is one over the targets that are not
    ignored, each with the weight of its class; that of all others is one over samples.
    """
    if getattr(loss, "reduction", "mean") == "sum":
        return value, float(rows)
    weight = _weight_of_targets(loss, target, rows)
    return value * weight, weight


def _weight_of_targets(loss: Any, target: Any, rows: int) -> float:
    target = value_of(target)
    if not hasattr(loss, "ignore_index") or target.dtype.kind not in "iu":
        return float(rows)
    counts = target != loss.ignore_index
    if loss.weight is None:
        return float(np.count_nonzero(counts))
    return float(np.asarray(loss.weight)[target[counts]].sum())


def evaluate(
    model: Module,
    loss: Callable[..., Any],
    metrics: Metrics,
    batches: Iterable[Any],
    after_batch: Callable[[], None] | None = None,
) -> dict[str, float]:
    """Return the mean loss of all batches, and the metrics of all outputs at once."""
    total = weights = 0.0
    predictions, targets = [], []
    with evaluation_mode(model, loss):
        for batch in batches:
            inputs, target = split_batch(batch)
            prediction = model(*inputs)
            value = float(value_of(loss(prediction, target)))
            share, weight = loss_sum(loss, value, target, len(inputs[0]))
            total += share
            weights += weight
            if metrics:
                predictions.append(value_of(prediction))
                targets.append(value_of(target))
            if after_batch is not None:
                after_batch()
    if not weights:
        raise ShapeError("evaluate: the data have no samples.")
    result = {"loss": total / weights}
    if metrics:
        joined = np.concatenate(predictions), np.concatenate(targets)
        result |= {name: metric_number(name, f(*joined)) for name, f in metrics.items()}
    return result


def outputs(model: Module, x: Any, batch_size: int) -> npt.NDArray[Any]:
    """Return what the model gives for all samples, some of them at a time."""
    samples = TensorDataset(*x) if isinstance(x, tuple) else TensorDataset(x)
    size = require_size("predict", "batch_size", batch_size)
    parts = []
    with evaluation_mode(model):
        for start in range(0, max(len(samples), 1), size):
            out = model(*samples[start : start + size])
            if not isinstance(out, Tensor | np.ndarray):
                raise TypeError(
                    f"predict: {model.title} returned a {type(out).__name__}, but one "
                    f"array is needed. Wrap it in a module that returns one."
                )
            parts.append(value_of(out))
    return np.concatenate(parts)


def value_of(x: Any) -> Any:
    """Return a Tensor or anything like an array as an array."""
    return x.data if isinstance(x, Tensor) else np.asarray(x)


def metric_number(name: str, value: Any) -> float:
    """Return what a metric gave, which must be one number, as a float."""
    if np.ndim(value):
        raise TypeError(
            f"metric {name!r} must return one number, got shape {np.shape(value)}. "
            f"Call it with trainer.predict(X) after training."
        )
    return float(value)


def _described(batch: Any) -> str:
    if isinstance(batch, tuple | list):
        return f"{len(batch)} of them"
    return f"a {type(batch).__name__}"
