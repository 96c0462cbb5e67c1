"""Scalar graphs: equal operations of one level, and sums of many terms, side by side.

The *level* of a node is the length of the longest way to it from the leaves. Nodes of
one level do not depend on each other, so those of equal operation are computed as one
vector. Additions ``((a + b) + c) + d`` whose parts nobody else uses are one sum of four
terms; equal sums of a level are the columns of a matrix, one row a term, that is added
up row by row: in the same order, so with the same rounding.

Every value has a *slot* in one array. A term that only one sum uses is computed into
the place in the matrix where the sum looks for it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.tensor import Tensor

__all__ = ["Group", "Layout", "Slots"]

Slots = npt.NDArray[np.intp]


@dataclass
class Group:
    """Values that are computed together.

    Attributes
    ----------
    op : Primitive
        The operation; addition for a sum.
    nodes : list of int
        The numbers of the nodes in the graph.
    operands : list of list of int
        For each operand, the number of the node that each element takes.  A sum has one
        operand for each term.
    is_sum : bool
        Whether it is a sum of many terms.
    start : int
        Where its values begin; they follow one another.
    block : int
        Of a sum: where the matrix of its terms begins.
    """

    op: Any
    nodes: list[int]
    operands: list[list[int]]
    is_sum: bool = False
    start: int = -1
    block: int = -1

    @property
    def stop(self) -> int:
        """Where its values end."""
        return self.start + len(self.nodes)


@dataclass
class Layout:
    """The groups of a scalar graph in the order in which they are computed.

    Parameters
    ----------
    order : sequence of Tensor
        The graph, inputs first.
    sources : set of Tensor
        Where the graph begins; what lies behind them is not part of it.

    Attributes
    ----------
    groups : list of Group
        Later ones depend on earlier ones.
    leaves : list of int
        The numbers of the nodes that no operation made; their slots come first.
    slots : ndarray of int
        The slot of every node; -1 for a part of a sum, which has none.
    size : int
        How many slots there are.
    """

    order: Sequence[Tensor]
    sources: set[Tensor]
    groups: list[Group] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        number = {tensor: k for k, tensor in enumerate(self.order)}
        self._ops = [None if t in self.sources else t.op for t in self.order]
        self._inputs = [
            [number[x] for x in t.inputs] if op else []
            for t, op in zip(self.order, self._ops, strict=True)
        ]
        self.uses = [0] * len(self.order)
        for inputs in self._inputs:
            for k in inputs:
                self.uses[k] += 1
        self.slots: Slots = np.full(len(self.order), -1, np.intp)
        self._terms: dict[int, list[int]] = {}
        self._find_sums()
        self._form_groups()
        self._place()

    def _find_sums(self) -> None:
        """Find additions whose first operand is an addition that nobody else uses."""
        self.parts: set[int] = set()
        is_addition = [op is not None and op.name == "add" for op in self._ops]
        for last in range(len(self.order) - 1, -1, -1):
            if not is_addition[last] or last in self.parts:
                continue
            terms = []
            k = last
            while True:
                first, second = self._inputs[k]
                terms.append(second)
                if not is_addition[first] or self.uses[first] != 1:
                    break
                self.parts.add(first)
                k = first
            if len(terms) > 1:
                self._terms[last] = [first, *reversed(terms)]

    def _form_groups(self) -> None:
        """Put equal operations of a level together, apart by the sum they go into."""
        level = [0] * len(self.order)
        sums: dict[Any, list[int]] = defaultdict(list)
        for k, op in enumerate(self._ops):
            if op is None:
                self.leaves.append(k)
            elif k not in self.parts:
                operands = self._terms.get(k, self._inputs[k])
                level[k] = 1 + max([level[x] for x in operands])
                if k in self._terms:
                    sums[level[k], len(operands)].append(k)
        consumer: dict[int, tuple[Any, int]] = {}  # of a term that one sum uses
        for key, members in sums.items():
            for column, k in enumerate(members):
                for row, x in enumerate(self._terms[k]):
                    if self.uses[x] == 1 and self._ops[x] is not None:
                        consumer[x] = (key, row * len(members) + column)
        found: dict[Any, list[int]] = defaultdict(list)
        for k, op in enumerate(self._ops):
            if op is not None and k not in self.parts:
                width = len(self._terms.get(k, ()))
                goes_to = None if width else consumer.get(k, (None, 0))[0]
                found[level[k], op.name, width, goes_to].append(k)
        self._consumer = consumer
        self._sum_groups: dict[Any, Group] = {}
        for key in sorted(found, key=lambda key: key[0]):
            self._add_group(key, found[key])

    def _add_group(self, key: Any, members: list[int]) -> None:
        level, _, width, goes_to = key
        if goes_to is not None:
            members = sorted(members, key=lambda k: self._consumer[k][1])
        op = self._ops[members[0]]
        operands = [self._terms.get(k, self._inputs[k]) for k in members]
        by_place = [list(column) for column in zip(*operands, strict=True)]
        group = Group(op, members, by_place, is_sum=width > 0)
        if width:
            self._sum_groups[level, width] = group
        self.groups.append(group)

    def _place(self) -> None:
        """Give every value its slot: leaves, then the matrices of sums, then others."""
        self.slots[self.leaves] = np.arange(len(self.leaves))
        self.size = len(self.leaves)
        for group in self.groups:
            if group.is_sum:
                group.block = self._allocate(len(group.operands) * len(group.nodes))
        for group in self.groups:
            group.start = self._place_in_sum(group)
            if group.start < 0:
                group.start = self._allocate(len(group.nodes))
            self.slots[group.nodes] = np.arange(group.start, group.stop)

    def _place_in_sum(self, group: Group) -> int:
        """Return the slot in the matrix of the only sum that uses the group, or -1."""
        if any([k not in self._consumer for k in group.nodes]):
            return -1
        keys = {self._consumer[k][0] for k in group.nodes}
        places = [self._consumer[k][1] for k in group.nodes]
        follow = places == list(range(places[0], places[0] + len(places)))
        if len(keys) > 1 or not follow:
            return -1
        return self._sum_groups[keys.pop()].block + places[0]

    def _allocate(self, count: int) -> int:
        start = self.size
        self.size += count
        return start
