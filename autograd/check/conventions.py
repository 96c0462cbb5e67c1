"""Scale conventions: when a gradient that is m times too big is nevertheless right.

For a cost averaged over m samples many texts write ``dZ2 = A2 - Y``, which is m times
dcost/dZ2, and apply the 1/m later, in ``dW2 = dZ2 A1^T / m``.  Both halves together are
right.  So a factor of m in an intermediate is a convention if the parameters that are
computed from it come out right, and it then carries over to the neighbouring
intermediates that have the same factor.
"""

from collections.abc import Collection, Mapping

from autograd.check.graph_order import nearest
from autograd.tensor import Tensor

__all__ = ["find_conventions"]


def find_conventions(
    factors: Mapping[Tensor, int], right: Collection[Tensor], compared: set[Tensor]
) -> set[Tensor]:
    """Return the tensors whose gradients are m times too big by convention.

    Parameters
    ----------
    factors : dict of Tensor to int
        The intermediates whose hand-derived gradient is m times the true one, with m.
    right : collection of Tensor
        The tensors whose hand-derived gradients are right.
    compared : set of Tensor
        All tensors that have a hand-derived gradient.
    """
    behind = {tensor: nearest(tensor, compared) for tensor in factors}
    found = set()
    for tensor, neighbours in behind.items():
        parameters = [x for x in neighbours if x.is_leaf]
        if parameters and all(x in right for x in parameters):
            found.add(tensor)
    pairs = [(tensor, x) for tensor in factors for x in behind[tensor] if x in factors]
    changed = True
    while changed:
        changed = False
        for pair in pairs:
            same = factors[pair[0]] == factors[pair[1]]
            if same and (pair[0] in found) != (pair[1] in found):
                found.update(pair)
                changed = True
    return found
