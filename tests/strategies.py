"""Hypothesis strategies that tests share: values and random expression graphs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import autograd as ag

__all__ = ["Program", "generic_values", "programs", "tie_values"]

SHAPES = [(), (1,), (3,), (2, 1), (2, 3)]  # all broadcast with each other

# Every function is smooth or has isolated kinks, is defined everywhere and keeps the
# size of what it is given, so that differences stay accurate.
UNARY: dict[str, Callable[..., Any]] = {
    "negative": lambda x: -x,
    "absolute": lambda x: abs(x),
    "sin": lambda x: np.sin(x),
    "tanh": lambda x: np.tanh(x),
    "arctan": lambda x: np.arctan(x),
    "exp": lambda x: np.exp(np.tanh(x)),
    "log": lambda x: np.log(1 + x * x),
    "sqrt": lambda x: np.sqrt(1 + x**2),
    "reciprocal": lambda x: 1 / (2 + np.cos(x)),
    "sigmoid": lambda x: ag.sigmoid(x),
    "softplus": lambda x: ag.softplus(x),
    "scaled": lambda x: 0.5 * x - 0.25,
}
PIECEWISE: dict[str, Callable[..., Any]] = {
    "relu": lambda x: ag.relu(x),
    "clip": lambda x: np.clip(x, -0.5, 1.0),
    "max": lambda x: np.max(x),
}
STRUCTURE: dict[str, Callable[..., Any]] = {
    "sum": lambda x: np.sum(x) / 4,
    "sum-last": lambda x: np.sum(x, axis=-1, keepdims=True) if x.ndim else x,
    "mean": lambda x: np.mean(x),
    "flip": lambda x: x[..., ::-1] if x.ndim else x,
    "repeat": lambda x: x[..., np.zeros(3, int)] if x.ndim else x,
}
BINARY: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / (1 + b * b),
    "power": lambda a, b: (1 + a * a) ** np.tanh(b),
    "product": lambda a, b: np.sum(_wide(a) @ _wide(b).T) / 4,
}
TIES: dict[str, Callable[..., Any]] = {
    "maximum": lambda a, b: np.maximum(a, b),
    "minimum": lambda a, b: np.minimum(a, b),
    "where": lambda a, b: np.where(np.array([True, False, True]), a, b),
}


def _wide(x):
    return np.broadcast_to(x, (2, 3))


class Program(NamedTuple):
    """A random function: inputs, then steps that each use earlier values.

    Attributes
    ----------
    inputs : tuple of ndarray
        The point.
    steps : tuple of (str, tuple of int)
        Each a function name and the positions of its operands.
    """

    inputs: tuple[Any, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def __call__(self, *inputs):
        values = list(inputs)
        for name, operands in self.steps:
            values.append(FUNCTIONS[name](*(values[k] for k in operands)))
        return values[-1]


FUNCTIONS = UNARY | PIECEWISE | STRUCTURE | BINARY | TIES

generic_values = st.floats(-2, 2).map(lambda x: round(x, 3) + 0.0137)
tie_values = st.sampled_from([-1.0, 0.0, 1.0, 2.0])


@st.composite
def programs(draw, values=generic_values, smooth=False, max_steps=7):
    """Draw a program; with ``smooth`` it has no kinks and no choice between values."""
    unary = [*UNARY, *STRUCTURE, *([] if smooth else PIECEWISE)]
    binary = [*BINARY, *([] if smooth else TIES)]
    inputs = []
    for shape in draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3)):
        size = int(np.prod(shape))
        cells = draw(st.lists(values, min_size=size, max_size=size))
        inputs.append(np.array(cells).reshape(shape)[()])
    steps = []
    for _ in range(draw(st.integers(1, max_steps))):
        operand = st.integers(0, len(inputs) + len(steps) - 1)
        if draw(st.booleans()):
            steps.append(
                (draw(st.sampled_from(binary)), (draw(operand), draw(operand)))
            )
        else:
            steps.append((draw(st.sampled_from(unary)), (draw(operand),)))
    return Program(tuple(inputs), tuple(steps))
