"""A drawing as plain data: nodes, links between them, and the groups around them."""

import functools
from dataclasses import dataclass, field

from viz.boxes import Box
from viz.histogram import Histogram
from viz.model import Role, Scope
from viz.values import Value

__all__ = ["Link", "Mark", "Node", "Picture", "Places"]


@dataclass(frozen=True)
class Mark:
    """A judgement on a value.

    Attributes
    ----------
    verdict : {"right", "inherited", "wrong", "first wrong", "open"}
        Its colour; "open" has none.
    rows : tuple of (str, str)
        What is said in words: a headline such as ``"✗ dZ1: first wrong"``, and why.
    """

    verdict: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Node:
    """One node of a drawing.

    Attributes
    ----------
    id : str
        ``n0``, ``n1``, ... in the order of the computation.
    kind : {"card", "pill", "operation", "constant", "box"}
        How it is drawn.
    role : Role
        What its value is for the reader.
    title : str
        The name of the value or group; may be empty.
    symbol : str
        The sign of the operation; empty if there is none.
    scope : tuple of str
        The group it stands in.
    shape : tuple of int
        The shape of its value.
    value : Value or None
        The numbers, where they are shown.
    gradient : Value or None
        The gradient, where there is one.
    differentiable : bool
        Whether it can have a gradient; before `backward` that is drawn as a dash.
    histogram : Histogram or None
        The distribution of the value, where it is shown.
    box : Box or None
        What a box tells about what is inside.
    mark : Mark or None
        The judgement on a hand-derived gradient of its value.
    """

    id: str
    kind: str
    role: Role
    title: str
    symbol: str = ""
    scope: Scope = ()
    shape: tuple[int, ...] = ()
    value: Value | None = None
    gradient: Value | None = None
    differentiable: bool = False
    histogram: Histogram | None = None
    box: Box | None = None
    mark: Mark | None = None


@dataclass(frozen=True)
class Link:
    """An arrow from one node to another, with the text on it."""

    tail: str
    head: str
    text: str = ""
    is_shape: bool = False


@dataclass(frozen=True)
class Places:
    """Where the vertices of the graph are in a picture.

    Attributes
    ----------
    makers : dict of int to str
        The node that computes a vertex: its operation, or the box that holds it.
    holders : dict of int to str
        The node that shows its value, from which arrows start.
    arrows : dict of (int, int) to int
        The link of one argument, by vertex and position; links inside a box are absent.
    """

    makers: dict[int, str] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)
    arrows: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """Nodes and links in drawing order; ``loss`` is what gradients are gradients of."""

    level: str
    nodes: list[Node]
    links: list[Link]
    loss: str
    title: str | None
    places: Places

    @functools.cached_property
    def ranks(self) -> dict[str, int]:
        """How many nodes lie before each node on the longest path to it."""
        ranks = {node.id: 0 for node in self.nodes}
        position = {node.id: k for k, node in enumerate(self.nodes)}
        for link in sorted(self.links, key=lambda link: position[link.tail]):
            if not self._goes_back(link):
                ranks[link.head] = max(ranks[link.head], ranks[link.tail] + 1)
        return ranks

    @property
    def has_cycles(self) -> bool:
        """Whether an arrow goes back to an earlier node: to a group that recurs."""
        return any(self._goes_back(link) for link in self.links)

    def _goes_back(self, link: Link) -> bool:
        return int(link.head[1:]) < int(link.tail[1:])
