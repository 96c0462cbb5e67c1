"""The step-through page: forward, then backward, one operation at a time."""

from viz.step.page import StepPage, step

__all__ = ["StepPage", "step"]
