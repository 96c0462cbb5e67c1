"""The steps of a lesson: ready, forward, start, backward, summary."""

import math
from typing import Any

import numpy as np

from viz.model import Role, Vertex
from viz.step.backward import backward_steps, start_step
from viz.step.context import Context
from viz.step.forward import forward_steps
from viz.step.lesson import Norm, Step

__all__ = ["write_steps"]


def write_steps(context: Context) -> list[Step]:
    """Return all steps of a lesson."""
    forward = list(forward_steps(context))
    backward = list(backward_steps(context))
    return [
        _ready(context, len(forward), len(backward)),
        *forward,
        start_step(context),
        *backward,
        _summary(context),
    ]


def _ready(context: Context, forward: int, backward: int) -> Step:
    return Step(
        phase="ready",
        title="Inputs and parameters are known",
        notes=(
            f"Forward: {_counted(forward, 'operation')} up to {context.loss}. "
            f"Backward: {_counted(backward, 'vector-Jacobian product')}, in the order "
            f"in which the engine computes them. Values and gradients appear when they "
            f"are computed.",
        ),
    )


def _summary(context: Context) -> Step:
    """Return the norms: of parameters, then of named results from the last back."""
    rows = [v for v in context.vertices if v.role is Role.PARAMETER]
    rows += [
        v for v in reversed(context.vertices)
        if v.role is Role.INTERMEDIATE and v.name is not None
    ]  # fmt: skip
    norms = (_norm_of(context, vertex) for vertex in rows)
    return Step(
        phase="summary",
        title=f"Every parameter knows how {context.loss} changes with it",
        formula=f"W ← W − learning rate × ∂{context.loss}/∂W",
        notes=(
            "The norm of a gradient is the root of the sum of its squares. A step "
            "against the gradient makes the result smaller.",
        ),
        norms=tuple(row for row in norms if row is not None),
    )


def _norm_of(context: Context, vertex: Vertex) -> Norm | None:
    cotangent = context.trace.cotangents.get(vertex.tensor)
    if cotangent is None:
        return None
    return Norm(
        name=context.called(vertex),
        role=vertex.role.value,
        shape=vertex.tensor.shape,
        gradient=_norm(cotangent),
        value=_norm(vertex.tensor.data),
    )


def _norm(array: Any) -> float:
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(np.asarray(array, dtype=np.float64)))
    return norm if math.isfinite(norm) else math.nan


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
