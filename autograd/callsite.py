"""Which line of the user's code made a tensor.

A site is the pair (code object, instruction offset) of the first frame outside this
project.  Taking it costs well under a microsecond; the line number is worked out only
when a message is printed.  The code object is kept, not the frame, because a frame
would keep the user's local variables alive.
"""

import os
import sys
from types import CodeType

__all__ = ["Site", "describe_site", "find_site"]

Site = tuple[CodeType, int]

# Frames of these packages are ours, not the user's.
_PROJECT = ("autograd", "nn", "viz")


def find_site() -> Site | None:
    """Return the innermost frame outside the project, as (code, offset)."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.partition(".")[0] not in _PROJECT:
            return frame.f_code, frame.f_lasti
        frame = frame.f_back  # type: ignore[assignment]
    return None


def describe_site(site: Site | None) -> str:
    """Return ``file.py:12`` for a site, or an empty string for none."""
    if site is None:
        return ""
    code, offset = site
    line = code.co_firstlineno
    for start, end, number in code.co_lines():
        if start <= offset < end and number is not None:
            line = number
    return f"{os.path.basename(code.co_filename)}:{line}"
