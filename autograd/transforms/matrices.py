"""The matrices of all first and of all second derivatives: `jacobian` and `hessian`."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.tensor import Tensor
from autograd.transforms.variables import Argnum, Variables, replaced

__all__ = ["hessian", "jacobian"]


def jacobian(function: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return a function that computes all first derivatives.

    Parameters
    ----------
    function : callable
        Returns a tensor, or a dict, list or tuple of tensors.
    argnum : int or sequence of int, default 0
        As for `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``function``.  For a result of shape s and an argument of
        shape t it returns an array of shape ``s + t``.  Where the result is a
        structure, so is the Jacobian; where the argument is one, so is each part of it.

    Notes
    -----
    The function is run once.  Each element of its result takes one backward pass.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import jacobian
    >>> jacobian(lambda x: x * x[0])(np.array([1.0, 2.0]))
    array([[2., 0.],
           [2., 1.]])
    """

    @functools.wraps(function)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        variables = Variables("jacobian", function, args, argnum)
        value = variables.call(kwargs)
        variables.close()
        return replaced(value, lambda part: _of_part(variables, part))

    return matrix


def _of_part(variables: Variables, value: Any) -> Any:
    """Return the Jacobian of one tensor, in the structure of the arguments."""
    data = np.asarray(value.data if isinstance(value, Tensor) else value)
    rows = []
    for index in np.ndindex(data.shape):
        seed = np.zeros_like(data)
        seed[index] = 1
        rows.append(variables.pull_back(value, seed))
    if not rows:
        empty = [np.zeros((0, *x.shape), x.dtype) for x in variables.tensors]
        return variables.structured([_shaped(data, part) for part in empty])
    stacked = [np.stack(column) for column in zip(*rows, strict=True)]
    return variables.structured([_shaped(data, part) for part in stacked])


def _shaped(data: Any, rows: Any) -> Any:
    return np.reshape(rows, (*data.shape, *rows.shape[1:]))[()]


def hessian(function: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return a function that computes all second derivatives.

    Parameters
    ----------
    function : callable
        Returns one number.
    argnum : int or sequence of int, default 0
        As for `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``function``.  For an argument of shape t it returns an
        array of shape ``t + t``; for a structure, a structure of structures.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(jacobian(function, argnum), argnum)
