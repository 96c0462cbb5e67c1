"""Pictures of computation graphs: values, gradients, and the formulas between them."""

from viz import marking as marking
from viz.derivations import Derivation, derivation
from viz.graph import Graph, graph
from viz.lint import Finding, Findings, lint
from viz.report import Report, compare_runs, report
from viz.step import StepPage, step
from viz.training import (
    Monitor,
    activation,
    attention,
    boundary,
    confusion,
    curves,
    embedding,
    filters,
    init_study,
    monitor,
    sweep,
    weights,
)

__all__ = [
    "Derivation",
    "Finding",
    "Findings",
    "Graph",
    "Monitor",
    "Report",
    "StepPage",
    "activation",
    "attention",
    "boundary",
    "compare_runs",
    "confusion",
    "curves",
    "derivation",
    "embedding",
    "filters",
    "graph",
    "init_study",
    "lint",
    "monitor",
    "report",
    "step",
    "sweep",
    "weights",
]
