"""Pooling: one number for each window."""

from typing import Any, ClassVar

from autograd import adaptive_avg_pool2d, avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from nn.checks import per_axis, require_axes
from nn.module import Module

__all__ = [
    "AdaptiveAvgPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "MaxPool1d",
    "MaxPool2d",
]

Sizes = int | tuple[int, ...]


class _Pool(Module):
    """What pooling layers with windows share."""

    space: ClassVar[int]

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None, padding: Sizes
    ) -> None:
        name, n = type(self).__name__, self.space
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, n, 1)
        step = kernel_size if stride is None else stride
        self.stride = per_axis(name, "stride", step, n, 1)
        self.padding = per_axis(name, "padding", padding, n, 0)
        for kernel, pad in zip(self.kernel_size, self.padding, strict=True):
            if 2 * pad > kernel:
                raise ValueError(
                    f"{name}: padding must be at most half of the kernel, or a window "
                    f"would hold padding only; got kernel_size={kernel_size}, "
                    f"padding={padding}."
                )

    def _require_axes(self, x: Any) -> None:
        n = self.space
        require_axes(x, n + 1, n + 2, what="channels and space, maybe a batch")

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        n = self.space
        shown = {"stride": (self.stride, self.kernel_size)}
        shown["padding"] = (self.padding, (0,) * n)
        parts = [str(_short(self.kernel_size))]
        parts += [f"{k}={_short(v)}" for k, (v, usual) in shown.items() if v != usual]
        return ", ".join(parts)


def _short(value: tuple[int, ...]) -> Any:
    return value[0] if len(set(value)) == 1 else value


class _MaxPool(_Pool):
    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        name = type(self).__name__
        self.dilation = per_axis(name, "dilation", dilation, self.space, 1)
        self.ceil_mode = ceil_mode

    def forward(self, x: Any) -> Any:
        """Return the largest element of each window."""
        self._require_axes(x)
        function = max_pool1d if self.space == 1 else max_pool2d
        return function(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
        )


class MaxPool1d(_MaxPool):
    """Take the largest element of each window of signals.

    Parameters
    ----------
    kernel_size : int
        The length of a window.
    stride : int, optional
        The step from window to window; by default ``kernel_size``.
    padding : int, default 0
        How many elements, less than any number, to add at both ends.
    dilation : int, default 1
        The distance of the elements of a window.
    ceil_mode : bool, default False, keyword only
        Whether a last window may reach beyond the end.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result (N, C, L') with
    L' = ⌊(L + 2 padding - dilation (kernel_size - 1) - 1) / stride⌋ + 1.

    Formula: y[t] = max over i of x[t stride + i dilation]; the gradient goes to the
    first of the largest elements.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.MaxPool1d(2)(np.array([[1.0, 3.0, 2.0, 0.0]])).tolist()
    [[3.0, 2.0]]
    """

    space = 1


class MaxPool2d(_MaxPool):
    """Take the largest element of each window of images.

    Parameters
    ----------
    kernel_size : int or (height, width)
        The lengths of a window.
    stride : int or pair, optional
        The steps from window to window; by default ``kernel_size``.
    padding : int or pair, default 0
        How many elements, less than any number, to add at both ends of each axis.
    dilation : int or pair, default 1
        The distance of the elements of a window.
    ceil_mode : bool, default False, keyword only
        Whether a last window may reach beyond the end.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, H', W') with
    H' = ⌊(H + 2 padding - dilation (height - 1) - 1) / stride⌋ + 1, and W' likewise.

    Formula: as `MaxPool1d`, with two axes of space.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.MaxPool2d(2)(np.arange(16.0).reshape(1, 4, 4)).tolist()
    [[[5.0, 7.0], [13.0, 15.0]]]
    """

    space = 2


class AvgPool1d(_Pool):
    """Take the mean of each window of signals.

    Parameters
    ----------
    kernel_size : int
        The length of a window.
    stride : int, optional
        The step from window to window; by default ``kernel_size``.
    padding : int, default 0
        How many zeros to add at both ends.
    ceil_mode : bool, default False
        Whether a last window may reach beyond the end.
    count_include_pad : bool, default True
        Whether the added zeros count in the mean.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result (N, C, L') with
    L' = ⌊(L + 2 padding - kernel_size) / stride⌋ + 1.

    Formula: y[t] = 1 / k Σ over i < k of x[t stride + i].

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.AvgPool1d(2)(np.array([[1.0, 3.0, 2.0, 0.0]])).tolist()
    [[2.0, 1.0]]
    """

    space = 1

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, x: Any) -> Any:
        """Return the mean of each window."""
        self._require_axes(x)
        return avg_pool1d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )


class AvgPool2d(_Pool):
    """Take the mean of each window of images.

    Parameters
    ----------
    kernel_size : int or (height, width)
        The lengths of a window.
    stride : int or pair, optional
        The steps from window to window; by default ``kernel_size``.
    padding : int or pair, default 0
        How many zeros to add at both ends of each axis.
    ceil_mode : bool, default False
        Whether a last window may reach beyond the end.
    count_include_pad : bool, default True
        Whether the added zeros count in the mean.
    divisor_override : int, optional
        What to divide the sum by in place of the number of elements.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, H', W') with
    H' = ⌊(H + 2 padding - height) / stride⌋ + 1, and W' likewise.

    Formula: as `AvgPool1d`, with two axes of space.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.AvgPool2d(2)(np.arange(16.0).reshape(1, 4, 4)).tolist()
    [[[2.5, 4.5], [10.5, 12.5]]]
    """

    space = 2

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, x: Any) -> Any:
        """Return the mean of each window."""
        self._require_axes(x)
        return avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AdaptiveAvgPool2d(Module):
    """Take means of as many windows as wanted, whatever the size of the images.

    Parameters
    ----------
    output_size : int or (height, width)
        The size of the result; None in a pair keeps that length.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, height, width).

    Formula: window i of an axis of length L into n goes from ⌊i L / n⌋ to
    ⌈(i + 1) L / n⌉; y[i] is its mean.

    References
    ----------
    M. Lin, Q. Chen and S. Yan, "Network in network", 2014 (with output size 1).

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.AdaptiveAvgPool2d(1)(np.arange(12.0).reshape(1, 3, 4)).tolist()
    [[[5.5]]]
    """

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        """Return the means."""
        require_axes(x, 3, 4, what="channels and space, maybe a batch")
        return adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return str(self.output_size)
