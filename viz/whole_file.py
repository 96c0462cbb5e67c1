"""Writing a page so that nobody ever reads half of it."""

import os
import tempfile
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, content: str) -> Path:
    """Write a text file, whole or not at all, and return its path.

    Parameters
    ----------
    path : Path
        The file.  Missing folders are made.
    content : str
        What to write, as UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode())
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return path
