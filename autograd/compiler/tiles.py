"""Runs of elementwise operations, computed tile by tile.

On arrays that are larger than the cache, every operation waits for memory. A run of
operations on equal shapes is therefore computed for a few thousand elements at a time:
what is between the first and the last operation never leaves the cache. The backward
pass computes cheap values again instead of keeping them.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.factoring import LARGE
from autograd.compiler.scalars import IN_PLACE
from autograd.tensor import Tensor

__all__ = ["Run", "find_runs", "flat"]

_TILE_BYTES = 1 << 16

# Operations that are computed again rather than kept.
_CHEAP = ("absolute", "add", "multiply", "negative", "subtract")

# Operations that pass their cotangent on as it is, or with another sign.
_PASSING = ("add", "negative", "subtract")

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
    if op is None or not op.pointwise or tensor.size < LARGE:
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

    Attributes
    ----------
    inputs : list of Tensor
        What it computes with.
    outputs : list of Tensor
        The values that are kept whole.
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
        found = {x: None for t in members for x in t.inputs}
        self.inputs = [x for x in found if x not in self._inside]
        self._looked_at = {x for t in members for x in self._of_rules(t)}
        self.outputs = [t for t in members if t in outside or self._is_kept(t)]
        self._whole = set(self.outputs)
        self._again = self._computed_again()

    def _of_rules(self, t: Tensor) -> list[Tensor]:
        """Return the values that the rules of an operation look at."""
        found = []
        for position, x in enumerate(t.inputs):
            if x in self._useful:
                for letter in self._letters(t, position):
                    found.append(t if letter == "o" else t.inputs["ab".index(letter)])
        return found

    def _letters(self, t: Tensor, position: int) -> str:
        assert t.op is not None
        return _LOOKS_AT.get(t.op.name, ("abo"[: len(t.inputs)] + "o",) * 2)[position]

    def _is_kept(self, t: Tensor) -> bool:
        assert t.op is not None
        return t in self._looked_at and t.op.name not in _CHEAP

    def _computed_again(self) -> list[Tensor]:
        """Return the cheap values that the backward pass needs, in order."""
        needed = set(self._looked_at)
        for t in reversed(self.members):
            if t in needed and t not in self._whole:
                needed.update(t.inputs)
        return [t for t in self.members if t in needed and t not in self._whole]

    @property
    def read_again(self) -> list[Tensor]:
        """The whole arrays and numbers that the backward pass looks at."""
        needed = {*self._looked_at, *(x for t in self._again for x in t.inputs)}
        return [x for x in [*self.inputs, *self.outputs] if x in needed]

    def forward_text(self) -> str:
        """Return the function that computes the values."""
        last_use = {x: t for t in self.members for x in t.inputs}
        registers = _Registers(self._texts, self.inputs)
        for t in self.members:
            operation = self._operation(t, registers)
            # What is read for the last time makes room for the result.
            registers.free(list({x: None for x in t.inputs if last_use[x] is t}))
            registers.compute(t, *operation)
            if t in self._whole:
                place = f"{self._texts[t]}_[a:b]"
                registers.store(registers[t], place, is_last=t not in last_use)
        return self._text(
            self.name, self.inputs, [self._texts[t] for t in self.outputs], registers
        )

    def backward_text(
        self, arriving: Mapping[Tensor, str], numbers: Container[Tensor]
    ) -> str:
        """Return the function that computes the cotangents of the inputs.

        Parameters
        ----------
        arriving : mapping of Tensor to str
            The names of cotangents that have arrived at members and at inputs.
        numbers : container of Tensor
            Those whose cotangent is one number.
        """
        read = self.read_again
        registers = _Registers(self._texts, read)
        last_use = {x: t for t in self._again for x in t.inputs}
        passing = {t for t in self._again if t not in self._looked_at}
        for t in self._again:
            operation = self._operation(t, registers)
            used = {x: None for x in t.inputs if x in passing and last_use[x] is t}
            registers.free(list(used))
            registers.compute(t, *operation)
        cotangents = _Cotangents(arriving, numbers, registers)
        for t in reversed(self.members):
            if t in self._useful and t in cotangents:
                self._pull_back(t, cotangents, registers)
                cotangents.drop(t)
        names = []
        for x in self.inputs:
            if x in self._useful:
                names.append(f"g_{self._texts[x]}")
                registers.store(cotangents[x], f"{names[-1]}_[a:b]", is_last=True)
        parameters = [*read, *(x for x in arriving)]
        arrays = {x: text for x, text in arriving.items() if x not in numbers}
        return self._text(
            f"{self.name}_back", parameters, names, registers, arriving, arrays
        )

    def _operation(self, t: Tensor, registers: "_Registers") -> tuple[str, ...]:
        """Return the function that computes a value, and its arguments."""
        assert t.op is not None
        function = IN_PLACE.get(t.op.name) or self._function(t.op, None)
        return function, *[registers[x] for x in t.inputs]

    def _pull_back(
        self, t: Tensor, cotangents: "_Cotangents", registers: "_Registers"
    ) -> None:
        """Write the products of an operation; the plainest ones without their rule."""
        op = t.op
        assert op is not None
        g = cotangents[t]
        values = [registers.get(x, "None") for x in t.inputs]
        wanted = [
            position
            for position, x in enumerate(t.inputs)
            if x in self._useful and op.vjps[position] is not None
        ]
        for position in wanted:
            x = t.inputs[position]
            if position == wanted[-1] and op.name not in _PASSING:
                cotangents.drop(t)  # the product takes its place
            if op.name == "add" or (op.name == "subtract" and position == 0):
                cotangents.add(x, g)
            elif op.name in ("negative", "subtract"):
                cotangents.subtract(x, g)
            elif op.name == "multiply":
                cotangents.add(x, "np.multiply", g, values[1 - position])
            else:
                rule = self._function(op, position)
                out = registers.get(t, "None")
                cotangents.add(x, rule, g, out, *values)

    def _text(
        self,
        name: str,
        parameters: Sequence[Tensor],
        results: Sequence[str],
        registers: "_Registers",
        arriving: Mapping[Tensor, str] | None = None,
        arrays: Container[Tensor] = (),
    ) -> str:
        """Return a function that runs some lines for every tile."""
        like = self.members[0]
        read = parameters[: len(parameters) - len(arriving or ())]
        names = [self._texts[x] for x in read]
        whole = [n for n, x in zip(names, parameters, strict=False) if x.ndim]
        arrivals = [f"p{k}" for k in range(len(arriving or ()))]
        tile = max(1, _TILE_BYTES // like.dtype.itemsize)
        lines = [f"{n}_ = {n}.reshape(-1)" for n in [*whole, *results]]
        lines += [
            f"{n}_ = flat({n})"
            for n, x in zip(arrivals, arriving or (), strict=True)
            if x in arrays
        ]
        buffers = registers.buffers
        lines += [
            f"{r} = np.empty({min(tile, like.size)}, np.{like.dtype})" for r in buffers
        ]
        lines += [f"for a in range(0, {like.size}, {tile}):", f"    b = a + {tile}"]
        if buffers and like.size % tile:
            shorter = ", ".join(f"{r}[: {like.size % tile}]" for r in buffers)
            lines += [f"    if b > {like.size}:"]
            lines += [f"        {', '.join(buffers)} = {shorter}"]
            if len(buffers) == 1:
                lines[-1] = f"        {buffers[0]} = {shorter}"
        lines += [f"    {line}" for line in registers.lines]
        body = "".join(f"    {line}\n" for line in lines)
        given = ", ".join([*names, *arrivals, *results])
        return f"def {name}({given}):\n{body}"


class _Registers:
    """Names for tiles; a free one is used again, and with it its memory."""

    def __init__(self, texts: Mapping[Any, str], given: Sequence[Tensor]) -> None:
        self.lines: list[str] = []
        self.buffers: list[str] = []
        self._free: list[str] = []
        self._stored: set[str] = set()
        self._names: dict[Tensor, str] = {}
        for x in given:
            self._names[x] = f"{texts[x]}_[a:b]" if x.ndim else texts[x]
            if x.ndim:
                name = f"x_{texts[x]}"
                self.lines.append(f"{name} = {self._names[x]}")
                self._names[x] = name

    def __getitem__(self, x: Tensor) -> str:
        return self._names[x]

    def get(self, x: Tensor, default: str) -> str:
        """Return where a value is, or a default if it was not computed."""
        return self._names.get(x, default)

    def run(self, function: str, *arguments: str) -> str:
        """Write the line that calls a function, and return where its result is.

        NumPy's own write there. What others return may be an argument of theirs, and
        is copied.
        """
        if self._free:
            name = self._free.pop()
        else:
            name = f"r{len(self.buffers) + 1}"
            self.buffers.append(name)
        listed = ", ".join(arguments)
        if function.startswith("np."):
            self.lines.append(f"{function}({listed}, {name})")
        else:
            self.lines.append(f"np.copyto({name}, {function}({listed}))")
        return name

    def compute(self, t: Tensor, function: str, *arguments: str) -> None:
        """Write the line that computes a value."""
        self._names[t] = self.run(function, *arguments)

    def store(self, name: str, place: str, *, is_last: bool) -> None:
        """Write what a name holds into an array: at once, if nobody else reads it."""
        written = [k for k, line in enumerate(self.lines) if name in _words(line)]
        line = self.lines[written[-1]] if written else ""
        if (
            is_last
            and name in self.buffers
            and line.endswith(f", {name})")
            and line.startswith("np.")
            and name not in self._stored
        ):
            self.lines[written[-1]] = f"{line[: -len(name) - 1]}{place})"
            self._stored.add(name)
        else:
            self.lines.append(f"{place} = {name}")

    def give_back(self, name: str) -> None:
        """Let a name be used again."""
        if name in self.buffers and name not in self._free:
            self._free.append(name)

    def free(self, tensors: Sequence[Tensor]) -> None:
        """Forget values that nobody looks at any more."""
        for x in tensors:
            self.give_back(self._names[x])


class _Cotangents:
    """The cotangents within a tile."""

    def __init__(
        self,
        arriving: Mapping[Tensor, str],
        numbers: Container[Tensor],
        registers: _Registers,
    ) -> None:
        self._registers = registers
        self._names: dict[Tensor, str] = {}
        self._owners: dict[str, set[Tensor]] = {}
        for k, x in enumerate(arriving):
            self._set(x, f"p{k}" if x in numbers else f"p{k}_[a:b]")

    def __contains__(self, x: Tensor) -> bool:
        return x in self._names

    def __getitem__(self, x: Tensor) -> str:
        return self._names[x]

    def _set(self, x: Tensor, name: str) -> None:
        self.drop(x)
        self._names[x] = name
        self._owners.setdefault(name, set()).add(x)

    def drop(self, x: Tensor) -> None:
        """Forget the cotangent of a value that has been dealt with."""
        name = self._names.pop(x, None)
        if name is not None:
            self._owners[name].discard(x)
            if not self._owners[name]:
                self._registers.give_back(name)

    def add(self, x: Tensor, *product: str) -> None:
        """Add to the cotangent of a value: another cotangent, or a product.

        Parameters
        ----------
        x : Tensor
            The value.
        *product : str
            The name of a cotangent, or a function and its arguments.
        """
        run = self._registers.run
        if x not in self._names:
            self._set(x, product[0] if len(product) == 1 else run(*product))
            return
        name = product[0] if len(product) == 1 else run(*product)
        self._combine(x, "np.add", name)
        if len(product) > 1:
            self._registers.give_back(name)

    def subtract(self, x: Tensor, g: str) -> None:
        """Subtract a cotangent from the cotangent of a value."""
        if x in self._names:
            self._combine(x, "np.subtract", g)
        else:
            self._set(x, self._registers.run("np.negative", g))

    def _combine(self, x: Tensor, function: str, other: str) -> None:
        name = self._names[x]
        if name in self._registers.buffers and len(self._owners[name]) == 1:
            self._registers.lines.append(f"{function}({name}, {other}, {name})")
        else:
            self._set(x, self._registers.run(function, name, other))


def _words(line: str) -> set[str]:
    return set(re.findall(r"\w+", line))


def flat(array: Any) -> Any:
    """Return an array as a vector; one number that was spread out takes no memory.

    Examples
    --------
    >>> spread = np.broadcast_to(np.float32(0.5), (1000, 1000))
    >>> flat(spread).strides
    (0,)
    """
    if array.ndim and not any(array.strides):
        return np.broadcast_to(array.flat[0], array.size)
    return array.reshape(-1)
