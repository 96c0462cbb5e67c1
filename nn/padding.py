"""Layers that add elements around signals and images."""

from typing import Any

import numpy as np

from autograd import ShapeError
from nn.checks import got, per_axis, require_axes, shape_of
from nn.module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ZeroPad1d",
    "ZeroPad2d",
]

Widths = tuple[tuple[int, int], ...]

# How many elements of an axis each mode of np.pad can add at one end: all, and how many
# fewer.
_MODES = {"reflect": 1, "wrap": 0}


def pad_space(x: Any, widths: Widths, mode: str, value: float = 0.0) -> Any:
    """Pad the last axes; ``mode`` is one of `numpy.pad`."""
    n = len(widths)
    for axis, (length, pair) in enumerate(zip(shape_of(x)[-n:], widths, strict=True)):
        if mode in _MODES and max(pair) > length - _MODES[mode]:
            raise ShapeError(
                f"padding of {max(pair)} by {mode} needs at least "
                f"{max(pair) + _MODES[mode]} elements, axis {axis - n} has {length}; "
                f"{got(x)}."
            )
    every = ((0, 0),) * (len(shape_of(x)) - n) + widths
    if mode == "constant":
        return np.pad(x, every, mode="constant", constant_values=value)
    return np.pad(x, every, mode=mode)  # type: ignore[call-overload]


class _Pad(Module):
    """What all padding layers share: how many elements go where."""

    mode: str
    space: int  # the number of axes that are padded

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        name = type(self).__name__
        ends = per_axis(name, "padding", padding, 2 * self.space, 0)
        self.padding = ends
        # PyTorch's order: the ends of the last axis come first.
        self._widths = tuple(zip(ends[::2], ends[1::2], strict=True))[::-1]

    def forward(self, x: Any) -> Any:
        """Return the padded input."""
        n = self.space
        require_axes(x, n + 1, n + 2, what="channels and space, maybe a batch")
        return pad_space(x, self._widths, self.mode, getattr(self, "value", 0.0))

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        same = len(set(self.padding)) == 1
        return str(self.padding[0] if same else self.padding)


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: int | tuple[int, ...], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows."""
        return f"{super().extra_repr()}, {self.value}"


class ConstantPad1d(_ConstantPad):
    """Put a number around signals.

    Parameters
    ----------
    padding : int or (left, right)
        How many elements to add at each end.
    value : float
        The number.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result (N, C, left + L + right).

    Formula: y = [value … x … value]; the gradient of x is the inner part.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ConstantPad1d((1, 2), 9.0)(np.array([[1.0, 2.0]])).tolist()
    [[9.0, 1.0, 2.0, 9.0, 9.0]]
    """

    space = 1


class ConstantPad2d(_ConstantPad):
    """Put a number around images.

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        How many elements to add at each end.
    value : float
        The number.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, top + H + bottom,
    left + W + right).

    Formula: as `ConstantPad1d`.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ConstantPad2d((1, 0, 0, 1), 9.0)(np.array([[[1.0]]])).tolist()
    [[[9.0, 1.0], [9.0, 9.0]]]
    """

    space = 2


class ZeroPad1d(_Pad):
    """Put zeros around signals.

    Parameters
    ----------
    padding : int or (left, right)
        How many elements to add at each end.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result (N, C, left + L + right).

    Formula: as `ConstantPad1d` with 0.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ZeroPad1d(1)(np.array([[1.0, 2.0]])).tolist()
    [[0.0, 1.0, 2.0, 0.0]]
    """

    mode = "constant"
    space = 1


class ZeroPad2d(_Pad):
    """Put zeros around images.

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        How many elements to add at each end.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, top + H + bottom,
    left + W + right).

    Formula: as `ConstantPad1d` with 0.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ZeroPad2d(2)(np.ones((1, 3, 4, 5))).shape
    (1, 3, 8, 9)
    """

    mode = "constant"
    space = 2


class ReflectionPad1d(_Pad):
    """Mirror signals at their ends, without repeating the outermost element.

    Parameters
    ----------
    padding : int or (left, right)
        How many elements to add at each end; less than the length.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result (N, C, left + L + right).

    Formula: y₋ᵢ = xᵢ; an element's gradient is the sum over its copies.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ReflectionPad1d(2)(np.array([[1.0, 2.0, 3.0]])).tolist()
    [[3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]]
    """

    mode = "reflect"
    space = 1


class ReflectionPad2d(_Pad):
    """Mirror images at their edges, without repeating the outermost pixel.

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        How many elements to add at each end; less than the length.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, top + H + bottom,
    left + W + right).

    Formula: as `ReflectionPad1d`, for rows and columns.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ReflectionPad2d(1)(np.array([[[1.0, 2.0], [3.0, 4.0]]])).tolist()[0][0]
    [4.0, 3.0, 4.0, 3.0]
    """

    mode = "reflect"
    space = 2


class ReplicationPad1d(_Pad):
    """Repeat the outermost elements of signals.

    Parameters
    ----------
    padding : int or (left, right)
        How many elements to add at each end.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result (N, C, left + L + right).

    Formula: y₋ᵢ = x₀; an element's gradient is the sum over its copies.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ReplicationPad1d((2, 1))(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 1.0, 1.0, 2.0, 2.0]]
    """

    mode = "edge"
    space = 1


class ReplicationPad2d(_Pad):
    """Repeat the outermost pixels of images.

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        How many elements to add at each end.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, top + H + bottom,
    left + W + right).

    Formula: as `ReplicationPad1d`, for rows and columns.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.ReplicationPad2d(1)(np.array([[[5.0]]])).tolist()
    [[[5.0, 5.0, 5.0], [5.0, 5.0, 5.0], [5.0, 5.0, 5.0]]]
    """

    mode = "edge"
    space = 2


class CircularPad1d(_Pad):
    """Continue signals with their other end.

    Parameters
    ----------
    padding : int or (left, right)
        How many elements to add at each end; at most the length.

    Notes
    -----
    Shapes: input (N, C, L) or (C, L); result (N, C, left + L + right).

    Formula: y₋ᵢ = x at L - i; an element's gradient is the sum over its copies.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.CircularPad1d(1)(np.array([[1.0, 2.0, 3.0]])).tolist()
    [[3.0, 1.0, 2.0, 3.0, 1.0]]
    """

    mode = "wrap"
    space = 1


class CircularPad2d(_Pad):
    """Continue images with their opposite edges.

    Parameters
    ----------
    padding : int or (left, right, top, bottom)
        How many elements to add at each end; at most the length.

    Notes
    -----
    Shapes: input (N, C, H, W) or (C, H, W); result (N, C, top + H + bottom,
    left + W + right).

    Formula: as `CircularPad1d`, for rows and columns.

    Examples
    --------
    >>> import nn, numpy as np
    >>> nn.CircularPad2d((1, 0, 0, 0))(np.array([[[1.0, 2.0]]])).tolist()
    [[[2.0, 1.0, 2.0]]]
    """

    mode = "wrap"
    space = 2
