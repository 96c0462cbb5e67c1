"""The arguments of a function as variables, for one differentiation.

Every transform gives its function *fresh leaves* in place of the arguments that it
differentiates with respect to.  That is what keeps nested transforms apart: each has
variables of its own, so none takes another's perturbation for its own.  Afterwards each
variable is linked to the tensor it stood for, and an outer derivative flows through it.

Reference: J. M. Siskind and B. A. Pearlmutter, "Perturbation Confusion and Referential
Transparency", 2005, describes the mistake that this avoids.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.callsite import user_level
from autograd.details import Cut
from autograd.engine import differentiate, leaves_behind
from autograd.errors import DTypeError, OutOfRangeError, ShapeError
from autograd.ops.arithmetic import positive
from autograd.recording import enable_grad
from autograd.tensor import Tensor, constant, describe

__all__ = [
    "Argnum",
    "Variables",
    "items",
    "make_copy",
    "plain",
    "rebuilt",
    "replaced",
    "requires_grad",
]

Argnum = int | Sequence[int]

# Marks the derivative of a linear function: that it is constant is no mistake.
_CONSTANT = Cut("a derivative that is constant", None)


def items(tree: Any) -> Iterator[Any]:
    """Yield the values in nested dicts, lists and tuples, in order; None is none."""
    if tree is None:
        return
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list | tuple):
        yield tree
        return
    for item in tree:
        yield from items(item)


def replaced(tree: Any, function: Callable[[Any], Any]) -> Any:
    """Return the nested structure with ``function`` applied to every value."""
    if isinstance(tree, dict):
        return {key: replaced(item, function) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        new = [replaced(item, function) for item in tree]
        return type(tree)(*new) if hasattr(tree, "_fields") else type(tree)(new)
    return None if tree is None else function(tree)


def rebuilt(tree: Any, values: Sequence[Any]) -> Any:
    """Return the nested structure with other values, given in order."""
    remaining = iter(values)
    return replaced(tree, lambda _: next(remaining))


def plain(tree: Any) -> Any:
    """Return arrays in place of tensors that depend on nothing differentiable."""

    def value(item: Any) -> Any:
        if isinstance(item, Tensor) and not leaves_behind(item):
            return np.array(item.data)[()] if not item.ndim else np.array(item.data)
        return item

    return replaced(tree, value)


def requires_grad(x: Any) -> bool:
    """Return whether something is a tensor that requires a gradient."""
    return isinstance(x, Tensor) and x.requires_grad


def make_copy(variable: Tensor, outer: Tensor) -> None:
    """Make a leaf a recorded copy of another tensor."""
    variable._op = positive.op  # type: ignore[attr-defined]
    variable._a = outer


class Variables:
    """The variables of one differentiation.

    Parameters
    ----------
    transform : str
        Its name, for messages.
    function : callable
        What is differentiated.
    args : sequence
        The arguments of the function.
    argnum : int or sequence of int
        The positions of those that become variables.

    Attributes
    ----------
    arguments : list
        The arguments, with variables in place of those at the positions.
    tensors : list of Tensor
        The variables.
    unused : bool
        Whether `pull_back` found that the value depends on none of them.
    """

    def __init__(
        self,
        transform: str,
        function: Callable[..., Any],
        args: Sequence[Any],
        argnum: Argnum,
    ) -> None:
        self.transform = transform
        self.function = function
        self.name = getattr(function, "__name__", "the function")
        self.unused = self.warned = False
        self.outer: list[Tensor] = []
        self.tensors: list[Tensor] = []
        self.arguments = list(args)
        positions = [argnum] if isinstance(argnum, int) else list(argnum)
        for position in positions:
            if not -len(args) <= position < len(args):
                raise OutOfRangeError(
                    f"{transform}: argnum is {position}, but {self.name} was called "
                    f"with {len(args)} positional arguments."
                )
            self.arguments[position] = replaced(args[position], self._new)
        found = [args[position] for position in positions]
        self.structure = found[0] if isinstance(argnum, int) else tuple(found)

    def _new(self, value: Any) -> Tensor:
        outer = value if isinstance(value, Tensor) else None
        if outer is None:
            variable = Tensor(value)
            outer = Tensor(variable.data, False, copy=False)
        else:
            differentiable = outer.dtype.kind == "f"
            variable = Tensor(outer.data, differentiable, copy=False, name=outer.name)
        if not variable.requires_grad:
            raise DTypeError(
                f"{self.transform}: cannot differentiate with respect to "
                f"{describe(variable)}; only floating-point values have a gradient. "
                f"Write .astype(float)."
            )
        self.outer.append(outer)
        self.tensors.append(variable)
        return variable

    @property
    def are_linked(self) -> bool:
        """Whether an outer derivative may flow through a variable."""
        return any(outer.requires_grad for outer in self.outer)

    def call(self, kwargs: dict[str, Any]) -> Any:
        """Call the function, recording it even inside `no_grad`."""
        with enable_grad():
            return self.function(*self.arguments, **kwargs)

    def close(self) -> None:
        """Make each variable a recorded copy of what it stood for.

        It is then a leaf no more: outer transforms neither see it as one, nor lose the
        tensor behind it.  `pull_back` works before and after.
        """
        for variable, outer in zip(self.tensors, self.outer, strict=True):
            make_copy(variable, outer)

    def pull_back(self, value: Any, cotangents: Any) -> list[Any]:
        """Return the cotangents of the variables, zeros for unused ones.

        They are tensors exactly if they may be differentiated again: if a variable
        stands for a tensor that requires a gradient, or the value depends on another.

        Parameters
        ----------
        value : Tensor, or dict, list or tuple of them
            What the function returned.
        cotangents
            One for each, in an equal structure.
        """
        root, seed = _joined(self.transform, value, cotangents)
        recorded = self.are_linked or any(map(requires_grad, items(cotangents)))
        found: list[Any] = [None] * len(self.tensors)
        if root is not None:
            found = differentiate(root, seed, self.tensors, recorded or None)
        if all(gradient is None for gradient in found):
            self.unused = True
            self._warn_unused(value)
        return [self._filled(k, gradient) for k, gradient in enumerate(found)]

    def _filled(self, k: int, gradient: Any) -> Any:
        """Return zeros for no gradient, and mark what an outer derivative will miss."""
        if gradient is None:
            gradient = np.zeros_like(self.tensors[k].data)[()]
            if self.are_linked:
                gradient = constant(gradient, gradient)
        if isinstance(gradient, Tensor) and not gradient.requires_grad:
            gradient._details = gradient._details.extended(cut=_CONSTANT)
        return gradient

    def directions(self, tangents: Any) -> list[Any]:
        """Return one tangent for each variable, checked."""
        found = list(items(tangents))
        if len(found) != len(self.tensors):
            raise ShapeError(
                f"{self.transform}: {len(self.tensors)} values are differentiated, but "
                f"{len(found)} tangents were given. There must be one for each."
            )
        return [
            _checked(f"{self.transform}: tangent", x, tangent)
            for x, tangent in zip(self.tensors, found, strict=True)
        ]

    def structured(self, gradients: Sequence[Any]) -> Any:
        """Return gradients in the structure of the arguments they belong to."""
        return rebuilt(self.structure, gradients)

    def _warn_unused(self, value: Any) -> None:
        is_constant = any(
            isinstance(x, Tensor) and x._details.cut is _CONSTANT for x in items(value)
        )
        if self.warned or is_constant or not self.tensors:
            return
        self.warned = True
        warnings.warn(
            f"{self.transform}: the result of {self.name} does not depend on what it "
            f"is differentiated with respect to; the derivative is zero. Was the graph "
            f"cut by float(), .item(), .data or .detach()?",
            UserWarning,
            stacklevel=user_level(),
        )


def _joined(transform: str, value: Any, cotangents: Any) -> tuple[Tensor | None, Any]:
    """Return one root and its seed for all the values that a function returned."""
    values, seeds = list(items(value)), list(items(cotangents))
    if len(values) != len(seeds):
        raise ShapeError(
            f"{transform}: the function returned {len(values)} values, but "
            f"{len(seeds)} cotangents were given. There must be one for each."
        )
    parts = [
        (x, _checked(f"{transform}: cotangent", x, seed))
        for x, seed in zip(values, seeds, strict=True)
        if requires_grad(x)
    ]
    if not parts:
        return None, None
    if len(parts) == 1:
        return parts[0]
    with enable_grad():
        total = sum((x * seed).sum() for x, seed in parts)
    return total, total.dtype.type(1)


def _checked(what: str, x: Tensor, seed: Any) -> Any:
    """Return a cotangent or tangent in the dtype of the value it belongs to."""
    if not isinstance(seed, Tensor):
        seed = np.asarray(seed)
    if seed.shape != x.shape:
        raise ShapeError(
            f"{what} for {describe(x)} has shape {seed.shape}. They must be equal."
        )
    if seed.dtype != x.dtype:
        seed = seed.astype(x.dtype)
    if isinstance(seed, Tensor):
        return seed if seed.requires_grad else seed.data
    return seed[()]
