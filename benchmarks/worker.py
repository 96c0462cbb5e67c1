"""One process, one library, one row: ``python benchmarks/worker.py LIBRARY ROW``.

It prints one line of JSON when it is prepared (versions, the loss, where the gradients
are, memory) and then answers every line of JSON that it is given. Where the library
does not have the row, the line is "absent", "left_out" with a reason, or "error".

{"steps": n}            {"seconds": [...]}, the time of each of n steps
{"collector": "off"}    {"collector": "off"}; Python's garbage collector, on or off
{"peak": n}             {"peak": MiB}, how far memory rises in n steps
{"quit": true}          the end

The file is a script, not a module of the package: the path then begins with this
folder, not with the project, whose package ``autograd`` has the name of a peer.
"""

import argparse
import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path


def take_stdout():
    """Return a private copy of stdout, and let everything printed go to stderr."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def resident(field="VmRSS"):
    """Return the memory of this process in MiB: now, or ``VmHWM``, at its highest."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:  # no Linux: the highest is all there is
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def give_back_memory():
    """Free what is garbage, and hand freed memory to the system."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def time_steps(step, count, clock):
    """Return the seconds of each of some steps.

    Without the collector cycles stay until the end of the turn, which is not timed.
    """
    seconds = []
    for _ in range(count):
        start = clock()
        step()
        seconds.append(clock() - start)
    if not gc.isenabled():
        gc.collect()
    return seconds


def peak_of(step, count):
    """Return by how many MiB memory rises above what the prepared process holds."""
    give_back_memory()
    before = resident()
    with contextlib.suppress(OSError):  # no Linux
        Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far
    for _ in range(count):
        step()
    return max(0.0, resident("VmHWM") - before)


def prepare(library, row, path):
    """Build the step, take it once, and save its gradients; return it and a report."""
    import numpy as np
    from problems import build_problem

    problem = build_problem(row)
    give_back_memory()
    before = resident()
    step = library.STEPS[problem.row](problem)
    loss, gradients = step()
    arrays = {name: library.to_numpy(g) for name, g in gradients.items()}
    np.savez(path, **arrays)
    loss = float(library.to_numpy(loss))
    del gradients, arrays
    give_back_memory()
    report = {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "version": library.VERSION,
        "loss": loss,
        "gradients": str(path),
        "held": max(0.0, resident() - before),
    }
    return step, report


def answer(step, request, clock):
    """Do what one line asks for."""
    if "steps" in request:
        return {"seconds": time_steps(step, request["steps"], clock)}
    if "peak" in request:
        return {"peak": peak_of(step, request["peak"])}
    if request["collector"] == "off":
        gc.collect()
        gc.disable()
    else:
        gc.enable()
    return {"collector": request["collector"]}


def main():
    """Prepare, report, and answer until the end."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("library", help="a file of libraries/, without .py")
    parser.add_argument("row", help="M1, or with its sizes M1:batch=128")
    parser.add_argument("--gradients", required=True, help="the .npz to write")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    answers = take_stdout()
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[-options.threads :])
    try:
        library = importlib.import_module(f"libraries.{options.library}")
        row = options.row.partition(":")[0]
        if row not in library.STEPS:
            why = getattr(library, "LEFT_OUT", {}).get(row)
            absent = {"left_out": why} if why else {"absent": options.row}
            print(json.dumps(absent), file=answers)
            return
        step, report = prepare(library, options.row, Path(options.gradients))
    except Exception as error:  # said to whoever started this; then it is over
        text = str(error).partition("\n")[0]
        report = {"error": f"{type(error).__name__}: {text}"}
        print(json.dumps(report), file=answers)
        return
    print(json.dumps(report), file=answers)
    # With one thread the time of the processor is the time that a step takes when
    # nothing else runs; several threads wait for one another, and waiting counts.
    clock = time.process_time if options.threads == 1 else time.perf_counter
    for line in sys.stdin:
        request = json.loads(line)
        if "quit" in request:
            return
        print(json.dumps(answer(step, request, clock)), file=answers)


if __name__ == "__main__":
    main()
