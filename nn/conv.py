"""Convolutions and their transposes, over signals and images."""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from nn.checks import as_input, per_axis, require_axes, require_channels, require_size
from nn.module import Module
from nn.padding import pad_space
from nn.parameter import require_rng, uniform_parameter

__all__ = ["Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"]

Sizes = int | tuple[int, ...]

# PyTorch's words for where padding comes from, and NumPy's.
_PADDING_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


class _ConvBase(Module):
    """What all convolutions share: settings, weights and bias."""

    space: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        dilation: Sizes,
        groups: int,
    ) -> None:
        name, n = type(self).__name__, self.space
        self.in_channels = require_size(name, "in_channels", in_channels)
        self.out_channels = require_size(name, "out_channels", out_channels)
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, n, 1)
        self.stride = per_axis(name, "stride", stride, n, 1)
        self.dilation = per_axis(name, "dilation", dilation, n, 1)
        self.groups = require_size(name, "groups", groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: groups must divide the channels, got {in_channels} in, "
                f"{out_channels} out, groups={groups}."
            )

    def _draw(
        self,
        channels: tuple[int, int],
        bias: bool,
        rng: np.random.Generator | None,
        dtype: npt.DTypeLike,
    ) -> None:
        rng = require_rng(type(self).__name__, rng)
        bound = 1 / math.sqrt(channels[1] * math.prod(self.kernel_size))
        self.weight = uniform_parameter(
            (*channels, *self.kernel_size), bound, rng, dtype
        )
        shape = (self.out_channels,)
        self.bias = uniform_parameter(shape, bound, rng, dtype) if bias else None

    def _checked(self, x: Any) -> Any:
        """Return the input after checking its axes and channels."""
        x, n = as_input(x, self.weight.dtype), self.space
        require_axes(x, n + 1, n + 2, what="channels and space, maybe a batch")
        require_channels(x, -n - 1, self.in_channels)
        return x

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        n = self.space
        usual = {
            "stride": (1,) * n,
            "padding": (0,) * n,
            "output_padding": (0,) * n,
            "dilation": (1,) * n,
            "groups": 1,
            "padding_mode": "zeros",
        }
        parts = [f"{self.in_channels}, {self.out_channels}"]
        parts.append(f"kernel_size={_short(self.kernel_size)}")
        for name, default in usual.items():
            value = getattr(self, name, default)
            if value != default:
                parts.append(f"{name}={_short(value)!r}")
        return ", ".join(parts if self.bias is not None else [*parts, "bias=False"])


