"""``python -m benchmarks``: measure this project against hand-written NumPy and peers.

Rows are S1 (micrograd's moons demo), M1 to M3 (perceptrons), C1 and C2 (convolutions),
R1 and R2 (recurrent nets), T1 (a transformer block), E1 and E1t (elementwise chains).
Without rows, --peers and --curves everything is measured, and benchmarks/RESULTS.md is
written anew; a part of it is printed only. All figures go to out/ as JSON.
"""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import curves, machine, tables
from benchmarks.contestants import PEERS, ROOT, Contestant, take_part
from benchmarks.curves import CURVES
from benchmarks.plot import draw
from benchmarks.problems import PROBLEMS
from benchmarks.race import Rules, race
from benchmarks.report import failures, results_page

ROWS = [row for row in PROBLEMS if row != "S2"]  # S2 is for its curve
QUICK_ROWS = ["S1", "M1", "M3", "R1", "E1"]
QUICK_RULES = Rules(rounds=5, turn=0.02, limit=1.0, patience=12.0)
SCALARS = ("S1",)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python -m benchmarks M1 T1 --peers torch jax --rounds 5",
    )
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"by default all: {', '.join(ROWS)}"
    )
    parser.add_argument(
        "--peers", nargs="*", choices=PEERS, help="by default every one; none: --peers"
    )
    parser.add_argument("--rounds", type=int, help="turns of each (15)")
    parser.add_argument(
        "--threads", type=int, nargs="+", help="how many threads, in turn (1 2)"
    )
    parser.add_argument(
        "--collector", nargs="+", choices=["on", "off"],
        help="Python's garbage collector during the steps (S1: on off; else: on)",
    )  # fmt: skip
    parser.add_argument(
        "--curves", nargs="*", choices=CURVES,
        help="how time grows with size; by default all, if no rows are named",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="few rows and rounds, under three minutes"
    )
    parser.add_argument(
        "--report", action="store_true",
        help="measure nothing: write RESULTS.md anew from out/benchmarks.json",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))} (rows: {ROWS})")
    return options


def say(text: str) -> None:
    """Tell how far it is, beside what is printed."""
    print(text, file=sys.stderr, flush=True)


def measure(
    options: argparse.Namespace,
    rules: Rules,
    contestants: Sequence[Contestant],
) -> Iterator[dict[str, Any]]:
    """Race over all rows, one after the other."""
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    for threads in options.threads or ([1] if options.quick else [1, 2]):
        for row in rows:
            if row in SCALARS and threads > 1:
                continue  # Python's own numbers run in one thread
            both = row in SCALARS and not options.quick
            usual = ["on", "off"] if both else ["on"]
            start = time.perf_counter()
            collectors = options.collector or usual
            yield from race(row, contestants, rules, threads, collectors)
            say(f"{row}, threads: {threads}, {time.perf_counter() - start:.0f} s")


def measure_curves(
    options: argparse.Namespace, contestants: Sequence[Contestant]
) -> Iterator[dict[str, Any]]:
    """Measure the chosen curves, or all where nothing is chosen."""
    chosen = options.curves
    if chosen is None:
        chosen = [] if options.rows or options.quick else list(CURVES)
    for name in chosen:
        yield from curves.measure(CURVES[name], contestants, say)


def print_tables(found: dict[str, Any]) -> None:
    """Print the ratios, the targets and the curves."""
    rows = found["rows"]
    for threads in sorted({result["threads"] for result in rows}):
        chosen = [result for result in rows if result["threads"] == threads]
        print(f"\nTime over the hand-written step, threads: {threads}\n")
        print(tables.floor_table(chosen))
        print(f"\nOur time over the peers', threads: {threads}\n")
        print(tables.peer_table(chosen))
    print("\nTargets\n")
    print(tables.target_table(rows))
    for curve in found["curves"]:
        print(f"\nms of a step, collector {curve['collector']}\n")
        print(tables.curve_table(curve))
    for line in failures(rows):
        print(f"\nNot timed: {line}")
    for name, why in found["left_out"].items():
        print(f"\nLeft out: {name}: {why}.")


def write_report(found: dict[str, Any]) -> None:
    """Write RESULTS.md and its picture."""
    folder = ROOT / "benchmarks"
    draw(found["rows"], found["curves"], folder / "results.svg")
    (folder / "RESULTS.md").write_text(results_page(found), encoding="utf-8")
    say("wrote benchmarks/RESULTS.md and benchmarks/results.svg")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write."""
    options = parse(arguments)
    whole = Path(ROOT / "out" / "benchmarks.json")
    if options.report:
        write_report(json.loads(whole.read_text(encoding="utf-8")))
        return
    contestants, left_out = take_part(
        list(PEERS) if options.peers is None else options.peers
    )
    rules = QUICK_RULES if options.quick else Rules()
    if options.rounds:
        rules = dataclasses.replace(rules, rounds=options.rounds)
    found: dict[str, Any] = {
        "machine": machine.describe(),
        "rules": dataclasses.asdict(rules),
        "load": [machine.load()],
        "left_out": left_out,
        "rows": [],
        "curves": [],
    }
    chosen = (options.peers, options.curves)
    partial = options.quick or options.rows or chosen != (None, None)
    path = whole.with_name("benchmarks-part.json") if partial else whole
    for kind, results in (
        ("rows", measure(options, rules, contestants)),
        ("curves", measure_curves(options, contestants)),
    ):
        for result in results:
            found[kind].append(result)
            found["load"].append(machine.load())
            save(found, path)  # nothing is lost when it is interrupted
    print_tables(found)
    if not partial:
        write_report(found)


def save(found: dict[str, Any], path: Path) -> None:
    """Write what was found so far as JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
