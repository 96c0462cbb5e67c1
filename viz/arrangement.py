"""Which part of a graph is drawn: levels of detail, collapsed groups, and the limits.

A *box* stands for everything inside a collapsed group.  What is drawn for each vertex
is either a node of its own, or the box that holds it.
"""

import glob
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from viz.grouping import data_at_the_start, long_runs, put_into_boxes
from viz.model import Model, Role, Scope, Vertex
from viz.names import clean

__all__ = ["HARD_LIMIT", "Arrangement", "arrange", "losses_to_open"]

HARD_LIMIT = 5_000  # above it Graphviz needs minutes, or fails
_COMFORTABLE = 60  # nodes that a reader still takes in

# Such a name means a loss function: a reader wants its result, not its parts.
_LOSS = re.compile(r"loss|cost|entropy|error|likelihood", re.IGNORECASE)

Patterns = Sequence[str]


@dataclass(frozen=True)
class Arrangement:
    """What is drawn of a model.

    Attributes
    ----------
    model : Model
        The graph.
    level : {"scalar", "tensor", "module"}
        The level of detail.
    boxes : list of (tuple of str or None)
        For each vertex the box that holds it, None where it is drawn itself.
    titles : dict
        What is written into a box, for boxes that are not called like their group.
    inputs : dict
        The unnamed data with which a box begins; they are shown as one card.
    """

    model: Model
    level: str
    boxes: list[Scope | None]
    titles: dict[Scope, str] = field(default_factory=dict)
    inputs: dict[Scope, list[int]] = field(default_factory=dict)

    def has_card(self, vertex: Vertex) -> bool:
        """Return whether a recorded value is shown beside its operation."""
        return self.level != "scalar" and (
            vertex.name is not None or vertex.role is Role.RESULT
        )

    def count(self) -> int:
        """Return how many nodes Graphviz gets to place."""
        boxes = {box for box in self.boxes if box is not None}
        single = sum(
            1 + (vertex.tensor.op is not None and self.has_card(vertex))
            for vertex, box in zip(self.model.vertices, self.boxes, strict=True)
            if box is None
        )
        return len(boxes) + len(self.inputs) + single + (self.boxes[-1] is not None)


def arrange(
    model: Model,
    detail: str,
    collapse: Patterns,
    expand: Patterns,
    max_nodes: int,
    caller: str = "graph",
) -> Arrangement:
    """Choose what is drawn.

    Parameters
    ----------
    model : Model
        The graph.
    detail : {"auto", "scalar", "tensor", "module"}
        The level; "auto" takes the scalar level if every value has one element, else
        the tensor level up to 60 nodes or if there are no groups, else the module
        level.
    collapse, expand : sequence of str
        Patterns of group names to collapse, and to leave open.
    max_nodes : int
        How many nodes may be drawn.
    caller : str, default "graph"
        The function that a message speaks of.

    Raises
    ------
    ValueError
        If a pattern fits no group, or if there are more nodes than allowed.
    """
    known = model.scopes()
    for option, patterns in (("collapse", collapse), ("expand", expand)):
        for pattern in patterns:
            if not any(_fits(scope, [pattern]) for scope in known):
                raise ValueError(f"{caller}: {_unknown_scope(option, pattern, known)}")

    def choose(level: str, patterns: Patterns = collapse) -> Arrangement:
        if level != "auto":
            return _LEVELS[level](model, known, patterns, expand)
        if all(vertex.tensor.size == 1 for vertex in model.vertices):
            return choose("scalar", patterns)
        chosen = choose("tensor", patterns)
        if known and chosen.count() > _COMFORTABLE:
            return choose("module", patterns)
        return chosen

    chosen = choose(detail)
    limit = min(max_nodes, HARD_LIMIT)
    if chosen.count() > limit:
        ways = _ways_out(chosen, choose, detail, collapse, known, limit)
        raise ValueError(f"{caller}: {_too_many(chosen, ways, known, max_nodes)}")
    return chosen


def losses_to_open(model: Model, collapse: Patterns) -> list[str]:
    """Return patterns for the loss functions, apart from those to be collapsed."""
    return [
        glob.escape("/".join(scope))
        for scope in model.scopes()
        if _LOSS.search(scope[-1]) and not _fits(scope, collapse)
    ]


def _fits(scope: Scope, patterns: Patterns) -> bool:
    """Return whether a pattern fits the name, path or caption of a group."""
    texts = (scope[-1], "/".join(scope), getattr(scope[-1], "caption", scope[-1]))
    return any(fnmatchcase(text, p) for text in texts for p in patterns)


