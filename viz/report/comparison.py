"""`compare_runs`: several training runs on one page."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from viz.names import clean
from viz.report.curves import ends, title_of
from viz.report.drawing import chart, is_wide
from viz.report.lead import facts_of, status_words
from viz.report.markup import figure, fold, lines_of, setting, table, text
from viz.report.page import Report, Section
from viz.report.records import Plain
from viz.report.run import Run, read_run
from viz.training.chart import Line
from viz.training.record import best_epoch, metrics_of

__all__ = ["compare_runs"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST = 16  # characters of a label beside a line
_MISSING = "not there"


def compare_runs(*folders: str | os.PathLike[str]) -> Report:
    r"""Make a page that shows several training runs side by side.

    Parameters
    ----------
    *folders : str or path
        The folders of ``nn.RunFolder``, two to 26 of them.

    Returns
    -------
    Report
        The curves of all runs together, their results, and a table of their
        configurations in which the settings that differ come first and are called so.

    Raises
    ------
    FileNotFoundError
        If a folder does not exist.
    ValueError
        If there are fewer than two or more than 26, or one is no run folder.

    Examples
    --------
    >>> import tempfile
    >>> folders = [Path(tempfile.mkdtemp()) for _ in range(2)]
    >>> for k, folder in enumerate(folders):
    ...     _ = (folder / "history.csv").write_text(f"epoch,loss\n1,0.{k + 1}\n")
    >>> compare_runs(*folders).title
    'Comparison of 2 training runs'
    """
    if not 2 <= len(folders) <= len(_LETTERS):
        raise ValueError(
            f"compare_runs: 2 to {len(_LETTERS)} folders can be compared, got "
            f"{len(folders)}. For one use viz.report(folder)."
        )
    runs = [read_run(Path(folder)) for folder in folders]
    names = [
        f"{letter} {run.name}" for letter, run in zip(_LETTERS, runs, strict=False)
    ]
    problems = [
        f"{name}: {problem}"
        for name, run in zip(names, runs, strict=True)
        for problem in run.problems
    ]
    sections = [
        Section("results", "Results", _results(names, runs)),
        Section("curves", "Learning curves", _curves(names, runs)),
        Section("configuration", "Configuration", _configurations(names, runs)),
    ]
    title = f"Comparison of {len(runs)} training runs"
    lead = f"<p>{text(_verdict(names, runs))}</p>\n"
    return Report(title, lead, problems, sections)


def _lowest(run: Run) -> float | None:
    """Return the lowest validation loss, if there is any."""
    if not run.history or "val_loss" not in run.history:
        return None
    best = best_epoch(run.history)
    return None if best is None else float(run.history["val_loss"][best])


def _best(runs: Sequence[Run]) -> int | None:
    """Return which run has the lowest validation loss."""
    lowest = [_lowest(run) for run in runs]
    known = [(loss, k) for k, loss in enumerate(lowest) if loss is not None]
    return min(known)[1] if known else None


def _verdict(names: Sequence[str], runs: Sequence[Run]) -> str:
    best = _best(runs)
    if best is None:
        return "No run has a validation loss to compare."
    if any(_lowest(run) is None for run in runs):
        return f"Of the runs with validation, {names[best]} has the lowest loss."
    return f"The lowest validation loss is that of {names[best]}."


def _results(names: Sequence[str], runs: Sequence[Run]) -> str:
    best = _best(runs)
    found = [dict(_without_epoch(run)) for run in runs]
    head = list(dict.fromkeys(name for facts in found for name in facts))
    rows = [
        [
            text(name) + (" <b>(best)</b>" if k == best else ""),
            text(status_words(run)),
            *(facts.get(column, "—") for column in head),
        ]
        for k, (name, run, facts) in enumerate(zip(names, runs, found, strict=True))
    ]
    return table(
        "Results at the epoch of the lowest loss", ["run", "status", *head], rows
    )


def _without_epoch(run: Run) -> list[tuple[str, str]]:
    """Return the facts of a run under names that all runs share."""
    return [(name.partition(" in epoch")[0], fact) for name, fact in facts_of(run)]


def _curves(names: Sequence[str], runs: Sequence[Run]) -> str:
    columns: dict[str, None] = {}
    for run in runs:
        if run.history:
            pairs = ["loss", *metrics_of(run.history)]
            keys = [key for name in pairs for key in (name, f"val_{name}")]
            columns |= dict.fromkeys(key for key in keys if key in run.history)
            columns |= dict.fromkeys(key for key in ("lr",) if key in run.history)
    charts = [_chart(name, names, runs) for name in sorted(columns, key=_order)]
    return f'<div class="charts">\n{"".join(charts)}</div>\n'


def _order(name: str) -> tuple[bool, bool]:
    """Put the validation first, the learning rate last."""
    return name == "lr", not name.startswith("val_")


def _chart(column: str, names: Sequence[str], runs: Sequence[Run]) -> str:
    lines, told = [], []
    for k, (name, run) in enumerate(zip(names, runs, strict=True)):
        if run.history and column in run.history:
            numbers = run.history[column]
            epochs = range(1, len(numbers) + 1)
            lines.append(Line(_label(name), epochs, numbers.tolist(), k))
            told.append(f"{text(name)} {ends(numbers, column)}")
    longest = max(len(line.ys) for line in lines)
    log = column == "lr" and is_wide(np.concatenate([line.ys for line in lines]))
    title = f"{_title(column)} (log scale)" if log else _title(column)
    drawing = chart(title, lines, longest, log=log)
    return figure(drawing, f"{text(_title(column))}: {'; '.join(told)}.")


def _title(column: str) -> str:
    if column == "lr":
        return "Learning rate"
    kind = "Validation" if column.startswith("val_") else "Training"
    return f"{kind} {title_of(column.removeprefix('val_')).lower()}"


def _label(name: str) -> str:
    name = clean(name)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


# ---- configurations ------------------------------------------------------------


def _configurations(names: Sequence[str], runs: Sequence[Run]) -> str:
    """Return what differs, and behind a click what does not."""
    known = [(n, _settings(r)) for n, r in zip(names, runs, strict=True) if r.setup]
    if len(known) < 2:
        return "<p>There are not two configurations that can be read.</p>\n"
    keys = dict.fromkeys(key for _, settings in known for key in settings)
    rows = {key: [settings.get(key, _MISSING) for _, settings in known] for key in keys}
    # 1, 1.0 and True are equal, and not the same setting.
    same = {key for key, row in rows.items() if len({repr(x) for x in row}) == 1}
    parts = ["<p>No setting differs.</p>\n"]
    if len(same) < len(rows):
        first = known[0][0][0]
        head = ["setting", *(name for name, _ in known)]
        body = [
            [text(k), *_marked(row, first)] for k, row in rows.items() if k not in same
        ]
        caption = f"{len(body)} settings differ"
        parts = [table(caption, head, body)]
    if same:
        body = [[text(key), _shown(rows[key][0])] for key in rows if key in same]
        equal = table("The same in all runs", ["setting", "value"], body)
        parts.append(fold(f"{len(same)} settings are the same in all runs", equal))
    return "".join(parts)


def _marked(row: Sequence[Plain], first: str) -> list[str]:
    """Return cells; those that differ from the first run's say so."""
    return [
        _shown(x)
        if repr(x) == repr(row[0])
        else f'<td class="differs">{_shown(x)} <small>differs from {first}</small></td>'
        for x in row
    ]


def _shown(x: Plain) -> str:
    if isinstance(x, str) and "\n" in x:
        return f"<pre>{lines_of(x)}</pre>"
    return setting(x)


def _settings(run: Run) -> dict[str, Plain]:
    """Return everything that a run was made with."""
    assert run.setup is not None
    setup = run.setup
    seeds: dict[str, Plain] = {
        f"seed of {', '.join(g.used_by)}": g.seed for g in setup.generators
    }
    return {
        **setup.settings,
        "architecture": setup.architecture,
        **setup.configuration,
        **seeds,
        **setup.versions,
    }
