"""Layers: a product with a matrix of weights or a convolution, and its bias.

They are recognised by the operations, so that ``X @ W + b`` by hand, ``np.dot(W, X)``
with samples in columns, and a layer of `nn` are all one thing to the checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor
from viz.lint.nodes import SHAPE_ONLY, is_constant, is_trainable, name_of, source

__all__ = ["Layer", "before_dropout", "find_layers", "is_dropout"]

_PRODUCTS = ("matmul", "dot")
_ENOUGH = 10_000  # elements of a mask, to know one

Users = Mapping[Tensor, Sequence[Tensor]]


@dataclass(frozen=True, eq=False)
class Layer:
    """A linear map with trained weights.

    Attributes
    ----------
    output : Tensor
        The result, with the bias.
    data : Tensor
        What the weights are multiplied with.
    parameter : Tensor
        The leaf that holds the weights.
    weight : ndarray, shape (units, inputs) or (units, inputs, ...)
        The weights as they are used here.
    bias : Tensor or None
        The leaf that is added.
    axis : int or None
        The axis of the units in the output; None if there is one unit, without axis.
    node : Tensor
        The product itself.
    """

    output: Tensor
    data: Tensor
    parameter: Tensor
    weight: Any
    bias: Tensor | None
    axis: int | None
    node: Tensor

    @property
    def is_convolution(self) -> bool:
        """Whether the weights slide over space."""
        return bool(self.weight.ndim > 2)


def find_layers(nodes: Sequence[Tensor], users: Users) -> list[Layer]:
    """Return the layers among the tensors of a graph, in their order."""
    found: list[Layer] = []
    for node in nodes:
        name = name_of(node)
        if name in ("linear", "convolution"):
            layer = _of_operation(node)
        elif name in _PRODUCTS:
            layer = _of_product(node, users)
        else:
            continue
        if layer is not None:
            found.append(layer)
    return found


def _of_operation(node: Tensor) -> Layer | None:
    data, weight, *bias = node.inputs
    parameter = source(weight)
    if not is_trainable(parameter):
        return None
    axis = 1 if name_of(node) == "convolution" else node.ndim - 1
    added = source(bias[0]) if bias else None
    return Layer(node, data, parameter, weight.data, added, axis, node)


def _of_product(node: Tensor, users: Users) -> Layer | None:
    left, right = node.inputs
    output, bias = _with_bias(node, users)
    trained = [is_trainable(source(x)) for x in (left, right)]
    if trained == [True, True]:  # one is data in a tensor: the bias says which
        is_column = bias is not None and bias.ndim == 2 and bias.shape[1] == 1
        trained = [is_column, bias is not None and not is_column]
    if trained == [False, True] and right.ndim in (1, 2):
        weight = np.atleast_2d(right.data.T)
        axis = node.ndim - 1 if right.ndim == 2 else None
        return Layer(output, left, source(right), weight, bias, axis, node)
    if trained == [True, False] and left.ndim in (1, 2) and right.ndim <= 2:
        weight = np.atleast_2d(left.data)
        axis = 0 if left.ndim == 2 else None
        return Layer(output, right, source(left), weight, bias, axis, node)
    return None


def _with_bias(product: Tensor, users: Users) -> tuple[Tensor, Tensor | None]:
    """Return product plus leaf, if that is all that the product is used for."""
    if len(users[product]) == 1 and name_of(users[product][0]) == "add":
        total = users[product][0]
        for one, other in (total.inputs, total.inputs[::-1]):
            leaf = source(other)
            if one is product and is_trainable(leaf) and total.shape == product.shape:
                return total, leaf
    return product, None


def is_dropout(node: Tensor) -> bool:
    """Return whether a tensor was multiplied by a mask of 0 and 1 / (1 - p)."""
    if name_of(node) != "multiply" or node.size < 2:
        return False
    for x, mask in (node.inputs, node.inputs[::-1]):
        if x.op is not None and is_constant(mask) and mask.shape == node.shape:
            values = np.ravel(mask.data)[:_ENOUGH]
            scale = values.max()
            return bool(
                scale > 1
                and values.min() == 0
                and np.count_nonzero(values) == np.count_nonzero(values == scale)
            )
    return False


def before_dropout(node: Tensor, users: Users) -> Tensor:
    """Return what is behind changes of the shape and dropout, if used for that only."""
    while len(users[node]) == 1:
        if name_of(node) in SHAPE_ONLY:
            node = node.inputs[0]
        elif is_dropout(node):
            node = next(x for x in node.inputs if x.op is not None)
        else:
            break
    return node
