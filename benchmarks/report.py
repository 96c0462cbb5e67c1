"""``RESULTS.md``: everything measured, in tables and words, generated whole."""

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks import tables

SUMMARY = """\
How many times as long as hand-written NumPy a training step takes, forward and backward
pass, on one thread; the first column is the hand-written step itself. Medians; their
spread is [below](#one-thread). *Eager* and *compiled* are this project.
"""

HOW = """\
One command, `make bench`, measured all of this. Every library runs in a process of its
own. Before anything is timed, its loss and every gradient (shape, dtype, values) must
agree with those of the step written by hand, to 1e-4 of the largest number in float32
and 1e-9 in float64, in the deepest networks less; what disagrees is reported and not
timed. Then all processes of a row are alive at once and take turns in rounds, each
round in an order drawn anew; a turn is as many steps as fit into {turn:.0f} ms, and
their mean counts. A step is the forward and the backward pass, without the update. The
times of a round give one ratio; shown are the median of {rounds} rounds and, in
parentheses, the bounds of their middle half. Who is slow sits out the rounds that are
left once it has taken {limit:.0f} s. With one thread a process keeps to one core, and
time is that of the processor, which other programs disturb less; with more threads,
on rows that are large enough to be divided, it is the time on the clock. Python's
garbage collector runs as it does by default, except where a row says that it is off.

### Who does what

- *By hand* is NumPy with the backward pass written by a person, as fast as it goes. For
  E1 and E1t it is NumPy as usually written, with a new array for every result. For S1
  it computes with matrices, while the others have a node for every number (JAX for
  every number of a sample, then `vmap`).
- *Eager* is this project with its own operations or NumPy's functions, and
  `backward(keep="leaves")`; *compiled* is the same forward pass through
  `autograd.compile`. *Layers* are its `nn.RNN` and `nn.LSTM`.
- PyTorch is eager, with `torch.nn.functional`, without `torch.compile`; *torch layers*
  are its `nn.RNN` and `nn.LSTM`. JAX is `jax.jit` of `value_and_grad`, tinygrad
  `TinyJit`: they compile, like *compiled*. MyGrad has its guarding of memory off. HIPS
  autograd has no layers: its convolution is written with NumPy's functions.
- The steps of R1 and R2: *eager* and *compiled* call one operation for the whole
  sequence, and so do both kinds of *layers*; JAX has `lax.scan`; *by hand*, *torch*,
  MyGrad and HIPS loop over cells. Ours beside *torch layers* is like beside like. The
  layers and HIPS multiply with one-hot characters, the others look rows up in a table.
- Memory: this project tells the C library to keep freed memory when it is imported;
  the steps by hand do the same, but for E1 and E1t. The peers run as they come. MyGrad
  and HIPS, which use NumPy's memory, would gain from it on large arrays as well.
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
    yield (
        "Written by `make bench`; the same as JSON in `out/benchmarks.json`. "
        "[How it was measured](#how-it-was-measured) is at the end."
    )
    yield from _busy(found)
    if one:
        yield "## Time over hand-written NumPy"
        yield SUMMARY
        yield tables.summary_table(one)
    yield _titles(rows)
    yield from _not_timed(found)
    yield "![Time of a step over the hand-written one, and against size](results.svg)"
    if one:
        yield "## Targets"
        yield tables.target_table(one)
        yield from _missed(one)
    for threads in sorted({result["threads"] for result in rows}):
        chosen = [result for result in rows if result["threads"] == threads]
        yield "## One thread" if threads == 1 else f"## {threads} threads"
        yield "Time over the hand-written step, median and middle half:"
        yield tables.floor_table(chosen)
        yield "Our time over the peers':"
        yield tables.peer_table(chosen)
    if one:
        yield "## Memory"
        yield MEMORY
        yield tables.memory_table(one)
    if curves:
        yield "## How time grows"
        yield CURVES
        yield from _curves(curves)
    yield "## How it was measured"
    rules = found["rules"]
    yield HOW.format(
        turn=1e3 * rules["turn"], rounds=rules["rounds"], limit=rules["limit"]
    )
    yield from _machine(found)


def _busy(found: dict[str, Any]) -> Iterator[str]:
    usual = statistics.median(found["load"])
    if usual > float(found["machine"]["cores"]):
        yield (
            f"**The machine was busy**: most of the time {usual:.1f} processes or more "
            f"wanted to run on {found['machine']['cores']} cores, of which the "
            "benchmark is one. Absolute times are of little worth here, and ratios of "
            "less than usual."
        )


def _not_timed(found: dict[str, Any]) -> Iterator[str]:
    missing = [f"{name}: {why}" for name, why in found["left_out"].items()]
    if lines := [*missing, *not_timed(found["rows"])]:
        yield "Not timed:\n\n" + "\n".join(f"- {line}." for line in lines)


def _machine(found: dict[str, Any]) -> Iterator[str]:
    yield "### Machine and versions"
    machine = [[name, value] for name, value in found["machine"].items()]
    low, high = min(found["load"]), max(found["load"])
    machine.append(["processes that wanted to run", f"{low:.1f} to {high:.1f}"])
    yield tables.markdown(["what", "which"], machine)
    yield tables.versions_table(found["rows"])


def _titles(rows: Sequence[dict[str, Any]]) -> str:
    titles = {result["row"]: result["title"] for result in rows}
    return tables.markdown(["row", "what"], ([k, v] for k, v in titles.items()))


def not_timed(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say who was not timed on which row, and why."""
    said = set()
    for result in rows:
        for name, entry in result["contestants"].items():
            why = entry.get("error") or entry.get("left_out")
            line = f"{result['row']}, {name}: {why}"
            if why and line not in said:
                said.add(line)
                yield line


def _missed(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    measured = tables.measured_targets(rows)
    for words, kind in (
        ("targets in the table were met", False),
        ("times we were to be faster than MyGrad, HIPS and tinygrad, we were", True),
    ):
        values = [(t, v) for t, v, _ in measured if t.is_to_be_faster == kind]
        met = sum(v is not None and v.median <= t.at_most for t, v in values)
        yield f"{met} of {len(values)} {words}."
    if sentences := tables.missed(rows):
        yield "\n".join(f"- {sentence}" for sentence in sentences)


def _curves(curves: Sequence[dict[str, Any]]) -> Iterator[str]:
    for curve in curves:
        collector = "" if curve["collector"] == "on" else ", collector off"
        yield f"### Growing {curve['what']}{collector}"
        yield tables.curve_table(curve)
        if curve["notes"]:
            yield "\n".join(f"- {note}." for note in curve["notes"])
