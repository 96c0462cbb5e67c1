"""All contestants of one row, side by side: prepared, checked, then timed in turns.

They are prepared one after the other; then all processes are alive at once, and one of
them works at a time. In each round every contestant has one turn, in an order that is
drawn anew, so that what disturbs the machine disturbs all alike; the times of one round
are compared with one another.
"""

import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contestants import FLOOR, Contestant
from benchmarks.mathematics import disagreement
from benchmarks.problems import build_problem
from benchmarks.process import Worker, WorkerError


@dataclass(frozen=True)
class Rules:
    """How long a race is.

    Attributes
    ----------
    rounds : int
        Turns of each contestant.
    turn : float
        Seconds that a turn should take: it has as many steps as fit, at least one.
    limit : float
        Seconds after which a slow contestant sits out the rounds that are left.
    patience : float
        Seconds to wait for an answer, as while a library compiles.
    """

    rounds: int = 15
    turn: float = 0.05
    limit: float = 8.0
    patience: float = 300.0


def race(
    row: str,
    contestants: Sequence[Contestant],
    rules: Rules,
    threads: int = 1,
    collectors: Sequence[str] = ("on",),
) -> list[dict[str, Any]]:
    """Race over one row; return a result for each setting of the collector.

    Parameters
    ----------
    row : str
        A row, maybe with its sizes.
    contestants : sequence of Contestant
        Who takes part; the floor must be among them.
    rules : Rules
        How long it is.
    threads : int, default 1
        How many threads each may use.
    collectors : sequence of {"on", "off"}
        Whether Python collects cyclic garbage during the steps.

    Returns
    -------
    list of dict
        ``contestants`` of each holds, by name, ``seconds`` (the mean of a step, one
        for each round, None where it sat out), ``peak`` and ``held`` (MiB), and the
        versions; or, in words, ``error`` where it failed, ``left_out`` where it is
        not asked to take the row.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workers: dict[str, Worker] = {}
        first: dict[str, dict[str, Any]] = {}
        for contestant in contestants:
            worker = Worker(contestant, row, threads, folder, rules.patience)
            workers[contestant.name] = stack.enter_context(worker)
            first[contestant.name] = first_answer(worker)
        entries = check(workers, first, row)
        results = []
        for collector in collectors:
            timed = {n: dict(e) for n, e in entries.items()}
            run(workers, timed, rules, collector)
            results.append(
                {
                    "row": row,
                    "title": build_problem(row).title,
                    "threads": threads,
                    "collector": collector,
                    "contestants": timed,
                }
            )
    return results


def first_answer(worker: Worker) -> dict[str, Any]:
    """Wait until a process is prepared; return what it says, or its ``error``."""
    try:
        return worker.read()
    except WorkerError as error:
        return {"error": str(error)}


def check(
    workers: dict[str, Worker], answers: dict[str, dict[str, Any]], row: str
) -> dict[str, dict[str, Any]]:
    """Stop those who compute something else.

    Returns what is known of each: versions and memory, ``error`` or ``left_out``. Who
    does not have the row is not mentioned.
    """
    entries = {name: a for name, a in answers.items() if "absent" not in a}
    gradients = {}
    for name, entry in entries.items():
        if "gradients" in entry:
            with np.load(entry.pop("gradients"), allow_pickle=False) as arrays:
                gradients[name] = dict(arrays)
    floor = entries[FLOOR.name]
    if "error" in floor:
        raise WorkerError(f"{row}, {FLOOR.name}: {floor['error']}")
    right, rtol = gradients[FLOOR.name], build_problem(row).rtol
    for name in gradients:
        loss = entries[name]["loss"]
        wrong = disagreement(loss, gradients[name], floor["loss"], right, rtol)
        if wrong:
            entries[name] = {"error": f"computes something else: {wrong}"}
            workers[name].stop()
    return entries


def run(
    workers: dict[str, Worker],
    entries: dict[str, dict[str, Any]],
    rules: Rules,
    collector: str,
) -> None:
    """Take all rounds, and enter the times and the peaks of memory."""
    racing = [name for name, entry in entries.items() if "loss" in entry]
    counts, spent = {}, dict.fromkeys(racing, 0.0)
    for name in racing:
        entries[name]["seconds"] = []
        with entering_errors(entries[name]):
            workers[name].ask(collector=collector)
            counts[name] = steps_of_a_turn(workers[name], rules.turn)
    rng = np.random.default_rng(0)
    for number in range(rules.rounds):
        racing = [name for name in racing if "error" not in entries[name]]
        for position in rng.permutation(len(racing)):
            name = racing[position]
            taken = None
            if number == 0 or spent[name] < rules.limit:
                with entering_errors(entries[name]):
                    taken = turn(workers[name], counts[name])
                    spent[name] += taken * counts[name]
            entries[name].get("seconds", []).append(taken)
    for name in racing:
        if "error" not in entries[name]:
            with entering_errors(entries[name]):
                entries[name] |= workers[name].ask(peak=min(3, counts[name]))
    if "error" in entries[FLOOR.name]:
        raise WorkerError(f"{FLOOR.name}: {entries[FLOOR.name]['error']}")


@contextmanager
def entering_errors(entry: dict[str, Any]) -> Iterator[None]:
    """Make the error of a process the result of its contestant, and go on."""
    try:
        yield
    except WorkerError as error:
        entry.clear()
        entry["error"] = str(error)


def steps_of_a_turn(worker: Worker, seconds: float) -> int:
    """Warm up, and return how many steps fill a turn."""
    [first] = worker.ask(steps=1)["seconds"]
    quickest: float = first if first > 1 else min(worker.ask(steps=2)["seconds"])
    return max(1, math.ceil(seconds / quickest))


def turn(worker: Worker, steps: int) -> float:
    """Return the mean time of the steps of a turn.

    One more goes before short ones: the caches belong to another when a turn begins.
    """
    unmeasured = 1 if steps > 1 else 0
    seconds: list[float] = worker.ask(steps=steps + unmeasured)["seconds"]
    return sum(seconds[unmeasured:]) / steps
