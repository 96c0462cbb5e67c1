"""A convolution of images that is written out as lines, in arrays that are kept.

The lines are those of `autograd.ops.convolution`: a matrix of columns, one for every
window of every image, and one matrix product for the result and for each gradient.
What is several times the size of the images, the columns and their cotangent, is made
once in place of once a step.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.lines import Line, dtype_text
from autograd.compiler.lowering import Lowering
from autograd.compiler.operands import Operand

__all__ = ["Convolution"]

_LARGEST = 64 << 20  # bytes of columns that are kept, as the operation itself does


class Convolution:
    """A convolution (N, C, H, W) with stride 1, with one group and no holes.

    Parameters
    ----------
    lowering : Lowering
        Takes the lines.
    inputs : sequence of Operand
        The images, the weights, and the bias if there is one.
    settings : dict
        As of the operation.
    """

    def __init__(
        self, lowering: Lowering, inputs: Sequence[Operand], settings: dict[str, Any]
    ) -> None:
        self._lowering = lowering
        self._x, self._weight, *self._bias = inputs
        (self._top, bottom), (self._left, right) = settings["padding"]
        count, channels, height, width = self._x.value.shape
        self._kernel = self._weight.value.shape[2:]
        self._padded = channels, count, height + self._top + bottom, width
        self._padded = (*self._padded[:3], width + self._left + right)
        space = [n - k + 1 for n, k in zip(self._padded[2:], self._kernel, strict=True)]
        self._windows = channels, *self._kernel, count, *space
        self._dtype = self._x.value.dtype

    @staticmethod
    def fits(tensor: Any) -> bool:
        """Return whether an operation is one of these."""
        if tensor.op.name != "convolution" or tensor.ndim != 4 or not tensor.size:
            return False
        settings, (x, weight, *_) = tensor.settings, tensor.inputs
        columns = tensor.size // weight.shape[0] * (weight.size // weight.shape[0])
        return (
            {*settings["stride"], *settings["dilation"], settings["groups"]} == {1}
            and columns * x._data.itemsize <= _LARGEST
            and len({t.dtype for t in tensor.inputs}) == 1
        )

    def forward(self, target: str) -> Operand:
        """Write the lines of the value."""
        low, kind = self._lowering, dtype_text(self._dtype)
        padded = self._once(f"np.zeros({self._padded}, {kind})", "padded", [])
        inside = self._once(f"{padded.text}{self._inside}", "inside", [padded])
        windows = f"sliding_window_view({padded.text}, {self._kernel}, (2, 3))"
        windows = f"np.lib.stride_tricks.{windows}.transpose(0, 4, 5, 1, 2, 3)"
        every = self._once(windows, "windows", [padded])
        x = self._x
        images = Operand(f"{x.text}.swapaxes(0, 1)", x.value.swapaxes(0, 1), x.names)
        self._fill(inside, images)
        columns = self._array(self._windows, "columns")
        self._fill(columns, every)
        rows, area = np.prod(self._windows[:3]), np.prod(self._windows[3:])
        self._columns = low.reshaped(columns, (int(rows), int(area)))
        found = low.product(self._matrix(), self._columns, "")
        if self._bias:
            found = low.ufunc("add", (found, low.reshaped(self._bias[0], (-1, 1))), "")
        found = low.reshaped(found, (-1, *self._windows[3:]))
        return self._swapped(found)

    def backward(self, g: Operand, needs: Sequence[bool]) -> list[Operand | None]:
        """Write the lines of the gradients."""
        low = self._lowering
        rows = low.reshaped(self._swapped(g), (len(self._weight.value), -1))
        found: list[Operand | None] = [None] * len(needs)
        if needs[0]:
            parts = low.product(_transposed(self._matrix()), rows, "")
            found[0] = self._images(low.reshaped(parts, self._windows))
        if needs[1]:
            product = low.product(rows, _transposed(self._columns), "")
            found[1] = low.reshaped(product, self._weight.value.shape)
        if len(needs) > 2 and needs[2]:
            found[2] = low.product(rows, low.ones(rows.value.shape[1], rows), "")
        return found

    def _images(self, parts: Operand) -> Operand:
        """Write the lines that add every window to the image that it lies in."""
        total = self._array(self._padded, "total")
        low = self._lowering
        low.change(f"{total.text}.fill(0)", total, frozenset())
        total.value.fill(0)
        function = low.function("add_windows", add_windows)
        text = f"{function}({total.text}, {parts.text})"
        low.change(text, total, parts.names)
        add_windows(total.value, parts.value)
        top, left = self._top, self._left
        height, width = self._x.value.shape[2:]
        value = total.value[:, :, top : top + height, left : left + width]
        return self._swapped(Operand(f"{total.text}{self._inside}", value, total.names))

    @property
    def _inside(self) -> str:
        height, width = self._x.value.shape[2:]
        rows = f"{self._top}:{self._top + height}"
        return f"[:, :, {rows}, {self._left}:{self._left + width}]"

    def _matrix(self) -> Operand:
        return self._lowering.reshaped(self._weight, (len(self._weight.value), -1))

    def _swapped(self, x: Operand) -> Operand:
        x = self._lowering.settled(x)
        return Operand(f"{x.text}.swapaxes(0, 1)", x.value.swapaxes(0, 1), x.names)

    def _once(self, text: str, name: str, of: Sequence[Operand]) -> Operand:
        """Write a line that runs when the arrays are made: zeros, or a view."""
        names = frozenset([name for x in of for name in x.names])
        values = {"np": np, **{x.text: x.value for x in of}}
        value = eval(text, values)
        name = self._lowering.fresh(name)
        line = Line((name,), text, names, (value,), shares=tuple(names))
        line.is_view = True
        self._lowering.lines.append(line)
        return Operand(name, value, frozenset([name]))

    def _array(self, shape: Sequence[int], name: str) -> Operand:
        """Write the line that makes an array, whose elements are set later."""
        value = np.empty(tuple(shape), self._dtype)
        text = f"np.empty({tuple(shape)}, {dtype_text(self._dtype)})"
        name = self._lowering.fresh(name)
        line = Line((name,), text, frozenset(), (value,), takes_out=True)
        line.is_empty = True
        self._lowering.lines.append(line)
        return Operand(name, value, frozenset([name]))

    def _fill(self, x: Operand, source: Operand) -> None:
        """Write the line that copies one array into another."""
        source = self._lowering.settled(source)
        text = f"np.copyto({x.text}, {source.text})"
        self._lowering.change(text, x, source.names)
        np.copyto(x.value, source.value)


def add_windows(total: Any, parts: Any) -> None:
    """Add ``parts[:, i, j]`` to the part of ``total`` that begins at (i, j).

    Parameters
    ----------
    total : ndarray, shape (C, N, H, W)
        Is changed.
    parts : ndarray, shape (C, rows, columns, N, H - rows + 1, W - columns + 1)
        What is added.

    Examples
    --------
    >>> total = np.zeros((1, 1, 1, 3))
    >>> add_windows(total, np.array([1.0, 2.0, 10.0, 20.0]).reshape(1, 1, 2, 1, 1, 2))
    >>> total
    array([[[[ 1., 12., 20.]]]])
    """
    _, rows, columns, _, height, width = parts.shape
    for i in range(rows):
        for j in range(columns):
            total[:, :, i : i + height, j : j + width] += parts[:, i, j]


def _transposed(x: Operand) -> Operand:
    return Operand(f"{x.text}.T", x.value.T, x.names)
