"""What a run was made with: configuration, seeds, versions."""

import json

from viz.report.markup import fold, lines_of, setting, table, text
from viz.report.records import Generator
from viz.report.run import Run

__all__ = ["configuration_section", "seeds_section", "versions_section"]

_LONGEST_STATE = 190  # characters


def configuration_section(run: Run) -> str:
    """Return all settings, and the model as a tree."""
    if run.setup is None:
        return _nothing()
    setup = run.setup
    rows = [[text(name), setting(x)] for name, x in setup.configuration.items()]
    parts = [table("Trainer and data", ["setting", "value"], rows)]
    if setup.settings:
        own = [[text(name), setting(x)] for name, x in setup.settings.items()]
        parts.append(table("Set by the program", ["setting", "value"], own))
    model = f"<pre>{lines_of(setup.architecture)}</pre>\n"
    return f'<div class="pair">\n{"".join(parts)}</div>\n<h3>Model</h3>\n{model}'


def seeds_section(run: Run) -> str:
    """Return the random generators at the start of training."""
    if run.setup is None:
        return _nothing()
    if not run.setup.generators:
        return "<p>The training drew no random numbers.</p>\n"
    rows = [
        [text(", ".join(g.used_by)), text(g.kind), text(g.seed or "unknown")]
        for g in run.setup.generators
    ]
    states = [
        [text(", ".join(g.used_by)), f"<code>{_state(g)}</code>"]
        for g in run.setup.generators
    ]
    return table(
        "Random generators at the start of training",
        ["used by", "generator", "seed"],
        rows,
    ) + fold("Their states", table("States", ["used by", "state"], states))


def _state(generator: Generator) -> str:
    state = json.dumps(generator.state)
    return text(state) if len(state) <= _LONGEST_STATE else "long: see run.json"


def versions_section(run: Run) -> str:
    """Return the versions of what computed the numbers."""
    if run.setup is None:
        return _nothing()
    rows = [[text(name), text(x)] for name, x in run.setup.versions.items()]
    return table("Versions", ["part", "version"], rows)


def _nothing() -> str:
    return "<p>The file run.json cannot be read.</p>\n"
