"""Shifting and scaling data to mean 0 and deviation 1."""

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import AxisError, CheckpointError, DTypeError, NonFiniteError, ShapeError

__all__ = ["Standardizer"]


class Standardizer:
    """Shift and scale data to mean 0 and standard deviation 1.

    Parameters
    ----------
    axis : int or tuple of int, default 0
        The axes over which mean and deviation are taken: 0 gives one of each for every
        column of a table, (0, 2, 3) for every channel of images (N, C, H, W).

    Attributes
    ----------
    axis : tuple of int
        The axes.
    mean, scale : ndarray of float64, or None before `fit`
        What is subtracted, and divided by; the axes have length 1.

    Notes
    -----
    Formula: (x - mean) / scale, where scale is the standard deviation √(Σ(x - mean)² /
    n), or 1 where all values are equal: such a column becomes 0 and comes back exactly.

    Fit it to the training data alone.  What it learns from validation data makes them
    look better than new data will be.

    Results are float32 or float16 for such inputs and float64 for others; in between,
    everything is computed in float64.

    Examples
    --------
    >>> import nn
    >>> standardizer = nn.Standardizer().fit([[1.0, 7.0], [3.0, 7.0]])
    >>> standardizer.transform([[1.0, 7.0], [4.0, 8.0]]).tolist()
    [[-1.0, 0.0], [2.0, 1.0]]
    >>> standardizer.inverse([[2.0, 1.0]]).tolist()
    [[4.0, 8.0]]
    """

    def __init__(self, axis: int | tuple[int, ...] = 0) -> None:
        axes = axis if isinstance(axis, tuple) else (axis,)
        self.axis = tuple(operator.index(i) for i in axes)
        self.mean: npt.NDArray[np.float64] | None = None
        self.scale: npt.NDArray[np.float64] | None = None

    def fit(self, X: npt.ArrayLike) -> "Standardizer":
        """Learn mean and scale; return the standardizer itself.

        Raises
        ------
        AxisError
            If the data do not have the axis.
        ValueError
            If there is nothing to take a mean of.
        NonFiniteError
            If a value, mean or deviation is NaN or infinite.
        DTypeError
            If the data are no real numbers, or a tensor that requires a gradient.
        """
        values = _real("fit", X).astype(np.float64, copy=False)
        axes = self._axes(values.ndim)
        if not values.size:
            raise ValueError(f"Standardizer.fit: there are no data in {values.shape}.")
        _require_finite("value", values)
        with np.errstate(over="ignore", invalid="ignore"):  # looked for below
            mean = values.mean(axis=axes, keepdims=True)
            scale = values.std(axis=axes, keepdims=True)
        # Rounding can give equal values a mean and a deviation that are slightly off;
        # the squares of tiny differences can underflow to 0.
        low = values.min(axis=axes, keepdims=True)
        is_constant = low == values.max(axis=axes, keepdims=True)
        mean = np.where(is_constant, low, mean)
        scale = np.where(is_constant | (scale == 0), 1.0, scale)
        _require_finite("mean", mean)
        _require_finite("deviation", scale)
        self.mean, self.scale = mean, scale
        return self

    def transform(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the data shifted and scaled.

        Raises
        ------
        RuntimeError
            If `fit` was not called.
        ShapeError
            If the data have other axes than those of `fit`.
        DTypeError
            As in `fit`.
        """
        mean, scale = self._fitted("transform")
        values = _real("transform", X)
        self._check_shape("transform", values.shape, mean.shape)
        return _like(values, (values - mean) / scale)

    def inverse(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return what `transform` was given, from what it returned.

        Raises
        ------
        RuntimeError, ShapeError, DTypeError
            As in `transform`.
        """
        mean, scale = self._fitted("inverse")
        values = _real("inverse", X)
        self._check_shape("inverse", values.shape, mean.shape)
        return _like(values, values * scale + mean)

    def state_dict(self) -> dict[str, Any]:
        """Return ``axis`` as a list, and copies of ``mean`` and ``scale``."""
        return {
            "axis": list(self.axis),
            "mean": None if self.mean is None else self.mean.copy(),
            "scale": None if self.scale is None else self.scale.copy(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set axis, mean and scale from a state of `state_dict`.

        Raises
        ------
        CheckpointError
            If a key is missing or unknown, mean and scale do not fit together, or one
            of them cannot be; nothing is changed then.
        """
        self.axis, self.mean, self.scale = _checked_state(state)

    def _axes(self, ndim: int) -> tuple[int, ...]:
        for axis in self.axis:
            if not -ndim <= axis < ndim:
                raise AxisError(
                    f"Standardizer: data with {ndim} axes have no axis {axis}."
                )
        return tuple(sorted({axis % ndim for axis in self.axis}))

    def _fitted(
        self, method: str
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        if self.mean is None or self.scale is None:
            raise RuntimeError(
                f"Standardizer.{method}: it has no mean and scale yet; call "
                f"fit(training_data) first."
            )
        return self.mean, self.scale

    def _check_shape(
        self, method: str, got: tuple[int, ...], fitted: tuple[int, ...]
    ) -> None:
        averaged = self._axes(len(fitted))
        fits = len(got) == len(fitted) and all(
            i in averaged or got[i] == fitted[i] for i in range(len(fitted))
        )
        if not fits:
            wanted = ", ".join(
                "any" if i in averaged else str(size) for i, size in enumerate(fitted)
            )
            raise ShapeError(
                f"Standardizer.{method}: it was fitted to the shape ({wanted}), got "
                f"{got}."
            )


def _real(method: str, X: npt.ArrayLike) -> npt.NDArray[Any]:
    values = np.asarray(X)
    if values.dtype.kind not in "biuf":
        raise DTypeError(
            f"Standardizer.{method}: the data must be real numbers, got {values.dtype}."
        )
    return values


def _like(values: npt.NDArray[Any], result: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a result in the dtype of the data, or in float64 where they are whole."""
    return result.astype(values.dtype if values.dtype.kind == "f" else np.float64)


def _require_finite(what: str, values: npt.NDArray[Any]) -> None:
    wrong = ~np.isfinite(values)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise NonFiniteError(
            f"Standardizer.fit: the {what} at {place} of {values.shape} is "
            f"{values[place]}."
        )


def _checked_state(state: dict[str, Any]) -> tuple[tuple[int, ...], Any, Any]:
    def require(condition: bool, problem: str) -> None:
        if not condition:
            raise CheckpointError(
                f"Standardizer.load_state_dict: the state does not fit (nothing was "
                f"loaded): {problem}."
            )

    require(
        isinstance(state, dict) and set(state) == {"axis", "mean", "scale"},
        "it must be a dict with the keys axis, mean and scale",
    )
    axis, mean, scale = state["axis"], state["mean"], state["scale"]
    require(
        isinstance(axis, list) and all(type(i) is int for i in axis),
        f"axis must be a list of integers, got {axis!r}",
    )
    require((mean is None) == (scale is None), "mean or scale is missing")
    if mean is None:
        return tuple(axis), None, None
    for name, array in (("mean", mean), ("scale", scale)):
        is_float = isinstance(array, np.ndarray) and array.dtype == np.float64
        require(is_float, f"{name} must be an array of float64")
        require(bool(np.isfinite(array).all()), f"{name} is not finite")
    require(mean.shape == scale.shape, f"mean {mean.shape} and scale {scale.shape}")
    require(bool((scale > 0).all()), "scale is not above 0")
    require(all(-mean.ndim <= i < mean.ndim for i in axis), f"axis {axis} {mean.shape}")
    return tuple(axis), mean.copy(), scale.copy()
