"""Pictures of computation graphs: values, gradients, and the formulas between them."""

from viz import marking as marking
from viz.graph import Graph, graph

__all__ = ["Graph", "graph"]
