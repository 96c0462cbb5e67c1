"""Problems of classification in the plane, drawn at random.

Every function returns inputs of shape (n, 2), float64, and labels of shape (n,), int64.
Labels take turns, 0, 1, 0, 1, ..., so that the classes are equally large and any first
rows are a fair sample.
"""

import math

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from nn.checks import require_size
from nn.parameter import require_rng

__all__ = ["blobs", "circles", "moons", "spirals", "xor"]

Points = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def moons(
    n: int, *, noise: float = 0.0, rng: np.random.Generator
) -> tuple[Points, Labels]:
    """Two half circles that reach into each other: a curved boundary is needed.

    Parameters
    ----------
    n : int
        How many points.
    noise : float, default 0.0
        Standard deviation of the normal noise on both coordinates.
    rng : Generator, keyword only
        Where points and noise are drawn from.

    Returns
    -------
    X : ndarray of float64, shape (n, 2)
        The points.
    y : ndarray of int64, shape (n,)
        Their classes, 0 or 1.

    Raises
    ------
    ValueError
        If ``n`` is below 1, or ``noise`` is negative or not finite.
    TypeError
        If ``n`` is no integer, or ``rng`` no generator.

    Notes
    -----
    With t uniform on [0, π): (cos t, sin t) for class 0, and (1 - cos t, ½ - sin t) for
    class 1.

    Examples
    --------
    >>> import nn, numpy as np
    >>> X, y = nn.moons(4, noise=0.1, rng=np.random.default_rng(0))
    >>> X.shape, y.tolist()
    ((4, 2), [0, 1, 0, 1])
    """
    _check("moons", n, noise, rng)
    y = _labels(n, 2)
    t = rng.uniform(0, math.pi, n)
    x0 = np.where(y, 1 - np.cos(t), np.cos(t))
    x1 = np.where(y, 0.5 - np.sin(t), np.sin(t))
    return _noisy(x0, x1, noise, rng), y


def circles(
    n: int, *, noise: float = 0.0, factor: float = 0.5, rng: np.random.Generator
) -> tuple[Points, Labels]:
    """One circle around another: no straight line separates them.

    Parameters
    ----------
    n, noise, rng
        As in `moons`.
    factor : float, default 0.5
        Radius of the inner circle, class 1; the outer one, class 0, has radius 1.

    Returns
    -------
    X, y
        As in `moons`.

    Raises
    ------
    ValueError, TypeError
        As in `moons`; also if ``factor`` is not between 0 and 1.

    Notes
    -----
    r (cos t, sin t) with t uniform on [0, 2π).

    Examples
    --------
    >>> import nn, numpy as np
    >>> X, y = nn.circles(4, rng=np.random.default_rng(0))
    >>> np.hypot(X[:, 0], X[:, 1]).round(4).tolist()
    [1.0, 0.5, 1.0, 0.5]
    """
    _check("circles", n, noise, rng)
    if not 0 < factor < 1:
        raise ValueError(f"circles: factor must be between 0 and 1, got {factor}.")
    y = _labels(n, 2)
    t = rng.uniform(0, 2 * math.pi, n)
    radius = np.where(y, factor, 1.0)
    return _noisy(radius * np.cos(t), radius * np.sin(t), noise, rng), y


def spirals(
    n: int,
    *,
    noise: float = 0.0,
    classes: int = 2,
    turns: float = 1.0,
    rng: np.random.Generator,
) -> tuple[Points, Labels]:
    """Spirals wound into each other: hard for a shallow network.

    Parameters
    ----------
    n, noise, rng
        As in `moons`.
    classes : int, default 2
        How many spirals.
    turns : float, default 1.0
        How often each one winds around the centre.

    Returns
    -------
    X, y
        As in `moons`; classes from 0 to ``classes - 1``.

    Raises
    ------
    ValueError, TypeError
        As in `moons`; also if there are fewer than 2 classes, or ``turns`` is not
        finite.

    Notes
    -----
    t (cos φ, sin φ) with t uniform on [0, 1) and φ = 2π (turns t + class / classes).

    Examples
    --------
    >>> import nn, numpy as np
    >>> X, y = nn.spirals(6, classes=3, rng=np.random.default_rng(0))
    >>> y.tolist()
    [0, 1, 2, 0, 1, 2]
    """
    _check("spirals", n, noise, rng)
    classes = require_size("spirals", "classes", classes, least=2)
    if not math.isfinite(turns):
        raise ValueError(f"spirals: turns must be finite, got {turns}.")
    y = _labels(n, classes)
    t = rng.uniform(0, 1, n)
    angle = 2 * math.pi * (turns * t + y / classes)
    return _noisy(t * np.cos(angle), t * np.sin(angle), noise, rng), y


