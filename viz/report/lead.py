"""What a reader wants to know of a run before all else."""

import numpy as np

from viz.report.markup import text, value
from viz.report.run import Run
from viz.training.record import Columns, best_epoch, metrics_of

__all__ = ["facts_of", "lead_of", "status_words"]

_STATUS = {
    "running": "running, or ended without a word",
    "done": "done",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "failed": "failed",
}


def lead_of(run: Run) -> str:
    """Return how the run ended, and its most important numbers."""
    status = "unknown" if run.setup is None else run.setup.status
    facts = "".join(
        f"<div><dt>{text(name)}</dt><dd>{fact}</dd></div>\n"
        for name, fact in facts_of(run)
    )
    return (
        f'<p><b class="status {status}">{status_words(run)}</b> {_reason(run)}</p>\n'
        f'<dl class="facts">\n{facts}</dl>\n'
    )


def status_words(run: Run) -> str:
    """Return how the run ended, in a word or two."""
    return "unknown" if run.setup is None else _STATUS[run.setup.status]


def _reason(run: Run) -> str:
    return "" if run.setup is None else text(run.setup.reason)


def facts_of(run: Run) -> list[tuple[str, str]]:
    """Return name and markup of each of the most important numbers."""
    history = run.history or {}
    found = [("epochs", _epochs(run, history))]
    best = best_epoch(history) if history else None
    if best is not None:
        name = "val_loss" if "val_loss" in history else "loss"
        words = "lowest validation loss" if name == "val_loss" else "lowest loss"
        found.append((words, f"{value(history[name][best])} in epoch {best + 1}"))
        found += [
            (f"validation {metric.replace('_', ' ')} in epoch {best + 1}", shown)
            for metric in metrics_of(history)
            if f"val_{metric}" in history
            for shown in [value(history[f"val_{metric}"][best], metric)]
        ]
    if "seconds" in history:
        with np.errstate(all="ignore"):
            seconds = float(np.nansum(history["seconds"]))
        found.append(("seconds of training", value(seconds)))
    if run.setup is not None:
        count = run.setup.configuration.get("parameters")
        if isinstance(count, int):
            found.append(("parameters", f"{count:,}"))
    return found


def _epochs(run: Run, history: Columns) -> str:
    count = len(history["loss"]) if history else 0
    planned = 0 if run.setup is None else run.setup.epochs
    return f"{count}" if planned <= count else f"{count} of {planned}"
