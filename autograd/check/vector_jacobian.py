"""One vector-Jacobian product of a recorded node, on plain arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.engine import sum_to_shape
from autograd.tensor import Tensor

__all__ = ["vector_jacobian"]


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
