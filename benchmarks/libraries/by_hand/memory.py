"""Freed memory stays with the process, as with `autograd.memory`.

Otherwise the floor of some rows would be that of the C library, which gives megabytes
back to the system in every step and gets them again page by page.
"""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt's numbers, from malloc.h


def keeping_memory(build):
    """Let the step of a row, and so its process, keep freed memory."""

    def builder(problem):
        if sys.platform == "linux":
            mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
            if mallopt is not None:
                mallopt(_MMAP_THRESHOLD, 32 << 20)
                mallopt(_TRIM_THRESHOLD, 256 << 20)
        return build(problem)

    return builder
