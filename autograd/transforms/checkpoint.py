"""`checkpoint`: compute a part of the graph anew when it is needed, to save memory."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine import clock, differentiate
from autograd.errors import GradientError
from autograd.ops.shape import astype
from autograd.primitive import Fused, Primitive
from autograd.recording import current, enable_grad
from autograd.rewiring import rewire
from autograd.tensor import Tensor, record
from autograd.transforms.variables import (
    items,
    make_copy,
    rebuilt,
    replaced,
    requires_grad,
)

__all__ = ["checkpoint"]


def checkpoint(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function forget what is inside it, and compute it anew when it is needed.

    Between the forward and the backward pass only its arguments and its result are
    kept; the backward pass runs it a second time.

    Parameters
    ----------
    function : callable
        Returns a tensor, or a dict, list or tuple of tensors.  It may use tensors from
        outside, such as parameters, beside its arguments.  It must do the same each
        time it is called: draw random numbers outside and pass them in.

    Returns
    -------
    callable
        Takes the same arguments, returns the same values, with the same gradients.

    Raises
    ------
    GradientError
        In the backward pass, if the function then gives another value.

    References
    ----------
    A. Griewank and A. Walther, "Algorithm 799: revolve", ACM Transactions on
    Mathematical Software 26, 2000.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, checkpoint
    >>> W = Tensor([2.0, 3.0])
    >>> layer = checkpoint(lambda x: np.tanh(W * x))
    >>> y = layer(Tensor([0.0, 0.0]))
    >>> y
    Tensor([0., 0.], op=checkpoint)
    >>> y.inputs
    (Tensor([0., 0.]), Tensor([2., 3.]))
    """

    @functools.wraps(function)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if not current().enabled:
            return function(*args, **kwargs)
        segment = _Segment(function, (args, kwargs))
        return segment.run()

    return checkpointed


class _Segment:
    """One call of a checkpointed function."""

    def __init__(self, function: Callable[..., Any], arguments: Any) -> None:
        self.function = function
        self.name = getattr(function, "__name__", "function")
        self.arguments = replaced(arguments, lambda x: x)
        self.inputs = [x for x in items(arguments) if requires_grad(x)]
        self.captured: list[Tensor] = []  # tensors from outside that the function uses

    def __repr__(self) -> str:
        return self.name

    def run(self) -> Any:
        """Compute the value, keep it, and forget how it was computed."""
        clock.now += 1  # what is made from now on is inside
        start = clock.now
        variables, value = self.compute(self.inputs)
        parts = [x for x in items(value) if requires_grad(x)]
        if not parts:
            return value
        self.captured = list(_used_from_outside(parts, variables, start))
        out = record(
            _packed(parts).data,
            _CHECKPOINT,
            [*self.inputs, *self.captured],
            {"segment": self},
            current(),
        )
        out._details.saved = self
        return _unpacked(out, value, parts)

    def compute(self, inputs: Sequence[Any]) -> tuple[list[Tensor], Any]:
        """Call the function on variables that stand for these inputs."""
        variables = [_variable(x) for x in inputs]
        remaining = iter(variables)

        def argument(x: Any) -> Any:
            return next(remaining) if requires_grad(x) else x

        args, kwargs = replaced(self.arguments, argument)
        with enable_grad():
            return variables, self.function(*args, **kwargs)

    def again(self, inputs: Sequence[Any]) -> tuple[list[Tensor], Tensor]:
        """Compute once more; return variables for all inputs, and the result."""
        clock.now += 1
        start = clock.now
        n = len(self.inputs)
        # The function uses the captured tensors themselves, whose own history is no
        # business of this part of the graph: variables take their place.
        stand_ins = [_variable(x) for x in inputs[n:]]
        variables, value = self.compute(inputs[:n])
        result = _packed([x for x in items(value) if requires_grad(x)])
        replacements = dict(zip(self.captured, stand_ins, strict=True))
        rewire(result, replacements, since=start)
        return [*variables, *stand_ins], replacements.get(result, result)

    def check(self, before: Any, again: Any) -> None:
        """Raise if the function gave another value."""
        if not np.array_equal(before, again, equal_nan=True):
            raise GradientError(
                f"checkpoint: {self.name} gave another value when it was computed "
                f"again in the backward pass. Draw random numbers outside of it and "
                f"pass them in, and change nothing that it uses before backward()."
            )


def _variable(x: Any) -> Tensor:
    """Return a copy of an input: recorded for a tensor, a leaf for an array."""
    if not isinstance(x, Tensor):
        return Tensor(x, copy=False)
    variable = Tensor(x.data, copy=False, name=x.name)
    make_copy(variable, x)
    return variable


def _used_from_outside(
    parts: Sequence[Tensor], variables: Sequence[Tensor], start: int
) -> Iterator[Tensor]:
    """Yield the tensors from before ``start`` that the parts depend on."""
    stack, seen = list(reversed(parts)), set(variables)
    while stack:
        node = stack.pop()
        if node in seen or not node.requires_grad:
            continue
        seen.add(node)
        if node._version < start:
            yield node
        else:
            stack.extend(reversed(node.inputs))


def _packed(parts: Sequence[Tensor]) -> Tensor:
    """Return one tensor for all parts, so that the function is run again only once."""
    if len(parts) == 1:
        return parts[0]
    with enable_grad():
        flat: list[Any] = [part.ravel() for part in parts]
        packed: Any = np.concatenate(flat)
    assert isinstance(packed, Tensor)
    return packed


def _unpacked(out: Tensor, value: Any, parts: Sequence[Tensor]) -> Any:
    """Return the value with each part read from the packed tensor."""
    if len(parts) == 1:
        found = [out]
    else:
        ends = np.cumsum([0, *[part.size for part in parts]])
        found = [
            astype(out[a:b].reshape(part.shape), part.dtype)
            for a, b, part in zip(ends[:-1], ends[1:], parts, strict=True)
        ]
    remaining = iter(found)
    return rebuilt(
        value, [next(remaining) if requires_grad(x) else x for x in items(value)]
    )


def _forward(inputs: Sequence[Any], segment: _Segment) -> Any:
    return segment.again(inputs)[1].data


def _forward_keeping(*inputs: Any, segment: _Segment) -> tuple[Any, _Segment]:
    return _forward(inputs, segment), segment


def _rule(i: int, g: Any, out: Any, *inputs: Any, segment: _Segment) -> Any:
    """Differentiate the function, computed again, with respect to one input."""
    variables, result = segment.again(inputs)
    segment.check(out.data, result.data)
    product = differentiate(result, g, [variables[i]], record=True)[0]
    return np.zeros_like(inputs[i].data) if product is None else product


def _backward(
    g: Any, out: Any, saved: _Segment, needs: Any, *inputs: Any, segment: _Segment
) -> list[Any]:
    """Differentiate the function, computed again, with respect to all its inputs."""
    variables, result = segment.again(inputs)
    segment.check(out, result.data)
    found = differentiate(result, g, variables, record=False)
    return [
        np.zeros_like(x)[()] if product is None else product
        for x, product in zip(inputs, found, strict=True)
    ]


_CHECKPOINT = Primitive(
    _forward,
    (_rule,),
    name="checkpoint",
    symbol="checkpoint",
    latex="",
    formulas=(),
    samples=(),
    elementwise=False,
    broadcasts=False,
    sequence=True,
    fused=Fused(_forward_keeping, _backward),
)
