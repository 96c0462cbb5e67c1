"""Gradients of scalar-valued and of elementwise functions."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import GradientError
from autograd.tensor import Tensor, describe
from autograd.transforms.variables import Argnum, Variables, plain, replaced

__all__ = ["elementwise_grad", "grad", "value_and_grad"]


def grad(function: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return a function that computes the gradient of a scalar-valued function.

    Parameters
    ----------
    function : callable
        Returns one number (a tensor with one element).
    argnum : int or sequence of int, default 0
        The positions of the arguments to differentiate with respect to.  An argument
        may be a number, an array, a tensor, or a dict, list or tuple of them.

    Returns
    -------
    callable
        Takes the arguments of ``function`` and returns the gradient, in the structure
        of the argument (a tuple of gradients if ``argnum`` is a sequence).  It returns
        arrays, unless a tensor outside that requires a gradient has a part in it.

    Raises
    ------
    GradientError
        If the result has more than one element.
    DTypeError
        If an argument is an integer or boolean array.
    OutOfRangeError
        If there is no argument at a position.

    Warns
    -----
    UserWarning
        If the result does not depend on the arguments: the gradient is zero.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import grad
    >>> grad(np.tanh)(0.5).round(6)
    np.float64(0.786448)
    >>> grad(grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    """
    with_value = value_and_grad(function, argnum)

    @functools.wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return with_value(*args, **kwargs)[1]

    return gradient


def value_and_grad(
    function: Callable[..., Any], argnum: Argnum = 0
) -> Callable[..., Any]:
    """Return a function that computes the value and the gradient of a function.

    Parameters, errors and warnings are those of `grad`.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda p: p["w"] * p["x"])({"w": 3.0, "x": 2.0})
    (np.float64(6.0), {'w': np.float64(2.0), 'x': np.float64(3.0)})
    """

    @functools.wraps(function)
    def with_gradient(*args: Any, **kwargs: Any) -> Any:
        variables = Variables("grad", function, args, argnum)
        value = variables.call(kwargs)
        if np.size(value) != 1:
            what = describe(value) if isinstance(value, Tensor) else repr(value)
            raise GradientError(
                f"grad: {variables.name} must return one number, got {what}. Reduce it "
                f"with .sum() or .mean(), or use jacobian or elementwise_grad."
            )
        seed = np.ones_like(value.data)[()] if isinstance(value, Tensor) else 1.0
        gradients = variables.pull_back(value, seed)
        variables.close()
        recorded = any(isinstance(gradient, Tensor) for gradient in gradients)
        if variables.unused:
            value = plain(value)
        elif isinstance(value, Tensor) and not recorded:
            value = value.data
        return value, variables.structured(gradients)

    return with_gradient


def elementwise_grad(
    function: Callable[..., Any], argnum: Argnum = 0
) -> Callable[..., Any]:
    """Return a function that computes the derivative of an elementwise function.

    Parameters
    ----------
    function : callable
        Each element of its result depends on the matching elements of the arguments
        only.  (Of any other function this gives the gradient of the sum of the result.)
    argnum : int or sequence of int, default 0
        As for `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``function`` and returns the derivative at each element.

    Notes
    -----
    Where the result depends elementwise on x, its Jacobian is diagonal, and its product
    with a cotangent of ones is the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import elementwise_grad
    >>> elementwise_grad(np.sin)(np.array([0.0, np.pi])).round(6)
    array([ 1., -1.])
    """

    @functools.wraps(function)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        variables = Variables("elementwise_grad", function, args, argnum)
        value = variables.call(kwargs)
        gradients = variables.pull_back(value, replaced(value, _ones))
        variables.close()
        return variables.structured(gradients)

    return derivative


def _ones(value: Any) -> Any:
    return np.ones_like(value.data if isinstance(value, Tensor) else value)
