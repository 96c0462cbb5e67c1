"""What is installed and set on this machine, as JSON values."""

import gc
import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from autograd.memory import KEPT, is_decided

__all__ = ["Facts", "facts", "vector_width"]

Facts = dict[str, Any]

# Variables that decide how fast NumPy is.
_VARIABLES = (
    "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NPY_DISABLE_CPU_FEATURES",
    "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES",
    "PYTHONMALLOC",
)  # fmt: skip

# NumPy's names of features, before and since 2.4.
_AVX2 = {"AVX2", "X86_V3"}
_AVX512 = {"AVX512F", "AVX512_SKX", "X86_V4"}


def facts() -> Facts:
    """Return what can be known without measuring; None is what cannot be known."""
    return {
        "python": {
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "platform": platform.platform(),
        },
        "cpu": {
            "name": _cpu_name(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "usable_cores": _usable_cores(),
        },
        "numpy": {"version": np.__version__, "simd": _simd()},
        "blas": _blas(),
        "graphviz": _graphviz(),
        "memory": _memory(),
        "collector": {
            "enabled": gc.isenabled(),
            "thresholds": list(gc.get_threshold()),
        },
        "environment": {
            name: os.environ[name] for name in _VARIABLES if name in os.environ
        },
    }


def vector_width(features: list[str]) -> int:
    """Return for how many bits at a time an x86 CPU has instructions.

    Parameters
    ----------
    features : list of str
        NumPy's names of what it found.

    Examples
    --------
    >>> vector_width(["SSE42", "AVX2"])
    256
    """
    found = set(features)
    if found & _AVX512:
        return 512
    return 256 if found & _AVX2 else 128


def _simd() -> dict[str, list[str]]:
    """Return the features of the CPU that NumPy makes use of, and those it misses."""
    found: Any = np.show_config(mode="dicts")
    simd = found.get("SIMD Extensions", {})
    used = [*simd.get("baseline", []), *simd.get("found", [])]
    return {"used": used, "missing": list(simd.get("not found", []))}


def _blas() -> Facts:
    """Return which BLAS multiplies matrices: threadpoolctl asks the library itself."""
    built: Any = np.show_config(mode="dicts")
    named = built.get("Build Dependencies", {}).get("blas", {})
    found = {
        "name": named.get("name"),
        "version": named.get("version"),
        "kernel": None,
        "threads": None,
        "threading": None,
    }
    library = _loaded_blas()
    if library is None:
        return found
    return {
        "name": library["internal_api"],
        "version": library["version"] or found["version"],
        "kernel": library.get("architecture"),
        "threads": library["num_threads"],
        "threading": library.get("threading_layer"),
    }


def _loaded_blas() -> dict[str, Any] | None:
    """Return what threadpoolctl says of NumPy's BLAS, or None without it."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    found = [x for x in threadpool_info() if x["user_api"] == "blas"]
    # SciPy brings one of its own along.
    found.sort(key=lambda x: "numpy" not in x["filepath"])
    return found[0] if found else None


def _graphviz() -> Facts:
    """Return the versions of what draws graphs."""
    return {
        "graphviz": _version_of("graphviz"),
        "pygraphviz": _version_of("pygraphviz"),
        "dot": _dot_version(),
    }


def _memory() -> Facts:
    """Return the C library, and how much freed memory it was told to keep, in bytes."""
    name, version = platform.libc_ver()
    is_told = name == "glibc" and not is_decided()
    return {
        "c_library": f"{name} {version}".strip() or None,
        "kept_when_freed": KEPT if is_told else None,
    }


def _version_of(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _dot_version() -> str | None:
    """Return what the program on the PATH says, such as "9.0.0"."""
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        said = subprocess.run(
            [program, "-V"], capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.SubprocessError):
        return None
    words = (said.stderr + said.stdout).split()
    return next((word for word in words if word[:1].isdigit()), None)


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return next(iter(names), platform.processor() or platform.machine())


def _usable_cores() -> int | None:
    """Return how many cores this process may run on."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count()
