"""The lines of an array plan, before it is known where their results are kept."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Line", "dtype_text"]


@dataclass
class Line:
    """``targets = text``.

    Attributes
    ----------
    targets : tuple of str
        What is computed; every name is set in one line only.
    text : str
        The right-hand side.
    reads : frozenset of str
        The names in it.
    values : tuple
        What was computed at the recorded point.
    takes_out : bool
        Whether ``out=`` says where the result goes.
    overwrites : tuple of str
        Names of arrays in whose place the result may be written.
    shares : tuple of str
        Names whose memory the result may share.
    is_run : bool
        Whether it calls a run, whose last arguments are arrays for the results.
    is_view : bool
        Whether it can be run once, where what it reads is always the same array.
    is_empty : bool
        Whether it only makes an array, whose elements are set by later lines.
    unpacks : bool
        Whether the right-hand side gives one value for each target.
    """

    targets: tuple[str, ...]
    text: str
    reads: frozenset[str]
    values: tuple[Any, ...]
    takes_out: bool = False
    overwrites: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    is_run: bool = False
    is_view: bool = False
    is_empty: bool = False
    unpacks: bool = False

    def written(self, kept: Collection[str]) -> list[str]:
        """Return the text, with results in the arrays of their name where those exist.

        Parameters
        ----------
        kept : collection of str
            Names that stand for an array already.
        """
        if self.is_run:
            made = [
                f"{name} = np.empty({x.shape}, {dtype_text(x.dtype)})"
                for name, x in zip(self.targets, self.values, strict=True)
                if name not in kept
            ]
            return [*made, f"{self.text[:-1]}, {', '.join(self.targets)})"]
        if not self.targets:
            return [self.text]
        if self.takes_out and self.targets[0] in kept:
            out = f"{self.text[:-1]}, out={self.targets[0]})"
            return [] if self.is_empty else [out]
        comma = "," if self.unpacks and len(self.targets) == 1 else ""
        return [f"{', '.join(self.targets)}{comma} = {self.text}"]


def dtype_text(dtype: np.dtype[Any]) -> str:
    """Return how a dtype is written: ``np.float32``."""
    return f"np.{'bool_' if dtype.kind == 'b' else dtype.name}"
