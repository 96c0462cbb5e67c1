"""Checking derivatives: against differences, and against gradients derived by hand."""

from autograd.check.compare import compare
from autograd.check.comparison import Comparison, Row
from autograd.check.gradcheck import gradcheck

__all__ = ["Comparison", "Row", "compare", "gradcheck"]
