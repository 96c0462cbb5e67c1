"""Pictures of computation graphs: values, gradients, and the formulas between them."""

from viz import marking as marking
from viz.derivations import Derivation, derivation
from viz.graph import Graph, graph
from viz.lint import Finding, Findings, lint
from viz.step import StepPage, step

__all__ = [
    "Derivation",
    "Finding",
    "Findings",
    "Graph",
    "StepPage",
    "derivation",
    "graph",
    "lint",
    "step",
]