def _short(value: Any) -> Any:
    """Return one number in place of several equal ones."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value


class _Conv(_ConvBase):
    function: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, dilation, groups
        )
        name = type(self).__name__
        self.padding = self._padding(padding)
        if padding_mode not in ("zeros", *_PADDING_MODES):
            raise ValueError(
                f"{name}: padding_mode must be 'zeros' or one of "
                f"{', '.join(map(repr, _PADDING_MODES))}, got {padding_mode!r}."
            )
        self.padding_mode = padding_mode
        self._draw((out_channels, in_channels // groups), bias, rng, dtype)

    def _padding(self, padding: Sizes | str) -> tuple[int, ...] | str:
        name = type(self).__name__
        if not isinstance(padding, str):
            return per_axis(name, "padding", padding, self.space, 0)
        if padding not in ("same", "valid"):
            raise ValueError(
                f"{name}: padding must be numbers, 'same' or 'valid', got {padding!r}."
            )
        if padding == "same" and set(self.stride) != {1}:
            raise ValueError(
                f"{name}: padding='same' needs stride 1, got stride={self.stride}."
            )
        return padding

    def forward(self, x: Any) -> Any:
        """Return the convolution of the input with the weights, plus the bias."""
        x = self._checked(x)
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            x = pad_space(x, self._widths(), _PADDING_MODES[self.padding_mode])
            padding = 0
        settings = self.stride, padding, self.dilation, self.groups
        return type(self).function(x, self.weight, self.bias, *settings)

    def _widths(self) -> tuple[tuple[int, int], ...]:
        """Return the padding before and after each axis of space."""
        if self.padding == "same":
            totals = [
                d * (k - 1)
                for d, k in zip(self.dilation, self.kernel_size, strict=True)
            ]
            return tuple((total // 2, total - total // 2) for total in totals)
        if isinstance(self.padding, str):
            return ((0, 0),) * self.space
        return tuple((p, p) for p in self.padding)


class Conv1d(_Conv):
    """Slide weights along signals and sum products.

    Parameters
    ----------
    in_channels, out_channels : int
        The channels of the input and of the result.
    kernel_size : int
        The length of a window.
    stride : int, default 1
        The step from window to window.
    padding : int, "same" or "valid", default 0
        How many elements to add at both ends; "same" keeps the length, "valid" adds
        none.
    dilation : int, default 1
        The distance of the elements of a window.
    groups : int, default 1
        Channels are split into so many groups that do not see each other.
    bias : bool, default True
        Whether each channel gets a bias.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}, default "zeros"
        Where the added elements come from.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight : Tensor, shape (out_channels, in_channels / groups, kernel_size)
        Drawn from U(-k, k) with k = 1 / √(in_channels / groups · kernel_size).
    bias : Tensor, shape (out_channels,), or None
        Drawn likewise.

    Notes
    -----
    Shapes: input (N, in_channels, L) or (in_channels, L); result (N, out_channels, L')
    with L' = ⌊(L + 2 padding - dilation (kernel_size - 1) - 1) / stride⌋ + 1.

    Formula: y[n, k, t] = b[k] + Σ over c, i of w[k, c, i] x[n, c, t stride + i
    dilation].

    References
    ----------
    A. Waibel et al., "Phoneme recognition using time-delay neural networks", 1989.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.Conv1d(2, 4, 3, padding=1, rng=np.random.default_rng(0))
    >>> layer(np.zeros((5, 2, 10))).shape
    (5, 4, 10)
    """

    space = 1
    function = conv1d


class Conv2d(_Conv):
    """Slide weights over images and sum products.

    Parameters
    ----------
    in_channels, out_channels : int
        The channels of the input and of the result.
    kernel_size : int or (height, width)
        The lengths of a window.
    stride : int or pair, default 1
        The steps from window to window.
    padding : int, pair, "same" or "valid", default 0
        How many elements to add at both ends of each axis; "same" keeps the size,
        "valid" adds none.
    dilation : int or pair, default 1
        The distance of the elements of a window.
    groups : int, default 1
        Channels are split into so many groups that do not see each other.
    bias : bool, default True
        Whether each channel gets a bias.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}, default "zeros"
        Where the added elements come from.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight : Tensor, shape (out_channels, in_channels / groups, height, width)
        Drawn from U(-k, k) with k = 1 / √(in_channels / groups · height · width).
    bias : Tensor, shape (out_channels,), or None
        Drawn likewise.

    Notes
    -----
    Shapes: input (N, in_channels, H, W) or (in_channels, H, W); result
    (N, out_channels, H', W') with
    H' = ⌊(H + 2 padding - dilation (height - 1) - 1) / stride⌋ + 1, and W' likewise.

    Formula: as `Conv1d`, with two axes of space.

    References
    ----------
    Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.Conv2d(1, 6, 5, padding=2, rng=np.random.default_rng(0))
    >>> layer, layer(np.zeros((2, 1, 28, 28))).shape
    (Conv2d(1, 6, kernel_size=5, padding=2), (2, 6, 28, 28))
    """

    space = 2
    function = conv2d


class _ConvTranspose(_ConvBase):
    function: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        *,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, dilation, groups
        )
        name, n = type(self).__name__, self.space
        self.padding = per_axis(name, "padding", padding, n, 0)
        self.output_padding = per_axis(name, "output_padding", output_padding, n, 0)
        self._draw((in_channels, out_channels // groups), bias, rng, dtype)

    def forward(self, x: Any) -> Any:
        """Return the transposed convolution of the input, plus the bias."""
        x = self._checked(x)
        return type(self).function(
            x,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.dilation,
        )


class ConvTranspose1d(_ConvTranspose):
    """Spread every element of signals over a window: the transpose of `Conv1d`.

    Parameters
    ----------
    in_channels, out_channels : int
        The channels of the input and of the result.
    kernel_size : int
        The length of a window.
    stride : int, default 1
        The step from window to window: how many times longer the result is.
    padding : int, default 0
        How many elements are cut off at both ends.
    output_padding : int, default 0
        How many elements are added at one end, to choose among the lengths that the
        convolution would map to the same length.
    groups, bias, dilation
        As in `Conv1d`.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight : Tensor, shape (in_channels, out_channels / groups, kernel_size)
        Drawn from U(-k, k) with k = 1 / √(out_channels / groups · kernel_size).
    bias : Tensor, shape (out_channels,), or None
        Drawn likewise.

    Notes
    -----
    Shapes: input (N, in_channels, L) or (in_channels, L); result (N, out_channels, L')
    with L' = (L - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding +
    1.

    Formula: the gradient of `Conv1d` with respect to its input, used forwards.

    References
    ----------
    M. Zeiler et al., "Deconvolutional networks", CVPR 2010.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.ConvTranspose1d(4, 2, 4, 2, padding=1, rng=np.random.default_rng(0))
    >>> layer(np.zeros((5, 4, 10))).shape
    (5, 2, 20)
    """

    space = 1
    function = conv_transpose1d


class ConvTranspose2d(_ConvTranspose):
    """Spread every pixel of images over a window: the transpose of `Conv2d`.

    Parameters
    ----------
    in_channels, out_channels : int
        The channels of the input and of the result.
    kernel_size : int or (height, width)
        The lengths of a window.
    stride : int or pair, default 1
        The steps from window to window: how many times larger the result is.
    padding : int or pair, default 0
        How many elements are cut off at both ends of each axis.
    output_padding : int or pair, default 0
        How many elements are added at one end, to choose among the sizes that the
        convolution would map to the same size.
    groups, bias, dilation
        As in `Conv2d`.
    rng : Generator, keyword only
        Where the first weights are drawn from.
    dtype : dtype, default float32
        The dtype of the parameters.

    Attributes
    ----------
    weight : Tensor, shape (in_channels, out_channels / groups, height, width)
        Drawn from U(-k, k) with k = 1 / √(out_channels / groups · height · width).
    bias : Tensor, shape (out_channels,), or None
        Drawn likewise.

    Notes
    -----
    Shapes: input (N, in_channels, H, W) or (in_channels, H, W); result
    (N, out_channels, H', W') with
    H' = (H - 1) stride - 2 padding + dilation (height - 1) + output_padding + 1, and W'
    likewise.

    Formula: the gradient of `Conv2d` with respect to its input, used forwards.

    References
    ----------
    M. Zeiler et al., "Deconvolutional networks", CVPR 2010.

    Examples
    --------
    >>> import nn, numpy as np
    >>> layer = nn.ConvTranspose2d(4, 1, 2, stride=2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((5, 4, 7, 7))).shape
    (5, 1, 14, 14)
    """

    space = 2
    function = conv_transpose2d
