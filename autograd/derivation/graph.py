"""Which values of a graph deserve a line of their own, and the formulas between them.

A *quantity* is a value with a name, or one that needs a name: because it is used twice,
because no formula can be written for it, or because the formula would become too long.
All other values are written into the formulas of the quantities that use them.
"""

import re
from collections.abc import Callable, Collection, Sequence

import numpy as np

from autograd.derivation.nodes import Node, recorded
from autograd.graph_order import inputs_first
from autograd.tensor import Tensor

__all__ = ["Graph", "engine_order"]

_LONGEST = 12  # operations in a formula that is written into another one
_SHORT = 3  # operations in a formula that stands in for a name
_WORD = re.compile(r"\bv(\d+)\b")
_GRADIENT = re.compile(r"\bG\b")
# A product stays in the line of its layer: Z = W X + b, but not A = σ(W X + b).
_AFFINE = {"add", "subtract"}
_PRODUCTS = {"matmul", "dot", "linear", "einsum", "convolution"}

NameOf = Callable[[Tensor], str | None]


def engine_order(root: Tensor) -> list[Tensor]:
    """Return the recorded tensors in the order in which the engine visits them.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(2.0)
    >>> y = x * x
    >>> z = np.exp(y)
    >>> [t.op.name for t in engine_order(z)]
    ['exp', 'multiply']
    """
    order: list[Tensor] = []
    seen: set[Tensor] = set()
    stack: list[Tensor | None] = [root]
    while stack:
        tensor = stack.pop()
        if tensor is None:
            below = stack.pop()
            assert below is not None
            order.append(below)
        elif tensor not in seen and tensor.op is not None:
            seen.add(tensor)
            stack += [tensor, None]
            stack += [x for x in tensor.inputs if x.op is not None and x not in seen]
    return order[::-1]


