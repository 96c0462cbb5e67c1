"""`show_config`: NumPy and its BLAS on this machine, and what is slow about them."""

import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Literal

from autograd.config.facts import facts
from autograd.config.findings import faster_kernel, findings
from autograd.config.measuring import (
    collector_cost,
    denormal_cost,
    fresh_memory_cost,
    kernel_gain,
    thread_gain,
)

__all__ = ["show_config"]

_WIDTH = 88
_LABEL = 13

# What is measured, in words.
_MEASURED = {
    "kernel_gain": "a better BLAS kernel would be {:.1f}x faster",
    "thread_gain_256": "256 x 256 products with all threads {:.2g}x as fast as one",
    "thread_gain_512": "512 x 512 products with all threads {:.2g}x as fast as one",
    "fresh_memory_cost": "filling a new array above 32 MB takes {:.1f}x a used one",
    "denormal_cost": "numbers below 1e-38 take {:.1f}x normal ones",
    "collector_cost": "graphs of scalars take {:.1f}x with the cyclic collector",
}


def show_config(
    mode: Literal["stdout", "dicts"] = "stdout",
) -> dict[str, Any] | None:
    """Show what NumPy runs on here, what is slow about it, and what helps.

    Parameters
    ----------
    mode : {"stdout", "dicts"}, default "stdout"
        Whether to print a table, or to return the same as nested dicts of JSON values.

    Returns
    -------
    dict or None
        With ``mode="dicts"``: "python", "cpu", "numpy", "blas", "graphviz", "memory",
        "collector", "environment" (variables that matter and are set), "measured" and
        "findings", a list of dicts with "what" is slow or missing, by which "factor",
        and what to "try".

    Raises
    ------
    ValueError
        If ``mode`` is another word.

    Notes
    -----
    It measures for half a second, longer on a busy machine, which shows in the numbers
    as well.  An OpenBLAS kernel that is older than the CPU is measured against a newer
    one, in processes of their own.

    Nothing stays changed: the number of BLAS threads and the collector are switched
    while they are measured, and put back.  Environment variables that it names are
    read when Python starts, so set them before, as in
    ``OPENBLAS_NUM_THREADS=1 python program.py``.  With those of the C library the
    process keeps up to 1 GB that it has freed.

    BLAS itself is asked by threadpoolctl, where that is installed.

    References
    ----------
    OpenBLAS, "Runtime variables"; the GNU C Library manual, "Malloc Tunable
    Parameters".

    Examples
    --------
    >>> import autograd as ag
    >>> config = ag.show_config(mode="dicts")
    >>> [name for name in config if name in ("blas", "findings", "numpy")]
    ['numpy', 'blas', 'findings']
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(
            f"show_config: mode must be 'stdout' or 'dicts', got {mode!r}."
        )
    config = _config()
    if mode == "dicts":
        return config
    print("\n".join(_lines(config)))
    return None


def _config() -> dict[str, Any]:
    found = facts()
    kernel = faster_kernel(found)
    has_threads = found["blas"]["threads"] != 1
    measured = {
        "kernel_gain": kernel_gain({"OPENBLAS_CORETYPE": kernel}) if kernel else None,
        "thread_gain_256": thread_gain(256, rounds=6) if has_threads else None,
        "thread_gain_512": thread_gain(512, rounds=2) if has_threads else None,
        "fresh_memory_cost": fresh_memory_cost(),
        "denormal_cost": denormal_cost(),
        "collector_cost": collector_cost(),
    }
    rounded = {name: value and round(value, 2) for name, value in measured.items()}
    return {**found, "measured": rounded, "findings": findings(found, measured)}


def _lines(config: dict[str, Any]) -> Iterator[str]:
    python, cpu, numpy = config["python"], config["cpu"], config["numpy"]
    collector = config["collector"]
    yield from _line(
        "Python",
        f"{python['version']} ({python['implementation']}), {python['platform']}",
    )
    yield from _line(
        "CPU", f"{cpu['name']}, {cpu['usable_cores']} of {cpu['cores']} cores usable"
    )
    yield from _line(
        "NumPy", f"{numpy['version']}, uses {', '.join(numpy['simd']['used'])}"
    )
    yield from _line("BLAS", _blas(config["blas"]))
    yield from _line("Graphviz", _graphviz(config["graphviz"]))
    yield from _line("C library", _memory(config["memory"]))
    thresholds = ", ".join(map(str, collector["thresholds"]))
    state = "on" if collector["enabled"] else "off"
    yield from _line("Collector", f"{state}, thresholds {thresholds}")
    variables = [f"{name}={value}" for name, value in config["environment"].items()]
    yield from _line("Environment", " ".join(variables) or "nothing set that matters")
    texts = [
        text.format(config["measured"][name])
        for name, text in _MEASURED.items()
        if config["measured"][name]
    ]
    for label, text in zip_longest(["Measured"], texts, fillvalue=""):
        yield from _line(label, text)
    yield ""
    yield from _findings(config["findings"])


def _line(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=label.ljust(_LABEL),
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
    )


def _blas(blas: dict[str, Any]) -> str:
    text = f"{blas['name'] or 'unknown'} {blas['version'] or ''}".strip()
    if blas["kernel"]:
        text += f", kernel {blas['kernel']}"
    if blas["threads"]:
        plural = "" if blas["threads"] == 1 else "s"
        text += f", {blas['threads']} thread{plural}"
    return text + (f" ({blas['threading']})" if blas["threading"] else "")


def _graphviz(found: dict[str, Any]) -> str:
    parts = [
        f"{name} {version}" if version else f"no {name}"
        for name, version in found.items()
    ]
    return ", ".join(parts)


def _memory(memory: dict[str, Any]) -> str:
    text = memory["c_library"] or "unknown"
    if memory["kept_when_freed"] is None:
        return text
    return f"{text}, keeps up to {memory['kept_when_freed'] >> 20} MB that is freed"


def _findings(found: list[dict[str, Any]]) -> Iterator[str]:
    if not found:
        yield "Nothing was found that makes this machine slower than it could be."
        return
    yield "Slow or missing here"
    for finding in found:
        factor = f" ({finding['factor']:.1f}x)" if finding["factor"] else ""
        yield from textwrap.wrap(
            finding["what"] + factor,
            _WIDTH,
            initial_indent="- ",
            subsequent_indent="  ",
        )
        yield f"  try: {finding['try']}"
