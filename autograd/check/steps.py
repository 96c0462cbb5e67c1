"""The reference: what the gradient of every named value must be, truly and locally.

The forward pass is run on tensors.  A *named* tensor is a parameter or an entry of the
cache.  A sweep from the cost to the parameters gives the true gradients.  If at every
named tensor the sweep goes on with what the *student* has computed for it, then what
arrives at the next one is what follows from the student's own values: a mistake is seen
where it is made, and only there.

Reference: Griewank and Walther, "Evaluating Derivatives", 2nd edition, chapter 3.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.check.probes import Point, batch_sizes
from autograd.engine import sum_to_shape
from autograd.errors import GradientError
from autograd.recording import creation_lines
from autograd.tensor import Tensor, describe

__all__ = ["Edge", "Jump", "LocalStep", "Reference", "Sweep", "plain_copy"]


class Edge(NamedTuple):
    """The way on which a gradient goes from a node to one of its inputs."""

    node: int
    position: int
    child: int


class Jump(NamedTuple):
    """A rule that carries a gradient from one node to another one further down."""

    begin: int
    end: int
    rule: Callable[[Any], Any]


class Reference:
    """The forward pass at one point, its graph, and the true gradients.

    Parameters
    ----------
    forward : callable
        ``forward(parameters, *data) -> (cost, cache)``.
    point : Point
        Where.

    Attributes
    ----------
    batch_sizes : tuple of int
        The possible numbers of samples.
    cost : Tensor
        What is differentiated.
    nodes : list of Tensor
        The graph; inputs come before what is made from them, the cost is last.
    named : dict of str to int
        The position in ``nodes`` of every parameter and cache entry; an item of a list
        is ``"h[2]"``.
    parameters : tuple of str
        The names of the parameters.
    truth : dict of str to ndarray
        The gradient of the cost with respect to every named tensor.
    values : dict of str to ndarray
        Every named array of the forward pass, constants included.
    data : dict of str to object
        The data, under the names of the forward function's parameters.
    """

    def __init__(self, forward: Callable[..., Any], point: Point) -> None:
        self.point = point
        self.batch_sizes = batch_sizes(point.data)
        tensors = _as_tensors(point.parameters)
        data = [plain_copy(x) for x in point.data]
        self.data = dict(zip(_data_names(forward), data, strict=False))
        self.cost, self.cache = _run(forward, tensors, data)
        self.nodes = _topological(self.cost)
        self.position = position = {node: k for k, node in enumerate(self.nodes)}
        leaves = dict(_flatten(tensors, Tensor))
        self.parameters = tuple(leaves)
        named = {**dict(_flatten(self.cache, Tensor)), **leaves}
        self.named = {
            name: position[tensor]
            for name, tensor in named.items()
            if tensor in position and tensor is not self.cost
        }
        self.values = {
            name: np.asarray(x.data if isinstance(x, Tensor) else x)
            for tree in (self.cache, tensors)
            for name, x in _flatten(tree, Tensor | np.ndarray)
        }
        sweep = Sweep(self)
        self.truth = {name: sweep.arrived(name) for name in self.in_order()}
        for name in leaves:
            if name not in self.named:
                self.truth[name] = np.zeros(leaves[name].shape)

    def in_order(self) -> list[str]:
        """Return the named tensors, those next to the cost first."""
        return sorted(self.named, key=lambda name: -self.named[name])

    def tensor(self, name: str) -> Tensor:
        """Return a named tensor of the graph."""
        return self.nodes[self.named[name]]


class Sweep:
    """A backward sweep that stops at named tensors and may go on with other values.

    Parameters
    ----------
    reference : Reference
        The graph.

    Notes
    -----
    Ask for names in the order of `Reference.in_order`.
    """

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self._cotangents: dict[int, Any] = {
            len(reference.nodes) - 1: np.ones_like(reference.cost.data)
        }
        self._next = len(reference.nodes) - 1

    def arrived(self, name: str) -> Any:
        """Return the gradient that has arrived at a named tensor, as an ndarray."""
        target = self.reference.named[name]
        while self._next > target:
            self._pull_back(self._next)
            self._next -= 1
        data = self.reference.nodes[target].data
        return np.asarray(self._cotangents.get(target, np.zeros_like(data)))

    def replace(self, name: str, value: Any) -> None:
        """Go on from a named tensor with another gradient."""
        self._cotangents[self.reference.named[name]] = value

    def _pull_back(self, index: int) -> None:
        g = self._cotangents.get(index)
        node = self.reference.nodes[index]
        if g is None or node.op is None:
            return
        for position, child in enumerate(node.inputs):
            if child.requires_grad and node.op.rule(position) is not None:
                product = vector_jacobian(node, position, g)
                _add(self._cotangents, self.reference.position[child], product)


def _add(cotangents: dict[int, Any], index: int, product: Any) -> None:
    arrived = cotangents.get(index)
    cotangents[index] = product if arrived is None else arrived + product


def vector_jacobian(
    node: Tensor,
    position: int,
    g: Any,
    values: Mapping[int, Any] | None = None,
    summed: bool = True,
) -> Any:
    """Return the product for one input of a node, in the shape of that input.

    Parameters
    ----------
    node : Tensor
        The result of an operation.
    position : int
        Which input.
    g : ndarray
        The gradient with respect to ``node``.
    values : mapping of int to ndarray, optional
        Values to use in place of those of some inputs.
    summed : bool
        Whether broadcasting is summed away.
    """
    assert node.op is not None
    rule = node.op.rule(position)
    assert rule is not None
    inputs = [x.data for x in node.inputs]
    shape = inputs[position].shape
    for k, value in (values or {}).items():
        inputs[k] = value
    product = np.asarray(rule(g, node.data, *inputs, **(node.settings or {})))
    if product.shape == shape or not summed:
        return product
    return sum_to_shape(product, shape)


class LocalStep:
    """The part of the graph from which one step follows, at one point.

    It begins at the cost and at the named tensors whose gradients the student has
    already computed, and it ends at the tensor of the step.

    Parameters
    ----------
    reference : Reference
        The forward pass.
    name : str
        The tensor whose gradient the step computes.
    upstream : mapping of str to ndarray
        The gradients that the student has computed.
    """

    def __init__(
        self, reference: Reference, name: str, upstream: Mapping[str, Any]
    ) -> None:
        self.name = name
        self.upstream = upstream
        cuts = {reference.named[other]: value for other, value in upstream.items()}
        self._restrict(reference, reference.named[name], cuts)

    def _restrict(
        self, reference: Reference, target: int, cuts: Mapping[int, Any]
    ) -> None:
        self.reference = reference
        self.target = target
        cuts = {k: value for k, value in cuts.items() if k != target}
        inside = {target}
        edges: list[Edge] = []
        for k in range(self.target + 1, len(reference.nodes)):
            node = reference.nodes[k]
            for p, child in enumerate(node.inputs):
                c = reference.position.get(child)
                if c in inside and node.op and node.op.rule(p) is not None:
                    edges.append(Edge(k, p, c))
                    if k not in cuts:
                        inside.add(k)
        self.edges = tuple(sorted(edges, reverse=True))
        self.seeds = {e.node: cuts[e.node] for e in self.edges if e.node in cuts}
        last = len(reference.nodes) - 1
        if last in inside:
            self.seeds[last] = np.ones_like(reference.cost.data)

    @classmethod
    def between(cls, reference: Reference, begin: int, end: int) -> "LocalStep":
        """Return the part of the graph between two nodes."""
        part = cls.__new__(cls)
        part._restrict(reference, end, {begin: np.ones(reference.nodes[begin].shape)})
        return part

    def sweep(
        self,
        change: Callable[[Edge, Any], Any] | None = None,
        seeds: Mapping[int, Any] | None = None,
        jump: "Jump | None" = None,
    ) -> Any:
        """Return what the step must be, or what it would be after a change.

        Parameters
        ----------
        change : callable, optional
            ``change(edge, g)`` returns the product for an edge in place of the right
            one, or None to leave it.
        seeds : mapping, optional
            Gradients of the upstream tensors, in place of the student's.
        jump : Jump, optional
            A way through several nodes that is taken in one go, by another rule.
        """
        cotangents: dict[int, Any] = dict(self.seeds if seeds is None else seeds)
        for edge in self.edges:
            if (
                jump is not None
                and jump.begin in cotangents
                and edge.node <= jump.begin
            ):
                g = cotangents.pop(jump.begin)
                _add(cotangents, jump.end, jump.rule(g))
            g = cotangents.get(edge.node)
            if g is None:
                continue
            product = change(edge, g) if change else None
            if product is None:
                product = self.product(edge, g)
            _add(cotangents, edge.child, product)
        shape = self.reference.nodes[self.target].shape
        return np.asarray(cotangents.get(self.target, np.zeros(shape)))

    def product(
        self, edge: Edge, g: Any, values: Mapping[int, Any] | None = None
    ) -> Any:
        """Return the vector-Jacobian product along an edge."""
        return vector_jacobian(self.node(edge), edge.position, g, values)

    def unsummed(self, edge: Edge, g: Any) -> Any:
        """Return the product along an edge before broadcasting is summed away."""
        return vector_jacobian(self.node(edge), edge.position, g, summed=False)

    def node(self, edge: Edge) -> Tensor:
        """Return the tensor at which an edge begins."""
        return self.reference.nodes[edge.node]


def plain_copy(tree: Any) -> Any:
    """Copy nested dicts and lists of tensors and arrays; tensors become arrays.

    Examples
    --------
    >>> from autograd import Tensor
    >>> plain_copy({"A": [Tensor([1.0, 2.0])], "m": 3})
    {'A': [array([1., 2.])], 'm': 3}
    """
    if isinstance(tree, Tensor):
        return np.array(tree.data)[()] if tree.ndim == 0 else np.array(tree.data)
    if isinstance(tree, np.ndarray):
        return tree.copy()
    if isinstance(tree, dict):
        return {key: plain_copy(item) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(plain_copy(item) for item in tree)
    return tree


def _as_tensors(parameters: Any, name: str = "") -> Any:
    """Turn the float arrays in nested dicts and lists into named tensors."""
    if isinstance(parameters, dict):
        return {
            key: _as_tensors(item, f"{name}[{key}]" if name else str(key))
            for key, item in parameters.items()
        }
    if isinstance(parameters, list | tuple):
        items = [_as_tensors(x, f"{name}[{k}]") for k, x in enumerate(parameters)]
        return type(parameters)(items)
    value = parameters.data if isinstance(parameters, Tensor) else parameters
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return Tensor(value.astype(np.float64), requires_grad=True, name=name)
    return value


def _data_names(forward: Callable[..., Any]) -> list[str]:
    """Return what the forward function calls its data: all but its first parameter."""
    try:
        return list(inspect.signature(forward).parameters)[1:]
    except (TypeError, ValueError):  # a built-in function
        return []


def _run(
    forward: Callable[..., Any], tensors: Any, data: Sequence[Any]
) -> tuple[Tensor, Any]:
    with creation_lines():
        result = forward(tensors, *data)
    if not (isinstance(result, tuple) and len(result) == 2):
        raise GradientError(
            f"check_backward: forward must return (cost, cache), got "
            f"{type(result).__name__}. Write `return cost, cache`."
        )
    cost, cache = result
    if not isinstance(cost, Tensor) and isinstance(cache, Tensor) and cache.size == 1:
        raise GradientError(
            "check_backward: forward returned its cache first. "
            "Write `return cost, cache`."
        )
    if not isinstance(cost, Tensor) or not cost.requires_grad or cost.size != 1:
        found = describe(cost) if isinstance(cost, Tensor) else type(cost).__name__
        raise GradientError(
            f"check_backward: the cost that forward returns must be one number "
            f"computed from the parameters, got {found}. Was the graph cut by float() "
            f"or .item()?"
        )
    return cost, cache


def _flatten(tree: Any, kind: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a kind in nested dicts and lists: ``"h[2]"``, ``"W1"``."""
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from _flatten(item, kind, f"{name}[{key}]" if name else str(key))
    elif isinstance(tree, list | tuple):
        for index, item in enumerate(tree):
            yield from _flatten(item, kind, f"{name}[{index}]")
    elif isinstance(tree, kind):
        yield name, tree


def _topological(root: Tensor) -> list[Tensor]:
    """Return the nodes behind ``root`` that need a gradient, inputs first."""
    order: list[Tensor] = []
    seen: set[Tensor] = set()
    stack: list[tuple[Tensor, bool]] = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((x, False) for x in node.inputs if x.requires_grad)
    return order
