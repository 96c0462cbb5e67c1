"""Where the results of lines are kept: arrays that are made once, and used again.

A result that is not handed out gets an array of the workspace. The array is free again
after the last line that reads the result, or a view of it; an operation that works
element by element may write over an operand that is read for the last time. What the
backward pass reads of the forward pass stays until the next call, because backward
passes can be repeated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.compiler.lines import Line, dtype_text

__all__ = ["Buffers"]

_NEVER = float("inf")


@dataclass
class _Block:
    """A piece of memory.

    Attributes
    ----------
    nbytes : int
        Its size.
    busy_until : float
        The last line that reads what is in it.
    names : list of str
        The results that are kept there.
    """

    nbytes: int
    busy_until: float
    names: list[str] = field(default_factory=list)


class Buffers:
    """The arrays of a plan.

    Parameters
    ----------
    forward, backward : sequence of Line
        The two passes.
    handed_out : iterable of str
        Names whose memory belongs to the caller.

    Attributes
    ----------
    kept : dict of str to ndarray
        The results that have an array of the workspace, and what they are like.
    made : set of str
        The names whose memory a line has made.
    crossing : list of str
        The names that the backward pass reads and the forward pass sets.
    """

    def __init__(
        self,
        forward: Sequence[Line],
        backward: Sequence[Line],
        handed_out: Iterable[str],
    ) -> None:
        self._lines = [*forward, *backward]
        self._shares = {
            name: line.shares for line in self._lines for name in line.targets
        }
        self._roots: dict[str, tuple[str, ...]] = {}
        set_before = {name for line in forward for name in line.targets}
        read_after = dict.fromkeys(n for line in backward for n in sorted(line.reads))
        self.crossing = [name for name in read_after if name in set_before]
        self._last: dict[str, float] = {}
        for k, line in enumerate(self._lines):
            for name in [*line.reads, *line.targets]:
                for root in self.roots(name):
                    self._last[root] = k
        for name in [*self.crossing, *handed_out]:
            for root in self.roots(name):
                self._last[root] = _NEVER
        self._handed_out = {root for name in handed_out for root in self.roots(name)}
        self.made = {
            name
            for line in self._lines
            for name in line.targets
            if not line.shares and line.text != "values"
        }
        self._blocks: list[_Block] = []
        self._block_of: dict[str, _Block] = {}
        self.kept: dict[str, Any] = {}
        for k, line in enumerate(self._lines):
            if line.takes_out:
                for name, value in zip(line.targets, line.values, strict=True):
                    self._place(k, line, name, value)

    def roots(self, name: str) -> tuple[str, ...]:
        """Return the names that own the memory which a name may lie in."""
        if name not in self._roots:
            found = [r for x in self._shares.get(name, ()) for r in self.roots(x)]
            self._roots[name] = tuple(dict.fromkeys(found)) or (name,)
        return self._roots[name]

    def _place(self, k: int, line: Line, name: str, value: Any) -> None:
        if name in self._handed_out or not value.nbytes or not value.ndim:
            return
        block = self._overwritten(k, line, value.nbytes) or self._free(k, value.nbytes)
        if block is None:
            block = _Block(value.nbytes, 0)
            self._blocks.append(block)
        block.nbytes = max(block.nbytes, value.nbytes)
        block.busy_until = self._last[name]
        block.names.append(name)
        self._block_of[name] = block
        self.kept[name] = value

    def _overwritten(self, k: int, line: Line, nbytes: int) -> _Block | None:
        """Return the memory of an operand that is read for the last time."""
        for name in line.overwrites:
            is_last = name in self.kept and self._last[name] == k
            if is_last and self.kept[name].nbytes == nbytes:
                return self._block_of[name]
        return None

    def _free(self, k: int, nbytes: int) -> _Block | None:
        """Return free memory: the same size first, and then what is still cached."""
        free = [block for block in self._blocks if block.busy_until < k]
        if not free:
            return None
        same = [block for block in free if block.nbytes == nbytes]
        if same:
            return max(same, key=lambda block: block.busy_until)
        larger = [block for block in free if block.nbytes > nbytes]
        if larger:
            return min(larger, key=lambda block: block.nbytes)
        return max(free, key=lambda block: block.nbytes)

    def texts(self) -> list[str]:
        """Return the lines that make the arrays."""
        lines = []
        for number, block in enumerate(self._blocks, 1):
            values = [self.kept[name] for name in block.names]
            kinds = {(x.nbytes, x.dtype) for x in values}
            layouts = {(x.flags.c_contiguous or x.strides) for x in values}
            if len(kinds) == len(layouts) == 1:
                lines += _alike(block.names, values)
                continue
            lines.append(f"memory{number} = np.empty({block.nbytes}, np.uint8)")
            for name, x in zip(block.names, values, strict=True):
                part = f"memory{number}[:{x.nbytes}].view({dtype_text(x.dtype)})"
                memory, turned = _layout(x)
                lines.append(f"{name} = {part}.reshape{memory}{turned}")
        return lines


def _alike(names: Sequence[str], values: Sequence[Any]) -> list[str]:
    """Return the lines for results of one size, in one memory."""
    memory, turned = _layout(values[0])
    first = f"np.empty({memory}, {dtype_text(values[0].dtype)})"
    made: dict[tuple[Any, Any], str] = {}  # shape and strides -> the first of these
    lines: dict[str, list[str]] = {}
    flat = ""
    for name, x in zip(names, values, strict=True):
        kind = x.shape, x.strides
        if kind in made:
            lines[made[kind]].append(name)
            continue
        memory, turned = _layout(x)
        text = f"{flat}.reshape{memory}{turned}" if flat else f"{first}{turned}"
        flat = flat or name
        made[kind] = text
        lines[text] = [name]
    return [f"{' = '.join(names)} = {text}" for text, names in lines.items()]


def _layout(x: Any) -> tuple[tuple[int, ...], str]:
    """Return the shape of an array in the order of its memory, and how it is turned."""
    order = sorted(range(x.ndim), key=lambda k: (-x.strides[k], k))
    if x.flags.c_contiguous or not x.transpose(order).flags.c_contiguous:
        return x.shape, ""
    axes = tuple([order.index(k) for k in range(x.ndim)])
    return tuple([x.shape[k] for k in order]), f".transpose{axes}"
