"""`lint`: silent mistakes that the recorded graph shows."""

from viz.lint.findings import Finding, Findings
from viz.lint.linter import CHECKS, lint

__all__ = ["CHECKS", "Finding", "Findings", "lint"]
