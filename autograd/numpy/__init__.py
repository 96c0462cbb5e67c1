"""``import autograd.numpy as np``: NumPy, for code that was written for HIPS autograd.

Every name is NumPy's own, because NumPy's functions know tensors by themselves.  Only
`array` and its relatives differ: where NumPy would refuse, they put the tensors inside
nested lists together and keep their gradients.
"""

from typing import Any

import numpy as _numpy

from autograd.numpy import linalg as linalg
from autograd.numpy import random as random
from autograd.ops.repetition import full_like as full_like
from autograd.ops.shape import stack as _stack
from autograd.tensor import Tensor as _Tensor

__all__ = sorted({*_numpy.__all__, "array", "asarray"})


def array(object: Any, dtype: Any = None, **settings: Any) -> Any:
    """Return ``numpy.array``; of tensors, or of nested lists that hold some, a tensor.

    Parameters
    ----------
    object : Tensor, array_like, or nested lists of them
        The values.
    dtype : dtype, optional
        Of the result.
    **settings
        NumPy's other settings, for values without tensors.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> a = Tensor(2.0)
    >>> np.array([[a, 1.0], [0.0, a * a]])
    Tensor([[2., 1.],
            [0., 4.]], op=stack)
    """
    if not _holds_tensor(object):
        return _numpy.array(object, dtype=dtype, **settings)
    result = object if isinstance(object, _Tensor) else _assembled(object)
    return result if dtype is None else result.astype(dtype)


asarray = array


def full(shape: Any, fill_value: Any, dtype: Any = None, **settings: Any) -> Any:
    """Return ``numpy.full``; filled with a tensor, a tensor.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.full(2, Tensor(3.0))
    Tensor([3., 3.], op=broadcast_to)
    """
    if not isinstance(fill_value, _Tensor):
        return _numpy.full(shape, fill_value, dtype, **settings)
    return full_like(_numpy.empty(shape, fill_value.dtype), fill_value, dtype)


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_tensor(part) for part in value)
    return isinstance(value, _Tensor)


def _assembled(value: Any) -> Any:
    """Stack nested lists from the inside out."""
    if isinstance(value, list | tuple) and _holds_tensor(value):
        return _stack([_assembled(part) for part in value])
    return value


def __getattr__(name: str) -> Any:
    return getattr(_numpy, name)


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *globals()})
