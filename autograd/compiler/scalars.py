"""The plan of a scalar graph: vectors of equal operations, level by level.

All values live in one array ``v``, all cotangents in one array ``g``.  What is sent to
a value that several operations use is collected behind the cotangents, in the same
array; when all has arrived, it is gathered as the rows of a matrix and added up.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.groups import Group, Layout, Slots
from autograd.tensor import Tensor

__all__ = ["IN_PLACE", "ScalarPlan", "is_scalar_graph"]

# Operations that NumPy writes into a given array, with the same value.
IN_PLACE = {
    "absolute": "np.absolute", "add": "np.add", "divide": "np.divide",
    "exp": "np.exp", "log": "np.log", "multiply": "np.multiply",
    "negative": "np.negative", "sqrt": "np.sqrt", "subtract": "np.subtract",
    "tanh": "np.tanh",
}  # fmt: skip

_FEWEST = 64  # nodes; a smaller graph gains nothing from vectors
_SMALLEST_GROUP = 4  # nodes, on average


def is_scalar_graph(order: Sequence[Tensor]) -> bool:
    """Return whether every node is one float64, and every operation works on vectors.

    Parameters
    ----------
    order : sequence of Tensor
        The graph.
    """
    return len(order) >= _FEWEST and all(
        t.data.__class__ is np.float64 and (t.op is None or t.op.pointwise)
        for t in order
    )


class ScalarPlan:
    """Computes a scalar graph on vectors.

    Parameters
    ----------
    order : sequence of Tensor
        The graph, inputs first.
    sources : sequence of Tensor
        The leaves whose values are given in each call.
    wanted : sequence of bool
        Which of the sources get a gradient.

    Attributes
    ----------
    source : str
        The program: ``bind`` makes the arrays, and the functions that work on them.
    is_worthwhile : bool
        Whether the vectors are long enough; otherwise there is no program.
    """

    def __init__(
        self, order: Sequence[Tensor], sources: Sequence[Tensor], wanted: Sequence[bool]
    ) -> None:
        layout = Layout(order, set(sources))
        nodes = sum(len(group.nodes) for group in layout.groups)
        self.is_worthwhile = nodes >= _SMALLEST_GROUP * len(layout.groups)
        self.source = ""
        if self.is_worthwhile:
            writer = _Writer(layout, order, sources, wanted)
            self.source = writer.program()
            names = writer.names
            exec(compile(self.source, "<compiled scalar graph>", "exec"), names)
            self._bind: Callable[[], Any] = names["bind"]

    def bind(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return a forward and a backward function with arrays of their own."""
        return self._bind()  # type: ignore[no-any-return]


