"""Freed memory stays with the process, so that the next step finds it warm.

A training step allocates arrays of a few megabytes and frees them again. The GNU C
library gives such memory back to the system at once, and takes it back in the next
step, page by page and cleared: on a small network that is a third of the time. It
keeps memory once an array of some size was freed, in proportion to that size, up to
32 MB. Freeing one early therefore makes every step as fast as it will be later.

The array is never written to, so it occupies no memory. What the process may keep
instead of giving it back is 64 MB at most. Other C libraries take no notice.

Source: the GNU C Library manual, `mallopt`, "dynamic mmap threshold".
"""

import numpy as np

__all__ = ["keep_freed_memory"]

_LARGEST = (32 << 20) - (64 << 10)  # bytes; above 32 MB the library takes no notice


def keep_freed_memory() -> None:
    """Allocate and free the largest array of which the C library takes notice."""
    np.empty(_LARGEST, np.uint8)
