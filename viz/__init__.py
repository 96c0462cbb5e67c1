"""Pictures of computation graphs: values, gradients, and the formulas between them."""

from viz import marking as marking
from viz.derivations import Derivation, derivation
from viz.graph import Graph, graph
from viz.step import StepPage, step

__all__ = ["Derivation", "Graph", "StepPage", "derivation", "graph", "step"]
