"""Several arrays as one vector, and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["flatten", "locate", "unflatten"]

Array = Any  # float64: an ndarray, or a NumPy scalar for a 0-d value


def flatten(arrays: Sequence[Array]) -> npt.NDArray[np.float64]:
    """Lay the elements of all arrays out in one vector."""
    return np.concatenate([np.ravel(array) for array in arrays])


def unflatten(flat: Array, like: Sequence[Array]) -> list[Array]:
    """Cut a vector into arrays of the shapes of others: the reverse of `flatten`."""
    ends = np.cumsum([np.size(array) for array in like])
    parts = np.split(flat, ends[:-1])
    return [
        part.reshape(np.shape(array))[()]
        for part, array in zip(parts, like, strict=True)
    ]


def locate(position: int, names: Sequence[str], arrays: Sequence[Array]) -> str:
    """Name the element at a position of the flattened arrays: ``input 0[1, 2]``."""
    for name, array in zip(names, arrays, strict=True):
        if position < np.size(array):
            index = np.unravel_index(position, np.shape(array))
            return name + (f"[{', '.join(map(str, index))}]" if index else "")
        position -= np.size(array)
    raise IndexError(position)
