"""Where a backward function is tried: points drawn so that no mistake can hide.

Zero biases, tiny weights or one single sample make wrong formulas agree with right
ones. A probe therefore draws generic values in the shapes of the user's own: weights
and biases of order one, inputs from a normal distribution, labels that are still
labels.
"""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Point", "batch_sizes", "default_probe", "warn_of_hiding_places"]


class Point(NamedTuple):
    """Arguments of the forward pass: parameters by name, and the data."""

    parameters: dict[str, Any]
    data: tuple[Any, ...]


def default_probe(
    parameters: dict[str, Any], data: tuple[Any, ...]
) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    """Return a function that draws points in the shapes of the given one.

    Parameters
    ----------
    parameters : dict
        Float arrays are drawn anew; everything else is kept.
    data : tuple
        Labels (integers, one-hot rows, probabilities) are drawn among the valid ones.

    Returns
    -------
    callable
        ``probe(rng) -> (parameters, *data)``.

    Examples
    --------
    >>> import numpy as np
    >>> probe = default_probe({"W": np.zeros((2, 3))}, (np.array([0, 2, 1, 2]),))
    >>> parameters, labels = probe(np.random.default_rng(0))
    >>> parameters["W"].round(1)
    array([[ 0.1, -0.1,  0.4],
           [ 0.1, -0.3,  0.2]])
    >>> sorted(set(labels.tolist()))
    [0, 1, 2]
    """

    def probe(rng: np.random.Generator) -> tuple[Any, ...]:
        drawn = {
            name: _draw_parameter(value, rng) for name, value in parameters.items()
        }
        return drawn, *(_draw_data(value, rng) for value in data)

    return probe


def _draw_parameter(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, dict):
        return {key: _draw_parameter(item, rng) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_draw_parameter(item, rng) for item in value)
    if not (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return value
    drawn = rng.standard_normal(value.shape)
    if value.ndim > 1 and min(value.shape) > 0:
        drawn /= np.sqrt(max(value.shape))  # keeps sigmoids out of saturation
    return np.asarray(drawn)


def _draw_data(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_draw_data(item, rng) for item in value)
    if not isinstance(value, np.ndarray) or not value.size or value.ndim == 0:
        return value
    if value.dtype.kind == "f" and not np.isfinite(value).all():
        return value  # a mask with infinities
    if value.dtype.kind in "iub" or np.isin(value, (0, 1)).all():
        return _draw_labels(value, rng)
    if value.dtype.kind != "f":
        return value
    if value.min() >= 0 and value.max() <= 1:
        return _draw_probabilities(value, rng)
    return rng.standard_normal(value.shape)


def _draw_labels(value: Any, rng: np.random.Generator) -> Any:
    """Draw among the labels that occur, each at least once; one-hot stays one-hot."""
    for axis in range(value.ndim) if value.ndim > 1 else ():
        if value.shape[axis] > 1 and (value.sum(axis) == 1).all():
            count = value.size // value.shape[axis]
            classes = _each_once(np.arange(value.shape[axis]), count, rng)
            one_hot = np.eye(value.shape[axis], dtype=value.dtype)[classes]
            rest = value.shape[:axis] + value.shape[axis + 1 :]
            return np.moveaxis(one_hot.reshape(*rest, -1), -1, axis)
    drawn = _each_once(np.unique(value), value.size, rng)
    return drawn.reshape(value.shape).astype(value.dtype)


def _each_once(choices: Any, count: int, rng: np.random.Generator) -> Any:
    """Draw ``count`` of the choices, every choice at least once if there is room."""
    first = rng.permutation(choices)[:count]
    return rng.permutation(
        np.concatenate([first, rng.choice(choices, count - len(first))])
    )


def _draw_probabilities(value: Any, rng: np.random.Generator) -> Any:
    drawn = rng.uniform(0.05, 0.95, value.shape)
    for axis in range(value.ndim) if value.ndim > 1 else ():
        if value.shape[axis] > 1 and np.allclose(value.sum(axis), 1):
            return drawn / drawn.sum(axis, keepdims=True)
    return drawn


def batch_sizes(data: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the numbers of samples that the data may hold, the likeliest first.

    It is the length of an axis that all arrays share; without one, every length occurs.

    Examples
    --------
    >>> import numpy as np
    >>> batch_sizes((np.ones((3, 5)), np.ones((1, 5))))
    (5,)
    """
    arrays = [x for x in data if isinstance(x, np.ndarray) and x.ndim]
    lengths = list(dict.fromkeys(n for x in arrays for n in x.shape if n > 1))
    shared = [n for n in lengths if _is_shared(n, arrays)]
    return tuple(shared if shared and len(arrays) > 1 else lengths)


def _is_shared(length: int, arrays: list[Any]) -> bool:
    return all(length in x.shape for x in arrays)


def warn_of_hiding_places(point: Point, backward_name: str, stacklevel: int) -> None:
    """Warn of one sample, equal sizes and zero weights, where mistakes could hide."""
    arrays = [x for x in point.data if isinstance(x, np.ndarray) and x.ndim]
    weights = {
        name: value
        for name, value in point.parameters.items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }
    found = []
    common = [n for n in (arrays[0].shape if arrays else ()) if _is_shared(n, arrays)]
    if common and max(common) == 1:
        found.append("there is one sample (m = 1), so a missing 1/m changes nothing")
    sizes = batch_sizes(point.data)
    if len(sizes) == 1 and len(arrays) > 1:
        equal = [name for name, w in weights.items() if sizes[0] in w.shape]
        if equal:
            found.append(
                f"the number of samples, {sizes[0]}, is also a size of "
                f"{', '.join(equal)}, so a sum over the wrong axis keeps its shape"
            )
    zero = [name for name, w in weights.items() if w.size and not w.any()]
    if zero:
        found.append(f"{', '.join(zero)} is all zero, so factors of it are lost")
    if found:
        warnings.warn(
            f"check_backward: some mistakes in {backward_name} could hide here: "
            f"{'; '.join(found)}. Use several samples, sizes that all differ, and "
            f"weights that are not zero.",
            UserWarning,
            stacklevel=stacklevel,
        )
