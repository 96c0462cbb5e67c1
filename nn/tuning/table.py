"""The results of a sweep as a table of text."""

from typing import TYPE_CHECKING, Any

from nn.tuning.space import text_of

if TYPE_CHECKING:
    from nn.tuning.results import SweepAverage, SweepResults

__all__ = ["write_table"]

_LONGEST = 60  # characters of a reason


def write_table(results: "SweepResults") -> str:
    """Return one line for each configuration, under a headline and column titles."""
    entries = results.averages()
    if not entries:
        return "no results"
    same = _same_in_all(entries)
    varied = [name for name in entries[0].config if name not in same]
    budgets = ["budget"] if any(entry.budget is not None for entry in entries) else []
    metrics = _metric_names(entries, results.score)
    best = _best_number(results)
    lines = [["", *varied, *budgets, *metrics]]
    for entry in entries:
        mark = "*" if entry.configuration == best else ""
        cells = [_text(entry.config[name]) for name in varied]
        cells += [_text(entry.budget)] if budgets else []
        lines.append([mark, *cells, *_measured(entry, metrics)])
    return "\n".join([*_headline(results, entries, same), *_aligned(lines)])


def _headline(
    results: "SweepResults", entries: list["SweepAverage"], same: dict[str, Any]
) -> list[str]:
    seeds = dict.fromkeys(seed for entry in entries for seed in entry.seeds)
    better = {"min": "smallest", "max": "largest"}[results.mode]
    count = f"{len(entries)} configuration{'s' if len(entries) > 1 else ''}"
    listed = " ".join(map(str, sorted(seeds)))
    lines = [
        f"{count}, seed{'s' if len(seeds) > 1 else ''} {listed}; "
        f"best: {better} {results.score}"
    ]
    if same:
        values = ", ".join(f"{name}={_text(value)}" for name, value in same.items())
        lines.append(f"the same in all: {values}")
    return lines


def _same_in_all(entries: list["SweepAverage"]) -> dict[str, Any]:
    """Return the hyper-parameters that do not vary."""
    if len(entries) == 1:
        return {}
    return {
        name: value
        for name, value in entries[0].config.items()
        if len({text_of(entry.config[name]) for entry in entries}) == 1
    }


def _metric_names(entries: list["SweepAverage"], score: str) -> list[str]:
    """Return the score, then the other metrics in the order in which they appear."""
    names = dict.fromkeys([score])
    for entry in entries:
        names |= dict.fromkeys(entry.metrics)
    return list(names)


def _best_number(results: "SweepResults") -> int | None:
    try:
        return results.best().configuration
    except ValueError:  # none is ok
        return None


def _measured(entry: "SweepAverage", names: list[str]) -> list[str]:
    """Return the means with their spread, or in their place what happened."""
    if entry.status != "ok":
        lines = entry.status.splitlines()
        long = len(lines) > 1 or len(lines[0]) > _LONGEST
        return [lines[0][:_LONGEST] + ("..." if long else "")]
    cells = []
    for name in names:
        mean = _text(entry.metrics[name]) if name in entry.metrics else "-"
        spread = f" ± {entry.spread[name]:.3g}" if name in entry.spread else ""
        cells.append(mean + spread)
    return cells


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))}{',' if len(value) == 1 else ''})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _aligned(lines: list[list[str]]) -> list[str]:
    """Pad the columns; the remark that ends a shorter line widens none."""
    columns = len(lines[0])
    widths = [0] * columns
    for line in lines:
        cells = line if len(line) == columns else line[:-1]
        for i, cell in enumerate(cells):
            widths[i] = max(widths[i], len(cell))
    widths[0] = 1  # the star
    return [
        "  ".join(f"{cell:<{widths[i]}}" for i, cell in enumerate(line)).rstrip()
        for line in lines
    ]
