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

# Code in these folders is ours, not the user's.
_HOUSE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = tuple(os.path.join(_HOUSE, room, "") for room in ("autograd", "nn", "viz"))


def find_site() -> Site | None:
    """Return the innermost frame outside the project, as (code, offset)."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(_OURS):
            return code, frame.f_lasti
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
