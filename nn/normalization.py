"""Layers that give zero mean and unit variance to what passes through."""

import math
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import (
    Tensor,
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
)
from nn.checks import require_axes, require_channels, require_size, shape_of
from nn.module import Module
from nn.parameter import Parameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "LayerNorm",
    "RMSNorm",
]


class _ChannelNorm(Module):
    """What batch and instance normalisation share: statistics for each channel."""

    axes: ClassVar[tuple[int, ...]]  # how many axes an input may have
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        dtype: npt.DTypeLike,
    ) -> None:
        name = type(self).__name__
        self.num_features = require_size(name, "num_features", num_features)
        self.eps = eps
        self.momentum = momentum
        self.track_running_stats = track_running_stats
        shape = (num_features,)
        self.weight = Parameter(np.ones(shape), dtype=dtype) if affine else None
        self.bias = Parameter(np.zeros(shape), dtype=dtype) if affine else None
        tracked = track_running_stats
        self.register_buffer(
            "running_mean", np.zeros(shape, dtype) if tracked else None
        )
        self.register_buffer("running_var", np.ones(shape, dtype) if tracked else None)
        self.register_buffer(
            "num_batches_tracked", np.array(0, np.int64) if tracked else None
        )

    @property
    def _updates(self) -> bool:
        return self.training and self.track_running_stats

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        parts = [str(self.num_features)]
        parts += [f"eps={self.eps}"] if self.eps != 1e-5 else []
        parts += [f"momentum={self.momentum}"] if self.momentum != 0.1 else []
        return ", ".join(parts)


class _BatchNorm(_ChannelNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, dtype
        )

    def forward(self, x: Any) -> Any:
        """Return the standardised input, scaled and shifted."""
        require_axes(x, *self.axes, what="batch and channels first")
        require_channels(x, 1, self.num_features)
        share = 0.0 if self.momentum is None else self.momentum
        if self._updates:
            count = np.array(self.num_batches_tracked + 1)
            if self.momentum is None:  # the mean of all batches
                share = 1 / int(count)
        out = batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            share,
            self.eps,
        )
        if self._updates:
            self.num_batches_tracked = count
        return out


