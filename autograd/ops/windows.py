"""Windows that slide over the last axes of an array: how many, where, and padding.

Arrays have shape ``(A, B, *space)``; a window has one length for each axis of space.
Everything is written with strided slices, one for each position inside the window:

    x = [a b c d e], window of 3, stride 2:   windows [a b c] and [c d e]
    position 0: x[0:3:2] = [a c]    position 1: x[1:4:2] = [b d]    position 2: [c e]
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ShapeError

__all__: list[str] = []  # for convolution.py and pooling.py only

Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]  # before and after, a pair for each axis


class Windows(NamedTuple):
    """How windows slide; one entry for each axis of space.

    Attributes
    ----------
    kernel : tuple of int
        The lengths of a window.
    stride : tuple of int
        The distances between neighbouring windows.
    padding : tuple of pairs of int
        How much is added before and after each axis.
    dilation : tuple of int
        The distances between neighbouring positions inside a window.
    """

    kernel: Sizes
    stride: Sizes
    padding: Padding
    dilation: Sizes

    def reach(self) -> Sizes:
        """Return the lengths that a window covers, gaps included."""
        pairs = zip(self.kernel, self.dilation, strict=True)
        return tuple(d * (k - 1) + 1 for k, d in pairs)

    def padded_size(self, space: Sizes) -> Sizes:
        """Return the lengths of the axes after padding."""
        pairs = zip(space, self.padding, strict=True)
        return tuple(n + before + after for n, (before, after) in pairs)

    def counts(self, space: Sizes) -> Sizes:
        """Return how many windows fit on axes of these lengths."""
        axes = zip(self.padded_size(space), self.reach(), self.stride, strict=True)
        return tuple((n - reach) // step + 1 for n, reach, step in axes)

    def require_fit(self, function: str, space: Sizes) -> None:
        """Raise unless at least one window fits."""
        padded, reach = self.padded_size(space), self.reach()
        if any(n < r for n, r in zip(padded, reach, strict=True)):
            raise ShapeError(
                f"{function}: the kernel is larger than the input: input {space} is "
                f"{padded} with its padding, kernel {self.kernel} covers {reach} with "
                f"its dilation. Use a smaller kernel or more padding."
            )

    def positions(self, count: Sizes) -> Iterator[tuple[Any, Any]]:
        """Yield each position inside a window, with its slices of the padded space."""
        for position in np.ndindex(*self.kernel):
            axes = zip(position, self.dilation, self.stride, count, strict=True)
            yield (
                position,
                tuple(
                    slice(p * d, p * d + (n - 1) * step + 1, step)
                    for p, d, step, n in axes
                ),
            )

    def is_disjoint(self) -> bool:
        """Return whether no element belongs to two windows."""
        return all(s >= r for s, r in zip(self.stride, self.reach(), strict=True))

    def pad(self, x: Any, value: float = 0.0) -> Any:
        """Surround the space of an array with a value."""
        if not any(map(any, self.padding)):
            return x
        shape = (*x.shape[:2], *self.padded_size(x.shape[2:]))
        padded = np.full_like(x, value, shape=shape)
        padded[self.inside(x.shape[2:])] = x
        return padded

    def inside(self, space: Sizes) -> Any:
        """Return the index that takes the padding off again."""
        pairs = zip(space, self.padding, strict=True)
        return (..., *(slice(before, before + n) for n, (before, _) in pairs))


def symmetric(lengths: Sizes) -> Padding:
    """Return the padding that adds as much before an axis as after it."""
    return tuple((n, n) for n in lengths)
