"""The file of a sweep: one line of JSON per finished run, written as it finishes.

The first line says which sweep it is.  A row is one write followed by fsync, so that a
run that is killed leaves at most its last line incomplete; that line is cut off when
the sweep goes on.
"""

import json
import os
import sys
import warnings
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from autograd import CheckpointError
from nn.saving.atomic import flush_folder
from nn.tuning.trial import SweepRow

__all__ = ["Journal", "read_journal"]

FORMAT = "chalkgrad sweep"


class Contents(NamedTuple):
    """What a file holds."""

    header: dict[str, Any] | None  # None: the file is empty
    rows: list[SweepRow]
    length: int  # of the complete lines, in bytes
    rest: bytes  # an incomplete last line


def read_journal(path: Path) -> Contents:
    """Read the file of a sweep.

    Raises
    ------
    CheckpointError
        If a complete line is not what a sweep wrote.
    """
    data = path.read_bytes()
    length = data.rfind(b"\n") + 1
    lines, rest = data[:length].split(b"\n")[:-1], data[length:]
    header = _parse_header(path, lines[0]) if lines else None
    if header is None and not _begins_like_ours(rest):
        raise CheckpointError(f"{path} is not the file of a sweep.")
    rows = [_parse_row(path, i, line) for i, line in enumerate(lines[1:], start=2)]
    return Contents(header, rows, length, rest)


class Journal:
    """The file of one sweep, open for more rows.

    Parameters
    ----------
    path : Path or None
        The file; None to keep rows in memory only.
    header : dict
        What makes it this sweep.  A file with another header is refused.

    Attributes
    ----------
    rows : dict
        The last row of each run, by key.
    """

    def __init__(self, path: Path | None, header: dict[str, Any]) -> None:
        self.rows: dict[str, SweepRow] = {}
        self._file: IO[bytes] | None = None
        if path is None:
            return
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115  (see __exit__)
        try:
            _lock(path, self._file)
            self._resume(path, json.loads(_line(header)))
        except BaseException:
            self._file.close()
            raise

    def _resume(self, path: Path, header: dict[str, Any]) -> None:
        contents = read_journal(path)
        if contents.header is not None:
            _require_same_sweep(path, contents.header, header)
        if contents.rest:
            warnings.warn(
                f"{path}: its last line is incomplete, as a killed run leaves it. The "
                f"line ({len(contents.rest)} bytes) is removed, and that run is done "
                f"again.",
                stacklevel=4,  # the caller of sweep
            )
            os.truncate(path, contents.length)
        if contents.header is None:
            self._write(header)
            flush_folder(os.fspath(path.parent))
        self.rows = {row.key: row for row in contents.rows}

    def append(self, row: SweepRow) -> None:
        """Add a row; when this returns, the row is on the disk."""
        self._write(row.to_json())
        self.rows[row.key] = row

    def _write(self, data: dict[str, Any]) -> None:
        if self._file is None:
            return
        line = _line(data)
        written = self._file.write(line)
        if written != len(line):
            raise OSError(f"{self._file.name}: the disk took {written} bytes of a row.")
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, allow_nan=False).encode() + b"\n"


def _begins_like_ours(rest: bytes) -> bool:
    """Whether an incomplete first line can be the beginning of a header."""
    start = _line({FORMAT: 1})[:-2]
    return rest.startswith(start) or start.startswith(rest)


def _parse(path: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:  # also bytes that are not UTF-8
        raise CheckpointError(
            f"{path}, line {number}: this is no JSON ({error}). Remove the line to "
            f"have its run done again."
        ) from None


def _parse_header(path: Path, line: bytes) -> dict[str, Any]:
    header = _parse(path, 1, line)
    if not isinstance(header, dict) or FORMAT not in header:
        raise CheckpointError(f"{path} is not the file of a sweep.")
    if header[FORMAT] != 1:
        raise CheckpointError(
            f"{path} has format {header[FORMAT]} of sweeps; this version reads 1."
        )
    return header


def _parse_row(path: Path, number: int, line: bytes) -> SweepRow:
    try:
        return SweepRow.from_json(_parse(path, number, line))
    except CheckpointError:
        raise
    except (ValueError, TypeError) as error:
        raise CheckpointError(
            f"{path}, line {number}: this is no row of a sweep ({error})."
        ) from None


def _require_same_sweep(path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Compare headers as text: the order of a space decides what is drawn from it."""
    texts = {name: (json.dumps(old.get(name)), json.dumps(new[name])) for name in new}
    differences = "\n".join(
        f"  {name}: {before} in the file, {now} now"
        for name, (before, now) in texts.items()
        if before != now
    )
    if differences:
        raise CheckpointError(
            f"sweep: {path} holds the results of another sweep (nothing was changed):\n"
            f"{differences}\nPass results= another file, or remove this one."
        )


def _lock(path: Path, file: IO[bytes]) -> None:
    """Refuse a file that another sweep is writing; closing it ends the lock."""
    if sys.platform == "win32":  # has no flock
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CheckpointError(
            f"sweep: {path} is being written by another sweep that still runs. Pass "
            f"results= another file, or stop that one."
        ) from None
    except OSError:
        pass  # a file system without locks
