"""What a trained model says about the validation data, and where it is most wrong."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn.training.classes import classes, probabilities
from nn.training.evaluation import evaluation_mode, split_batch
from nn.training.kept_generators import kept_generators

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["predict_validation"]

Array = npt.NDArray[Any]

_MOST_NUMBERS = 10_000_000  # of all outputs: 80 MB in float64
_MOST_PER_SAMPLE = 12_288  # numbers of an input: an image of 64 by 64 in three colours
_WORST = 24


class _LeftOutError(Exception):
    """The predictions are of a kind that is not written, for the reason it says."""


def predict_validation(
    trainer: "Trainer", image_shape: Sequence[int] | None
) -> tuple[dict[str, str] | None, dict[str, Array]]:
    """Return what kind of predictions there are, and the arrays of a run folder.

    Parameters
    ----------
    trainer : Trainer
        After training.
    image_shape : sequence of int or None
        The shape of one input among the worst.
    """
    if trainer.position.validation is None:
        return None, {}
    collected = _Collected(trainer.loss, image_shape)
    try:
        with kept_generators(trainer), evaluation_mode(trainer.model, trainer.loss):
            for batch in trainer.position.validation:
                inputs, target = split_batch(batch)
                collected.add(inputs, _array(target), trainer.model(*inputs))
    except _LeftOutError as reason:
        return {"left_out": str(reason)}, {}
    return collected.kind, collected.arrays()


class _Collected:
    """Predictions batch by batch, with the inputs of the worst so far."""

    def __init__(self, loss: Any, image_shape: Sequence[int] | None) -> None:
        self._loss = loss
        self._image_shape = image_shape
        self._parts: list[dict[str, Array]] = []
        self._worst: list[tuple[float, int, Array | None]] = []
        self._rows = self._numbers = 0
        self.kind: dict[str, str] = {}

    def add(self, inputs: tuple[Any, ...], target: Array, out: Any) -> None:
        """Take the next batch."""
        if not isinstance(out, Tensor | np.ndarray):
            raise _LeftOutError(f"the model returns a {type(out).__name__}, no array")
        scores = _array(out)
        self._numbers += scores.size
        if self._numbers > _MOST_NUMBERS:
            raise _LeftOutError(f"there are more than {_MOST_NUMBERS:,} outputs")
        self.kind, part, badness = _judged(self._loss, scores, target)
        shown = _array(inputs[0]) if len(inputs) == 1 else None
        for row in np.argsort(-badness, kind="stable")[:_WORST].tolist():
            if not np.isnan(badness[row]):
                sample = None if shown is None else self._sample(shown[row])
                self._worst.append((float(badness[row]), self._rows + row, sample))
        self._worst.sort(key=lambda entry: (-entry[0], entry[1]))
        del self._worst[_WORST:]
        self._parts.append(part)
        self._rows += len(target)

    def _sample(self, sample: Array) -> Array | None:
        """Return a copy of an input, if it is small enough and has numbers."""
        if sample.size > _MOST_PER_SAMPLE or sample.dtype.kind not in "biuf":
            return None
        if self._image_shape and sample.size == np.prod(self._image_shape):
            return np.array(sample.reshape(self._image_shape))
        return np.array(sample)

    def arrays(self) -> dict[str, Array]:
        """Return the arrays of the file."""
        names = self._parts[0] if self._parts else {}
        found = {
            name: np.concatenate([part[name] for part in self._parts]) for name in names
        }
        found["worst"] = np.array([row for _, row, _ in self._worst], dtype=np.int64)
        samples = [sample for _, _, sample in self._worst if sample is not None]
        if samples and len(samples) == len(self._worst):
            found["worst_inputs"] = np.stack(samples)
        return found


def _judged(
    loss: Any, out: Array, target: Array
) -> tuple[dict[str, str], dict[str, Array], Array]:
    """Return kind, arrays by name, and how wrong each sample is (NaN: not counted)."""
    predicted = np.asarray(classes(loss, out))
    if predicted is out:
        if out.shape != target.shape:
            raise _LeftOutError(
                f"outputs {out.shape} and targets {target.shape} do not correspond"
            )
        error = (out.astype(np.float64) - target) ** 2
        badness = error.reshape(len(out), -1).mean(axis=1)
        return {"kind": "values"}, {"targets": target, "predicted": out}, badness
    if target.shape == out.shape and out.ndim == 2 and out.shape[1] > 1:
        raise _LeftOutError("the targets are several numbers for each sample")
    if not predicted.size == target.size == len(out):
        raise _LeftOutError("there is more than one prediction for each sample")
    truth = target.reshape(-1).astype(np.int64)
    kind, scores = _scores(loss, out)
    part = {"targets": truth, "predicted": predicted.reshape(-1), "scores": scores}
    return {"kind": "classes", "scores": kind}, part, -_confidence(scores, truth, kind)


def _scores(loss: Any, out: Array) -> tuple[str, Array]:
    """Return probabilities where the loss defines them, else the outputs."""
    try:
        kind, scores = "probabilities", np.asarray(probabilities(loss, out))
    except TypeError:
        kind, scores = "outputs", out
    # One score of class 1 may have come as a column.
    return kind, scores.reshape(-1) if scores.size == len(out) else scores


def _confidence(scores: Array, truth: Array, kind: str) -> Array:
    """Return the score of the true class; NaN where that is no class."""
    scores = scores.astype(np.float64)
    if scores.ndim == 1:
        against = 1 - scores if kind == "probabilities" else -scores
        return np.where(truth == 1, scores, against)
    inside = (truth >= 0) & (truth < scores.shape[1])
    picked = scores[np.arange(len(truth)), np.where(inside, truth, 0)]
    return np.where(inside, picked, np.nan)


def _array(x: Any) -> Array:
    return np.asarray(x.data if isinstance(x, Tensor) else x)
