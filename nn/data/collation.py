"""Putting samples together into a batch."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, ShapeError

__all__ = ["collate"]


def collate(samples: list[Any]) -> Any:
    """Put samples together: numbers and arrays of one shape along a new first axis.

    Parameters
    ----------
    samples : list
        Samples of one form, at least one.  Tuples and dicts have parts, which are put
        together one by one; anything else must be array_like.

    Returns
    -------
    ndarray, tuple or dict
        An array for numbers, lists, arrays and tensors without gradient; a tuple for
        tuples, a dict for dicts.

    Raises
    ------
    ShapeError
        If shapes, numbers of parts, or keys differ between samples.
    DTypeError
        If a part holds anything but numbers, or a tensor requires a gradient.
    ValueError
        If there are no samples.

    Examples
    --------
    >>> import nn
    >>> x, y = nn.data.collate([([0.0, 1.0], 3), ([2.0, 5.0], 4)])
    >>> x.tolist(), y.tolist()
    ([[0.0, 1.0], [2.0, 5.0]], [3, 4])
    """
    if not samples:
        raise ValueError("collate: there are no samples.")
    first = samples[0]
    if isinstance(first, dict):
        return _dict_of_batches(samples)
    if isinstance(first, tuple):
        return _tuple_of_batches(samples)
    return _stack([_numbers(sample) for sample in samples])


def _dict_of_batches(samples: list[Any]) -> dict[Any, Any]:
    keys = list(samples[0])
    for i, sample in enumerate(samples):
        if not isinstance(sample, dict) or set(sample) != set(keys):
            raise _unlike(i, f"is a dict with the keys {keys}", repr(sample))
    return {key: collate([sample[key] for sample in samples]) for key in keys}


def _tuple_of_batches(samples: list[Any]) -> tuple[Any, ...]:
    parts = len(samples[0])
    for i, sample in enumerate(samples):
        if not isinstance(sample, tuple) or len(sample) != parts:
            raise _unlike(i, f"is a tuple of {parts}", repr(sample))
    return tuple(collate(list(column)) for column in zip(*samples, strict=True))


def _stack(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    shape = arrays[0].shape
    for i, array in enumerate(arrays):
        if array.shape != shape:
            raise _unlike(i, f"has shape {shape}", f"shape {array.shape}")
    return np.stack(arrays)


def _numbers(sample: Any) -> npt.NDArray[Any]:
    try:
        array = np.asarray(sample)
    except ValueError as error:
        raise ShapeError(
            f"collate: a list is ragged: {error}. The parts of a sample are a tuple."
        ) from None
    if array.dtype.kind not in "biufc":
        raise DTypeError(
            f"collate: a sample holds {sample!r}, which is no number or array of "
            f"numbers. Pass your own collate_fn to DataLoader."
        )
    return array


def _unlike(i: int, first: str, got: str) -> ShapeError:
    return ShapeError(
        f"collate: the first sample of the batch {first}, but sample {i} has {got}. "
        f"Pad the samples to one form, or pass your own collate_fn to DataLoader."
    )
