"""Runs of elementwise operations, computed tile by tile.

On arrays that are larger than the cache, every operation waits for memory. A run of
operations on equal shapes is therefore computed for a few thousand elements at a time:
what is between the first and the last operation never leaves the cache. The backward
pass computes cheap values again instead of keeping them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.tensor import Tensor

__all__ = ["Run", "find_runs"]

_TILE_BYTES = 1 << 15
_LEAST_SIZE = 1 << 16  # elements; smaller arrays stay in the cache anyway

# How NumPy writes the operations that are computed again rather than kept.
_CHEAP = {
    "absolute": "np.absolute", "add": "np.add", "multiply": "np.multiply",
    "negative": "np.negative", "subtract": "np.subtract",
}  # fmt: skip

# What the rules of an operation look at: "a" and "b", its inputs, and "o", its value.
_LOOKS_AT = {
    "add": ("", ""), "subtract": ("", ""), "multiply": ("b", "a"),
    "divide": ("b", "bo"), "negative": ("",), "tanh": ("o",), "exp": ("o",),
    "log": ("a",), "sqrt": ("o",),
}  # fmt: skip


def find_runs(
    order: Sequence[Tensor], sources: set[Tensor], useful: set[Any]
) -> dict[Tensor, list[Tensor]]:
    """Return, for the last operation of each run, all of its operations in order."""
    runs: dict[Tensor, list[Tensor]] = {}
    members: list[Tensor] = []
    for tensor in [t for t in order if t.op is not None and t not in sources]:
        if members and not (
            _is_eligible(tensor, useful) and tensor.shape == members[0].shape
        ):
            _close(members, runs)
            members = []
        if _is_eligible(tensor, useful):
            members.append(tensor)
    _close(members, runs)
    return runs


def _close(members: list[Tensor], runs: dict[Tensor, list[Tensor]]) -> None:
    if len(members) > 1:
        runs[members[-1]] = members


def _is_eligible(tensor: Tensor, useful: set[Any]) -> bool:
    """Return whether an operation works element by element on large equal shapes."""
    op = tensor.op
    if op is None or not op.pointwise or tensor.size < _LEAST_SIZE:
        return False
    return all(
        x.dtype == tensor.dtype
        and (x.shape == tensor.shape or (x.ndim == 0 and x not in useful))
        for x in tensor.inputs
    )


class Run:
    """One run: the text of the functions that compute it forward and backward.

    Parameters
    ----------
    name : str
        Of the functions.
    members : sequence of Tensor
        The operations, in order.
    outside : set of Tensor
        What operations that are not members, or the caller, look at.
    useful : set of Tensor
        What needs a gradient.
    texts : mapping
        The name of every tensor.
    function : callable
        ``function(op, position)`` gives the name of an operation, or of its rule.
    """

    def __init__(
        self,
        name: str,
        members: Sequence[Tensor],
        outside: set[Tensor],
        useful: set[Any],
        texts: Mapping[Any, str],
        function: Callable[[Any, int | None], str],
    ) -> None:
        self.name = name
        self.members = list(members)
        self._inside = set(members)
        self._useful = useful
        self._texts = texts
        self._function = function
        self.inputs = _unique(
            x for t in members for x in t.inputs if x not in self._inside
        )
        seen = self._looked_at()
        self.outputs = [
            t
            for t in members
            if t in outside or (t in seen and t.op and t.op.name not in _CHEAP)
        ]

    # ---- forward ---------------------------------------------------------------------

    def forward_text(self) -> str:
        """Return the function that computes the values."""
        last_use = {x: t for t in self.members for x in t.inputs}
        registers = _Registers()
        lines = []
        for t in self.members:
            out = f"{self._texts[t]}_[a:b]" if t in self.outputs else ""
            line, name = self._computed(t, self._names, out, registers)
            self._names[t] = name
            lines.append(line)
            for x in {x: None for x in t.inputs}:
                if last_use[x] is t:
                    registers.free(self._names.get(x, ""))
        return self._loop(self.name, self.inputs, self.outputs, lines, [])

    @property
    def _names(self) -> dict[Tensor, str]:
        if not hasattr(self, "_tile_names"):
            self._tile_names = {x: self._tile(x) for x in self.inputs}
        return self._tile_names

    def _tile(self, x: Tensor) -> str:
        """Return the text of a part of something from outside, or a number."""
        return f"{self._texts[x]}_[a:b]" if x.ndim else self._texts[x]

    def _computed(
        self,
        t: Tensor,
        names: Mapping[Tensor, str],
        out: str,
        registers: "_Registers",
    ) -> tuple[str, str]:
        """Return the line that computes a value, and where it then is."""
        assert t.op is not None
        inputs = ", ".join(names[x] for x in t.inputs)
        function = _CHEAP.get(t.op.name) or self._function(t.op, None)
        if not out:
            name = registers.take()
            if t.op.name in _CHEAP:
                return f"{name} = {function}({inputs}, out={name}[:n])", name
            return f"{name}[:n] = {function}({inputs})", name
        if t.op.name in _CHEAP:
            return f"{function}({inputs}, out={out})", out
        return f"{out} = {function}({inputs})", out
