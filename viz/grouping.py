"""Which values a box holds: those of a closed group, and of a run without a group."""

from viz.model import Model, Role, Scope

__all__ = ["data_at_the_start", "long_runs", "put_into_boxes"]

_LONGEST_RUN = 8  # operations outside all groups that stay single at module level


def put_into_boxes(
    model: Model, closed: set[Scope], runs: dict[int, Scope]
) -> list[Scope | None]:
    """Return the box of every vertex: its run, or the outermost closed group.

    Parameters
    ----------
    model : Model
        The graph.
    closed : set of tuple of str
        The groups of which each is one box.
    runs : dict
        The run of each operation that is in one, as from `long_runs`.
    """
    boxes: list[Scope | None] = []
    for vertex in model.vertices:
        box = runs.get(vertex.index)
        if box is None:
            around = (vertex.scope[:n] for n in range(1, len(vertex.scope) + 1))
            box = next((scope for scope in around if scope in closed), None)
        boxes.append(box if vertex.tensor.op is not None else None)
    _absorb_leaves(model, boxes)
    return boxes


def _absorb_leaves(model: Model, boxes: list[Scope | None]) -> None:
    """Put parameters and unnamed values that only one box uses into it."""
    users: dict[int, set[Scope | None]] = {}
    for vertex in model.vertices:
        for source in vertex.inputs:
            users.setdefault(source, set()).add(boxes[vertex.index])
    for vertex in model.vertices:
        if vertex.tensor.op is None and (
            vertex.role is Role.PARAMETER or vertex.name is None
        ):
            around = users[vertex.index]
            if len(around) == 1:
                boxes[vertex.index] = next(iter(around))


def data_at_the_start(
    model: Model, boxes: list[Scope | None]
) -> dict[Scope, list[int]]:
    """Return the unnamed data inside each box that nothing outside leads to.

    Only arrays of one shape count, the most frequent: the steps of a sequence, but not
    the state before the first one.
    """
    behind = {
        box
        for vertex, box in zip(model.vertices, boxes, strict=True)
        for k in vertex.inputs
        if boxes[k] != box and model.vertices[k].role is not Role.PARAMETER
    }
    found: dict[Scope, dict[tuple[int, ...], list[int]]] = {}
    for vertex, box in zip(model.vertices, boxes, strict=True):
        if box is not None and box not in behind and vertex.role is Role.DATA:
            shapes = found.setdefault(box, {})
            shapes.setdefault(vertex.tensor.shape, []).append(vertex.index)
    return {box: max(shapes.values(), key=len) for box, shapes in found.items()}


def long_runs(model: Model) -> dict[int, Scope]:
    """Group long runs of operations that belong to no scope.

    Two of them are in one run if the same scopes lie before them: no path then leads
    out of a run and back into it.
    """
    before: list[frozenset[Scope]] = []
    runs: dict[frozenset[Scope], list[int]] = {}
    for vertex in model.vertices:
        behind = frozenset().union(*(before[k] for k in vertex.inputs))
        if vertex.scope:
            behind |= {vertex.scope}
        elif vertex.tensor.op is not None:
            runs.setdefault(behind, []).append(vertex.index)
        before.append(behind)
    long = [run for run in runs.values() if len(run) > _LONGEST_RUN]
    return {index: (f"\0run {k}",) for k, run in enumerate(long) for index in run}
