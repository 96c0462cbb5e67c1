"""``python -m benchmarks``: measure this project against hand-written NumPy and peers.

Rows are S1 (micrograd's moons demo), M1 to M3 (perceptrons), C1 and C2 (convolutions),
R1 and R2 (recurrent nets), T1 (a transformer block), E1 and E1t (elementwise chains).
Without rows, --peers, --curves and --collector everything is measured, and
benchmarks/RESULTS.md is written anew; a part of it is printed only. Figures go to out/
as JSON, after each row, so that nothing is lost when it is interrupted.
"""

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import curves, machine, tables
from benchmarks.contestants import PEERS, ROOT, Contestant, take_part
from benchmarks.curves import CURVES
from benchmarks.plot import draw
from benchmarks.problems import PROBLEMS
from benchmarks.process import WorkerError, usable_cores
from benchmarks.race import Rules, race
from benchmarks.report import not_timed, results_page

ROWS = [row for row in PROBLEMS if row != "S2"]  # S2 is for its curve
QUICK_ROWS = ["S1", "M1", "M3", "R1", "E1"]
QUICK_RULES = Rules(rounds=5, turn=0.02, limit=3.0, patience=30.0)
SCALARS = ("S1",)
SLOW_WITH_SCALARS = ("torch", "MyGrad", "HIPS")  # a second to ten for a step
TWO_THREADS_ROWS = ["M2", "C1", "T1"]  # large enough to be divided


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
    parser.add_argument("--rounds", type=at_least_one, help="turns of each (15)")
    parser.add_argument(
        "--threads", type=at_least_one, nargs="+",
        help=f"how many, in turn (1; for {', '.join(TWO_THREADS_ROWS)} 1 2)",
    )  # fmt: skip
    parser.add_argument(
        "--collector", nargs="+", choices=["on", "off"],
        help="Python's garbage collector during the steps (S1: on off; else: on)",
    )  # fmt: skip
    parser.add_argument(
        "--curves", nargs="*", choices=CURVES,
        help="how time grows with size: these alone, or beside the rows that are named",
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
        parser.error(
            f"no such row: {', '.join(sorted(unknown))} (rows: {', '.join(ROWS)})"
        )
    if max(options.threads or [1]) > usable_cores():
        parser.error(f"--threads: this process may use {usable_cores()} cores")
    return options


def at_least_one(text: str) -> int:
    """Return the number that an argument names."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def say(text: str) -> None:
    """Tell how far it is, beside what is printed."""
    print(text, file=sys.stderr, flush=True)


def measure(
    options: argparse.Namespace,
    rules: Rules,
    contestants: Sequence[Contestant],
) -> Iterator[dict[str, Any]]:
    """Race over all rows, one after the other."""
    for row, threads in plan(options):
        both = row in SCALARS and not options.quick
        collectors = options.collector or (["on", "off"] if both else ["on"])
        racing = [
            c
            for c in contestants
            if not (options.quick and row in SCALARS and c.name in SLOW_WITH_SCALARS)
        ]
        start = time.perf_counter()
        yield from race(row, racing, rules, threads, collectors)
        say(f"{row}, threads: {threads}, {time.perf_counter() - start:.0f} s")


def plan(options: argparse.Namespace) -> list[tuple[str, int]]:
    """Return which rows are raced with how many threads, in order."""
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    if options.curves and not options.rows:
        rows = []  # curves alone were asked for
    if options.threads is None:
        planned = [(row, 1) for row in rows]
        if not options.quick and usable_cores() > 1:
            planned += [(row, 2) for row in rows if row in TWO_THREADS_ROWS]
        return planned
    return [
        (row, threads)
        for threads in options.threads
        for row in rows
        if threads == 1 or row not in SCALARS  # Python's own numbers run in one thread
    ]


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
        if peers := tables.peer_table(chosen):
            print(f"\nOur time over the peers', threads: {threads}\n\n{peers}")
    if targets := tables.target_table(rows):
        print(f"\nTargets\n\n{targets}")
    for curve in found["curves"]:
        print(f"\nms of a step, collector {curve['collector']}\n")
        print(tables.curve_table(curve))
    print()
    for line in not_timed(rows):
        print(f"Not timed: {line}.")
    for name, why in found["left_out"].items():
        print(f"Left out: {name}: {why}.")


def write_report(found: dict[str, Any]) -> None:
    """Write RESULTS.md and its picture."""
    folder = ROOT / "benchmarks"
    (folder / "RESULTS.md").write_text(results_page(found), encoding="utf-8")
    draw(found["rows"], found["curves"], folder / "results.svg")
    say("wrote benchmarks/RESULTS.md and benchmarks/results.svg")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write."""
    options = parse(arguments)
    chosen = (options.peers, options.curves, options.collector)
    partial = options.quick or options.rows or chosen != (None, None, None)
    whole = ROOT / "out" / "benchmarks.json"
    part = whole.with_name("benchmarks-part.json")
    if (options.report or not partial) and find_spec("matplotlib") is None:
        sys.exit("RESULTS.md has a picture, which needs matplotlib: pip install it")
    if options.report:
        write_report(read(whole))
        return
    found, results = begin(options)
    save(found, part)  # says now, not after a row, that it cannot
    try:
        for kind, result in results:
            found[kind].append(result)
            found["load"].append(machine.load())
            save(found, part)
    except KeyboardInterrupt:
        sys.exit(f"\nInterrupted; out/{part.name} has the rows that are complete.")
    except WorkerError as error:
        sys.exit(f"{error}\nout/{part.name} has the rows before.")
    print_tables(found)
    if not partial:
        save(found, whole)
        write_report(found)


def begin(
    options: argparse.Namespace,
) -> tuple[dict[str, Any], Iterator[tuple[str, dict[str, Any]]]]:
    """Return what is known before measuring, and the results, which are measured."""
    peers = list(PEERS) if options.peers is None else options.peers
    contestants, left_out = take_part(peers)
    for name, why in left_out.items():
        say(f"left out: {name}: {why}")
    if options.quick:
        why = "they take seconds for a step; measured without --quick"
        left_out[f"{', '.join(SLOW_WITH_SCALARS)} on S1"] = why
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
    kinds = {
        "rows": measure(options, rules, contestants),
        "curves": measure_curves(options, contestants),
    }
    return found, ((kind, result) for kind in kinds for result in kinds[kind])


def save(found: dict[str, Any], path: Path) -> None:
    """Write what was found so far as JSON; the file is always a whole one."""
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(exist_ok=True)
        new.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        os.replace(new, path)
    except OSError as error:
        sys.exit(f"cannot write the figures: {error}")


def read(path: Path) -> dict[str, Any]:
    """Return what a whole run has found."""
    if not path.exists():
        sys.exit(f"--report: there is no out/{path.name}; run `make bench` first")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main()
