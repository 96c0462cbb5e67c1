"""Products with the Jacobian, which itself is never formed: `vjp`, `jvp` and `hvp`."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine import differentiate
from autograd.recording import enable_grad
from autograd.tensor import Tensor
from autograd.transforms.gradient import grad
from autograd.transforms.variables import (
    Argnum,
    Variables,
    items,
    make_copy,
    plain,
    replaced,
    requires_grad,
)

__all__ = ["hvp", "jvp", "make_jvp", "make_vjp", "vjp"]


def vjp(function: Callable[..., Any], *args: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the value of a function, and what pulls a cotangent back to its arguments.

    Parameters
    ----------
    function : callable
        Returns a tensor, or a dict, list or tuple of tensors.
    *args
        Its arguments, each a number, an array, a tensor, or a structure of them.

    Returns
    -------
    value
        What the function returns.
    pullback : callable
        Takes a cotangent of the shape (and structure) of the value; returns its product
        with the Jacobian, v^T J, for the argument, or a tuple of them for several.

    Raises
    ------
    ShapeError
        By the pullback, if the cotangent has another shape than the value.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import vjp
    >>> value, pullback = vjp(lambda x: x**2, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    array([ 2., 40.])
    """
    argnum = 0 if len(args) == 1 else range(len(args))
    return _pull_back("vjp", function, args, argnum, {})


def make_vjp(function: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return a function that computes ``(pullback, value)``, in this order.

    Parameters
    ----------
    function : callable
        Returns a tensor, or a dict, list or tuple of tensors.
    argnum : int or sequence of int, default 0
        As for `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_vjp
    >>> pullback, value = make_vjp(np.sin)(0.0)
    >>> pullback(3.0), value
    (np.float64(3.0), np.float64(0.0))
    """

    @functools.wraps(function)
    def at(*args: Any, **kwargs: Any) -> tuple[Callable[..., Any], Any]:
        return _pull_back("make_vjp", function, args, argnum, kwargs)[::-1]

    return at


def _pull_back(
    name: str, function: Callable[..., Any], args: Any, argnum: Argnum, kwargs: Any
) -> tuple[Any, Callable[..., Any]]:
    variables = Variables(name, function, args, argnum)
    value = variables.call(kwargs)
    variables.close()

    def pullback(cotangent: Any) -> Any:
        return variables.structured(variables.pull_back(value, cotangent))

    return plain(value), pullback


def jvp(
    function: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]:
    """Return the value of a function and its derivative in a direction, J v.

    Parameters
    ----------
    function : callable
        Returns a tensor, or a dict, list or tuple of tensors.
    args : sequence
        Its arguments.
    tangents : sequence
        The direction: for each argument one of its shape and structure.

    Returns
    -------
    value
        What the function returns.
    tangent
        J v, of the shape and structure of the value.

    Raises
    ------
    ShapeError
        If a tangent has another shape than its argument.

    Notes
    -----
    It is computed by differentiating twice in reverse.  The vector-Jacobian product
    ``u -> u^T J`` is linear in u, so the derivative of ``(u^T J) v`` with respect to u
    is J v: exact, at any u.

    References
    ----------
    J. Townsend, "A new trick for calculating Jacobian vector products", 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import jvp
    >>> jvp(np.sin, [0.0], [2.0])
    (np.float64(0.0), np.float64(2.0))
    """
    pushforward = _push_forward("jvp", function, args, range(len(args)), {})
    value, tangent = pushforward(tuple(tangents))
    return value, tangent


def make_jvp(function: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return a function that computes ``tangent -> (value, J tangent)``.

    Parameters
    ----------
    function : callable
        Returns a tensor, or a dict, list or tuple of tensors.
    argnum : int or sequence of int, default 0
        As for `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_jvp
    >>> make_jvp(np.sin)(0.0)(2.0)
    (np.float64(0.0), np.float64(2.0))
    """

    @functools.wraps(function)
    def at(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        return _push_forward("make_jvp", function, args, argnum, kwargs)

    return at


def _push_forward(
    name: str, function: Callable[..., Any], args: Any, argnum: Argnum, kwargs: Any
) -> Callable[..., Any]:
    variables = Variables(name, function, args, argnum)
    value = variables.call(kwargs)
    variables.close()
    parts = [x for x in items(value) if requires_grad(x)]
    u = [_zero_variable(x) for x in parts]
    products = variables.pull_back(parts, u)  # u^T J, recorded

    def pushforward(tangent: Any) -> Any:
        total = _inner(products, variables.directions(tangent))
        found: list[Any] = [None] * len(u)
        if isinstance(total, Tensor):
            found = differentiate(total, total.dtype.type(1), u)
        pushed = iter(found)

        def tangent_of(x: Any) -> Any:
            d = next(pushed) if requires_grad(x) else None
            return np.zeros_like(getattr(x, "data", x))[()] if d is None else d

        return plain(value), plain(replaced(value, tangent_of))

    return pushforward


def _zero_variable(x: Tensor) -> Tensor:
    """Return something of the shape of ``x`` to differentiate with respect to."""
    zeros = np.zeros_like(x.data)
    variable = Tensor(zeros)
    make_copy(variable, Tensor(zeros, False))
    return variable


def _inner(products: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Return the sum of the inner products of those that depend on something."""
    with enable_grad():
        return sum(
            (x * tangent).sum()
            for x, tangent in zip(products, tangents, strict=True)
            if requires_grad(x)
        )


def hvp(function: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return a function that computes Hessian-vector products.

    Parameters
    ----------
    function : callable
        Returns one number.
    argnum : int or sequence of int, default 0
        As for `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``function`` and, last, a vector of the shape and
        structure of what is differentiated; returns H v, of that shape and structure.

    Notes
    -----
    H v is the gradient of ``grad(f)(x) . v``, because H is symmetric.  It costs a few
    evaluations of the gradient, however many elements x has.

    References
    ----------
    B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6,
    1994.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import hvp
    >>> hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([  6., 120.])
    """
    gradient = grad(function, argnum)

    @functools.wraps(function)
    def product(*args: Any, **kwargs: Any) -> Any:
        *args, vector = args  # type: ignore[assignment]
        return _pull_back("hvp", gradient, args, argnum, kwargs)[1](vector)

    return product
