"""Checking derivatives: against differences, and against gradients derived by hand."""

from autograd.check.compare import compare
from autograd.check.comparison import Comparison, Row
from autograd.check.gradcheck import gradcheck
from autograd.check.marking import check_backward
from autograd.check.marks import MarkedStep, Marking, register_drawer
from autograd.check.mutants import Mutant, mutants

__all__ = [
    "Comparison",
    "MarkedStep",
    "Marking",
    "Mutant",
    "Row",
    "check_backward",
    "compare",
    "gradcheck",
    "mutants",
    "register_drawer",
]
