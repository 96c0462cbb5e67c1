"""``RESULTS.md``: everything measured, in tables and words, generated whole."""

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks import tables
from benchmarks.targets import TARGETS

HOW = """\
One command, `make bench`, measured all of this. Every library runs in a process of its
own. Before anything is timed, its loss and every gradient (shape, dtype, values) must
agree with those of the step written by hand; what disagrees is reported and not timed.
Then all processes of a row are alive at once and take turns in rounds, each round in an
order drawn anew; a turn is as many steps as fit into {turn:.0f} ms, and their mean
counts. A step is the forward and the backward pass, without the update. The times of a
round give one ratio; shown are the median of {rounds} rounds and, in parentheses, the
bounds of their middle half. Who is slow sits out the rounds that are left once it has
taken {limit:.0f} s. With one thread a process keeps to one core, and time is that of
the processor, which other programs disturb less; with more threads it is the time on
the clock.

*By hand* is NumPy with the backward pass written by a person, as fast as it goes; for
E1 and E1t, NumPy as usually written, with a new array for every result. *Eager* and
*compiled* are this project, *layers* its `nn.RNN` and `nn.LSTM` in place of a loop
written out, to be compared with PyTorch's. In every other column R1 and R2 are loops of
cells. This project tells the C library to keep freed memory when it is imported; the
steps by hand do the same, but for E1 and E1t. The peers run as they come.
"""

MEMORY = """\
MiB by which memory rises during a step, above what the prepared process holds, plus
what preparing has left in the process (buffers, compiled code).
"""

CURVES = """\
Milliseconds of a step, one thread. The exponent p is that of c · sizeᵖ, fitted by least
squares of the logarithms over all sizes, and over the upper half of them. micrograd's
backward pass calls itself once for every node of a chain: by default it stops below
1000 nodes with a `RecursionError`, so Python's limit is raised for it here.
"""


def results_page(found: dict[str, Any]) -> str:
    """Return the page, in Markdown.

    Parameters
    ----------
    found : dict
        What `benchmarks.__main__` writes as JSON: "machine", "rules", "load",
        "left_out", "rows" and "curves".
    """
    return "\n\n".join(part.strip("\n") for part in _parts(found)) + "\n"


def _parts(found: dict[str, Any]) -> Iterator[str]:
    rows, curves = found["rows"], found["curves"]
    one = [result for result in rows if result["threads"] == 1]
    yield "# Results of the benchmarks"
    yield "Written by `make bench`; the same as JSON in `out/benchmarks.json`."
    yield from _machine(found)
    yield "## How it was measured"
    rules = found["rules"]
    yield HOW.format(
        turn=1e3 * rules["turn"], rounds=rules["rounds"], limit=rules["limit"]
    )
    yield _titles(rows)
    for threads in sorted({result["threads"] for result in rows}):
        chosen = [result for result in rows if result["threads"] == threads]
        words = "one thread" if threads == 1 else f"{threads} threads"
        yield f"## Time over the hand-written step, {words}"
        yield tables.floor_table(chosen)
        yield f"## Our time over the peers', {words}"
        yield tables.peer_table(chosen)
    if lines := list(failures(rows)):
        yield "## Not timed"
        yield "\n".join(f"- {line}" for line in lines)
    if one:
        yield "## Targets"
        yield tables.target_table(one)
        yield from _missed(one)
        yield "## Memory"
        yield MEMORY
        yield tables.memory_table(one)
    if curves:
        yield "## How time grows"
        yield CURVES
        yield "![Time of a step against its size](results.svg)"
        yield from _curves(curves)


def _machine(found: dict[str, Any]) -> Iterator[str]:
    yield "## Machine"
    machine = [[name, value] for name, value in found["machine"].items()]
    low, high = min(found["load"]), max(found["load"])
    machine.append(["load before and during", f"{low:.1f} to {high:.1f}"])
    yield tables.markdown(["what", "which"], machine)
    if high > float(found["machine"]["cores"]):
        yield (
            f"More processes wanted to run (up to {high:.1f}) than there are cores: "
            "absolute times are of little worth here, and ratios of less than usual."
        )
    yield tables.versions_table(found["rows"])
    if found["left_out"]:
        lines = (f"- {name}: {why}." for name, why in found["left_out"].items())
        yield "Left out:\n\n" + "\n".join(lines)


def _titles(rows: Sequence[dict[str, Any]]) -> str:
    titles = {result["row"]: result["title"] for result in rows}
    return tables.markdown(["row", "what"], ([k, v] for k, v in titles.items()))


def failures(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say who was not timed on which row, and why."""
    said = set()
    for result in rows:
        for name, entry in result["contestants"].items():
            key = (tables.label(result), name, entry.get("error"))
            if "error" in entry and key not in said:
                said.add(key)
                yield f"{key[0]}, {name}: {key[2]}"


def _missed(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    measured = tables.measured_targets(rows)
    reached = [v for t, v, _ in measured if v is not None and v.median <= t.at_most]
    yield f"{len(reached)} of {len(TARGETS)} targets were measured and met."
    if sentences := tables.missed(rows):
        yield "\n".join(f"- {sentence}" for sentence in sentences)


def _curves(curves: Sequence[dict[str, Any]]) -> Iterator[str]:
    for curve in curves:
        collector = "" if curve["collector"] == "on" else ", collector off"
        yield f"### Growing {curve['what']}{collector}"
        yield tables.curve_table(curve)
        if curve["notes"]:
            yield "\n".join(f"- {note}." for note in curve["notes"])