class BatchNorm1d(_BatchNorm):
    """Standardise each feature over the batch, then scale and shift.

    Parameters
    ----------
    num_features : int
        The number of features or channels C.
    eps : float, default 1e-5
        Is added to the variance.
    momentum : float or None, default 0.1
        The share of a batch in the running statistics; None for their plain mean.
    affine : bool, default True
        Whether there are a weight and a bias.
    track_running_stats : bool, default True
        Whether to keep running statistics, which `eval` uses.
    dtype : dtype, default float32
        The dtype of parameters and running statistics.

    Attributes
    ----------
    weight, bias : Tensor, shape (C,), or None
        Ones and zeros at first.
    running_mean, running_var : ndarray, shape (C,), or None
        Buffers: zeros and ones at first; the variance is the unbiased one.

    Raises
    ------
    ShapeError
        In training, if there is one value for each channel only.

    Notes
    -----
    Shapes: input (N, C) or (N, C, L); result of the same shape.

    Formula: y = (x - mean) / √(var + eps) · weight + bias, with mean and (biased) var
    of the batch in training, and the running ones after ``eval()``.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.BatchNorm1d(1, dtype=np.float64)
    >>> layer(np.array([[1.0], [3.0]])).data.round(3).tolist()
    [[-1.0], [1.0]]
    >>> layer.running_mean, layer.running_var
    (array([0.2]), array([1.1]))
    """

    axes = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Standardise each channel over all images and pixels, then scale and shift.

    Parameters, attributes and errors are those of `BatchNorm1d`.

    Notes
    -----
    Shapes: input (N, C, H, W); result of the same shape.

    Formula: as `BatchNorm1d`, with mean and variance over N, H and W.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.BatchNorm2d(3)(np.random.default_rng(0).random((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    axes = (4,)


class _InstanceNorm(_ChannelNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, dtype
        )

    def forward(self, x: Any) -> Any:
        """Return the standardised input, scaled and shifted."""
        require_axes(x, *self.axes, what="channels and space, maybe a batch")
        batch = x if len(shape_of(x)) == self.axes[-1] else np.expand_dims(x, 0)
        require_channels(x, 1 - self.axes[-1], self.num_features)
        if self.track_running_stats and not self.training:
            statistics = self.running_mean, self.running_var
            out = batch_norm(batch, *statistics, self.weight, self.bias, eps=self.eps)
        else:
            out = instance_norm(batch, self.weight, self.bias, self.eps)
            self._update(batch)
        return out if batch is x else out[0]

    def _update(self, x: Any) -> None:
        """Move the running statistics towards the mean ones of the instances."""
        if not self._updates:
            return
        values = x.data if isinstance(x, Tensor) else x
        space, share = tuple(range(2, values.ndim)), self.momentum or 0.0
        mean = np.mean(values, axis=space).mean(axis=0)
        variance = np.var(values, axis=space, ddof=1).mean(axis=0)
        dtype = self.running_mean.dtype
        old_mean, old_variance = self.running_mean, self.running_var
        self.running_mean = ((1 - share) * old_mean + share * mean).astype(dtype)
        self.running_var = ((1 - share) * old_variance + share * variance).astype(dtype)


class InstanceNorm1d(_InstanceNorm):
    """Standardise each channel of each signal by itself.

    Parameters
    ----------
    num_features : int
        The number of channels C.
    eps : float, default 1e-5
        Is added to the variance.
    momentum : float or None, default 0.1
        The share of a batch in the running statistics; None keeps them as they are.
    affine : bool, default False
        Whether there are a weight and a bias.
    track_running_stats : bool, default False
        Whether to keep running statistics and use them after `eval`.
    dtype : dtype, default float32
        The dtype of parameters and running statistics.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result of the same shape.

    Formula: y = (x - mean) / √(var + eps) · weight + bias, with mean and variance over
    L.

    References
    ----------
    D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance normalization", 2016.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.InstanceNorm1d(1)(np.array([[[1.0, 3.0]]])).round(3).tolist()
    [[[-1.0, 1.0]]]
    """

    axes = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Standardise each channel of each image by itself.

    Parameters are those of `InstanceNorm1d`.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result of the same shape.

    Formula: as `InstanceNorm1d`, with mean and variance over H and W.

    References
    ----------
    D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance normalization", 2016.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.InstanceNorm2d(3)(np.random.default_rng(0).random((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    axes = (3, 4)


class LayerNorm(Module):
    """Standardise each sample over its last axes, then scale and shift.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which mean and variance are taken.
    eps : float, default 1e-5
        Is added to the variance.
    elementwise_affine : bool, default True
        Whether there is a weight.
    bias : bool, default True
        Whether there is a bias as well.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight, bias : Tensor, shape normalized_shape, or None
        Ones and zeros at first.

    Warns
    -----
    UserWarning
        If mean and variance are those of one value: the result is always the bias.

    Notes
    -----
    Shapes: input (..., *normalized_shape); result of the same shape.

    Formula: y = (x - mean) / √(var + eps) · weight + bias.

    References
    ----------
    J. Ba, J. Kiros and G. Hinton, "Layer normalization", 2016.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.LayerNorm(2)(np.array([[1.0, 3.0], [5.0, 9.0]])).data.round(3).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.normalized_shape = _lengths("LayerNorm", normalized_shape)
        self.eps = eps
        if math.prod(self.normalized_shape) == 1:
            warnings.warn(
                f"LayerNorm({normalized_shape}): the mean of one value is that value, "
                f"so the result is always the bias. Give the lengths of all axes to "
                f"normalise.",
                UserWarning,
                stacklevel=2,
            )
        ones, zeros = np.ones(self.normalized_shape), np.zeros(self.normalized_shape)
        self.weight = Parameter(ones, dtype=dtype) if elementwise_affine else None
        has_bias = elementwise_affine and bias
        self.bias = Parameter(zeros, dtype=dtype) if has_bias else None

    def forward(self, x: Any) -> Any:
        """Return the standardised input, scaled and shifted."""
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return _described(self.normalized_shape)


class RMSNorm(Module):
    """Divide each sample by its root mean square, then scale.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which the mean square is taken.
    eps : float, optional
        Is added to the mean square; by default the dtype's precision.
    elementwise_affine : bool, default True
        Whether there is a weight.
    dtype : dtype, default float32
        The dtype of the parameter.

    Attributes
    ----------
    weight : Tensor, shape normalized_shape, or None
        Ones at first.

    Notes
    -----
    Shapes: input (..., *normalized_shape); result of the same shape.

    Formula: y = x / √(mean(x²) + eps) · weight.

    References
    ----------
    B. Zhang and R. Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.RMSNorm(2, dtype=np.float64)(np.array([[1.0, 7.0]])).data.round(3).tolist()
    [[0.2, 1.4]]
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.normalized_shape = _lengths("RMSNorm", normalized_shape)
        self.eps = eps
        ones = np.ones(self.normalized_shape)
        self.weight = Parameter(ones, dtype=dtype) if elementwise_affine else None

    def forward(self, x: Any) -> Any:
        """Return the scaled input."""
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return _described(self.normalized_shape)


class GroupNorm(Module):
    """Standardise groups of channels of each sample, then scale and shift.

    Parameters
    ----------
    num_groups : int
        How many groups the channels are cut into.
    num_channels : int
        The number of channels C; a multiple of ``num_groups``.
    eps : float, default 1e-5
        Is added to the variance.
    affine : bool, default True
        Whether there are a weight and a bias.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight, bias : Tensor, shape (C,), or None
        Ones and zeros at first.

    Notes
    -----
    Shapes: input (N, C) or (N, C, d1, ...); result of the same shape.

    Formula: y = (x - mean) / √(var + eps) · weight + bias, with mean and variance over
    the channels of a group and all of space.

    References
    ----------
    Y. Wu and K. He, "Group normalization", ECCV 2018.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.GroupNorm(2, 4)(np.array([[1.0, 3.0, 4.0, 8.0]])).data.round(3).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.num_groups = require_size("GroupNorm", "num_groups", num_groups)
        self.num_channels = require_size("GroupNorm", "num_channels", num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups={num_groups} must divide "
                f"num_channels={num_channels}."
            )
        self.eps = eps
        shape = (num_channels,)
        self.weight = Parameter(np.ones(shape), dtype=dtype) if affine else None
        self.bias = Parameter(np.zeros(shape), dtype=dtype) if affine else None

    def forward(self, x: Any) -> Any:
        """Return the standardised input, scaled and shifted."""
        require_axes(x, *range(2, 6), what="batch and channels first")
        require_channels(x, 1, self.num_channels)
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{self.num_groups}, {self.num_channels}"


def _lengths(layer: str, shape: int | Sequence[int]) -> tuple[int, ...]:
    lengths = tuple(shape) if isinstance(shape, Sequence) else (shape,)
    if not lengths:
        raise ValueError(
            f"{layer}: normalized_shape must name at least one axis, got ()."
        )
    return tuple(require_size(layer, "normalized_shape", n) for n in lengths)


def _described(shape: tuple[int, ...]) -> str:
    return str(shape[0] if len(shape) == 1 else shape)
