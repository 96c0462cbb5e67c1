"""The recorded graph as plain data: vertices in order, their roles, names and scopes.

The walk is iterative, so that a chain of a million operations is read as well as a
neuron.  The order depends on the graph alone, never on addresses.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from autograd import Tensor
from viz.names import Names

__all__ = ["Model", "Role", "Scope", "Vertex", "read"]

Scope = tuple[str, ...]


class Role(Enum):
    """What a value is for the reader of a drawing."""

    DATA = "data"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    INTERMEDIATE = "intermediate"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Vertex:
    """One value of the graph, together with the operation that made it.

    Attributes
    ----------
    index : int
        Its position in ``Model.vertices``.
    tensor : Tensor
        The recorded tensor.
    inputs : tuple of int
        The vertices it was made from, in argument order; one may occur twice.
    role : Role
        What it is for the reader.
    name : str or None
        What the user calls it.
    scope : tuple of str
        The group it is drawn in, outermost first.
    """

    index: int
    tensor: Tensor
    inputs: tuple[int, ...]
    role: Role
    name: str | None
    scope: Scope


@dataclass(frozen=True)
class Model:
    """A graph that has been read; the last vertex is the result."""

    vertices: list[Vertex]

    @property
    def root(self) -> Vertex:
        """The result."""
        return self.vertices[-1]

    def scopes(self) -> list[Scope]:
        """Return every group and the groups around it, in order of appearance."""
        found: dict[Scope, None] = {}
        for scope in dict.fromkeys(vertex.scope for vertex in self.vertices):
            for depth in range(1, len(scope) + 1):
                found[scope[:depth]] = None
        return list(found)


def read(root: Tensor, names: Names) -> Model:
    """Read the graph behind a recorded tensor.

    A parameter and an unnamed value are drawn in the group of the operations that use
    them; named data stay outside.  Constants that hold the same array are one vertex.
    """
    order = _sorted(root)
    position = {_key(tensor): k for k, tensor in enumerate(order)}
    inputs = [tuple(position[_key(x)] for x in tensor.inputs) for tensor in order]
    called = [names[tensor] for tensor in order]
    roles = [
        _role(tensor, tensor is root, name)
        for tensor, name in zip(order, called, strict=True)
    ]
    scopes = _scopes(order, inputs, roles, called)
    return Model(
        [
            Vertex(k, *parts)
            for k, parts in enumerate(
                zip(order, inputs, roles, called, scopes, strict=True)
            )
        ]
    )


def _key(tensor: Tensor) -> int:
    """Return what identifies a value: equal for constants that share an array."""
    shared = (
        tensor.op is None
        and not tensor.requires_grad
        and isinstance(tensor.data, np.ndarray)
    )
    return id(tensor.data) if shared else id(tensor)


def _sorted(root: Tensor) -> list[Tensor]:
    """Return the tensors behind the root and itself, inputs first.

    Of two operations on which a third depends, the one with the longer history comes
    first, so that a recurrent net reads from its first step to its last.  A leaf comes
    right before the first operation that uses it.
    """
    depth: dict[int, int] = {}
    for tensor in _walk(root, lambda xs: xs):
        below = [depth[id(x)] for x in tensor.inputs if x.op is not None]
        depth[id(tensor)] = 1 + max(below, default=0)

    order: list[Tensor] = []
    placed: set[int] = set()
    for tensor in _walk(root, lambda xs: sorted(xs, key=lambda y: -depth[id(y)])):
        for x in tensor.inputs:
            if x.op is None and _key(x) not in placed:
                placed.add(_key(x))
                order.append(x)
        order.append(tensor)
    return order


def _walk(
    root: Tensor, arranged: Callable[[list[Tensor]], list[Tensor]]
) -> Iterator[Tensor]:
    """Give every recorded tensor after its inputs, which are visited as arranged."""
    seen: set[int] = set()
    stack: list[tuple[Tensor, bool]] = [(root, False)]
    while stack:
        tensor, inputs_done = stack.pop()
        if inputs_done:
            yield tensor
        elif id(tensor) not in seen:
            seen.add(id(tensor))
            stack.append((tensor, True))
            recorded = arranged([x for x in tensor.inputs if x.op is not None])
            stack.extend((x, False) for x in reversed(recorded))


def _role(tensor: Tensor, is_root: bool, name: str | None) -> Role:
    if is_root:
        return Role.RESULT
    if tensor.op is not None:
        return Role.INTERMEDIATE
    if tensor.requires_grad:
        return Role.PARAMETER
    return Role.CONSTANT if tensor.ndim == 0 and name is None else Role.DATA


def _scopes(
    order: list[Tensor],
    inputs: list[tuple[int, ...]],
    roles: list[Role],
    names: list[str | None],
) -> list[Scope]:
    """Return the group of each value: its own, or for a leaf that of its users."""
    scopes: list[Scope] = [tuple(tensor.scope) for tensor in order]
    users: dict[int, Scope] = {}
    for k, sources in enumerate(inputs):
        for source in sources:
            known = users.get(source)
            users[source] = scopes[k] if known is None else _common((known, scopes[k]))
    for k, role in enumerate(roles):
        if role is Role.DATA and names[k] is not None:
            scopes[k] = ()
        elif role in (Role.PARAMETER, Role.CONSTANT, Role.DATA):
            scopes[k] = users.get(k, ())
    return scopes


def _common(scopes: Iterable[Scope]) -> Scope:
    """Return the innermost group that holds all of these."""
    first, *others = scopes
    for other in others:
        while first != other[: len(first)]:
            first = first[:-1]
    return first
