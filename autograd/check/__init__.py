"""Checking derivatives: against differences, and against gradients derived by hand."""

from autograd.check.gradcheck import gradcheck

__all__ = ["gradcheck"]
