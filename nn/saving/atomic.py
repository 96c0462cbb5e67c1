"""Writing a file so that a reader sees the old one or the new one, whole.

The bytes go to a temporary file in the same folder, which is flushed to the disk and
then renamed.  A rename is atomic: whenever the process is killed or the power fails,
the final name leads to one complete file.  The file that was there before keeps the
name ``NAME.previous``.

A temporary file is called ``.NAME.1234-0.saving`` and is locked by its writer.  The
system drops the lock when the writer dies, so that the next save knows that it may
remove the file.
"""

import contextlib
import errno
import itertools
import os
import re
import shutil
import sys
from io import FileIO
from typing import NoReturn

from autograd import CheckpointError

if sys.platform != "win32":
    import fcntl

__all__ = ["flush_folder", "previous_path", "write_atomically"]

_NUMBERS = itertools.count()  # of the temporary files of this process


def previous_path(path: str) -> str:
    """Return where the file that was replaced last is kept."""
    return os.path.realpath(path) + ".previous"


def write_atomically(path: str, content: bytes, *, previous: bool) -> None:
    """Write a file, all of it or nothing.

    Parameters
    ----------
    path : str
        The file.  If it is a symbolic link, what it points to is replaced.
    content : bytes
        What to write.
    previous : bool
        Whether to keep the file that is replaced, as ``NAME.previous``.

    Raises
    ------
    CheckpointError
        If it cannot be written.  The file that was there is untouched, the temporary
        one is gone; ``errno`` and ``__cause__`` are those of the system's error.
    """
    final = os.path.realpath(path)  # a rename would replace a link itself
    try:
        old = _replace(final, content, previous)
    except OSError as error:
        _explain(final, len(content), error)
    try:
        # The new file is in place before an older one is given up.  Should the file
        # that it replaced be damaged, the one before that was not lost too early.
        if previous:
            _rename_old(old, final)
        flush_folder(os.path.dirname(final))
    except OSError as error:
        raise _error(f"{final} was saved, but then: {_reason(error)}", error) from error


def _replace(final: str, content: bytes, previous: bool) -> str:
    """Put a new file in place, and return the name under which the old one is kept."""
    _remove_abandoned(final)
    temporary, file = _create(final)
    old = temporary.removesuffix(".saving") + ".old"
    try:
        _write(file, content)
        if sys.platform == "win32":  # where an open file cannot be renamed
            file.close()
        if previous and os.path.lexists(final):
            _link(final, old)
        os.replace(temporary, final)
    except BaseException:
        file.close()
        _unlink(temporary)
        _unlink(old)
        raise
    file.close()  # which unlocks it: now it is the final file
    return old


def _rename_old(old: str, final: str) -> None:
    # It is missing if there was none, or if another writer took it for abandoned.
    with contextlib.suppress(FileNotFoundError):
        try:
            os.replace(old, previous_path(final))
        except BaseException:
            _unlink(old)
            raise


def _create(final: str) -> tuple[str, FileIO]:
    """Open and lock a new temporary file."""
    folder, name = os.path.split(final)
    while True:
        number = f"{os.getpid()}-{next(_NUMBERS)}"
        temporary = os.path.join(folder, f".{name}.{number}.saving")
        try:
            file = FileIO(temporary, "x")
        except FileExistsError:  # of a process that has this number on another machine
            continue
        with contextlib.suppress(OSError):  # a file system without locks
            _lock(file, wait=True)
        if _is_at(temporary, file):  # not taken for abandoned just before the lock
            return temporary, file
        file.close()


def _write(file: FileIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file.fileno(), rest) :]
    os.fsync(file)


def _link(final: str, old: str) -> None:
    """Give a file a second name; copy it where the file system knows no links."""
    try:
        os.link(final, old)
    except FileNotFoundError:
        return
    except OSError:
        shutil.copyfile(final, old)
        with open(old, "rb+", buffering=0) as copy:
            os.fsync(copy)


def _remove_abandoned(final: str) -> None:
    """Remove the temporary files of writers that died."""
    folder, name = os.path.split(final)
    pattern = re.compile(rf"\.{re.escape(name)}\.\d+-\d+\.(saving|old)")
    with os.scandir(folder) as entries:
        found = [x.path for x in entries if pattern.fullmatch(x.name)]
    for path in found:
        with contextlib.suppress(OSError):  # it is locked, or gone, or somebody else's
            if path.endswith(".old"):  # a file has this name for a moment only
                os.unlink(path)
            else:
                _unlink_unlocked(path)


def _unlink_unlocked(path: str) -> None:
    if sys.platform == "win32":  # where an open file cannot be removed
        os.unlink(path)
        return
    with open(path, "rb", buffering=0) as file:
        _lock(file, wait=False)
        if _is_at(path, file):
            os.unlink(path)


def _lock(file: FileIO, *, wait: bool) -> None:
    """Lock an open file; raise an OSError if another writer has it."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def _is_at(path: str, file: FileIO) -> bool:
    """Return whether an open file still has this name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def flush_folder(folder: str) -> None:
    """Make the name of a new file survive a power failure, as its content does."""
    if sys.platform == "win32":  # where folders cannot be opened
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # network folders
            raise
    finally:
        os.close(opened)


def _explain(final: str, size: int, error: OSError) -> NoReturn:
    reason = _reason(error)
    folder = os.path.dirname(final)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(folder).free
        reason = f"{reason}: it needs {_megabytes(size)}, {_megabytes(free)} are free"
    elif error.errno == errno.EFBIG:
        reason = f"{reason}: it needs {_megabytes(size)}; see ulimit -f"
    elif not os.path.isdir(folder):
        reason = f"the folder {folder} does not exist"
    kept = " The file that was there before is as it was."
    kept = kept if os.path.isfile(final) else ""
    raise _error(f"{final} could not be saved: {reason}.{kept}", error) from error


def _error(text: str, cause: OSError) -> CheckpointError:
    error = CheckpointError(text)
    error.errno = cause.errno
    return error


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.3g} MB"