class _Writer:
    """Writes the lines of a plan."""

    def __init__(
        self,
        layout: Layout,
        order: Sequence[Tensor],
        sources: Sequence[Tensor],
        wanted: Sequence[bool],
    ) -> None:
        self._layout = layout
        number = {tensor: k for k, tensor in enumerate(order)}
        self._sources = [number[x] for x in sources]
        self._wanted = [k for k, w in zip(self._sources, wanted, strict=True) if w]
        self._useful = _useful(layout, set(self._wanted))
        self.names: dict[str, Any] = {"np": np}
        self._views: dict[str, str] = {}
        self._gather_count = 0
        self._operands: dict[tuple[int, int], str] = {}
        self._initial = np.zeros(layout.size)
        self._initial[layout.slots[layout.leaves]] = [
            order[k].data for k in layout.leaves
        ]
        self.names["initial"] = self._initial
        self._constants = set(layout.leaves) - set(self._sources)

    def program(self) -> str:
        """Return the text of the plan."""
        forward, backward = self._forward_lines(), self._backward_lines()
        return _program(forward, backward, self._views, self._cotangents)

    # ---- forward ---------------------------------------------------------------------

    def _forward_lines(self) -> list[str]:
        slots = self._slots(self._sources)
        lines = [f"{self._place('v', slots)} = values"]
        for position, group in enumerate(self._layout.groups):
            lines += (
                self._sum_lines(group)
                if group.is_sum
                else self._operation_lines(position, group)
            )
        result = self._layout.slots[len(self._layout.order) - 1]
        return [*lines, f"return v[{result}]"]

    def _sum_lines(self, group: Group) -> list[str]:
        """Gather the terms that are elsewhere; add up the rows of the matrix."""
        rows, columns = len(group.operands), len(group.nodes)
        taken, places = [], []
        for row, operand in enumerate(group.operands):
            for column, k in enumerate(operand):
                place = group.block + row * columns + column
                if self._layout.slots[k] != place:
                    taken.append(self._layout.slots[k])
                    places.append(place)
        lines = []
        if taken:
            lines.append(self._copied(np.array(taken), np.array(places)))
        end = group.block + rows * columns
        block = f"v[{group.block}:{end}].reshape({rows}, {columns})"
        out = self._view("v", group.start, group.stop)
        # Each column is added up in the order of the graph.
        name = self._named_view(f"terms{group.block}", block)
        return [*lines, f"np.add.reduce({name}, axis=0, out={out})"]

    def _copied(self, taken: Slots, places: Slots) -> str:
        target = self._place("v", places)
        if _follow(places) and not _follow(taken):
            index = self._index(taken)
            return f'v.take({index}, out={target}, mode="clip")'
        return f"{target} = {self._place('v', taken)}"

    def _operation_lines(self, position: int, group: Group) -> list[str]:
        lines, texts = [], []
        for place, operand in enumerate(group.operands):
            text, line = self._operand(operand)
            self._operands[position, place] = text
            texts.append(text)
            lines += line
        out = self._view("v", group.start, group.stop)
        arguments = ", ".join(texts)
        if group.op.name in IN_PLACE:
            return [*lines, f"{IN_PLACE[group.op.name]}({arguments}, out={out})"]
        return [*lines, f"{out}[:] = {self._function(group.op)}({arguments})"]

    def _operand(self, operand: list[int]) -> tuple[str, list[str]]:
        """Return the text of an operand, and the lines that gather it."""
        slots = self._slots(operand)
        if len(slots) > 1 and np.all(slots == slots[0]):
            if operand[0] in self._constants:
                number = repr(float(self._initial[slots[0]]))
                return self._named_view(f"c{slots[0]}", f'np.float64("{number}")'), []
            return f"v[{slots[0]}]", []
        if _follow(slots):
            return self._view("v", slots[0], slots[-1] + 1), []
        self._gather_count += 1
        name = f"x{self._gather_count}"
        self._views[name] = f"np.empty({len(slots)})"
        return name, [f'v.take({self._index(slots)}, out={name}, mode="clip")']

    # ---- backward --------------------------------------------------------------------

    def _backward_lines(self) -> list[str]:
        layout = self._layout
        self._cotangents = layout.size
        # node -> where in g its parts arrive; a slot of its own needs no gathering.
        self._arrivals: dict[int, list[int]] = defaultdict(list)
        self._direct: set[int] = set()
        lines = [f"g[{layout.slots[len(layout.order) - 1]}] = seed"]
        self._direct.add(len(layout.order) - 1)
        for position in range(len(layout.groups) - 1, -1, -1):
            group = layout.groups[position]
            if not any([k in self._useful for k in group.nodes]):
                continue
            lines += self._collected(group.nodes)
            lines += (
                self._sum_products(group)
                if group.is_sum
                else self._products(position, group)
            )
        lines += self._collected(self._wanted)
        return [*lines, f"return {self._place('g', self._slots(self._wanted))}"]

    def _collected(self, nodes: Sequence[int]) -> list[str]:
        """Add up what has arrived at some nodes, those of equally much together."""
        by_count: dict[int, list[int]] = defaultdict(list)
        for k in nodes:
            if k not in self._direct:
                by_count[len(self._arrivals[k])].append(k)
        lines = []
        for count, members in sorted(by_count.items()):
            slots = self._slots(members)
            target = self._place("g", slots)
            index = np.array([self._arrivals[k] for k in members], np.intp).T
            if count == 0:
                lines.append(f"{target} = 0.0")
            elif count == 1:
                lines.append(f"{target} = {self._place('g', index[0])}")
            else:
                name = self._index(np.ascontiguousarray(index))
                buffer = f"y{name[1:]}"
                self._views[buffer] = f"np.empty({index.shape})"
                lines.append(f'g.take({name}, out={buffer}, mode="clip")')
                if _follow(slots):
                    lines.append(f"np.add.reduce({buffer}, axis=0, out={target})")
                else:
                    lines.append(f"{target} = np.add.reduce({buffer}, axis=0)")
        return lines

    def _sum_products(self, group: Group) -> list[str]:
        """Hand the cotangent of a sum to each of its terms."""
        columns = len(group.nodes)
        resident: list[int] = []
        out_slots = self._slots(group.nodes)
        for row, operand in enumerate(group.operands):
            first = group.block + row * columns
            if self._slots(operand).tolist() == list(range(first, first + columns)):
                resident.append(row)
                self._direct.update(operand)
                continue
            for column, k in enumerate(operand):
                self._arrivals[k].append(int(out_slots[column]))
        if not resident:
            return []
        low, high = resident[0], resident[-1] + 1
        if len(resident) != high - low:  # what lies between is written, but not read
            resident = list(range(low, high))
        a, b = group.block + low * columns, group.block + high * columns
        block = f"g[{a}:{b}].reshape({high - low}, {columns})"
        name = self._named_view(f"d_terms{group.block}", block)
        return [f"{name}[:] = {self._view('g', group.start, group.stop)}"]

    def _products(self, position: int, group: Group) -> list[str]:
        """Multiply by the local derivatives, one operand after the other."""
        lines = []
        g = self._view("g", group.start, group.stop)
        out = self._view("v", group.start, group.stop)
        values = [self._operands[position, k] for k in range(len(group.operands))]
        for place, operand in enumerate(group.operands):
            rule = group.op.vjps[place]
            if rule is None or not any([k in self._useful for k in operand]):
                continue
            if group.op.name == "add":
                for k, own in zip(operand, self._slots(group.nodes), strict=True):
                    self._arrivals[k].append(int(own))
                continue
            target = self._destination(operand)
            other = values[1 - place] if len(values) == 2 else ""
            if group.op.name == "multiply":
                lines.append(f"np.multiply({g}, {other}, out={target})")
                continue
            name = self._function(group.op, place)
            lines.append(f"{target}[:] = {name}({g}, {out}, {', '.join(values)})")
        return lines

    def _destination(self, operand: list[int]) -> str:
        """Return where the products for an operand go: to its cotangent, if only they.

        Otherwise they get places of their own behind the cotangents.
        """
        slots = self._slots(operand)
        if _follow(slots) and all([self._layout.uses[k] == 1 for k in operand]):
            self._direct.update(operand)
            return self._view("g", slots[0], slots[-1] + 1)
        start = self._cotangents
        self._cotangents += len(operand)
        for offset, k in enumerate(operand):
            self._arrivals[k].append(start + offset)
        return self._view("g", start, start + len(operand))

    # ---- text ------------------------------------------------------------------------

    def _slots(self, nodes: Sequence[int]) -> Slots:
        return self._layout.slots[np.asarray(nodes, np.intp)]

    def _index(self, slots: Slots) -> str:
        name = f"i{len(self.names)}"
        self.names[name] = np.asarray(slots, np.intp)
        return name

    def _place(self, array: str, slots: Slots) -> str:
        """Return the text of some slots of an array, which can be assigned to."""
        if not len(slots):
            return f"{array}[:0]"
        if _follow(slots):
            return f"{self._view(array, slots[0], slots[-1] + 1)}[:]"
        return f"{array}[{self._index(slots)}]"

    def _view(self, array: str, start: int, stop: int) -> str:
        return self._named_view(f"{array}{start}_{stop}", f"{array}[{start}:{stop}]")

    def _named_view(self, name: str, text: str) -> str:
        self._views[name] = text
        return name

    def _function(self, op: Any, position: int | None = None) -> str:
        suffix = "" if position is None else f"_vjp{position}"
        name = f"{op.name}{suffix}"
        self.names[name] = op.forward if position is None else op.vjps[position]
        return name


def _follow(slots: Slots) -> bool:
    """Return whether slots follow one another."""
    return len(slots) > 0 and bool(np.all(np.diff(slots) == 1))


def _useful(layout: Layout, wanted: set[int]) -> set[int]:
    """Return the nodes that depend on a wanted one."""
    useful = set(wanted)
    for group in layout.groups:
        for operand in group.operands:
            for k, x in zip(group.nodes, operand, strict=True):
                if x in useful:
                    useful.add(k)
    return useful


def _program(
    forward: Sequence[str], backward: Sequence[str], views: dict[str, str], size: int
) -> str:
    """Return the text of the plan."""

    def body(lines: Sequence[str], indent: int) -> str:
        return "".join(f"{' ' * indent}{line}\n" for line in lines)

    return (
        "def bind():\n"
        + body(["v = initial.copy()", f"g = np.zeros({size})"], 4)
        + body([f"{name} = {text}" for name, text in views.items()], 4)
        + "\n    def forward(values):\n"
        + body(forward, 8)
        + "\n    def backward(seed):\n"
        + body(backward, 8)
        + "\n    return forward, backward\n"
    )