def xor(
    n: int, *, noise: float = 0.0, rng: np.random.Generator
) -> tuple[Points, Labels]:
    """Quadrants of a square, class 1 where the signs differ: no line separates them.

    Parameters
    ----------
    n, noise, rng
        As in `moons`; noise moves points across the boundary.

    Returns
    -------
    X, y
        As in `moons`.

    Raises
    ------
    ValueError, TypeError
        As in `moons`.

    Notes
    -----
    Both coordinates are uniform on (0, 1] and have a random sign; it is the same one
    for class 0, and the opposite one for class 1.

    Examples
    --------
    >>> import nn, numpy as np
    >>> X, y = nn.xor(4, rng=np.random.default_rng(0))
    >>> (X[:, 0] * X[:, 1] < 0).astype(int).tolist(), y.tolist()
    ([0, 1, 0, 1], [0, 1, 0, 1])
    """
    _check("xor", n, noise, rng)
    y = _labels(n, 2)
    sign = rng.choice([-1.0, 1.0], n)
    size = 1 - rng.random((2, n))
    return _noisy(sign * size[0], sign * (1 - 2 * y) * size[1], noise, rng), y


def blobs(
    n: int,
    *,
    noise: float = 1.0,
    centers: int | npt.ArrayLike = 3,
    rng: np.random.Generator,
) -> tuple[Points, Labels]:
    """Round clouds, one for each class: the easiest problem of all.

    Parameters
    ----------
    n, rng
        As in `moons`.
    noise : float, default 1.0
        Standard deviation of a cloud.
    centers : int or array_like of shape (classes, d), default 3
        Where the clouds are; a number puts that many evenly on a circle of radius 5.

    Returns
    -------
    X : ndarray of float64, shape (n, 2) or (n, d)
        The points.
    y : ndarray of int64, shape (n,)
        Their classes, from 0.

    Raises
    ------
    ValueError, TypeError
        As in `moons`; also if there is no centre.
    ShapeError
        If ``centers`` is an array without two axes.

    Notes
    -----
    centre + noise z, with z standard normal.

    Examples
    --------
    >>> import nn, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X, y = nn.blobs(3, noise=0.0, centers=[[1, 2], [3, 4]], rng=rng)
    >>> X.tolist(), y.tolist()
    ([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]], [0, 1, 0])
    """
    _check("blobs", n, noise, rng)
    places = _centers(centers)
    y = _labels(n, len(places))
    return places[y] + noise * rng.normal(size=(n, places.shape[1])), y


def _centers(centers: int | npt.ArrayLike) -> Points:
    if isinstance(centers, int | np.integer):
        classes = require_size("blobs", "centers", centers)
        angle = 2 * math.pi * np.arange(classes) / classes
        return 5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    places = np.asarray(centers, np.float64)
    if places.ndim != 2 or not len(places):
        raise ShapeError(
            f"blobs: centers must be a number, or an array of shape (classes, d), got "
            f"shape {places.shape}."
        )
    return places


def _check(name: str, n: int, noise: float, rng: np.random.Generator) -> None:
    require_size(name, "n", n)
    require_rng(name, rng)
    if not 0 <= noise < math.inf:
        raise ValueError(
            f"{name}: noise is a standard deviation, which is finite and not negative, "
            f"got {noise}."
        )


def _labels(n: int, classes: int) -> Labels:
    return np.arange(n, dtype=np.int64) % classes


def _noisy(x0: Points, x1: Points, noise: float, rng: np.random.Generator) -> Points:
    X = np.stack([x0, x1], axis=1)
    return X + noise * rng.normal(size=X.shape)
