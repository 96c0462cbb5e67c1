"""Functions that differentiate functions: `grad` and `value_and_grad`.

They take a function of arrays and return a function of arrays.  They nest to any order:
``grad(grad(f))`` is the second derivative, because the rules record when they are given
tensors.
"""

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine import differentiate
from autograd.errors import DTypeError, GradientError
from autograd.ops.arithmetic import positive
from autograd.recording import enable_grad
from autograd.tensor import Tensor, describe

__all__ = ["grad", "value_and_grad"]


def grad(function: Callable[..., Any], argnum: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return a function that computes the gradient of a scalar-valued function.

    Parameters
    ----------
    function : callable
        Returns one number (a tensor with one element).
    argnum : int or sequence of int, default 0
        The positions of the arguments to differentiate with respect to.  An argument may
        be a number, an array, a tensor, or a dict, list or tuple of them.

    Returns
    -------
    callable
        Takes the arguments of ``function`` and returns the gradient, in the structure of
        the argument (a tuple of gradients if ``argnum`` is a sequence).

    Raises
    ------
    GradientError
        If the result has more than one element.
    DTypeError
        If an argument is an integer or boolean array.

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
    function: Callable[..., Any], argnum: int | Sequence[int] = 0
) -> Callable[..., Any]:
    """Return a function that computes the value and the gradient of a function.

    Parameters are those of `grad`.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda p: p["w"] * p["x"])({"w": 3.0, "x": 2.0})
    (np.float64(6.0), {'w': np.float64(2.0), 'x': np.float64(3.0)})
    """
    positions = (argnum,) if isinstance(argnum, int) else tuple(argnum)

    @functools.wraps(function)
    def with_gradient(*args: Any, **kwargs: Any) -> Any:
        variables: list[_Variable] = []
        arguments = list(args)
        for position in positions:
            arguments[position] = _replace(args[position], variables)
        with enable_grad():
            value = function(*arguments, **kwargs)
        gradients = _gradients(function, value, variables)
        if isinstance(value, Tensor) and not any(isinstance(g, Tensor) for g in gradients):
            value = value.data
        leaves = iter(gradients)
        found = tuple(_rebuild(args[position], leaves) for position in positions)
        return value, found[0] if isinstance(argnum, int) else found

    return with_gradient


class _Variable:
    """An argument as a fresh leaf, to be linked to the outer tensor it stands for.

    A sweep with respect to the leaf must not walk on into the graph behind the outer
    tensor; so the link is made after the sweep.  From then on an outer derivative flows
    through it, which is what makes nested `grad` calls right.
    """

    __slots__ = ("outer", "tensor")

    def __init__(self, value: Any) -> None:
        self.outer = value if isinstance(value, Tensor) else None
        if self.outer is not None:
            self.tensor = Tensor(self.outer.data, copy=False, name=self.outer.name)
        else:
            self.tensor = Tensor(value)
        if not self.tensor.requires_grad:
            raise DTypeError(
                f"grad: cannot differentiate with respect to {describe(self.tensor)}; "
                f"only floating-point values have a gradient. Write .astype(float)."
            )

    @property
    def is_linked(self) -> bool:
        """Whether an outer derivative may flow through this variable."""
        return self.outer is not None and self.outer.requires_grad

    def zeros(self) -> Any:
        """Return the gradient of something that does not depend on this variable."""
        zeros = np.zeros_like(self.tensor.data)[()]
        return zeros if self.outer is None else Tensor(zeros, requires_grad=False)

    def link(self) -> None:
        """Make the leaf a recorded copy of the outer tensor, if that needs a gradient."""
        if self.is_linked:
            self.tensor._op = positive.op  # type: ignore[attr-defined]
            self.tensor._a = self.outer


def _replace(tree: Any, variables: list[_Variable]) -> Any:
    """Replace the values in nested dicts, lists and tuples by leaves."""
    if isinstance(tree, dict):
        return {key: _replace(item, variables) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)([_replace(item, variables) for item in tree])
    variables.append(_Variable(tree))
    return variables[-1].tensor


def _rebuild(tree: Any, leaves: Any) -> Any:
    """Build the structure of ``tree`` anew from a sequence of leaves."""
    if isinstance(tree, dict):
        return {key: _rebuild(item, leaves) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)([_rebuild(item, leaves) for item in tree])
    return next(leaves)


def _gradients(function: Any, value: Any, variables: Sequence[_Variable]) -> list[Any]:
    """Differentiate what a function returned, then link the variables to the outside.

    The gradients are tensors if they may be differentiated again: if a variable stands
    for an outer tensor that requires a gradient, or the value depends on another one.
    """
    name = getattr(function, "__name__", "the function")
    wanted = [variable.tensor for variable in variables]
    record = True if any(variable.is_linked for variable in variables) else None
    found: list[Any] = [None] * len(wanted)
    if isinstance(value, Tensor) and value.requires_grad:
        if value.size != 1:
            raise GradientError(
                f"grad: {name} must return one number, got {describe(value)}. Reduce it "
                f"with .sum() or .mean()."
            )
        found = differentiate(value, np.ones_like(value.data)[()], wanted, record)
    for variable in variables:
        variable.link()
    if all(gradient is None for gradient in found):
        warnings.warn(
            f"grad: the result of {name} does not depend on what it is differentiated "
            f"with respect to; the gradient is zero. Was the graph cut by float(), "
            f".item(), .data or .detach()?",
            UserWarning,
            stacklevel=4,
        )
    return [
        variable.zeros() if gradient is None else gradient
        for gradient, variable in zip(found, variables, strict=True)
    ]
