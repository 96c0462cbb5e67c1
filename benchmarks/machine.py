"""What the figures were measured on, without the names of hosts and folders."""

import os
from typing import Any

import autograd


def describe() -> dict[str, str]:
    """Return the processor, the system, Python, NumPy and its BLAS, in words."""
    config: dict[str, Any] = autograd.show_config(mode="dicts") or {}
    cpu, blas = config["cpu"], config["blas"]
    return {
        "processor": cpu["name"] or cpu["machine"],
        "cores": str(cpu["usable_cores"] or cpu["cores"]),
        "system": config["python"]["platform"],
        "Python": config["python"]["version"],
        "NumPy": config["numpy"]["version"],
        "BLAS": " ".join(
            str(part)
            for part in (blas["name"], blas["version"], blas["kernel"])
            if part is not None
        ),
    }


def load() -> float:
    """Return how many processes wanted a core in the last minute."""
    return os.getloadavg()[0]
