"""What is slow on a machine, and what helps: facts and measurements, weighed.

Every remark rests on a measurement, or on something that is certainly so.
"""

from collections.abc import Callable, Mapping
from typing import Any

from autograd.config.facts import Facts, vector_width

__all__ = ["Finding", "Measured", "faster_kernel", "findings"]

Measured = Mapping[str, float | None]
Finding = dict[str, Any]

# OpenBLAS's kernels for x86 by the width of the instructions that they use, in bits.
_WIDTHS = {
    128: (
        "generic", "prescott", "core2", "penryn", "dunnington", "atom", "nehalem",
        "athlon", "opteron", "opteron_sse3", "barcelona", "bobcat", "nano",
        "sandybridge", "bulldozer", "piledriver", "steamroller",
    ),
    256: ("haswell", "zen", "excavator"),
    512: ("skylakex", "cooperlake", "sapphirerapids"),
}  # fmt: skip
_BEST = {256: "Haswell", 512: "SkylakeX"}

_THREADS = {
    "openblas": "OPENBLAS_NUM_THREADS",
    "mkl": "MKL_NUM_THREADS",
    "blis": "BLIS_NUM_THREADS",
}
_KEEP = "MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824"


def faster_kernel(facts: Facts) -> str | None:
    """Return the kernel that OpenBLAS could use on this CPU, if it uses an older one.

    Parameters
    ----------
    facts : dict
        From `autograd.config.facts.facts`.
    """
    blas = facts["blas"]
    if blas["name"] != "openblas" or blas["kernel"] is None:
        return None
    kernel = blas["kernel"].lower()
    own = [width for width, kernels in _WIDTHS.items() if kernel in kernels]
    width = vector_width(facts["numpy"]["simd"]["used"])
    return _BEST[width] if own and own[0] < width else None


def findings(facts: Facts, measured: Measured) -> list[Finding]:
    """Return what is slow or missing.

    Parameters
    ----------
    facts : dict
        From `autograd.config.facts.facts`.
    measured : mapping of str to float or None
        ``kernel_gain``, ``thread_gain_256``, ``thread_gain_512``,
        ``fresh_memory_cost``, ``denormal_cost`` and ``collector_cost``, quotients of
        times; None where nothing was measured.

    Returns
    -------
    list of dict
        Of each, "what" in words, "factor", by how much it is slower, or None, and
        "try", what helps.
    """
    return [
        found
        for look in _LOOKS
        if (found := look(facts, {k: v or 1.0 for k, v in measured.items()}))
    ]


def _kernel(facts: Facts, measured: Any) -> Finding | None:
    kernel = faster_kernel(facts)
    gain = measured["kernel_gain"]
    if kernel is None or gain < 1.1:
        return None
    return _finding(
        f"OpenBLAS multiplies with its kernel {facts['blas']['kernel']}, although this "
        f"CPU can do what {kernel} needs",
        gain,
        f"OPENBLAS_CORETYPE={kernel}",
    )


def _threads(facts: Facts, measured: Any) -> Finding | None:
    blas = facts["blas"]
    medium, large = measured["thread_gain_256"], measured["thread_gain_512"]
    if not blas["threads"] or blas["threads"] == 1 or medium >= 0.9:
        return None
    others = f"; but those of 512 x 512 are {large:.1f}x faster" if large > 1.1 else ""
    return _finding(
        f"{blas['threads']} BLAS threads wait for each other: products of 256 x 256 "
        f"are slower than on one{others}",
        1 / medium,
        f"{_THREADS.get(blas['name'], 'OMP_NUM_THREADS')}=1",
    )


def _too_many_threads(facts: Facts, measured: Any) -> Finding | None:
    threads, cores = facts["blas"]["threads"], facts["cpu"]["usable_cores"]
    if not threads or not cores or threads <= cores:
        return None
    variable = _THREADS.get(facts["blas"]["name"], "OMP_NUM_THREADS")
    what = f"BLAS starts {threads} threads, and this process may use {cores} cores"
    return _finding(what, None, f"{variable}={cores}")


def _memory(facts: Facts, measured: Any) -> Finding | None:
    cost = measured["fresh_memory_cost"]
    if cost < 1.3:
        return None
    is_glibc = (facts["memory"]["c_library"] or "").startswith("glibc")
    return _finding(
        "the system clears the memory of each new array above 32 MB: filling one is "
        "slower than filling one that was used before",
        cost,
        _KEEP if is_glibc else "smaller batches, or arrays used again with out=",
    )


def _denormals(facts: Facts, measured: Any) -> Finding | None:
    cost = measured["denormal_cost"]
    if cost < 3:
        return None
    return _finding(
        "numbers below 1e-38 in float32 are multiplied slowly",
        cost,
        "no variable helps; weight decay and tiny learning rates lead there",
    )


def _collector(facts: Facts, measured: Any) -> Finding | None:
    cost = measured["collector_cost"]
    if cost < 1.3:
        return None
    return _finding(
        "the cyclic collector looks through all objects of the program while graphs "
        "of scalars are made",
        cost,
        "import gc; gc.freeze() after the imports, or gc.set_threshold(50_000)",
    )


def _disabled_features(facts: Facts, measured: Any) -> Finding | None:
    named = facts["environment"].get("NPY_DISABLE_CPU_FEATURES", "")
    missing = facts["numpy"]["simd"]["missing"]
    disabled = [name for name in missing if name in named.replace(",", " ").split()]
    if not disabled:
        return None
    what = f"NumPy was told not to use {', '.join(disabled)}"
    return _finding(what, None, "unset NPY_DISABLE_CPU_FEATURES")


def _no_graphviz(facts: Facts, measured: Any) -> Finding | None:
    found = facts["graphviz"]
    missing = [] if found["graphviz"] else ["graphviz"]
    if not found["pygraphviz"] and not found["dot"]:
        missing.append("pygraphviz")
    if not missing:
        return None
    what = "graphs cannot be drawn: there is no " + " and no ".join(missing)
    return _finding(what, None, f"pip install {' '.join(missing)}")


def _no_threadpoolctl(facts: Facts, measured: Any) -> Finding | None:
    blas = facts["blas"]
    if blas["threads"] is not None or blas["name"] == "accelerate":
        return None
    what = "the kernel and the threads of BLAS could not be found out"
    return _finding(what, None, "pip install threadpoolctl")


def _finding(what: str, factor: float | None, remedy: str) -> Finding:
    return {"what": what, "factor": factor and round(factor, 2), "try": remedy}


_LOOKS: tuple[Callable[[Facts, Any], Finding | None], ...] = (
    _kernel, _too_many_threads, _threads, _memory, _denormals, _collector,
    _disabled_features, _no_graphviz, _no_threadpoolctl,
)  # fmt: skip
