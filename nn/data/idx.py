"""Reading idx files, the format of MNIST and its successors."""

import gzip
import math
import os
import struct
import sys
import zlib
from io import BufferedIOBase
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nn.data.damage import damage_named, require_reasonable_size

__all__ = ["read_idx"]

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP_MAGIC = b"\x1f\x8b"
# A byte of deflate gives 1032 bytes at most (zlib's technical details); gzip adds a
# header, so that this bound is never reached.
DEFLATE_RATIO = 1032
MAX_AXES = 32  # of NumPy before version 2


class _Header(NamedTuple):
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def length(self) -> int:
        return 4 + 4 * len(self.shape)

    @property
    def data_bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype.name} {self.shape}"


def read_idx(path: str | os.PathLike[str]) -> npt.NDArray[Any]:
    """Read an idx file, compressed with gzip or not.

    Parameters
    ----------
    path : str or path
        The file, such as ``train-images-idx3-ubyte.gz``.  Whether it is compressed is
        seen from its content, not from its name.

    Returns
    -------
    ndarray
        Its array, in the byte order of this machine.

    Raises
    ------
    ValueError
        If the file is no idx file, is truncated, has bytes left over, or claims more
        data than it can hold; that is seen before memory is reserved.  The message
        names the file and what is wrong.
    OSError
        If the file cannot be opened or read.

    Notes
    -----
    An idx file is two bytes 0, one byte for the kind of number (0x08 uint8, 0x09 int8,
    0x0B int16, 0x0C int32, 0x0D float32, 0x0E float64), one for the number of axes,
    four for the length of each axis, then the numbers, the highest byte first.  It has
    no checksum: only in a gzip file is a changed pixel noticed.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

    Examples
    --------
    >>> import nn, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels-idx1-ubyte")
    ...     length = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    ...     nn.read_idx(path).tolist()
    [5, 0, 4]
    """
    signs_of_damage = (EOFError, gzip.BadGzipFile, zlib.error)
    with open(path, "rb") as file, damage_named(path, *signs_of_damage):
        size = os.fstat(file.fileno()).st_size
        is_gzip = file.read(2) == GZIP_MAGIC
        file.seek(0)
        if not is_gzip:
            return _read_plain(file, size)
        with gzip.GzipFile(fileobj=file) as stream:
            return _read_compressed(stream, size)


def _read_plain(file: BufferedIOBase, size: int) -> npt.NDArray[Any]:
    header = _read_header(file)
    expected = header.length + header.data_bytes
    if size != expected:
        problem = "is truncated" if size < expected else "has bytes left over"
        raise ValueError(
            f"the file {problem}: {header} needs {expected:,} bytes, it has {size:,}."
        )
    return _read_data(file, header)


def _read_compressed(stream: BufferedIOBase, size: int) -> npt.NDArray[Any]:
    header = _read_header(stream)
    if header.data_bytes > DEFLATE_RATIO * size:
        raise ValueError(
            f"its header claims {header}, {header.data_bytes:,} bytes, which "
            f"{size:,} compressed bytes cannot hold."
        )
    require_reasonable_size(header.data_bytes, size)
    array = _read_data(stream, header)
    # Reading on to the end also makes gzip compare its checksum.
    if stream.read(1):
        raise ValueError(f"the file has bytes left over after {header}.")
    return array


def _read_header(stream: BufferedIOBase) -> _Header:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        raise ValueError(
            f"no idx file: that begins with 00 00 08 03 or the like, this one with "
            f"{magic.hex(' ') or 'nothing'}."
        )
    axes = magic[3]
    if not 1 <= axes <= MAX_AXES:
        raise ValueError(f"its header claims {axes} axes.")
    lengths = stream.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise ValueError(f"the file is truncated in its header of {axes} axes.")
    shape = struct.unpack(f">{axes}I", lengths)
    header = _Header(shape, np.dtype(DTYPES[magic[2]]))
    # An axis of length 0 makes any other length fit the file, but not NumPy.
    if math.prod(filter(None, shape)) * header.dtype.itemsize > sys.maxsize:
        raise ValueError(f"its header claims {header}, which no array can have.")
    return header


def _read_data(stream: BufferedIOBase, header: _Header) -> npt.NDArray[Any]:
    array = np.empty(header.shape, header.dtype)
    room = array.reshape(-1).view(np.uint8).data
    filled = 0
    while filled < len(room):
        got = stream.readinto(room[filled:])
        if not got:
            raise ValueError(
                f"the file is truncated: {header} needs {len(room):,} bytes of data, "
                f"it has {filled:,}."
            )
        filled += got
    return array.astype(header.dtype.newbyteorder("="), copy=False)
