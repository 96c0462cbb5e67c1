"""The scalar graph: the same forward code, one node per number."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.tensor import Tensor

__all__ = ["scalars"]


def scalars(
    array: npt.ArrayLike, name: str | None = None, requires_grad: bool = True
) -> npt.NDArray[Any]:
    """Return an object array of 0-d tensors, one for each element.

    A forward function that uses operators and NumPy functions runs on it unchanged, and
    records a graph in which every single addition and multiplication is a node.

    Parameters
    ----------
    array : array_like
        Numbers, of any shape; integers become float64.
    name : str, optional
        The tensors are called ``name[i,j]``.
    requires_grad : bool, default True
        False for data, which is drawn but not differentiated.

    Returns
    -------
    ndarray of Tensor
        Of the shape of ``array`` and dtype object.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import scalars
    >>> w = scalars([[1.0, 2.0]], name="w")
    >>> y = np.sum(np.dot(w, np.array([[3.0], [4.0]])))
    >>> y.backward()
    >>> w[0, 1], w[0, 1].grad
    (Tensor(2., name='w[0,1]'), np.float64(4.0))
    """
    values = np.asarray(array)
    if values.dtype.kind in "iub":
        values = values.astype(np.float64)
    tensors = np.empty(values.shape, dtype=object)
    for index in np.ndindex(values.shape):
        label = f"{name}[{','.join(map(str, index))}]" if name else None
        tensors[index] = Tensor(values[index], requires_grad, name=label)
    return tensors
