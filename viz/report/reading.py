"""Reading files that nobody vouches for: JSON, tables and arrays, within limits.

Whatever is wrong with a file is one error, `DamagedFileError`, that says what.
"""

import csv
import io
import json
import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "DamagedFileError",
    "field",
    "finite",
    "mapping",
    "read_arrays",
    "read_json",
    "read_table",
    "require",
]

_MOST_TEXT = 20_000_000  # bytes of a text file
_MOST_ARRAYS = 1_000_000_000  # bytes of a file of arrays
_MOST_COLUMNS = 1_000
_MOST_ENTRIES = 16  # arrays in a file
_KINDS = "biuf"  # of arrays: bool, integer, float


class DamagedFileError(ValueError):
    """A file is not what the format of run folders says."""


def require(condition: bool, problem: str) -> None:
    """Raise DamagedFileError unless a condition holds."""
    if not condition:
        raise DamagedFileError(problem)


# ---- JSON ----------------------------------------------------------------------


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises
    ------
    DamagedFileError
        If it is too large, nested too deeply, no JSON or no object.
    """
    try:
        content = json.loads(_text(path), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        reason = str(error) or "it is nested too deeply"
        raise DamagedFileError(f"it is no intact JSON: {reason}") from None
    return mapping("the file", content)


def _refuse(name: str) -> None:
    raise DamagedFileError(f"{name} is no number of JSON")


def mapping(name: str, value: Any) -> dict[str, Any]:
    """Return a value after checking that it is an object."""
    require(isinstance(value, dict), f"{name} is no object")
    return dict(value)


def field(record: dict[str, Any], name: str, *kinds: type[Any]) -> Any:
    """Return an entry after checking that it is there and of one of some types.

    Examples
    --------
    >>> field({"epochs": 3}, "epochs", int)
    3
    """
    require(name in record, f"{name!r} is missing")
    value = record[name]
    # bool is a subclass of int.
    wrong = type(value) is bool and bool not in kinds
    if wrong or not isinstance(value, kinds):
        raise DamagedFileError(f"{name!r} is a {type(value).__name__}")
    return value


def finite(record: dict[str, Any], name: str) -> float | None:
    """Return a finite number, or None where it is null."""
    value = field(record, name, int, float, type(None))
    if value is None:
        return None
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    require(math.isfinite(number), f"{name!r} is not finite")
    return number


def _text(path: Path) -> str:
    return _bytes(path, _MOST_TEXT).decode("utf-8")


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    require(len(content) <= most, f"it has more than {most:,} bytes")
    return content


# ---- tables --------------------------------------------------------------------


def read_table(path: Path) -> dict[str, npt.NDArray[np.float64]]:
    """Return the columns of a CSV file but the first, ``epoch``.

    Raises
    ------
    DamagedFileError
        If it is no table of numbers whose epochs count from 1.
    """
    try:
        header, *rows = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    except (ValueError, csv.Error) as error:
        raise DamagedFileError(f"it is no intact table: {error}") from None
    require(header[:1] == ["epoch"], "its first column is not 'epoch'")
    require(len(set(header)) == len(header), "it has a column twice")
    require(len(header) <= _MOST_COLUMNS, f"it has more than {_MOST_COLUMNS} columns")
    for k, row in enumerate(rows, start=1):
        require(
            len(row) == len(header), f"row {k} has {len(row)} of {len(header)} cells"
        )
        require(row[0] == str(k), f"row {k} is called {row[0]!r}")
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    return {
        name: _numbers(name, column)
        for name, column in zip(header[1:], columns[1:], strict=True)
    }


def _numbers(name: str, cells: Iterable[str]) -> npt.NDArray[np.float64]:
    try:
        return np.array([float(cell) for cell in cells], dtype=np.float64)
    except ValueError as error:
        raise DamagedFileError(f"column {name!r}: {error}") from None


# ---- arrays --------------------------------------------------------------------


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an ``.npz`` file that is not compressed, by name.

    Nothing is unpickled or unpacked, so that no more memory is used than the file has
    bytes; the file's own checksums are compared.

    Raises
    ------
    DamagedFileError
        If it is no such file, or damaged.
    """
    size = path.stat().st_size
    require(size <= _MOST_ARRAYS, f"it has more than {_MOST_ARRAYS:,} bytes")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            require(len(entries) <= _MOST_ENTRIES, f"it has {len(entries)} arrays")
            return {
                entry.filename.removesuffix(".npy"): _array(archive, entry, size)
                for entry in entries
            }
    except DamagedFileError:
        raise
    except (
        zipfile.BadZipFile,
        ArithmeticError,
        EOFError,
        LookupError,
        NotImplementedError,
        RuntimeError,  # an entry with a password, RecursionError
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:
        raise DamagedFileError(f"it is no intact file of arrays: {error}") from None


def _array(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, size: int
) -> npt.NDArray[Any]:
    name = entry.filename
    require(entry.compress_type == zipfile.ZIP_STORED, f"{name!r} is compressed")
    require(entry.file_size <= size, f"{name!r} is larger than the file")
    with archive.open(entry) as file:
        version = np.lib.format.read_magic(file)
        require(version == (1, 0), f"{name!r} has a header of version {version}")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        require(dtype.kind in _KINDS, f"{name!r} holds {dtype}, no plain numbers")
        content = file.read()  # compares the checksum at the end
    require(
        len(content) == math.prod(shape) * dtype.itemsize,
        f"{name!r} has {len(content)} bytes, which are not shape {shape} of {dtype}",
    )
    flat = np.frombuffer(content, dtype)
    return flat.reshape(shape, order="F" if is_fortran else "C")
