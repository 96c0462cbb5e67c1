"""The one node that a compiled call leaves in the graph."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arguments import Arguments
from autograd.engine import clock, differentiate
from autograd.errors import InPlaceError
from autograd.primitive import Fused, Primitive
from autograd.recording import current, enable_grad
from autograd.rewiring import rewire
from autograd.tensor import Tensor, record
from autograd.transforms.variables import make_copy

__all__ = ["Call", "new_node"]


class Call:
    """One call of a compiled function.

    Parameters
    ----------
    workspace : Workspace
        The arrays it is computed in.
    function : callable
        What was compiled.
    arguments : Arguments
        What it was called with.
    inputs : sequence of int or Tensor
        Of every input of the node: the argument, or the tensor from outside, that it
        is.  Those that get a gradient come first.
    """

    __slots__ = ("arguments", "function", "inputs", "number", "workspace")

    def __init__(
        self,
        workspace: Any,
        function: Callable[..., Any],
        arguments: Arguments,
        inputs: Sequence[int | Tensor],
    ) -> None:
        self.workspace = workspace
        self.number = workspace.number
        self.function = function
        self.arguments = arguments
        self.inputs = inputs

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", "function")

    def pull_back(self, g: Any) -> Sequence[Any]:
        """Run the backward pass of the plan."""
        if self.workspace.number != self.number:
            raise InPlaceError(
                f"backward: {self!r} is compiled and was called again, which "
                f"overwrote what this backward pass needs. No .grad was changed. Call "
                f"backward() before the next call, or call {self!r}.function, which is "
                f"not compiled."
            )
        return self.workspace.backward(g)  # type: ignore[no-any-return]

    def again(self, variables: Sequence[Tensor]) -> Tensor:
        """Record the function with other tensors in place of the inputs."""
        clock.now += 1
        start = clock.now
        arrays = list(self.arguments.arrays)
        replacements = {}
        for where, variable in zip(self.inputs, variables, strict=True):
            if isinstance(where, Tensor):
                replacements[where] = variable
            else:
                arrays[where] = variable
        args, kwargs = self.arguments.with_arrays(arrays)
        with enable_grad():
            result: Tensor = self.function(*args, **kwargs)
        rewire(result, replacements, since=start)
        return replacements.get(result, result)


def new_node(value: Any, inputs: Sequence[Tensor], call: Call) -> Tensor:
    """Return the result of a compiled call."""
    out = record(value, _COMPILED, inputs, {"call": call}, current())
    if out.requires_grad:
        out._details.saved = call
    return out


def _forward(inputs: Sequence[Any], call: Call) -> Any:
    return call.workspace.forward(inputs)


def _backward(
    g: Any, out: Any, saved: Call, needs: Any, *inputs: Any, call: Call
) -> list[Any]:
    found = call.pull_back(g)
    return [*found, *(None for _ in range(len(inputs) - len(found)))]


def _rule(i: int, g: Any, out: Any, *inputs: Any, call: Call) -> Any:
    """Differentiate the function itself, recorded anew: for derivatives of order 2."""
    variables = [_variable(x) for x in inputs]
    result = call.again(variables)
    product = differentiate(result, g, [variables[i]], record=True)[0]
    return np.zeros_like(inputs[i].data)[()] if product is None else product


def _variable(x: Tensor) -> Tensor:
    """Return a recorded copy of an input."""
    variable = Tensor(x.data, False, copy=False, name=x.name)
    if x.requires_grad:
        make_copy(variable, x)
    return variable


_COMPILED = Primitive(
    _forward,
    (_rule,),
    name="compiled",
    symbol="compiled",
    latex="",
    formulas=(),
    samples=(),
    elementwise=False,
    broadcasts=False,
    sequence=True,
    fused=Fused(_forward, _backward),
)
_COMPILED.own_products = Call.pull_back
