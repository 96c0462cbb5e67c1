"""A training step that went wrong, in words: where, from which data, what is left."""

import copy
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import NonFiniteError, Tensor, debug
from nn.data import DataLoader, TensorDataset
from nn.training.evaluation import split_batch
from nn.training.step import Step

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["describe_batch", "first_non_finite"]

_ROWS_SHOWN = 8


def first_non_finite(step: Step, batch: Any) -> str:
    """Run a batch again in debug mode and say which layer and operation is first.

    The buffers and generators that this changes are the caller's to put back.
    """
    inputs, target = split_batch(batch)
    root: Tensor | None = None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with debug():
                loss, penalty, _ = step.cost(inputs, target)
                root = loss if penalty is None else loss + penalty
                root.backward(keep="leaves")
        except NonFiniteError as error:
            layer = "" if root is None else _layer_in_backward(root)
            return f"{layer}{error}"
        finally:
            step.optimizer.zero_grad()
    return "no operation made it: clipping, a hook or the optimiser did"


def _layer_in_backward(root: Tensor) -> str:
    """Return the scope of the first node, from the root, that spoils a gradient."""
    root.backward()
    seen, front = {root}, [root]
    while front:
        node = front.pop(0)
        if any(x.grad is not None and not _is_finite(x.grad) for x in node.inputs):
            return f"{node.scope[-1]}: " if node.scope else ""
        fresh = [x for x in node.inputs if x.op is not None and x not in seen]
        seen.update(fresh)
        front += fresh
    return ""


def describe_batch(trainer: "Trainer", batch: Any) -> list[str]:
    """Return lines about a batch: its rows in the data, and what is odd in it."""
    lines = []
    rows = _rows(trainer)
    if rows is not None:
        shown = ", ".join(map(str, rows[:_ROWS_SHOWN]))
        more = f" and {len(rows) - _ROWS_SHOWN} more" if len(rows) > _ROWS_SHOWN else ""
        lines.append(f"The batch has the rows {shown}{more} of the data.")
    inputs, target = split_batch(batch)
    names = (
        ["input"] if len(inputs) == 1 else [f"input {k}" for k in range(len(inputs))]
    )
    for name, array in zip([*names, "target"], [*inputs, target], strict=True):
        array = np.asarray(array)
        if array.dtype.kind == "f" and not _is_finite(array):
            lines.append(_odd(name, array, rows))
    return lines


def _odd(name: str, array: Any, rows: Any) -> str:
    wrong = np.argwhere(~np.isfinite(array))
    first = tuple(int(k) for k in wrong[0])
    of_data = "" if rows is None else f", row {rows[first[0]]} of the data"
    return (
        f"The {name} is not finite in {len(wrong)} of {array.size} places, first "
        f"{array[first]} at index {first}{of_data}."
    )


def _rows(trainer: "Trainer") -> list[int] | None:
    """Return which rows the next batch of a loader has: found with rows as data."""
    loader = trainer.position.loader
    if not isinstance(loader, DataLoader):
        return None
    numbers = DataLoader(
        TensorDataset(np.arange(len(loader.dataset))),
        loader.batch_size,
        loader.shuffle,
        loader.drop_last,
        copy.deepcopy(loader.rng),
    )
    numbers.load_state_dict(trainer.position.loader_state(trainer.batch) or {})
    return next(iter(numbers))[0].tolist()  # type: ignore[no-any-return]


def _is_finite(value: Any) -> bool:
    return bool(np.isfinite(value).all())
