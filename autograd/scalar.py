"""The scalar graph: the same forward code, one node per number."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.tensor import Tensor

__all__ = ["scalars"]


class ScalarArray(np.ndarray[Any, Any]):
    """An object array of 0-d tensors, on which NumPy's statistics record as well.

    NumPy ends ``np.mean`` by converting the result to a plain number, which would cut
    the graph; here the mean and what builds on it are sums and quotients.
    """

    def __array_function__(
        self, function: Any, types: Any, args: Any, kwargs: Any
    ) -> Any:
        """Let mean, var and std record; leave every other function to NumPy."""
        if function in _RECORDED:
            return _RECORDED[function](*args, **kwargs)
        return _unwrapped(super().__array_function__(function, types, args, kwargs))

    def __array_wrap__(
        self, array: Any, context: Any = None, return_scalar: bool = False
    ) -> Any:
        """Return a single tensor as it is, not in a 0-d array."""
        return _unwrapped(array.view(ScalarArray))

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:  # type: ignore[override]
        """Return the arithmetic mean."""
        total = np.sum(self, axis=axis, keepdims=keepdims)
        return total / (self.size // max(np.size(total), 1))

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:  # type: ignore[override]
        """Return the variance, the sum of squares divided by ``n - ddof``."""
        squares = (self - self.mean(axis, keepdims=True)) ** 2
        total = np.sum(squares, axis=axis, keepdims=keepdims)
        return total / (self.size // max(np.size(total), 1) - ddof)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:  # type: ignore[override]
        """Return the standard deviation, the root of the variance."""
        return np.sqrt(self.var(axis, ddof, keepdims))


def _unwrapped(result: Any) -> Any:
    single = isinstance(result, np.ndarray) and result.ndim == 0
    return result[()] if single else result


_RECORDED: dict[Any, Callable[..., Any]] = {
    np.mean: ScalarArray.mean,
    np.var: ScalarArray.var,
    np.std: ScalarArray.std,
}


def scalars(
    array: npt.ArrayLike, name: str | None = None, requires_grad: bool = True
) -> ScalarArray:
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
    ScalarArray, an ndarray of Tensor
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
    return tensors.view(ScalarArray)
