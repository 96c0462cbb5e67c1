"""Layer, RMS, batch, instance and group normalisation, with PyTorch's signatures."""

from typing import Any

import numpy as np

from autograd.errors import DTypeError, ShapeError
from autograd.ops.checks import require_shape, shape_of, shown
from autograd.ops.indexing import value_of
from autograd.ops.standardization import last_axes, standardize
from autograd.tensor import Tensor

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm"]


def layer_norm(
    input: Any,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """Standardise each sample over its last axes, then scale and shift.

    Parameters
    ----------
    input : Tensor, shape (..., *normalized_shape)
        Leading axes are a batch.
    normalized_shape : int or tuple of int
        The lengths of the axes that mean and variance are taken over.
    weight, bias : Tensor, shape normalized_shape, optional
        The result is y * weight + bias.
    eps : float, default 1e-5
        Is added to the variance.

    Raises
    ------
    ShapeError
        If the input does not end in ``normalized_shape``, or weight or bias has another
        shape.

    Notes
    -----
    Formula: see `standardize`.

    Examples
    --------
    >>> from autograd import Tensor, layer_norm
    >>> layer_norm(Tensor([[1.0, 3.0], [5.0, 5.0]]), 2, eps=0.01).data.round(3)
    array([[-0.995,  0.995],
           [ 0.   ,  0.   ]])
    """
    shape = _normalized_shape("layer_norm", input, normalized_shape)
    require_shape("layer_norm", "weight", weight, shape)
    require_shape("layer_norm", "bias", bias, shape)
    return _affine(
        input, weight, bias, last_axes(len(shape), len(shape_of(input))), eps
    )


def rms_norm(
    input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None
) -> Any:
    """Divide each sample by the root of its mean square over its last axes.

    Parameters
    ----------
    input : Tensor, shape (..., *normalized_shape)
        Leading axes are a batch.
    normalized_shape : int or tuple of int
        The lengths of the axes that the mean is taken over.
    weight : Tensor, shape normalized_shape, optional
        Multiplies the result.
    eps : float, optional
        Is added to the mean square; by default the rounding error of the dtype.

    Raises
    ------
    ShapeError
        As in `layer_norm`.

    References
    ----------
    B. Zhang and R. Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Examples
    --------
    >>> from autograd import Tensor, rms_norm
    >>> rms_norm(Tensor([[1.0, 7.0]]), 2)
    Tensor([[0.2, 1.4]], op=multiply)
    """
    shape = _normalized_shape("rms_norm", input, normalized_shape)
    require_shape("rms_norm", "weight", weight, shape)
    axes = last_axes(len(shape), len(shape_of(input)))
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    scale = 1 / np.sqrt(np.mean(input * input, axis=axes, keepdims=True) + eps)
    return input * scale if weight is None else input * scale * weight


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Standardise each channel over the batch, then scale and shift.

    Parameters
    ----------
    input : Tensor, shape (N, C) or (N, C, d1, ...)
        A batch with C channels.
    running_mean, running_var : ndarray, shape (C,), or None
        In training they are updated in place: (1 - momentum) old + momentum new, where
        the new variance is the unbiased one.  Otherwise they are used in place of the
        mean and the variance of the batch.
    weight, bias : Tensor, shape (C,), optional
        The result is y * weight + bias.
    training : bool, default False
        Whether to use, and to keep, the statistics of this batch.
    momentum : float, default 0.1
        The share of this batch in the running statistics.
    eps : float, default 1e-5
        Is added to the variance.

    Raises
    ------
    ShapeError
        If the shapes do not fit together, or if there is only one value for each
        channel in training: it has no variance.

    Notes
    -----
    Formula: see `standardize`.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, batch_norm
    >>> mean, var = np.zeros(1), np.ones(1)
    >>> x = Tensor([[1.0], [3.0]])
    >>> batch_norm(x, mean, var, training=True, eps=0.0)
    Tensor([[-1.],
            [ 1.]], op=standardize)
    >>> mean, var
    (array([0.2]), array([1.1]))
    """
    shape = shape_of(input)
    if len(shape) < 2:
        raise ShapeError(
            f"batch_norm: input must have a batch and channels: "
            f"{shown('input', input)}."
        )
    given = {"running_mean": running_mean, "running_var": running_var}
    given |= {"weight": weight, "bias": bias}
    for role, x in given.items():
        require_shape("batch_norm", role, x, shape[1:2])
    axes = (0, *range(2, len(shape)))
    weight, bias = (_per_channel(x, len(shape) - 2) for x in (weight, bias))
    if not training:
        return _with_running(input, running_mean, running_var, weight, bias, eps)
    n = np.size(input) // max(shape[1], 1)
    if n < 2:
        raise ShapeError(
            f"batch_norm: {n} value for each channel has no variance in training: "
            f"{shown('input', input)}. Use a larger batch (drop_last=True), or "
            f"model.eval()."
        )
    out = _affine(input, weight, bias, axes, eps)
    values = value_of(input)
    if running_mean is not None:
        _move(running_mean, np.mean(values, axis=axes), momentum)
    if running_var is not None:
        _move(running_var, np.var(values, axis=axes, ddof=1), momentum)
    return out


def instance_norm(
    input: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Standardise each channel of each sample over its space, then scale and shift.

    The same as `group_norm` with one channel in each group.

    Parameters
    ----------
    input : Tensor, shape (N, C, d1, ...)
        A batch with C channels.
    weight, bias : Tensor, shape (C,), optional
        The result is y * weight + bias.
    eps : float, default 1e-5
        Is added to the variance.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.

    Examples
    --------
    >>> from autograd import Tensor, instance_norm
    >>> instance_norm(Tensor([[[1.0, 3.0], [4.0, 8.0]]]), eps=0.0).data
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    shape = shape_of(input)
    if len(shape) < 3:
        raise ShapeError(
            f"instance_norm: input must have a batch, channels and space: "
            f"{shown('input', input)}."
        )
    for role, x in {"weight": weight, "bias": bias}.items():
        require_shape("instance_norm", role, x, shape[1:2])
    weight, bias = (_per_channel(x, len(shape) - 2) for x in (weight, bias))
    return _affine(input, weight, bias, tuple(range(2, len(shape))), eps)


def group_norm(
    input: Any,
    num_groups: int,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """Standardise groups of channels of each sample, then scale and shift.

    Parameters
    ----------
    input : Tensor, shape (N, C) or (N, C, d1, ...)
        A batch with C channels.
    num_groups : int
        How many groups the channels are cut into; must divide C.
    weight, bias : Tensor, shape (C,), optional
        The result is y * weight + bias.
    eps : float, default 1e-5
        Is added to the variance.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.

    References
    ----------
    Y. Wu and K. He, "Group normalization", ECCV 2018.

    Examples
    --------
    >>> from autograd import Tensor, group_norm
    >>> group_norm(Tensor([[1.0, 3.0, 4.0, 8.0]]), 2, eps=0.0).data
    array([[-1.,  1., -1.,  1.]])
    """
    shape = shape_of(input)
    if len(shape) < 2 or num_groups < 1 or shape[1] % num_groups:
        raise ShapeError(
            f"group_norm: num_groups={num_groups} must divide the number of channels, "
            f"axis 1 of {shown('input', input)}."
        )
    for role, x in {"weight": weight, "bias": bias}.items():
        require_shape("group_norm", role, x, shape[1:2])
    grouped = (shape[0], num_groups, shape[1] // num_groups, *shape[2:])
    x = np.reshape(input, grouped)
    weight, bias = (
        x if x is None else np.reshape(x, (*grouped[1:3], *[1] * len(shape[2:])))
        for x in (weight, bias)
    )
    out = _affine(x, weight, bias, tuple(range(2, len(grouped))), eps)
    return np.reshape(out, shape)


def _normalized_shape(function: str, input: Any, given: Any) -> tuple[int, ...]:
    """Return the lengths of the normalised axes, which the input must end in."""
    shape = (given,) if isinstance(given, int | np.integer) else tuple(given)
    if not shape or shape_of(input)[-len(shape) :] != shape:
        raise ShapeError(
            f"{function}: input must end in the axes normalized_shape={shape}: "
            f"{shown('input', input)}."
        )
    return shape


def _affine(
    input: Any, weight: Any, bias: Any, axes: tuple[int, ...], eps: float
) -> Any:
    if weight is None and bias is not None:
        weight = np.ones(shape_of(bias), input.dtype)
    return standardize(input, weight, bias, axes, eps)


def _per_channel(x: Any, n: int) -> Any:
    """Let (C,) broadcast against (N, C, d1, ..., dn)."""
    return x if x is None or not n else np.reshape(x, (-1, *[1] * n))


def _with_running(
    input: Any, mean: Any, variance: Any, weight: Any, bias: Any, eps: float
) -> Any:
    if mean is None or variance is None:
        raise DTypeError(
            "batch_norm: without training, running_mean and running_var are needed."
        )
    n = len(shape_of(input)) - 2
    mean, variance = (_per_channel(np.copy(value_of(x)), n) for x in (mean, variance))
    scale = 1 / np.sqrt(variance + eps)
    scale = scale if weight is None else scale * weight
    shift = -mean * scale if bias is None else bias - mean * scale
    return input * scale + shift


def _move(running: Any, new: Any, momentum: float) -> None:
    """Move a running statistic in place towards that of a batch."""
    values = (1 - momentum) * value_of(running) + momentum * new
    if isinstance(running, Tensor):
        running.data = values.astype(running.dtype)
    else:
        running[...] = values
