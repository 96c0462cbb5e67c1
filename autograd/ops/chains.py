"""Products of many matrices: powers, and chains multiplied in the cheapest order."""

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.ops.axes import label, operand
from autograd.ops.matmul import dot, matmul
from autograd.ops.systems import inv
from autograd.primitive import composed

__all__ = ["matrix_power", "multi_dot"]


@composed(numpy=(np.linalg.matrix_power,), method=False)
def matrix_power(a: Any, n: int) -> Any:
    """Multiply a square matrix with itself n times; a negative n inverts it first.

    Parameters
    ----------
    a : Tensor, shape (..., k, k)
        One matrix or a batch.
    n : int
        The exponent; 0 gives the identity, whose derivative is 0.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.matrix_power(Tensor([[1.0, 1.0], [0.0, 1.0]]), 5)
    Tensor([[1., 5.],
            [0., 1.]], op=matmul)
    """
    a = operand(a)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"matrix_power: {label(a)} is not a square matrix.")
    if n == 0:
        identity = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
        return a * 0 + identity
    square, result = (inv(a) if n < 0 else a), None
    bits = abs(n)
    while True:  # the binary digits of n say which squares to multiply
        bits, odd = divmod(bits, 2)
        if odd:
            result = square if result is None else matmul(result, square)
        if not bits:
            return result
        square = matmul(square, square)


@composed(numpy=(np.linalg.multi_dot,), method=False)
def multi_dot(arrays: Any) -> Any:
    """Multiply several matrices, in the order that takes the fewest multiplications.

    Parameters
    ----------
    arrays : sequence of Tensor
        Matrices; the first and the last may be vectors.

    Raises
    ------
    ShapeError
        If there are fewer than two arrays, or neighbours do not fit.

    References
    ----------
    T. Cormen and others, "Introduction to Algorithms", chapter 15.2.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.linalg.multi_dot([Tensor([[1.0, 2.0]]), np.eye(2), np.array([3.0, 4.0])])
    Tensor([11.], op=dot)
    """
    factors = [operand(x) for x in arrays]
    if len(factors) < 2:
        raise ShapeError(f"multi_dot: needs at least two arrays, got {len(factors)}.")
    sizes = [factors[0].shape[0] if factors[0].ndim > 1 else 1]
    sizes += [x.shape[-1] if x.ndim > 1 or k == 0 else 1 for k, x in enumerate(factors)]
    cheapest: dict[tuple[int, int], tuple[int, int]] = {
        (k, k): (0, k) for k in range(len(factors))
    }
    for length in range(1, len(factors)):
        for i in range(len(factors) - length):
            j = i + length
            cheapest[i, j] = min(
                (
                    cheapest[i, k][0]
                    + cheapest[k + 1, j][0]
                    + sizes[i] * sizes[k + 1] * sizes[j + 1],
                    k,
                )
                for k in range(i, j)
            )

    def multiplied(i: int, j: int) -> Any:
        if i == j:
            return factors[i]
        k = cheapest[i, j][1]
        return dot(multiplied(i, k), multiplied(k + 1, j))

    return multiplied(0, len(factors) - 1)