class Graph:
    """A recorded graph, read for a derivation.

    Parameters
    ----------
    root : Tensor
        The result.
    name_of : callable
        Gives the user's name of a tensor, or None.
    wanted : collection of Tensor
        Values that get a line also without a name.

    Attributes
    ----------
    nodes : list of Node
        The operations in the engine's order; some are a few operations of the engine,
        such as 1 / (1 + exp(-z)).
    inputs_first : list of Tensor
        The recorded tensors in the order in which a formula is read: what stands left
        comes first.
    consumers : dict of Tensor to list of (Node, int)
        Where each value is used: the operation and the position among its inputs.
    """

    def __init__(
        self, root: Tensor, name_of: NameOf, wanted: Collection[Tensor] = ()
    ) -> None:
        self.root = root
        self.name_of = name_of
        self._wanted = set(wanted)
        self.nodes = recorded(engine_order(root), self._has_own_line)
        self.inputs_first = [x for x in inputs_first(root) if x.op is not None]
        place = {tensor: k for k, tensor in enumerate(self.inputs_first)}
        self._steps = sorted(self.nodes, key=lambda node: place[node.tensor])
        self._number: dict[Tensor, int] = {}
        self._tensors: list[Tensor] = []
        self.consumers: dict[Tensor, list[tuple[Node, int]]] = {}
        self._read()
        self._forward = {n.tensor: n.forward(self.word) for n in self.nodes}
        self._products = self._all_products()
        self._constants = self._find_constants()
        self._inlined: dict[Tensor, str] = {}
        self._operations: dict[Tensor, int] = {}
        self._with_product: set[Tensor] = set()  # a matrix product is written into it
        self._choose()

    def _read(self) -> None:
        """Count the tensors in the order of the computation, and note the uses.

        Constants that hold the same array are one.
        """
        arrays: dict[int, int] = {}
        for node in self._steps:
            for tensor in (*node.inputs, node.tensor):
                if tensor in self._number:
                    continue
                shared = _is_constant(tensor) and bool(tensor.ndim)
                if shared and id(tensor.data) in arrays:
                    self._number[tensor] = arrays[id(tensor.data)]
                    continue
                self._number[tensor] = len(self._tensors)
                self._tensors.append(tensor)
                if shared:
                    arrays[id(tensor.data)] = self._number[tensor]
        for node in self.nodes:
            for position, x in enumerate(node.inputs):
                self.consumers.setdefault(x, []).append((node, position))

    def word(self, tensor: Tensor) -> str:
        """Return how formulas refer to a tensor; empty for a plain number."""
        return "" if self._is_plain_number(tensor) else f"v{self._number[tensor]}"

    def _has_own_line(self, tensor: Tensor) -> bool:
        return tensor in self._wanted or self.name_of(tensor) is not None

    def _is_plain_number(self, tensor: Tensor) -> bool:
        plain = _is_constant(tensor) and not tensor.ndim
        return plain and self.name_of(tensor) is None

    def _all_products(self) -> dict[tuple[Node, int], str]:
        """Return the vector-Jacobian product of every edge along which there is one."""
        return {
            (node, position): product
            for node in self.nodes
            for position, x in enumerate(node.inputs)
            if x.requires_grad and (product := node.product(position, self.word))
        }

    def _find_constants(self) -> dict[Tensor, str]:
        """Return the formulas of unnamed constants: 1 - Y, or one number throughout."""
        constants = [t for t in self._tensors if _is_constant(t) and t.ndim]
        named = [t for t in constants if self.name_of(t) is not None]
        found = {}
        for tensor in constants:
            if self.name_of(tensor) is not None:
                continue
            if tensor.size and tensor.dtype.kind in "fi" and np.ptp(tensor.data) == 0:
                value = tensor.data.flat[0].item()
                found[tensor] = f"np.broadcast_to({value!r}, {tensor.shape})"
            for other in named:
                if other.shape == tensor.shape and np.array_equal(
                    tensor.data, 1 - other.data
                ):
                    found[tensor] = f"(1 - {self.word(other)})"
                    break
        return found

    # ---- what is written into other formulas -----------------------------------------

    def _choose(self) -> None:
        for tensor, text in self._constants.items():
            self._inlined[tensor], self._operations[tensor] = text, 1
        for node in self._steps:
            text = self._forward[node.tensor]
            operations = 1 + sum(
                self._operations.get(x, 0) for x in node.inputs if x in self._inlined
            )
            self._operations[node.tensor] = operations
            if node.name in _PRODUCTS or any(
                x in self._with_product for x in node.inputs if x in self._inlined
            ):
                self._with_product.add(node.tensor)
            if self._can_be_inlined(node, text, operations):
                self._inlined[node.tensor] = f"({self.expanded(text)})"

    def _can_be_inlined(self, node: Node, text: str, operations: int) -> bool:
        tensor = node.tensor
        uses = self.consumers.get(tensor, [])
        if len(uses) != 1 or self._has_own_line(tensor) or not text:
            return False
        user, _ = uses[0]
        if operations > _LONGEST or user.scope != node.scope or user.needs_names:
            return False
        if tensor in self._with_product and user.name not in _AFFINE:
            return False
        own = [self._products.get((node, k), "") for k in range(len(node.inputs))]
        if any(len(_GRADIENT.findall(p)) > 1 or "PRIMITIVES" in p for p in own):
            return False
        theirs = [
            self._products.get((user, k), "")
            for k, x in enumerate(user.inputs)
            if x.requires_grad
        ]
        word = self.word(tensor)
        mentioned = any(word in _words(p) for p in [*own, *theirs])
        return not mentioned or operations <= _SHORT

    def expanded(self, text: str) -> str:
        """Return a formula with other values written into it."""
        return _WORD.sub(
            lambda m: self._inlined.get(self._tensors[int(m[1])], m[0]), text
        )

    def constants(self, shape: tuple[int, ...]) -> list[str]:
        """Return the formulas of all constants of a shape."""
        return [
            self.word(t) or repr(t.item())
            for t in self._tensors
            if _is_constant(t) and t.shape == shape and t not in self._inlined
        ]

    # ---- what the lines are made of --------------------------------------------------

    def is_quantity(self, tensor: Tensor) -> bool:
        """Return whether a value has a line of its own."""
        return tensor not in self._inlined and not self._is_plain_number(tensor)

    @property
    def quantities(self) -> list[Tensor]:
        """All values that are written by a name, in the order of the computation."""
        return [t for t in self._tensors if self.is_quantity(t)]

    def is_differentiated(self, tensor: Tensor) -> bool:
        """Return whether a gradient can reach a value."""
        uses = self.consumers.get(tensor, [])
        return tensor is self.root or any(use in self._products for use in uses)

    def formula(self, tensor: Tensor) -> str:
        """Return the forward formula of a quantity; empty if it has none."""
        return self.expanded(self._forward[tensor])

    def contribution(self, node: Node, position: int) -> tuple[str, list[Node], Tensor]:
        """Return what one use of a value sends back to it.

        Parameters
        ----------
        node : Node
            The operation that uses it.
        position : int
            Which of its inputs the value is.

        Returns
        -------
        text : str
            The formula, with ``G`` for the gradient of ``quantity``; empty if the use
            sends nothing back.
        path : list of Node
            The operations on the way from the quantity to the value.
        quantity : Tensor
            The value whose gradient is needed.
        """
        text = self._products.get((node, position), "")
        path = [node]
        while text and not self.is_quantity(node.tensor):
            node, position = self.consumers[node.tensor][0]
            outer = self._products.get((node, position), "")
            text = outer and _GRADIENT.sub(lambda _: f"({outer})", text)  # noqa: B023
            path.append(node)
        return self.expanded(text), path[::-1], node.tensor


def _is_constant(tensor: Tensor) -> bool:
    return tensor.op is None and not tensor.requires_grad


def _words(text: str) -> Sequence[str]:
    return [m[0] for m in _WORD.finditer(text)]