def _scalar(
    model: Model, known: list[Scope], collapse: Patterns, expand: Patterns
) -> Arrangement:
    closed = {s for s in known if _fits(s, collapse) and not _fits(s, expand)}
    return _closed(model, "scalar", closed)


def _tensor(
    model: Model, known: list[Scope], collapse: Patterns, expand: Patterns
) -> Arrangement:
    closed = {
        s
        for s in known
        if (_fits(s, collapse) or _LOSS.search(s[-1])) and not _fits(s, expand)
    }
    return _closed(model, "tensor", closed)


def _module(
    model: Model, known: list[Scope], collapse: Patterns, expand: Patterns
) -> Arrangement:
    """Draw one box per group: the innermost if that is readable, else outer ones."""
    parents = _parents(known)
    runs = long_runs(model)
    depth = max(map(len, known), default=1)
    while True:
        closed = {
            s
            for s in known
            if (len(s) == depth or s not in parents or _fits(s, collapse))
            and not _fits(s, expand)
        }
        arrangement = _closed(model, "module", closed, runs)
        if depth == 1 or arrangement.count() <= _COMFORTABLE:
            return arrangement
        depth -= 1


def _parents(known: list[Scope]) -> set[Scope]:
    """Return the groups that open: not a layer with one inner group that is none."""
    inner: dict[Scope, list[Scope]] = {}
    for scope in known:
        inner.setdefault(scope[:-1], []).append(scope)
    return {
        scope
        for scope, groups in inner.items()
        if len(groups) > 1 or _is_layer(groups[0]) or not (scope and _is_layer(scope))
    }


def _is_layer(scope: Scope) -> bool:
    return bool(getattr(scope[-1], "caption", ""))


_LEVELS: dict[str, Callable[[Model, list[Scope], Patterns, Patterns], Arrangement]] = {
    "scalar": _scalar,
    "tensor": _tensor,
    "module": _module,
}


def _closed(
    model: Model, level: str, closed: set[Scope], runs: dict[int, Scope] | None = None
) -> Arrangement:
    """Put every vertex inside a closed group, or inside a run, into its box."""
    boxes = put_into_boxes(model, closed, runs or {})
    lengths = Counter(runs.values() if runs else ())
    titles = {box: f"{n} operations" for box, n in lengths.items()}
    inputs = data_at_the_start(model, boxes) if level == "module" else {}
    return Arrangement(model, level, boxes, titles, inputs)


def _unknown_scope(option: str, pattern: str, known: list[Scope]) -> str:
    names = list(dict.fromkeys("/".join(scope) for scope in known))
    if not names:
        listed = (
            "this graph has no groups; compute inside `with autograd.scope(name):` "
            "to make one"
        )
    else:
        listed = "the groups are " + ", ".join(repr(clean(n)) for n in names[:20])
    return f"{option}={clean(pattern)!r} fits no group; {listed}."


def _ways_out(
    chosen: Arrangement,
    choose: Callable[..., Arrangement],
    detail: str,
    collapse: Patterns,
    known: list[Scope],
    limit: int,
) -> list[str]:
    """Return the arguments, ready to paste, with which the drawing is small enough."""
    ways = []
    if chosen.level != "module" and (n := choose("module").count()) <= limit:
        ways.append(f'detail="module" ({n} nodes)')
    for pattern in _suggestions(known):
        patterns = [*collapse, pattern]
        if (n := choose(detail, patterns).count()) <= limit:
            text = f'"{pattern}"' if len(patterns) == 1 else repr(patterns)
            ways.append(f"collapse={text} ({n} nodes)")
            break
    if chosen.count() <= HARD_LIMIT:
        ways.append(f"max_nodes={chosen.count()}")
    return ways


def _too_many(
    chosen: Arrangement, ways: list[str], known: list[Scope], max_nodes: int
) -> str:
    limit = f"max_nodes={max_nodes}"
    if max_nodes > HARD_LIMIT:
        limit = f"Graphviz can place ({HARD_LIMIT:,})"
    parts = [f"{chosen.count():,} nodes at {chosen.level} level, more than {limit}."]
    if ways:
        parts.append(f"Ways out: {', '.join(ways)}.")
    if not known:
        parts.append(
            "What is computed inside `with autograd.scope(name):` can collapse."
        )
    return " ".join(parts)


def _suggestions(known: list[Scope]) -> list[str]:
    """Return patterns worth trying: names with their numbers as ``*``, then ``*``."""
    labels = [
        scope[-1] for scope in known if '"' not in scope[-1] and "\\" not in scope[-1]
    ]
    general = [re.sub(r"\d+", "*", label) for label in labels if label == clean(label)]
    return [*dict.fromkeys(general), *(["*"] if known else [])]
