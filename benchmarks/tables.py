"""The tables of the report, as rows of Markdown, from the results of races."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from benchmarks.contestants import COMPILED, EAGER, FLOOR, LAYERS, NAMES
from benchmarks.curves import exponents
from benchmarks.figures import Spread, ratios, rounded, spread
from benchmarks.targets import TARGETS, Target

Result = dict[str, Any]
OURS = (EAGER.name, COMPILED.name, LAYERS.name)
NOTHING = "–"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, its columns as wide as their widest cell; "" without rows."""
    table = [list(head), *map(list, rows)]
    if len(table) == 1:
        return ""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, ["-" * width for width in widths])
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in table
    )
    return "\n".join(f"| {line} |" for line in lines)


def seconds_of(result: Result, name: str) -> list[float | None] | None:
    """Return the times of a contestant, round by round; None if it was not timed."""
    times: list[float | None] | None = (
        result["contestants"].get(name, {}).get("seconds")
    )
    return times


def ratio(result: Result, name: str, other: str) -> Spread | None:
    """Return how many times another's time a contestant took, where both ran."""
    times, others = seconds_of(result, name), seconds_of(result, other)
    if times is None or others is None:
        return None
    found = ratios(times, others)
    return spread(found) if found else None


def present(results: Sequence[Result]) -> list[str]:
    """List who took part in any race, in the order of the tables."""
    return [n for n in NAMES if any(n in r["contestants"] for r in results)]


def label(result: Result) -> str:
    """Name a row, with the setting of the collector where it is not the usual one."""
    row: str = result["row"]
    return row if result["collector"] == "on" else f"{row}, collector off"


def floor_table(results: Sequence[Result], shown: Callable[[Spread], str] = str) -> str:
    """Each contestant's time over the hand-written one."""
    names = [name for name in present(results) if name != FLOOR.name]

    def cells(result: Result) -> Iterator[str]:
        yield label(result)
        floor = [s for s in seconds_of(result, FLOOR.name) or [] if s is not None]
        yield f"{1e3 * spread(floor).median:.2f} ms"
        for name in names:
            found = ratio(result, name, FLOOR.name)
            yield absence(result, name) if found is None else shown(found)

    return markdown(["row", FLOOR.name, *names], map(list, map(cells, results)))


def summary_table(results: Sequence[Result]) -> str:
    """Each contestant's time over the hand-written one, medians alone."""
    return floor_table(results, lambda found: rounded(found.median))


def absence(result: Result, name: str) -> str:
    """Say in a cell that there is no time: of a failure, a choice, or no such row."""
    entry = result["contestants"].get(name, {})
    return (
        "failed" if "error" in entry else "left out" if "left_out" in entry else NOTHING
    )


def peer_table(results: Sequence[Result]) -> str:
    """Our time over each peer's."""
    names = [name for name in present(results) if name not in (*OURS, FLOOR.name)]
    rows = []
    for result in results:
        for ours in OURS:
            cells = [ratio(result, ours, name) for name in names]
            if any(cells):
                shown = [str(cell) if cell else NOTHING for cell in cells]
                rows.append([label(result), ours, *shown])
    return markdown(["row", "ours", *names], rows)


def measured_targets(
    results: Sequence[Result],
) -> list[tuple[Target, Spread | None, str | None]]:
    """Return, for each target whose row was raced, the ratio or why there is none."""
    found = []
    for target in TARGETS:
        for result in results:
            setting = (result["row"], result["collector"], result["threads"])
            entries = result["contestants"]
            if setting == (target.row, target.collector, 1):
                reasons = [
                    f"{name} {verb}: {entries[name][key]}"
                    for name in (target.ours, target.other)
                    for key, verb in (("error", "failed"), ("left_out", "is left out"))
                    if key in entries.get(name, {})
                ]
                why = reasons[0] if reasons else f"{target.other} did not run"
                value = ratio(result, target.ours, target.other)
                found.append((target, value, None if value else why))
    return found


def target_table(results: Sequence[Result]) -> str:
    """Set what was reached beside what was to be, where that is a number."""
    rows = []
    for target, value, _ in measured_targets(results):
        if value is not None and not target.is_to_be_faster:
            met = "yes" if value.median <= target.at_most else "**no**"
            shown = faster(value) if target.is_speedup else str(value)
            row = label({"row": target.row, "collector": target.collector})
            rows.append([row, target.ours, target.other, shown, target.words, met])
    head = ["row", "ours", "against", "measured", "target", "met"]
    return markdown(head, rows)


def faster(value: Spread) -> str:
    """Turn a small ratio of times around."""
    low, middle, high = (rounded(1 / x) for x in reversed(value))
    return f"{middle} ({low} to {high}) times faster"


def missed(results: Sequence[Result]) -> list[str]:
    """Say in words which targets were missed, and by how much."""
    sentences = []
    for target, value, why in measured_targets(results):
        row = label({"row": target.row, "collector": target.collector})
        start = f"{row}, {target.ours} against {target.other}: "
        if value is None:
            sentences.append(f"{start}not measured, as {why}.")
        elif value.median > target.at_most:
            more = 100 * (value.median / target.at_most - 1)
            within = value.lower <= target.at_most
            shown = faster(value) if target.is_speedup else f"{value} times its time"
            sentences.append(
                f"{start}{shown}, target {target.words}: missed by {more:.0f} %"
                + (", less than the spread." if within else ".")
            )
    return sentences


def memory_table(results: Sequence[Result]) -> str:
    """How far memory rises in a step, and what stays between steps."""
    names = present(results)

    def cell(entry: dict[str, Any]) -> str:
        if "peak" not in entry:
            return NOTHING
        return f"{entry['peak']:.1f} + {entry['held']:.1f}"

    rows = [
        [label(r), *(cell(r["contestants"].get(name, {})) for name in names)]
        for r in results
    ]
    return markdown(["row", *names], rows)


def versions_table(results: Sequence[Result]) -> str:
    """List what ran, by the processes' own word."""
    rows = []
    for name in present(results):
        for result in results:
            entry = result["contestants"].get(name, {})
            if "version" in entry:
                rows.append([name, entry["version"], entry["python"], entry["numpy"]])
                break
    return markdown(["contestant", "version", "Python", "NumPy"], rows)


def curve_table(curve: Result) -> str:
    """Milliseconds at each size, and the exponents of growth."""
    rows = []
    for name, times in curve["seconds"].items():
        whole, upper = exponents(curve["sizes"], times)
        rows.append(
            [
                name,
                *(NOTHING if t is None else f"{1e3 * t:.3g}" for t in times),
                *(NOTHING if p is None else f"{p:.2f}" for p in (whole, upper)),
            ]
        )
    sizes = [f"{size:,}" for size in curve["sizes"]]
    return markdown([curve["what"], *sizes, "exponent", "upper half"], rows)
