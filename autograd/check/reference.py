"""The reference: the true gradient of every named value.

The forward pass is run on tensors.  A *named* tensor is a parameter or an entry of the
cache.  A sweep from the cost to the parameters gives the true gradients.  If at every
named tensor the sweep goes on with what the *student* has computed for it, then what
arrives at the next one is what follows from the student's own values: a mistake is seen
where it is made, and only there.

Reference: Griewank and Walther, "Evaluating Derivatives", 2nd edition, chapter 3.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.check.probes import Point, batch_sizes
from autograd.check.term_sizes import TermSizes
from autograd.check.vector_jacobian import vector_jacobian
from autograd.errors import GradientError
from autograd.graph_order import inputs_first
from autograd.recording import creation_lines
from autograd.tensor import Tensor, describe

__all__ = ["Reference", "Sweep", "add_up", "plain_copy"]


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
        self.nodes = [x for x in inputs_first(self.cost) if x.requires_grad]
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

    def term_size(self, name: str) -> float:
        """Return how large the terms are that the true gradient of a name adds up."""
        return self._term_sizes[self.tensor(name)] if name in self.named else 0.0

    @functools.cached_property
    def _term_sizes(self) -> TermSizes:
        return TermSizes(self.cost)

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
                add_up(self._cotangents, self.reference.position[child], product)


def add_up(cotangents: dict[int, Any], index: int, product: Any) -> None:
    """Add a product to what has arrived at a node."""
    arrived = cotangents.get(index)
    cotangents[index] = product if arrived is None else arrived + product


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
