"""A backward sweep written down: each vector-Jacobian product, in the engine's order.

The sweep is the engine's own, with a watcher in the place where debug mode has its
checks.  Nothing is written to ``.grad``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.debugging import Debugger
from autograd.engine import differentiate, leaves_behind
from autograd.errors import ShapeError
from autograd.recording import Recording, current, set_state
from autograd.tensor import Tensor, describe

__all__ = ["Product", "Trace", "trace"]


@dataclass(frozen=True, slots=True)
class Product:
    """One vector-Jacobian product.

    Attributes
    ----------
    node : Tensor
        The result of the operation that was differentiated.
    position : int
        Which of ``node.inputs`` receives it.
    value : ndarray or NumPy scalar
        What the input receives, of its shape: broadcasting is summed away.
    """

    node: Tensor
    position: int
    value: Any

    @property
    def target(self) -> Tensor:
        """The input that receives it."""
        return self.node.inputs[self.position]


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole sweep.

    Attributes
    ----------
    products : list of Product
        In the order in which the engine computes them.
    cotangents : dict of Tensor to ndarray or NumPy scalar
        What has arrived in total, for every tensor that was reached, the root first.
    """

    products: list[Product]
    cotangents: dict[Tensor, Any]


def trace(root: Tensor) -> Trace:
    """Run a backward sweep from a tensor, and return all that it computes.

    Parameters
    ----------
    root : Tensor
        A recorded tensor with one element.

    Returns
    -------
    Trace
        Copies of the products and their sums.  No ``.grad`` is changed; hooks are
        called, as in every sweep.

    Raises
    ------
    ShapeError
        If ``root`` has more than one element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.tracing import trace
    >>> a = Tensor(3.0, name="a")
    >>> [(p.node.op.name, p.target.name, float(p.value)) for p in trace(a * a).products]
    [('multiply', 'a', 3.0), ('multiply', 'a', 3.0)]
    """
    if root.size != 1:
        raise ShapeError(
            f"trace: {describe(root)} has {root.size} elements, and a backward pass "
            f"starts at a single number. Take a sum or a mean of it."
        )
    recorder = _Recorder()
    state = current()
    token = set_state(Recording(state.enabled, state.details, recorder))
    try:
        seed = np.ones_like(root.data)
        seed = seed if seed.ndim else seed[()]
        differentiate(root, seed, leaves_behind(root), record=False)
    finally:
        token.var.reset(token)
    return Trace(recorder.products, recorder.cotangents)


class _Recorder(Debugger):
    """Keeps what debug mode would check."""

    def __init__(self) -> None:
        super().__init__()
        self.products: list[Product] = []
        self.cotangents: dict[Tensor, Any] = {}

    def check_product(self, node: Tensor, position: int, g: Any, product: Any) -> None:
        """Copy a product: the sweep may go on to add to its memory."""
        self.products.append(Product(node, position, np.array(product)[()]))

    def check_cotangent(self, node: Tensor, cotangent: Any) -> None:
        """Copy the sum of what arrived at a tensor."""
        self.cotangents[node] = np.array(cotangent)[()]
