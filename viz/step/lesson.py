"""A lesson as data: what the page shows at each step."""

from dataclasses import dataclass

from viz.step.equation import Item

__all__ = ["Norm", "Step"]


@dataclass(frozen=True)
class Norm:
    """One line of the summary.

    Attributes
    ----------
    name, role : str
        Which value it is, and what it is for the reader.
    shape : tuple of int
        The shape of the value.
    gradient, value : float
        The Euclidean norms of its gradient and of itself.
    """

    name: str
    role: str
    shape: tuple[int, ...]
    gradient: float
    value: float


@dataclass(frozen=True)
class Step:
    """One step of the lesson.

    Attributes
    ----------
    phase : {"ready", "forward", "start", "backward", "summary"}
        Where in the lesson it is.
    title : str
        What happens.
    chain : str
        The chain rule in symbols, in the backward pass.
    formula : str
        What is computed, with the names of the values.
    shapes : str
        The same with shapes in place of names.
    equation : tuple of Matrix or str
        The formula with numbers.
    result : int
        Which item of the equation is the result of the operation; -1 if there is none.
    cells : {"matmul", "cells", "sum", ""}
        How a cell of the result is made, see `Equation`.
    notes : tuple of str
        What else there is to say.
    contribution : (int, int)
        Which of how many gradients that the target receives.
    operation, target : str
        The nodes of the drawing that compute and that receive something.
    sources : tuple of str
        The nodes that are read.
    arrows : tuple of int
        The links of the drawing that are followed.
    value_of, gradient_of : str
        The node whose value, or complete gradient, is known from this step on.
    norms : tuple of Norm
        The summary.
    """

    phase: str
    title: str
    chain: str = ""
    formula: str = ""
    shapes: str = ""
    equation: tuple[Item, ...] = ()
    result: int = -1
    cells: str = ""
    notes: tuple[str, ...] = ()
    contribution: tuple[int, int] = (1, 1)
    operation: str = ""
    target: str = ""
    sources: tuple[str, ...] = ()
    arrows: tuple[int, ...] = ()
    value_of: str = ""
    gradient_of: str = ""
    norms: tuple[Norm, ...] = ()
