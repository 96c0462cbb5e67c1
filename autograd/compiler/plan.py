"""A recorded function, ready to run: what it is good for, and its arrays."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arguments import Arguments
from autograd.compiler.arrays import ArrayPlan
from autograd.compiler.node import Call, new_node
from autograd.compiler.scalars import ScalarPlan, is_scalar_graph
from autograd.compiler.state import State
from autograd.compiler.trace import Trace, View
from autograd.compiler.watching import NotCompilable
from autograd.tensor import Tensor

__all__ = ["Plan", "Workspace"]


class Workspace:
    """The arrays of a plan, for one thread.

    Attributes
    ----------
    number : int
        How many computations took place in it; a backward pass belongs to the last.
    """

    __slots__ = ("backward", "forward", "number")

    def __init__(
        self, forward: Callable[..., Any], backward: Callable[..., Any]
    ) -> None:
        self.forward = forward
        self.backward = backward
        self.number = 0


class Plan:
    """A recording of a function as a program.

    Parameters
    ----------
    function : callable
        What was recorded.
    arguments : Arguments
        What it was called with.
    found : Trace
        The recording.
    casts : dict of int to dtype
        Arguments that are converted first.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Arguments,
        found: Trace,
        casts: dict[int, Any],
    ) -> None:
        if found.result.op is None:
            raise NotCompilable("it returns a value that no recorded operation made")
        self.function = function
        self.state: State | None = None
        self.casts = casts
        placed = found.arguments
        used = [placed[x] for x in found.order if x in placed]
        used += [
            view.argument for view in found.views.values() if view.argument not in used
        ]
        self.arguments = sorted(set(used))
        self._integers = [
            k for k in self.arguments if _data(arguments.arrays[k]).dtype.kind == "i"
        ]
        self.captured = found.captured
        self._captured_ops = [(x, x._op) for x in found.captured]
        differentiable = [_requires_grad(arguments.arrays[k]) for k in self.arguments]
        self._wanted = [*differentiable, *[x.requires_grad for x in found.captured]]
        sources = [found.placeholders[k] for k in self.arguments] + found.captured
        position = {k: place for place, k in enumerate(self.arguments)}
        views = {
            key: View(position[v.argument], v.offset, v.shape, v.strides)
            for key, v in found.views.items()
        }
        self._program = self._best(found, sources, views)
        self.source = self._program.source
        self._inputs = self._input_places()
        self._node_inputs = [
            x
            for x in self._inputs
            if isinstance(x, Tensor) or isinstance(arguments.arrays[x], Tensor)
        ]
        self._threads = threading.local()

    def _best(
        self, found: Trace, sources: Sequence[Any], views: dict[Any, View]
    ) -> ScalarPlan | ArrayPlan:
        order = found.order
        if not views and is_scalar_graph(order):
            plan = ScalarPlan(order, sources, self._wanted)
            if plan.is_worthwhile:
                return plan
        return ArrayPlan(order, sources, self._wanted, views)

    def _input_places(self) -> list[int | Tensor]:
        """Return what the inputs of the node are, those with a gradient first."""
        every: list[int | Tensor] = [*self.arguments, *self.captured]
        wanted = [x for x, w in zip(every, self._wanted, strict=True) if w]
        rest = [x for x, w in zip(every, self._wanted, strict=True) if not w]
        return [*wanted, *rest]

    def fits(self) -> bool:
        """Return whether what the function sees beside its arguments is unchanged."""
        assert self.state is not None
        for x, op in self._captured_ops:
            if x._op is not op:
                return False
        return self.state.is_unchanged()

    def takes(self, arrays: Sequence[Any]) -> bool:
        """Return whether the values of the arguments are such as were recorded.

        Negative integers are not: where they index, they may be a mistake, which only
        the operations themselves report.
        """
        integers = [_data(arrays[k]) for k in self._integers]
        return not any([x.size and np.min(x) < 0 for x in integers])

    def values(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the values of the sources, given the arguments."""
        values = [_data(arrays[k]) for k in self.arguments] if self.arguments else []
        for k, dtype in self.casts.items() if self.casts else ():
            if k in self.arguments:
                place = self.arguments.index(k)
                values[place] = values[place].astype(dtype)
        values += [x._data for x in self.captured]
        return values

    def workspace(self) -> Workspace:
        """Return the arrays of this thread."""
        found: Workspace | None = getattr(self._threads, "workspace", None)
        if found is None:
            found = self._threads.workspace = Workspace(*self._program.bind())
        return found

    def run(self, arguments: Arguments) -> Tensor:
        """Compute the value, and return it as a node of the graph."""
        arrays = arguments.arrays
        workspace = self.workspace()
        values = self.values(arrays)
        workspace.number += 1
        value = workspace.forward(values)
        inputs: Sequence[Any] = self._node_inputs
        if self.arguments:
            inputs = [x if type(x) is Tensor else arrays[x] for x in inputs]
        call = Call(workspace, self.function, arguments, self._node_inputs)
        return new_node(value, inputs, call)


def _data(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else x


def _requires_grad(x: Any) -> bool:
    return isinstance(x, Tensor) and x.requires_grad
